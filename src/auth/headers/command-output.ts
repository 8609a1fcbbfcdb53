// What a command has printed → headers: a token, a header's value, the JSON object of headers that other hosts take from
// their helper scripts, or a token in the JSON that the tools of clouds print. What is not understood is told, never
// shown. Pure.
import { BridgeError, toBridgeError } from '../../errors.ts'
import { type Header, parseHeader } from '../../options/headers.ts'
import { endOf } from '../../remote/refused.ts'

/** Headers and how long they are good. */
export interface Made {
  readonly headers: readonly Header[]
  /** Wall clock in milliseconds; undefined if they do not say. */
  readonly expiresAt?: number
}

export interface Printed {
  readonly text: string
  /** The header that the value is for; undefined: all headers are in the output. */
  readonly name: string | undefined
  readonly isBearer: boolean
  /** The command, for sentences. */
  readonly program: string
  /** Wall clock in milliseconds. */
  readonly now: number
}

type Json = Readonly<Record<string, unknown>>

/** Throws BridgeError `auth-failed`. */
export function readOutput(printed: Printed): Made {
  const { name, program } = printed
  const text = printed.text.replace(/^\uFEFF/, '').trim()
  if (text === '') throw failure(`${program} printed nothing; it must print the value on its standard output`)
  const json = readJson(text)
  if (name === undefined) return readHeadersIn(json, printed)
  if (json === undefined) return made([checked(name, complete(text, printed), program)], undefined)
  const { token, expiresAt } = readToken(json, printed)
  return made([checked(name, complete(token, printed), program)], expiresAt)
}

/** Whichever end comes first. */
function made(headers: readonly Header[], expiresAt: number | undefined): Made {
  const ends = [expiresAt, ...headers.map(({ value }) => endOf(value))].filter((end) => end !== undefined)
  return ends.length === 0 ? { headers } : { headers, expiresAt: Math.min(...ends) }
}

/** The value with its scheme, and without the header's own name. */
function complete(text: string, { name = '', isBearer }: Printed): string {
  const repeats = text.toLowerCase().startsWith(`${name.toLowerCase()}:`)
  const value = repeats ? text.slice(name.length + 1).trim() : text
  // No scheme has a token alone, and no token has a blank in it.
  const isBare = !/\s/.test(value)
  const wantsScheme = isBearer ? !/^bearer\s/i.test(value) : /authorization$/i.test(name) && isBare
  return wantsScheme ? `Bearer ${value}` : value
}

/** As a header from a variable is checked: it is data. */
export function checked(name: string, value: string, program: string): Header {
  if (/[\r\n]/.test(value))
    throw failure(`${program} printed more than one line; it must print the value alone`)
  try {
    const given = { text: '${PRINTED}', from: program }
    const values = { PRINTED: `${name}: ${value}` }
    const { header } = parseHeader(given, { values, windows: false })
    if (header !== undefined) return header
  } catch (thrown) {
    throw failure(toBridgeError(thrown).message)
  }
  throw failure(`${program} printed nothing`)
}

function readHeadersIn(json: Json | undefined, { program }: Printed): Made {
  if (json === undefined)
    throw failure(
      `${program} printed no JSON object of headers; write Name=command if what it prints is one header's value`,
    )
  const isToken = Object.keys(json).some((key) => TOKENS.includes(key))
  const entries = Object.entries(json)
  const isHeaders = entries.length > 0 && entries.every(([, value]) => typeof value === 'string')
  if (isToken || !isHeaders)
    throw failure(
      isToken
        ? `${program} printed a token and no headers; give it with --bearer-command`
        : `${program} printed JSON that is no object of headers, whose values are all texts`,
    )
  return made(
    entries.map(([name, value]) => checked(name, (value as string).trim(), program)),
    undefined,
  )
}

const TOKENS = ['access_token', 'accessToken', 'token', 'id_token', 'idToken']
const ENDS = ['expires_on', 'expiresOn', 'token_expiry', 'expiry', 'expirationTimestamp', 'expires_at']

/** As gcloud, az, OAuth and Kubernetes' ExecCredential have it. */
function readToken(json: Json, { program, now }: Printed): { token: string; expiresAt: number | undefined } {
  const at = isObject(json.status) ? json.status : json
  const token = TOKENS.map((key) => at[key]).find((value) => typeof value === 'string' && value !== '')
  if (typeof token !== 'string')
    throw failure(
      `${program} printed JSON without a token that is understood (${TOKENS.join(', ')}); let it print the token alone, or leave out Name= if it prints headers`,
    )
  const seconds = Number(at.expires_in)
  if (seconds > 0) return { token: token.trim(), expiresAt: now + seconds * 1000 }
  const ends = ENDS.map((key) => readTime(at[key])).filter((end) => end !== undefined)
  return { token: token.trim(), expiresAt: ends.length === 0 ? undefined : Math.min(...ends) }
}

/** Seconds since 1970, or a date. */
function readTime(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  const time = /^\d{9,11}(?:\.\d+)?$/.test(String(value)) ? Number(value) * 1000 : Date.parse(String(value))
  return Number.isNaN(time) ? undefined : time
}

function readJson(text: string): Json | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function failure(text: string): BridgeError {
  return new BridgeError('auth-failed', text, { retryable: false, maybeDelivered: false })
}
