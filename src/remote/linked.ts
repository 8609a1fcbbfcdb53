// Parts of what a stop ends, each of which can be ended by itself as well. Deferred.
import { BridgeError } from '../errors.ts'
import { createStop, offStop, onStop, type Stop, stopNow } from './stop.ts'

/** So many may hang: a remote that never answers notifications must not be left with a connection for each. */
const MOST_HANGING = 64

/** Stops `part` with `whole`, and for the same reason; returns how to end that. */
export function link(part: Stop, whole: Stop): () => void {
  const pass: Parameters<typeof onStop>[1] = (reason) => stopNow(part, reason)
  onStop(whole, pass)
  return () => offStop(whole, pass)
}

/** A stop for each message that may hang, until it is `over`; with one too many the oldest is given up. */
export function createHanging(): (whole: Stop) => { readonly stop: Stop; readonly over: () => void } {
  /** The oldest first. */
  const hanging = new Set<Stop>()
  return (whole) => {
    const stop = createStop()
    const unlink = link(stop, whole)
    const [oldest] = hanging.add(stop)
    if (oldest !== undefined && hanging.size > MOST_HANGING)
      stopNow(oldest, new BridgeError('timeout', 'the remote has not answered'))
    return {
      stop,
      over() {
        hanging.delete(stop)
        unlink()
      },
    }
  }
}
