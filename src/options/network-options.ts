// What the command line and the environment say about the way to the remote → one frozen NetworkOptions: TLS, addresses,
// sockets; of proxies proxy-options.ts knows. protocol.md 0.6.
import type { NetworkOptions } from './network.ts'
import type { Options } from './options.ts'
import { readProxies } from './proxy-options.ts'
import type { SignInRequest } from './sign-in-texts.ts'
import { createReading } from './sign-in-texts.ts'

/** The options with what is said about the way to the remote. Throws BridgeError `usage`. */
export function readNetwork(options: Options, request: SignInRequest): Options {
  const reading = createReading(request)
  const network: NetworkOptions = { ...options.network, ...readProxies(reading, options.url) }
  if (Object.keys(network).length === 0) return options
  return Object.freeze({
    ...options,
    network: Object.freeze(network),
    secrets: Object.freeze([...options.secrets, ...reading.secrets]),
    warnings: Object.freeze([...options.warnings, ...reading.warnings]),
  })
}
