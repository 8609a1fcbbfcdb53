// Which resources a legacy session is subscribed to: those that at least one listen of the host asks for.
// protocol.md E.7.
import type { LegacySession } from './legacy-session.ts'

/** What the server has said to it; `late`: nothing in time, but it may accept it still. */
type Outcome = 'accepted' | 'refused' | 'late'

interface Subscription {
  readonly raw: string
  /** How many listens ask for it. */
  count: number
  session: LegacySession
  outcome: Promise<Outcome>
}

export interface Subscriptions {
  /** Resolves with whether it is subscribed to. `raw` is the URI as JSON. */
  add(session: LegacySession, uri: string, raw: string): Promise<boolean>
  remove(uri: string): void
  moveTo(session: LegacySession): void
}

/** A server that does not answer does not keep a listen from its acknowledgement. */
const SUBSCRIBE_MS = 10_000

export function createSubscriptions(): Subscriptions {
  const known = new Map<string, Subscription>()
  /** What is being given up: two requests that are on their way at once may arrive in any order. */
  const leaving = new Map<string, Promise<void>>()

  function subscribe(
    session: LegacySession,
    raw: string,
    onLate: (outcome: Outcome) => void,
  ): Promise<Outcome> {
    return new Promise((resolve) => {
      let settle: (outcome: Outcome) => void = resolve
      const timer = setTimeout(() => {
        settle = onLate
        resolve('late')
      }, SUBSCRIBE_MS).unref()
      session.askBriefly('resources/subscribe', `{"uri":${raw}}`, ({ shape }) => {
        clearTimeout(timer)
        settle(shape.result === undefined ? 'refused' : 'accepted')
      })
    })
  }

  /** What is said too late for those who have asked counts for who asks next. */
  function noteLate(subscription: Subscription, session: LegacySession, outcome: Outcome): void {
    if (subscription.session === session) subscription.outcome = Promise.resolve(outcome)
  }

  function unsubscribe(session: LegacySession, raw: string): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, SUBSCRIBE_MS).unref()
      session.askBriefly('resources/unsubscribe', `{"uri":${raw}}`, () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  function begin(session: LegacySession, uri: string, raw: string): Subscription {
    const left = leaving.get(uri)
    const ask = () => subscribe(session, raw, (outcome) => noteLate(subscription, session, outcome))
    const outcome = left === undefined ? ask() : left.then(ask)
    const subscription: Subscription = { raw, count: 0, session, outcome }
    return subscription
  }

  function leave({ session, raw }: Subscription, uri: string): void {
    const left = unsubscribe(session, raw).then(() => {
      if (leaving.get(uri) === left) leaving.delete(uri)
    })
    leaving.set(uri, left)
  }

  /** What is said of the session that there is when it is said. */
  async function outcomeOf(subscription: Subscription): Promise<Outcome> {
    const asked = subscription.outcome
    const outcome = await asked
    return subscription.outcome === asked ? outcome : outcomeOf(subscription)
  }

  return {
    async add(session, uri, raw) {
      const subscription = known.get(uri) ?? begin(session, uri, raw)
      known.set(uri, subscription)
      subscription.count++
      const outcome = await outcomeOf(subscription)
      if (outcome === 'accepted') return true
      if (--subscription.count === 0 && known.get(uri) === subscription) {
        known.delete(uri)
        if (outcome === 'late') leave(subscription, uri)
      }
      return false
    },
    remove(uri) {
      const subscription = known.get(uri)
      if (subscription === undefined || --subscription.count > 0) return
      known.delete(uri)
      leave(subscription, uri)
    },
    moveTo(session) {
      for (const subscription of known.values()) {
        subscription.session = session
        subscription.outcome = subscribe(session, subscription.raw, (outcome) =>
          noteLate(subscription, session, outcome),
        )
      }
    },
  }
}
