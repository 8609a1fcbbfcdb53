// One part of what a stop ends, which can be ended by itself as well. Deferred.
import { offStop, onStop, type Stop, stopNow } from './stop.ts'

/** Stops `part` with `whole`, and for the same reason; returns how to end that. */
export function link(part: Stop, whole: Stop): () => void {
  const pass: Parameters<typeof onStop>[1] = (reason) => stopNow(part, reason)
  onStop(whole, pass)
  return () => offStop(whole, pass)
}
