// The remote's endpoint of the modern era and of no other: no handshake and no session, each request complete in itself.
// A call that wants to know something is answered with the question, and everything it has to remember is in the state
// that the host hands back. protocol.md C, F.1.
import { setTimeout as pause } from 'node:timers/promises'
import { type Instruction, keyOf, type Rpc, withKey } from './instruction.ts'
import { LISTEN, META, MODERN } from './pairs.ts'
import { type Incoming, openEvents, replyJson } from './remote.ts'
import type { Subscriptions } from './subscriptions.ts'
import { answerTo, instructionOf, QUESTION, type Truth } from './work.ts'

/** Every so many requests something changes that subscribers want to hear of. */
const CHANGE_EVERY = 20
const QUESTIONS = ['elicitation/create', 'sampling/createMessage', 'roots/list']

interface State {
  readonly key: string
  /** How many questions have been put. */
  readonly round: number
  readonly question: string
}

export interface ModernRemote {
  serve(incoming: Incoming): void
}

export function createModernRemote(truth: Truth, subscriptions: Subscriptions): ModernRemote {
  let requests = 0
  let questions = 0

  function serve(incoming: Incoming): void {
    const { request, response, message } = incoming
    if (request.method !== 'POST' || message === undefined) return replyJson(response, 405)
    if (message.method === undefined || message.id === undefined) return replyJson(response, 202)
    const refusal = refusalOf(incoming, message)
    if (refusal !== undefined)
      return replyJson(response, 400, { jsonrpc: '2.0', id: message.id, error: refusal })
    if (++requests % CHANGE_EVERY === 0) subscriptions.change()
    if (message.method === LISTEN) return subscriptions.open(message, response)
    void perform(message, incoming)
  }

  async function perform(message: Rpc, { response }: Incoming): Promise<void> {
    const wanted = instructionOf(message)
    const isEvents = wanted.shape !== 'json'
    const send = (sent: Rpc): void => void response.write(eventOf(sent, wanted, truth))
    if (isEvents) openEvents(response)
    const answer = next(message, wanted)
    const { progressToken } = (message.params?._meta ?? {}) as { readonly progressToken?: unknown }
    const steps = wanted.progress + 1
    for (let step = 1; step <= steps; step++) {
      if (wanted.workMs > 0) await pause(wanted.workMs / steps)
      // The host has cancelled it, or nobody is there any more.
      if (response.destroyed) return
      if (step === steps || !isEvents) continue
      const meta = { chaos: { seq: truth.notifications++ } }
      const params = { progressToken, progress: step, total: steps, _meta: meta }
      send({ jsonrpc: '2.0', method: 'notifications/progress', params })
    }
    if (!isEvents) return replyJson(response, 200, answer)
    send(answer)
    response.end()
  }

  /** The next question, or the answer when there is none left; only then it is executed. */
  function next(message: Rpc, wanted: Instruction): Rpc {
    const state = stateOf(message)
    if (state !== undefined) settle(message, wanted, state)
    const round = state?.round ?? 0
    if (message.method === 'tools/call') {
      note(truth.rounds, `${wanted.key}, round ${round}`)
      if (round < wanted.questions) return questionFor(message, wanted, round)
      note(truth.executions, wanted.key)
    }
    const answer = answerTo(message, wanted)
    if (answer.result === undefined) return answer
    const extra = message.method === 'server/discover' ? DISCOVERED : {}
    return { ...answer, result: { resultType: 'complete', ...CACHING, ...answer.result, ...extra } }
  }

  /** Whether the host's answer is the one to the question that was put. */
  function settle({ params }: Rpc, { key }: Instruction, state: State): void {
    const responses = params?.inputResponses as Readonly<Record<string, Record<string, unknown>>> | undefined
    if (state.key === key && keyOf(responses?.ask) === state.question) truth.questionsAnswered++
    else truth.questionsMixedUp++
  }

  function questionFor({ id }: Rpc, { key }: Instruction, round: number): Rpc {
    const question = `m${++questions}`
    truth.questions++
    const method = QUESTIONS[questions % QUESTIONS.length]!
    const params = { ...QUESTION, _meta: { chaos: { key: question, of: key } } }
    const state: State = { key, round: round + 1, question }
    const result = {
      resultType: 'input_required',
      inputRequests: { ask: { method, params } },
      requestState: Buffer.from(JSON.stringify(state)).toString('base64'),
      ...withKey(key),
    }
    return { jsonrpc: '2.0', id: id ?? null, result }
  }

  return { serve }
}

const CACHING = { ttlMs: 0, cacheScope: 'private' }
const DISCOVERED = {
  supportedVersions: [MODERN],
  capabilities: {
    tools: { listChanged: true },
    prompts: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    logging: {},
    completions: {},
  },
}

function note(ledger: Map<string, number>, key: string): void {
  ledger.set(key, (ledger.get(key) ?? 0) + 1)
}

function stateOf({ params }: Rpc): State | undefined {
  const { requestState } = params ?? {}
  if (typeof requestState !== 'string') return undefined
  return JSON.parse(Buffer.from(requestState, 'base64').toString('utf8')) as State
}

/** Some have event ids although the era knows no resumption, and who resumes is refused. */
function eventOf(message: Rpc, { shape, key }: Instruction, truth: Truth): string {
  const id = shape === 'events' ? '' : `id: ${key}_${truth.notifications}\nretry: 10\n`
  return `${id}data: ${JSON.stringify(message)}\n\n`
}

type Refusal = NonNullable<Rpc['error']>

function refusalOf({ request }: Incoming, { method, params }: Rpc): Refusal | undefined {
  const meta = (params?._meta ?? {}) as Readonly<Record<string, unknown>>
  const version = method === 'initialize' ? params?.protocolVersion : meta[`${META}protocolVersion`]
  const data = { supported: [MODERN], requested: version }
  if (method === 'initialize') return { code: -32022, message: 'Unsupported protocol version', data }
  if (version === undefined || typeof meta[`${META}clientCapabilities`] !== 'object')
    return { code: -32602, message: 'incomplete _meta' }
  if (request.headers['mcp-method'] !== method || request.headers['mcp-protocol-version'] !== version)
    return { code: -32020, message: 'headers and body differ' }
  return version === MODERN ? undefined : { code: -32022, message: 'Unsupported protocol version', data }
}
