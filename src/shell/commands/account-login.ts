// `mcp-ferry login`: signs in now, with the person there. What the remote wants is asked of the remote, the rest is the
// sign-in of the bridge; it only shows itself here. protocol.md G.

import type { Reaction } from '../../auth/first-challenge.ts'
import { type Account, tokensOf } from '../../auth/kept/account.ts'
import { openStore } from '../../auth/kept/open-store.ts'
import type { Store } from '../../auth/kept/store.ts'
import { loginCommandFor } from '../../auth/login-command.ts'
import { canOpenBrowser, openBrowser } from '../../auth/person/browser.ts'
import type { Show } from '../../auth/sign-in.ts'
import { BridgeError } from '../../errors.ts'
import type { Options } from '../../options/options.ts'
import { isByPerson } from '../../options/sign-in.ts'
import { credentialsFolder } from '../../paths.ts'
import { createStop, type Stop, stopNow } from '../../remote/stop.ts'
import { isColoured } from '../colour.ts'
import { escaped } from '../foreign-text.ts'
import { writeTo } from '../screen.ts'
import type { AccountSettings } from './account.ts'
import { waitForOthers } from './account-elsewhere.ts'
import { hintAtMcpRemote, importFromMcpRemote } from './account-import.ts'
import { keptAccounts } from './account-kept.ts'
import { createPasting, type Keyboard, type Pasting } from './account-paste.ts'
import { linesOf, viewOf } from './account-view.ts'

/** What all of a login stands on. */
export interface LoginGround extends AccountSettings {
  readonly remote: Options
  readonly store: Store
  readonly stop: Stop
  readonly loginCommand: string
  readonly reaction: Reaction
}

/** The exit code. Rejects with a BridgeError where it has not worked. */
export async function login(settings: AccountSettings): Promise<number> {
  const { options, env, platform, log, userAgent } = settings
  const remote = options.remote!
  const { url, signIn } = remote
  refuseWhereUnused(remote)
  const stop = createStop()
  const folder = await credentialsFolder(env)
  const { profile, store: choice } = signIn
  const store = openStore({ choice, folder, url, profile, platform, env, log })
  const { askRemote, hasMetadata } = await import('../../auth/sign-in.ts')
  const question = { remote, userAgent, log, stop }
  const reaction = await askRemote(question)
  if (!reaction.isRefused && !(await hasMetadata(question))) return notAsked(settings, reaction)
  const loginCommand = loginCommandFor(url, signIn)
  const ground: LoginGround = { ...settings, remote, store, stop, loginCommand, reaction }
  if (options.importsMcpRemote) await importFromMcpRemote(ground)
  else {
    await hintAtMcpRemote(ground)
    await signInByPerson(ground)
  }
  return showResult(settings)
}

/** A sign-in that nothing would use is not begun. */
function refuseWhereUnused({ signIn, headers, url }: Options): void {
  if (signIn.isOff) {
    const isGiven = headers.some(({ name }) => name.toLowerCase() === 'authorization')
    const why = isGiven
      ? 'an Authorization header is given, which is sent instead; remove it'
      : 'signing in is turned off; remove --no-oauth, or the Authorization header that is given'
    throw new BridgeError('auth-failed', `a sign-in to ${url.host} would not be used: ${why}`)
  }
  if (signIn.asksNobody)
    throw new BridgeError(
      'auth-failed',
      `to sign in to ${url.host} somebody has to be asked; remove --non-interactive`,
    )
  if (signIn.store === 'memory')
    throw new BridgeError(
      'auth-failed',
      `a sign-in to ${url.host} that is kept in memory would end with this command; leave out --store memory`,
    )
}

async function notAsked(settings: AccountSettings, { status }: Reaction): Promise<number> {
  const { options, output } = settings
  const { url } = options.remote!
  if (status >= 400)
    throw new BridgeError(
      'http',
      `HTTP ${status} from ${url.origin}${url.pathname}, which does not ask for a sign-in; is the URL right?`,
      { httpStatus: status },
    )
  const shown = `${url.origin}${url.pathname}`
  const text = `${shown} asks for no sign-in: editors can use it as it is`
  const json = JSON.stringify({ url: shown, state: 'not-needed' })
  await writeTo(output, `${options.isJson ? json : text}\n`)
  return 0
}

async function signInByPerson(ground: LoginGround): Promise<void> {
  const { remote, store, stop, reaction, input, tell, log } = ground
  const { signIn, url } = remote
  const { createSignIn } = await import('../../auth/sign-in.ts')
  const account = await store.read()
  await store.change(withoutAnswers)
  const cancel = (): void => stopNow(stop, new BridgeError('shutdown', 'signing in was cancelled'))
  const pasting = createPasting({ input: input as Keyboard, tell, log, onCancel: cancel })
  const show = showing(ground, pasting)
  const refused = tokensOf(account)
  const untilMs = Date.now() + signIn.timeoutMs
  try {
    const got =
      isByPerson(signIn) &&
      (await waitForOthers({
        ...{ store, stop, known: refused, untilMs, host: url.host },
        show: ({ url: address, redirectUri }) => show.url(address, redirectUri),
        onBusy: () => tell(`another mcp-ferry is signing in to ${url.host}; waiting for it`),
      }))
    if (got) return
    const { wanted } = reaction
    const settings = { ...ground, url, signIn, onWait: () => {}, show }
    await createSignIn(settings).obtain({ refused, wanted, isWished: true })
  } finally {
    pasting.close()
  }
}

/** A no counts no more: they have come to say it anew. What came to nothing does: the client may be unknown there. */
function withoutAnswers(account: Account | undefined): Account | undefined {
  if (account?.asked?.how !== 'refused' && account?.denied === undefined) return account
  const { asked, denied: _, ...rest } = account
  return asked?.how === 'opened' ? { ...rest, asked } : rest
}

function showing({ remote, platform, env, tell }: LoginGround, pasting: Pasting): Show {
  const { signIn, url } = remote
  const surroundings = { platform, env }
  return {
    async url(address, redirectUri) {
      const isHere = signIn.opensBrowser && canOpenBrowser(surroundings)
      const isOpened = isHere && (await openBrowser(address, surroundings))
      tell(
        isOpened
          ? `Sign in to ${url.host} in the browser tab that has been opened. If there is none, open this address:`
          : `To sign in to ${url.host}, open this address in a browser:`,
      )
      tell(`\n  ${address}\n`)
      tell(
        'If the browser runs on another machine, it ends at a page that it cannot show: paste the address of that page',
      )
      tell('here and press Enter. What you paste is not shown.')
      pasting.open(address, redirectUri)
    },
    async code(code, address, complete) {
      tell(
        `To sign in to ${url.host}, open this address in a browser on any device and enter the code ${code}:`,
      )
      tell(`\n  ${address}\n`)
      if (complete !== undefined) tell(`This one has the code in it already:\n\n  ${complete}\n`)
    },
  }
}

/** What is kept now, read anew: it is what the editor's bridge will find. */
async function showResult(settings: AccountSettings): Promise<number> {
  const { options, output, env } = settings
  const { host } = options.remote!.url
  const nowMs = Date.now()
  const { listed } = await keptAccounts(settings)
  const view = listed.map((one) => viewOf(one, nowMs))[0]
  if (view === undefined || 'problem' in view || view.state !== 'signed-in') {
    const why = view !== undefined && 'problem' in view ? view.problem : 'the sign-in is not there any more'
    throw new BridgeError('auth-failed', `the sign-in to ${host} could not be kept: ${why}`)
  }
  const lines = linesOf(view, nowMs, isColoured(output, env))
  await writeTo(output, `${options.isJson ? escaped(JSON.stringify(view)) : lines.join('\n')}\n`)
  return 0
}
