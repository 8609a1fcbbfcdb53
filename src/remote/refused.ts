// A 401, told so that it can be mended: what was sent, by name and shape, never by value. Pure.
// protocol.md 0.8, G.2 (last sentence).
import { BridgeError } from '../errors.ts'
import type { Header } from '../options/options.ts'
import { factsOf, type HttpAnswer, quote } from './http-answer.ts'

/** Any other first word may be part of the secret. */
const SCHEME =
  /^(basic|bearer|digest|dpop|api-?key|token|negotiate|oauth|hoba|mutual|aws4-hmac-sha256) +(.+)$/i

/** The user's headers for a sentence: `Authorization (Bearer, 40 characters)`. */
export function describeHeaders(headers: readonly Header[]): string[] {
  return headers.map(({ name, value }) => {
    if (!/^(proxy-)?authorization$/i.test(name)) return `${name} (${value.length} characters)`
    const [, scheme, credential] = SCHEME.exec(value) ?? []
    if (scheme === undefined || credential === undefined)
      return `${name} (no known scheme, ${value.length} characters)`
    return `${name} (${scheme}, ${credential.length} characters)`
  })
}

export interface Refused {
  /** Names and shapes of the headers that were sent, never their values. */
  readonly sent: readonly string[]
  /** Origin and path. */
  readonly shown: () => string
  readonly redact: (text: string) => string
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
      `HTTP 401 from ${url}: no header was sent${wanted}${says}; ${todo}`,
      refused,
    )
  }
  const todo =
    'check that the value is right and not expired, and that its name and scheme are what the server expects'
  const text = `HTTP 401 from ${url}: the server refused what was sent, ${sent.join(', ')}${wanted}${says}; ${todo}`
  return new BridgeError('auth-failed', text, refused)
}

/** The authentication schemes that a `WWW-Authenticate` header names. */
function schemes(header: string | undefined): string {
  if (header === undefined) return ''
  const bare = header.replace(/"(?:[^"\\]|\\.)*"/g, '""')
  const names = [...bare.matchAll(/(?:^|,)\s*([A-Za-z][\w-]*)(?=\s*(?:,|$|\s[^=]))/g)].map(([, name]) => name)
  return [...new Set(names)].join(', ')
}
