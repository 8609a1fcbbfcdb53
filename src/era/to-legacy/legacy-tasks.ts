// Tools that a legacy server runs as a task only. The modern host calls them as any other; the bridge starts the task,
// waits for it, and gets the result. protocol.md E.3; 2025-11-25, tasks.

import { type Envelope, type Id, spanAt, stringAt } from '../../message/envelope.ts'
import { find, readString } from '../../message/peek.ts'
import { elementsOf, rewrite } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import { isPassing } from '../own-errors.ts'
import { createPatience } from '../patience.ts'
import type { LegacySession } from './legacy-session.ts'

interface LegacyTasks {
  /** Notes which tools of a list are to be run as tasks. */
  note(response: Envelope): void
  /** Whether this call is to be made as a task. */
  isRequired(request: Envelope, session: LegacySession): boolean
}

export function createLegacyTasks(): LegacyTasks {
  const required = new Set<string>()
  return {
    note(response) {
      const { bytes } = response
      for (const tool of elementsOf(bytes, spanAt(response, 'result', 'tools'))) {
        const isRequired = readString(bytes, find(bytes, tool, 'execution', 'taskSupport')) === 'required'
        if (!isRequired && required.size === 0) continue
        const name = readString(bytes, find(bytes, tool, 'name'))
        if (name === undefined) continue
        if (isRequired) required.add(name)
        else required.delete(name)
      }
    },
    isRequired(request, session) {
      if (request.method !== 'tools/call' || required.size === 0) return false
      const name = stringAt(request, 'params', 'name')
      return required.has(name ?? '') && session.offers('tasks', 'requests', 'tools', 'call')
    },
  }
}

export interface TaskSettings {
  readonly session: LegacySession
  /** The call as a legacy request, with its id. */
  readonly request: Envelope
  /** The remote may ask on the stream of this request, too. */
  readonly own: (id: Id) => void
  /** This request is answered: nothing more comes of it. */
  readonly disown: (id: Id) => void
  /** Gets the result of the tool, or the error that ended it all. */
  readonly answered: (response: Envelope) => void
}

export interface Task {
  /** Has the remote give it up; false where the remote has not said yet which task it is. */
  cancel(): boolean
}

const POLL_MS = 1000
const SHORTEST_POLL_MS = 50
/** The states in which nothing is to be had but by asking for the result: it is there, or the remote has a question. */
const RESULT_IS_NEXT: ReadonlySet<string> = new Set(['input_required', 'completed', 'failed', 'cancelled'])

export function startTask({ session, request, own, disown, answered }: TaskSettings): Task {
  const patience = createPatience()
  /** JSON. */
  let taskId: string | undefined
  let timer: NodeJS.Timeout | undefined
  let pollMs = POLL_MS
  let isOver = false

  function created(response: Envelope): void {
    const id = spanAt(response, 'result', 'task', 'taskId')
    // An error, or a remote that has done it at once.
    if (id === undefined) return answered(response)
    taskId = textAt(response.bytes, id)
    if (isOver) giveUp()
    else look(response, 'task')
  }

  function wait(): void {
    timer = setTimeout(() => askAndOwn('tasks/get', polled), patience.waitMs(pollMs))
  }

  function polled(response: Envelope): void {
    if (isOver) return
    if (response.shape.result !== undefined) look(response)
    else if (isPassing(response) && patience.fail()) wait()
    else answered(response)
  }

  /** Goes on by the state in which the task is. */
  function look(response: Envelope, ...path: readonly string[]): void {
    const status = stringAt(response, 'result', ...path, 'status')
    if (status !== undefined && RESULT_IS_NEXT.has(status)) return askAndOwn('tasks/result', ended)
    patience.recover()
    const interval = spanAt(response, 'result', ...path, 'pollInterval')
    pollMs = Math.max(SHORTEST_POLL_MS, (interval && Number(textAt(response.bytes, interval))) || POLL_MS)
    wait()
  }

  function ended(response: Envelope): void {
    if (!isOver && isLost(response) && patience.fail()) return wait()
    isOver = true
    answered(response)
  }

  /** A task may be asked after for days. */
  function askAndOwn(method: string, next: (response: Envelope) => void): void {
    const id = session.askFor(method, `{"taskId":${taskId}}`, (response) => {
      disown(id)
      next(response)
    })
    own(id)
  }

  function giveUp(): void {
    session.askBriefly('tasks/cancel', `{"taskId":${taskId}}`, () => {})
  }

  session.ask(rewrite(request, { params: { task: '{}' } }), created)
  return {
    cancel() {
      isOver = true
      clearTimeout(timer)
      if (taskId !== undefined) giveUp()
      return taskId !== undefined
    },
  }
}

/** Whether it is worth while to ask for the result again. */
function isLost(response: Envelope): boolean {
  const retryable = spanAt(response, 'error', 'data', 'retryable')
  return isPassing(response) && (retryable === undefined || textAt(response.bytes, retryable) !== 'false')
}
