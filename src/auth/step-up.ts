// Whether to ask a person for more scopes, counted so that nobody is asked for ever. protocol.md G.6.
import type { Challenge } from '../remote/authorizer.ts'
import type { Account, Tokens } from './kept/account.ts'
import type { Store } from './kept/store.ts'

const DENIED_MS = 10 * 60_000
/** For each kind of request and scope, as long as the process lives. */
const MOST = 3

export interface StepUps {
  /** Why not to ask; undefined: ask, and it counts. */
  judge(challenge: Challenge, scope: string, account: Account | undefined): string | undefined
  hasAsked(challenge: Challenge, scope: string): boolean
  /** It wants something else now that it has what it wanted. Why it is refused for good, and it counts. */
  more(challenge: Challenge): string
  /** It was asked for in vain: for a while nobody asks again, in this process or another. */
  deny(scope: string): Promise<void>
  /** What there is and what is wanted. */
  union(tokens: Tokens, scope: string): string
}

export function createStepUps(store: Store, now: () => number): StepUps {
  const counts = new Map<string, number>()
  const inVain = new Map<string, number>()
  return {
    hasAsked: ({ what }, scope) => (counts.get(`${what} ${scope}`) ?? 0) > 0,
    more({ what }) {
      inVain.set(what, (inVain.get(what) ?? 0) + 1)
      return 'the server wants yet more after it was given what it wanted'
    },
    judge({ what, times }, scope, account) {
      if ((inVain.get(what) ?? 0) >= MOST) return `more was given ${MOST} times, and it wanted yet more`
      if (times > 0 && (counts.get(`${what} ${scope}`) ?? 0) > 0)
        return 'the server wants it although it was asked for'
      if (account?.denied?.some((each) => each.scope === scope && each.until > now()))
        return 'it was asked for in vain'
      const key = `${what} ${scope}`
      const count = (counts.get(key) ?? 0) + 1
      if (count > MOST) return `it was asked for ${MOST} times`
      counts.set(key, count)
      return undefined
    },
    async deny(scope) {
      const until = now() + DENIED_MS
      await store
        .change((account) => {
          if (account === undefined) return undefined
          const others = (account.denied ?? []).filter((each) => each.scope !== scope && each.until > now())
          return { ...account, denied: [...others, { scope, until }] }
        })
        .catch(() => {})
    },
    union: (tokens, scope) =>
      [...new Set([...(tokens.scope ?? '').split(' '), ...scope.split(' ')])].filter(Boolean).join(' '),
  }
}

export function hasScopes({ scope }: Tokens, wanted: string): boolean {
  const has = new Set(scope?.split(' '))
  return wanted.split(' ').every((each) => has.has(each))
}
