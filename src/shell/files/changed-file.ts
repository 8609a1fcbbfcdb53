// Changes a file of the person's without ever losing it: a backup beside it, written whole and renamed, through links, and
// not at all if somebody else changes it meanwhile more often than we can follow. users.md 2.
import { usage } from '../../errors.ts'

export interface Changed {
  /** What the path leads to, through links. */
  readonly file: string
  readonly isChanged: boolean
  /** Where the text of before lies, if there was one. */
  readonly backup?: string
}

/** The text, undefined where there is no file. Throws BridgeError `usage`, code `config-unreadable` or `config-unwritable`. */
export function readFileText(_path: string): string | undefined {
  throw usage('config-unreadable', 'not there yet')
}

/**
 * `change` gets the text (undefined: no file) and returns the new one; it may be called again if the file was changed
 * meanwhile. The same text, or undefined, changes nothing. Throws as readFileText does, and what `change` throws.
 */
export function changeFile(
  _path: string,
  _change: (text: string | undefined) => string | undefined,
): Changed {
  throw usage('config-unwritable', 'not there yet')
}
