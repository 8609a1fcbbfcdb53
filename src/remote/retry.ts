// Whether and when a request is sent again. What surely was not executed may be, whatever it is; what may have been
// executed is repeated only where that changes nothing. Pure. protocol.md 0.5, 0.9.
import type { BridgeError } from '../errors.ts'

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

const CONNECT_WAITS_MS = [250, 1000]
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
function isSafe(method: string): boolean {
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
  if (kind === 'dns' || kind === 'refused') return CONNECT_WAITS_MS[attempt - 1]
  const isTransient = kind === 'stream-lost' || (kind === 'http' && (facts.httpStatus ?? 0) >= 500)
  if (isTransient && isSafe(method) && attempt === 1) return UNSTATED_WAIT_MS
  return undefined
}
