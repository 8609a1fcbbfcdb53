// One HTTP request as the bridge would send it first, without the bridge: what comes back is shown as it is, before anything
// is made of it. protocol.md 0.6, A.1, B.2.
import { BridgeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Http, HttpResponse } from '../../remote/http/http.ts'
import { isRedirect, MOST_HOPS } from '../../remote/http/redirect.ts'
import { judgeRedirect } from '../../remote/http/redirect-target.ts'
import { createStop, stopNow } from '../../remote/stop.ts'
import type { Credentials } from './credential.ts'

export interface Asking {
  readonly url: URL
  readonly http: Http
  readonly credentials: Credentials
  readonly userAgent: string
  readonly log: Log
  readonly limitMs: number
}

/** What came back. */
export interface Reply {
  readonly status: number
  /** Where it came from in the end. */
  readonly url: URL
  /** Each place that a redirect has led to: origin and path. */
  readonly hops: readonly string[]
  readonly header: (name: string) => string | undefined
  readonly authenticate: readonly string[]
  /** As much of it as came in a moment; of an event stream nothing. */
  readonly body: string
  readonly sentHeaders: readonly string[]
  /** Until the first byte. */
  readonly waitedMs: number
  readonly answeredAtMs: number
}

/** What a body may have in it that is looked at here. */
const BODY_BYTES = 64 * 1024
/** How long a body is waited for: a page or an error is there at once. */
const BODY_MS = 2000

/** What is said of ourselves, here and through the bridge. */
export const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'mcp-ferry doctor', version: '1' },
}
const FIRST = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: INITIALIZE })

/** Rejects with a BridgeError, as the bridge would tell it. */
export async function ask(asking: Asking, method: 'POST' | 'GET'): Promise<Reply> {
  const hops: string[] = []
  let { url } = asking
  for (;;) {
    const { response, ...rest } = await exchange(asking, method, url)
    const { status } = response
    if (!isRedirect(status)) return reply(asking, response, { ...rest, url, hops })
    const location = response.header('location')
    response.abort()
    const verdict =
      hops.length === MOST_HOPS
        ? { kind: 'refuse' as const, why: `redirects more than ${MOST_HOPS} times` }
        : judgeRedirect({ method, from: url }, status, location)
    const shown = `${url.origin}${url.pathname}`
    if (verdict.kind === 'refuse')
      throw new BridgeError('redirect', `${shown} ${verdict.why}`, { httpStatus: status, url: shown })
    url = verdict.url
    hops.push(`${url.origin}${url.pathname} (HTTP ${status})`)
  }
}

interface Exchanged {
  readonly response: HttpResponse
  readonly sentHeaders: readonly string[]
  readonly waitedMs: number
  readonly body: Promise<string>
}

async function exchange(
  asking: Asking,
  method: 'POST' | 'GET' | 'DELETE',
  url: URL,
  more: readonly string[] = [],
): Promise<Exchanged> {
  const { http, credentials, userAgent, limitMs } = asking
  const sentHeaders = await credentials.headersFor(method, url)
  const accept = method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream'
  const ours = [
    ['User-Agent', userAgent],
    ['Accept-Encoding', 'identity'],
    ['Accept', accept],
    ...(method === 'POST' ? [['Content-Type', 'application/json']] : []),
  ].filter(
    ([name]) => !sentHeaders.some((sent, at) => at % 2 === 0 && sent.toLowerCase() === name!.toLowerCase()),
  )
  const stop = createStop()
  const late = new BridgeError('timeout', `${url.host} has not answered within ${limitMs / 1000} s`)
  const timer = setTimeout(() => stopNow(stop, late), limitMs)
  const startedAt = Date.now()
  return new Promise<Exchanged>((resolve, reject) => {
    http.request({
      method,
      url,
      headers: [...ours.flat(), ...sentHeaders, ...more],
      body: method === 'POST' ? Buffer.from(FIRST) : undefined,
      stop,
      onWritten: undefined,
      onFailure: reject,
      onResponse(response) {
        const body = readSome(response)
        resolve({ response, sentHeaders, waitedMs: Date.now() - startedAt, body })
      },
    })
  }).finally(() => clearTimeout(timer))
}

/** Has to begin in the turn that the response came in. Never rejects: what has come counts. */
function readSome(response: HttpResponse): Promise<string> {
  if (/^text\/event-stream/i.test(response.header('content-type') ?? '')) return Promise.resolve('')
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let size = 0
    const timer = setTimeout(finish, BODY_MS)
    function finish(): void {
      clearTimeout(timer)
      resolve(Buffer.concat(chunks).toString())
    }
    response.read({
      data(chunk) {
        chunks.push(chunk)
        size += chunk.length
        if (size > BODY_BYTES) finish()
      },
      end: finish,
      fail: finish,
    })
  })
}

async function reply(
  asking: Asking,
  response: HttpResponse,
  { body, ...rest }: Omit<Exchanged, 'response'> & Pick<Reply, 'url' | 'hops'>,
): Promise<Reply> {
  const answeredAtMs = Date.now()
  const text = await body
  const session = response.header('mcp-session-id')
  response.abort()
  if (session !== undefined) {
    asking.log.hide(session)
    // A session that was opened by asking is not left open.
    await exchange(asking, 'DELETE', rest.url, ['Mcp-Session-Id', session]).then(
      (left) => left.response.abort(),
      () => {},
    )
  }
  return {
    ...rest,
    status: response.status,
    header: (name) => response.header(name),
    authenticate: response.headers('www-authenticate'),
    body: text,
    answeredAtMs,
  }
}
