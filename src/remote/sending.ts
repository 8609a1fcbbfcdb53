// HTTP requests as both transports send them: with the user's headers and the cookies of the origin, and with the
// redirects that may be followed. protocol.md 0.6.
import { BridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Header } from '../options/options.ts'
import { type Authorized, createAuthorization } from './authorized.ts'
import type { Authorizer } from './authorizer.ts'
import { createCookies } from './cookies.ts'
import type { Http, HttpRequest, HttpResponse } from './http/http.ts'
import { isRedirect, MOST_HOPS } from './http/redirect.ts'
import { judgeRedirect } from './http/redirect-target.ts'

export interface SendingSettings {
  readonly url: URL
  readonly headers: readonly Header[]
  readonly userAgent: string
  readonly http: Http
  readonly log: Log
  readonly keepsCookies: boolean
  /** Knows credentials that come and go; absent where what the user has given is all there is. */
  readonly authorizer: Authorizer | undefined
}

export interface Wanted extends Omit<HttpRequest, 'url' | 'expectsMore'> {
  /** Where to, if not to the endpoint. */
  readonly url?: URL
  /** For the log. */
  readonly what: string
  /** Nobody waits for it: a person is not asked to sign in because of it. */
  readonly isAside?: boolean
  /** Whether it is the first: others follow at once, and a permanent redirect holds for all of them. */
  readonly isFirst?: boolean
  /** Called when it has been refused for its credential, and waits for a better one. */
  readonly onHeld?: (() => void) | undefined
  /** Called with the URL that a redirect has led to. */
  readonly onRedirect?: (url: URL) => void
}

export interface Sending {
  /** Sends one request; what must not be followed becomes a failure. */
  send(wanted: Wanted): void
  /** The user's headers and ours, names and values in turn. */
  readonly always: readonly string[]
  /** The endpoint for sentences: origin and path. */
  shown(): string
  readonly endpoint: URL
  /** Somebody has to act before anything is answered. */
  readonly waitsFor: BridgeError | undefined
}

export function createSending(settings: SendingSettings): Sending {
  const { http, log } = settings
  const cookies = settings.keepsCookies ? createCookies(settings) : undefined
  let endpoint = settings.url
  const shown = (): string => `${endpoint.origin}${endpoint.pathname}`
  const transmit = (wanted: Authorized): void => sendTo(wanted, wanted.url ?? endpoint, 0)
  const authorization =
    settings.authorizer &&
    createAuthorization({ authorizer: settings.authorizer, endpoint: () => endpoint, transmit })

  function sendTo(wanted: Authorized, url: URL, hop: number): void {
    const { method, body, isFirst: expectsMore, stop, onWritten, onFailure } = wanted
    const startedAt = log.isDebug ? Date.now() : 0
    const onResponse = (response: HttpResponse): void => {
      if (log.isDebug)
        log.debug(`${method} ${wanted.what}`, { status: response.status, ms: Date.now() - startedAt })
      cookies?.take(url, response)
      if (isRedirect(response.status)) redirect(wanted, { response, url, hop })
      else if (!authorization?.takes(wanted, response)) wanted.onResponse(response)
    }
    const headers = cookies === undefined ? wanted.headers : cookies.to(url, wanted.headers)
    http.request({ method, url, headers, body, expectsMore, stop, onWritten, onResponse, onFailure })
  }

  function redirect(
    wanted: Authorized,
    { response, url, hop }: { response: HttpResponse; url: URL; hop: number },
  ): void {
    const { status } = response
    response.discard()
    const verdict =
      hop === MOST_HOPS
        ? { kind: 'refuse' as const, why: `redirects more than ${MOST_HOPS} times` }
        : judgeRedirect({ method: wanted.method, from: url }, status, response.header('location'))
    if (verdict.kind === 'refuse') {
      const facts = { httpStatus: status, url: shown(), retryable: false, maybeDelivered: false }
      return wanted.onFailure(new BridgeError('redirect', `${shown()} ${verdict.why}`, facts))
    }
    // Behind a redirect that holds for this once it is one like any other.
    const isFirst = wanted.isFirst === true && verdict.isPermanent
    if (isFirst) endpoint = verdict.url
    wanted.onRedirect?.(verdict.url)
    const go = (signed: Authorized): void => sendTo({ ...signed, isFirst }, verdict.url, hop + 1)
    if (authorization === undefined) go(wanted)
    else authorization.signed(wanted, verdict.url, go)
  }

  return {
    send: authorization?.send ?? transmit,
    always: listHeaders(settings),
    shown,
    get endpoint() {
      return endpoint
    },
    get waitsFor() {
      return settings.authorizer?.waitsFor
    },
  }
}

/** The user's headers come last, and replace ours of the same name. */
function listHeaders({ headers, userAgent }: SendingSettings): string[] {
  const names = new Set(headers.map(({ name }) => name.toLowerCase()))
  const ours = [
    ['User-Agent', userAgent],
    ['Accept-Encoding', 'identity'],
  ].filter(([name]) => !names.has(name!.toLowerCase()))
  return [...ours.flat(), ...headers.flatMap(({ name, value }) => [name, value])]
}
