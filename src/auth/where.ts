// Where to sign in, and to what: from the remote's challenge to the authorization server's metadata. protocol.md G.1 rows 2 to
// 8, 10, 11, 18 and 19, G.3.
import type { AuthorizationServer } from 'oauth4webapi'
import { BridgeError } from '../errors.ts'
import type { SignInOptions } from '../options/sign-in.ts'
import type { Wanted } from './challenge.ts'
import { discoverResource, discoverServer, fallbackServer, type Resource } from './discovery.ts'
import type { Account } from './kept/account.ts'
import { joinScopes } from './scopes.ts'
import type { Web } from './web.ts'

export interface Where {
  readonly server: AuthorizationServer
  readonly resource: string | undefined
  /** What to ask for; undefined: nothing in particular. */
  readonly scope: string | undefined
  /** Whether tokens are to be bound to a key. */
  readonly isBound: boolean
  /** The server has no metadata: what it can do is not known (2025-03-26). */
  readonly isGuessed: boolean
}

export interface WhereQuestion {
  readonly url: URL
  readonly wanted: Wanted | undefined
  /** The remote wants a credential of another kind than a token, as far as it says. */
  readonly isForeign?: boolean | undefined
  readonly signIn: SignInOptions
  readonly account: Account | undefined
  readonly web: Web
}

/** Rejects with `auth-failed`. */
export async function findServer(question: WhereQuestion): Promise<Where> {
  const { url, wanted, signIn, account, web } = question
  const found = await findResource(question)
  const rules = await web.rules()
  const issuer = found.kind === 'found' ? chooseIssuer(found.issuers, account) : url.origin
  const isGuessed = found.kind === 'none'
  if (isGuessed && question.isForeign === true) throw noSignIn(url)
  const known = await discoverServer({ issuer, isGuessed, web, rules }).catch((thrown: unknown) => {
    // The one thing that is needed of it is known.
    if (signIn.tokenEndpoint === undefined) throw thrown
    return undefined
  })
  if (known === undefined && !isGuessed && signIn.tokenEndpoint === undefined)
    throw new BridgeError(
      'auth-failed',
      `${new URL(issuer).host}, where ${url.host} sends to sign in, has no metadata of an authorization server`,
    )
  const server: AuthorizationServer = {
    ...(known ?? (isGuessed ? fallbackServer(url) : { issuer })),
    ...(signIn.tokenEndpoint !== undefined && { token_endpoint: signIn.tokenEndpoint.href }),
  }
  return {
    server,
    resource: resourceFor(found, question),
    scope: scopeFor(found, server, question),
    isBound: wanted?.scheme === 'dpop' || (found.kind === 'found' && found.dpopRequired === true),
    isGuessed: known === undefined,
  }
}

/** The remote has not said that one could sign in, and it has turned out that one cannot. */
export function noSignIn(url: URL, cause?: unknown): BridgeError {
  return new BridgeError('auth-failed', `${url.host} offers no sign-in`, { code: 'no-sign-in' }, cause)
}

/** The remote's own metadata: it is asked for anew for each sign-in. */
export function findResource({ url, wanted, web }: WhereQuestion): Promise<Resource> {
  return web
    .rules()
    .then((rules) => discoverResource({ challenged: wanted?.resourceMetadata, server: url, web, rules }))
}

/** The one that there are credentials of, else the first. */
function chooseIssuer(issuers: readonly string[], account: Account | undefined): string {
  return issuers.find((issuer) => account?.grants[issuer] !== undefined) ?? issuers[0]!
}

function resourceFor(found: Resource, { url, signIn }: WhereQuestion): string | undefined {
  if (signIn.resource === false) return undefined
  if (signIn.resource !== undefined) return signIn.resource
  if (found.kind === 'found') return found.resource
  const { origin, pathname, search } = url
  return `${origin}${pathname === '/' ? '' : pathname}${search}`
}

function scopeFor(found: Resource, server: AuthorizationServer, question: WhereQuestion): string | undefined {
  const { signIn, wanted } = question
  if (signIn.scope !== undefined) return signIn.scope
  const named = wanted?.scope ?? (found.kind === 'found' ? found.scopes?.join(' ') : undefined)
  const scope = signIn.usesIdToken ? joinScopes('openid', named) : named
  if (scope === undefined || scope === '' || signIn.grant !== 'code') return scope || undefined
  return server.scopes_supported?.includes('offline_access') ? joinScopes(scope, 'offline_access') : scope
}

/** Without PKCE a code that is stolen on its way can be redeemed by the thief (G.1 row 18). */
export function requirePkce({ server, isGuessed }: Where, signIn: SignInOptions): void {
  const methods = server.code_challenge_methods_supported
  if (isGuessed || methods?.includes('S256')) return
  if (methods === undefined && signIn.allowsUnadvertisedPkce) return
  const host = new URL(server.issuer).host
  throw new BridgeError(
    'auth-failed',
    methods === undefined
      ? `${host} does not say that it supports PKCE, so signing in there is not safe; if you know that it does, add --allow-unadvertised-pkce`
      : `${host} does not support PKCE with S256, so signing in there is not safe`,
  )
}
