// One subscription of the host's (`subscriptions/listen`), kept alive: proxies cut idle streams, and hosts do not subscribe
// again by themselves. What comes on a later connection is shown as if it were the first one. protocol.md C.5.

import { META } from '../../era/era.ts'
import type { BridgeError } from '../../errors.ts'
import type { Sink } from '../../lane.ts'
import type { Log } from '../../log.ts'
import { withId } from '../../message/edit.ts'
import type { Envelope, Id } from '../../message/envelope.ts'
import { cancellation, notification, own } from '../../message/message.ts'
import { find } from '../../message/peek.ts'
import { elementsOf, membersOf, rewrite } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import { backoff } from '../backoff.ts'
import { isTransient } from '../retry.ts'
import type { Stop } from '../stop.ts'
import { delay } from '../time.ts'

/** What happened in a gap longer than this is told by saying that anything may have changed. */
const GAP_MS = 5000
const GIVE_UP_MS = 10 * 60_000
/** A stream that has lived so long was a good one. */
const LIVED_MS = 10_000

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'
const SUBSCRIPTION = `${META}subscriptionId`

export interface ListenSettings {
  readonly request: Envelope
  readonly toHost: Sink
  readonly log: Log
  readonly nextId: () => Id
  /** Sends the request again in this form; the connection there is, is given up. */
  readonly renew: (wire: Envelope) => void
}

export interface Listen {
  /** The host has been told that the subscription stands. */
  readonly isShown: boolean
  /** A notification on its stream. */
  take(message: Envelope): void
  /** The remote's answer, which ends the subscription, as the host is shown it. */
  final(answer: Envelope): Envelope
  /** Whether it is to be subscribed again after this failure; `isSaid`: the remote has said it in words of the protocol. */
  isRetried(error: BridgeError, isSaid: boolean): boolean
  /** Its stream is gone: it is opened again after a while, unless stopped. */
  broken(stop: Stop): Promise<void>
  /** Opens it on a new connection now. */
  reconnect(): void
  /** Tells the host that the subscription is no more; its answer follows (26/CAN). */
  tornDown(reason: string): void
  /** The answer that ends it in order. */
  goodbye(): Envelope
  /** Nothing more is to be done. */
  end(): void
}

export function createListen(settings: ListenSettings): Listen {
  const { request, toHost, log, nextId, renew } = settings
  const hostId = request.id!
  /** The filter that the host has been shown as acknowledged. */
  let shown: string | undefined
  /** A later connection has the id of a later request. */
  let isFirst = true
  let failures = 0
  let openedAt = Date.now()
  let lostAt: number | undefined
  let isOver = false

  function again(): void {
    if (isOver) return
    isFirst = false
    lostAt ??= Date.now()
    renew(withId(request, nextId()))
  }

  function acknowledge(message: Envelope): void {
    const filter = filterText(message)
    const gapMs = lostAt === undefined ? 0 : Date.now() - lostAt
    lostAt = undefined
    openedAt = Date.now()
    if (filter !== shown) toHost(tagged(message))
    const wasShown = shown !== undefined
    shown = filter
    if (wasShown && gapMs > GAP_MS) for (const change of mayHaveChanged(message, hostId)) toHost(change)
  }

  function tagged(message: Envelope): Envelope {
    return isFirst ? message : rewrite(message, { params: { _meta: { [SUBSCRIPTION]: hostId.raw } } })
  }

  return {
    get isShown() {
      return shown !== undefined
    },
    take(message) {
      if (message.method === ACKNOWLEDGED) acknowledge(message)
      else toHost(tagged(message))
    },
    final(answer) {
      const { bytes, shape } = answer
      const isTagged = shape.result && find(bytes, shape.result, '_meta', SUBSCRIPTION) !== undefined
      if (isFirst || !isTagged) return answer
      return rewrite(answer, { result: { _meta: { [SUBSCRIPTION]: hostId.raw } } })
    },
    isRetried: (error, isSaid) =>
      // One that has stood is not lost by what a proxy says while the server behind it is being replaced.
      (mayPass(error) || (shown !== undefined && error.kind === 'http' && !isSaid)) &&
      !isOver &&
      (lostAt === undefined || Date.now() - lostAt < GIVE_UP_MS),
    async broken(stop) {
      lostAt ??= Date.now()
      failures = Date.now() - openedAt > LIVED_MS ? 1 : failures + 1
      const waitMs = backoff(failures)
      log.debug('a subscription is opened again', { waitMs })
      await delay(waitMs, stop)
      if (stop.reason === undefined) again()
    },
    reconnect: again,
    tornDown: (reason) => toHost(cancellation(hostId, reason)),
    goodbye: () =>
      own(
        `{"jsonrpc":"2.0","id":${hostId.raw},"result":{"resultType":"complete","_meta":{"${SUBSCRIPTION}":${hostId.raw}}}}`,
      ),
    end() {
      isOver = true
    },
  }
}

/** Whether the failure says nothing of the subscription itself. */
function mayPass(error: BridgeError): boolean {
  const { httpStatus = 0 } = error.facts
  return isTransient(error) || error.kind === 'rate-limited' || (error.kind === 'http' && httpStatus >= 500)
}

function filterText({ bytes, shape }: Envelope): string {
  const span = shape.params && find(bytes, shape.params, 'notifications')
  return span === undefined ? '{}' : textAt(bytes, span)
}

/** The kinds of change that a filter can ask for by a boolean, and what each is told by. */
const KINDS: Readonly<Record<string, string>> = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
}

/** One notification for each thing that this acknowledgement says is listened to. */
function mayHaveChanged({ bytes, shape }: Envelope, hostId: Id): Envelope[] {
  const filter = shape.params && find(bytes, shape.params, 'notifications')
  const meta = `"_meta":{"${SUBSCRIPTION}":${hostId.raw}}`
  return membersOf(bytes, filter).flatMap(({ name, value }) => {
    const method = KINDS[name]
    if (method !== undefined && bytes[value.start] === 0x74) return [notification(method, `{${meta}}`)]
    if (name !== 'resourceSubscriptions') return []
    return elementsOf(bytes, value).map((uri) =>
      notification('notifications/resources/updated', `{"uri":${textAt(bytes, uri)},${meta}}`),
    )
  })
}
