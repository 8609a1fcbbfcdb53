// The requests of a modern host that a legacy remote is asked: each is sent once, may be parked meanwhile, and ends with
// one answer. protocol.md E.3, E.4, E.5.

import { toBridgeError } from '../../errors.ts'
import { type Envelope, type Id, spanAt } from '../../message/envelope.ts'
import { createIdTable, type IdTable } from '../../message/id-table.ts'
import { cancellation, errorCode, refusal } from '../../message/message.ts'
import { applied } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import { ERA_CODE } from '../codes.ts'
import { MAY_ASK } from '../input-methods.ts'
import type { Call } from './call.ts'
import { has, permits } from './declared.ts'
import { asLegacy, asLegacyCancellation } from './legacy-request.ts'
import type { LegacySession } from './legacy-session.ts'
import { createLegacyTasks, startTask } from './legacy-tasks.ts'
import type { ModernRequest } from './modern-request.ts'
import { asModern } from './modern-results.ts'
import type { ParkedSettings } from './parked.ts'
import { createParking, questionsOf } from './parking.ts'
import { dismiss, entriesOf, type Question } from './questions.ts'
import { createRoots } from './roots.ts'
import { areAccepted, cannotVisit, createCompletions, declined, visitsOf } from './url-elicitation.ts'

export interface CallsSettings extends ParkedSettings {
  readonly digest: (bytes: Uint8Array) => string
  readonly toHost: (envelope: Envelope) => void
  /** Answers a request, if it still waits for that. */
  readonly answer: (request: ModernRequest, response: Envelope) => void
  /** A call of this session is over. */
  readonly release: (session: LegacySession) => void
}

export interface Calls {
  start(request: ModernRequest, session: LegacySession): void
  /** A request that goes on with an earlier one. */
  resume(request: ModernRequest): void
  /** The host does not want the answer to this request any more. */
  cancel(request: ModernRequest, cancellation: Envelope): void
  /** The remote asks something; `origin` as in FromLegacy. */
  ask(question: Question, origin: Id | undefined): void
  /** The remote does not want the answer any more. */
  withdraw(session: LegacySession, id: Id): void
  /** The remote tells of progress. */
  progress(envelope: Envelope): void
  /** A page has done its work (E.6). */
  completed(session: LegacySession, envelope: Envelope): void
  rootsChanged(): void
  /** The call that waits for its answer and to whose stream this id belongs. */
  running(session: LegacySession, origin: Id): Call | undefined
  allRunning(): Call[]
  /** The host will send no more. Returns whether that ends anything. */
  inputEnded(): boolean
  /** Returns whether the remote is being told of that. */
  close(): boolean
}

export function createCalls(settings: CallsSettings): Calls {
  const { answer, toHost } = settings
  const all = new Set<Call>()
  const origins = new WeakMap<LegacySession, IdTable<Call>>()
  const byToken = new Map<string, Call>()
  const byHost = new Map<ModernRequest, Call>()
  const roots = createRoots()
  const tasks = createLegacyTasks()
  const completions = createCompletions()
  let count = 0

  const parking = createParking({
    ...settings,
    deliver,
    onRoots: roots.note,
    onResumed: (call, request) => void byHost.set(request, call),
    answer(request, response) {
      byHost.delete(request)
      answer(request, response)
    },
    abandon(call) {
      giveUp(call, (id) => cancellation(id, 'the client did not answer'))
    },
  })

  function start(request: ModernRequest, session: LegacySession): void {
    const { method } = request
    const call: Call = {
      session,
      method,
      order: ++count,
      host: request,
      state: 'running',
      ids: [],
      asks: [],
      batch: new Map(),
    }
    all.add(call)
    byHost.set(request, call)
    session.calls++
    const held = MAY_ASK.has(method) && has(request.declared, 'roots') ? roots.takeHeld(session) : []
    if (held.length === 0) return send(call)
    call.onAnswered = () => send(call)
    parking.park(call, entriesOf(held))
  }

  function send(call: Call): void {
    const { session, host } = call
    const id = session.nextId()
    own(call, id)
    const token = host.progressToken === undefined ? undefined : `${call.order}`
    if (token !== undefined) byToken.set(token, call)
    const request = asLegacy(host.envelope, id, token)
    const answered = (response: Envelope): void => finish(call, response)
    if (!tasks.isRequired(request, session)) return session.ask(request, answered)
    const task = startTask({
      session,
      request,
      own: (other) => own(call, other),
      disown: (other) => disown(call, other),
      answered,
    })
    call.withdraw = task.cancel
  }

  function own(call: Call, id: Id): void {
    call.ids = [...call.ids, id]
    const known = origins.get(call.session) ?? createIdTable()
    origins.set(call.session, known)
    known.set(id, call)
  }

  function disown(call: Call, id: Id): void {
    origins.get(call.session)?.delete(id)
    call.ids = call.ids.filter((other) => other !== id)
  }

  /** The remote has answered. */
  function finish(call: Call, response: Envelope): void {
    if (call.state === 'running') return deliver(call, response)
    if (call.state === 'over') return
    call.final = response
    // It does not wait for its own any more. What was guessed to be its own, and the host has seen, may be another's.
    for (const question of questionsOf(call)) if (!question.isGuessed) dismiss(question, 'over')
    const mistaken = unseenGuesses(call)
    call.asks = []
    for (const question of mistaken) ask(question, undefined)
  }

  function deliver(call: Call, response: Envelope): void {
    const { host, method, session } = call
    try {
      if (errorCode(response) === ERA_CODE.urlElicitationRequired && visitFirst(call, response)) return
      if (method === 'tools/list') tasks.note(response)
      answer(host, asModern(response, { id: host.id, method, serverInfo: session.serverInfo }))
    } catch (thrown) {
      answer(host, refusal(host.id, toBridgeError(thrown)))
    }
    end(call)
  }

  /** Whether the host is asked to have a page visited; the call is then made again. */
  function visitFirst(call: Call, error: Envelope): boolean {
    const { host, session, method } = call
    const visits = visitsOf(error)
    if (visits === undefined || !MAY_ASK.has(method) || parking.hasEnded) return false
    if (!has(host.declared, 'elicitation', 'url')) {
      answer(host, cannotVisit(host.id))
      end(call)
      return true
    }
    // What is answered must not be cancelled, whatever becomes of the call (25/CAN).
    for (const id of call.ids) disown(call, id)
    delete call.final
    delete call.withdraw
    call.onAnswered = (entries) => {
      if (!areAccepted(entries.values())) {
        answer(call.host, declined(call.host.id, method, session.serverInfo))
        return end(call)
      }
      const goOn = (): void => {
        delete call.withdraw
        send(call)
      }
      const stop = completions.wait(session, visits.elicitationIds, goOn)
      if (stop === undefined) return send(call)
      call.withdraw = () => {
        stop()
        return true
      }
    }
    parking.park(call, visits.entries)
    return true
  }

  function giveUp(call: Call, cancel: (id: Id) => Envelope): void {
    const isWithdrawn = call.withdraw?.() ?? false
    const last = call.ids.at(-1)
    if (!isWithdrawn && last !== undefined && call.final === undefined) {
      call.session.tell(cancel(last))
      // Which task it is, a late answer may still say.
      if (call.withdraw === undefined) call.session.forget(last)
    }
    end(call)
  }

  function end(call: Call): void {
    if (call.state === 'over') return
    call.state = 'over'
    clearTimeout(call.timer)
    const mistaken = unseenGuesses(call)
    for (const question of questionsOf(call)) if (!mistaken.includes(question)) dismiss(question, 'over')
    for (const id of call.ids) origins.get(call.session)?.delete(id)
    byToken.delete(`${call.order}`)
    byHost.delete(call.host)
    all.delete(call)
    call.session.calls--
    for (const question of mistaken) ask(question, undefined)
    settings.release(call.session)
  }

  /** Whose question it is, where the remote does not say: most likely of what was begun last. */
  function guess(question: Question): Call | undefined {
    const fitting = askable(question.session).filter(({ host }) => permits(host.declared, question.envelope))
    return fitting.findLast(({ state }) => state === 'running') ?? fitting.at(-1)
  }

  function askable(session: LegacySession): Call[] {
    return [...all].filter(
      (call) => call.session === session && MAY_ASK.has(call.method) && call.final === undefined,
    )
  }

  function ask(question: Question, origin: Id | undefined): void {
    const call = origin === undefined ? guess(question) : origins.get(question.session)?.get(origin)
    if (call !== undefined && MAY_ASK.has(call.method)) {
      if (permits(call.host.declared, question.envelope)) parking.ask(call, question)
      else dismiss(question, 'undeclared')
    } else if (question.method === 'roots/list') roots.ask(question)
    else if (origin === undefined && askable(question.session).length > 0) dismiss(question, 'undeclared')
    else dismiss(question, 'no request')
  }

  return {
    start,
    resume: parking.resume,
    cancel(request, cancellation) {
      const call = byHost.get(request)
      if (call !== undefined) giveUp(call, (id) => asLegacyCancellation(cancellation, id))
    },
    ask,
    withdraw(session, id) {
      const isIt = (question: Question): boolean => question.session === session && question.id.key === id.key
      for (const question of [...[...all].flatMap(questionsOf), ...roots.held()])
        if (isIt(question)) question.isOver = true
    },
    progress(envelope) {
      const span = spanAt(envelope, 'params', 'progressToken')
      const call = span && byToken.get(textAt(envelope.bytes, span))
      const text = call?.state === 'running' ? call.host.progressToken : undefined
      if (span !== undefined && text !== undefined) toHost(applied(envelope, [{ ...span, text }]))
    },
    completed: completions.note,
    rootsChanged: roots.forget,
    running(session, origin) {
      const call = origins.get(session)?.get(origin)
      return call?.state === 'running' ? call : undefined
    },
    allRunning: () => [...all].filter(({ state }) => state === 'running'),
    inputEnded() {
      roots.close()
      return parking.end()
    },
    close() {
      let isTold = false
      for (const call of all) {
        if (call.withdraw?.()) isTold = true
        end(call)
      }
      return isTold
    },
  }
}

/** What was not shown to the host, and only guessed to be this call's, is some other's, or nobody's, once it has ended. */
function unseenGuesses({ asks }: Call): Question[] {
  return asks.filter(({ isGuessed, isOver }) => isGuessed && !isOver)
}
