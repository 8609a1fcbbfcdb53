// Whether to ask a person for more scopes, counted so that nobody is asked for ever. protocol.md G.6.
import type { Challenge } from '../remote/authorizer.ts'
import type { Account, Tokens } from './account.ts'
import type { Store } from './store.ts'

const DENIED_MS = 10 * 60_000
/** For each kind of request and scope, as long as the process lives. */
const MOST = 3

export interface StepUps {
  /** Why not to ask; undefined: ask, and it counts. */
  judge(challenge: Challenge, scope: string, account: Account | undefined): string | undefined
  /** It was asked for in vain: for a while nobody asks again, in this process or another. */
  deny(scope: string): Promise<void>
  /** What there is and what is wanted. */
  union(tokens: Tokens, scope: string): string
}

export function createStepUps(store: Store, now: () => number): StepUps {
  const counts = new Map<string, number>()
  /** Requests that were refused again right after they got what they had asked for. */
  return {
    judge({ what, times }, scope, account) {
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
