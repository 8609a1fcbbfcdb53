// What the remote does for a request, whatever it came by: writes it into the remote's own ledger, says how far it is,
// asks the host questions, answers with the request's key. Nothing of HTTP is known here.
import { setTimeout as pause } from 'node:timers/promises'
import { chaosOf, type Instruction, keyOf, type Rpc, withKey } from './instruction.ts'

/** How long the remote waits for the host's answer to a question before it goes on without. */
const QUESTION_MS = 3000
const QUESTIONS = ['sampling/createMessage', 'elicitation/create', 'ping', 'roots/list']
/** What is said unasked, one after the other; each other one is a log message. */
const CHANGES = ['tools/list_changed', 'prompts/list_changed', 'resources/list_changed']

/** What the remote knows for certain. */
export interface Truth {
  /** Key of a tools/call → how often it was executed. */
  readonly executions: Map<string, number>
  /** Key and round of a call that asks the host before it is executed → how often that round came. */
  readonly rounds: Map<string, number>
  notifications: number
  questions: number
  questionsAnswered: number
  /** Answers that the bridge gave for the host where the eras differ (E.5). */
  questionsRefused: number
  /** The host's answer to another question came back for this one. */
  questionsMixedUp: number
  sessions: number
  resumed: number
}

export function createTruth(): Truth {
  const questions = { questions: 0, questionsAnswered: 0, questionsRefused: 0, questionsMixedUp: 0 }
  return { executions: new Map(), rounds: new Map(), notifications: 0, ...questions, sessions: 0, resumed: 0 }
}

/** Where the messages of one request go. `isOpen` is false when nobody will ever read what is sent. */
export interface Channel {
  readonly isOpen: boolean
  /** Whether all that comes on it can be known to belong to its request. */
  readonly isRequests?: true
  send(message: Rpc): void
  done(response: Rpc | undefined): void
}

export interface Desk {
  readonly truth: Truth
  perform(request: Rpc, channel: Channel): Promise<void>
  /** Puts a question to the host; resolves when it has been answered or nobody waits any more. `of` is the request
      that it must reach the host with, where a modern host could tell. */
  ask(channel: Channel, of?: string): Promise<void>
  notify(channel: Channel): void
  /** That the tools have changed. */
  announce(channel: Pick<Channel, 'isOpen' | 'send'>): void
  /** The host's answer to a question. */
  answered(response: Rpc): void
  cancelled(id: unknown): void
  close(): void
}

interface Question {
  readonly key: string
  readonly method: string
  readonly settle: () => void
}

/** In order for each of the questions. */
export const QUESTION = {
  messages: [],
  maxTokens: 1,
  message: 'Well?',
  requestedSchema: { type: 'object', properties: {} },
}

/** One for each session: ids of questions start anew in each, as they do with real servers. */
export function createDesk(truth: Truth, session: number, isTranslated = false): Desk {
  const open = new Map<unknown, Question>()
  const cancelled = new Set<unknown>()
  let lastQuestion = 0
  let isClosed = false

  function notify(
    channel: Pick<Channel, 'isOpen' | 'send'>,
    method = 'notifications/message',
    extra: object = {},
  ): void {
    if (!channel.isOpen) return
    const seq = truth.notifications++
    channel.send({
      jsonrpc: '2.0',
      method,
      params: { level: 'info', data: 'x', ...extra, _meta: { chaos: { seq } } },
    })
  }

  function ask(channel: Channel, of?: string): Promise<void> {
    if (!channel.isOpen || isClosed) return Promise.resolve()
    const id = ++lastQuestion
    const key = `${session}/${id}`
    truth.questions++
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer)
        open.delete(id)
        resolve()
      }
      const timer = setTimeout(settle, QUESTION_MS)
      const method = QUESTIONS[id % QUESTIONS.length]!
      open.set(id, { key, method, settle })
      channel.send({ jsonrpc: '2.0', id, method, params: { ...QUESTION, _meta: { chaos: { key, of } } } })
    })
  }

  async function perform(request: Rpc, channel: Channel): Promise<void> {
    const wanted = instructionOf(request)
    if (request.method === 'tools/call')
      truth.executions.set(wanted.key, (truth.executions.get(wanted.key) ?? 0) + 1)
    const { progressToken } = (request.params?._meta ?? {}) as { readonly progressToken?: unknown }
    const steps = wanted.progress + 1
    for (let step = 1; step <= steps && !isClosed; step++) {
      if (wanted.workMs > 0) await pause(wanted.workMs / steps)
      const progress = { progressToken, progress: step, total: steps }
      if (step < steps) notify(channel, 'notifications/progress', progress)
    }
    for (let count = 0; count < wanted.questions && !isClosed; count++)
      await ask(channel, channel.isRequests === true ? wanted.key : undefined)
    // Half of the remotes heed a cancellation, the others answer late.
    const isHeeded = cancelled.delete(request.id) && wanted.pad % 2 === 0
    channel.done(isHeeded ? undefined : answerTo(request, wanted))
  }

  return {
    truth,
    perform,
    ask,
    notify(channel) {
      const number = truth.notifications
      if (number % 2 === 0) notify(channel)
      else notify(channel, `notifications/${CHANGES[(number >> 1) % CHANGES.length]}`)
    },
    announce: (channel) => notify(channel, `notifications/${CHANGES[0]}`),
    answered(response) {
      const question = open.get(response.id)
      if (question === undefined) return
      const key =
        keyOf(response.result) ?? keyOf(response.error?.data as Readonly<Record<string, unknown>> | undefined)
      // A bridge between the eras may answer itself, or with the roots that it was given before (E.5).
      const mayDiffer = isTranslated && (key === undefined || question.method === 'roots/list')
      if (key === question.key) truth.questionsAnswered++
      else if (mayDiffer) truth.questionsRefused++
      else truth.questionsMixedUp++
      question.settle()
    },
    cancelled: (id) => void cancelled.add(id),
    close() {
      isClosed = true
      for (const { settle } of [...open.values()]) settle()
    },
  }
}

const NOTHING: Instruction = {
  key: '',
  shape: 'json',
  progress: 0,
  questions: 0,
  workMs: 0,
  pad: 0,
  fails: false,
}

/** Requests of the bridge's own carry no instruction. */
export function instructionOf(request: Rpc): Instruction {
  return { ...NOTHING, ...(chaosOf(request.params) as Partial<Instruction>) }
}

export function answerTo(request: Rpc, wanted: Instruction): Rpc {
  const id = request.id ?? null
  const data = withKey(wanted.key)
  if (wanted.fails)
    return { jsonrpc: '2.0', id, error: { code: -32001, message: 'the tool has failed', data } }
  return { jsonrpc: '2.0', id, result: { ...bodyOf(request.method ?? '', 'z'.repeat(wanted.pad)), ...data } }
}

function bodyOf(method: string, pad: string): Record<string, unknown> {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: '2025-06-18',
        capabilities: {
          tools: { listChanged: true },
          resources: { subscribe: true, listChanged: true },
          prompts: { listChanged: true },
          logging: {},
          completions: {},
        },
        serverInfo: { name: 'chaos', version: '1.0.0' },
      }
    case 'tools/call':
      return { content: [{ type: 'text', text: pad }] }
    case 'tools/list':
      return { tools: [{ name: 'work', description: pad, inputSchema: { type: 'object' } }] }
    case 'resources/list':
      return { resources: [] }
    case 'prompts/list':
      return { prompts: [] }
    case 'resources/read':
      return { contents: [{ uri: 'chaos://r', text: pad }] }
    case 'prompts/get':
      return { messages: [] }
    case 'completion/complete':
      return { completion: { values: [] } }
    default:
      return {}
  }
}
