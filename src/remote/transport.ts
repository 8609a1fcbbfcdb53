// What remote.ts needs of a transport. protocol.md A.2, A.5, A.7.
import type { Envelope } from '../message/envelope.ts'
import type { Outcome } from './answer.ts'
import type { Session } from './session.ts'

export interface Posting {
  readonly session: Session
  /** Ends the exchange; its reason becomes the failure. */
  readonly signal: AbortSignal
  /** The message has left the machine, or never will. */
  readonly onWritten: () => void
  /** Each message that comes back, in order; `sessionId` is what the HTTP response that carried it assigned. */
  readonly onMessage: (envelope: Envelope, sessionId: string | undefined) => void
}

/** How a POST ended. `messages`: what was asked has been answered, through `onMessage`. */
export type Posted = { readonly kind: 'answered' } | Exclude<Outcome, { kind: 'messages' }>

export interface Listening {
  readonly signal: AbortSignal
  readonly onMessage: (envelope: Envelope) => void
}

export interface Transport {
  /** Sends one message. Never rejects. For a request it resolves once its response has been handed on. */
  post(envelope: Envelope, posting: Posting): Promise<Posted>
  /** Opens the stream on which the remote speaks unasked; resolves once it is open, or is known not to be offered. */
  listen(session: Session, listening: Listening): Promise<'open' | 'none'>
  /** Tells the remote that the session is over. Never rejects. */
  end(session: Session, signal: AbortSignal): Promise<void>
  /** Drops idle connections. */
  close(): void
}
