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

/**
 * What asks for these scopes behind a command that a person pastes into a shell, with a blank in front; empty unless each is a
 * word to every shell and no option: the server has named them.
 */
export function scopeArguments(scopes = ''): string {
  const each = scopes.split(' ').filter((scope) => scope !== '')
  return each.every((scope) => /^\w[\w:./-]*$/.test(scope))
    ? each.map((scope) => ` --scope ${scope}`).join('')
    : ''
}
