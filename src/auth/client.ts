// As which client the bridge signs in, and how that proves itself: one that the user has registered, a metadata document, or
// one that is registered now. protocol.md G.1 rows 12, 14 to 17, 22 and 23.
import * as oauth from 'oauth4webapi'
import { BridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { SignInOptions } from '../options/sign-in.ts'
import { explain } from './explain.ts'
import type { Account, KnownClient } from './kept/account.ts'
import { readPrivateKey } from './private-key.ts'
import { tolerantOfRegistration } from './tolerance.ts'
import type { Web } from './web.ts'

/** What the authorization server is told about us. */
const CLIENT_NAME = 'mcp-ferry'
const METHODS = ['none', 'client_secret_basic', 'client_secret_post'] as const

export interface ClientQuestion {
  readonly server: oauth.AuthorizationServer
  readonly signIn: SignInOptions
  readonly account: Account | undefined
  /** Undefined where no browser comes back. */
  readonly redirectUri: string | undefined
  readonly grantTypes: readonly string[]
  readonly web: Web
  readonly log: Log
}

/** Rejects with `auth-failed`, saying what the user can do, where there is no client to sign in as. */
export async function chooseClient(question: ClientQuestion): Promise<KnownClient> {
  const { server, signIn, account, redirectUri } = question
  const { client } = signIn
  if (client !== undefined) return givenClient(client, server.issuer, account)
  const document = signIn.clientMetadataUrl
  if (document !== undefined && server.client_id_metadata_document_supported === true)
    return { id: document.href, by: 'metadata-document', method: 'none' }
  const kept = account?.grants[server.issuer]?.client
  // After a sign-in that came to nothing the server may have forgotten it, which only the person has seen.
  const isTrusted = account?.asked === undefined
  if (kept?.by === 'registration' && isTrusted && isUsable(kept, redirectUri)) return kept
  if (server.registration_endpoint !== undefined) return register(question)
  const host = new URL(server.issuer).host
  throw new BridgeError(
    'auth-failed',
    `${host} does not let programs register themselves; register a client there (redirect URI ${redirectUri ?? 'none'}) and give its id: --client-id ID, and --client-secret-env VAR if it has a secret`,
  )
}

function givenClient(
  client: NonNullable<SignInOptions['client']>,
  issuer: string,
  account: Account | undefined,
): KnownClient {
  const other = Object.values(account?.grants ?? {}).find(
    (grant) => grant.issuer !== issuer && grant.client?.by === 'user' && grant.client.id === client.id,
  )
  const isKnown = account?.grants[issuer]?.client?.id === client.id
  if (other !== undefined && !isKnown)
    throw new BridgeError(
      'auth-failed',
      `the MCP server now sends to another authorization server, ${new URL(issuer).host}; the client of --client-id belongs to ${new URL(other.issuer).host}. Register one at the new server, run mcp-ferry logout, and sign in again`,
    )
  return { id: client.id, by: 'user' }
}

function isUsable({ redirectUris, secretExpiresAt }: KnownClient, redirectUri: string | undefined): boolean {
  if (secretExpiresAt !== undefined && secretExpiresAt <= Date.now()) return false
  // One that was registered for a browser may do nothing else, and the other way round.
  return redirectUri === undefined ? redirectUris === undefined : redirectUris?.includes(redirectUri) === true
}

async function register(question: ClientQuestion): Promise<KnownClient> {
  const { server, signIn, redirectUri, grantTypes, web, log } = question
  const host = new URL(server.issuer).host
  const what = `the registration endpoint of ${host}`
  const offered = server.token_endpoint_auth_methods_supported
  const method = offered === undefined ? 'none' : (METHODS.find((each) => offered.includes(each)) ?? 'none')
  const metadata = {
    client_name: CLIENT_NAME,
    application_type: 'native',
    grant_types: [...grantTypes],
    // What is not said means `code`, which goes with a redirect URI (RFC 7591 2).
    redirect_uris: redirectUri === undefined ? [] : [redirectUri],
    response_types: redirectUri === undefined ? [] : ['code'],
    token_endpoint_auth_method: method,
    // No scope: the server would hold us to it when a tool needs more.
    ...signIn.clientMetadata,
  }
  try {
    const response = await oauth.dynamicClientRegistrationRequest(server, metadata as Partial<oauth.Client>, {
      [oauth.customFetch]: tolerantOfRegistration(web.fetchFor(what)) as never,
      [oauth.allowInsecureRequests]: true,
    })
    const registered = await oauth.processDynamicClientRegistrationResponse(response)
    const { client_id: id, client_secret: secret, client_secret_expires_at: expires } = registered
    for (const hidden of [secret, registered.registration_access_token])
      if (typeof hidden === 'string') log.hide(hidden)
    const given = registered.token_endpoint_auth_method
    return {
      id,
      ...(typeof secret === 'string' && { secret }),
      method: typeof given === 'string' ? given : secret === undefined ? 'none' : method,
      ...(redirectUri !== undefined && { redirectUris: [redirectUri] }),
      ...(typeof expires === 'number' && expires > 0 && { secretExpiresAt: expires * 1000 }),
      by: 'registration',
    }
  } catch (thrown) {
    throw explain(thrown, `${host} did not register this program as a client`, {
      log,
      todo: 'register one there yourself and give its id: --client-id ID',
    })
  }
}

export interface Proof {
  readonly client: oauth.Client
  readonly authentication: oauth.ClientAuth
}

/** How the client proves itself at the token endpoint. */
export async function proofOf(
  known: KnownClient,
  server: oauth.AuthorizationServer,
  signIn: SignInOptions,
): Promise<Proof> {
  // Tokens that another client got, as whom another bridge of the same profile signs in, are renewed without its secret.
  const given = known.by === 'user' && signIn.client?.id === known.id ? signIn.client : undefined
  const secret = given === undefined ? known.secret : given.secret
  // A workload without a client: its assertion says who it is. The library wants a name, which is not sent.
  if (known.id === '') return { client: { client_id: 'nobody' }, authentication: () => {} }
  const client: oauth.Client = { client_id: known.id }
  if (given?.privateKey !== undefined) {
    const key = await readPrivateKey(given.privateKey, given.algorithm)
    // Its audience is the issuer: RFC 7523bis, and what servers of the MCP ecosystem ask for.
    return { client, authentication: oauth.PrivateKeyJwt(key) }
  }
  const method = given?.method ?? known.method
  return { client, authentication: authenticationBy(method, secret, server) }
}

function authenticationBy(
  method: string | undefined,
  secret: string | undefined,
  server: oauth.AuthorizationServer,
): oauth.ClientAuth {
  if (secret === undefined || method === 'none') return oauth.None()
  const offered = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  const chosen = method ?? METHODS.find((each) => each !== 'none' && offered.includes(each))
  return chosen === 'client_secret_post' ? oauth.ClientSecretPost(secret) : basicProof(secret)
}

/**
 * Encoded as RFC 6749 2.3.1 wants it, and no more than that: the library writes `%2D` for a hyphen too, which a server that
 * does not decode, as there are many, takes for another client.
 */
export function basicProof(secret: string): oauth.ClientAuth {
  return (_server, { client_id: id }, _body, headers) => {
    const pair = [id, secret].map((text) => new URLSearchParams({ '': text }).toString().slice(1)).join(':')
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`)
  }
}
