// Which hosts may be spoken to without encryption: this machine freely, a private network with a warning. Pure;
// takes `URL.hostname`, which has already turned every way to write an IPv4 address into the usual one.

/** What a plain `http:` URL is: `none` for https. `private` is told on stderr. */
export type PlainHttp = 'none' | 'loopback' | 'private' | 'allowed'

export type Reach = 'loopback' | 'private' | 'public'

/** How far away the host of a URL is, judged by its name alone; nothing is resolved. */
export function reachOf(hostname: string): Reach {
  const host = hostname.replace(/\.$/, '').toLowerCase()
  if (host.startsWith('[')) return reachOfV6(host.slice(1, -1))
  if (/^\d+(?:\.\d+){3}$/.test(host)) return reachOfV4(host.split('.').map(Number))
  if (/(?:^|\.)localhost$/.test(host) || host === 'host.docker.internal') return 'loopback'
  return /\.(?:local|lan|internal|home\.arpa)$/.test(host) ? 'private' : 'public'
}

function reachOfV4(parts: readonly number[]): Reach {
  const [a = 0, b = 0] = parts
  // To connect to 0.0.0.0 is to connect to oneself; development servers print it as their address.
  if (a === 127 || parts.every((part) => part === 0)) return 'loopback'
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b <= 127)
  return isPrivate ? 'private' : 'public'
}

function reachOfV6(address: string): Reach {
  const groups = groupsOf(address)
  const first = groups[0] ?? 0
  const leading = groups.slice(0, 5).every((group) => group === 0)
  if (leading && groups[5] === 0 && groups[6] === 0 && (groups[7] ?? 2) < 2) return 'loopback'
  if (leading && groups[5] === 0xffff)
    return reachOfV4([groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255])
  return (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80 ? 'private' : 'public'
}

/** The eight groups of an IPv6 address as WHATWG URL writes it: hexadecimal, with at most one `::`. */
export function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::')
  const read = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  if (tail === undefined) return read(head)
  const front = read(head)
  const back = read(tail)
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back]
}
