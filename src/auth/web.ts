// The HTTP of signing in: what is asked of servers that somebody else has named. Each URL is checked, each redirect anew,
// and the address that was checked is the one that is connected to, but by a proxy, which has the names to itself; no answer
// may be long in coming or large. None of the user's headers go along. protocol.md G.8, G.1 rows 9 and 30.
import { lookup as resolve } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { BridgeError, isBridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { NetworkOptions } from '../options/network.ts'
import { createHttp } from '../remote/http/choice.ts'
import type { HttpRequest, HttpResponse } from '../remote/http/http.ts'
import { isRedirect } from '../remote/http/redirect.ts'
import { createStop, offStop, onStop, type Stop, stopNow } from '../remote/stop.ts'
import {
  checkUrl,
  isLoopbackHost,
  isPrivateAddress,
  privateWhy,
  rulesFor,
  type UrlRules,
} from './safe-url.ts'

const MOST_HOPS = 3
const LIMIT_BYTES = 1024 * 1024
const TIMEOUT_MS = 10_000
const MOST_CHUNKS = 1000

export interface Address {
  readonly address: string
  readonly family: number
}

export interface WebSettings {
  /** The MCP server that is signed in to. */
  readonly server: URL
  /** --allow-private. */
  readonly allowsPrivate: boolean
  /** How it is reached; certificates are checked, whatever --insecure says. */
  readonly network?: NetworkOptions | undefined
  readonly userAgent: string
  readonly log: Log
  /** Ends everything; its reason becomes the failure. */
  readonly stop: Stop
  /** The addresses of a host name; those that the system knows when left out. */
  readonly lookup?: (host: string) => Promise<readonly Address[]>
  readonly limitBytes?: number
  /** For a whole exchange with its redirects. */
  readonly timeoutMs?: number
}

/** What came, whole. */
export interface Answer {
  readonly status: number
  readonly body: Uint8Array
  /** The values of a header, by its name in lower case. */
  headers(name: string): string[]
}

/** As oauth4webapi asks by; no redirect is followed. */
export type WebFetch = (url: string, request: WebRequest) => Promise<Response>

interface WebRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

export interface Web {
  /** What holds for URLs here; found out once. */
  rules(): Promise<UrlRules>
  /** Asks for a document, follows redirects. `what` it is, for sentences: "the metadata of auth.example.com". */
  get(url: string, what: string): Promise<Answer>
  /** What asks as `fetch` does. `what` is asked, for sentences: "the token endpoint of auth.example.com". */
  fetchFor(what: string): WebFetch
  /** Closes all connections. */
  close(): void
}

/** Rejections are `auth-failed`, or the reason of `stop`. */
export function createWeb(settings: WebSettings): Web {
  const { log, limitBytes = LIMIT_BYTES, timeoutMs = TIMEOUT_MS } = settings
  const lookup = settings.lookup ?? ((host: string) => resolve(host, { all: true }))
  let known: Promise<UrlRules> | undefined
  const rules = (): Promise<UrlRules> => {
    known ??= findRules(settings, lookup)
    return known
  }
  const flow = { isPaused: false, set: () => {}, onChange: () => () => {} }
  const direct = { connectTimeoutMs: timeoutMs, flow, lookup: checkedLookup(lookup, rules) }
  const http = createHttp(settings.network, direct)

  function exchange(asked: Asked): Promise<Answer> {
    const { method, url, what } = asked
    return new Promise((resolve, reject) => {
      const onResponse = (response: HttpResponse): void => {
        const { status } = response
        log.debug('signing in', { method, url: `${url.origin}${url.pathname}`, status })
        let chunks: Uint8Array[] = []
        let size = 0
        response.read({
          data(chunk) {
            size += chunk.length
            // Each costs some hundred bytes beside its own, and a liar sends single ones.
            if (chunks.length === MOST_CHUNKS) chunks = [Buffer.concat(chunks)]
            if (size <= limitBytes) return void chunks.push(chunk)
            reject(new BridgeError('auth-failed', `${what} is refused: more than ${limitBytes} bytes came`))
            response.abort()
          },
          end: () =>
            resolve({ status, body: Buffer.concat(chunks), headers: (name) => response.headers(name) }),
          fail: reject,
        })
      }
      http.request({ ...asked, onWritten: undefined, onResponse, onFailure: reject })
    })
  }

  async function follow({ text, what }: Wanted, stop: Stop): Promise<Answer> {
    const allowed = await rules()
    const headers = [
      'Accept',
      'application/json',
      'MCP-Protocol-Version',
      '2025-11-25',
      ...ownHeaders(settings),
    ]
    let url = checkUrl(text, what, allowed)
    for (let hops = 0; ; hops++) {
      const answer = await exchange({ method: 'GET', url, headers, body: undefined, stop, what })
      if (!isRedirect(answer.status)) return answer
      if (hops === MOST_HOPS)
        throw new BridgeError('auth-failed', `${what} redirects more than ${MOST_HOPS} times`)
      const target = targetOf(answer, url)
      url = checkUrl(target, `the redirect that ${url.host} gave for ${what}`, allowed)
    }
  }

  async function ask({ text, what }: Wanted, request: WebRequest, stop: Stop): Promise<Response> {
    const { method } = request
    if (method !== 'GET' && method !== 'POST')
      throw new BridgeError('internal', `internal error: ${method} while signing in`)
    const url = checkUrl(text, what, await rules())
    const body = bytesOf(request.body) ?? (method === 'POST' ? new Uint8Array(0) : undefined)
    const headers = Object.entries(request.headers)
      .filter(([name]) => !OURS.has(name.toLowerCase()))
      .flat()
    headers.push(...ownHeaders(settings))
    const answer = await exchange({ method, url, headers, body, stop, what })
    if (!isRedirect(answer.status)) return responseOf(answer, what)
    const target = targetOf(answer, url)
    const to = target === undefined ? 'somewhere else' : `to ${new URL(target).host}`
    throw new BridgeError(
      'auth-failed',
      `${what} redirects ${to}, which is not followed: the request holds secrets`,
    )
  }

  const bounded = { outer: settings.stop, timeoutMs }
  return {
    rules,
    get: (text, what) => within({ ...bounded, what }, (stop) => follow({ text, what }, stop)),
    fetchFor: (what) => (text, request) =>
      within({ ...bounded, what, signal: request.signal }, (stop) => ask({ text, what }, request, stop)),
    close: () => http.close(),
  }
}

interface Wanted {
  /** The URL, not looked at yet. */
  readonly text: string
  /** For sentences. */
  readonly what: string
}

type Asked = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body' | 'stop'> & { readonly what: string }

/** What we say ourselves, whatever the library would say. */
const OURS = new Set(['user-agent', 'accept-encoding', 'host', 'content-length', 'connection'])

function ownHeaders({ userAgent }: WebSettings): string[] {
  return ['Accept-Encoding', 'identity', 'User-Agent', userAgent]
}

interface Bounds {
  readonly outer: Stop
  readonly timeoutMs: number
  readonly what: string
  readonly signal?: AbortSignal | undefined
}

/** Runs `work` until it is done, late, or not wanted any more. */
async function within<T>(bounds: Bounds, work: (stop: Stop) => Promise<T>): Promise<T> {
  const { outer, timeoutMs, what, signal } = bounds
  if (outer.reason !== undefined) throw outer.reason
  const stop = createStop()
  const end = (reason: BridgeError): void => stopNow(stop, reason)
  const abort = (): void => end(new BridgeError('shutdown', `${what} is not waited for any more`))
  const late = (): void => {
    const text = `${what} has not come within ${timeoutMs / 1000} s; check your network and try again`
    end(new BridgeError('auth-failed', text, { retryable: true }))
  }
  const timer = setTimeout(late, timeoutMs)
  onStop(outer, end)
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  // Also what hangs where nothing can be stopped, as the system's resolver may.
  const stopped = new Promise<never>((_, reject) => onStop(stop, reject))
  try {
    return await Promise.race([stopped, work(stop)])
  } catch (error) {
    throw stop.reason ?? explain(error, what)
  } finally {
    clearTimeout(timer)
    offStop(outer, end)
    signal?.removeEventListener('abort', abort)
  }
}

/** The same failure as one of signing in: what was asked, what happened, what to do. */
function explain(error: unknown, what: string): BridgeError {
  if (!isBridgeError(error)) {
    const text = error instanceof Error ? error.message : String(error)
    return new BridgeError('internal', `internal error: ${text}`, {}, error)
  }
  if (error.kind === 'auth-failed' || error.kind === 'internal') return error
  return new BridgeError('auth-failed', `${what} cannot be had: ${error.message}`, error.facts, error)
}

/** A server that is in a private network may have what signs in to it there too. */
async function findRules(
  { server, allowsPrivate, network }: WebSettings,
  lookup: NonNullable<WebSettings['lookup']>,
): Promise<UrlRules> {
  const host = server.hostname
  // All of its addresses: whoever has put up the server says which ones there are, and must not open the door by one more.
  const resolvesPrivate = async (): Promise<boolean> => {
    const addresses = await lookup(host).catch(() => [])
    return addresses.length > 0 && addresses.every(({ address }) => isPrivateAddress(address))
  }
  // Names of what is behind a proxy are the proxy's to resolve, and where they may lead is for it to say: this machine may not
  // know them at all. What is written in a URL is looked at all the same.
  const isProxied = network?.proxyFor?.(server) !== undefined
  const isNamed = !isProxied && !isLoopbackHost(host) && isIP(host.replace(/^\[|\]$/g, '')) === 0
  return rulesFor(server, !allowsPrivate && isNamed && (await resolvesPrivate()), allowsPrivate)
}

/** What a connection is opened by: it goes to addresses that have been looked at, and names are not resolved twice. */
function checkedLookup(
  lookup: NonNullable<WebSettings['lookup']>,
  rules: () => Promise<UrlRules>,
): LookupFunction {
  const check = async (host: string): Promise<Address[]> => {
    const [addresses, { allowsPrivate }] = await Promise.all([lookup(host), rules()])
    const fine = addresses.filter(({ address }) => allowsPrivate || !isPrivateAddress(address))
    if (fine.length > 0) return fine
    if (addresses.length > 0) throw new BridgeError('refused', privateWhy(host))
    throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' })
  }
  return (host, options, callback) => {
    check(host).then(
      (addresses) => {
        if (options.all) return callback(null, addresses)
        callback(null, addresses[0]!.address, addresses[0]!.family)
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    )
  }
}

function targetOf(answer: Answer, from: URL): string | undefined {
  const location = answer.headers('location').at(-1)
  return location !== undefined && URL.canParse(location, from.href)
    ? new URL(location, from).href
    : undefined
}

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined
  if (typeof body === 'string' || body instanceof URLSearchParams) return Buffer.from(body.toString())
  if (body instanceof Uint8Array) return body
  throw new BridgeError('internal', 'internal error: a body of another kind while signing in')
}

/** What oauth4webapi reads of a response. */
const READ = ['content-type', 'www-authenticate', 'dpop-nonce', 'retry-after', 'date']
const BODILESS = new Set([204, 205, 304])

function responseOf({ status, body, headers: valuesOf }: Answer, what: string): Response {
  if (status < 200 || status > 599)
    throw new BridgeError('auth-failed', `${what} cannot be had: it answered HTTP ${status}`, {
      httpStatus: status,
    })
  const headers = new Headers()
  for (const name of READ) for (const value of valuesOf(name)) headers.append(name, value)
  return new Response(BODILESS.has(status) ? null : body, { status, headers })
}
