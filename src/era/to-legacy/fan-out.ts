// The host's `subscriptions/listen` requests: what a legacy session says unasked goes to each that asked for it.
// protocol.md E.7.

import { BridgeError } from '../../errors.ts'
import { type Envelope, type Id, spanAt, stringAt } from '../../message/envelope.ts'
import { createIdTable } from '../../message/id-table.ts'
import { cancellation, notification, own, refusal } from '../../message/message.ts'
import { isObjectAt, readString } from '../../message/peek.ts'
import { elementsOf } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import {
  ACKNOWLEDGED,
  changedList,
  type ListKind,
  listChanged,
  listMembers,
  listsIn,
  SUBSCRIPTION_ID,
  toldOn,
} from '../changes.ts'
import type { LegacySession } from './legacy-session.ts'
import { invalid, type ModernRequest } from './modern-request.ts'
import { createSubscriptions } from './subscriptions.ts'

export interface FanOutSettings {
  readonly toHost: (envelope: Envelope) => void
  /** Answers a request, if it still waits for that. */
  readonly answer: (request: ModernRequest, response: Envelope) => void
  readonly session: () => LegacySession
}

export interface FanOut {
  listen(request: ModernRequest): Promise<void>
  cancel(id: Id): void
  /** A change that the remote has told of. */
  changed(envelope: Envelope): void
  /** There is another session: what was subscribed to is subscribed to in that. */
  move(): void
  /** Ends all with a result; those that begin now end at once. */
  end(): void
}

const LOOK_MS = 60_000
const GIVE_UP_MS = 10 * 60_000

interface Listen {
  readonly request: ModernRequest
  /** What was acknowledged: nothing before that. */
  lists: readonly ListKind[]
  uris: ReadonlySet<string>
  isAcknowledged: boolean
}

export function createFanOut({ toHost, answer, session: currentSession }: FanOutSettings): FanOut {
  const listens = createIdTable<Listen>()
  const subscriptions = createSubscriptions()
  let hasEnded = false
  let looking: ReturnType<typeof setInterval> | undefined

  /** A remote that has been away for so long is not coming back soon, and the host may do without the listen. */
  function look(): void {
    if (listens.values().length === 0 || currentSession().silentForMs() < GIVE_UP_MS) return
    const error = new BridgeError('stream-lost', 'the remote has been away for more than 10 minutes', {
      retryable: true,
      maybeDelivered: false,
    })
    for (const one of listens.values()) {
      if (!one.isAcknowledged) continue
      forget(one)
      toHost(cancellation(one.request.id, error.message))
      answer(one.request, refusal(one.request.id, error))
    }
  }

  function forget({ request, uris }: Listen): void {
    listens.delete(request.id)
    for (const uri of uris) subscriptions.remove(uri)
  }

  async function listen(request: ModernRequest): Promise<void> {
    const { envelope } = request
    const filter = spanAt(envelope, 'params', 'notifications')
    if (!isObjectAt(envelope.bytes, filter))
      return answer(request, invalid(request.id, 'params.notifications is missing, or is no object'))
    const begun: Listen = { request, lists: [], uris: new Set(), isAcknowledged: false }
    listens.set(request.id, begun)
    looking ??= setInterval(look, LOOK_MS).unref()
    const canSpeak = await currentSession().canSpeakUnasked()
    const session = currentSession()
    const lists = canSpeak ? listsIn(envelope).filter((kind) => session.offers(kind, 'listChanged')) : []
    const asked = canSpeak && session.offers('resources', 'subscribe') ? urisOf(envelope) : []
    const all = await Promise.all(asked.map(([uri, raw]) => subscriptions.add(session, uri, raw)))
    const honoured = asked.filter((_, at) => all[at])
    if (listens.get(request.id) !== begun) {
      for (const [uri] of honoured) subscriptions.remove(uri)
      return
    }
    begun.lists = lists
    begun.uris = new Set(honoured.map(([uri]) => uri))
    const parts = listMembers(lists)
    const raws = honoured.map(([, raw]) => raw)
    if (raws.length > 0) parts.push(`"resourceSubscriptions":[${raws.join(',')}]`)
    acknowledge(begun, `{${parts.join(',')}}`)
  }

  function acknowledge(begun: Listen, filter: string): void {
    const params = `{"_meta":{"${SUBSCRIPTION_ID}":${begun.request.id.raw}},"notifications":${filter}}`
    toHost(notification(ACKNOWLEDGED, params))
    begun.isAcknowledged = true
    if (hasEnded) finish(begun)
  }

  /** The graceful end. */
  function finish({ request }: Listen): void {
    const { raw } = request.id
    listens.delete(request.id)
    const result = `{"resultType":"complete","_meta":{"${SUBSCRIPTION_ID}":${raw}}}`
    answer(request, own(`{"jsonrpc":"2.0","id":${raw},"result":${result}}`))
  }

  function wants(one: Listen, envelope: Envelope): boolean {
    if (!one.isAcknowledged) return false
    const kind = changedList(envelope.method)
    if (kind !== undefined) return one.lists.includes(kind)
    const uri = stringAt(envelope, 'params', 'uri')
    return uri !== undefined && [...one.uris].some((known) => isWithin(uri, known))
  }

  function tell({ request }: Listen, change: Envelope): void {
    toHost(toldOn(request.id.raw, change))
  }

  return {
    listen,
    cancel(id) {
      const begun = listens.get(id)
      if (begun === undefined) return
      forget(begun)
    },
    changed(envelope) {
      for (const one of listens.values()) if (wants(one, envelope)) tell(one, envelope)
    },
    move() {
      subscriptions.moveTo(currentSession())
      // It may offer another choice to a host that can do more, and what changed meanwhile was told to nobody.
      for (const one of listens.values()) for (const kind of one.lists) tell(one, listChanged(kind))
    },
    end() {
      hasEnded = true
      clearInterval(looking)
      for (const one of listens.values()) if (one.isAcknowledged) finish(one)
    },
  }
}

/** The URIs that are asked for: what they mean, and as they are written. */
function urisOf(request: Envelope): (readonly [string, string])[] {
  const { bytes } = request
  const uris = new Map<string, string>()
  const list = spanAt(request, 'params', 'notifications', 'resourceSubscriptions')
  for (const element of elementsOf(bytes, list)) {
    const uri = readString(bytes, element)
    if (uri !== undefined) uris.set(uri, textAt(bytes, element))
  }
  return [...uris]
}

/** An update may be of a part of what was subscribed to. */
function isWithin(uri: string, known: string): boolean {
  if (!uri.startsWith(known)) return false
  return uri.length === known.length || /[/?#:]/.test(known.at(-1)! + uri[known.length]!)
}
