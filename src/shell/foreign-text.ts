// Texts that others have made, a server or a program, before a person sees them: what a terminal would obey or nobody would
// see is taken out, and what is no text is none. Pure. users.md 1 row 51.
import { UNSEEN } from '../log.ts'

/** Colours and titles of a terminal, whole: of them letters would stay. */
const SEQUENCES = /(?:\x1b\[|\x9b)[0-9;?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?/g
const LINE_SHOWN = 600

/** In one line. */
export function printable(text: string): string {
  return text.replace(SEQUENCES, '').replace(UNSEEN, ' ')
}

/** The same, with what lay between two words as one blank. */
export function shownLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim()
}

/** For JSON, where it stays what it was: written as an escape. */
export function escaped(json: string): string {
  return json.replace(UNSEEN, (all) =>
    all.replace(/[^\n]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}

/** After secrets are taken out, or half of one might stay. */
export function cut(text: string, length = LINE_SHOWN): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}

/** Of JSON: a number is a text too; anything else, of which JavaScript may be unable to make one, is empty. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
