// The door to signing in: with the first refusal, or at the start where somebody has signed in before, this is loaded, and
// makes the authorizer that the options ask for. protocol.md G.2.
import type { Log } from '../log.ts'
import type { Options } from '../options/options.ts'
import { credentialsFolder, quickCredentialsFolder } from '../paths.ts'
import type { Authorizer } from '../remote/authorizer.ts'
import { createAuthorizer } from './authorizer.ts'
import { createFitting } from './fitting.ts'
import { openStore } from './kept/open-store.ts'
import { loginCommandFor } from './login-command.ts'
import { createRefusing } from './refusing.ts'

export interface LoadSettings {
  readonly options: Pick<Options, 'url' | 'headers' | 'signIn'>
  readonly log: Log
  readonly userAgent: string
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** With the store that the options choose. Rejects where the system knows no place for it. */
export async function loadAuthorizer({ options, ...rest }: LoadSettings): Promise<Authorizer> {
  const { url, headers, signIn } = options
  const { log, platform, env } = rest
  if (signIn.isOff) return createRefusing({ url, headers, log })
  const { profile, store: choice } = signIn
  const folder =
    quickCredentialsFolder(env, platform) ?? (choice === 'memory' ? '' : await credentialsFolder(env))
  const store = openStore({ choice, folder, url, profile, platform, env, log })
  return createAuthorizer({
    ...rest,
    url,
    headers,
    signIn,
    store: createFitting(store, signIn),
    loginCommand: loginCommandFor(url, signIn),
  })
}
