// Where one signs in to an MCP server: what the server says about itself, and what the authorization server that it names
// says. A document that cannot be had or read is an error and never taken for one that is not there: otherwise a failing
// server would change who is signed in to. protocol.md G.1 rows 2 to 9.
import type { AuthorizationServer } from 'oauth4webapi'
import { BridgeError } from '../errors.ts'
import { checkUrl, type UrlRules } from './safe-url.ts'
import type { Web } from './web.ts'

export type Resource =
  | {
      readonly kind: 'found'
      /** Byte for byte: it is sent to the authorization server as it is. */
      readonly resource: string
      /** Those that may be used, in the server's order; at least one. */
      readonly issuers: readonly string[]
      readonly scopes?: readonly string[]
      readonly dpopRequired?: boolean
    }
  | { readonly kind: 'none' }

export interface ResourceQuestion {
  /** `resource_metadata` of the challenge. */
  readonly challenged?: string | undefined
  readonly server: URL
  readonly web: Web
  readonly rules: UrlRules
}

export interface ServerQuestion {
  readonly issuer: string
  /** Nobody has named the issuer: it is the origin of an MCP server without metadata, with or without a slash (row 8). */
  readonly isGuessed?: boolean
  readonly web: Web
  readonly rules: UrlRules
}

/** What the MCP server says (RFC 9728). Rejects with `auth-failed`. */
export async function discoverResource(question: ResourceQuestion): Promise<Resource> {
  const { challenged, server, web, rules } = question
  const what = `the resource metadata of ${server.host}`
  const { origin, search } = server
  const path = pathOf(server)
  const wellKnown = `${origin}/.well-known/oauth-protected-resource`
  const candidates = [`${wellKnown}${path}${search}`, wellKnown]
  if (challenged !== undefined) candidates.unshift(challenged)
  for (const url of new Set(candidates)) {
    const found = await read(web, url, what)
    if (found.kind === 'bad') throw found.error
    if (found.kind === 'document') return readResource(found.document, server, rules)
  }
  return { kind: 'none' }
}

function readResource(raw: Readonly<Record<string, unknown>>, server: URL, rules: UrlRules): Resource {
  const { resource, authorization_servers: servers, scopes_supported: scopes } = raw
  const what = `the resource metadata of ${server.host}`
  if (typeof resource !== 'string' || !isResourceOf(resource, server)) {
    const named = typeof resource === 'string' ? shown(resource) : 'nothing'
    const text = `${what} is for ${named}, not for ${server.origin}${server.pathname}; is that the URL to use?`
    throw new BridgeError('auth-failed', text)
  }
  if (!isTexts(servers) || servers.length === 0)
    throw new BridgeError(
      'auth-failed',
      `${what} names no authorization server; tell who runs ${server.host}`,
    )
  return {
    kind: 'found',
    resource,
    issuers: usable(servers, `the authorization server that ${server.host} names`, rules),
    ...(isTexts(scopes) && scopes.length > 0 ? { scopes } : {}),
    ...(raw.dpop_bound_access_tokens_required === true ? { dpopRequired: true } : {}),
  }
}

/** Same origin, and a path that the server's path begins with. */
function isResourceOf(resource: string, server: URL): boolean {
  const url = URL.canParse(resource) ? new URL(resource) : undefined
  if (url === undefined || url.origin !== server.origin || url.username !== '' || url.password !== '')
    return false
  if (resource.includes('#') || (url.search !== '' && url.search !== server.search)) return false
  return `${pathOf(server)}/`.startsWith(`${pathOf(url)}/`)
}

function usable(servers: readonly string[], what: string, rules: UrlRules): string[] {
  const refusals: unknown[] = []
  const fine = servers.filter((issuer) => {
    try {
      return checkUrl(issuer, what, rules)
    } catch (refusal) {
      refusals.push(refusal)
      return false
    }
  })
  if (fine.length === 0) throw refusals[0]
  return fine
}

/**
 * What the authorization server says (RFC 8414, OpenID Connect Discovery); undefined if it says nothing. Rejects with
 * `auth-failed`.
 */
export async function discoverServer(question: ServerQuestion): Promise<AuthorizationServer | undefined> {
  const { issuer, web, rules } = question
  const url = checkUrl(issuer, 'the authorization server', rules)
  const what = `the metadata of the authorization server ${url.host}`
  const { origin } = url
  const path = pathOf(url)
  const oauth = `${origin}/.well-known/oauth-authorization-server${path}`
  const openId = '/.well-known/openid-configuration'
  let problem: BridgeError | undefined
  // Without a path the last two are one.
  for (const candidate of new Set([oauth, `${origin}${openId}${path}`, `${origin}${path}${openId}`])) {
    const found = await read(web, candidate, what).catch((error: BridgeError): Found => {
      if (error.facts.retryable === true) throw error
      return { kind: 'bad', error }
    })
    if (found.kind === 'document') return readServer(found.document, question, what)
    // Some servers fail, show a page, or lead away, at paths that they do not know; the issuer keeps anything else from being used.
    if (found.kind === 'bad') problem ??= found.error
  }
  if (problem !== undefined) throw problem
  return undefined
}

const ENDPOINTS = {
  authorization_endpoint: 'the sign-in page',
  token_endpoint: 'the token endpoint',
  registration_endpoint: 'the registration endpoint',
  revocation_endpoint: 'the revocation endpoint',
  device_authorization_endpoint: 'the device endpoint',
  pushed_authorization_request_endpoint: 'the endpoint for pushed requests',
}

function readServer(
  raw: Readonly<Record<string, unknown>>,
  { issuer, isGuessed, rules }: ServerQuestion,
  what: string,
): AuthorizationServer {
  const said = raw.issuer
  if (typeof said !== 'string' || (said !== issuer && !(isGuessed && isSameButSlash(said, issuer)))) {
    const other = typeof said === 'string' ? shown(said) : 'nobody'
    const text = `${what} is issued by ${other}, not by ${shown(issuer)}; signing in there is not safe, tell who runs it`
    throw new BridgeError('auth-failed', text)
  }
  const { host } = new URL(issuer)
  for (const [name, words] of Object.entries(ENDPOINTS)) {
    if (raw[name] !== undefined && raw[name] !== null) checkUrl(raw[name], `${words} of ${host}`, rules)
  }
  if (typeof raw.token_endpoint !== 'string')
    throw new BridgeError('auth-failed', `${what} names no token endpoint; tell who runs ${host}`)
  const known = Object.entries(raw).filter(
    ([name, value]) => value !== null && (!LISTS.has(name) || isTexts(value)),
  )
  return Object.fromEntries(known) as unknown as AuthorizationServer
}

/** What is read as lists; anything else under these names counts as not said. */
const LISTS = new Set([
  'scopes_supported',
  'response_types_supported',
  'response_modes_supported',
  'grant_types_supported',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'revocation_endpoint_auth_methods_supported',
  'code_challenge_methods_supported',
  'dpop_signing_alg_values_supported',
  'id_token_signing_alg_values_supported',
  'prompt_values_supported',
  'protected_resources',
])

/** Where one signs in to a server of 2025-03-26 that has no metadata at all (row 8). */
export function fallbackServer(server: URL): AuthorizationServer {
  const { origin } = server
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
  }
}

type Found =
  | { readonly kind: 'document'; readonly document: Readonly<Record<string, unknown>> }
  | { readonly kind: 'absent' }
  | { readonly kind: 'bad'; readonly error: BridgeError }

async function read(web: Web, url: string, what: string): Promise<Found> {
  const { status, body, headers } = await web.get(url, what)
  const bad = (why: string, retryable = false): Found => {
    const facts = { httpStatus: status, url: shown(url), ...(retryable ? { retryable } : {}) }
    return { kind: 'bad', error: new BridgeError('auth-failed', `${what} cannot be had: ${why}`, facts) }
  }
  const host = new URL(url).host
  if (status === 408 || status === 429 || status >= 500)
    return bad(`${host} answered HTTP ${status}; try again later`, true)
  if (status >= 400) return { kind: 'absent' }
  const document = status === 200 ? parse(body) : undefined
  if (document !== undefined) return { kind: 'document', document }
  const type = headers('content-type').at(-1)?.split(';')[0]?.trim().slice(0, 60) || 'no type'
  return bad(`${host} answered with something that is not a JSON object (HTTP ${status}, ${type})`)
}

function parse(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(new TextDecoder().decode(body)) as unknown
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** Without the slash at its end: what well-known paths are made with. */
function pathOf({ pathname }: URL): string {
  return pathname.endsWith('/') ? pathname.slice(0, -1) : pathname
}

function isSameButSlash(a: string, b: string): boolean {
  return a === `${b}/` || b === `${a}/`
}

/** For sentences: origin and path, with the slash at the end that was there: it may be all that differs. */
function shown(text: string): string {
  if (!URL.canParse(text)) return 'something that is not a URL'
  const { protocol, host, pathname } = new URL(text)
  if (host === '') return `a ${protocol} URL`
  const hasSlash = pathname !== '/' || /^[^?#]*\/(?:[?#].*)?$/s.test(text)
  return `${protocol}//${host}${hasSlash ? pathname : ''}`
}
