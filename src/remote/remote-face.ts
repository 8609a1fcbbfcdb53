// What remote/ is to the line: what it needs, and what it offers. architecture.md 4.
import type { Sink } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Id } from '../message/envelope.ts'
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
  /** Told in front of each message of whose answer stream it comes on, and behind it that no more does. */
  readonly onStream?: (request: Id | undefined) => void
}

export interface Remote {
  readonly toRemote: Sink
  /** Whether the remote can speak unasked; resolves when that is known, a moment after the session is open. */
  canSpeakUnasked(): Promise<boolean>
  /** The host will send no more: what is held for a message that cannot come any more is sent. */
  inputEnded(): void
  /** Resolves when no notification or response of the host's waits to be sent. */
  idle(): Promise<void>
  /** Ends all exchanges and the session. */
  close(): Promise<void>
}
