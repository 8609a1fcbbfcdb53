// Whether NO_PROXY names a host: names and what ends in them, addresses and ranges of them, ports. Pure. There is no standard;
// what curl, Go and Python have in common is understood, and nothing is resolved. protocol.md 0.6.
import { groupsOf } from './plain-http.ts'

/** The entry of the list that excepts this URL from proxies, as it is written. */
export function exceptionIn(list: string, url: URL): string | undefined {
  const host = bare(url.hostname.toLowerCase())
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list.split(/[\s,]+/).find((entry) => entry !== '' && isNamed(entry.toLowerCase(), host, port))
}

function isNamed(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  const { name, only } = splitPort(entry)
  if (only !== undefined && only !== port) return false
  const [, start, length] = /^(.+)\/(\d{1,3})$/.exec(name) ?? []
  if (start !== undefined) return isWithin(bitsOf(bare(start)), Number(length), bitsOf(host))
  const wanted = bare(name)
  const [bits, own] = [bitsOf(wanted), bitsOf(host)]
  if (bits !== undefined || own !== undefined) return isWithin(bits, bits?.length ?? 0, own)
  const suffix = wanted.replace(/^\*?\./, '')
  return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`))
}

/** `host:8080`, `[::1]:8080`; an IPv6 address without brackets has no port behind it. */
function splitPort(entry: string): { readonly name: string; readonly only?: string } {
  const [, name, only] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? []
  return name === undefined || only === undefined ? { name: entry } : { name, only: String(Number(only)) }
}

function isWithin(start: string | undefined, length: number, host: string | undefined): boolean {
  if (start === undefined || start.length !== host?.length || length > start.length) return false
  return host.startsWith(start.slice(0, length))
}

/** The bits of an address, however it is written; one of IPv4 within IPv6 is the one of IPv4. */
function bitsOf(text: string): string | undefined {
  if (/^\d+(?:\.\d+){3}$/.test(text)) {
    const parts = text.split('.').map(Number)
    return parts.some((part) => part > 255) ? undefined : parts.map((part) => binary(part, 8)).join('')
  }
  const url = `http://[${text}]/`
  if (!text.includes(':') || !URL.canParse(url)) return undefined
  const groups = groupsOf(bare(new URL(url).hostname))
  const bits = groups.map((group) => binary(group, 16)).join('')
  return bits.startsWith(MAPPED) ? bits.slice(MAPPED.length) : bits
}

const MAPPED = '0'.repeat(80) + '1'.repeat(16)

function binary(value: number, length: number): string {
  return value.toString(2).padStart(length, '0')
}

/** Without the brackets of an IPv6 address, and without the dot that ends a name which is complete. */
function bare(name: string): string {
  return name.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}
