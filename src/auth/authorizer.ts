// What the bridge goes by when the remote wants a credential: the sign-in that is kept, renewed before it ends, and what to do
// about a refusal. The protocol itself is in sign-in.ts, which is loaded when a token has to be got. protocol.md G.2, G.6.
import { BridgeError, isBridgeError, toBridgeError } from '../errors.ts'
import type { Header } from '../options/options.ts'
import { isByPerson } from '../options/sign-in.ts'
import type { Authorizer, Challenge, Credential, Verdict } from '../remote/authorizer.ts'
import { createStop, stopNow } from '../remote/stop.ts'
import { atMost } from '../remote/time.ts'
import { createAskings } from './asking-limit.ts'
import { type Wanted, wantedBy } from './challenge.ts'
import type { Basis } from './ground.ts'
import { type Account, type Tokens, tokensOf } from './kept/account.ts'
import { isEnding, isOver } from './lifetime.ts'
import { createRefusals } from './refusals.ts'
import type { Need } from './renewing.ts'
import { hasScopes, joinScopes } from './scopes.ts'
import type { SignIn } from './sign-in.ts'
import { createStepUps } from './step-up.ts'

export interface AuthorizerSettings extends Basis {
  /** The user's. */
  readonly headers: readonly Header[]
  readonly userAgent: string
}

/** A request that has been refused so often is refused for good, whatever is tried. */
const MOST_TIMES = 6
/** How long a request waits for another token while the one there is still holds: what gives them may be gone. */
const PATIENCE_MS = 1000
/** One that could not be renewed in that time, and still holds, is used for so long before that is tried again. */
const AGAIN_MS = 10_000
/** What is renewed while the bridge ends is waited for: the old refresh token may be worth nothing any more. */
const RENEWING_MS = 4000

type How = 'kept' | 'renewed' | 'signed-in'

interface Held {
  readonly tokens: Tokens
  readonly credential: Credential
  readonly how: How
  /** Got because more scopes were wanted. */
  readonly isWidened?: boolean
}

export function createAuthorizer(settings: AuthorizerSettings): Authorizer {
  const { signIn: options, store, log } = settings
  const refusals = createRefusals(settings)
  const stop = createStop()
  const stepUps = createStepUps(store)
  let held: Held | undefined
  let isRead = false
  let reading: Promise<void> | undefined
  let renewing: Promise<void> | undefined
  let solving: { readonly about: string; readonly done: Promise<Verdict> } | undefined
  let waitsFor: BridgeError | undefined
  let loaded: Promise<SignIn> | undefined
  let renewalFailedAt: number | undefined
  let isClosing = false
  const askings = createAskings()
  let nonce: string | undefined

  const load = (): Promise<SignIn> => {
    loaded ??= import('./sign-in.ts').then(
      ({ createSignIn }) =>
        createSignIn({
          ...settings,
          stop,
          onWait(why) {
            waitsFor = why
          },
        }),
      (thrown) => {
        loaded = undefined
        throw thrown
      },
    )
    return loaded
  }

  async function renew(need: Need): Promise<Tokens | undefined> {
    return (await load()).renew(need)
  }

  /** A person is asked because of somebody who waits, and not again and again. */
  async function signInFor(challenge: Challenge, need: Need): Promise<Tokens> {
    if (!isByPerson(options)) return (await load()).obtain(need)
    if (challenge.isAside === true) throw refusals.needsPerson()
    if (options.asksNobody) {
      if (await (await load()).isTold(need)) throw refusals.needsPerson()
      throw refusals.notTold(challenge)
    }
    if (!askings.mayAsk()) throw refusals.still(challenge, held?.credential)
    const tokens = await (await load()).obtain(need)
    askings.count()
    return tokens
  }

  async function hold(tokens: Tokens, how: How): Promise<void> {
    for (const secret of [tokens.access, tokens.refresh, tokens.id])
      if (secret !== undefined) log.hide(secret)
    const isSame = held?.tokens.access === tokens.access && held.tokens.id === tokens.id
    // Another process may have got the same one for longer.
    if (how === 'kept' && isSame) held = { ...held!, tokens }
    else held = { tokens, how, credential: await credentialFor(tokens) }
  }

  async function credentialFor(tokens: Tokens): Promise<Credential> {
    const text = options.usesIdToken ? (tokens.id ?? tokens.access) : tokens.access
    if (tokens.type === 'bearer' || tokens.key === undefined)
      return { headers: ['Authorization', `Bearer ${text}`] }
    const { createProver } = await import('./sign-in.ts')
    const prove = await createProver(tokens.key)
    return {
      headers: ['Authorization', `DPoP ${text}`],
      sign: async ({ method, url: to }) => ['DPoP', await prove({ method, url: to, token: text, nonce })],
      onNonce(fresh) {
        nonce = fresh
      },
    }
  }

  /** What is kept on disk becomes what is sent; what has just been got here stays. */
  async function readKept(): Promise<Account | undefined> {
    const account = await store.read()
    const tokens = tokensOf(account)
    if (tokens !== undefined) await hold(tokens, 'kept')
    return account
  }

  async function look(): Promise<void> {
    await readKept().catch((thrown) => log.warn(toBridgeError(thrown).message))
    isRead = true
  }

  function credential(): ReturnType<Authorizer['credential']> {
    if (!isRead) {
      reading ??= look()
      return reading.then(() => credential())
    }
    if (held === undefined || !isEnding(held.tokens)) return held?.credential
    if (held.tokens.refresh === undefined && isByPerson(options))
      return isOver(held.tokens) ? undefined : held.credential
    if (isOver(held.tokens)) return renewEarly().then(known)
    const sinceFailure = Math.abs(Date.now() - (renewalFailedAt ?? 0))
    if (sinceFailure < AGAIN_MS) return held.credential
    return atMost(renewEarly(), PATIENCE_MS).then(() => {
      if (renewing !== undefined) renewalFailedAt = Date.now()
      // It may have ended meanwhile.
      return known() ?? renewing?.then(known)
    })
  }

  function known(): Credential | undefined {
    return held === undefined || isOver(held.tokens) ? undefined : held.credential
  }

  /** Once for all requests that come meanwhile. A failure is none while the token still holds. */
  function renewEarly(): Promise<void> {
    const { tokens } = held!
    renewing ??= renew({ refused: tokens })
      .then((fresh) => (fresh === undefined ? drop(tokens) : hold(fresh, 'renewed')))
      .catch((thrown) => {
        renewalFailedAt = Date.now()
        log.debug('the token could not be renewed yet', { why: toBridgeError(thrown).message })
      })
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
    if (isClosing) return Promise.resolve(AS_IS)
    if (challenge.nonce !== undefined) {
      nonce = challenge.nonce
      // Another request may have brought the same one before; this one had a proof without it. Without a proof it needs a token.
      if (wantsNonce(challenge)) return Promise.resolve(AGAIN)
    }
    if (status === 401 && isOutdated(challenge)) return Promise.resolve(AGAIN)
    const about = `${status} ${challenge.isAside === true} ${(status === 403 && wantedBy(challenge.authenticate)?.scope) || ''}`
    if (solving?.about === about) return solving.done
    // A person who gives no more scopes has said nothing about the rest; who is not asked, neither.
    if (solving !== undefined) return solving.done.then(() => challenged(challenge))
    const done = solve(challenge)
      .catch((thrown): Verdict => ({ kind: 'failed', error: toBridgeError(thrown) }))
      .finally(() => {
        solving = undefined
      })
    solving = { about, done }
    return done
  }

  function stillRefused(challenge: Challenge): Verdict {
    return { kind: 'failed', error: refusals.still(challenge, held?.credential) }
  }

  async function solve(challenge: Challenge): Promise<Verdict> {
    const wanted = wantedBy(challenge.authenticate)
    if (challenge.status === 403) return stepUp(challenge, wanted)
    const refused = challenge.credential === held?.credential ? held : undefined
    await look()
    if (held !== undefined && held.credential !== challenge.credential && !isOver(held.tokens)) return AGAIN
    const isUntried = refused !== undefined && refused.credential.isProven !== true
    // What has just been got by signing in is refused: once more would be for ever (row 32).
    if (isUntried && refused.how === 'signed-in') return stillRefused(challenge)
    const mayRenew = !(isUntried && refused.how === 'renewed')
    if (challenge.times >= MOST_TIMES) return stillRefused(challenge)
    if (challenge.isAside === true && challenge.times > 0) return AS_IS
    const isForeign = wanted === undefined && challenge.authenticate.length > 0
    const need: Need = { refused: held?.tokens, wanted, isForeign }
    const renewed = mayRenew ? await renew(need) : undefined
    const got = renewed ?? (await signInFor(challenge, need).catch(ifNoSignIn))
    if (got === undefined) return stillRefused(challenge)
    await hold(got, renewed !== undefined && isByPerson(options) ? 'renewed' : 'signed-in')
    return AGAIN
  }

  /** The token is good, and not for this: a person is asked for more, once (G.6). */
  async function stepUp(challenge: Challenge, wanted: Wanted | undefined): Promise<Verdict> {
    const { scope } = wanted ?? {}
    const answer = (why: string): Verdict => ({
      kind: 'failed',
      error: refusals.lacksScope(challenge, scope, why, joinScopes(held?.tokens.scope, scope)),
    })
    if (scope === undefined || held === undefined || challenge.isAside === true) return AS_IS
    if (!isByPerson(options)) return answer('it was not asked for, or not given')
    if (options.asksNobody) return answer('nobody is to be asked')
    const account = await readKept()
    if (held.credential !== challenge.credential && hasScopes(held.tokens, scope)) return AGAIN
    const isMore = challenge.times > 0 && held.isWidened && held.credential === challenge.credential
    if (isMore && !stepUps.hasAsked(challenge, scope)) return answer(stepUps.more(challenge))
    const denial = stepUps.judge(challenge, scope, account)
    if (denial !== undefined) {
      await stepUps.deny(scope)
      return answer(denial)
    }
    const union = joinScopes(held.tokens.scope, scope)
    try {
      const need = { refused: held.tokens, wanted }
      const renewed = hasScopes(held.tokens, scope) ? await renew(need) : undefined
      if (renewed !== undefined) await hold(renewed, 'renewed')
      else await hold(await (await load()).obtain({ ...need, scope: union }), 'signed-in')
      held = { ...held, isWidened: true }
    } catch (thrown) {
      // That the bridge ends is nobody's answer: the next one goes on with what has been asked.
      if (stop.reason === undefined) await stepUps.deny(scope)
      throw thrown
    }
    return AGAIN
  }

  return {
    credential,
    challenged,
    get waitsFor() {
      return waitsFor
    },
    async close() {
      isClosing = true
      const signIn = await loaded?.catch(() => undefined)
      if (signIn !== undefined) await atMost(signIn.renewed(), RENEWING_MS)
      stopNow(stop, new BridgeError('shutdown', 'the bridge is closing'))
      await solving?.done
      await (await loaded?.catch(() => undefined))?.idle()
    },
  }
}

const AGAIN: Verdict = { kind: 'again' }
const AS_IS: Verdict = { kind: 'as-is' }

/** The remote offers none: there is nothing to be got. */
function ifNoSignIn(thrown: unknown): undefined {
  if (!isBridgeError(thrown) || thrown.facts.code !== 'no-sign-in') throw thrown
}

function wantsNonce({ authenticate, credential, times }: Challenge): boolean {
  return credential?.sign !== undefined && times < MOST_TIMES && /use_dpop_nonce/i.test(authenticate.join())
}
