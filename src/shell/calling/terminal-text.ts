// What a server has written, for one line of a terminal: what the terminal would obey goes. Pure. users.md 1 row 51.
import { printable } from '../doctor/foreign-text.ts'

/** In one line. */
export function shownLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim()
}

/** Letters that take two places. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
const NONE = /\p{Mn}|\p{Me}|\u200c|\u200d|\ufe0f/u

/** As much of a line as has room. */
export function fitted(text: string, columns: number): string {
  let width = 0
  let shown = ''
  for (const one of text) {
    width += NONE.test(one) ? 0 : WIDE.test(one) ? 2 : 1
    if (width > columns) return shown
    shown += one
  }
  return shown
}
