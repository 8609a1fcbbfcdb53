// What remote/ needs of a transport. protocol.md A.2, A.4, A.5, A.7, B.
import type { BridgeError } from '../errors.ts'
import type { Envelope } from '../message/envelope.ts'
import type { Outcome } from './answer.ts'
import type { Cursor } from './cursor.ts'
import type { HttpResponse } from './http/http.ts'
import type { Session } from './session.ts'
import type { Stop } from './stop.ts'

/** A message from the remote, the session it was sent in, and the HTTP response to the request that it is for. */
export type Receive = (envelope: Envelope, session: Session, response?: HttpResponse) => void

export interface Posting {
  readonly session: Session
  /** Ends the exchange; its reason becomes the failure. */
  readonly stop: Stop
  /** The message has left the machine, or never will. May be called again. */
  readonly onWritten?: () => void
  /** The remote wants a better credential first: the message waits here until there is one, and has yet to leave. */
  readonly onHeld?: () => void
  /** Gets each message that comes back, in order. What it throws becomes the failure. */
  readonly onMessage: Receive
  /** Called once, at the end: a callback and no promise, because it is the hot path. */
  readonly onDone: (posted: Posted) => void
  /** Nobody waits for the answer any more: it is not asked for again. */
  readonly isCancelled?: boolean
  /** Set by the transport while the answer's stream can be left and taken up again on another connection. */
  reconnect?: (() => void) | undefined
}

/** How a POST ended. `answered`: what was asked has been answered, through `onMessage`. */
export type Posted = { readonly kind: 'answered' } | Exclude<Outcome, { kind: 'messages' }>

/** One life of a stream that is opened by GET. */
export interface Listening {
  readonly stop: Stop
  /** Nobody waits for what comes on it: a person is not asked to sign in because of it. */
  readonly isAside: boolean
  /** Where to go on, if the remote has named a place; kept up to date while the stream is read. */
  readonly cursor: Cursor
  readonly onOpen: () => void
  readonly onMessage: Receive
  /** Called once: when the stream has ended, or was not to be had. */
  readonly onEnd: (end: StreamEnd) => void
}

export type StreamEnd =
  /** It was open; `error` tells why it broke off. */
  | { readonly kind: 'ended'; readonly error: BridgeError | undefined }
  /** HTTP has answered with something else. `error` says it for people. */
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly error: BridgeError
      readonly retryAfterMs?: number | undefined
    }
  /** There was no answer. */
  | { readonly kind: 'unreachable'; readonly error: BridgeError }
  /** The session was bound to the stream and is gone with it. */
  | { readonly kind: 'session-lost'; readonly error: BridgeError }

export interface Transport {
  /** Sends one message. Never throws. A request is done once its response has been handed on. */
  post(envelope: Envelope, posting: Posting): void
  /** Opens the stream on which the remote speaks unasked. */
  listen(session: Session, listening: Listening): void
  /** Tells the remote that the session is over; resolves when that has been answered, or after the time. */
  end(session: Session, timeoutMs: number): Promise<void>
}
