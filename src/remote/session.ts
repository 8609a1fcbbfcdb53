// What an InitializeResult settles: the session's id and the protocol version. A value; each change is a new one.
// protocol.md A.1, A.6.
import { BridgeError } from '../errors.ts'
import type { Envelope } from '../message/envelope.ts'
import { find, readString } from '../message/peek.ts'
import { textAt } from '../message/utf8.ts'

export interface Session {
  /** Counts the sessions of this process, from 0: what belongs to an earlier one is told by it. */
  readonly epoch: number
  /** A secret (25/T Session Management §1). Absent where the remote keeps no session. */
  readonly id?: string
  /** The negotiated version, as the remote named it. */
  readonly version?: string
  /** In the modern era, which has no sessions: what one message says in its headers, and all it says there. */
  readonly headers?: readonly string[]
}

/** The name of the header with the session's id, as it is sent. */
export const SESSION = 'MCP-Session-Id'
/** The same, as it is looked for. */
export const SESSION_HEADER = 'mcp-session-id'
const VISIBLE_ASCII = /^[\x21-\x7e]+$/

/**
 * The session that this InitializeResult opens. `idHeader` is the `MCP-Session-Id` of the HTTP response that
 * carried it. Throws BridgeError `protocol` for an id that must not be sent back.
 */
export function openSession(result: Envelope, idHeader: string | undefined, epoch: number): Session {
  const { bytes, shape } = result
  const version = shape.result && readString(bytes, find(bytes, shape.result, 'protocolVersion'))
  if (idHeader !== undefined && !VISIBLE_ASCII.test(idHeader)) {
    throw new BridgeError(
      'protocol',
      'the remote assigned a session id with characters that are not visible ASCII',
    )
  }
  return {
    epoch,
    ...(idHeader === undefined ? {} : { id: idHeader }),
    ...(version === undefined || !VISIBLE_ASCII.test(version) ? {} : { version }),
  }
}

/** What is known of the session before the InitializeResult has come: the id on the stream that it will come on. */
export function earlySession(idHeader: string | undefined, epoch: number): Session {
  return idHeader !== undefined && VISIBLE_ASCII.test(idHeader) ? { epoch, id: idHeader } : { epoch }
}

/** The headers that tell the remote which session and version a request belongs to. */
export function sessionHeaders({ id, version, headers = [] }: Session): string[] {
  return [
    ...headers,
    ...(id === undefined ? [] : [SESSION, id]),
    ...(version === undefined ? [] : ['MCP-Protocol-Version', version]),
  ]
}

/** The JSON of the result in a response, or undefined for an error. */
export function resultText({ bytes, shape }: Envelope): string | undefined {
  return shape.result && textAt(bytes, shape.result)
}
