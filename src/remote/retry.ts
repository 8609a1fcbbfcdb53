// Whether and when a request is sent again. What surely was not executed may be, whatever it is; what may have been
// executed is repeated only where that changes nothing. Pure. protocol.md 0.5, 0.9.
import type { BridgeError, ErrorKind, Facts } from '../errors.ts'

/** Methods that may run twice. Not tools/call: a tool's own hints are not to be trusted (26/TOOL). */
const SAFE: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'roots/list',
  'resources/read',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
  'tasks/get',
  'tasks/list',
  'subscriptions/listen',
])

/** Some eight seconds: about what a server takes to restart. */
const CONNECT_WAITS_MS = [250, 500, 1000, 2000, 4000]
const UNSTATED_WAIT_MS = 1000

export interface Failed {
  readonly error: BridgeError
  /** What `Retry-After` asks for. */
  readonly retryAfterMs?: number | undefined
}

export interface RetryLimits {
  readonly retryWaitMs: number
  readonly retries: number
}

/** Whether executing this method twice is harmless. */
export function isSafe(method: string): boolean {
  return SAFE.has(method)
}

/** Milliseconds to wait before sending again, or undefined for never. `attempt` counts from 1. */
export function nextTry(
  { error, retryAfterMs }: Failed,
  { method, attempt }: { readonly method: string; readonly attempt: number },
  limits: RetryLimits,
): number | undefined {
  const { kind, facts } = error
  if (kind === 'rate-limited') {
    const waitMs = retryAfterMs ?? UNSTATED_WAIT_MS
    return attempt <= limits.retries && waitMs <= limits.retryWaitMs ? waitMs : undefined
  }
  // Not a proxy that hangs: each time would take all of --connect-timeout.
  const isAway =
    kind === 'dns' || kind === 'refused' || (mayComeBack(kind, facts) && facts.detail !== 'ETIMEDOUT')
  if (isAway) return CONNECT_WAITS_MS[attempt - 1]
  const isFleeting = kind === 'stream-lost' || (kind === 'http' && (facts.httpStatus ?? 0) >= 500)
  if (isFleeting && isSafe(method) && attempt === 1) return UNSTATED_WAIT_MS
  return undefined
}

/** Statuses of a proxy whose server is not there yet, and of a server that is busy. */
const NOT_YET: ReadonlySet<number> = new Set([429, 502, 503, 504])
const NO_CONNECTION: ReadonlySet<string> = new Set(['dns', 'refused', 'timeout', 'stream-lost'])

/** Whether a remote that fails so may be there in a while; everything else is a definite answer (protocol.md A.1-6). */
export function isTransient({ kind, facts }: BridgeError): boolean {
  return NO_CONNECTION.has(kind) || NOT_YET.has(facts.httpStatus ?? 0) || mayComeBack(kind, facts)
}

/** Whether a stream that is refused so may be had in a while. */
export function isRefusedForNow(status: number, { kind }: BridgeError): boolean {
  return (status >= 500 && status !== 501) || kind === 'rate-limited'
}

/** A proxy that is not there, or does not reach the remote; what it refuses, it refuses for good. */
function mayComeBack(kind: ErrorKind, facts: Facts): boolean {
  return kind === 'proxy' && facts.retryable !== false
}
