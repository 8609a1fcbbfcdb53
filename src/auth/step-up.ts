// Whether to ask a person for more scopes, counted so that nobody is asked for ever. protocol.md G.6.
import type { Challenge } from '../remote/authorizer.ts'
import type { Account } from './kept/account.ts'
import type { Store } from './kept/store.ts'

const DENIED_MS = 10 * 60_000
/** How many are remembered: each is as long as the server likes, and the file of a sign-in has a limit. */
const MOST_DENIED = 19
/** For each kind of request and scope, as long as the process lives. */
const MOST = 3
/** Of all scopes together, so long: a server may name another one each time, and many calls may be under way. */
const MOST_IN_ALL = 5
const MOST_WITHIN_MS = 10 * 60_000

export interface StepUps {
  /** Why not to ask; undefined: ask, and it counts. */
  judge(challenge: Challenge, scope: string, account: Account | undefined): string | undefined
  hasAsked(challenge: Challenge, scope: string): boolean
  /** It wants something else now that it has what it wanted. Why it is refused for good, and it counts. */
  more(challenge: Challenge): string
  /** It was asked for in vain: for a while nobody asks again, in this process or another. */
  deny(scope: string): Promise<void>
}

export function createStepUps(store: Store): StepUps {
  const counts = new Map<string, number>()
  const inVain = new Map<string, number>()
  const hasAsked: StepUps['hasAsked'] = ({ what }, scope) => (counts.get(`${what} ${scope}`) ?? 0) > 0
  let askedAt: number[] = []
  return {
    hasAsked,
    more({ what }) {
      inVain.set(what, (inVain.get(what) ?? 0) + 1)
      return 'the server wants yet more after it was given what it wanted'
    },
    judge(challenge, scope, account) {
      const { what, times } = challenge
      if ((inVain.get(what) ?? 0) >= MOST) return `more was given ${MOST} times, and it wanted yet more`
      if (times > 0 && hasAsked(challenge, scope)) return 'the server wants it although it was asked for'
      if (account?.denied?.some((each) => each.scope === scope && each.until > Date.now()))
        return 'it was asked for in vain'
      const key = `${what} ${scope}`
      const count = (counts.get(key) ?? 0) + 1
      if (count > MOST) return `it was asked for ${MOST} times`
      askedAt = askedAt.filter((at) => Math.abs(Date.now() - at) < MOST_WITHIN_MS)
      if (askedAt.length >= MOST_IN_ALL) return 'you were asked for more again and again'
      askedAt.push(Date.now())
      counts.set(key, count)
      return undefined
    },
    async deny(scope) {
      const until = Date.now() + DENIED_MS
      await store
        .change((account) => {
          if (account === undefined) return undefined
          const others = (account.denied ?? []).filter(
            (each) => each.scope !== scope && each.until > Date.now(),
          )
          return { ...account, denied: [...others.slice(-MOST_DENIED), { scope, until }] }
        })
        .catch(() => {})
    },
  }
}
