// What the bridge would send along: the user's headers, what commands print, the sign-in that is kept and is renewed if need
// be. Nobody is asked for anything. protocol.md G.2.
import type { Log } from '../../log.ts'
import type { Options } from '../../options/options.ts'
import type { Authorizer, Credential } from '../../remote/authorizer.ts'
import type { Surroundings } from '../door.ts'

export interface Credentials {
  /** Headers for a request, names and values in turn. Rejects with a BridgeError where they cannot be had. */
  headersFor(method: string, url: URL): Promise<readonly string[]>
  close(): Promise<void>
}

/** Rejects with a BridgeError. */
export async function openCredentials(
  given: Options,
  log: Log,
  surroundings: Pick<Surroundings, 'env' | 'platform' | 'userAgent'>,
): Promise<Credentials> {
  const { loadAuthorizer } = await import('../../auth/loading.ts')
  const { platform } = surroundings
  let authorizer: Authorizer = await loadAuthorizer({ ...surroundings, options: given, log })
  let options = given
  if (given.changing !== undefined) {
    const { createChanging } = await import('../../auth/headers/changing.ts')
    const made = createChanging({ options: given, platform, log })(authorizer)
    authorizer = made.authorizer
    options = made.options
  }
  let credential: Promise<Credential | undefined> | undefined
  return {
    async headersFor(method, url) {
      credential ??= Promise.resolve(authorizer.credential())
      const known = await credential
      const own =
        known === undefined ? [] : [...known.headers, ...((await known.sign?.({ method, url })) ?? [])]
      const names = new Set(own.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()))
      const rest = options.headers.filter(({ name }) => !names.has(name.toLowerCase()))
      for (const [index, text] of own.entries()) if (index % 2 === 1) log.hide(text)
      return [...rest.flatMap(({ name, value }) => [name, value]), ...own]
    },
    close: () => authorizer.close(),
  }
}
