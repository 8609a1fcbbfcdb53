// The editors, data only: where each keeps its config, the shape of an entry there, and how it starts one. arguments.md 6.
import { usage } from '../../errors.ts'
import type { Editor } from './editor.ts'

export const EDITORS: readonly Editor[] = []

/** Throws BridgeError `usage`, code `unknown-editor`. */
export function findEditor(_name: string): Editor {
  throw usage('unknown-editor', 'not there yet')
}
