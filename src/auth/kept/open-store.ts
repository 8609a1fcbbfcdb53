// The store that the user has chosen. What lies in the keychain is found there whatever the choice is now, and goes on
// lying there: only `login --store keychain` has to say it. protocol.md G.1 row 33.
import { isAbsolute } from 'node:path'
import type { Log } from '../../log.ts'
import type { StoreChoice } from '../../options/sign-in.ts'
import { CREDENTIALS_VARIABLE } from '../../paths.ts'
import { createFileStore } from './file-store.ts'
import type { KeychainSettings } from './keychain.ts'
import { createMemoryStore } from './memory-store.ts'
import type { Store } from './store.ts'
import type { Vault } from './vault.ts'

export interface OpenStoreSettings extends KeychainSettings {
  readonly choice: StoreChoice
  /** What `credentialsFolder` gives. */
  readonly folder: string
  readonly url: URL
  readonly profile: string
  readonly log: Log
}

export function openStore({ choice, folder, url, profile, platform, env, log }: OpenStoreSettings): Store {
  if (choice === 'memory') return createMemoryStore(log)
  if (!isAbsolute(folder))
    log.warn(
      `${CREDENTIALS_VARIABLE} is no whole path: sign-ins are kept below the folder that this is started in, which an editor chooses; write it from the root on`,
    )
  return createFileStore({
    folder,
    url,
    profile,
    log,
    vault: keychain({ platform, env }),
    sealsAll: choice === 'keychain',
  })
}

/** The keychain, whose tools are loaded when something lies there: most accounts are files (bench: start). */
export function keychain(settings: KeychainSettings): Vault {
  let loaded: Promise<Vault> | undefined
  const load = (): Promise<Vault> => {
    loaded ??= import('./keychain-store.ts').then(({ createKeychainVault }) => createKeychainVault(settings))
    return loaded
  }
  return {
    seal: async (...asked) => (await load()).seal(...asked),
    open: async (...asked) => (await load()).open(...asked),
    drop: async (...asked) => (await load()).drop(...asked),
  }
}
