// What the first answer of the remote says about it: whether an MCP server is there at all, or a page, a gateway, an old
// server; and whether the clocks agree. Pure. protocol.md 0.6, 0.8, A.2, B.2.

import { mediaType } from '../../remote/http-answer.ts'
import { quote } from '../../remote/said.ts'
import { textOf } from '../foreign-text.ts'
import type { Reply } from './question.ts'
import { type Finding, skipped } from './step.ts'

/** Below it a session may be opened; above it tokens are taken for old, or for not yet good. */
const SKEW_MS = { warn: 60_000, fail: 5 * 60_000 }

/** Whether the remote wants a credential, or another one. */
export function isRefused({ status, authenticate }: Pick<Reply, 'status' | 'authenticate'>): boolean {
  return status === 401 || (status === 403 && authenticate.length > 0)
}

/** Whether a server that answers so to a POST may be an old one, which is asked by GET. */
export function mayBeOld(reply: Reply): boolean {
  return [400, 404, 405, 406, 410, 501].includes(reply.status) && rpcError(reply.body) === undefined
}

/** Whether that is the stream of an old server. */
function isOldStream(reply: Reply): boolean {
  return reply.status === 200 && typeOf(reply) === 'text/event-stream'
}

/** `old`: what a GET was answered with, where a POST was refused as old servers do. */
export function judgeReply(reply: Reply, old: Reply | undefined, redact: (text: string) => string): Finding {
  const { status, waitedMs, hops } = reply
  const type = typeOf(reply)
  const server = ['server', 'via', 'x-powered-by'].flatMap((name) => {
    const value = reply.header(name)
    return value === undefined ? [] : [`${name}: ${redact(value).slice(0, 100)}`]
  })
  const details = [...hops.map((hop) => `redirected to ${hop}`), ...server, `first byte after ${waitedMs} ms`]
  const facts = {
    status,
    contentType: type,
    redirects: hops,
    server,
    firstByteMs: waitedMs,
    url: `${reply.url.origin}${reply.url.pathname}`,
  }
  const sees = `HTTP ${status}${type === '' ? '' : `, ${type}`}`
  if (isRefused(reply)) return { state: 'ok', sees: `${sees}: the server wants a credential`, details, facts }
  if (old !== undefined && isOldStream(old))
    return {
      state: 'ok',
      sees: `${sees}, and to a GET the stream of the old transport (HTTP+SSE)`,
      details,
      facts,
    }
  const error = rpcError(reply.body)
  if (error !== undefined && status < 500) {
    const said = redact(error.message).slice(0, 160)
    return {
      state: 'ok',
      sees: `${sees}: an MCP server that refuses this handshake (${error.code}: ${said})`,
      details,
      facts,
    }
  }
  if (isPage(reply)) {
    const title = titleOf(reply.body, redact)
    const page = title === '' ? 'a web page' : `the web page "${title}"`
    return {
      state: 'fail',
      sees: `${sees}: ${page} where an MCP server should be`,
      details,
      advice: adviceForPage(reply),
      facts,
    }
  }
  if (status >= 200 && status < 300) return { state: 'ok', sees, details, facts }
  const answer = {
    response: { status, header: reply.header },
    contentType: reply.header('content-type'),
    body: Buffer.from(reply.body),
  }
  return { state: 'fail', sees: `${sees}${quote(answer, redact)}`, details, advice: adviceFor(status), facts }
}

/** Pages of all kinds have a link by which one signs in. */
const SIGN_IN_PAGE = /<(?:title|h1)\b[^<>]*>[^<]*\b(?:log ?in\b|sign ?in\b|sso\b|anmeld)|type=["']?password/i

function adviceForPage({ status, body }: Reply): string {
  if (status >= 500 || status === 429 || status === 407) return adviceFor(status)
  return SIGN_IN_PAGE.test(body)
    ? 'it may be a login page of a gateway: what stands in front of the server wants you to sign in by a browser; ask who runs it for a way for programs'
    : 'look into the documentation of the server for the URL of its MCP endpoint; often it ends with /mcp or /sse'
}

function adviceFor(status: number): string {
  if (status === 404 || status === 405 || status === 410)
    return 'is the URL right, with its path? Often it ends with /mcp or /sse'
  if (status === 403)
    return 'access is denied: check what the credential may do, or ask who runs the server which accounts and networks it lets in'
  if (status === 429) return 'there were too many requests; try again later'
  if (status === 407) return 'a proxy stands in between, and wants a credential'
  if (status === 511) return 'this network wants you to sign in by a browser first, as in a hotel'
  if (status >= 500)
    return 'the server, or what stands in front of it, has failed; look into its log, or tell who runs it'
  return 'the server refuses what every MCP client sends first; is it an MCP server?'
}

function typeOf(reply: Reply): string {
  return mediaType(reply.header('content-type')).slice(0, 60)
}

function isPage(reply: Reply): boolean {
  return typeOf(reply) === 'text/html' || /^\s*<(?:!doctype|html)\b/i.test(reply.body)
}

function titleOf(body: string, redact: (text: string) => string): string {
  const title = /<title[^<>]*>([^<]+)/i.exec(body)?.[1] ?? ''
  return redact(title).replace(/\s+/g, ' ').trim().slice(0, 80)
}

function rpcError(body: string): { readonly code: number; readonly message: string } | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: { code?: unknown; message?: unknown } }
    if (typeof error?.code !== 'number') return undefined
    return { code: error.code, message: textOf(error.message).replace(/\s+/g, ' ') }
  } catch {
    return undefined
  }
}

/** `hasTokens`: tokens are in play, which the one clock makes and the other checks. */
export function compareClocks(reply: Pick<Reply, 'header' | 'answeredAtMs'>, hasTokens: boolean): Finding {
  const theirs = Date.parse(reply.header('date') ?? '')
  if (Number.isNaN(theirs)) return skipped('the server does not tell its time')
  const skewMs = theirs - reply.answeredAtMs
  const size = Math.abs(skewMs)
  const seconds = Math.round(size / 1000)
  const facts = { skewMs }
  // HTTP tells whole seconds.
  if (size < SKEW_MS.warn) return { state: 'ok', sees: 'the clocks agree', facts }
  const words = seconds < 300 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
  const sees = `the clock of this machine is ${words} ${skewMs > 0 ? 'behind' : 'ahead of'} the server's`
  const isBad = hasTokens && size >= SKEW_MS.fail
  const advice =
    'set the clock by the network: tokens and certificates are taken for expired, or for not yet good'
  return { state: isBad ? 'fail' : 'warn', sees, advice, facts }
}
