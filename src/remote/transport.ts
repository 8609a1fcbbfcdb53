// What remote/ needs of a transport. protocol.md A.2, A.5, A.7.
import type { Envelope } from '../message/envelope.ts'
import type { Outcome } from './answer.ts'
import type { Session } from './session.ts'
import type { Stop } from './stop.ts'

/** A message from the remote; `sessionId` tells what the HTTP response that carried it assigned. */
export type Receive = (envelope: Envelope, sessionId: () => string | undefined) => void

export interface Posting {
  readonly session: Session
  /** Ends the exchange; its reason becomes the failure. */
  readonly stop: Stop
  /** The message has left the machine, or never will. May be called again. */
  readonly onWritten: () => void
  /** Gets each message that comes back, in order. What it throws becomes the failure. */
  readonly onMessage: Receive
  /** Called once, at the end: a callback and no promise, because it is the hot path. */
  readonly onDone: (posted: Posted) => void
}

/** How a POST ended. `answered`: what was asked has been answered, through `onMessage`. */
export type Posted = { readonly kind: 'answered' } | Exclude<Outcome, { kind: 'messages' }>

export interface Listening {
  readonly stop: Stop
  readonly onMessage: Receive
  /** The stream is open, or is no more. */
  readonly onChange: (isOpen: boolean) => void
}

export interface Transport {
  /** Sends one message. Never throws. A request is done once its response has been handed on. */
  post(envelope: Envelope, posting: Posting): void
  /** Opens the stream on which the remote speaks unasked; resolves once it is open, or is known not to be offered. */
  listen(session: Session, listening: Listening): Promise<void>
  /** Tells the remote that the session is over; resolves when that has been answered, or after the time. */
  end(session: Session, timeoutMs: number): Promise<void>
  /** Drops idle connections. */
  close(): void
}
