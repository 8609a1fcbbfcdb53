// A sign-in on another device: the person is shown a short code and an address, and the server is asked whether it is done.
// RFC 8628; protocol.md G, `--device-code`.
import * as oauth from 'oauth4webapi'
import { BridgeError } from '../../errors.ts'
import { delay } from '../../remote/time.ts'
import { chooseClient, proofOf } from '../client.ts'
import { explain, oauthError } from '../explain.ts'
import { emptyAccount, type Ground, keepTokens } from '../ground.ts'
import type { Account, Tokens } from '../kept/account.ts'
import { browserUrl, checkUrl } from '../safe-url.ts'
import { ask } from '../token-requests.ts'
import { tolerantOfTokens } from '../tolerance.ts'
import type { Where } from '../where.ts'

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const INTERVAL_S = 5
const SLOWER_S = 5

export interface DeviceFlow extends Ground {
  /** Tells the person where to go and what to enter there; `complete` is the address that holds the code already. */
  readonly showCode: (code: string, address: string, complete: string | undefined) => Promise<void>
}

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
  const { client, authentication } = await proofOf(known, server, signIn)
  const question = { server, known, signIn, resource, scope, key: undefined, web, log }
  try {
    const begun = await oauth
      .deviceAuthorizationRequest(
        server,
        client,
        authentication,
        { ...(scope !== undefined && { scope }), ...(resource !== undefined && { resource }) },
        {
          [oauth.customFetch]: tolerantOfTokens(
            web.fetchFor(`the device authorization endpoint of ${host}`),
            false,
          ) as never,
          [oauth.allowInsecureRequests]: true,
        },
      )
      .then((response) => oauth.processDeviceAuthorizationResponse(server, client, response))
    const { device_code: code, interval = INTERVAL_S, expires_in: seconds } = begun
    log.hide(code)
    const rules = await web.rules()
    const address = browserUrl(checkUrl(begun.verification_uri, `the sign-in page of ${host}`, rules))
    const complete = begun.verification_uri_complete
    await flow.showCode(
      begun.user_code.replace(/[^\x20-\x7e]/g, ''),
      address,
      complete === undefined
        ? undefined
        : browserUrl(checkUrl(complete, `the sign-in page of ${host}`, rules)),
    )
    const until = Date.now() + seconds * 1000
    const tokens = await flow.bounded(poll(code, interval), seconds * 1000)
    await keepTokens(flow, { server, client: known, tokens })
    return tokens

    async function poll(deviceCode: string, firstWaitS: number): Promise<Tokens> {
      for (let waitS = firstWaitS; Date.now() < until && flow.stop.reason === undefined; ) {
        await delay(waitS * 1000, flow.stop)
        try {
          return await ask(
            question,
            async ({ client: asking, authentication: proof, options }) =>
              oauth.processDeviceCodeResponse(
                server,
                asking,
                await oauth.deviceCodeGrantRequest(server, asking, proof, deviceCode, options),
              ),
            false,
          )
        } catch (thrown) {
          const error = oauthError(thrown)
          if (error === 'slow_down') waitS += SLOWER_S
          else if (error !== 'authorization_pending') throw thrown
        }
      }
      throw new BridgeError(
        'auth-required',
        `nobody has signed in to ${url.host} in time; run ${loginCommand}`,
      )
    }
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

/** A person who has said no is not asked again until `login`. */
async function rememberRefusal({ store, url, signIn }: DeviceFlow): Promise<void> {
  const asked = { at: Date.now(), how: 'refused' as const }
  await store
    .change((account) => ({ ...(account ?? emptyAccount(url, signIn.profile)), asked }))
    .catch(() => {})
}
