// Messages of the host that wait for the remote to be open, in their order. Where the wait may be long, a request has
// a time by which it is answered all the same. protocol.md A.1-5, 0.12.
import { type Envelope, type Id, textOf } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { sizeOf } from '../message/text.ts'

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

/** `weigh` is told of what is held beside requests: so many more, of so many bytes; fewer where negative. */
export function createHeld(weigh: (messages: number, sizeBytes: number) => void): Held {
  /** In their order. */
  const all = new Set<Waiting>()
  const requests = createIdTable<Waiting>()

  function remove(waiting: Waiting): Envelope | undefined {
    const { envelope, timer } = waiting
    if (!all.delete(waiting)) return undefined
    clearTimeout(timer)
    if (envelope.kind === 'request') requests.delete(envelope.id!)
    else weigh(-1, -sizeOf(textOf(envelope)))
    return envelope
  }

  return {
    push(envelope, limit) {
      const timeUp = (): void => {
        if (remove(waiting) !== undefined) limit?.late()
      }
      const waiting = { envelope, timer: limit && setTimeout(timeUp, limit.waitMs) }
      all.add(waiting)
      if (envelope.kind === 'request') requests.set(envelope.id!, waiting)
      else weigh(1, sizeOf(textOf(envelope)))
    },
    take(id) {
      const waiting = requests.get(id)
      return waiting && remove(waiting)
    },
    takeFirst(fits) {
      for (const waiting of all) if (fits(waiting.envelope)) return remove(waiting)
      return undefined
    },
    takeAll: () => [...all].map((waiting) => remove(waiting)!),
  }
}
