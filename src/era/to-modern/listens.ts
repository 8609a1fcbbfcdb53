// What a modern remote tells unasked, for a legacy host: it comes on streams that have to be asked for, one for the lists
// and one for the resources that the host has subscribed to. protocol.md D.6.
import type { Sink } from '../../lane.ts'
import type { Log } from '../../log.ts'
import { type Envelope, type Id, readId } from '../../message/envelope.ts'
import { find, readString } from '../../message/peek.ts'
import { membersOf, rewrite } from '../../message/rewrite.ts'
import { isChange, listChanged, RESOURCE_UPDATED } from '../changes.ts'
import { META } from '../era.ts'
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

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'
const SUBSCRIPTION = `${META}subscriptionId`

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
      if (changing.length === 0) return undefined
      return `{${changing.map((kind) => `"${kind}ListChanged":true`).join(',')}}`
    },
    onAcknowledged({ bytes, shape }, isLate) {
      if (!isLate) return
      for (const { name } of membersOf(bytes, shape.params && find(bytes, shape.params, 'notifications'))) {
        const kind = /^(tools|prompts|resources)ListChanged$/.exec(name)?.[1]
        if (kind !== undefined) toHost(listChanged(kind))
      }
    },
    onRegranted() {},
    onRefused() {},
  })
  const resources = createResourceUpdates({ legs, toHost, log })
  const streams = [lists, resources.listen]

  function pass(message: Envelope): void {
    toHost(rewrite(message, { params: { _meta: { [SUBSCRIPTION]: undefined } } }))
  }

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
      const { bytes, shape, method = '' } = message
      const tag = shape.params && readId(bytes, find(bytes, shape.params, '_meta', SUBSCRIPTION))
      if (tag === undefined && !isChange(method) && method !== ACKNOWLEDGED) return false
      const stream = tag && streams.find((each) => each.has(tag))
      if (method === ACKNOWLEDGED) {
        if (tag !== undefined) stream?.acknowledged(tag, message)
      } else if (tag !== undefined && (stream === undefined || !isChange(method)))
        log.debug(`dropped ${method}: none of our subscriptions is about that`)
      else if (method !== RESOURCE_UPDATED) pass(message)
      else if (resources.isWanted(shape.params && readString(bytes, find(bytes, shape.params, 'uri'))))
        pass(message)
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
