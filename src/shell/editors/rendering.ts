// An entry in the shape that an editor reads: as fields for its file, and as text for a person to paste. Pure.
// arguments.md 6.
import type { ServerFields } from '../files/servers.ts'
import type { Editor } from './editor.ts'
import type { Entry } from './entry.ts'

export interface Rendered {
  /** The server's fields. */
  readonly server: ServerFields
  /** VS Code's `inputs`, each with its `id`. */
  readonly inputs: readonly ServerFields[]
  /** What is to be in the environment that the editor is started in. */
  readonly fromEnvironment: readonly string[]
  /** The secrets that must stand in the file and are not known: they are shown as <NAME>. */
  readonly missing: readonly string[]
}

/**
 * `shown`: secrets that would have to stand in the text are left out, for output. Throws BridgeError `usage`, code
 * `unsafe-value`, where the editor would change a value on its way.
 */
export function renderEntry(_editor: Editor, _entry: Entry, _how: 'shown' | 'written'): Rendered {
  throw new TypeError('not there yet')
}

/** A whole file with only this entry in it, to paste, with a line end at its end. */
export function textOf(_editor: Editor, _name: string, _rendered: Rendered): string {
  throw new TypeError('not there yet')
}
