// Which HTTP the options call for: Node's own, as it is, for most; where something is said of the network, what is loaded
// then. protocol.md 0.6.
import { toBridgeError } from '../../errors.ts'
import type { NetworkOptions } from '../../options/network.ts'
import { createDirectHttp, type DirectSettings } from './direct.ts'
import type { Http } from './http.ts'

/** Makes a client with its own connections. */
export function createHttp(network: NetworkOptions | undefined, settings: DirectSettings): Http {
  if (network === undefined) return createDirectHttp(settings)
  let http: Http | undefined
  let isClosed = false
  const loading = import('./networked.ts').then(({ createNetworked }) => {
    http = createNetworked(network, settings)
    if (isClosed) http.close()
    return http
  })
  loading.catch(() => {})
  return {
    request(wanted) {
      if (http !== undefined) return http.request(wanted)
      loading.then(
        (loaded) => loaded.request(wanted),
        (thrown: unknown) => wanted.onFailure(toBridgeError(thrown)),
      )
    },
    dropIdle: () => http?.dropIdle(),
    close() {
      isClosed = true
      http?.close()
    },
  }
}
