// What becomes of a failure on its way to the host: during what it happened, after how many tries, and whether the
// request may have taken effect. Pure. protocol.md 0.5, 0.8, A.6. Deferred.
import { BridgeError } from '../errors.ts'

export function unanswered(method: string): BridgeError {
  const text = `the remote took ${method} but sent no answer (empty response)`
  return new BridgeError('protocol', text, { maybeDelivered: true, retryable: true })
}

/** What goes on in a session when the remote turns out to speak the other era now. */
export function moved(): BridgeError {
  const text =
    'the server now speaks another era of the protocol; the request may or may not have taken effect'
  return new BridgeError('session-lost', text, { retryable: true, maybeDelivered: true })
}

/** It was running when the session went. */
export function lostInFlight({ message, facts }: BridgeError, method: string): BridgeError {
  const text = `the session was lost while ${method} was running; it may or may not have taken effect (${message})`
  return new BridgeError('session-lost', text, { ...facts, maybeDelivered: true })
}

/** What has not been done, because there is no session to do it in. */
export function notReopened({ kind, message, facts, cause }: BridgeError): BridgeError {
  return new BridgeError(kind, message, { ...facts, maybeDelivered: false }, cause)
}

/** What waits for a remote that is not open has waited long enough. `delayed`: why it is not open, if that is known. */
export function notThere(host: string, delayed: BridgeError | undefined): BridgeError {
  if (delayed !== undefined) return notReopened(delayed)
  const facts = { retryable: true, maybeDelivered: false }
  return new BridgeError('timeout', `${host} has not answered initialize yet`, facts)
}

/** The failure as the host is told it. */
export function inContext(error: BridgeError, method: string, attempts: number): BridgeError {
  const during =
    error.kind === 'stream-lost' && !error.message.includes(' was running')
      ? ` while ${method} was running`
      : ''
  const tries = attempts > 1 ? ` (${attempts} attempts)` : ''
  // Of initialize nobody asks whether it has taken effect.
  const effect =
    during !== '' && method !== 'initialize' && error.facts.maybeDelivered === true
      ? '; it may or may not have taken effect'
      : ''
  if (during + tries === '') return error
  return new BridgeError(error.kind, `${error.message}${during}${tries}${effect}`, error.facts, error.cause)
}
