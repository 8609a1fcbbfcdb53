// The OAuth client that the user has registered: by plain flags, or as the JSON that mcp-remote takes. peers.md 1.1,
// protocol.md G.1 rows 14, 15, 23, 35; users.md 44.
import type { FurtherFlag } from './flag-table.ts'
import { brokenJson } from './json-argument.ts'
import { bad, type Reading, readText } from './reading.ts'
import { fillIn, isOneVariable } from './references.ts'
import type { GivenClient } from './sign-in.ts'
import { trimEnds } from './variables.ts'

type Json = Readonly<Record<string, unknown>>

/** The client, or undefined if we are to make ourselves known. Throws `bad-value` and the codes of files and variables. */
export function readClient(reading: Reading): GivenClient | undefined {
  const info = readJson(reading, '--static-oauth-client-info', true)
  const named = reading.text('--client-id')
  if (info !== undefined && named !== undefined)
    throw bad(`${info.from} and ${named.from} both name a client`, 'remove one of them')
  const base = info === undefined ? named && { id: visible(named.text, named.from) } : readInfo(info, reading)
  const secret = reading.secret('--client-secret-env')
  const key = readPrivateKey(reading)
  if (base === undefined) {
    const lone = secret !== undefined ? '--client-secret-env' : '--private-key-file'
    if (secret !== undefined || key !== undefined)
      throw bad(`${lone} says nothing without the client it belongs to`, 'write --client-id <id> beside it')
    return undefined
  }
  return Object.freeze({ ...base, ...(secret !== undefined && { secret }), ...key })
}

/** What is merged over the metadata that we register with; no variables in it, as with mcp-remote. */
export function readClientMetadata(reading: Reading): Json | undefined {
  const given = readJson(reading, '--static-oauth-client-metadata', false)
  return given && Object.freeze(given.object)
}

function readInfo({ object, from }: Found, reading: Reading): GivenClient {
  const { client_id, client_secret, token_endpoint_auth_method } = object
  if (typeof client_id !== 'string' || client_id === '')
    throw bad(`the JSON from ${from} has no client_id that is a text`, 'add it, or write --client-id <id>')
  for (const [name, value] of Object.entries({ client_secret, token_endpoint_auth_method }))
    if (value !== undefined && typeof value !== 'string')
      throw bad(`${name} in the JSON from ${from} is no text`, 'put it in quotes')
  if (typeof client_secret === 'string' && client_secret !== '') reading.secrets.push(client_secret)
  return {
    id: visible(client_id, from),
    ...(typeof client_secret === 'string' && client_secret !== '' && { secret: client_secret }),
    ...(typeof token_endpoint_auth_method === 'string' && { method: token_endpoint_auth_method }),
  }
}

/** RFC 6749, appendix A.1. */
function visible(id: string, from: string): string {
  if (/^[\x20-\x7e]+$/.test(id)) return id
  throw bad(`the client id from ${from} has a character that none can have`, 'type it again')
}

function readPrivateKey(reading: Reading): Partial<GivenClient> | undefined {
  const file = reading.path('--private-key-file', 'the key file')
  if (file === undefined) return undefined
  const text = readText(reading, file).trim()
  const method = 'private_key_jwt'
  if (/-----BEGIN (?:ENCRYPTED|OPENSSH) PRIVATE KEY-----/.test(text))
    throw bad(
      `${file.name} holds a key that is encrypted or in a form of its own`,
      'write it as PKCS #8 without a password: openssl pkcs8 -topk8 -nocrypt',
    )
  if (/-----BEGIN (?:EC |RSA )?PRIVATE KEY-----/.test(text)) {
    reading.secrets.push(text)
    return { method, privateKey: text }
  }
  const jwk = parseObject(text)
  if (jwk === undefined || typeof jwk.kty !== 'string' || typeof jwk.d !== 'string')
    throw bad(`${file.name} holds no private key`, 'give a key as PEM (BEGIN PRIVATE KEY) or as a JWK')
  reading.secrets.push(text, jwk.d)
  return { method, privateKey: text, ...(typeof jwk.alg === 'string' && { algorithm: jwk.alg }) }
}

interface Found {
  readonly object: Json
  readonly from: string
}

/** JSON on the command line, in a file after @, or in a variable. What variables hold is data: it is put into texts only. */
function readJson(reading: Reading, name: FurtherFlag, isFilled: boolean): Found | undefined {
  const given = reading.raw(name)
  if (given === undefined) return undefined
  const { from } = given
  const place = { what: `the JSON from ${from}`, environment: reading.request.environment }
  const fill = (text: string): string => {
    const filled = fillIn(text, place, ({ value }) => value)
    reading.warnings.push(...filled.warnings)
    return filled.text
  }
  const isData = isOneVariable(given.text)
  const written = isData ? trimEnds(fill(given.text)) : given.text
  const file = written.startsWith('@')
    ? reading.pathAt({ text: written.slice(1), from }, 'the JSON file')
    : undefined
  const object = parseObject(file === undefined ? written : readText(reading, file))
  if (object === undefined && file !== undefined)
    throw bad(`${file.name} from ${from} holds no JSON object`, 'write {"client_id": "…"} into it')
  if (object === undefined) throw bad(...brokenJson(from))
  return { object: isFilled && !isData ? (filledIn(object, fill) as Json) : object, from }
}

function filledIn(value: unknown, fill: (text: string) => string): unknown {
  if (typeof value === 'string') return fill(value)
  if (Array.isArray(value)) return value.map((item) => filledIn(item, fill))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filledIn(item, fill)]))
}

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
  } catch {
    return undefined
  }
}
