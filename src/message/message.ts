// The few messages that the bridge itself writes, and the one notification it must understand.
import { type BridgeError, errorData, sentence } from '../errors.ts'
import { type Envelope, type Id, read, readId, spanAt } from './envelope.ts'
import { encode, textAt } from './utf8.ts'

/** JSON-RPC's error codes (protocol.md 0.3, 0.8). Those of MCP: era/codes.ts. */
export const CODE = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
} as const

export interface Refusal {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** An error answer. Without an id the member is left out: MCP forbids null, and SDK hosts reject it (protocol.md 0.3). */
export function refuse(id: Id | undefined, { code, message, data }: Refusal): Envelope {
  const error = JSON.stringify(data === undefined ? { code, message } : { code, message, data })
  return own(`{"jsonrpc":"2.0"${id === undefined ? '' : `,"id":${id.raw}`},"error":${error}}`)
}

/** The error answer that the host gets for a failure of ours (protocol.md 0.8). */
export function refusal(id: Id, error: BridgeError): Envelope {
  return refuse(id, { code: CODE.internal, message: sentence(error), data: errorData(error) })
}

const CANCELLED = 'notifications/cancelled'

/** The id of the request that this message cancels, if it does that. */
export function cancelledId(envelope: Envelope): Id | undefined {
  if (envelope.method !== CANCELLED) return undefined
  return readId(envelope.bytes, spanAt(envelope, 'params', 'requestId'))
}

/** What tells that nobody waits any more for the answer to the request of this id. */
export function cancellation({ raw }: Id, reason?: string): Envelope {
  const why = reason === undefined ? '' : `,"reason":${JSON.stringify(reason)}`
  return notification(CANCELLED, `{"requestId":${raw}${why}}`)
}

/** The code of an error response; undefined for a result. */
export function errorCode(response: Envelope): number | undefined {
  const span = spanAt(response, 'error', 'code')
  return span && Number(textAt(response.bytes, span))
}

/** A result that is an empty object. */
export function answerEmpty(id: Id): Envelope {
  return own(`{"jsonrpc":"2.0","id":${id.raw},"result":{}}`)
}

/** A request, a notification, or an answer that the bridge writes on its own account. `text` is one JSON-RPC message. */
export function own(text: string): Envelope {
  const reading = read(encode(text))
  if (reading.kind !== 'message') throw new TypeError('a message of our own is not JSON-RPC')
  return reading.envelope
}

/** The id that a text of our own, made of plain characters, is. */
export function ownId(text: string): Id {
  return { raw: `"${text}"`, key: `"${text}` }
}

/** A notification, with nothing said but what `params` (JSON) says. */
export function notification(method: string, params?: string): Envelope {
  return own(`{"jsonrpc":"2.0","method":"${method}"${params === undefined ? '' : `,"params":${params}`}}`)
}
