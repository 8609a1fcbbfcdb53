// What the command line and the environment say about the way to the remote → one frozen NetworkOptions: TLS, addresses,
// sockets; of proxies proxy-options.ts knows. protocol.md 0.6.
import { usage } from '../errors.ts'
import type { NetworkOptions } from './network.ts'
import type { Options } from './options.ts'
import { readProxies } from './proxy-options.ts'
import { bad, createReading, type FurtherRequest, type Reading } from './reading.ts'
import type { SignInOptions } from './sign-in.ts'
import { readTls } from './tls-files.ts'
import type { Warning } from './warning.ts'

/** The options with what is said about the way to the remote. Throws BridgeError `usage`. */
export function readNetwork(options: Options, request: FurtherRequest): Options {
  const reading = createReading(request)
  const { url, socketPath } = readSocket(options.url)
  const network = read(reading, url, socketPath)
  if (Object.keys(network).length === 0) return options
  return Object.freeze({
    ...options,
    url,
    network,
    signIn: withNetwork(options.signIn, network),
    secrets: Object.freeze([...options.secrets, ...reading.secrets]),
    warnings: Object.freeze([...options.warnings, ...reading.warnings, ...warningsOf(network, url)]),
  })
}

/** The same for signing in at whatever server. Throws BridgeError `usage`. */
export function readSignInNetwork(signIn: SignInOptions, reading: Reading): SignInOptions {
  return withNetwork(signIn, read(reading, undefined, undefined))
}

function read(reading: Reading, url: URL | undefined, socketPath: string | undefined): NetworkOptions {
  const tls = readTls(reading)
  const family = readFamily(reading)
  return Object.freeze({
    ...readProxies(reading, url),
    ...(socketPath !== undefined && { socketPath }),
    ...(tls !== undefined && { tls }),
    ...(family !== undefined && { family }),
  })
}

function readFamily(reading: Reading): 4 | 6 | undefined {
  const [isFour, isSix] = [reading.isOn('--ipv4'), reading.isOn('--ipv6')]
  if (isFour && isSix) throw bad('--ipv4 and --ipv6 contradict each other', 'remove one of them')
  return isFour ? 4 : isSix ? 6 : undefined
}

/** Whoever signs in there is asked for passwords and gives tokens: that is checked, whatever the user has said. */
function withNetwork(signIn: SignInOptions, { tls, ...network }: NetworkOptions): SignInOptions {
  const { isInsecure: _, ...checked } = tls ?? {}
  const all = { ...network, ...(Object.keys(checked).length > 0 && { tls: checked }) }
  return Object.keys(all).length === 0 ? signIn : Object.freeze({ ...signIn, network: Object.freeze(all) })
}

function warningsOf({ tls }: NetworkOptions, url: URL): Warning[] {
  if (!tls?.isInsecure || url.protocol !== 'https:') return []
  const text = `THE CERTIFICATE OF ${url.host} IS NOT CHECKED, since --insecure is given: whoever stands in between can read and change everything; pass the certificate authority with --ca <file> instead`
  return [{ code: 'insecure', level: 'error', text }]
}

const PIPE = /^\\\\[.?]\\pipe\\[^\\]/i

/**
 * The socket of an http+unix URL, and the URL that is asked for there. Its fragment, which is never sent, tells apart what is
 * kept of two sockets: sign-ins, handshakes, eras.
 */
function readSocket(url: URL): { readonly url: URL; readonly socketPath?: string } {
  if (url.protocol !== 'http+unix:') return { url }
  const socketPath = decoded(url.hostname)
  if (socketPath === undefined || url.port !== '' || !(socketPath.startsWith('/') || PIPE.test(socketPath)))
    throw usage(
      'url-invalid',
      'the http+unix URL does not begin with the whole path of a socket; write http+unix://%2Fpath%2Fto%2Fit.sock/mcp, with %2F for each / of it, or %5C%5C.%5Cpipe%5Cname for a named pipe',
    )
  const asked = new URL(`http://localhost${url.pathname}${url.search}`)
  asked.hash = socketPath
  return { url: asked, socketPath }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
