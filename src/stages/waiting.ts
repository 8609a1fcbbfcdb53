// Calls that wait until the remote's tools are known. The host may take them back meanwhile, or begin anew.
import type { Envelope } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { cancelledId } from '../message/message.ts'
import type { Catalogue } from './catalogue.ts'

export interface Waiting {
  /**
   * Calls `go` when the tools are known (true) or cannot be known; at once, if they are. Not if it was cancelled. If `go`
   * throws when it comes later, it is called once more with false: nobody else could answer then.
   */
  until(request: Envelope, go: (isKnown: boolean) => void): void
  /** Whether this cancels a request that waits: the remote knows nothing of it. */
  cancel(envelope: Envelope): boolean
}

export function createWaiting(catalogue: Catalogue): Waiting {
  const waiting = createIdTable<Envelope>()
  catalogue.onBegin((refuse) => {
    const before = waiting.values()
    waiting.clear()
    for (const { id } of before) refuse(id!, false)
  })
  return {
    until(request, go) {
      if (catalogue.isWhole) return go(true)
      const id = request.id!
      waiting.set(id, request)
      const later = (isKnown: boolean): void => {
        // The id may stand for another request by now.
        if (waiting.get(id) !== request) return
        waiting.delete(id)
        try {
          go(isKnown)
        } catch {
          go(false)
        }
      }
      catalogue
        .whole(request)
        .then(later)
        .catch(() => {})
    },
    cancel(envelope) {
      const id = cancelledId(envelope)
      return id !== undefined && waiting.delete(id)
    },
  }
}
