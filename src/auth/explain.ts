// What goes wrong while signing in → one sentence that can be acted on. What a server says is quoted only as far as it is
// plain words. protocol.md 0.8.
import { BridgeError, isBridgeError } from '../errors.ts'
import { type Log, UNSEEN } from '../log.ts'

export interface Circumstances {
  readonly log: Log
  /** What the user can do, if something in particular. */
  readonly todo?: string
  readonly kind?: 'auth-failed' | 'auth-required'
}

interface Thrown {
  readonly code?: unknown
  readonly error?: unknown
  readonly error_description?: unknown
  readonly status?: unknown
  readonly message?: unknown
  readonly cause?: unknown
}

const QUOTED_CHARACTERS = 160

/** The failure of `what` ("… did not give a token"). A BridgeError stays what it is. */
export function explain(thrown: unknown, what: string, { log, todo, kind }: Circumstances): BridgeError {
  if (isBridgeError(thrown)) return thrown
  const { status } = (thrown ?? {}) as Thrown
  const says = saidBy(thrown, log)
  const text = `${what}: ${says}${todo === undefined ? '' : `; ${todo}`}`
  const facts = {
    retryable: false,
    maybeDelivered: false,
    ...(typeof status === 'number' && { detail: `HTTP ${status}` }),
  }
  return new BridgeError(kind ?? 'auth-failed', text, facts, thrown)
}

/** The OAuth error code that a server has answered with, such as `invalid_grant`. */
export function oauthError(thrown: unknown): string | undefined {
  const { error } = (thrown ?? {}) as Thrown
  return typeof error === 'string' && /^[\w.-]{1,60}$/.test(error) ? error : undefined
}

function saidBy(thrown: unknown, log: Log): string {
  const { error_description: description, message, cause } = (thrown ?? {}) as Thrown
  const error = oauthError(thrown)
  if (error !== undefined)
    return typeof description === 'string' ? `${error} (${plainWords(description, log)})` : error
  const { status } = (cause ?? {}) as { status?: unknown }
  if (typeof status === 'number') return `it answered HTTP ${status}`
  // The library's own sentences are about the protocol, and quote nothing.
  return typeof message === 'string' ? plainWords(message, log) : 'the answer could not be understood'
}

/** As much as may be shown of what a server writes. */
function plainWords(text: string, log: Log): string {
  const plain = log
    .redact(text)
    .replace(/<[^<>]*>/g, ' ')
    .replace(UNSEEN, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return plain.length > QUOTED_CHARACTERS ? `${plain.slice(0, QUOTED_CHARACTERS)}…` : plain
}
