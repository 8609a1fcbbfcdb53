// Decides for each URL whether it is reached directly or by a proxy; what speaks to proxies is loaded for the first that needs
// one. protocol.md 0.6.
import { toBridgeError } from '../../errors.ts'
import type { HttpProxy, NetworkOptions } from '../../options/network.ts'
import type { DirectSettings } from './direct.ts'
import type { Http, HttpRequest } from './http.ts'
import type { Proxied } from './proxied.ts'

/** `direct`, but that what a proxy is for goes there. */
export function byProxies(network: NetworkOptions, settings: DirectSettings, direct: Http): Http {
  const { proxyFor } = network
  if (proxyFor === undefined) return direct
  let loading: Promise<Proxied> | undefined
  let proxied: Proxied | undefined
  let isClosed = false

  async function load(): Promise<Proxied> {
    const { createProxied } = await import('./proxied.ts')
    proxied = createProxied(network, settings)
    return proxied
  }

  function byProxy(wanted: HttpRequest, proxy: HttpProxy): void {
    if (proxied !== undefined) return proxied.request(wanted, proxy)
    loading ??= load()
    loading.then(
      (loaded) => {
        loaded.request(wanted, proxy)
        if (isClosed) loaded.close()
      },
      (thrown: unknown) => wanted.onFailure(toBridgeError(thrown)),
    )
  }

  return {
    request(wanted) {
      let proxy: HttpProxy | undefined
      try {
        proxy = proxyFor(wanted.url)
      } catch (thrown) {
        return queueMicrotask(() => wanted.onFailure(toBridgeError(thrown)))
      }
      if (proxy === undefined) direct.request(wanted)
      else byProxy(wanted, proxy)
    },
    dropIdle() {
      direct.dropIdle()
      proxied?.dropIdle()
    },
    close() {
      isClosed = true
      direct.close()
      proxied?.close()
    },
  }
}
