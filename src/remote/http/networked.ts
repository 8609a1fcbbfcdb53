// HTTP where something is said of the network: TLS of one's own, addresses, sockets, proxies. Loaded only then.
// protocol.md 0.6.
import type { NetworkOptions } from '../../options/network.ts'
import { ofFamily, otherFamily } from './addresses.ts'
import { dialOf } from './dial.ts'
import { createDirectHttp, type DirectSettings } from './direct.ts'
import type { Http } from './http.ts'
import { byProxies } from './proxies.ts'
import { socketFailure } from './socket-failure.ts'

/** Makes a client with its own connections, directly or by a proxy, as each URL needs it. */
export function createNetworked(network: NetworkOptions, settings: DirectSettings): Http {
  const { family, socketPath } = network
  const dial = dialOf(network)
  const lookup = family === undefined ? settings.lookup : ofFamily(family, settings.lookup)
  const direct = createDirectHttp({ ...settings, ...(lookup && { lookup }), ...(dial && { dial }) })
  const socket = socketPath === undefined ? undefined : createSocketHttp(socketPath, settings)
  return byProxies(network, settings, {
    request(wanted) {
      if (socket !== undefined && isAtSocket(wanted.url)) return socket.request(wanted)
      const why = family === undefined ? undefined : otherFamily(wanted.url.hostname, family)
      if (why !== undefined) return wanted.onFailure(why)
      direct.request(wanted)
    },
    dropIdle() {
      direct.dropIdle()
      socket?.dropIdle()
    },
    close() {
      direct.close()
      socket?.close()
    },
  })
}

/** What the URL of a socket has become; anything else is somewhere else, as an authorization server is that it names. */
function isAtSocket({ origin }: URL): boolean {
  return origin === 'http://localhost'
}

function createSocketHttp(socketPath: string, settings: DirectSettings): Http {
  const http = createDirectHttp({ ...settings, dial: { path: socketPath } })
  return {
    ...http,
    request: (wanted) =>
      http.request({ ...wanted, onFailure: (error) => wanted.onFailure(socketFailure(error, socketPath)) }),
  }
}
