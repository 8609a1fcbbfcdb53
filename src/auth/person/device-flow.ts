// A sign-in on another device: the person is shown a short code and an address, and the server is asked whether it is done.
// RFC 8628; protocol.md G, `--device-code`.
import * as oauth from 'oauth4webapi'
import { BridgeError, isBridgeError } from '../../errors.ts'
import { delay } from '../../remote/time.ts'
import { chooseClient, type Proof, proofOf } from '../client.ts'
import { explain, oauthError } from '../explain.ts'
import { emptyAccount, type Ground, keepTokens, LONGEST_TIMER_MS } from '../ground.ts'
import type { Account, Tokens } from '../kept/account.ts'
import { browserUrl, checkUrl } from '../safe-url.ts'
import { ask, type TokenQuestion } from '../token-requests.ts'
import { tolerantOfTokens } from '../tolerance.ts'
import type { Where } from '../where.ts'

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const INTERVAL_S = 5
const SLOWER_S = 5

export interface DeviceFlow extends Ground {
  /** Tells the person where to go and what to enter there; `complete` is the address that holds the code already. */
  readonly showCode: (code: string, address: string, complete: string | undefined) => Promise<void>
}

/** Rejects with `auth-required` where the person refuses or comes too late, else `auth-failed`. */
export async function signInByDevice(
  flow: DeviceFlow,
  where: Where,
  account: Account | undefined,
): Promise<Tokens> {
  const { signIn, web, log, url, loginCommand } = flow
  const { server, resource, scope } = where
  const host = new URL(server.issuer).host
  if (server.device_authorization_endpoint === undefined)
    throw new BridgeError(
      'auth-failed',
      `${host} offers no sign-in by device code; run ${loginCommand} without --device-code`,
    )
  const grantTypes = [DEVICE_GRANT, 'refresh_token']
  const known = await chooseClient({
    server,
    signIn,
    account,
    redirectUri: undefined,
    grantTypes,
    web,
    log,
  })
  const question: TokenQuestion = { server, known, signIn, resource, scope, key: undefined, web, log }
  const proof = await proofOf(known, server, signIn)
  try {
    const begun = await begin(question, proof)
    await show(flow, begun, host)
    const limitMs = begun.expires_in * 1000
    const tokens = await flow.bounded(poll(flow, question, begun), limitMs)
    await keepTokens(flow, { server, client: known, tokens })
    return tokens
  } catch (thrown) {
    const error = oauthError(thrown)
    const isRefused = error === 'access_denied' || error === 'expired_token'
    if (error === 'access_denied') await rememberRefusal(flow)
    throw explain(thrown, `signing in to ${url.host} has failed`, {
      log,
      todo: `to try again, run: ${loginCommand}`,
      kind: isRefused ? 'auth-required' : 'auth-failed',
    })
  }
}

/** Asks for the two codes: the one for the person, and the one by which the server is asked. */
async function begin(
  { server, scope, resource, web, log }: TokenQuestion,
  { client, authentication }: Proof,
): Promise<oauth.DeviceAuthorizationResponse> {
  const what = `the device authorization endpoint of ${new URL(server.issuer).host}`
  const response = await oauth.deviceAuthorizationRequest(
    server,
    client,
    authentication,
    { ...(scope !== undefined && { scope }), ...(resource !== undefined && { resource }) },
    {
      [oauth.customFetch]: tolerantOfTokens(web.fetchFor(what), false) as never,
      [oauth.allowInsecureRequests]: true,
    },
  )
  const begun = await oauth.processDeviceAuthorizationResponse(server, client, response)
  log.hide(begun.device_code)
  return begun
}

async function show(flow: DeviceFlow, begun: oauth.DeviceAuthorizationResponse, host: string): Promise<void> {
  const rules = await flow.web.rules()
  const checked = (address: string): string =>
    browserUrl(checkUrl(address, `the sign-in page of ${host}`, rules))
  const { verification_uri_complete: complete } = begun
  await flow.showCode(
    begun.user_code.replace(/[^\x20-\x7e]/g, ''),
    checked(begun.verification_uri),
    complete === undefined ? undefined : checked(complete),
  )
}

/** Asks until somebody has signed in. Rejects with `auth-required` when the code has run out. */
async function poll(
  { stop, url, loginCommand }: DeviceFlow,
  question: TokenQuestion,
  { device_code: code, expires_in: seconds, interval = INTERVAL_S }: oauth.DeviceAuthorizationResponse,
): Promise<Tokens> {
  const { server } = question
  const until = Date.now() + seconds * 1000
  for (let waitS = interval; Date.now() < until && stop.reason === undefined; ) {
    await delay(Math.min(waitS * 1000, LONGEST_TIMER_MS), stop)
    try {
      return await ask(
        question,
        async ({ client, authentication, options }) =>
          oauth.processDeviceCodeResponse(
            server,
            client,
            await oauth.deviceCodeGrantRequest(server, client, authentication, code, options),
          ),
        false,
      )
    } catch (thrown) {
      const error = oauthError(thrown)
      if (error === 'slow_down' || isPassing(thrown)) waitS += SLOWER_S
      else if (error !== 'authorization_pending') throw thrown
    }
  }
  throw new BridgeError('auth-required', `nobody has signed in to ${url.host} in time; run ${loginCommand}`)
}

/** A network or a server that fails for a moment, while the person is at it (RFC 8628 3.5). */
function isPassing(thrown: unknown): boolean {
  if (isBridgeError(thrown)) return thrown.facts.retryable === true
  const { status, cause } = thrown as {
    readonly status?: number
    readonly cause?: { readonly status?: number }
  }
  const answered = status ?? cause?.status ?? 0
  return answered === 429 || answered >= 500
}

/** A person who has said no is not asked again until `login`. */
async function rememberRefusal({ store, url, signIn }: DeviceFlow): Promise<void> {
  const asked = { at: Date.now(), how: 'refused' as const }
  await store
    .change((account) => ({ ...(account ?? emptyAccount(url, signIn.profile)), asked }))
    .catch(() => {})
}
