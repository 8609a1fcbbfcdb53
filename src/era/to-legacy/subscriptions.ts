// Which resources a legacy session is subscribed to: those that at least one listen of the host asks for.
// protocol.md E.7.
import type { LegacySession } from './legacy-session.ts'

interface Subscription {
  readonly raw: string
  count: number
  session: LegacySession
  /** Whether the server has accepted it. */
  isMade: Promise<boolean>
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

  function subscribe(session: LegacySession, raw: string): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(false)
        // It may accept it later, when nobody asks for it any more.
        void unsubscribe(session, raw)
      }, SUBSCRIBE_MS).unref()
      session.askFor('resources/subscribe', `{"uri":${raw}}`, ({ shape }) => {
        clearTimeout(timer)
        resolve(shape.result !== undefined)
      })
    })
  }

  function unsubscribe(session: LegacySession, raw: string): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, SUBSCRIBE_MS).unref()
      session.askFor('resources/unsubscribe', `{"uri":${raw}}`, () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  function begin(session: LegacySession, uri: string, raw: string): Promise<boolean> {
    const left = leaving.get(uri)
    return left === undefined ? subscribe(session, raw) : left.then(() => subscribe(session, raw))
  }

  function leave({ session, raw }: Subscription, uri: string): void {
    const left = unsubscribe(session, raw).then(() => {
      if (leaving.get(uri) === left) leaving.delete(uri)
    })
    leaving.set(uri, left)
  }

  /** What is said of the session that there is when it is said. */
  async function isMade(subscription: Subscription): Promise<boolean> {
    const asked = subscription.isMade
    const isAccepted = await asked
    return subscription.isMade === asked ? isAccepted : isMade(subscription)
  }

  return {
    async add(session, uri, raw) {
      const subscription = known.get(uri) ?? { raw, count: 0, session, isMade: begin(session, uri, raw) }
      known.set(uri, subscription)
      subscription.count++
      const isAccepted = await isMade(subscription)
      if (!isAccepted && --subscription.count === 0 && known.get(uri) === subscription) known.delete(uri)
      return isAccepted
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
        subscription.isMade = subscribe(session, subscription.raw)
      }
    },
  }
}
