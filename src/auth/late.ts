// The authorizer before it is needed: without a sign-in on disk nothing is loaded until the remote asks for one.
// protocol.md H.2, its last paragraph.
import { toBridgeError } from '../errors.ts'
import type { Authorizer, Verdict } from '../remote/authorizer.ts'

export interface LateSettings {
  /** Whether something is there to be sent along from the start. */
  readonly isKnown: boolean
  readonly load: () => Promise<Authorizer>
}

const AS_IS: Verdict = { kind: 'as-is' }

export function createLateAuthorizer({ isKnown, load }: LateSettings): Authorizer {
  let loaded: Authorizer | undefined
  let loading: Promise<Authorizer> | undefined
  let isClosed = false
  const get = (): Promise<Authorizer> => {
    // The program's files are not there while it is being updated: the next request tries again.
    loading ??= load().then(
      (authorizer) => {
        loaded = authorizer
        return authorizer
      },
      (thrown) => {
        loading = undefined
        throw thrown
      },
    )
    return loading
  }
  return {
    credential() {
      if (loaded !== undefined) return loaded.credential()
      if (!isKnown) return undefined
      return get().then(
        (authorizer) => authorizer.credential(),
        () => undefined,
      )
    },
    challenged(challenge) {
      if (isClosed) return Promise.resolve(AS_IS)
      return get().then(
        (authorizer) => (isClosed ? AS_IS : authorizer.challenged(challenge)),
        (thrown) => ({ kind: 'failed', error: toBridgeError(thrown) }),
      )
    },
    get waitsFor() {
      return loaded?.waitsFor
    },
    async close() {
      isClosed = true
      await loaded?.close()
    },
  }
}
