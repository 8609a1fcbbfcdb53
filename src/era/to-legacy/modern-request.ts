// Reads what a modern request says of itself and of its host, and refuses what a modern server must refuse. Pure.
// protocol.md E.1 (validation), E.2 (versions), E.9.
import { type Envelope, type Id, spanAt } from '../../message/envelope.ts'
import { CODE, refuse } from '../../message/message.ts'
import { isObjectAt, readString } from '../../message/peek.ts'
import { membersOf, valueIn } from '../../message/rewrite.ts'
import { encode, join, textAt } from '../../message/utf8.ts'
import { ERA_CODE } from '../codes.ts'
import { ALL_VERSIONS, LOG_LEVELS, META, MODERN_VERSIONS } from '../era.ts'
import { type Declared, readDeclared } from './declared.ts'

export interface ModernRequest {
  readonly envelope: Envelope
  readonly id: Id
  readonly method: string
  readonly declared: Declared
  /** Its place in LOG_LEVELS. */
  readonly logLevel: number | undefined
  /** As JSON. */
  readonly progressToken: string | undefined
}

/** What the modern era has not, or what the bridge does not offer there. */
const NOT_MODERN: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
  'tasks/list',
  'tasks/result',
  'tasks/get',
  'tasks/update',
  'tasks/cancel',
])

/** The request as read, or the answer that refuses it. */
export function readModern(envelope: Envelope): ModernRequest | { readonly refusal: Envelope } {
  const { bytes } = envelope
  const id = envelope.id!
  const method = envelope.method!
  const meta = membersOf(bytes, spanAt(envelope, 'params', '_meta'))
  const requested = readString(bytes, valueIn(meta, `${META}protocolVersion`))
  if (requested === undefined) return missing(id, 'protocolVersion')
  if (!MODERN_VERSIONS.includes(requested)) {
    const message = `mcp-ferry: protocol version ${requested} is not supported`
    const data = { supported: ALL_VERSIONS, requested }
    return { refusal: refuse(id, { code: ERA_CODE.unsupportedVersion, message, data }) }
  }
  const capabilities = valueIn(meta, `${META}clientCapabilities`)
  if (!isObjectAt(bytes, capabilities)) return missing(id, 'clientCapabilities')
  const level = valueIn(meta, `${META}logLevel`)
  const logLevel = level === undefined ? undefined : LOG_LEVELS.indexOf(readString(bytes, level) ?? '')
  if (logLevel === -1) return { refusal: invalid(id, `_meta.${META}logLevel is no log level`) }
  if (NOT_MODERN.has(method)) {
    const message = `mcp-ferry: ${method} is not a method of protocol version ${requested}, or not offered`
    return { refusal: refuse(id, { code: CODE.methodNotFound, message, data: OURS }) }
  }
  const token = valueIn(meta, 'progressToken')
  const progressToken = token && textAt(bytes, token)
  return { envelope, id, method, declared: readDeclared(bytes, capabilities), logLevel, progressToken }
}

const OURS = { origin: 'mcp-ferry' }

function missing(id: Id, name: string): { readonly refusal: Envelope } {
  return { refusal: invalid(id, `_meta.${META}${name} is missing`) }
}

/** The answer to a request whose parameters cannot be used. */
export function invalid(id: Id, why: string): Envelope {
  return refuse(id, { code: CODE.invalidParams, message: `mcp-ferry: ${why}`, data: OURS })
}

/** What says anew of each try how it is to be done, and nothing of what is to be done. */
const NOT_PAYLOAD: ReadonlySet<string> = new Set(['_meta', 'inputResponses', 'requestState'])

/** What a request asks for, to tell whether another asks for the same (E.5-2). The order of its members says nothing. */
export function payloadOf({ bytes, shape }: Envelope): Uint8Array {
  const members = membersOf(bytes, shape.params).filter(({ name }) => !NOT_PAYLOAD.has(name))
  members.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.key.start - b.key.start))
  return join(
    members.flatMap(({ name, value }) => [
      encode(`${JSON.stringify(name)}:`),
      bytes.subarray(value.start, value.end),
      encode(','),
    ]),
  )
}
