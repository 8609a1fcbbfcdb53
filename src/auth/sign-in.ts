// What to do when the remote wants a token, in which order, and across processes: take what somebody else has got meanwhile,
// renew, ask for one without a person, ask a person; each once. Loaded with the first refusal that needs it, or to renew.
// protocol.md G.2 to G.9.
import { BridgeError } from '../errors.ts'
import { isByPerson } from '../options/sign-in.ts'
import type { Stop } from '../remote/stop.ts'
import { delay } from '../remote/time.ts'
import { explain } from './explain.ts'
import { type Basis, createBounded, type Ground } from './ground.ts'
import type { Account, Tokens } from './kept/account.ts'
import { canOpenBrowser, openBrowser } from './person/browser.ts'
import { adopt, type BrowserFlow, isLive, signInAnew } from './person/browser-flow.ts'
import { type DeviceFlow, signInByDevice } from './person/device-flow.ts'
import { createRenewing, type Need, unrefused } from './renewing.ts'
import { hasScopes } from './scopes.ts'
import { createWeb } from './web.ts'
import { noSignIn, type Where } from './where.ts'

export { createProver } from './dpop.ts'
export { askRemote, hasMetadata } from './first-challenge.ts'
export { takeOver } from './importing.ts'
export { revoke } from './revoking.ts'

export interface SignInSettings extends Basis {
  readonly userAgent: string
  readonly stop: Stop
  /** Told for what a person is waited for, and that nobody is any more. */
  readonly onWait: (why: BridgeError | undefined) => void
  /** How a person is shown where to sign in; by a browser where left out. */
  readonly show?: Show
}

export interface Show {
  /** Resolves when it is shown. */
  url(url: string, redirectUri: string): Promise<void>
  code(code: string, address: string, complete: string | undefined): Promise<void>
}

export interface SignIn {
  /** Tokens that the remote may take. Rejects with `auth-required` or `auth-failed`, or with the reason of the stop. */
  obtain(need: Need): Promise<Tokens>
  /** The same without a person: undefined where one has to act. */
  renew(need: Need): Promise<Tokens | undefined>
  /** Resolves when this process asks for none any more; that another one does is nothing to it. */
  renewed(): Promise<unknown>
  /** Whether it is known where one signs in. */
  isTold(need: Need): Promise<boolean>
  /** Resolves when nothing is under way any more, which the stop brings about. */
  idle(): Promise<void>
}

/** How long another process may take before the person is shown what it waits for. */
const THEIRS_MS = 1000

interface UnderWay {
  readonly done: Promise<Tokens>
  /** Resolves when the person has been shown where to sign in. */
  readonly shown: Promise<void>
  /** Wall clock in milliseconds. */
  readonly begunAt: number
}

export function createSignIn(settings: SignInSettings): SignIn {
  const { url, signIn, store, log, stop, loginCommand, onWait } = settings
  const web = createWeb({
    server: url,
    allowsPrivate: signIn.allowsPrivate,
    network: signIn.network,
    userAgent: settings.userAgent,
    log,
    stop,
  })
  const notDone = (): BridgeError =>
    required(`signing in to ${url.host} was not completed in time; run: ${loginCommand}`)
  const ground: Ground = { ...settings, web, bounded: createBounded(stop, notDone) }
  const { renew, renewed, whereFor } = createRenewing(ground)
  let underWay: UnderWay | undefined

  async function obtain(need: Need): Promise<Tokens> {
    const got = isByPerson(signIn) ? undefined : await renew(need)
    return got ?? askPerson(need)
  }

  /** What cannot be found out is not denied. */
  async function isTold(need: Need): Promise<boolean> {
    const account = await store.read()
    if (account !== undefined) return true
    return whereFor(need, undefined).then(
      ({ isGuessed }) => !isGuessed,
      (thrown: BridgeError) => thrown.facts?.code !== 'no-sign-in',
    )
  }

  async function askPerson(need: Need): Promise<Tokens> {
    const canShow = settings.show !== undefined || signIn.grant === 'device' || opensBrowser()
    if (!canShow && need.isWished !== true) return showOnly(need)
    onWait(waiting())
    try {
      const { done, begunAt } = begin(need)
      return await ground.bounded(done, begunAt + signIn.timeoutMs - Date.now())
    } finally {
      onWait(undefined)
    }
  }

  function opensBrowser(): boolean {
    return signIn.opensBrowser && canOpenBrowser(settings)
  }

  /** Nobody may be there: the URL is printed, and the requests do not wait (G.7). */
  async function showOnly(need: Need): Promise<Tokens> {
    const { done, shown } = begin(need)
    const got = await Promise.race([shown, done])
    if (got) return got
    throw required(
      `${url.host} wants you to sign in, and no browser can be opened here; run: ${loginCommand}`,
    )
  }

  function waiting(): BridgeError {
    return required(
      `sign in to ${url.host} in the browser tab that was opened for it, or run: ${loginCommand}`,
    )
  }

  /** One in this process, and one in all. */
  function begin(need: Need): UnderWay {
    if (underWay !== undefined) return underWay
    let tellShown: () => void = () => {}
    const shown = new Promise<void>((resolve) => {
      tellShown = resolve
    })
    let waits = true
    const done = store.alone('sign-in', stop, () => {
      waits = false
      return signInAlone(need, tellShown)
    })
    if (need.isWished === true || !opensBrowser()) void showTheirs(() => waits, tellShown)
    const mine = { done, shown, begunAt: Date.now() }
    underWay = mine
    const end = (): void => {
      waits = false
      if (underWay === mine) underWay = undefined
    }
    done.then(end, end)
    return mine
  }

  /** A bridge that waits for the person may do so for minutes: what it has begun is shown again, and it finishes that. */
  async function showTheirs(waits: () => boolean, tellShown: () => void): Promise<void> {
    for (;;) {
      await delay(THEIRS_MS, stop)
      if (!waits() || stop.reason !== undefined) return
      const account = await store.read().catch(() => undefined)
      if (!waits() || !isLive(account?.pending)) continue
      const { url: address, redirectUri } = account!.pending!
      return flowFor(tellShown)
        .show(address, redirectUri)
        .catch((thrown: unknown) => log.debug('it could not be shown', { why: String(thrown) }))
    }
  }

  async function signInAlone(need: Need, tellShown: () => void): Promise<Tokens> {
    const account = await store.read()
    const newer = unrefused(account, need.refused)
    if (newer !== undefined && (need.scope === undefined || hasScopes(newer, need.scope))) return newer
    const pending = account?.pending
    const flow = flowFor(tellShown)
    if (need.isWished !== true) {
      if (signIn.grant === 'code' && isLive(pending)) {
        // Its tab is open; where there is none, whoever asks now has not seen the address.
        const told = opensBrowser() ? { ...flow, show: async () => {} } : flow
        const taken = await adopt(told, pending).catch(orAnew)
        if (taken !== undefined) return taken
      }
      // A code on another device opens nothing: only a refusal speaks against a new one.
      if (account?.asked !== undefined && (signIn.grant === 'code' || account.asked.how === 'refused'))
        throw alreadyAsked(account.asked)
    }
    const where = await whereFor(need, account).catch((thrown: unknown) => {
      throw explain(thrown, `signing in to ${url.host} has failed`, { log })
    })
    const isByDevice = signIn.grant === 'device' || (need.isWished === true && prefersDevice(where))
    if (isByDevice) return signInByDevice(flow, where, account)
    return signInAnew(flow, where, account).catch((thrown: unknown) => {
      // What was guessed is not there, or is no authorization server.
      throw where.isGuessed && !flow.hasShown() && stop.reason === undefined ? noSignIn(url, thrown) : thrown
    })
  }

  /** Where no browser can come back to this machine. */
  function prefersDevice({ server }: Where): boolean {
    return (
      !opensBrowser() && server.device_authorization_endpoint !== undefined && settings.show !== undefined
    )
  }

  function flowFor(tellShown: () => void): BrowserFlow & DeviceFlow & { hasShown(): boolean } {
    let isShown = false
    return {
      ...ground,
      hasShown: () => isShown,
      async show(address, redirectUri) {
        isShown = true
        try {
          if (settings.show !== undefined) await settings.show.url(address, redirectUri)
          else if (!opensBrowser() || !(await openBrowser(address, settings)))
            log.warn(`to sign in to ${url.host}, open this address on this machine: ${address}`)
          else if (signIn.tellsPerson)
            log.warn(`sign in to ${url.host} in the browser tab that has been opened; Ctrl-C gives it up`)
        } finally {
          tellShown()
        }
      },
      async showCode(code, address, complete) {
        const text = `to sign in to ${url.host}, open ${address} and enter the code ${code}`
        if (settings.show !== undefined) await settings.show.code(code, address, complete)
        else log.warn(text)
        onWait(required(text))
        tellShown()
      },
    }
  }

  function alreadyAsked({ how, at }: NonNullable<Account['asked']>): BridgeError {
    const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ')
    const what =
      how === 'refused' ? `was refused on ${when} UTC` : `was begun on ${when} UTC and not completed`
    return required(`signing in to ${url.host} ${what}; run: ${loginCommand}`)
  }

  return {
    obtain,
    renew,
    renewed,
    isTold,
    async idle() {
      await underWay?.done.catch(() => {})
      web.close()
    },
  }
}

/** The port is taken by something else, or the like: what was begun is lost. */
function orAnew(thrown: unknown): undefined {
  const { kind, facts } = thrown as BridgeError
  if (kind === 'auth-failed' && facts?.code === 'callback-port') return undefined
  throw thrown
}

function required(text: string): BridgeError {
  return new BridgeError('auth-required', text, { retryable: true, maybeDelivered: false })
}
