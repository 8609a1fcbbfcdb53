// The account of one server and profile as a file, or as a note in that file of what a vault holds. Each change is made
// under a lock of its own, which nobody holds for longer than it takes to write. protocol.md G.1 rows 22 and 33, G.9.
import { basename } from 'node:path'
import { type BridgeError, isBridgeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { createStop, type Stop, stopNow } from '../../remote/stop.ts'
import { urlInCommand } from '../login-command.ts'
import { type Account, tokensOf } from './account.ts'
import { accountFile } from './account-file.ts'
import { asAccount, hideSecrets } from './account-shape.ts'
import { withLock } from './lock.ts'
import { makeFolderOf, readPrivate, removePrivate, writePrivate } from './private-file.ts'
import type { Edit, Store } from './store.ts'
import { failed } from './store-errors.ts'
import type { Vault } from './vault.ts'

export interface FileStoreSettings {
  readonly folder: string
  readonly url: URL
  readonly profile: string
  readonly log: Log
  /** Opens what earlier runs have put into it. */
  readonly vault: Vault
  /** Whether accounts are put into it, or only stay there if they are there. */
  readonly sealsAll: boolean
}

/** What a file holds: an account, or the note of one. */
export type Kept =
  | { readonly kind: 'account'; readonly account: Account }
  | { readonly kind: 'note'; readonly url: string; readonly profile: string; readonly note: string }

const VERSION = 1
/** A change takes milliseconds, or a look into a vault that somebody has to open. */
const LONGEST_WAIT_MS = 3 * 60_000

export function createFileStore(settings: FileStoreSettings): Store {
  const { folder, url, profile, log, vault, sealsAll } = settings
  const file = accountFile(folder, url, profile)
  const name = vaultName(file)

  /** The token that was in the file when it could last be read, or written: what cannot be written often cannot be read either. */
  let written: string | undefined
  /** What could not be written, and the token of the file that it came after. */
  let held: { readonly edit: Edit; readonly after: string | undefined } | undefined

  async function read(): Promise<Account | undefined> {
    const account = await readWritten()
    written = tokensOf(account)?.access
    return held !== undefined && written === held.after ? held.edit(account) : account
  }

  async function readWritten(): Promise<Account | undefined> {
    for (let previous: string | undefined; ; ) {
      const kept = await readKept(file, { url: plain(url), profile })
      if (kept === undefined) return undefined
      if (kept.kind === 'account') return known(kept.account)
      const text = await vault.open(name, kept.note)
      if (text !== undefined) return known(parseAccount(file, text, kept))
      // Another process has put a new one into the vault since; the same note twice leads nowhere.
      if (previous === kept.note) throw lost(kept)
      previous = kept.note
    }
  }

  function known(account: Account): Account {
    hideSecrets(account, log)
    return account
  }

  async function write(account: Account | undefined, note: string | undefined): Promise<void> {
    if (account === undefined) await removePrivate(file)
    else {
      hideSecrets(account, log)
      const seals = sealsAll || note !== undefined
      const content = seals ? { note: await vault.seal(name, JSON.stringify(account)) } : { account }
      const { url, profile } = account
      await writePrivate(file, `${JSON.stringify({ version: VERSION, url, profile, ...content })}\n`)
    }
    if (note === undefined) return
    await vault.drop(name, note).catch((thrown: unknown) => {
      log.debug('an old entry stays in the keychain', {
        why: isBridgeError(thrown) ? thrown.message : 'unknown',
      })
    })
  }

  async function change(edit: Edit): Promise<Account | undefined> {
    await makeFolderOf(file)
    return bounded((stop) =>
      withLock({ file: `${file}.lock`, stop }, async () => {
        const before = await read()
        const after = edit(before)
        if (after === before) return before
        const kept = await readKept(file, { url: plain(url), profile })
        await write(after, kept?.kind === 'note' ? kept.note : undefined)
        written = tokensOf(after)?.access
        held = undefined
        return after
      }),
    )
  }

  return {
    read,
    change,
    async hold(edit) {
      held = { edit, after: written }
    },
    async alone(what, stop, work) {
      await makeFolderOf(file)
      return withLock({ file: `${file}.${what}.lock`, stop }, work)
    },
  }
}

/** How an account says which remote it is for: without what may hold secrets. */
export function plain(url: URL): string {
  return url.origin + url.pathname
}

export function vaultName(file: string): string {
  return basename(file, '.json')
}

async function bounded<T>(work: (stop: Stop) => Promise<T>): Promise<T> {
  const stop = createStop()
  const timer = setTimeout(
    () => stopNow(stop, failed('another process has been writing the same sign-in for minutes: end it')),
    LONGEST_WAIT_MS,
  )
  try {
    return await work(stop)
  } finally {
    clearTimeout(timer)
  }
}

interface Whose {
  readonly url: string
  readonly profile: string
}

/**
 * Undefined if there is no file. What is damaged is an error and not as good as none: a sign-in that vanishes without a
 * word would open a browser that nobody expects.
 */
export async function readKept(file: string, whose?: Whose): Promise<Kept | undefined> {
  const text = await readPrivate(file)
  if (text === undefined) return undefined
  let content: { readonly [name: string]: unknown } | null
  try {
    content = JSON.parse(text)
  } catch {
    throw damaged(file, whose)
  }
  if (typeof content !== 'object' || content === null) throw damaged(file, whose)
  const { version, url, profile, note, account } = content
  if (typeof version === 'number' && version > VERSION)
    throw failed(`${file} was written by a newer mcp-ferry: use that one, or run ${logout(whose)}`)
  if (typeof url !== 'string' || typeof profile !== 'string') throw damaged(file, whose)
  if (whose !== undefined && (url !== whose.url || profile !== whose.profile))
    throw failed(`${file} holds the sign-in of another server or profile: remove it`)
  if (typeof note === 'string') return { kind: 'note', url, profile, note }
  return { kind: 'account', account: checked(account, file, { url, profile }) }
}

/** What a vault has given back. */
export function parseAccount(file: string, text: string, whose: Whose): Account {
  let account: unknown
  try {
    account = JSON.parse(text)
  } catch {
    throw damaged(file, whose)
  }
  return checked(account, file, whose)
}

function checked(value: unknown, file: string, whose: Whose): Account {
  let account: Account
  try {
    account = asAccount(value)
  } catch {
    throw damaged(file, whose)
  }
  if (account.url !== whose.url || account.profile !== whose.profile) throw damaged(file, whose)
  return account
}

function damaged(file: string, whose: Whose | undefined): BridgeError {
  return failed(`the sign-in in ${file} is damaged: run ${logout(whose)}, then sign in again`)
}

export function lost(whose: Whose): BridgeError {
  return failed(`the sign-in is not in the keychain any more: run ${logout(whose)}, then sign in again`)
}

function logout(whose: Whose | undefined): string {
  const { url, profile } = whose ?? { url: 'URL', profile: '' }
  return `mcp-ferry logout ${urlInCommand(url)}${profile === '' ? '' : ` --profile ${profile}`}`
}
