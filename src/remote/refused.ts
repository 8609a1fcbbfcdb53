// A 401, told so that it can be mended: what was sent, by name and shape, never by value. Pure.
// protocol.md 0.8, G.2 (last sentence).
import { BridgeError } from '../errors.ts'
import type { Header } from '../options/options.ts'
import type { HttpAnswer } from './http-answer.ts'
import { factsOf, quote } from './said.ts'

/** Any other first word may be part of the secret. */
const SCHEME =
  /^(basic|bearer|digest|dpop|api-?key|token|negotiate|oauth|hoba|mutual|aws4-hmac-sha256) +(.+)$/i

const JWT = /\beyJ[\w-]+\.([\w-]+)\.[\w-]*/

/** The user's headers for a sentence: `Authorization (Bearer, 40 characters, expired 3 h ago)`. */
export function describeHeaders(headers: readonly Header[], nowMs: number): string[] {
  return headers.map(({ name, value }) => {
    const age = ageOf(endOf(value), nowMs)
    if (!/^(proxy-)?authorization$/i.test(name)) return `${name} (${value.length} characters${age})`
    const [, scheme, credential] = SCHEME.exec(value) ?? []
    if (scheme === undefined || credential === undefined)
      return `${name} (no known scheme, ${value.length} characters${age})`
    return `${name} (${scheme}, ${credential.length} characters${age})`
  })
}

/** When the JWT in this text ends, wall clock in milliseconds (RFC 7519 section 4.1.4). Nobody has checked its signature. */
export function endOf(text: string): number | undefined {
  const payload = JWT.exec(text)?.[1]
  if (payload === undefined) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const exp = typeof claims === 'object' && claims !== null ? (claims as { exp?: unknown }).exp : undefined
    return typeof exp === 'number' && exp > 0 && exp < 1e11 ? exp * 1000 : undefined
  } catch {
    return undefined
  }
}

function ageOf(endMs: number | undefined, nowMs: number): string {
  if (endMs === undefined || endMs > nowMs) return ''
  const minutes = Math.floor((nowMs - endMs) / 60_000)
  if (minutes < 120) return `, expired ${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `, expired ${hours} h ago` : `, expired ${Math.floor(hours / 24)} days ago`
}

export interface Refused {
  /** Names and shapes of the headers that were sent, never their values. */
  readonly sent: readonly string[]
  /** Origin and path. */
  readonly shown: () => string
  readonly redact: (text: string) => string
  /** What was done about it before, with what came of it. */
  readonly tried?: string
  /** What else can be done where nothing was sent. */
  readonly orElse?: string
}

/** The error for a 401. */
export function authFailure(answer: HttpAnswer, asked: Refused): BridgeError {
  const { sent, redact } = asked
  const url = asked.shown()
  const says = quote(answer, redact)
  const asks = schemes(answer.response.header('www-authenticate'))
  const wanted = asks === '' ? '' : `; it asks for ${asks}`
  const refused = { ...factsOf(answer, asked), retryable: false, maybeDelivered: false }
  if (sent.length === 0) {
    const todo = 'give it a credential, e.g. --header-env Authorization=MY_VAR with MY_VAR in "env"'
    return new BridgeError(
      'auth-required',
      `HTTP 401 from ${url}: no header was sent${wanted}${says}; ${todo}${asked.orElse ?? ''}`,
      refused,
    )
  }
  const todo =
    'check that the value is right and not expired, and that its name and scheme are what the server expects'
  const text = `HTTP 401 from ${url}: the server refused what was sent, ${sent.join(', ')}${asked.tried ?? ''}${wanted}${says}; ${todo}`
  return new BridgeError('auth-failed', text, refused)
}

/** The authentication schemes that a `WWW-Authenticate` header names. */
function schemes(header: string | undefined): string {
  if (header === undefined) return ''
  const bare = header.replace(/"(?:[^"\\]|\\.)*"/g, '""')
  const names = [...bare.matchAll(/(?:^|,)\s*([A-Za-z][\w-]*)(?=\s*(?:,|$|\s[^=]))/g)].map(([, name]) => name)
  return [...new Set(names)].join(', ')
}
