// The requests to the token endpoint, one function for each grant; the library makes and checks them. protocol.md G.1 rows 19,
// 23, 27, 28, 34 to 38.
import * as oauth from 'oauth4webapi'
import { BridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { SignInOptions } from '../options/sign-in.ts'
import { proofOf } from './client.ts'
import { handleFor, type StoredKey } from './dpop.ts'
import { isToken, type KnownClient, type Tokens } from './kept/account.ts'
import { tolerantOfTokens } from './tolerance.ts'
import type { Web } from './web.ts'

export interface TokenQuestion {
  readonly server: oauth.AuthorizationServer
  readonly known: KnownClient
  readonly signIn: SignInOptions
  readonly resource: string | undefined
  /** What is asked for. */
  readonly scope: string | undefined
  readonly key: StoredKey | undefined
  readonly web: Web
  readonly log: Log
}

/** The code of the failure that a token came without what is sent in its place. */
export const NO_ID_TOKEN = 'no-id-token'

export type TokenResponse = oauth.TokenEndpointResponse

/** Redeems the code of an authorization response that has been checked. */
export function exchangeCode(
  question: TokenQuestion,
  { params, redirectUri, verifier }: { params: URLSearchParams; redirectUri: string; verifier: string },
): Promise<Tokens> {
  return ask(
    question,
    async ({ client, authentication, options }) => {
      const { server } = question
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        params,
        redirectUri,
        verifier,
        options,
      )
      return oauth.processAuthorizationCodeResponse(server, client, response)
    },
    false,
  )
}

/** What is not given anew stays: the refresh token, the scope. */
export async function refresh(question: TokenQuestion, old: Tokens): Promise<Tokens> {
  const { server } = question
  const fresh = await ask(question, async ({ client, authentication, options }) => {
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      authentication,
      old.refresh!,
      options,
    )
    return oauth.processRefreshTokenResponse(server, client, response)
  })
  return {
    ...fresh,
    ...(fresh.refresh === undefined && old.refresh !== undefined && { refresh: old.refresh }),
    ...(fresh.scope === undefined && old.scope !== undefined && { scope: old.scope }),
  }
}

/** A grant that needs no person: `client_credentials`, `urn:ietf:params:oauth:grant-type:jwt-bearer`, … */
export function askGrant(
  question: TokenQuestion,
  grantType: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Tokens> {
  return ask(question, async ({ client, authentication, options }) => {
    const { server } = question
    const { additionalParameters, ...rest } = options
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      authentication,
      grantType,
      // Here the library takes them all in one place, and would leave out the others without a word.
      { ...parameters, ...(additionalParameters as Readonly<Record<string, string>>) },
      rest,
    )
    return oauth.processGenericTokenEndpointResponse(server, client, response)
  })
}

export interface Asking {
  readonly client: oauth.Client
  readonly authentication: oauth.ClientAuth
  readonly options: oauth.TokenEndpointRequestOptions
}

/** Proves who asks, once more if the server wants a nonce in that; reads what came. */
export async function ask(
  question: TokenQuestion,
  request: (asking: Asking) => Promise<TokenResponse>,
  sendsScope = true,
): Promise<Tokens> {
  const { server, known, signIn, resource, scope, key, web, log } = question
  const { client, authentication } = await proofOf(known, server, signIn)
  const what = `the token endpoint of ${new URL(server.issuer).host}`
  const options: oauth.TokenEndpointRequestOptions = {
    [oauth.customFetch]: tolerantOfTokens(web.fetchFor(what), signIn.usesIdToken) as never,
    [oauth.allowInsecureRequests]: true,
    additionalParameters: {
      ...(resource !== undefined && { resource }),
      ...(sendsScope && scope !== undefined && { scope }),
    },
    ...(key !== undefined && { DPoP: await handleFor(key) }),
  }
  const asking = { client, authentication, options }
  const response = await request(asking).catch((thrown: unknown) => {
    if (!oauth.isDPoPNonceError(thrown)) throw thrown
    return request(asking)
  })
  return toTokens(response, question, log)
}

function toTokens(
  response: TokenResponse,
  { key, resource, scope, signIn }: TokenQuestion,
  log: Log,
): Tokens {
  const { access_token: access, refresh_token: refresh, id_token: id, expires_in: seconds } = response
  const type: string = response.token_type
  for (const secret of [access, refresh, id]) if (secret !== undefined) log.hide(secret)
  if (![access, id ?? access].every(isToken))
    throw new BridgeError(
      'auth-failed',
      'the authorization server gave a token that cannot be sent in a header',
    )
  if (type !== 'bearer' && type !== 'dpop')
    throw new BridgeError(
      'auth-failed',
      'the authorization server gave a token of a kind that is not Bearer or DPoP',
    )
  if (signIn.usesIdToken && id === undefined)
    throw new BridgeError(
      'auth-failed',
      'the authorization server gave no ID token, which --use-id-token asks for; add openid to --scope',
      { code: NO_ID_TOKEN },
    )
  const granted = response.scope ?? scope
  const now = Date.now()
  // What is sent decides when it is over.
  const idEnd = signIn.usesIdToken ? oauth.getValidatedIdTokenClaims(response)?.exp : undefined
  // 0 is said of what never ends; taken at its word the token could never be sent.
  const end = seconds !== undefined && seconds > 0 ? now + seconds * 1000 : undefined
  const ends = [idEnd && idEnd * 1000, end].filter((each) => each !== undefined)
  const { grant } = signIn
  return {
    access,
    type,
    ...(grant !== 'code' && grant !== 'device' && { by: grant }),
    ...(signIn.usesIdToken && id !== undefined && { id }),
    ...(refresh !== undefined && { refresh }),
    ...(ends.length > 0 && { expiresAt: Math.min(...ends) }),
    ...(granted !== undefined && { scope: granted }),
    ...(resource !== undefined && { resource }),
    ...(type === 'dpop' && key !== undefined && { key }),
    obtainedAt: now,
  }
}
