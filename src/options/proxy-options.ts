// Which proxy leads where: --proxy, --no-proxy, and the variables that programs have in common. Pure. What a variable says is
// judged only where it applies: it is for other programs as well. protocol.md 0.6.
import { usage } from '../errors.ts'
import type { HttpProxy, NetworkOptions } from './network.ts'
import { chooseProxy, namesProxy } from './proxy-choice.ts'
import type { Sourced } from './quantities.ts'
import type { Reading } from './reading.ts'
import { bad } from './reading.ts'
import { basicOf, decode } from './url.ts'

/** `url`: the remote, if there is one. Throws BridgeError `usage`. */
export function readProxies(reading: Reading, url: URL | undefined): Pick<NetworkOptions, 'proxyFor'> {
  const { environment } = reading.request
  const given = reading.text('--proxy')
  if (reading.isOn('--no-proxy')) {
    if (given !== undefined) throw bad(`--no-proxy and ${given.from} are both given`, 'leave one of them out')
    return {}
  }
  if (given === undefined && !namesProxy(environment)) return {}
  const known = new Map<string, ReadProxy>()
  const read = (named: Sourced): ReadProxy => {
    const key = `${named.from} ${named.text}`
    const proxy = known.get(key) ?? readProxy(named)
    known.set(key, proxy)
    return proxy
  }
  const proxyFor = (wanted: URL): HttpProxy | undefined => {
    const choice = chooseProxy(wanted, environment, given)
    return choice.kind === 'proxy' ? read(choice.named).proxy : undefined
  }
  // What is wrong is an error of the command line, and not one of the first request.
  if (given !== undefined) read(given)
  if (url !== undefined) proxyFor(url)
  reading.secrets.push(...secretsOf(environment.values, given))
  return { proxyFor }
}

interface ReadProxy {
  readonly proxy: HttpProxy
  readonly secrets: readonly string[]
}

/** Throws BridgeError `usage`, which never shows what is written. */
export function readProxy({ text, from }: Sourced): ReadProxy {
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') {
    const kind = scheme.startsWith('socks') ? 'a SOCKS proxy' : 'a proxy that is neither http:// nor https://'
    throw usage('proxy-unknown', `${from} names ${kind}, which mcp-ferry cannot use; ${REMEDY}`)
  }
  const whole = scheme === undefined ? `http://${text.replace(/^\/\//, '')}` : text
  const url = URL.canParse(whole) ? new URL(whole) : undefined
  if (url === undefined || url.hostname === '')
    throw usage('proxy-invalid', `${from} is not the URL of a proxy; it looks like http://host:port`)
  if (/@/.test(url.pathname + url.search + url.hash))
    throw usage(
      'proxy-invalid',
      `${from} has an @ behind the host of the proxy; in user and password write / as %2F, ? as %3F and # as %23`,
    )
  const { password } = url
  const authorization = basicOf(url)
  const proxy = { url: new URL(url.origin), from }
  if (authorization === undefined) return { proxy, secrets: [] }
  const secrets = [authorization.slice('Basic '.length), password, decode(password)]
  return { proxy: { ...proxy, authorization }, secrets: secrets.filter((secret) => secret !== '') }
}

const REMEDY = 'name the http:// or https:// proxy of your network, or use --no-proxy'

/** Also of those that another host than the remote is reached by. */
function secretsOf(
  values: Readonly<Record<string, string | undefined>>,
  given: Sourced | undefined,
): string[] {
  const variables = Object.entries(values).filter(([name]) => /^(?:all|https?)_proxy$/i.test(name))
  const all = [...variables.map(([from, text = '']) => ({ from, text })), ...(given ? [given] : [])]
  return all.flatMap((named) => {
    try {
      return named.text === '' ? [] : readProxy(named).secrets
    } catch {
      return []
    }
  })
}
