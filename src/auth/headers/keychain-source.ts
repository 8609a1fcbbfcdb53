// `keychain:service/account` in a header: the value lies in the keychain of the system, and is read when it is first needed
// and again when the remote has refused it.
import type { Log } from '../../log.ts'
import type { ChangingHeader } from '../../options/sign-in.ts'
import { readKeychain } from '../kept/keychain.ts'
import { checked } from './command-output.ts'
import { createHeld, type HeaderSource } from './held-headers.ts'

export interface KeychainSettings {
  readonly header: Extract<ChangingHeader, { kind: 'keychain' }>
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  readonly now: () => number
}

export function createKeychainSource({ header, platform, env, log, now }: KeychainSettings): HeaderSource {
  const { name, before, service, account } = header
  return createHeld({
    again: 'the keychain was read again',
    now,
    async make() {
      const settings = { platform, env, instead: '--header-env' }
      const value = (await readKeychain({ service, account }, settings)).trim()
      log.hide(value)
      return { headers: [checked(name, `${before}${value}`, 'the keychain')] }
    },
    onStale: (error) => log.warn(`${error.message} (what it held before is still used)`),
  })
}
