// What an HTTP answer has failed by, for the error. Pure; the table of protocol.md A.2. Deferred.
import { BridgeError, type Facts } from '../errors.ts'
import { beginningOf } from '../message/text.ts'
import { decode } from '../message/utf8.ts'
import { type Asked, type HttpAnswer, mediaType } from './http-answer.ts'
import { factsOf, quote, retryAfter } from './said.ts'

/** The failure that an answer other than 2xx stands for. */
export function describeFailure(
  answer: HttpAnswer,
  asked: Asked,
): { readonly error: BridgeError; readonly retryAfterMs?: number | undefined } {
  const { status } = answer.response
  if (asked.hasSession && tellsSessionLoss(answer)) return { error: sessionLost(answer, asked) }
  if (asked.isOpen && tellsOtherEra(answer)) return { error: sessionLost(answer, asked) }
  const retryAfterMs = retryAfter(answer.response.header('retry-after'), asked.now())
  if (isRateLimit(status, retryAfterMs)) return { error: rateLimited(answer, asked), retryAfterMs }
  return { error: httpFailure(answer, asked) }
}

/**
 * Whether an answer to what was sent with a session id tells that there is no such session. Servers should say 404 (25/T
 * Session Management §3), but the reference server of the MCP project says 400 and that it has no such session, and the
 * Rust SDK said so with 401 until 2026, without the challenge that a credential is asked for by. A 404 that says "method
 * not found" is about the method (protocol.md A.6.1).
 */
export function tellsSessionLoss({ response, body }: HttpAnswer): boolean {
  const { status } = response
  if (status === 410) return true
  const isUnchallenged = status === 401 && response.header('www-authenticate') === undefined
  if (status !== 404 && status !== 400 && !isUnchallenged) return false
  const text = decode(beginningOf(body, SAID_BYTES))
  if (status === 404) return !/"code"\s*:\s*-32601\b/.test(text)
  return (/session/i.test(text) && UNKNOWN.test(text)) || /server not initialized/i.test(text)
}

/** A server that was updated to the modern era answers so to what belongs to an open session (protocol.md F.6). */
function tellsOtherEra({ response, body }: HttpAnswer): boolean {
  if (response.status !== 400) return false
  const text = decode(beginningOf(body, SAID_BYTES))
  // Some miss first what each request of that era says of itself.
  return /"code"\s*:\s*-3202[0-2]\b/.test(text) || /-32602\b.*io\.modelcontextprotocol\//s.test(text)
}

const SAID_BYTES = 8192
const UNKNOWN =
  /invalid|not found|no (?:valid|active|such)|not exist|unknown|expired|missing|terminated|closed/i

/** A success without what was asked for. */
export function noResponse(answer: HttpAnswer, asked: Asked, isJsonRpc: boolean): BridgeError {
  const { request } = asked
  const url = asked.shown()
  const facts = { ...factsOf(answer, asked), maybeDelivered: true }
  if (isJsonRpc)
    return new BridgeError('protocol', `${url} answered ${request?.method} without a response`, facts)
  const type = mediaType(answer.contentType)
  if (type === 'application/json') {
    return new BridgeError(
      'protocol',
      `${url} answered ${request?.method} with a body that is not JSON-RPC`,
      facts,
    )
  }
  const text = `${url} answered with ${type || 'a body of no type'} instead of JSON; is this the MCP endpoint, or a login page?${quote(answer, asked.redact)}`
  return new BridgeError('content', text, facts)
}

function isRateLimit(status: number, retryAfterMs: number | undefined): boolean {
  return status === 429 || status === 425 || status === 408 || (status === 503 && retryAfterMs !== undefined)
}

function rateLimited(answer: HttpAnswer, asked: Asked): BridgeError {
  const { status } = answer.response
  const waitMs = retryAfter(answer.response.header('retry-after'), asked.now())
  const wait = waitMs === undefined ? '' : ` (Retry-After: ${Math.ceil(waitMs / 1000)} s)`
  const why = status === 429 ? 'too many requests' : status === 503 ? 'busy' : 'not now'
  const text = `HTTP ${status} from ${asked.shown()}: ${why}${wait}; wait and try again`
  return new BridgeError('rate-limited', text, {
    ...factsOf(answer, asked),
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    retryable: true,
    maybeDelivered: false,
  })
}

/** nginx says so by HTTP, in a page of its own. */
const CERTIFICATE = /SSL certificate (?:error|was sent)/

const HINTS: Readonly<Record<number, string>> = {
  401: 'it wants a credential',
  403: 'access denied; check which credential is sent and what it may do',
  406: 'the server offers neither JSON nor an event stream; is this the MCP endpoint?',
  410: 'this endpoint is gone',
  413: 'the request is larger than the server accepts',
  415: 'the server does not take JSON; is this the MCP endpoint?',
  431: 'the request headers are larger than the server accepts',
  502: 'a proxy could not reach the server',
  503: 'the server is not available',
  504: 'a proxy gave up waiting for the server',
}

function httpFailure(answer: HttpAnswer, asked: Asked): BridgeError {
  const { status } = answer.response
  const known = factsOf(answer, asked)
  const hint = hintFor(answer, asked, known)
  const says = quote(answer, asked.redact)
  const kind =
    status === 401 || status === 403 ? 'auth-failed' : status === 413 || status === 431 ? 'too-large' : 'http'
  const facts: Facts = { ...known, retryable: status >= 500, maybeDelivered: status >= 500 }
  return new BridgeError(kind, `HTTP ${status} from ${asked.shown()}: ${hint}${says}`, facts)
}

function hintFor({ response, contentType }: HttpAnswer, asked: Asked, { detail = '' }: Facts): string {
  const { status } = response
  if (CERTIFICATE.test(detail))
    return 'it wants to know us by a certificate that it knows; pass one with --cert and --key, or with --pfx'
  if (status === 404 || status === 405)
    return `is this the MCP endpoint?${/\/mcp\/?$/.test(asked.shown()) ? '' : ' its path is often /mcp'}`
  if (status === 403 && mediaType(contentType) === 'text/html')
    return 'access denied, by a web page; a firewall or a login may stand in front of the server'
  return HINTS[status] ?? (status >= 500 ? 'the server failed' : 'the server did not accept the request')
}

function sessionLost(answer: HttpAnswer, asked: Asked): BridgeError {
  const text = `HTTP ${answer.response.status} from ${asked.shown()}: the server no longer knows the session`
  return new BridgeError('session-lost', text, {
    ...factsOf(answer, asked),
    retryable: true,
    maybeDelivered: false,
  })
}
