// What the bridge goes by when the remote wants a credential: the sign-in that is kept, renewed before it ends, and what to do
// about a refusal. Loaded with the first refusal, or at the start where somebody has signed in before; the protocol itself
// is in sign-in.ts, which is loaded when a token has to be got. protocol.md G.2, G.6.
import { BridgeError, isBridgeError, toBridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Header, Options } from '../options/options.ts'
import type { SignInOptions } from '../options/sign-in.ts'
import { credentialsFolder, quickCredentialsFolder } from '../paths.ts'
import type { Authorizer, Challenge, Credential, Verdict } from '../remote/authorizer.ts'
import { authFailure, describeHeaders } from '../remote/refused.ts'
import { createStop, stopNow } from '../remote/stop.ts'
import type { Account, Tokens } from './account.ts'
import { type Wanted, wantedBy } from './challenge.ts'
import { createFitting } from './fitting.ts'
import { loginCommandFor } from './login-command.ts'
import { openStore } from './open-store.ts'
import { createRefusing } from './refusing.ts'
import type { Need } from './renewing.ts'
import type { SignIn } from './sign-in.ts'
import { createStepUps } from './step-up.ts'
import type { Store } from './store.ts'
import { hasScopes, isEnding, isOver } from './token-life.ts'

export interface LoadSettings {
  readonly options: Pick<Options, 'url' | 'headers' | 'signIn'>
  readonly log: Log
  readonly userAgent: string
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** With the store that the options choose. Rejects where the system knows no place for it. */
export async function loadAuthorizer({ options, ...rest }: LoadSettings): Promise<Authorizer> {
  const { url, headers, signIn } = options
  const { log, platform, env } = rest
  if (signIn.isOff) return createRefusing({ url, headers, log })
  const { profile, store: choice } = signIn
  const folder =
    quickCredentialsFolder(env, platform) ?? (choice === 'memory' ? '' : await credentialsFolder(env))
  const store = openStore({ choice, folder, url, profile, platform, env, log })
  return createAuthorizer({
    ...rest,
    url,
    headers,
    signIn,
    store: createFitting(store, signIn),
    loginCommand: loginCommandFor(url, signIn),
  })
}

export interface AuthorizerSettings {
  readonly url: URL
  /** The user's. */
  readonly headers: readonly Header[]
  readonly signIn: SignInOptions
  readonly store: Store
  readonly log: Log
  readonly userAgent: string
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly loginCommand: string
}

/** A request that has been refused so often is refused for good, whatever is tried. */
const MOST_TIMES = 6

type How = 'kept' | 'renewed' | 'signed-in'

interface Held {
  readonly tokens: Tokens
  readonly credential: Credential
  readonly how: How
}

export function createAuthorizer(settings: AuthorizerSettings): Authorizer {
  const { url, headers, signIn: options, store, log } = settings
  const stop = createStop()
  const stepUps = createStepUps(store, Date.now)
  let held: Held | undefined
  let isRead = false
  let reading: Promise<void> | undefined
  let renewing: Promise<void> | undefined
  let solving: { readonly refused: Credential | undefined; readonly done: Promise<Verdict> } | undefined
  let waitsFor: BridgeError | undefined
  let loaded: Promise<SignIn> | undefined
  const nonces: { value: string | undefined } = { value: undefined }

  const load = (): Promise<SignIn> => {
    loaded ??= import('./sign-in.ts').then(({ createSignIn }) =>
      createSignIn({
        ...settings,
        stop,
        onWait(why) {
          waitsFor = why
        },
      }),
    )
    return loaded
  }

  async function hold(tokens: Tokens, how: How): Promise<void> {
    if (held?.tokens.access === tokens.access && held.tokens.id === tokens.id) return
    for (const secret of [tokens.access, tokens.refresh, tokens.id])
      if (secret !== undefined) log.hide(secret)
    held = { tokens, how, credential: await credentialFor(tokens) }
  }

  async function credentialFor(tokens: Tokens): Promise<Credential> {
    const text = options.usesIdToken ? (tokens.id ?? tokens.access) : tokens.access
    if (tokens.type === 'bearer' || tokens.key === undefined)
      return { headers: ['Authorization', `Bearer ${text}`] }
    const { createProver } = await import('./sign-in.ts')
    const prove = await createProver(tokens.key)
    return {
      headers: ['Authorization', `DPoP ${text}`],
      sign: async ({ method, url: to }) => [
        'DPoP',
        await prove({ method, url: to, token: text, nonce: nonces.value }),
      ],
      onNonce(nonce) {
        nonces.value = nonce
      },
    }
  }

  /** What is kept on disk becomes what is sent; what has just been got here stays. */
  async function readKept(): Promise<Account | undefined> {
    const account = await store.read()
    const tokens = account?.current === undefined ? undefined : account.grants[account.current]?.tokens
    if (tokens !== undefined) await hold(tokens, 'kept')
    return account
  }

  function credential(): ReturnType<Authorizer['credential']> {
    if (!isRead) {
      reading ??= readKept()
        .catch((thrown) => log.warn(toBridgeError(thrown).message))
        .then(() => {
          isRead = true
        })
      return reading.then(() => credential())
    }
    if (held === undefined || !isEnding(held.tokens)) return held?.credential
    if (held.tokens.refresh === undefined && isByPerson(options))
      return isOver(held.tokens) ? undefined : held.credential
    return renewEarly().then(() => (held === undefined || isOver(held.tokens) ? undefined : held.credential))
  }

  /** Once for all requests that come meanwhile. A failure is none while the token still holds. */
  function renewEarly(): Promise<void> {
    const { tokens } = held!
    renewing ??= load()
      .then((signIn) => signIn.renew({ refused: tokens, mayRenew: true }))
      .then((fresh) => (fresh === undefined ? drop(tokens) : hold(fresh, 'renewed')))
      .catch((thrown) =>
        log.debug('the token could not be renewed yet', { why: toBridgeError(thrown).message }),
      )
      .finally(() => {
        renewing = undefined
      })
    return renewing
  }

  function drop(tokens: Tokens): void {
    if (held?.tokens.access === tokens.access && isOver(tokens)) held = undefined
  }

  /** It was refused before there was what is known now. */
  function isOutdated({ credential: sent, times }: Challenge): boolean {
    return held !== undefined && sent !== held.credential && !isOver(held.tokens) && times < MOST_TIMES
  }

  function challenged(challenge: Challenge): Promise<Verdict> {
    const { status } = challenge
    if (stop.reason !== undefined) return Promise.resolve(AS_IS)
    if (challenge.nonce !== undefined) {
      nonces.value = challenge.nonce
      // Another request may have brought the same one before; this one was sent without it.
      if (wantsNonce(challenge)) return Promise.resolve(AGAIN)
    }
    if (status === 401 && isOutdated(challenge)) return Promise.resolve(AGAIN)
    if (solving !== undefined) return solving.done
    const done = solve(challenge)
      .catch((thrown): Verdict => ({ kind: 'failed', error: toBridgeError(thrown) }))
      .finally(() => {
        solving = undefined
      })
    solving = { refused: challenge.credential, done }
    return done
  }

  async function solve(challenge: Challenge): Promise<Verdict> {
    const wanted = wantedBy(challenge.authenticate)
    if (challenge.status === 403) return stepUp(challenge, wanted)
    const refused = challenge.credential === held?.credential ? held : undefined
    await readKept().catch((thrown) => log.warn(toBridgeError(thrown).message))
    isRead = true
    if (held !== undefined && held.credential !== challenge.credential && !isOver(held.tokens)) return AGAIN
    const isUntried = refused !== undefined && refused.credential.isProven !== true
    // What has just been got by signing in is refused: once more would be for ever (row 32).
    if (isUntried && refused.how === 'signed-in') return { kind: 'failed', error: stillRefused(challenge) }
    const mayRenew = !(isUntried && refused.how === 'renewed')
    if (challenge.times >= MOST_TIMES) return { kind: 'failed', error: stillRefused(challenge) }
    const isForeign = wanted === undefined && challenge.authenticate.length > 0
    const need: Need = { refused: held?.tokens, wanted, isForeign, mayRenew }
    const signIn = await load()
    const renewed = mayRenew ? await signIn.renew(need) : undefined
    if (renewed !== undefined) await hold(renewed, isByPerson(options) ? 'renewed' : 'signed-in')
    else
      try {
        await hold(await signIn.obtain({ ...need, mayRenew: false }), 'signed-in')
      } catch (thrown) {
        if (!isNoSignIn(thrown)) throw thrown
        return { kind: 'failed', error: stillRefused(challenge) }
      }
    return AGAIN
  }

  /** The token is good, and not for this: a person is asked for more, once (G.6). */
  async function stepUp(challenge: Challenge, wanted: Wanted | undefined): Promise<Verdict> {
    const { scope } = wanted ?? {}
    const answer = (why: string): Verdict => ({ kind: 'failed', error: lacksScope(challenge, scope, why) })
    if (scope === undefined || held === undefined) return AS_IS
    if (!isByPerson(options)) return answer('the client may not have more')
    const account = await readKept()
    if (held.credential !== challenge.credential && hasScopes(held.tokens, scope)) return AGAIN
    const denial = stepUps.judge(challenge, scope, account)
    if (denial !== undefined) {
      await stepUps.deny(scope)
      return answer(denial)
    }
    const union = stepUps.union(held.tokens, scope)
    const signIn = await load()
    try {
      const renewed = hasScopes(held.tokens, scope)
        ? await signIn.renew({ refused: held.tokens, mayRenew: true })
        : undefined
      if (renewed !== undefined) await hold(renewed, 'renewed')
      else
        await hold(
          await signIn.obtain({ refused: held.tokens, wanted, mayRenew: false, scope: union }),
          'signed-in',
        )
    } catch (thrown) {
      await stepUps.deny(scope)
      throw thrown
    }
    return AGAIN
  }

  function stillRefused({ answer }: Challenge): BridgeError {
    const [name, value] = held?.credential.headers ?? []
    const ours = name === undefined || value === undefined ? [] : [{ name, value }]
    const sent = describeHeaders([...headers, ...ours], Date.now())
    const refused = { sent, shown: () => `${url.origin}${url.pathname}`, redact: log.redact }
    return authFailure(answer, refused)
  }

  function lacksScope({ answer }: Challenge, scope: string | undefined, why: string): BridgeError {
    const { status } = answer.response
    const text = `HTTP ${status} from ${url.origin}${url.pathname}: this needs the scope ${scope}, which has not been granted (${why}); to sign in anew, run: ${settings.loginCommand}`
    const facts = {
      httpStatus: status,
      url: `${url.origin}${url.pathname}`,
      retryable: false,
      maybeDelivered: false,
    }
    return new BridgeError('auth-failed', text, facts)
  }

  return {
    credential,
    challenged,
    get waitsFor() {
      return waitsFor
    },
    async close() {
      stopNow(stop, new BridgeError('shutdown', 'the bridge is closing'))
      await solving?.done
      await (await loaded)?.idle()
    },
  }
}

const AGAIN: Verdict = { kind: 'again' }
const AS_IS: Verdict = { kind: 'as-is' }

function isByPerson({ grant }: SignInOptions): boolean {
  return grant === 'code' || grant === 'device'
}

function isNoSignIn(thrown: unknown): boolean {
  return isBridgeError(thrown) && thrown.facts.code === 'no-sign-in'
}

function wantsNonce({ authenticate, times }: Challenge): boolean {
  return times < MOST_TIMES && authenticate.some((header) => /use_dpop_nonce/i.test(header))
}
