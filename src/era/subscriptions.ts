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

  function subscribe(session: LegacySession, raw: string): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(false)
        // It may accept it later, when nobody asks for it any more.
        unsubscribe(session, raw)
      }, SUBSCRIBE_MS).unref()
      session.askFor('resources/subscribe', `{"uri":${raw}}`, ({ shape }) => {
        clearTimeout(timer)
        resolve(shape.result !== undefined)
      })
    })
  }

  function unsubscribe(session: LegacySession, raw: string): void {
    session.askFor('resources/unsubscribe', `{"uri":${raw}}`, () => {})
  }

  return {
    async add(session, uri, raw) {
      const subscription = known.get(uri) ?? { raw, count: 0, session, isMade: subscribe(session, raw) }
      known.set(uri, subscription)
      subscription.count++
      const isMade = await subscription.isMade
      if (!isMade && --subscription.count === 0 && known.get(uri) === subscription) known.delete(uri)
      return isMade
    },
    remove(uri) {
      const subscription = known.get(uri)
      if (subscription === undefined || --subscription.count > 0) return
      known.delete(uri)
      unsubscribe(subscription.session, subscription.raw)
    },
    moveTo(session) {
      for (const subscription of known.values()) {
        subscription.session = session
        subscription.isMade = subscribe(session, subscription.raw)
      }
    },
  }
}
