// What is said of a config that is not changed because it is not understood, with the place. users.md 2.
import { type BridgeError, usage } from '../../errors.ts'
import { escaped } from '../foreign-text.ts'

/** `what`: a whole statement: `"mcpServers" is not an object`. It may name what is in the file, and a terminal obeys none of that. */
export function unreadable(text: string, offset: number, what: string): BridgeError {
  return usage('config-unreadable', `${escaped(what)} (${place(text, offset)}); put it right by hand`)
}

/** Both count from one, as editors do. */
function place(text: string, offset: number): string {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return `line ${line}, column ${offset - before.lastIndexOf('\n')}`
}

/** Our own mistake, found before anything is written. */
export function spoiled(): TypeError {
  return new TypeError('the changed config would not hold what it is to hold; nothing was changed')
}
