// --set: arguments that every call has, and that the host does not see. users.md 18, 34.
import type { Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Catalogue } from './catalogue.ts'

export function createFixed(
  _settings: ReadonlyMap<string, ReadonlyMap<string, string>>,
  _catalogue: Catalogue,
  _log: Log,
): Stage {
  return (next) => next
}
