// One request of a legacy host on its way through a modern remote: said in the modern era's words, sent again with what
// the remote wanted to know, followed where it becomes a task, and answered once. protocol.md D.2, D.5, D.7, D.10.

import type { Sink } from '../../lane.ts'
import type { Log } from '../../log.ts'
import { withId } from '../../message/edit.ts'
import { type Envelope, type Id, spanAt, stringAt } from '../../message/envelope.ts'
import { CODE, own, refuse } from '../../message/message.ts'
import { type Changes, rewrite } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import { ERA_CODE } from '../codes.ts'
import { MAY_ASK } from '../input-methods.ts'
import type { Answers, Input, Round } from './input.ts'
import { type Asking, readInputRequests } from './input-request.ts'
import {
  type Final,
  legacyError,
  legacyResult,
  remoteCode,
  resultMembers,
  resultType,
} from './legacy-answers.ts'
import { isLegId, type Legs, type Meta } from './legs.ts'
import { createProgress, type Progress } from './progress.ts'
import { driveTask, type Task, type TaskEnd } from './tasks.ts'

export interface RelayedCallSettings {
  readonly request: Envelope
  readonly legs: Legs
  readonly meta: Meta
  readonly input: Input
  readonly asking: Asking
  readonly toHost: Sink
  readonly log: Log
  /** Finds out anew which version is spoken; whether there is one. */
  readonly renegotiate: () => Promise<boolean>
  readonly onOver: (call: RelayedCall) => void
}

export interface RelayedCall {
  readonly id: Id
  readonly progress: Progress | undefined
  begin(): void
  /** The host does not want it any more. */
  cancel(): void
  /** Ends it without a word to anybody. */
  close(): void
}

const MOST_ROUNDS = 10
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 5000
/** Of why a call fails, which may be in the remote's words. */
const LONGEST_WHY = 500

export function createRelayedCall(settings: RelayedCallSettings): RelayedCall {
  const { request, legs, meta, input, asking, toHost, log, renegotiate, onOver } = settings
  const id = request.id!
  const method = request.method!
  const progress = createProgress(request, toHost)
  let leg: Id | undefined
  let round: Round | undefined
  let task: Task | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  /** What the current leg says beside the host's own words. */
  let added: Changes = {}
  let rounds = 0
  let waitMs = FIRST_WAIT_MS
  let hasRenegotiated = false
  let isOver = false

  function send(legId: Id): void {
    leg = legId
    // What `task` meant is decided by the server now (SEP-2663).
    const dropped = method === 'tools/call' ? { task: undefined } : {}
    legs.send(rewrite(request, { params: { ...dropped, ...added, _meta: meta() } }), legId, take)
  }

  function take(response: Envelope): void {
    leg = undefined
    if (isOver) return
    if (response.shape.error !== undefined) return takeError(response)
    const members = resultMembers(response)
    const type = resultType(response, members)
    if (type === 'complete') finishWith(response, { members })
    else if (type === 'input_required' && MAY_ASK.has(method)) requireInput(response)
    else if (type === 'task' && method === 'tools/call') follow(response)
    else
      refuseAs('protocol', `the server answered ${method} with a result of the type ${type ?? '(no text)'}`)
  }

  function takeError(response: Envelope): void {
    if (remoteCode(response) !== ERA_CODE.unsupportedVersion || hasRenegotiated)
      return finish(legacyError(response, request))
    hasRenegotiated = true
    const agreed = renegotiate().catch(() => false)
    void agreed.then((isAgreed) => {
      if (isOver) return
      if (isAgreed) send(legs.nextId())
      else finish(legacyError(response, request))
    })
  }

  function requireInput(response: Envelope): void {
    const { bytes } = response
    const state = spanAt(response, 'result', 'requestState')
    const requestState = state && textAt(bytes, state)
    const read = readInputRequests(bytes, spanAt(response, 'result', 'inputRequests'), asking)
    if (read.kind === 'wrong') return failInput(read.why)
    if (++rounds > MOST_ROUNDS) return failInput(`the server asked more than ${MOST_ROUNDS} times`)
    if (read.requests.length > 0) {
      waitMs = FIRST_WAIT_MS
      round = input.ask(read.requests, (answers) => answered(answers, requestState))
    } else if (requestState === undefined) failInput('the server did not say what it needs')
    else {
      timer = setTimeout(again, waitMs, undefined, requestState)
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
    }
  }

  function answered(answers: Answers, requestState: string | undefined): void {
    round = undefined
    if (isOver) return
    if (answers.kind === 'failed') return failInput(answers.why)
    const members = [...answers.answers].map(([key, text]) => `${JSON.stringify(key)}:${text}`)
    again(`{${members.join(',')}}`, requestState)
  }

  function again(inputResponses: string | undefined, requestState: string | undefined): void {
    added = { inputResponses, requestState }
    send(legs.nextId())
  }

  function follow(created: Envelope): void {
    const followed = driveTask({ created, legs, input, asking, progress, onEnd: endTask })
    if (followed === undefined) refuseAs('protocol', 'the server made a task and did not say which one')
    else if (isOver) followed.leave()
    else task = followed
  }

  function endTask(end: TaskEnd): void {
    task = undefined
    if (isOver) return
    switch (end.kind) {
      case 'result':
        return finishWith(own(`{"jsonrpc":"2.0","id":${id.raw},"result":${end.text}}`))
      case 'error':
        return finish(legacyError(own(`{"jsonrpc":"2.0","id":${id.raw},"error":${end.text}}`), request))
      case 'answer':
        return finish(legacyError(end.response, request))
      case 'no-input':
        return failInput(end.why)
      case 'invalid':
        return refuseAs('protocol', end.why)
    }
  }

  /** To the model it is a tool that failed: it can say so, or go another way. */
  function failInput(said: string): void {
    const why = brief(said)
    if (method !== 'tools/call')
      return refuseAs('not-translatable', `the input that ${method} requires could not be provided: ${why}`)
    const name = stringAt(request, 'params', 'name') ?? method
    const text = `Input required by '${name}' could not be provided: ${why}`
    log.info(text)
    const result = JSON.stringify({ content: [{ type: 'text', text }], isError: true })
    finish(own(`{"jsonrpc":"2.0","id":${id.raw},"result":${result}}`))
  }

  function refuseAs(kind: 'protocol' | 'not-translatable', said: string): void {
    const why = brief(said)
    log.error(why)
    const data = { origin: 'mcp-ferry', kind }
    finish(refuse(id, { code: CODE.internal, message: `mcp-ferry: ${why}`, data }))
  }

  /** A secret that were cut in two would not be known as one. */
  function brief(said: string): string {
    return log.redact(said).slice(0, LONGEST_WHY)
  }

  function finishWith(final: Envelope, known: Pick<Final, 'members'> = {}): void {
    const { response, removed } = legacyResult(final, { ...known, method, version: asking.version })
    for (const name of removed)
      log.warn(`the tool ${name} is left out: hosts of this version take only objects as its input`)
    finish(response)
  }

  function finish(response: Envelope): void {
    isOver = true
    onOver(call)
    toHost(response.id?.key === id.key ? response : withId(response, id))
  }

  function close(): void {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    task?.leave()
    round?.cancel()
    if (leg !== undefined) legs.abort(leg)
  }

  const call: RelayedCall = {
    id,
    progress,
    begin: () => send(isLegId(id) ? legs.nextId() : id),
    cancel() {
      task?.cancel()
      close()
      onOver(call)
    },
    close,
  }
  return call
}
