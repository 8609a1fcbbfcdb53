// --allow-tool, --deny-tool and the same for prompts and resources, --read-only: what is hidden is not there. users.md 18, 34.
import type { Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import type { FilterOptions } from '../options/shaping.ts'
import type { Catalogue } from './catalogue.ts'

export function createFilter(_settings: FilterOptions, _catalogue: Catalogue, _log: Log): Stage {
  return (next) => next
}
