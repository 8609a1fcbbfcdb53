// What a translation between the eras needs and offers. It stands between the ledger and the remote, where a filter would
// stand, and knows messages only: no socket, no session. architecture.md 4; protocol.md D, E.
import type { Sink } from '../lane.ts'
import type { Envelope, Id } from '../message/envelope.ts'

/** What a modern remote has said of itself, and the version that is spoken with it. */
export interface Discovered {
  /** The response to `server/discover`, with a result. */
  readonly response: Envelope
  readonly version: string
}

export interface Translation {
  /** Messages of the host, in their order. */
  readonly fromHost: Sink
  /** The host will send no more. */
  inputEnded(): void
  /** Ends what goes on; nothing reaches the host afterwards but what this call itself writes. */
  close(): Promise<void>
}

/**
 * A remote of the legacy era as the translation for a modern host uses it: a whole one, with its session, its streams
 * and its recovery. It is opened by the first message, which is an `initialize`.
 */
export interface LegacyRemote {
  readonly toRemote: Sink
  /** Whether the remote can speak unasked; resolves when that is known, a moment after the session is open. */
  canSpeakUnasked(): Promise<boolean>
  /** For how long it could not, in milliseconds, though it offers to; 0 while it can. */
  silentForMs(): number
  /** Resolves when no notification or answer waits to be sent. */
  idle(): Promise<void>
  inputEnded(): void
  close(): Promise<void>
}

/**
 * Gets what a legacy remote says. `origin`: the id of the request on whose answer stream it came; undefined where it came
 * on the stream for unasked messages, or that cannot be told.
 */
export type FromLegacy = (envelope: Envelope, origin: Id | undefined) => void
