// Which URLs that somebody else has named are asked, connected to or given to a browser: a remote that can make us ask
// where it wants reaches what only this machine can reach, and a browser runs more than https. Pure.
// protocol.md G.8, G.1 rows 25, 26 and 30.
import { BlockList, isIP, isIPv4 } from 'node:net'
import { BridgeError } from '../errors.ts'
import { groupsOf } from '../options/plain-http.ts'

export interface UrlRules {
  /** The MCP server is on this machine, and so may be what signs in to it, without TLS. */
  readonly allowsLoopbackHttp: boolean
  /** What is not on the public internet may be asked. */
  readonly allowsPrivate: boolean
  /** The host of an MCP server that the user reaches without TLS: there the same holds for what signs in to it. */
  readonly plainHost?: string
}

/** `resolvesPrivate`: the name of the MCP server leads to a private address. */
export function rulesFor(server: URL, resolvesPrivate: boolean, allowPrivate: boolean): UrlRules {
  const host = server.hostname
  return {
    allowsLoopbackHttp: isLoopbackHost(host),
    allowsPrivate: allowPrivate || resolvesPrivate || isPrivateHost(host),
    ...(server.protocol === 'http:' ? { plainHost: host } : {}),
  }
}

/** The URL, if it may be used; `what` it is the URL of, for the sentence: "the token endpoint of auth.example.com". */
export function checkUrl(text: unknown, what: string, rules: UrlRules): URL {
  const refuse = (why: string): never => {
    throw new BridgeError('auth-failed', `${what} cannot be used: ${why}`)
  }
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return refuse('it is not a URL')
  const { protocol, hostname: host } = url
  if (protocol !== 'https:' && protocol !== 'http:')
    return refuse(`it begins with ${protocol}, not with https://`)
  if (url.username !== '' || url.password !== '') return refuse(`the URL on ${host} has a user name in it`)
  if (url.hash !== '' || url.href.endsWith('#')) return refuse(`the URL on ${host} has a fragment (#…)`)
  if (!HOST.test(host)) return refuse('its host name has characters that host names do not have')
  const isPlainHost = host === rules.plainHost || (rules.allowsLoopbackHttp && isLoopbackHost(host))
  if (protocol === 'http:' && !isPlainHost) return refuse(`http://${host} is not encrypted; it must be https`)
  if (!rules.allowsPrivate && !isPlainHost && isPrivateHost(host)) return refuse(privateWhy(host))
  return url
}

/** Why a private host is refused, and what to do if that is meant. */
export function privateWhy(host: string): string {
  return `${host} is in a private network while the MCP server is not; if you trust it, add --allow-private`
}

/**
 * The URL as a browser is given it, as one argument. What RFC 3986 does not allow is refused even if URL parsers let it
 * pass: CVE-2025-6514 was a URL that a shell took apart.
 */
export function browserUrl(url: URL): string {
  const text = url.href
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  if (isWeb && url.username === '' && url.password === '' && HOST.test(url.hostname) && RFC_3986.test(text))
    return text
  const host = HOST.test(url.hostname) ? ` on ${url.hostname}` : ''
  const why = `the sign-in page${host} cannot be opened: its URL is not one that is safe to give to a browser`
  throw new BridgeError('auth-failed', why)
}

const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/
const RFC_3986 = /^https?:\/\/[a-z0-9._:[\]-]+\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*$/

/** Names for this machine, and its addresses. */
export function isLoopbackHost(host: string): boolean {
  const name = bare(host)
  if (isIPv4(name)) return name.startsWith('127.')
  return name === '::1' || /(?:^|\.)localhost\.?$/.test(name)
}

function isPrivateHost(host: string): boolean {
  const name = bare(host)
  return isIP(name) !== 0 ? isPrivateAddress(name) : isLoopbackHost(name)
}

function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

/** IANA's special-purpose registries: whatever is not an address of one machine on the public internet. */
const SPECIAL_4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
])
/** All that is public lies in there, less what follows: protocols, Teredo, documentation. */
const PUBLIC_6 = blockList('ipv6', ['2000::/3'])
const SPECIAL_6 = blockList('ipv6', ['2001::/23', '2001:db8::/32', '3fff::/20'])

function blockList(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address, bits] = range.split('/')
    list.addSubnet(address!, Number(bits), family)
  }
  return list
}

/** Whether this is not a public address. What is no address at all counts as one that must not be connected to. */
export function isPrivateAddress(ip: string): boolean {
  const address = ip.replace(/%.*$/, '')
  const family = isIP(address)
  if (family === 4) return SPECIAL_4.check(address, 'ipv4')
  if (family !== 6) return true
  const inner = embedded(groupsOf(bare(new URL(`http://[${address}]/`).hostname)))
  if (inner !== undefined) return isPrivateAddress(inner)
  return !PUBLIC_6.check(address, 'ipv6') || SPECIAL_6.check(address, 'ipv6')
}

/** The IPv4 address that an IPv6 address leads to: mapped, compatible, translated (SIIT), NAT64, 6to4. */
function embedded(groups: readonly number[]): string | undefined {
  const starts = (...prefix: number[]): boolean => prefix.every((group, index) => groups[index] === group)
  const at = (index: number): string =>
    [groups[index]!, groups[index + 1]!].map((group) => `${group >> 8}.${group & 255}`).join('.')
  if (starts(0x2002)) return at(1)
  const isMapped = starts(0, 0, 0, 0, 0, 0xffff) || starts(0, 0, 0, 0, 0xffff, 0) || starts(0, 0, 0, 0, 0, 0)
  return isMapped || starts(0x64, 0xff9b, 0, 0, 0, 0) ? at(6) : undefined
}
