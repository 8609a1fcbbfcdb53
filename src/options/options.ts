// The one frozen Options value: what argv, the environment and the defaults come to.
import type { LogLevel } from '../log.ts'

/** One header that goes with every request to the remote's origin. */
export interface Header {
  /** As written by the user; compared without regard to case. */
  readonly name: string
  /** A secret: never in a log, an error or a fixture. */
  readonly value: string
}

/** Something that was repaired or looks wrong; told on stderr, never a reason to stop (arguments.md 4.5). */
export interface Warning {
  readonly code: string
  /** One sentence, without any value. */
  readonly text: string
}

export interface Limits {
  /** DNS, TCP and TLS together, per connection (protocol.md 0.6). */
  readonly connectTimeoutMs: number
  /** After stdin has ended, how long owed answers are waited for (protocol.md 0.10). */
  readonly drainTimeoutMs: number
  /** How long the DELETE of the session may take at the end (A.7). */
  readonly deleteTimeoutMs: number
  /** The longest `Retry-After` that is waited for; a longer one is an error at once (0.9). */
  readonly retryWaitMs: number
  /** How often a request is sent again after 429 or 503 (0.9). */
  readonly retries: number
  /** Longest line read from the host (0.3). */
  readonly lineLimitBytes: number
  /** Longest SSE event, and longest JSON body, read from the remote (0.7). */
  readonly eventLimitBytes: number
}

export interface Options {
  readonly url: URL
  /** mcp-remote's second argument, the port of the sign-in callback. */
  readonly port?: number
  readonly headers: readonly Header[]
  /** What a plain `http:` URL is: `none` for https. `private` is told on stderr. */
  readonly plainHttp: 'none' | 'loopback' | 'private' | 'allowed'
  readonly limits: Limits
  readonly log: { readonly level: LogLevel; readonly file?: string; readonly json: boolean }
  readonly warnings: readonly Warning[]
}
