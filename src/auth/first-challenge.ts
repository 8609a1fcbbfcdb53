// What the remote says to somebody who has not signed in: the handshake of a bridge, asked once and not gone on with.
// protocol.md G.2, A.1.
import { BridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Options } from '../options/options.ts'
import { createHttp } from '../remote/http/choice.ts'
import type { Http, HttpRequest, HttpResponse } from '../remote/http/http.ts'
import { isRedirect, MOST_HOPS } from '../remote/http/redirect.ts'
import { judgeRedirect } from '../remote/http/redirect-target.ts'
import { createStop, offStop, onStop, type Stop, stopNow } from '../remote/stop.ts'
import { type Wanted, wantedBy } from './challenge.ts'
import { discoverResource } from './discovery.ts'
import { createWeb } from './web.ts'

export interface RemoteQuestion {
  readonly remote: Options
  readonly userAgent: string
  readonly log: Log
  readonly stop: Stop
  /** What to send in place of no credential. */
  readonly credential?: readonly [name: string, value: string]
}

export interface Reaction {
  readonly status: number
  /** It wants a credential, or another one. */
  readonly isRefused: boolean
  readonly wanted: Wanted | undefined
}

const ANSWER_MS = 30_000
const NO_BRAKE = { isPaused: false, set: () => {}, onChange: () => () => {} }

/** Whether the remote says where one signs in. Some do, and refuse only some requests of those who have not. */
export async function hasMetadata({ remote, userAgent, log, stop }: RemoteQuestion): Promise<boolean> {
  const { url: server, signIn } = remote
  const web = createWeb({
    server,
    allowsPrivate: signIn.allowsPrivate,
    network: signIn.network,
    userAgent,
    log,
    stop,
  })
  try {
    return (await discoverResource({ server, web, rules: await web.rules() })).kind === 'found'
  } catch {
    return false
  } finally {
    web.close()
  }
}

/** Rejects with a BridgeError if the remote cannot be asked. */
export async function askRemote(question: RemoteQuestion): Promise<Reaction> {
  const { remote, stop: outer } = question
  const stop = createStop()
  const end = (reason: BridgeError): void => stopNow(stop, reason)
  const late = (): void =>
    end(new BridgeError('timeout', `${remote.url.host} has not answered within ${ANSWER_MS / 1000} s`))
  const timer = setTimeout(late, ANSWER_MS)
  onStop(outer, end)
  const http = createHttp(remote.network, {
    connectTimeoutMs: remote.limits.connectTimeoutMs,
    flow: NO_BRAKE,
  })
  try {
    const posted = await ask(http, question, stop, 'POST')
    // An old server with HTTP+SSE knows no POST there, and may want a credential for its stream.
    const isOld = posted.status === 404 || posted.status === 405
    return reactionOf(isOld ? await ask(http, question, stop, 'GET') : posted)
  } finally {
    clearTimeout(timer)
    offStop(outer, end)
    http.close()
  }
}

function reactionOf(response: HttpResponse): Reaction {
  const { status } = response
  const wanted = wantedBy(response.headers('www-authenticate'))
  return { status, wanted, isRefused: status === 401 || (status === 403 && wanted !== undefined) }
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'mcp-ferry', version: '0' },
  },
}

async function ask(
  http: Http,
  question: RemoteQuestion,
  stop: Stop,
  method: 'GET' | 'POST',
): Promise<HttpResponse> {
  const headers = headersOf(question, method)
  const body = method === 'POST' ? Buffer.from(JSON.stringify(INITIALIZE)) : undefined
  let { url } = question.remote
  for (let hops = 0; ; hops++) {
    const response = await exchange(http, { method, url, headers, body, stop })
    const { status } = response
    question.log.debug('asked whether one has to sign in', { method, status })
    if (!isRedirect(status)) {
      await leave(http, { url, headers, stop }, response)
      return response
    }
    const verdict = judgeRedirect({ method, from: url }, status, response.header('location'))
    if (verdict.kind === 'refuse' || hops === MOST_HOPS) {
      const why = verdict.kind === 'refuse' ? verdict.why : 'redirects again and again'
      throw new BridgeError('redirect', `${url.origin}${url.pathname} ${why}`)
    }
    url = verdict.url
  }
}

type Asked = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body' | 'stop'>

/** Only what stands in front of the body is of interest. */
function exchange(http: Http, asked: Asked): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const onResponse = (response: HttpResponse): void => {
      response.abort()
      resolve(response)
    }
    http.request({ ...asked, onWritten: undefined, onResponse, onFailure: reject })
  })
}

/** A session that was opened by asking is not left open. */
async function leave(
  http: Http,
  { url, headers, stop }: Pick<Asked, 'url' | 'headers' | 'stop'>,
  response: HttpResponse,
): Promise<void> {
  const session = response.header('mcp-session-id')
  if (session === undefined) return
  const asked: Asked = {
    method: 'DELETE',
    url,
    headers: [...headers, 'Mcp-Session-Id', session],
    body: undefined,
    stop,
  }
  await exchange(http, asked).catch(() => {})
}

/** The user's own come last and win. */
function headersOf({ remote, userAgent, credential }: RemoteQuestion, method: 'GET' | 'POST'): string[] {
  const accept = method === 'POST' ? 'application/json, text/event-stream' : 'text/event-stream'
  const all = new Map<string, readonly [name: string, value: string]>()
  const ours: (readonly [string, string])[] = [
    ['Accept', accept],
    ['User-Agent', userAgent],
  ]
  if (method === 'POST') ours.push(['Content-Type', 'application/json'])
  const theirs = remote.headers.map(({ name, value }) => [name, value] as const)
  const last = credential === undefined ? [] : [credential]
  for (const each of [...ours, ...theirs, ...last]) all.set(each[0].toLowerCase(), each)
  return [...all.values()].flat()
}
