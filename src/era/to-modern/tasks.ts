// A tool that answers with a task: the task is asked after until it has ended, its questions are put to the host, and
// its end is the answer of the call. A legacy host sees a call that takes its time. protocol.md D.10; SEP-2663.

import type { Envelope, Id } from '../../message/envelope.ts'
import { CODE } from '../../message/message.ts'
import { find, readString, type Span } from '../../message/peek.ts'
import { textAt } from '../../message/utf8.ts'
import { isOwnError, isPassing } from '../own-errors.ts'
import { createPatience } from '../patience.ts'
import type { Answers, Input, Round } from './input.ts'
import { type Asking, type InputRequest, readInputRequests } from './input-request.ts'
import { resultType } from './legacy-answers.ts'
import type { Legs } from './legs.ts'
import type { Progress } from './progress.ts'

export type TaskEnd =
  /** The member of a response, as it is to be told to the host. */
  | { readonly kind: 'result' | 'error'; readonly text: string }
  /** The remote's answer, or ours in its stead, is the end. */
  | { readonly kind: 'answer'; readonly response: Envelope }
  | { readonly kind: 'no-input'; readonly why: string }
  | { readonly kind: 'invalid'; readonly why: string }

export interface TaskSettings {
  /** The result with `resultType` "task". */
  readonly created: Envelope
  readonly legs: Legs
  readonly input: Input
  readonly asking: Asking
  readonly progress: Progress | undefined
  readonly onEnd: (end: TaskEnd) => void
}

export interface Task {
  /** Asks the remote to stop it. Nothing more comes of it. */
  cancel(): void
  /** Lets it go on without us. */
  leave(): void
}

const DEFAULT_POLL_MS = 1000
/** A remote that asks for none has to live with this. */
const SHORTEST_POLL_MS = 20

/** Drives a task to its end; undefined if the remote has not said which one it is. */
export function driveTask({ created, legs, input, asking, progress, onEnd }: TaskSettings): Task | undefined {
  const name = find(created.bytes, created.shape.result!, 'taskId')
  if (name === undefined || readString(created.bytes, name) === undefined) return undefined
  const taskId = `"taskId":${textAt(created.bytes, name)}`
  const asked = new Set<string>()
  /** What the host has answered and the remote could not be told. */
  const untold = new Map<string, string>()
  const rounds = new Set<Round>()
  let polling: Id | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let pollMs = DEFAULT_POLL_MS
  const patience = createPatience()
  let isOver = false

  function leave(): void {
    isOver = true
    clearTimeout(timer)
    if (polling !== undefined) legs.abort(polling)
    for (const round of rounds) round.cancel()
  }

  function end(told: TaskEnd): void {
    if (isOver) return
    leave()
    onEnd(told)
  }

  function cancel(): void {
    if (isOver) return
    leave()
    legs.ask({ method: 'tasks/cancel', params: taskId, id: legs.nextId(), onAnswer() {} })
  }

  function poll(): void {
    polling = legs.nextId()
    legs.ask({ method: 'tasks/get', params: taskId, id: polling, onAnswer: take })
  }

  function wait(): void {
    timer = setTimeout(poll, patience.waitMs(pollMs))
  }

  function take(response: Envelope): void {
    polling = undefined
    if (isOver) return
    if (response.shape.error !== undefined) {
      if (!isPassing(response) || !patience.fail()) return end({ kind: 'answer', response })
      return wait()
    }
    patience.recover()
    const type = resultType(response)
    // The text of the SEP and its examples differ (J.6).
    if (type !== 'complete' && type !== 'task')
      return end({ kind: 'invalid', why: `tasks/get was answered with resultType ${type ?? 'of no kind'}` })
    look(response.bytes, response.shape.result!)
  }

  function look(bytes: Uint8Array, state: Span): void {
    const status = readString(bytes, find(bytes, state, 'status'))
    const message = find(bytes, state, 'statusMessage')
    const said = readString(bytes, message)
    const result = find(bytes, state, 'result')
    const error = find(bytes, state, 'error')
    const interval = find(bytes, state, 'pollIntervalMs')
    const asksMs = interval === undefined ? Number.NaN : Number(textAt(bytes, interval))
    if (!Number.isNaN(asksMs)) pollMs = Math.max(SHORTEST_POLL_MS, asksMs)
    switch (status) {
      case 'completed':
        if (result === undefined) return end({ kind: 'invalid', why: 'a completed task has no result' })
        return end({ kind: 'result', text: textAt(bytes, result) })
      case 'failed':
        if (error !== undefined) return end({ kind: 'error', text: textAt(bytes, error) })
        return end({ kind: 'error', text: failure(said ?? 'the task failed') })
      case 'cancelled':
        return end({ kind: 'error', text: failure(said ?? 'the server cancelled the task') })
      case 'working':
      case 'input_required':
        progress?.step(said === undefined ? undefined : textAt(bytes, message!))
        if (status === 'input_required') requireInput(bytes, find(bytes, state, 'inputRequests'))
        if (!isOver) wait()
        return
      default:
        end({ kind: 'invalid', why: `a task has the status ${status ?? '(none)'}` })
    }
  }

  function requireInput(bytes: Uint8Array, requests: Span | undefined): void {
    const read = readInputRequests(bytes, requests, asking)
    if (read.kind === 'wrong') return giveUp(read.why)
    const open = read.requests
    const fresh = open.filter(({ key }) => !asked.has(key))
    for (const { key } of fresh) asked.add(key)
    const late = new Map([...untold].filter(([key]) => open.some((entry) => entry.key === key)))
    untold.clear()
    if (late.size > 0) update(late)
    if (fresh.length > 0) put(fresh)
  }

  function put(requests: readonly InputRequest[]): void {
    let round: Round | undefined
    const onAnswers = (answers: Answers): void => {
      if (round !== undefined) rounds.delete(round)
      if (isOver) return
      if (answers.kind === 'failed') giveUp(answers.why)
      else update(answers.answers)
    }
    round = input.ask(requests, onAnswers)
    rounds.add(round)
  }

  function giveUp(why: string): void {
    cancel()
    onEnd({ kind: 'no-input', why })
  }

  function update(answers: ReadonlyMap<string, string>): void {
    const responses = [...answers].map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')
    legs.ask({
      method: 'tasks/update',
      params: `${taskId},"inputResponses":{${responses}}`,
      id: legs.nextId(),
      onAnswer(response) {
        if (isOwnError(response)) for (const [key, text] of answers) untold.set(key, text)
      },
    })
  }

  const { bytes, shape } = created
  const status = readString(bytes, find(bytes, shape.result!, 'status'))
  // What ended a task, and what it asks, only tasks/get tells.
  if (status === 'working') look(bytes, shape.result!)
  else poll()
  return { cancel, leave }
}

function failure(said: string): string {
  return JSON.stringify({ code: CODE.internal, message: said })
}
