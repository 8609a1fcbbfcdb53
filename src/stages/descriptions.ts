// --describe: the description that the host sees of a tool. The list is changed, calls are not. users.md 18, 34.
import type { Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Catalogue } from './catalogue.ts'

export function createDescriptions(
  _settings: ReadonlyMap<string, string>,
  _catalogue: Catalogue,
  _log: Log,
): Stage {
  return (next) => next
}
