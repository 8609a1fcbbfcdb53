// --schema-compat: the schemas of tools as certain models take them. Calls pass as they are. users.md 35.
import type { Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import type { SchemaChoice } from '../options/shaping.ts'

export function createSchema(_choice: SchemaChoice, _log: Log): Stage {
  return (next) => next
}
