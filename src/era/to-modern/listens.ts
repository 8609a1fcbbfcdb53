// What a modern remote tells unasked, for a legacy host: it comes on streams that have to be asked for, one for the lists
// and one for the resources that the host has subscribed to. protocol.md D.6.
import type { Sink } from '../../lane.ts'
import type { Log } from '../../log.ts'
import { type Envelope, type Id, readId, spanAt, stringAt } from '../../message/envelope.ts'
import {
  ACKNOWLEDGED,
  isChange,
  listChanged,
  listMembers,
  listsIn,
  RESOURCE_UPDATED,
  SUBSCRIPTION_ID,
  toldOn,
} from '../changes.ts'
import type { Offers } from './handshake.ts'
import { createKeptListen } from './kept-listen.ts'
import type { Legs } from './legs.ts'
import { createResourceUpdates } from './resource-updates.ts'

export interface Listens {
  /** The host is ready to hear of changes. */
  begin(): void
  subscribe(request: Envelope): void
  unsubscribe(request: Envelope): void
  /** Whether it was a subscription that the host waits for. */
  cancel(id: Id): boolean
  /** A notification that is about changes, or belongs to a stream. Whether it is one of those. */
  take(message: Envelope): boolean
  remoteIsThere(): void
  close(): void
}

export function createListens(settings: {
  readonly legs: Legs
  readonly toHost: Sink
  readonly log: Log
  readonly offers: () => Offers
}): Listens {
  const { legs, toHost, log, offers } = settings
  let hasBegun = false

  const lists = createKeptListen({
    legs,
    log,
    filter() {
      const { changing } = offers()
      return changing.length === 0 ? undefined : `{${listMembers(changing).join(',')}}`
    },
    onAcknowledged(acknowledgement, isLate) {
      if (isLate) for (const kind of listsIn(acknowledgement)) toHost(listChanged(kind))
    },
    onRegranted() {},
    onRefused() {},
  })
  const resources = createResourceUpdates({ legs, toHost, log })
  const streams = [lists, resources.listen]

  return {
    begin() {
      if (hasBegun) return
      hasBegun = true
      lists.refresh()
    },
    subscribe: resources.subscribe,
    unsubscribe: resources.unsubscribe,
    cancel: resources.cancel,
    take(message) {
      const { method = '' } = message
      const tag = readId(message.bytes, spanAt(message, 'params', '_meta', SUBSCRIPTION_ID))
      if (tag === undefined && !isChange(method) && method !== ACKNOWLEDGED) return false
      const stream = tag && streams.find((each) => each.has(tag))
      if (method === ACKNOWLEDGED) {
        if (tag !== undefined) stream?.acknowledged(tag, message)
      } else if (tag !== undefined && (stream === undefined || !isChange(method)))
        log.debug(`dropped ${method}: none of our subscriptions is about that`)
      else if (method !== RESOURCE_UPDATED || resources.isWanted(stringAt(message, 'params', 'uri')))
        toHost(toldOn(undefined, message))
      return true
    },
    remoteIsThere() {
      for (const stream of streams) stream.remoteIsThere()
    },
    close() {
      lists.close()
      resources.close()
    },
  }
}
