// One call of the host: what the remote is asked once, however often the host must come back for it. protocol.md E.5.
import type { Envelope, Id } from '../../message/envelope.ts'
import type { LegacySession } from './legacy-session.ts'
import type { ModernRequest } from './modern-request.ts'
import type { Entry, Question } from './questions.ts'

/**
 * `running`: a request of the host waits for the answer. `parked`: the host has been asked something, and its retry is
 * awaited. `over`: answered, cancelled, or given up.
 */
export type CallState = 'running' | 'parked' | 'over'

export interface Call {
  readonly session: LegacySession
  readonly method: string
  /** Counts calls; also the token under which the remote tells of progress. */
  readonly order: number
  /** The host's request that waits; while parked, the last that was answered. */
  host: ModernRequest
  state: CallState
  /** The remote's answers to these requests, and what comes on their streams, belong to it. */
  ids: readonly Id[]
  /** Not shown to the host yet. */
  asks: Question[]
  /** Shown to the host in its last answer. */
  batch: Map<string, Entry>
  /** What the retry must ask for: the same. Absent while it was never parked. */
  digest?: string
  /** The remote's answer, where it came while the host was away. */
  final?: Envelope
  /** What is to be done once the host has answered, where that is not just to tell the remote. */
  onAnswered?: (answered: ReadonlyMap<string, Entry>) => void
  /** Takes it back, where that is not done by cancelling its request; whether that is so is known then. */
  withdraw?: () => boolean
  /** Collects questions that come together. */
  timer?: NodeJS.Timeout
}
