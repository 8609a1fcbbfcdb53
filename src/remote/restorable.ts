// What a session has been told that a new one must be told again: the log level and the subscriptions to resources.
// protocol.md A.6.2-5.
import type { Sink } from '../lane.ts'
import type { Envelope } from '../message/envelope.ts'
import { find, readString } from '../message/peek.ts'

export interface Restorable {
  /** Gives the answer on, and notes the request if it is a success; undefined where there is nothing to note. */
  noting(request: Envelope, toHost: Sink): Sink | undefined
  /** The requests that bring a new session to where the old one was. */
  requests(): Envelope[]
  clear(): void
}

export function createRestorable(): Restorable {
  let level: Envelope | undefined
  const subscriptions = new Map<string, Envelope>()

  function note(request: Envelope): void {
    if (request.method === 'logging/setLevel') level = request
    const uri = uriOf(request)
    if (uri === undefined) return
    if (request.method === 'resources/subscribe') subscriptions.set(uri, request)
    else subscriptions.delete(uri)
  }

  return {
    noting(request, toHost) {
      const { method } = request
      if (
        method !== 'logging/setLevel' &&
        method !== 'resources/subscribe' &&
        method !== 'resources/unsubscribe'
      )
        return undefined
      return (response) => {
        if (response.shape.result !== undefined) note(request)
        toHost(response)
      }
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
