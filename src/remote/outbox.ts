// The order in which messages leave: notifications and responses one at a time, in the order the host wrote them,
// and never before an earlier request has left the machine. Concurrent POSTs overtake each other, and a
// cancellation that overtakes its request is lost. protocol.md A.2.

export interface Outbox {
  /** A request is being sent, beside all others, and has not left yet. `request` is whatever tells it from them. */
  depart(request: object): void
  /** It has been written, or never will be. */
  left(request: object): void
  /** Runs `send` when all that came before has been sent, and all requests before it have left; resolves with it. */
  inOrder(send: () => Promise<void>): Promise<void>
  /** Resolves when nothing is waiting. */
  idle(): Promise<void>
}

interface Waiter {
  /** The number of the last request that must have left. */
  readonly last: number
  readonly go: () => void
}

export function createOutbox(): Outbox {
  /** Requests that have not left, and their numbers; the oldest first. */
  const leaving = new Map<object, number>()
  const waiters: Waiter[] = []
  let departed = 0
  let tail: Promise<void> = Promise.resolve()

  function whenLeft(): Promise<void> {
    if (leaving.size === 0) return Promise.resolve()
    return new Promise((go) => waiters.push({ last: departed, go }))
  }

  return {
    depart: (request) => void leaving.set(request, ++departed),
    left(request) {
      if (!leaving.delete(request)) return
      const [oldest = Number.POSITIVE_INFINITY] = leaving.values()
      while (waiters[0] !== undefined && waiters[0].last < oldest) waiters.shift()?.go()
    },
    inOrder(send) {
      const earlier = whenLeft()
      tail = tail.then(() => earlier).then(send)
      return tail
    },
    async idle() {
      for (let seen: unknown; seen !== tail; ) {
        seen = tail
        await tail
      }
    },
  }
}
