// The remote's URL as text → a checked URL. Variables are filled in and encoded for the place they stand in, userinfo
// becomes a header, and plain http is allowed only where it is safe enough. Pure; no sentence shows path, query or
// userinfo. arguments.md 2 (rows 5, 7, 8), 4.4.
import { usage } from '../errors.ts'
import type { Header } from './headers.ts'
import type { PlainHttp } from './plain-http.ts'
import { reachOf } from './plain-http.ts'
import { codePoint, suspicions } from './suspicions.ts'
import type { Environment, Gap } from './variables.ts'
import { fillIn, looksLikeSecret, trimEnds, withoutQuotes } from './variables.ts'
import { quotesLeftOut, type Warning } from './warning.ts'

export interface UrlRequest {
  readonly text: string
  /** Where it came from, for the sentences: `the command line`, `MCP_FERRY_URL`. */
  readonly from: string
  /** Whether it is what a variable holds, and so is not looked into for variables. */
  readonly isData: boolean
  readonly allowHttp: boolean
  readonly environment: Environment
}

export interface ReadUrl {
  readonly url: URL
  /** From `https://user:password@host/`. */
  readonly authorization?: Header
  /** What variables have put behind the host, and what looks like a key there. */
  readonly secrets: readonly string[]
  readonly plainHttp: PlainHttp
  readonly warnings: readonly Warning[]
}

/** Typographic quotes, exotic blanks and marks: what pasting leaves behind. */
const DAMAGE = /[\u00a0\u00ad\u2000-\u200f\u2018-\u201f\u2028-\u202f\u2060\u3000\ufeff\ufffd]/

/** Reads and checks the URL. Throws `url-missing`, `url-invalid`, `http-not-allowed` and the `env-…` errors. */
export function readUrl(request: UrlRequest): ReadUrl {
  const warnings: Warning[] = []
  const secrets: string[] = []
  const isPlain = PLAIN.test(request.text) && URL.canParse(request.text)
  const url = isPlain ? new URL(request.text) : readMarked(request, { warnings, secrets })
  url.hash = ''
  secrets.push(url.password, decode(url.password))
  const authorization = takeUserinfo(url)
  const plainHttp = judge(url, request.allowHttp)
  if (plainHttp === 'private')
    warnings.push({
      code: 'plain-http',
      text: `http://${url.host} is not encrypted, so the headers can be read by others on that network; use https:// if the server has it`,
    })
  secrets.push(...url.pathname.split('/').filter(isKey), ...url.pathname.split('/').map(decode).filter(isKey))
  secrets.push(...url.searchParams.values(), ...url.search.slice(1).split(/[&=]/), url.search.slice(1))
  return { url, plainHttp, warnings, secrets, ...(authorization && { authorization }) }
}

/** Whether a part of the path is a key, as some services have it there, and not a word. */
function isKey(segment: string): boolean {
  return segment.length >= 8 && looksLikeSecret(segment)
}

/** Nothing to fill in, to repair or to refuse, as nearly all are: saves most of a millisecond of the start. */
const PLAIN = /^https?:\/\/(?!https?\/\/)[a-z0-9][a-z0-9.-]*(?::\d{1,5})?(?:\/[\w.~/-]*)?$/

interface Notes {
  readonly warnings: Warning[]
  readonly secrets: string[]
}

/** A URL with quotes, variables, a query or anything else to look at. */
function readMarked(request: UrlRequest, notes: Notes): URL {
  const what = `the URL from ${request.from}`
  const bare = unwrap(trimEnds(request.text), what, notes.warnings)
  const text = request.isData ? bare : fillInUrl(bare, request, notes)
  if (text === '') throw usage('url-missing', `${what} is empty; write https://host/path`)
  checkText(text, { what, isData: request.isData })
  return parseUrl(text, what)
}

/** Without one pair of quotes or angle brackets around all of it. */
function unwrap(text: string, what: string, warnings: Warning[]): string {
  const inner = /^<[^<>]*>$/.test(text) ? text.slice(1, -1) : withoutQuotes(text)
  if (inner === text) return text
  warnings.push(quotesLeftOut(what))
  return trimEnds(inner)
}

function fillInUrl(template: string, request: UrlRequest, { warnings, secrets }: Notes): string {
  const what = `the URL from ${request.from}`
  const place = { what, environment: request.environment }
  const filled = fillIn(template, place, (gap) => {
    if (gap.before === '') return unwrap(gap.value, `the text of the variable ${gap.name}`, warnings)
    if (/^[a-z]+:\/\/[^/]*\//i.test(gap.before)) secrets.push(gap.value)
    return encodeFor(gap)
  })
  warnings.push(...suspicions(template, what, request.environment), ...filled.warnings)
  return trimEnds(filled.text)
}

/**
 * A variable may hold the scheme, the host or the base of the URL and is then taken as it is. In userinfo, path and
 * query it is a value and its special characters are encoded, except that a path (`/v1/mcp`) continues a base.
 */
function encodeFor({ value, before, after }: Gap): string {
  if (/^[a-z][a-z0-9+.-]*(?::\/?)?$/i.test(before)) return value
  const isAuthority = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*$/i.test(before)
  const isPathOfSocket = /^http\+unix/i.test(before) && !value.includes('%')
  if (isAuthority && !/^[^/?#]*@/.test(after)) return isPathOfSocket ? encodeURIComponent(value) : value
  const isPath = value.startsWith('/') && /[^/?#]$/.test(before) && !/[?#]/.test(before)
  return isPath && !isAuthority ? value : encodeURIComponent(value)
}

function checkText(text: string, { what, isData }: { what: string; isData: boolean }): void {
  const control = /[\x00-\x1f\x7f]/.exec(text) ?? DAMAGE.exec(text)
  if (control !== null) throw usage('url-invalid', `${what} contains ${codePoint(control[0])}; type it again`)
  if (/ -{1,2}[A-Za-z]/.test(text))
    throw usage(
      'url-invalid',
      `${what} has options in the same argument; write each option and each value as an argument of its own`,
    )
  if (text.includes(' '))
    throw usage('url-invalid', `${what} has a blank in it; write %20, or give each argument on its own`)
  if (text.includes('^')) {
    const instead = isData ? 'remove it' : 'put the URL into a variable and use --url-env'
    throw usage('url-invalid', `${what} has a ^ in it, which cmd.exe leaves behind; ${instead}`)
  }
  if (/["`\\]/.test(text) || text.split("'").length % 2 === 0)
    throw usage('url-invalid', `${what} has a quote or a backslash in it; write the URL without them`)
}

function parseUrl(text: string, what: string): URL {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined)
    throw usage('url-invalid', `${what} does not begin with https://; write the whole URL`)
  if (scheme !== 'https' && scheme !== 'http' && scheme !== 'http+unix')
    throw usage(
      'url-invalid',
      `${what} begins with another scheme than https://; write the https:// URL of the MCP endpoint`,
    )
  if (/^https?:\/\/https?:?\/\//i.test(text))
    throw usage('url-invalid', `${what} has its https:// twice; write it once`)
  try {
    return new URL(text)
  } catch {
    throw usage(
      'url-invalid',
      `${what} is not a valid URL; check host and port, it looks like https://host:port/path`,
    )
  }
}

function takeUserinfo(url: URL): Header | undefined {
  if (url.username === '' && url.password === '') return undefined
  const pair = Buffer.from(`${decode(url.username)}:${decode(url.password)}`, 'utf8').toString('base64')
  url.username = ''
  url.password = ''
  return { name: 'Authorization', value: `Basic ${pair}` }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone % is what the user's password has in it.
    return text
  }
}

function judge(url: URL, allowHttp: boolean): PlainHttp {
  if (url.protocol === 'https:') return 'none'
  if (url.protocol === 'http+unix:') return 'loopback'
  const reach = reachOf(url.hostname)
  if (reach === 'loopback') return 'loopback'
  if (allowHttp) return 'allowed'
  if (reach === 'private') return 'private'
  throw usage(
    'http-not-allowed',
    `http://${url.host} is not encrypted and everybody on the way could read the headers; write https://, or add --allow-http`,
  )
}
