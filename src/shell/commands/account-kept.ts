// What login, logout and status have in common: the accounts that are kept, and those of them that the command is about.
import { accountFile } from '../../auth/kept/account-file.ts'
import { type Listed, listAccounts } from '../../auth/kept/accounts.ts'
import { keychain } from '../../auth/kept/open-store.ts'
import type { Vault } from '../../auth/kept/vault.ts'
import { credentialsFolder } from '../../paths.ts'
import type { AccountSettings } from './account.ts'

export interface KeptAccounts {
  readonly folder: string
  readonly vault: Vault
  /** Those that the command is about: of the URL, or all, or all of the profile. */
  readonly listed: readonly Listed[]
}

/** Rejects where the system knows no place for sign-ins, or the folder cannot be read. */
export async function keptAccounts({ options, log, env, platform }: AccountSettings): Promise<KeptAccounts> {
  const { remote, signIn } = options
  const { profile } = signIn
  const folder = await credentialsFolder(env)
  const vault = keychain({ platform, env })
  if (remote !== undefined) {
    const only = accountFile(folder, remote.url, profile)
    return { folder, vault, listed: await listAccounts({ folder, vault, log, only }) }
  }
  const all = await listAccounts({ folder, vault, log })
  const isOfProfile = (one: Listed): boolean =>
    profile === '' || (one.kind === 'account' && one.account.profile === profile)
  return { folder, vault, listed: all.filter(isOfProfile) }
}
