// How long a task is asked after whose remote does not answer: it outlives one that is gone for a while. The same in both
// directions between the eras. protocol.md D.10, E.3.

/** Doubled each time from a second on, that is some ten minutes. */
const MOST_FAILURES = 8
const LONGEST_WAIT_MS = 2 * 60_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

export interface Patience {
  /** A question has failed. Whether another one is to be asked. */
  fail(): boolean
  /** The task goes on. */
  recover(): void
  /** How long to wait before the next question, of a remote that wants `pollMs` between them. */
  waitMs(pollMs: number): number
}

export function createPatience(): Patience {
  let failures = 0
  return {
    fail: () => ++failures <= MOST_FAILURES,
    recover() {
      failures = 0
    },
    waitMs(pollMs) {
      const wanted =
        failures === 0 ? pollMs : Math.min(pollMs * 2 ** failures, Math.max(pollMs, LONGEST_WAIT_MS))
      return Math.min(wanted, LONGEST_TIMER_MS)
    },
  }
}
