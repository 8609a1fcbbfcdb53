// The store that the user has chosen. What lies in the keychain is found there whatever the choice is now, and goes on
// lying there: only `login --store keychain` has to say it. protocol.md G.1 row 33.
import type { Log } from '../log.ts'
import type { StoreChoice } from '../options/sign-in.ts'
import { createFileStore } from './file-store.ts'
import type { KeychainSettings } from './keychain.ts'
import { createKeychainVault } from './keychain-store.ts'
import { createMemoryStore } from './memory-store.ts'
import type { Store } from './store.ts'

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
  return createFileStore({
    folder,
    url,
    profile,
    log,
    vault: createKeychainVault({ platform, env }),
    sealsAll: choice === 'keychain',
  })
}
