// HTTP where something is said of the network: TLS of one's own, addresses, sockets, proxies. Loaded only then.
// protocol.md 0.6.
import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { BridgeError } from '../../errors.ts'
import type { NetworkOptions } from '../../options/network.ts'
import { createTlsContext } from '../../options/tls-context.ts'
import { createDirectHttp, type DirectSettings } from './direct.ts'
import type { Http } from './http.ts'
import { socketFailure } from './socket-failure.ts'
import type { TlsDial } from './trust.ts'

/** Makes a client with its own connections, directly or by a proxy, as each URL needs it. */
export function createNetworked(network: NetworkOptions, settings: DirectSettings): Http {
  const { family, socketPath } = network
  const dial = dialOf(network)
  const lookup = family === undefined ? settings.lookup : ofFamily(family, settings.lookup)
  const direct = createDirectHttp({ ...settings, ...(lookup && { lookup }), ...(dial && { dial }) })
  const socket = socketPath === undefined ? undefined : createSocketHttp(socketPath, settings)
  return {
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
  }
}

/** What is given for TLS, for `tls.connect`. */
export function dialOf({ tls }: NetworkOptions): TlsDial | undefined {
  if (tls === undefined) return undefined
  const { isInsecure, ...files } = tls
  return {
    ...(Object.keys(files).length > 0 && { secureContext: createTlsContext(files) }),
    ...(isInsecure && { rejectUnauthorized: false }),
  }
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

/**
 * The addresses of this family alone. Not by the option `family`: with that Node looks at the first address and at no other.
 */
export function ofFamily(
  family: 4 | 6,
  lookup: LookupFunction = systemLookup as LookupFunction,
): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, family: 0, all: true }, (error, found) => {
      if (error !== null || !Array.isArray(found)) return callback(error, found)
      const fine = found.filter((each) => each.family === family)
      if (fine.length === 0) return callback(noSuch(host, family), '')
      if (options.all) callback(null, fine)
      else callback(null, fine[0]!.address, family)
    })
  }
}

/** An address in the URL is not looked up. */
export function otherFamily(hostname: string, family: 4 | 6): BridgeError | undefined {
  const kind = isIP(hostname.replace(/^\[|\]$/g, ''))
  return kind === 0 || kind === family ? undefined : noSuch(hostname, family)
}

function noSuch(host: string, family: 4 | 6): BridgeError {
  const text = `${host} has no IPv${family} address, and --ipv${family} allows no other; remove --ipv${family}`
  return new BridgeError('dns', text, { maybeDelivered: false, retryable: false })
}
