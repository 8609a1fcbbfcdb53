// A request that is under way, and what those who send and end them need and offer. protocol.md 0.5.
import type { BridgeError } from '../errors.ts'
import type { Sink } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Envelope, Id } from '../message/envelope.ts'
import type { Conveying } from './conveying.ts'
import type { RemoteSettings } from './remote-face.ts'
import type { RetryLimits } from './retry.ts'
import type { Session } from './session.ts'
import type { Stop } from './stop.ts'
import type { Posted, Posting, Receive, Transport } from './transport.ts'

export interface ExchangesSettings {
  readonly transport: () => Transport
  readonly log: Log
  readonly toHost: Sink
  readonly limits: RetryLimits
  /** The session that messages belong to now. */
  readonly session: () => Session
  /** Whether the remote has a stream, or will have it again, on which it may answer as well. */
  readonly isListening: () => boolean
  /** Resolves when there is a session in place of this one, or with why there is none. */
  readonly reopen: (lost: Session) => Promise<BridgeError | undefined>
  /** Whether the remote really does not know this session any more. */
  readonly isGone: (session: Session) => Promise<boolean>
  /** Gives a request, for which there is no session any more, to whoever speaks with the remote now; true if that is another. */
  readonly forward: (request: Envelope) => boolean
  /** Messages that are owed no answer wait here: so many more, of so many bytes; fewer where negative. */
  readonly weigh: RemoteSettings['weigh']
  /** Told in front of each message of whose answer stream it comes on, and behind it that no more does. */
  readonly onStream?: (request: Id | undefined) => void
}

export interface Exchanges extends Conveying {
  /** A message from the remote, on whichever stream it came. */
  readonly arrive: Receive
  /** The same for the GET stream: a request that is answered there need not wait for the end of its POST. */
  readonly arriveElsewhere: Receive
  /** Sends a request until it is answered; returns what ends it. */
  request(request: Envelope, listener?: Listener): Stop
  /** Answers a request ourselves. */
  refuse(request: Envelope, error: BridgeError): BridgeError
  /** The host cancels a request. True if nothing need be sent, because the remote has not seen it or must not be told. */
  cancel(id: Id): boolean
  /** The stream on which the remote may answer is no more, and is not opened again. */
  streamEnded(): void
  /** Ends those of this session or an earlier one, with this reason. */
  abandon(session: Session, reason: BridgeError): void
  /** Takes up streams on new connections, where that loses nothing. */
  reconnect(): void
  /** The same, and ends for this reason what cannot be taken up. */
  sever(reason: BridgeError): void
  /** Tells the host that nobody waits for its answers any more. */
  dropQuestions(reason: string): void
  /** Ends all, with this reason for those that wait. */
  abort(reason: BridgeError): void
  /** Resolves when no notification or answer waits to be sent. */
  idle(): Promise<void>
}

export interface Listener {
  /**
   * Asked on our own account, in this session, whichever is the present one: it is not sent again in another one, and
   * its failure is told to `onEnd` alone.
   */
  readonly session?: Session
  /** Not sent again, however it fails. */
  readonly isOnce?: boolean
  /** Gets what comes back, instead of `arrive`. */
  readonly onMessage?: Receive
  /** Gets the remote's answer, instead of the host. */
  readonly answer?: Sink
  /** Called at the end, with the failure if the remote has not answered. */
  readonly onEnd?: (error: BridgeError | undefined) => void
}

/** A request that is under way. It is what the transport gets, too. */
export interface Exchange extends Omit<Posting, 'stop' | 'isCancelled'> {
  session: Session
  stop: Stop
  /** Why its connection has been cut by us, while that has not been dealt with. */
  cut: BridgeError | undefined
  readonly request: Envelope
  readonly listener: Listener | undefined
  attempt: number
  losses: number
  hasLeft: boolean
  isCancelled: boolean
  isAnswered: boolean
  /** Called when its response has come, by whichever stream. */
  onAnswered: (() => void) | undefined
}

export type Unanswered = Exclude<Posted, { kind: 'answered' }>
export type Failed = Extract<Unanswered, { kind: 'failed' }>
