// What a server has written, for one line of a terminal: what the terminal would obey goes. Pure. users.md 1 row 51.
import { printable } from '../doctor/foreign-text.ts'

/** In one line. */
export function shownLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim()
}
