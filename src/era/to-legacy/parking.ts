// A legacy server waits in the middle of a call for what it has asked; a modern host wants an answer that asks, and calls
// again. So the call is parked, and goes on when the host comes back: it is never made twice. protocol.md E.5.

import { type Envelope, stringAt } from '../../message/envelope.ts'
import type { Call } from './call.ts'
import { permits } from './declared.ts'
import { invalid, type ModernRequest, payloadOf } from './modern-request.ts'
import { createParked, type ParkedSettings } from './parked.ts'
import {
  dismiss,
  type Entry,
  entriesOf,
  inputRequired,
  inputResponse,
  type Question,
  reply,
} from './questions.ts'

export interface ParkingSettings extends ParkedSettings {
  readonly digest: (bytes: Uint8Array) => string
  readonly answer: (request: ModernRequest, response: Envelope) => void
  /** A retry goes on with this call: its request can be cancelled as the first one could. */
  readonly onResumed: (call: Call, request: ModernRequest) => void
  /** The host has come back, and the remote's answer has been there for a while. */
  readonly deliver: (call: Call, response: Envelope) => void
  /** The host has said what its roots are. */
  readonly onRoots: (result: string) => void
  /** The host has not come back. */
  readonly abandon: (call: Call) => void
}

export interface Parking {
  /** The remote asks something in the middle of this call. */
  ask(call: Call, question: Question): void
  /** Asks the host at once. */
  park(call: Call, entries: Map<string, Entry>): void
  /** A request of the host that shows a token. */
  resume(request: ModernRequest): void
  /** The host will not come back. Returns whether there was anything to give up. */
  end(): boolean
  readonly hasEnded: boolean
}

/** Questions that come together are asked together. */
const COLLECT_MS = 10

export function createParking(settings: ParkingSettings): Parking {
  const { answer, digest } = settings
  const parked = createParked<Call>(settings)
  let hasEnded = false

  function collectLater(call: Call): void {
    call.timer ??= setTimeout(() => collect(call), COLLECT_MS)
  }

  function collect(call: Call): void {
    delete call.timer
    if (call.state !== 'running') return
    const asks = call.asks.filter(({ isOver }) => !isOver)
    call.asks = []
    // It may have been asked on behalf of an earlier request, which declared more.
    const [shown, hidden] = split(asks, (question) => permits(call.host.declared, question.envelope))
    for (const question of hidden) dismiss(question, 'undeclared')
    if (shown.length === 0) return
    if (hasEnded) for (const question of shown) dismiss(question, 'no answer')
    else park(call, entriesOf(shown))
  }

  function park(call: Call, entries: Map<string, Entry>): void {
    call.batch = entries
    show(call, entries)
  }

  function show(call: Call, entries: ReadonlyMap<string, Entry>): void {
    const { host, session } = call
    call.state = 'parked'
    call.digest ??= digest(payloadOf(host.envelope))
    const questions = [...call.batch.values()].flatMap(({ question }) => question ?? [])
    const token = parked.park(call, questions, () => expire(call))
    answer(host, inputRequired({ id: host.id, entries, token, serverInfo: session.serverInfo }))
  }

  function expire(call: Call): void {
    for (const question of questionsOf(call)) dismiss(question, 'no answer')
    settings.abandon(call)
  }

  function resume(request: ModernRequest): void {
    const { envelope, id, method } = request
    const token = stringAt(envelope, 'params', 'requestState')
    const call = token === undefined ? undefined : parked.peek(token)
    if (call === undefined)
      return answer(request, invalid(id, 'unknown or expired requestState; call again without it'))
    if (call.method !== method || call.digest !== digest(payloadOf(envelope)))
      return answer(request, invalid(id, 'this requestState belongs to another request'))
    parked.take(token!)
    call.host = request
    call.state = 'running'
    settings.onResumed(call, request)
    const missing = takeAnswers(call)
    if (call.final !== undefined) {
      tellAnswers(call.batch)
      return settings.deliver(call, call.final)
    }
    if (missing.size > 0) return show(call, missing)
    goOn(call)
  }

  /** Notes what the host has answered; returns what it has not. */
  function takeAnswers({ batch, host }: Call): Map<string, Entry> {
    const missing = new Map<string, Entry>()
    for (const [key, entry] of batch) {
      if (entry.answer !== undefined || entry.question?.isOver) continue
      const given = inputResponse(host.envelope, key)
      if (given === undefined) missing.set(key, entry)
      else entry.answer = given
    }
    return missing
  }

  function goOn(call: Call): void {
    const { batch, onAnswered } = call
    call.batch = new Map()
    delete call.onAnswered
    tellAnswers(batch)
    onAnswered?.(batch)
    if (call.asks.length > 0) collectLater(call)
  }

  function tellAnswers(batch: ReadonlyMap<string, Entry>): void {
    for (const { method, question, answer: given } of batch.values()) {
      if (given === undefined) continue
      if (question !== undefined) reply(question, given)
      if (method === 'roots/list') settings.onRoots(given)
    }
  }

  return {
    ask(call, question) {
      call.asks.push(question)
      if (call.state === 'running') collectLater(call)
    },
    park,
    resume,
    end() {
      hasEnded = true
      return parked.expireAll()
    },
    get hasEnded() {
      return hasEnded
    },
  }
}

/** All that the remote waits for in this call. */
export function questionsOf({ batch, asks }: Call): Question[] {
  return [...[...batch.values()].flatMap(({ question }) => question ?? []), ...asks]
}

function split<Item>(items: readonly Item[], belongs: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))]
}
