// A complete HTTP answer, and to what. said.ts reads its parts for people. protocol.md A.2.
import type { Envelope } from '../message/envelope.ts'
import type { Text } from '../message/text.ts'
import type { HttpResponse } from './http/http.ts'

export interface HttpAnswer {
  readonly response: Pick<HttpResponse, 'status' | 'header'>
  readonly contentType: string | undefined
  /** UTF-8. */
  readonly body: Text
}

export interface Asked {
  /** Absent where a stream was asked for. */
  readonly request: Envelope | undefined
  /** Whether a session id was sent. */
  readonly hasSession: boolean
  /** Whether it was sent after a handshake. */
  readonly isOpen: boolean
  /** Origin and path. */
  readonly shown: () => string
  readonly redact: (text: string) => string
  /** Wall clock in milliseconds, for a `Retry-After` date. */
  readonly now: () => number
}

/** A media type without its parameters, in lower case; empty where there is none. */
export function mediaType(contentType: string | undefined): string {
  if (contentType === 'application/json' || contentType === 'text/event-stream') return contentType
  return contentType?.match(/^\s*([^\s;\x7f-\x9f]+)/)?.[1]?.toLowerCase() ?? ''
}
