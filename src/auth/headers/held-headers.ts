// Headers that some work makes, such as a run of a command: made once for all who need them, used until they end, and made
// again when the remote has refused them. Clock and work come in, so that nothing here waits by itself.
import { BridgeError, toBridgeError } from '../../errors.ts'
import type { Header } from '../../options/headers.ts'
import type { Made } from './command-output.ts'

/** Where headers come from. */
export interface HeaderSource {
  /** The headers, or why there are none; a promise only while that has to be found out. Never rejects. */
  current(): Found | Promise<Found>
  /** Makes them again, since the remote has refused them. Resolves with what went wrong. Never rejects. */
  renew(): Promise<BridgeError | undefined>
  /** How they are made again, for a sentence: `the command gcloud was run again`. Undefined where they are not. */
  readonly again: string | undefined
  close(): void
}

export type Found = readonly Header[] | BridgeError

export interface HeldSettings {
  readonly again: string
  /** Rejects with a BridgeError. */
  readonly make: () => Promise<Made>
  readonly onClose?: () => void
  /** How long they are used, if they do not say it. */
  readonly ttlMs?: number | undefined
  /** Something went wrong, and the last good headers are still used. */
  readonly onStale: (error: BridgeError) => void
  /** Wall clock in milliseconds. */
  readonly now: () => number
}

/** So long before their end they are made again, or half their time before. */
const MARGIN_MS = 30_000
/** For so long all share what came of it: a burst of refusals is one run, and a failure is not repeated at once. */
const RECENT_MS = 2000
/** How long the last good ones are used before it is tried again. */
const STALE_MS = 30_000

export function createHeld(settings: HeldSettings): HeaderSource {
  const { make, now, ttlMs } = settings
  let headers: readonly Header[] | undefined
  let freshUntil = 0
  let failure: BridgeError | undefined
  let triedAt: number | undefined
  let renewedAt: number | undefined
  let flight: Promise<void> | undefined
  let isClosed = false

  function run(): Promise<void> {
    flight ??= make()
      .then(keep, fail)
      .then(() => {
        flight = undefined
        triedAt = now()
      })
    return flight
  }

  function keep(made: Made): void {
    headers = made.headers
    failure = undefined
    const left = (made.expiresAt ?? 0) - now()
    // One that seems to have ended already tells of a clock that is wrong.
    if (left > 0) freshUntil = now() + left - Math.min(MARGIN_MS, left / 2)
    else freshUntil = ttlMs === undefined ? Number.POSITIVE_INFINITY : now() + ttlMs
  }

  function fail(thrown: unknown): void {
    failure = toBridgeError(thrown)
    freshUntil = now() + STALE_MS
    if (headers !== undefined && !isClosed) settings.onStale(failure)
  }

  function found(): Found {
    return headers ?? failure ?? new BridgeError('shutdown', 'the bridge is closing')
  }

  return {
    again: settings.again,
    current() {
      if (flight !== undefined) return isClosed ? found() : flight.then(found)
      const isRecent = headers === undefined && triedAt !== undefined && now() - triedAt < RECENT_MS
      if (isClosed || isRecent || (headers !== undefined && now() < freshUntil)) return found()
      return run().then(found)
    },
    async renew() {
      const isRecent = renewedAt !== undefined && now() - renewedAt < RECENT_MS
      if (isClosed || (isRecent && flight === undefined)) return failure
      await run()
      renewedAt = triedAt
      return failure
    },
    close() {
      isClosed = true
      settings.onClose?.()
    },
  }
}
