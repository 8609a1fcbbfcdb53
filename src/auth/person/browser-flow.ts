// One sign-in by a browser, from the listener on this machine to the tokens. What has been begun is kept before the browser is
// opened, so that another process can finish it. protocol.md G.4, G.5, G.9; rows 18 to 21, 24 and 26.
import * as oauth from 'oauth4webapi'
import { BridgeError, isBridgeError } from '../../errors.ts'
import { chooseClient } from '../client.ts'
import { createKey } from '../dpop.ts'
import { explain, oauthError } from '../explain.ts'
import { emptyAccount, type Ground, keepTokens } from '../ground.ts'
import { type Account, PENDING_MS, type Pending, type Tokens } from '../kept/account.ts'
import { browserUrl } from '../safe-url.ts'
import { exchangeCode } from '../token-requests.ts'
import { requirePkce, type Where } from '../where.ts'
import { type Callback, listenForCallback, preferredPort } from './callback.ts'
import type { Outcome } from './page.ts'

export interface BrowserFlow extends Ground {
  /** Shows the URL to the person: in a browser, or in words. */
  readonly show: (url: string, redirectUri: string) => Promise<void>
}

/** Whether a sign-in of this account can still be finished. */
export function isLive(pending: Pending | undefined): pending is Pending {
  return pending !== undefined && Math.abs(Date.now() - pending.createdAt) < PENDING_MS
}

/** Begins a sign-in and waits for its end. Rejects with `auth-required` where the person refuses, else `auth-failed`. */
export async function signInAnew(
  flow: BrowserFlow,
  where: Where,
  account: Account | undefined,
): Promise<Tokens> {
  const { signIn, url, web, log } = flow
  requirePkce(where, signIn)
  const callback = await listenAnew(flow, account?.grants[where.server.issuer]?.client?.redirectUris?.[0])
  try {
    const { redirectUri } = callback
    const { server, resource, scope } = where
    const grantTypes = ['authorization_code', 'refresh_token']
    const client = await chooseClient({ server, signIn, account, redirectUri, grantTypes, web, log })
    const key = where.isBound ? await createKey() : undefined
    const state = oauth.generateRandomState()
    const verifier = oauth.generateRandomCodeVerifier()
    log.hide(verifier)
    const draft = {
      issuer: server.issuer,
      server: server as Pending['server'],
      client,
      redirectUri,
      state,
      verifier,
      ...(resource !== undefined && { resource }),
      ...(scope !== undefined && { scope }),
      ...(key !== undefined && { key }),
      createdAt: Date.now(),
    }
    const pending: Pending = { ...draft, url: await authorizationUrl(draft, flow) }
    await flow.store.change((kept) => ({
      ...(kept ?? emptyAccount(url, signIn.profile)),
      pending,
      asked: { at: Date.now(), how: 'opened' },
    }))
    return await finish(flow, callback, pending)
  } finally {
    await callback.close()
  }
}

/** Goes on with a sign-in whose process is gone: its tab, if there was one, will come back to the same port. */
export async function adopt(flow: BrowserFlow, pending: Pending): Promise<Tokens> {
  flow.log.hide(pending.verifier)
  const { log, stop } = flow
  // As it was begun, whatever the options of this process are.
  const { hostname: host, pathname: path, port: text } = new URL(pending.redirectUri)
  const port = Number(text)
  const callback = await listenForCallback({ host, path, port, preferredPort: port, log, stop })
  try {
    return await finish(flow, callback, pending)
  } finally {
    await callback.close()
  }
}

function listenAnew(flow: BrowserFlow, known: string | undefined): Promise<Callback> {
  const { signIn, url, log, stop } = flow
  const port = signIn.callbackPort
  return listenForCallback({
    host: signIn.callbackHost,
    ...(port !== undefined && { port }),
    // The one that the client was registered with, if it is to be had.
    preferredPort: known === undefined ? preferredPort(url) : Number(new URL(known).port),
    path: signIn.callbackPath,
    log,
    stop,
  })
}

async function authorizationUrl(pending: Omit<Pending, 'url'>, { signIn }: BrowserFlow): Promise<string> {
  const { server, client, redirectUri, state, verifier, resource, scope } = pending
  const endpoint = (server as { authorization_endpoint?: string }).authorization_endpoint
  if (endpoint === undefined)
    throw new BridgeError('auth-failed', `${new URL(pending.issuer).host} has no page to sign in at`)
  const url = new URL(endpoint)
  const parameters: Record<string, string | undefined> = {
    ...Object.fromEntries(signIn.authorizeParams),
    response_type: 'code',
    client_id: client.id,
    redirect_uri: redirectUri,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    resource,
    scope,
  }
  // Without it some servers give no refresh token to somebody who has agreed before (OIDC Core 11).
  if (scope?.split(' ').includes('offline_access')) parameters.prompt ??= 'consent'
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, value)
  return browserUrl(url)
}

/** Waits for the browser to come back; keeps the tokens before the page says that it has worked. */
async function finish(flow: BrowserFlow, callback: Callback, pending: Pending): Promise<Tokens> {
  const { signIn, url } = flow
  const { successUrl } = signIn
  let settle: (outcome: Promise<Tokens>) => void = () => {}
  const settled = new Promise<Tokens>((resolve) => {
    settle = resolve
  })
  // The answer may come before it is waited for.
  settled.catch(() => {})
  callback.expect({
    state: pending.state,
    server: url.host,
    login: flow.loginCommand,
    ...(successUrl !== undefined && { successUrl }),
    finish(params) {
      const redeemed = redeem(flow, pending, params)
      settle(redeemed)
      return redeemed.then(
        (): Outcome => 'signed-in',
        (thrown): Outcome => (thrown.kind === 'auth-required' ? 'refused' : 'failed'),
      )
    },
  })
  await flow.show(pending.url, pending.redirectUri)
  return flow.bounded(settled, pending.createdAt + PENDING_MS - Date.now())
}

async function redeem(flow: BrowserFlow, pending: Pending, params: URLSearchParams): Promise<Tokens> {
  const { signIn, web, log, url } = flow
  const server = pending.server as unknown as oauth.AuthorizationServer
  const client = { client_id: pending.client.id }
  const code = params.get('code')
  if (code !== null) log.hide(code)
  try {
    const checked = oauth.validateAuthResponse(server, client, params, pending.state)
    const question = {
      server,
      known: pending.client,
      signIn,
      resource: pending.resource,
      scope: pending.scope,
      key: pending.key,
      web,
      log,
    }
    const { redirectUri, verifier } = pending
    // A bridge that ends now, however it does, leaves nobody waiting for a browser that has come already.
    await flow.store.change((account) => account && notWaiting(account)).catch(() => {})
    const tokens = await exchangeCode(question, { params: checked, redirectUri, verifier })
    await keepTokens(flow, { server, client: pending.client, tokens })
    return tokens
  } catch (thrown) {
    throw await failedBy(flow, thrown, `signing in to ${url.host} has failed`)
  }
}

function notWaiting({ pending: _, asked: __, ...rest }: Account): Account {
  return rest
}

/** A person who has said no is not asked again until `login`. */
async function failedBy(flow: BrowserFlow, thrown: unknown, what: string): Promise<BridgeError> {
  const error = oauthError(thrown)
  const isRefused = error === 'access_denied'
  const { log, store, loginCommand } = flow
  const asked = { at: Date.now(), how: isRefused ? ('refused' as const) : ('opened' as const) }
  await store
    .change((account) => {
      if (account === undefined) return undefined
      // The person has done what they were asked for; that the bridge ends meanwhile is not their doing.
      const isEnding = isBridgeError(thrown) && thrown.kind === 'shutdown'
      return isEnding ? notWaiting(account) : { ...notWaiting(account), asked }
    })
    .catch(() => {})
  if (isRefused)
    return new BridgeError(
      'auth-required',
      `signing in to ${flow.url.host} was refused (access_denied); to try again, run: ${loginCommand}`,
      { retryable: false, maybeDelivered: false },
    )
  const isResource = error === 'invalid_target' && flow.signIn.resource === undefined
  const advice = isResource ? 'add --disable-resource-parameter, or --resource with what it knows; ' : ''
  return explain(thrown, what, { log, todo: `${advice}to try again, run: ${loginCommand}` })
}
