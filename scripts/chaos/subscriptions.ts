// The subscriptions that the modern remote serves: each one stream, all of it tagged with the request that opened it.
// protocol.md C.5.
import type { ServerResponse } from 'node:http'
import { keyOf, type Rpc } from './instruction.ts'
import { META } from './pairs.ts'
import { openEvents } from './remote.ts'
import type { Truth } from './work.ts'

/** Each so many is ended by the remote, in order, after so many changes. */
const ENDS_EVERY = 5
const ENDS_AFTER = 3

export interface Subscriptions {
  open(request: Rpc, response: ServerResponse): void
  /** Something has changed. */
  change(): void
  /** From now on none is ended. */
  keep(): void
}

interface Subscription {
  readonly id: Rpc['id']
  readonly key: string | undefined
  readonly filter: Readonly<Record<string, unknown>>
  readonly response: ServerResponse
  /** Changes until it is ended. */
  left: number
}

const KINDS: Readonly<Record<string, string>> = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
}

export function createSubscriptions(truth: Truth): Subscriptions {
  const open = new Set<Subscription>()
  let opened = 0
  let isKept = false

  function send({ id, key, response }: Subscription, method: string, params: object): void {
    const meta = { [`${META}subscriptionId`]: id, chaos: { seq: truth.notifications++, of: key } }
    const message = { jsonrpc: '2.0', method, params: { ...params, _meta: meta } }
    response.write(`data: ${JSON.stringify(message)}\n\n`)
  }

  function end(each: Subscription): void {
    const meta = { [`${META}subscriptionId`]: each.id, chaos: { key: each.key } }
    const result = { resultType: 'complete', _meta: meta }
    open.delete(each)
    each.response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id: each.id, result })}\n\n`)
  }

  return {
    open({ id, params }, response) {
      const filter = (params?.notifications ?? {}) as Readonly<Record<string, unknown>>
      const left = ++opened % ENDS_EVERY === 0 ? ENDS_AFTER : Number.POSITIVE_INFINITY
      const each: Subscription = { id, key: keyOf(params), filter, response, left }
      open.add(each)
      response.on('close', () => open.delete(each))
      openEvents(response)
      send(each, 'notifications/subscriptions/acknowledged', { notifications: filter })
    },
    change() {
      for (const each of open) {
        for (const [name, method] of Object.entries(KINDS))
          if (each.filter[name] === true) send(each, method, {})
        for (const uri of (each.filter.resourceSubscriptions ?? []) as string[])
          send(each, 'notifications/resources/updated', { uri })
        if (!isKept && --each.left <= 0) end(each)
      }
    },
    keep() {
      isKept = true
    },
  }
}
