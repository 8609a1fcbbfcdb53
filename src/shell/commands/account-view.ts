// What is shown of an account, to people and to programs: never anything that is secret. Pure. protocol.md G, `status`.
import kleur from 'kleur'
import { type Account, currentGrant, type Grant, PENDING_MS } from '../../auth/kept/account.ts'
import type { Listed } from '../../auth/kept/accounts.ts'
import { printable } from '../foreign-text.ts'

/** One account as `--json` prints it. */
export interface AccountView {
  readonly url: string
  readonly profile: string
  /** `expired`: the token is over and cannot be renewed without the person. */
  readonly state: 'signed-in' | 'expired' | 'not-signed-in'
  readonly issuer?: string
  /** Absent if the server has not said. */
  readonly expiresAt?: string
  /** Whether the bridge can renew it by itself. */
  readonly renewable: boolean
  readonly scopes: readonly string[]
  readonly store: 'file' | 'keychain'
  readonly file: string
  /** A sign-in waits for the person since then. */
  readonly pendingSince?: string
  /** Nobody is asked again until `login`: a tab was opened then, or the person said no. */
  readonly asked?: { readonly at: string; readonly how: 'opened' | 'refused' }
  /** Scopes that were asked for in vain, and until when they are not asked for again. */
  readonly denied: readonly { readonly scope: string; readonly until: string }[]
}

/** An account that is there and cannot be used. */
export interface DamagedView {
  readonly file: string
  readonly problem: string
}

export function viewOf(one: Listed, nowMs: number): AccountView | DamagedView {
  if (one.kind === 'unusable') return { file: one.file, problem: one.note }
  const { account, file, keptIn } = one
  const grant = currentGrant(account)
  const { tokens } = grant ?? {}
  const { pending, asked } = account
  return {
    url: account.url,
    profile: account.profile,
    state: stateOf(grant, nowMs),
    ...(grant !== undefined && { issuer: grant.issuer }),
    ...(tokens?.expiresAt !== undefined && { expiresAt: iso(tokens.expiresAt) }),
    renewable: tokens?.refresh !== undefined,
    scopes: (tokens?.scope ?? '').split(' ').filter((scope) => scope !== ''),
    store: keptIn,
    file,
    ...(pending !== undefined &&
      nowMs - pending.createdAt < PENDING_MS && { pendingSince: iso(pending.createdAt) }),
    ...(asked !== undefined && { asked: { at: iso(asked.at), how: asked.how } }),
    denied: deniedOf(account, nowMs),
  }
}

function stateOf(grant: Grant | undefined, nowMs: number): AccountView['state'] {
  const { tokens } = grant ?? {}
  if (tokens === undefined) return 'not-signed-in'
  const isOver = tokens.expiresAt !== undefined && tokens.expiresAt <= nowMs
  return isOver && tokens.refresh === undefined ? 'expired' : 'signed-in'
}

function deniedOf({ denied = [] }: Account, nowMs: number): AccountView['denied'] {
  return denied.filter(({ until }) => until > nowMs).map(({ scope, until }) => ({ scope, until: iso(until) }))
}

/** The lines for a person: the server, and below it what there is to know. */
export function linesOf(view: AccountView | DamagedView, nowMs: number, isColoured: boolean): string[] {
  kleur.enabled = isColoured
  if ('problem' in view) return [kleur.red(view.file), `  ${printable(view.problem)}`]
  const { url, profile, store, file } = view
  const rows: (readonly [name: string, text: string] | undefined)[] = [
    profile === '' ? undefined : ['profile', profile],
    ['state', stateWords(view)],
    view.issuer === undefined ? undefined : ['signed in at', printable(view.issuer)],
    view.state === 'not-signed-in' ? undefined : ['until', untilWords(view, nowMs)],
    view.scopes.length === 0 ? undefined : ['scopes', printable(view.scopes.join(' '))],
    ['kept in', store === 'file' ? file : 'the keychain'],
    ...notesOf(view, nowMs).map((note) => ['note', printable(note)] as const),
  ]
  const shown = rows.filter((row) => row !== undefined)
  return [kleur.bold(url), ...shown.map(([name, text]) => `  ${kleur.dim(name.padEnd(12))}  ${text}`)]
}

function stateWords({ state }: AccountView): string {
  if (state === 'signed-in') return kleur.green('signed in')
  return kleur.yellow(state === 'expired' ? 'expired' : 'not signed in')
}

export function untilWords(
  { expiresAt, renewable }: Pick<AccountView, 'expiresAt' | 'renewable'>,
  nowMs: number,
): string {
  const renewed = renewable ? ', then renewed by itself' : ''
  if (expiresAt === undefined) return `the server has not said${renewable ? '; renewed by itself' : ''}`
  const atMs = Date.parse(expiresAt)
  const isOver = atMs <= nowMs && renewable
  return `${when(atMs)}, ${distance(atMs - nowMs)}${isOver ? ', renewed by itself when it is needed' : renewed}`
}

function notesOf({ pendingSince, asked, denied }: AccountView, nowMs: number): string[] {
  const ago = (at: string): string => distance(Date.parse(at) - nowMs)
  const notes: string[] = []
  if (pendingSince !== undefined)
    notes.push(`a sign-in waits for you since ${when(Date.parse(pendingSince))}`)
  else if (asked?.how === 'refused')
    notes.push(`you said no ${ago(asked.at)}; nothing asks again until mcp-ferry login`)
  else if (asked !== undefined)
    notes.push(
      `a sign-in was begun ${ago(asked.at)} and not completed; nothing asks again until mcp-ferry login`,
    )
  for (const { scope, until } of denied)
    notes.push(`${scope} was asked for in vain; it is not asked for again before ${when(Date.parse(until))}`)
  return notes
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

/** `2026-11-27 13:10 UTC` */
export function when(ms: number): string {
  return `${iso(ms).slice(0, 16).replace('T', ' ')} UTC`
}

const UNITS = [
  ['day', 24 * 60 * 60_000],
  ['hour', 60 * 60_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

/** `in 54 minutes`, `2 days ago`; of two units the smaller as long as it says more than `1`. */
export function distance(ms: number): string {
  const size = Math.abs(ms)
  const [name, unitMs] = UNITS.find(([, each]) => size >= 2 * each) ?? ['second', 1000]
  const count = Math.round(size / unitMs)
  const words = `${count} ${name}${count === 1 ? '' : 's'}`
  return ms < 0 ? `${words} ago` : `in ${words}`
}
