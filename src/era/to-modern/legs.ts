// Requests to a modern remote, and who waits for their answers. One request of a legacy host may take several of them:
// the first has the host's own id, the others have ids of ours. protocol.md C.4, D.7-5.
import { toBridgeError } from '../../errors.ts'
import type { Sink } from '../../lane.ts'
import type { Log } from '../../log.ts'
import { withId } from '../../message/edit.ts'
import type { Envelope, Id } from '../../message/envelope.ts'
import { createIdTable } from '../../message/id-table.ts'
import { cancellation, own, ownId, refusal } from '../../message/message.ts'
import { type Changes, rewrite } from '../../message/rewrite.ts'

/** What a modern remote wants to be told in each request (D.2), as it is now. */
export type Meta = () => Changes

export interface Legs {
  /** A new id of ours. */
  nextId(): Id
  /** Sends it under `id`; `onAnswer` gets the one response, perhaps at once. */
  send(request: Envelope, id: Id, onAnswer: Sink): void
  /** A request on our own account. `params`: the members of its params, as JSON. */
  ask(question: Question): void
  /** Ends a request that is under way; nothing more comes of it. */
  abort(id: Id): void
  /** A response of the remote. One that whoever waits for it throws at is replaced by an error: it fails closed. */
  take(response: Envelope): void
  abortAll(): void
}

export interface Question {
  readonly method: string
  readonly params: string
  readonly id: Id
  readonly onAnswer: Sink
}

const PREFIX = 'mcp-ferry:leg:'

/** Whether this id looks like one of ours. A host that is a bridge itself may use such. */
export function isLegId({ key }: Id): boolean {
  return key.startsWith(`"${PREFIX}`)
}

export function createLegs(toRemote: Sink, meta: Meta, log: Log): Legs {
  const waiting = createIdTable<{ readonly id: Id; readonly onAnswer: Sink }>()
  let count = 0

  function send(request: Envelope, id: Id, onAnswer: Sink): void {
    waiting.set(id, { id, onAnswer })
    toRemote(request.id!.key === id.key ? request : withId(request, id))
  }

  function abort(id: Id): void {
    if (waiting.delete(id)) toRemote(cancellation(id))
  }

  return {
    nextId: () => ownId(`${PREFIX}${++count}`),
    send,
    ask({ method, params, id, onAnswer }) {
      const question = own(`{"jsonrpc":"2.0","id":${id.raw},"method":"${method}","params":{${params}}}`)
      send(rewrite(question, { params: { _meta: meta() } }), id, onAnswer)
    },
    abort,
    take(response) {
      const leg = response.id && waiting.take(response.id)
      if (leg === undefined) return
      try {
        leg.onAnswer(response)
      } catch (thrown) {
        const error = toBridgeError(thrown)
        log.error(error.message)
        leg.onAnswer(refusal(leg.id, error))
      }
    },
    abortAll() {
      for (const { id } of waiting.values()) abort(id)
    },
  }
}
