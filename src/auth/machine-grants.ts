// Tokens without a person: for a client by its own credentials, for a workload by the assertion it is given, for an employee by
// the ID token of the company's identity provider. protocol.md G.1 rows 35, 36 and 38.
import * as oauth from 'oauth4webapi'
import { BridgeError } from '../errors.ts'
import type { SignInOptions } from '../options/sign-in.ts'
import { chooseClient } from './client.ts'
import { createKey } from './dpop.ts'
import { explain } from './explain.ts'
import { type Ground, keepTokens } from './ground.ts'
import type { Account, KnownClient, Tokens } from './kept/account.ts'
import { readText } from './text-source.ts'
import { askGrant, type TokenQuestion } from './token-requests.ts'
import { tolerantOfTokens } from './tolerance.ts'
import type { Where } from './where.ts'

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag'
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token'

/** Never tried a second time in another way: what is refused is refused. Rejects with `auth-failed`. */
export async function askWithoutPerson(
  ground: Ground,
  where: Where,
  account: Account | undefined,
): Promise<Tokens> {
  const { signIn, web, log } = ground
  const { server, resource, scope } = where
  const host = new URL(server.issuer).host
  const known = await clientFor(ground, where, account)
  const key = where.isBound ? await createKey() : undefined
  const question: TokenQuestion = { server, known, signIn, resource, scope, key, web, log }
  try {
    const tokens = await request(question, ground)
    await keepTokens(ground, { server, client: known, tokens })
    return tokens
  } catch (thrown) {
    throw explain(thrown, `${host} did not give a token`, { log, todo: ADVICE[signIn.grant] })
  }
}

const ADVICE: Readonly<Record<SignInOptions['grant'], string>> = {
  code: '',
  device: '',
  'client-credentials': 'check --client-id, its secret or key, and --scope',
  assertion: 'check what issues the assertion: its issuer, subject, audience and expiry',
  enterprise: 'check the ID token and what your identity provider allows',
}

function request(question: TokenQuestion, ground: Ground): Promise<Tokens> {
  const { signIn } = question
  switch (signIn.grant) {
    case 'assertion':
      return assertionGrant(question, ground)
    case 'enterprise':
      return enterpriseGrant(question, ground)
    default:
      return askGrant(question, 'client_credentials', {})
  }
}

async function assertionGrant(question: TokenQuestion, ground: Ground): Promise<Tokens> {
  const { assertion } = question.signIn
  if (assertion === undefined) throw new BridgeError('auth-failed', 'there is no assertion to sign in with')
  const text = await readText(assertion, 'the assertion', ground)
  return askGrant(question, JWT_BEARER, { assertion: text })
}

/** The ID token becomes an assertion for the authorization server (RFC 8693), and that a token (RFC 7523). */
async function enterpriseGrant(question: TokenQuestion, ground: Ground): Promise<Tokens> {
  const { identityProvider: provider } = question.signIn
  if (provider === undefined)
    throw new BridgeError('auth-failed', 'there is no identity provider to sign in with')
  const { log, web } = ground
  const idToken = await readText(provider.idToken, 'the ID token', ground)
  const { tokenEndpoint, clientId, clientSecret } = provider
  const idp: oauth.AuthorizationServer = { issuer: tokenEndpoint.origin, token_endpoint: tokenEndpoint.href }
  const client: oauth.Client = { client_id: clientId ?? question.known.id }
  const proof = clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(clientSecret)
  const { resource, scope, server } = question
  const response = await oauth.genericTokenEndpointRequest(
    idp,
    client,
    proof,
    TOKEN_EXCHANGE,
    {
      requested_token_type: ID_JAG,
      subject_token: idToken,
      subject_token_type: ID_TOKEN,
      audience: server.issuer,
      ...(resource !== undefined && { resource }),
      ...(scope !== undefined && { scope }),
    },
    {
      [oauth.customFetch]: tolerantOfTokens(
        web.fetchFor(`the token endpoint of ${tokenEndpoint.host}`),
        false,
      ) as never,
      [oauth.allowInsecureRequests]: true,
    },
  )
  const exchanged = await oauth
    .processGenericTokenEndpointResponse(idp, client, response, { recognizedTokenTypes: { n_a: () => {} } })
    .catch((thrown: unknown) => {
      throw explain(thrown, `${tokenEndpoint.host} did not exchange the ID token`, {
        log,
        todo: ADVICE.enterprise,
      })
    })
  log.hide(exchanged.access_token)
  // Anything else is not meant for this server, which must not see it.
  if (exchanged.issued_token_type !== ID_JAG)
    throw new BridgeError(
      'auth-failed',
      `${tokenEndpoint.host} did not exchange the ID token: it gave a token of another kind; ${ADVICE.enterprise}`,
    )
  return askGrant(question, JWT_BEARER, { assertion: exchanged.access_token })
}

/** A workload may have no client at all: its assertion says who it is. */
async function clientFor(ground: Ground, where: Where, account: Account | undefined): Promise<KnownClient> {
  const { signIn, web, log } = ground
  if (signIn.grant === 'assertion' && signIn.client === undefined)
    return { id: '', by: 'user', method: 'none' }
  const { server } = where
  const grantTypes = [signIn.grant === 'client-credentials' ? 'client_credentials' : JWT_BEARER]
  return chooseClient({ server, signIn, account, redirectUri: undefined, grantTypes, web, log })
}
