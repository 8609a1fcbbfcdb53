// All the accounts that are kept, for `status` and `logout`. protocol.md G.1 row 33.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isBridgeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Account } from './account.ts'
import { hideSecrets } from './account-shape.ts'
import { type Kept, lost, parseAccount, readKept, vaultName } from './file-store.ts'
import { removePrivate } from './private-file.ts'
import { codeOf, failed } from './store-errors.ts'
import type { Vault } from './vault.ts'

export type Listed =
  | {
      readonly kind: 'account'
      readonly file: string
      readonly keptIn: 'file' | 'keychain'
      readonly account: Account
    }
  /** It is there and cannot be used; why, in a sentence. */
  | { readonly kind: 'unusable'; readonly file: string; readonly note: string }

interface AccountsSettings {
  readonly folder: string
  readonly vault: Vault
  readonly log: Log
  /** The file of the only one that matters: the others are not opened, which their owner may have to allow. */
  readonly only?: string
}

/** Every account of every server and profile, in the order of their names. */
export async function listAccounts({
  folder,
  vault,
  log,
  only,
}: AccountsSettings): Promise<readonly Listed[]> {
  const listed: Listed[] = []
  for (const name of await accountNames(join(folder, 'accounts'))) {
    const file = join(folder, 'accounts', name)
    if (only !== undefined && file !== only) continue
    try {
      const one = await listedOf(file, vault)
      if (one === undefined) continue
      if (one.kind === 'account') hideSecrets(one.account, log)
      listed.push(one)
    } catch (thrown) {
      listed.push({ kind: 'unusable', file, note: sentenceOf(thrown) })
    }
  }
  return listed
}

async function accountNames(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  } catch (thrown) {
    const code = codeOf(thrown)
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw failed(`the folder of the sign-ins cannot be read (${code}): make it readable for you alone`)
  }
}

/** Undefined if it has been removed meanwhile. */
async function listedOf(file: string, vault: Vault): Promise<Listed | undefined> {
  const kept = await readKept(file)
  if (kept === undefined) return undefined
  if (kept.kind === 'account') return { kind: 'account', file, keptIn: 'file', account: kept.account }
  const text = await vault.open(vaultName(file), kept.note)
  if (text === undefined) throw lost(kept)
  return { kind: 'account', file, keptIn: 'keychain', account: parseAccount(file, text, kept) }
}

function sentenceOf(thrown: unknown): string {
  return isBridgeError(thrown) ? thrown.message : `it cannot be read (${codeOf(thrown)})`
}

/**
 * Removes the account in this file, also one that is damaged or that others can read. Resolves with whether there was one;
 * rejects if its file is still there, or what it has in the keychain.
 */
export async function removeAccountFile(file: string, vault: Vault): Promise<boolean> {
  let kept: Kept | undefined
  let isThere = true
  try {
    kept = await readKept(file)
    isThere = kept !== undefined
  } catch {}
  if (!isThere) return false
  try {
    if (kept?.kind === 'note') await vault.drop(vaultName(file), kept.note)
  } finally {
    // A keychain that is gone for good must not keep anybody signed in.
    await removePrivate(file)
  }
  return true
}
