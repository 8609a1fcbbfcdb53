// A time limit for each request, counted anew at each sign of progress: off unless it is asked for, since the host has
// limits of its own. protocol.md A.9; 25/L Timeouts: whoever gives up tells the other side.
import { BridgeError } from '../errors.ts'
import type { Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import { type Envelope, type Id, readId, spanAt } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { cancellation, cancelledId, refusal } from '../message/message.ts'

interface Deadline {
  readonly token: Id | undefined
  timer: NodeJS.Timeout
}

/** Answers each request that has been silent for `limitMs`, with an error of kind `timeout`. */
export function createDeadlines(limitMs: number, log: Log): Stage {
  const deadlines = createIdTable<Deadline>()
  const byToken = createIdTable<Deadline>()

  function clear(id: Id): void {
    const deadline = deadlines.take(id)
    if (deadline === undefined) return
    clearTimeout(deadline.timer)
    if (deadline.token !== undefined) byToken.delete(deadline.token)
  }

  return (next) => {
    function watch(request: Envelope, id: Id): void {
      clear(id)
      const token = readId(request.bytes, spanAt(request, 'params', '_meta', 'progressToken'))
      const deadline: Deadline = { token, timer: setTimeout(timeUp, limitMs) }
      deadlines.set(id, deadline)
      if (token !== undefined) byToken.set(token, deadline)

      function timeUp(): void {
        clear(id)
        const text = `the remote did not answer ${request.method} within ${limitMs / 1000} s (--request-timeout); it may or may not have taken effect`
        const error = new BridgeError('timeout', text, { retryable: true, maybeDelivered: true })
        log.error(text)
        next.toRemote(cancellation(id, 'mcp-ferry: no answer within --request-timeout'))
        next.toHost(refusal(id, error))
      }
    }

    return {
      toRemote(envelope) {
        // A subscription is answered when it ends.
        if (envelope.kind === 'request' && envelope.method !== 'subscriptions/listen')
          watch(envelope, envelope.id!)
        const cancelled = cancelledId(envelope)
        if (cancelled !== undefined) clear(cancelled)
        next.toRemote(envelope)
      },
      toHost(envelope) {
        if (envelope.kind === 'response' && envelope.id !== undefined) clear(envelope.id)
        else if (envelope.method === 'notifications/progress') {
          const token = readId(envelope.bytes, spanAt(envelope, 'params', 'progressToken'))
          const deadline = token && byToken.get(token)
          deadline?.timer.refresh()
        }
        next.toHost(envelope)
      },
    }
  }
}
