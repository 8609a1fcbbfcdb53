// --tool-prefix, --rename, --max-tool-name and the same for prompts: the host's names and the remote's, both ways. users.md 18, 34.
import type { Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import type { RenameOptions } from '../options/shaping.ts'
import type { Catalogue } from './catalogue.ts'

export function createRename(_settings: RenameOptions, _catalogue: Catalogue, _log: Log): Stage {
  return (next) => next
}
