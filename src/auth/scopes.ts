// Lists of scopes as OAuth writes them: names with blanks between (RFC 6749, 3.3). Pure. protocol.md G.1 row 10, G.6.
import type { Tokens } from './kept/account.ts'

/** All scopes of the lists, each once. */
export function joinScopes(...lists: readonly (string | undefined)[]): string {
  const all = lists.flatMap((list) => (list ?? '').split(' ')).filter((scope) => scope !== '')
  return [...new Set(all)].join(' ')
}

/** Whether all of these have been granted. */
export function hasScopes({ scope }: Tokens, wanted: string): boolean {
  const has = new Set(scope?.split(' '))
  return wanted.split(' ').every((each) => has.has(each))
}
