// Which of the host's messages may go to the remote now, and which must wait. Pure. protocol.md A.1-5, A.6, 0.12.
import type { Envelope } from '../message/envelope.ts'

/** How long the rest waits for `notifications/initialized` to be taken (A.1-5). */
export const INITIALIZED_MS = 3000
/** How long the rest waits for the GET stream: what is said before it is open is lost (A.5). */
export const LISTENING_MS = 250
/** How long it may take to be told that the remote does not speak unasked. */
export const UNASKED_MS = 5000

/**
 * `new`: nothing seen. `opening`: initialize is under way. `provisional`: the same, and the host has been answered in
 * the remote's stead. `initializing`: its result is there, and the rest waits until the remote has taken
 * `notifications/initialized`. `open`: everything goes. `reopening`: the session was lost, a new one is under way.
 * `lost`: there is none; the host's next request has it opened.
 */
export type Gate = 'new' | 'opening' | 'provisional' | 'initializing' | 'open' | 'reopening' | 'lost'

/** Whether the message goes at once. */
export function goesNow(gate: Gate, envelope: Envelope): boolean {
  const isPing = envelope.kind === 'request' && envelope.method === 'ping'
  switch (gate) {
    case 'opening':
      // The remote may ping before it answers, and wait for that (25/L).
      return isPing || envelope.kind === 'response'
    case 'initializing':
      return isPing || envelope.kind === 'response' || isInitialized(envelope)
    case 'provisional':
    case 'reopening':
    case 'lost':
      return envelope.kind === 'response'
    case 'new':
    case 'open':
      return true
  }
}

export function isInitialized({ kind, method }: Envelope): boolean {
  return kind === 'notification' && method === 'notifications/initialized'
}
