// What every way to sign in stands on: whom for, with which options, through what, and where it is kept.
import type { AuthorizationServer } from 'oauth4webapi'
import type { BridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { SignInOptions } from '../options/sign-in.ts'
import { offStop, onStop, type Stop } from '../remote/stop.ts'
import type { Account, Grant, KnownClient, Tokens } from './kept/account.ts'
import type { Store } from './kept/store.ts'
import type { Web } from './web.ts'

/** What is known of it from the start. */
export interface Basis {
  /** The remote. */
  readonly url: URL
  readonly signIn: SignInOptions
  readonly store: Store
  readonly log: Log
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** What a person runs to sign in, for sentences. */
  readonly loginCommand: string
}

export interface Ground extends Basis {
  readonly web: Web
  readonly stop: Stop
  /** The work, for so long and until the stop. */
  bounded<T>(work: Promise<T>, limitMs: number): Promise<T>
}

/** Node's timers overflow beyond this and fire at once; what a server says may be more. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Rejects with `auth-required` after the time, or with the reason of the stop. */
export function createBounded(stop: Stop, late: () => BridgeError): Ground['bounded'] {
  return (work, limitMs) =>
    new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        clearTimeout(timer)
        offStop(stop, onStopped)
        act()
      }
      const onStopped = (reason: BridgeError): void => end(() => reject(reason))
      const waitMs = Math.min(Math.max(0, limitMs), LONGEST_TIMER_MS)
      const timer = setTimeout(() => end(() => reject(late())), waitMs)
      onStop(stop, onStopped)
      work.then(
        (value) => end(() => resolve(value)),
        (thrown) => end(() => reject(thrown)),
      )
    })
}

export interface Given {
  readonly server: AuthorizationServer
  readonly client: KnownClient
  readonly tokens: Tokens
}

/** Keeps what has been given, and forgets that somebody was asked for it. What cannot be kept holds until the end. */
export async function keepTokens(
  { store, log, url, signIn }: Pick<Ground, 'store' | 'log' | 'url' | 'signIn'>,
  { server, client, tokens }: Given,
): Promise<void> {
  const edit = (account: Account | undefined): Account => {
    const { pending: _, asked: __, ...rest } = account ?? emptyAccount(url, signIn.profile)
    const grant: Grant = { issuer: server.issuer, server: essence(server), client, tokens }
    return { ...rest, grants: { ...rest.grants, [server.issuer]: grant }, current: server.issuer }
  }
  try {
    await store.change(edit)
  } catch (thrown) {
    await store.hold(edit)
    log.warn(`this sign-in lasts only until the bridge ends: ${(thrown as Error).message}`)
  }
}

/** Of somebody who has not signed in yet. */
export function emptyAccount(url: URL, profile: string): Account {
  return { url: `${url.origin}${url.pathname}`, profile, grants: {} }
}

/** What is needed to renew and to revoke. */
function essence(server: AuthorizationServer): Grant['server'] {
  const {
    issuer,
    token_endpoint,
    revocation_endpoint,
    token_endpoint_auth_methods_supported,
    scopes_supported,
  } = server
  const all = {
    issuer,
    token_endpoint,
    revocation_endpoint,
    token_endpoint_auth_methods_supported,
    scopes_supported,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
