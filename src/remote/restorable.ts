// What a session has been told that a new one must be told again: the log level and the subscriptions to resources.
// protocol.md A.6.2-5.
import type { Envelope } from '../message/envelope.ts'
import { find, readString } from '../message/peek.ts'

export interface Restorable {
  /** Whether a successful request of this method is to be noted. */
  concerns(method: string | undefined): boolean
  /** The remote has answered this request with success. */
  note(request: Envelope): void
  /** The requests that bring a new session to where the old one was. */
  requests(): Envelope[]
  clear(): void
}

export function createRestorable(): Restorable {
  let level: Envelope | undefined
  const subscriptions = new Map<string, Envelope>()
  return {
    concerns: (method) =>
      method === 'logging/setLevel' || method === 'resources/subscribe' || method === 'resources/unsubscribe',
    note(request) {
      if (request.method === 'logging/setLevel') level = request
      const uri = uriOf(request)
      if (uri === undefined) return
      if (request.method === 'resources/subscribe') subscriptions.set(uri, request)
      else subscriptions.delete(uri)
    },
    requests: () => [...(level === undefined ? [] : [level]), ...subscriptions.values()],
    clear() {
      level = undefined
      subscriptions.clear()
    },
  }
}

function uriOf({ bytes, shape }: Envelope): string | undefined {
  return shape.params && readString(bytes, find(bytes, shape.params, 'uri'))
}
