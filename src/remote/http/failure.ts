// Node's network errors → ours: what happened, to which host, and what to do. Pure. protocol.md 0.5, 0.8.
import { BridgeError, type ErrorKind } from '../../errors.ts'

export interface Circumstances {
  /** Host and port, for the sentence. */
  readonly host: string
  /** Origin and path. */
  readonly url: string
  /** Whether the connection stood, so that the request may have arrived. */
  readonly wasConnected: boolean
  /** Whether another answer came on it before, which may have left behind what cannot be read. */
  readonly isReused?: boolean
}

const DNS = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EAI_NONAME',
  'ENODATA',
  'ESERVFAIL',
])
const UNREACHABLE = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
])

/** What a failed connection or a broken one becomes. */
export function networkFailure(thrown: unknown, at: Circumstances): BridgeError {
  const { code, message } = describe(thrown)
  const { host, url, wasConnected, isReused } = at
  const failed = (kind: ErrorKind, text: string, retryable = kind !== 'tls'): BridgeError =>
    new BridgeError(kind, text, { url, maybeDelivered: wasConnected, retryable, detail: code }, thrown)
  if (wasConnected) {
    const isTooLarge = /HEADER_O/.test(code)
    if (!/^HPE_/.test(code) || (isReused && !isTooLarge))
      return failed('stream-lost', `the connection to ${host} was lost (${code})`)
    const what = isTooLarge ? 'headers that are too large' : 'something that is not HTTP'
    return failed('protocol', `${host} answered with ${what} (${code})`, false)
  }
  if (DNS.has(code))
    return failed('dns', `the host name ${host} cannot be resolved (${code}); check the URL and your network`)
  if (code === 'ECONNREFUSED')
    return failed('refused', `${host} refused the connection (${code}); is the server running?`)
  if (code === 'ETIMEDOUT')
    return failed('timeout', `connecting to ${host} timed out; check the URL, your network or VPN`)
  if (UNREACHABLE.has(code))
    return failed('refused', `${host} cannot be reached (${code}); check your network or VPN`)
  // What is more to be told of it is in trust.ts, which may be gone.
  return failed(isTls(thrown) ? 'tls' : 'refused', `the connection to ${host} failed (${code}: ${message})`)
}

/** With several addresses Node throws one error for all of them; the first one tells most. */
export function describe(thrown: unknown): { code: string; message: string } {
  const error = thrown as { code?: unknown; message?: unknown; errors?: unknown[] }
  const inner = Array.isArray(error?.errors) ? (error.errors[0] as typeof error) : undefined
  const code = error?.code ?? inner?.code
  const message = String(error?.message || inner?.message || thrown).replace(/\s+/g, ' ')
  return { code: typeof code === 'string' ? code : 'unknown error', message: message.slice(0, 200) }
}

/** A remote that hangs up in the handshake has not refused it: Node's sentence for that has TLS in it as well. */
export function isTls(thrown: unknown): boolean {
  const { code, message } = describe(thrown)
  if (/CERT|SSL|TLS|SELF_SIGNED|EPROTO|UNABLE_TO|HOSTNAME_MISMATCH/.test(code)) return true
  return !/^E[A-Z_]+$/.test(code) && /TLS|SSL|certificate/i.test(message)
}
