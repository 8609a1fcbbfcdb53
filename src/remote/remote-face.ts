// What remote/ is to the line: what it needs, and what it offers. architecture.md 4.
import type { BridgeError } from '../errors.ts'
import type { Sink } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Envelope, Id } from '../message/envelope.ts'
import type { OpeningSettings } from './opening.ts'
import type { RetryLimits } from './retry.ts'
import type { Transports } from './transports.ts'

export interface RemoteLimits extends RetryLimits {
  readonly deleteTimeoutMs: number
  /** After how long the host's `initialize` is answered in the remote's stead; 0: never. */
  readonly startBudgetMs: number
  /** How often within a minute a lost session is opened anew. */
  readonly reopens: number
  /** How often the remote is asked whether it is still there; 0: never. */
  readonly pingIntervalMs: number
}

export interface RemoteSettings {
  readonly transports: Transports
  readonly log: Log
  readonly toHost: Sink
  readonly limits: RemoteLimits
  /** The remote's host name, for sentences. */
  readonly host: string
  /** Gives up idle connections. */
  readonly dropIdle: () => void
  /** What the remote said at an earlier start, as the JSON of its InitializeResult. */
  readonly recall: () => Promise<string | undefined>
  readonly remember: (initializeResult: string) => void
  /** What somebody has to do before the remote can be open: sign in. */
  readonly waitsFor: () => BridgeError | undefined
  /** Whether the remote speaks the other era, asked when it refuses `initialize`. */
  readonly isOtherEra?: OpeningSettings['isOtherEra']
  /** It does: this remote is at an end, and somebody else goes on with what is left. */
  readonly onMoved?: (left: Left) => void
  /** A request that the remote has refused since it speaks the other era. */
  readonly onForward?: Sink
  /** Messages of the host that are owed no answer wait here: so many more, of so many bytes; fewer where negative. */
  readonly weigh: (messages: number, sizeBytes: number) => void
  /** Told in front of each message of whose answer stream it comes on, and behind it that no more does. */
  readonly onStream?: (request: Id | undefined) => void
}

/** What a host has begun, and nobody has finished. */
export interface Left {
  readonly initialize: Envelope
  /** The host has an answer to it: of a stand-in, or of the remote before it was updated. */
  readonly isAnswered: boolean
  /** The host has said `notifications/initialized`, and it is not among what is held. */
  readonly isInitialized: boolean
  readonly held: readonly Envelope[]
}

export interface Remote {
  readonly toRemote: Sink
  /** Whether the remote can speak unasked; resolves when that is known, a moment after the session is open. */
  canSpeakUnasked(): Promise<boolean>
  /** For how long it could not, in milliseconds, though it offers to; 0 while it can. */
  silentForMs(): number
  /** The host will send no more: what is held for a message that cannot come any more is sent. */
  inputEnded(): void
  /** Resolves when no notification or response of the host's waits to be sent. */
  idle(): Promise<void>
  /** Ends all exchanges and the session. */
  close(): Promise<void>
}
