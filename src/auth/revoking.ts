// The end of a sign-in at the server that has given it: its tokens are taken back, as far as the server does that. RFC 7009;
// protocol.md G, `logout`.
import * as oauth from 'oauth4webapi'
import { BridgeError, isBridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { SignInOptions } from '../options/sign-in.ts'
import { createStop, stopNow } from '../remote/stop.ts'
import { type Proof, proofOf } from './client.ts'
import { explain, oauthError } from './explain.ts'
import type { Grant, KnownClient, Tokens } from './kept/account.ts'
import { createWeb, type Web } from './web.ts'

export interface Revocation {
  /** The remote. */
  readonly url: URL
  readonly grant: Grant
  readonly signIn: SignInOptions
  readonly userAgent: string
  readonly log: Log
  /** For all of it: nobody waits long to be signed out. */
  readonly limitMs: number
}

export type Revoked =
  | { readonly kind: 'revoked' }
  | { readonly kind: 'not-revoked'; readonly why: string }
  /** There was no token. */
  | { readonly kind: 'nothing' }

/** Never rejects. */
export async function revoke(revocation: Revocation): Promise<Revoked> {
  const { url, grant, signIn, userAgent, log, limitMs } = revocation
  const { tokens, client } = grant
  if (tokens === undefined) return { kind: 'nothing' }
  const server = grant.server as unknown as oauth.AuthorizationServer
  const host = new URL(grant.issuer).host
  if (server.revocation_endpoint === undefined) return notRevoked(`${host} offers no way to do that`)
  const stop = createStop()
  const late = new BridgeError('timeout', `${host} has not answered within ${limitMs / 1000} s`)
  const timer = setTimeout(() => stopNow(stop, late), limitMs)
  const web = createWeb({
    server: url,
    allowsPrivate: signIn.allowsPrivate,
    network: signIn.network,
    userAgent,
    log,
    stop,
  })
  try {
    const proof = await proofOf(client ?? NOBODY, server, signIn)
    await takeBack(tokens, { server, proof, web })
    return { kind: 'revoked' }
  } catch (thrown) {
    const { message } = isBridgeError(thrown) ? thrown : explain(thrown, `${host} says`, { log })
    return notRevoked(message)
  } finally {
    clearTimeout(timer)
    web.close()
  }
}

const NOBODY: KnownClient = { id: '', by: 'user', method: 'none' }

function notRevoked(why: string): Revoked {
  return { kind: 'not-revoked', why }
}

interface Asked {
  readonly server: oauth.AuthorizationServer
  readonly proof: Proof
  readonly web: Web
}

/** The refresh token first: with it most servers take back all that came of it. */
async function takeBack({ refresh, access }: Tokens, { server, proof, web }: Asked): Promise<void> {
  const { client, authentication } = proof
  const what = `the revocation endpoint of ${new URL(server.issuer).host}`
  for (const [kind, token] of [
    ['refresh_token', refresh],
    ['access_token', access],
  ] as const) {
    if (token === undefined) continue
    const response = await oauth.revocationRequest(server, client, authentication, token, {
      [oauth.customFetch]: web.fetchFor(what) as never,
      [oauth.allowInsecureRequests]: true,
      additionalParameters: { token_type_hint: kind },
    })
    await oauth.processRevocationResponse(response).catch((thrown: unknown) => {
      // RFC 7009 2.2.1: it ends with the refresh token, or by itself.
      if (oauthError(thrown) !== 'unsupported_token_type' || refresh === undefined) throw thrown
    })
  }
}
