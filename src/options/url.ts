// The remote's URL as text → a checked URL. Userinfo becomes a header, and plain http is allowed only where it is safe
// enough; marked-url.ts reads what is not plainly a URL. Pure; no sentence shows path, query or userinfo. arguments.md 2
// (rows 5, 7, 8), 4.4.
import { usage } from '../errors.ts'
import type { Header } from './headers.ts'
import { readMarked } from './marked-url.ts'
import type { PlainHttp } from './plain-http.ts'
import { reachOf } from './plain-http.ts'
import type { Environment } from './variables.ts'
import { looksLikeSecret } from './variables.ts'
import type { Warning } from './warning.ts'

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

function takeUserinfo(url: URL): Header | undefined {
  const value = basicOf(url)
  if (value === undefined) return undefined
  url.username = ''
  url.password = ''
  return { name: 'Authorization', value }
}

/** What user and password in a URL are sent as: `Basic …`; undefined if there are none. */
export function basicOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  return `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`, 'utf8').toString('base64')}`
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone % is what the password has in it.
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
