// Everything that can go wrong on our side of the wire, in one class. A JSON-RPC error that the remote sends is a
// message and never becomes one of these. Everybody matches `kind`, nobody `instanceof` or text.
// protocol.md 0.8, architecture.md 6.

/** What went wrong; the host reads it as `error.data.kind` (protocol.md 0.8). */
export type ErrorKind =
  | 'dns'
  | 'refused'
  | 'tls'
  | 'proxy'
  | 'timeout'
  | 'http'
  | 'redirect'
  | 'content'
  | 'protocol'
  | 'stream-lost'
  | 'session-lost'
  | 'auth-required'
  | 'auth-failed'
  | 'rate-limited'
  | 'too-large'
  | 'shutdown'
  | 'usage'
  | 'internal'

/** What is known about a failure, beside its sentence. Goes into `error.data` as it is; holds no secret. */
export interface Facts {
  readonly httpStatus?: number
  /** Origin and path only: query and userinfo may hold secrets. */
  readonly url?: string
  /** Whether the host may try the same request again. */
  readonly retryable?: boolean
  /** Whether the remote may have executed the request (protocol.md 0.5). */
  readonly maybeDelivered?: boolean
  /** How long the remote asks to be left alone, in milliseconds. */
  readonly retryAfterMs?: number
  /** At most 300 characters of what the remote said, tags stripped, secrets redacted. */
  readonly detail?: string
  /** For `usage`: which rule was broken (arguments.md 4.4), e.g. `header-empty-value`. */
  readonly code?: string
}

export class BridgeError extends Error {
  override readonly name = 'BridgeError'
  readonly kind: ErrorKind
  readonly facts: Facts
  constructor(kind: ErrorKind, message: string, facts: Facts = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
    this.facts = facts
  }
}

/** What the user wrote cannot be used; `code` names the broken rule (arguments.md 4.4). */
export function usage(code: string, text: string): BridgeError {
  return new BridgeError('usage', text, { code })
}

/** What was under way when the host began anew on the same pipe. */
export function restarted(maybeDelivered = true): BridgeError {
  return new BridgeError('session-lost', 'the host started a new session', { maybeDelivered })
}

/** Exit codes of the command line; the README documents them. */
export const EXIT = { ok: 0, internal: 1, usage: 2 } as const

/** The sentence as people see it: on stderr, and in the JSON-RPC error that the host gets (protocol.md 0.8). */
export function sentence(error: BridgeError): string {
  return `mcp-ferry: ${error.message}`
}

/** `error.data` of the JSON-RPC error that the host gets for this failure (protocol.md 0.8). */
export function errorData(error: BridgeError): Record<string, unknown> {
  return { origin: 'mcp-ferry', kind: error.kind, ...error.facts }
}

/** The same error without what `redact` takes out: for those who read it outside the program. */
export function redacted(error: BridgeError, redact: (text: string) => string): BridgeError {
  const { url, detail, ...facts } = error.facts
  const clean = {
    ...facts,
    ...(url === undefined ? {} : { url: redact(url) }),
    ...(detail === undefined ? {} : { detail: redact(detail) }),
  }
  return new BridgeError(error.kind, redact(error.message), clean, error.cause)
}

/** Guards the edge where anything may have been thrown. */
export function toBridgeError(thrown: unknown): BridgeError {
  if (isBridgeError(thrown)) return thrown
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const isFileGone = (thrown as { code?: unknown } | null)?.code === 'MODULE_NOT_FOUND'
  const what = isFileGone
    ? 'a file of mcp-ferry is gone, as it is while that is updated; start it anew'
    : `internal error: ${text}`
  return new BridgeError('internal', what, {}, thrown)
}

export function isBridgeError(thrown: unknown): thrown is BridgeError {
  return (
    typeof thrown === 'object' && thrown !== null && (thrown as { name?: unknown }).name === 'BridgeError'
  )
}
