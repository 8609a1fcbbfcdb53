// Messages of the host that wait for the remote to be open, in their order. Where the wait may be long, a request has
// a time by which it is answered all the same. protocol.md A.1-5, 0.12.
import type { Envelope, Id } from '../message/envelope.ts'

interface Waiting {
  readonly envelope: Envelope
  readonly timer: NodeJS.Timeout | undefined
}

export interface Held {
  /** Keeps it; calls `late` if it is still here after the time. */
  push(envelope: Envelope, limit?: { readonly waitMs: number; readonly late: () => void }): void
  /** Takes out the request of this id. */
  take(id: Id): Envelope | undefined
  /** Takes out the first that fits. */
  takeFirst(fits: (envelope: Envelope) => boolean): Envelope | undefined
  takeAll(): Envelope[]
}

export function createHeld(): Held {
  let all: Waiting[] = []

  function takeFirst(fits: (envelope: Envelope) => boolean): Envelope | undefined {
    const found = all.find(({ envelope }) => fits(envelope))
    if (found === undefined) return undefined
    all = all.filter((waiting) => waiting !== found)
    clearTimeout(found.timer)
    return found.envelope
  }

  return {
    push(envelope, limit) {
      const timeUp = (): void => {
        if (takeFirst((other) => other === envelope) !== undefined) limit?.late()
      }
      all.push({ envelope, timer: limit && setTimeout(timeUp, limit.waitMs) })
    },
    take: (id) => takeFirst(({ kind, id: own }) => kind === 'request' && own?.key === id.key),
    takeFirst,
    takeAll() {
      const taken = all
      all = []
      return taken.map(({ envelope, timer }) => {
        clearTimeout(timer)
        return envelope
      })
    },
  }
}
