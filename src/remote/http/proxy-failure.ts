// What goes wrong on the way through a proxy → one error that names the proxy, who has set it, and what to do. Pure; nothing
// that the proxy says is repeated. protocol.md 0.5, 0.8.
import { BridgeError, type Facts } from '../../errors.ts'
import type { HttpProxy } from '../../options/network.ts'

/** The way that is taken. */
export interface Route {
  readonly proxy: HttpProxy
  /** Host and port of the remote, as CONNECT names them. */
  readonly target: string
  /** Origin and path of what is asked for. */
  readonly url: string
}

/** `the proxy proxy.corp:3128 (HTTPS_PROXY)`. */
export function nameProxy({ url, from }: HttpProxy): string {
  return `the proxy ${url.hostname}:${portOf(url)} (${from})`
}

export function portOf({ port, protocol }: URL): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80)
}

/** There is no connection to the proxy itself; what would be said of a remote, is said of it. */
export function unreached({ kind, message, facts, cause }: BridgeError, route: Route): BridgeError {
  const { proxy, url } = route
  const { detail: code } = facts
  const [what, instead] =
    code === undefined
      ? [`cannot be used: ${message}`, '']
      : kind === 'dns'
        ? [`has a name that cannot be resolved (${code})`, `check ${proxy.from} and your network`]
        : kind === 'timeout'
          ? ['does not answer', `check ${proxy.from}, your network or VPN`]
          : kind === 'tls'
            ? [`cannot be spoken to over TLS: ${message}`, '']
            : code === 'ECONNREFUSED'
              ? [`refused the connection (${code})`, `is it running? check ${proxy.from}`]
              : [`cannot be reached (${code})`, `check ${proxy.from}, your network or VPN`]
  const text = `${nameProxy(proxy)} ${what}${instead === '' ? '' : `; ${instead}`}`
  // A proxy that hangs is not asked again for the same request: each time costs the whole --connect-timeout.
  const isLasting = kind === 'tls' || code === undefined
  return failure(text, { url, retryable: !isLasting, ...(code !== undefined && { detail: code }) }, cause)
}

/** It took the connection, and said nothing that makes sense to the wish for a tunnel. */
export function brokenOff(thrown: unknown, route: Route): BridgeError {
  const { proxy, target, url } = route
  const code = String((thrown as { code?: unknown }).code ?? 'unknown error')
  if (code === 'ETIMEDOUT')
    return failure(
      `${nameProxy(proxy)} does not answer when it is asked for ${target}; check whether it lets you through, or ask who runs it`,
      { url, retryable: true, detail: code },
      thrown,
    )
  if (code.startsWith('HPE_'))
    return failure(
      `${nameProxy(proxy)} answers with something that is not HTTP (${code}); is it an HTTP proxy? check ${proxy.from}`,
      { url, retryable: false, detail: code },
      thrown,
    )
  return failure(
    `${nameProxy(proxy)} closed the connection when it was asked for ${target} (${code}); ask who runs it whether it lets you through`,
    { url, retryable: true, detail: code },
    thrown,
  )
}

/** It answered with this status, and has passed nothing on: the wish for a tunnel, or a request by its whole URL. */
export function refusedTunnel(status: number, authenticate: readonly string[], route: Route): BridgeError {
  const { proxy, target, url } = route
  if (status === 407) return unauthorized(authenticate, route)
  const name = nameProxy(proxy)
  if (status === 403)
    return failure(
      `${name} does not let you through to ${target} (HTTP 403); ask who runs it to allow that, or name the host in NO_PROXY if there is a direct way`,
      { url, httpStatus: status, retryable: false },
    )
  if (status === 502 || status === 503 || status === 504)
    return failure(`${name} cannot reach ${target} (HTTP ${status}); is the server running?`, {
      url,
      httpStatus: status,
      retryable: true,
    })
  // Not as `httpStatus`: it is no answer of the remote, of which 404 or 405 would mean something.
  return failure(
    `${name} answered HTTP ${status} when it was asked for ${target}; is it an HTTP proxy that may be used for this? check ${proxy.from}`,
    { url, retryable: false, detail: `HTTP ${status}` },
  )
}

/** 407: it wants to know who asks. */
function unauthorized(authenticate: readonly string[], { proxy, url }: Route): BridgeError {
  const facts = { url, httpStatus: 407, retryable: false }
  const name = nameProxy(proxy)
  const wanted = schemesIn(authenticate)
  if (wanted.length > 0 && !wanted.includes('Basic'))
    return failure(
      `${name} wants ${wanted.join(' or ')} (HTTP 407), and mcp-ferry can only say user and password (Basic); ask who runs it for Basic, or run a proxy of your own in between that can`,
      facts,
    )
  if (proxy.authorization !== undefined)
    return failure(
      `${name} does not take the user and password that stand in its URL (HTTP 407); correct them, with special characters percent-encoded`,
      facts,
    )
  return failure(
    `${name} wants a user and a password (HTTP 407); write them into ${proxy.from} in front of its host: user:password@${proxy.url.host}`,
    facts,
  )
}

const SCHEMES = ['Basic', 'Digest', 'NTLM', 'Negotiate', 'Kerberos', 'Bearer']

function schemesIn(authenticate: readonly string[]): string[] {
  return SCHEMES.filter((scheme) =>
    authenticate.some((value) => new RegExp(`(?:^|,)\\s*${scheme}\\b(?!=)`, 'i').test(value)),
  )
}

/** What befell the connection to the remote itself, which the proxy carries. */
export function through(error: BridgeError, { proxy }: Route): BridgeError {
  return new BridgeError(
    error.kind,
    `through ${nameProxy(proxy)}: ${error.message}`,
    error.facts,
    error.cause,
  )
}

function failure(text: string, facts: Facts, cause?: unknown): BridgeError {
  return new BridgeError('proxy', text, { ...facts, maybeDelivered: false }, cause)
}
