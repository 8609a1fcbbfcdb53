// Tools that a legacy server runs as a task only. The modern host calls them as any other; the bridge starts the task,
// waits for it, and gets the result. protocol.md E.3; 2025-11-25, tasks.

import type { Envelope, Id } from '../../message/envelope.ts'
import { find, readString } from '../../message/peek.ts'
import { elementsOf, rewrite } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import type { LegacySession } from './legacy-session.ts'
import { paramOf } from './modern-request.ts'

export interface LegacyTasks {
  /** Notes which tools of a list are to be run as tasks. */
  note(response: Envelope): void
  /** Whether this call is to be made as a task. */
  isRequired(request: Envelope, session: LegacySession): boolean
}

export function createLegacyTasks(): LegacyTasks {
  const required = new Set<string>()
  return {
    note({ bytes, shape }) {
      for (const tool of elementsOf(bytes, shape.result && find(bytes, shape.result, 'tools'))) {
        const name = readString(bytes, find(bytes, tool, 'name'))
        if (name === undefined) continue
        if (readString(bytes, find(bytes, tool, 'execution', 'taskSupport')) === 'required')
          required.add(name)
        else required.delete(name)
      }
    },
    isRequired(request, session) {
      if (request.method !== 'tools/call' || required.size === 0) return false
      const name = readString(request.bytes, paramOf(request, 'name'))
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
const LONGEST_TIMER_MS = 2 ** 31 - 1
/** The states in which nothing is to be had but by asking for the result: it is there, or the remote has a question. */
const RESULT_IS_NEXT: ReadonlySet<string> = new Set(['input_required', 'completed', 'failed', 'cancelled'])

export function startTask({ session, request, own, disown, answered }: TaskSettings): Task {
  /** JSON. */
  let taskId: string | undefined
  let timer: NodeJS.Timeout | undefined
  let isOver = false

  function created(response: Envelope): void {
    const { bytes, shape } = response
    const id = shape.result && find(bytes, shape.result, 'task', 'taskId')
    // An error, or a remote that has done it at once.
    if (id === undefined) return answered(response)
    taskId = textAt(bytes, id)
    if (isOver) giveUp()
    else look(response, 'task')
  }

  /** Goes on by the state in which the task is. */
  function look(response: Envelope, ...path: readonly string[]): void {
    if (isOver) return
    const { bytes, shape } = response
    if (shape.result === undefined) return answered(response)
    const status = readString(bytes, find(bytes, shape.result, ...path, 'status'))
    if (status !== undefined && RESULT_IS_NEXT.has(status)) return fetchResult()
    const interval = find(bytes, shape.result, ...path, 'pollInterval')
    const wanted = interval === undefined ? POLL_MS : Number(textAt(bytes, interval))
    const waitMs = Math.min(Math.max(SHORTEST_POLL_MS, wanted || POLL_MS), LONGEST_TIMER_MS)
    timer = setTimeout(() => askAndOwn('tasks/get', look), waitMs)
  }

  function fetchResult(): void {
    askAndOwn('tasks/result', (response) => {
      isOver = true
      answered(response)
    })
  }

  /** A task may be asked after for days. */
  function askAndOwn(method: string, next: (response: Envelope) => void): void {
    const id = ask(method, (response) => {
      disown(id)
      next(response)
    })
    own(id)
  }

  function ask(method: string, next: (response: Envelope) => void): Id {
    return session.askFor(method, `{"taskId":${taskId}}`, next)
  }

  function giveUp(): void {
    ask('tasks/cancel', () => {})
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
