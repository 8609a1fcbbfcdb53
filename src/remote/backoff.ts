// How long to wait before a stream is opened again, or a remote that cannot be reached is tried again. Pure but for
// the jitter: many bridges must not come back in step. protocol.md 0.9.

const FIRST_MS = 1000
const FACTOR = 1.5
const LONGEST_MS = 30_000
const JITTER = 0.2

/** Milliseconds to wait after `failures` tries in a row that failed: 1 s × 1.5 … 30 s, ± 20 %. */
export function backoff(failures: number, firstMs = FIRST_MS): number {
  const waitMs = Math.min(LONGEST_MS, firstMs * FACTOR ** Math.max(0, failures - 1))
  return Math.round(waitMs * (1 - JITTER + 2 * JITTER * Math.random()))
}
