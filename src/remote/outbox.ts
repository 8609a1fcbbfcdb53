// The order in which messages leave: notifications and responses one at a time, in the order the host wrote them,
// and never before an earlier request has left the machine. Concurrent POSTs overtake each other, and a
// cancellation that overtakes its request is lost. protocol.md A.2.

export interface Departure {
  /** The request has been written, or never will be. */
  left(): void
}

export interface Outbox {
  /** Notes a request that is being sent, beside all others. */
  request(): Departure
  /** Runs `send` when all that came before has been sent, and all requests before it have left; resolves with it. */
  inOrder(send: () => Promise<void>): Promise<void>
  /** Resolves when nothing is waiting. */
  idle(): Promise<void>
}

export function createOutbox(): Outbox {
  const leaving = new Map<Departure, (() => void)[]>()
  let tail: Promise<void> = Promise.resolve()

  function whenLeft(departures: readonly Departure[]): Promise<unknown> {
    const open = departures.filter((departure) => leaving.has(departure))
    return Promise.all(
      open.map((departure) => new Promise<void>((resolve) => leaving.get(departure)?.push(resolve))),
    )
  }

  return {
    request() {
      const departure: Departure = {
        left() {
          const waiting = leaving.get(departure)
          leaving.delete(departure)
          for (const resolve of waiting ?? []) resolve()
        },
      }
      leaving.set(departure, [])
      return departure
    },
    inOrder(send) {
      const before = [...leaving.keys()]
      tail = tail.then(() => whenLeft(before)).then(send)
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
