// Cookies, kept in memory for the exact origin that set them: load balancers keep a session on one machine with them.
// As much of RFC 6265 as that needs; `Domain` never widens where a cookie goes. protocol.md 0.6, peers.md 1.11. Deferred.

export interface CookieJar {
  /** Keeps what these `Set-Cookie` headers of an answer from `url` set. Returns the values that are kept: secrets. */
  take(url: URL, setCookieHeaders: readonly string[]): string[]
  /** The `Cookie` header for a request to `url`, if there is anything to send. */
  header(url: URL): string | undefined
}

interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
  readonly isSecure: boolean
  /** Wall clock in milliseconds. */
  readonly expiresAt: number
}

const MOST_COOKIES = 50
const COOKIE_LIMIT_BYTES = 4096
/** Header text comes as Latin-1, so anything else did not come from a header. */
const UNSENDABLE = /[^\x20-\x7e\x80-\xff]/

/** A jar. `now` is the wall clock in milliseconds. */
export function createCookieJar(now: () => number): CookieJar {
  /** By origin; in it by name and path, the one set longest ago first. */
  const origins = new Map<string, Map<string, Cookie>>()

  function fresh({ origin }: URL): Map<string, Cookie> {
    const cookies = origins.get(origin) ?? new Map<string, Cookie>()
    for (const [key, { expiresAt }] of cookies) if (expiresAt <= now()) cookies.delete(key)
    return cookies
  }

  return {
    take(url, setCookieHeaders) {
      const cookies = fresh(url)
      for (const header of setCookieHeaders) {
        const cookie = parseSetCookie(header, url, now())
        if (cookie === undefined) continue
        const key = `${cookie.name}=${cookie.path}`
        cookies.delete(key)
        if (cookie.expiresAt <= now()) continue
        cookies.set(key, cookie)
        if (cookies.size > MOST_COOKIES) cookies.delete(cookies.keys().next().value!)
      }
      if (cookies.size > 0) origins.set(url.origin, cookies)
      else origins.delete(url.origin)
      return [...cookies.values()].map(({ value }) => value)
    },
    header(url) {
      const sent = [...fresh(url).values()]
        .filter(
          ({ path, isSecure }) => covers(path, url.pathname) && (!isSecure || url.protocol === 'https:'),
        )
        .sort((a, b) => b.path.length - a.path.length)
      return sent.length === 0 ? undefined : sent.map(({ name, value }) => `${name}=${value}`).join('; ')
    },
  }
}

/** One `Cookie` header of the user's own cookies and the jar's; of two with one name the user's is sent. */
export function mergeCookies(user: string | undefined, jar: string | undefined): string | undefined {
  if (user === undefined || jar === undefined) return user ?? jar
  const nameOf = (pair: string): string => pair.split('=', 1)[0]!.trim()
  const own = new Set(user.split(';').map(nameOf))
  const others = jar.split('; ').filter((pair) => !own.has(nameOf(pair)))
  return [user.replace(/[;\s]+$/, ''), ...others].filter((part) => part !== '').join('; ')
}

/** Undefined for what is no cookie or cannot be sent back; one that has expired deletes. */
function parseSetCookie(header: string, url: URL, now: number): Cookie | undefined {
  const [pair = '', ...parts] = header.split(';')
  const [name, value] = cut(pair)
  if (value === undefined || name === '' || UNSENDABLE.test(header)) return undefined
  if (name.length + value.length > COOKIE_LIMIT_BYTES) return undefined
  // Of an attribute that is written twice the last counts.
  const attributes = new Map(parts.map(cut).map(([key, text = '']) => [key.toLowerCase(), text]))
  const path = attributes.get('path') ?? ''
  return {
    name,
    value,
    path: path.startsWith('/') ? path : defaultPath(url),
    isSecure: attributes.has('secure'),
    expiresAt: expiry(attributes, now),
  }
}

function cut(text: string): [name: string, value: string | undefined] {
  const at = text.indexOf('=')
  return at < 0 ? [text.trim(), undefined] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

function expiry(attributes: ReadonlyMap<string, string>, now: number): number {
  const maxAge = attributes.get('max-age') ?? ''
  if (/^-?\d+$/.test(maxAge)) return now + Number(maxAge) * 1000
  const expires = attributes.get('expires') ?? ''
  // A date without a zone is in GMT (RFC 6265 5.1.1), not where we are.
  if (!expires.includes(':')) return Number.POSITIVE_INFINITY
  const at = Date.parse(/(?:GMT|UTC|[+-]\d{4})$/i.test(expires) ? expires : `${expires} GMT`)
  return Number.isNaN(at) ? Number.POSITIVE_INFINITY : at
}

function defaultPath({ pathname }: URL): string {
  return pathname.slice(0, pathname.lastIndexOf('/')) || '/'
}

function covers(cookiePath: string, path: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`)
}
