// What a legacy server asks in the middle of a call, and how a modern host is asked for it: as entries of a result.
// Pure. protocol.md E.5.

import { type Envelope, type Id, spanAt } from '../../message/envelope.ts'
import { CODE, own, refuse } from '../../message/message.ts'
import { find, isObjectAt, type Span } from '../../message/peek.ts'
import { rewrite } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import { META } from '../era.ts'
import { capabilityFor } from '../input-methods.ts'
import type { LegacySession } from './legacy-session.ts'
import { metaOf } from './modern-results.ts'

/** A request of the server, in the session in which it waits for the answer. */
export interface Question {
  readonly id: Id
  readonly method: string
  readonly envelope: Envelope
  readonly session: LegacySession
  /** Whether the server did not say to which call it belongs. */
  readonly isGuessed: boolean
  /** The server does not want an answer any more, or has one. */
  isOver: boolean
  /** How often the server was told that the host is at it. */
  progress?: number
}

/** What the host is asked for under one key. */
export interface Entry {
  readonly method: string
  /** JSON. */
  readonly params: string | undefined
  /** Who asks; absent where an error of the server asks (E.6). */
  readonly question?: Question
  /** JSON, once it has come. */
  answer?: string
}

/** The entries for these questions, by keys that are unique among them. */
export function entriesOf(questions: readonly Question[]): Map<string, Entry> {
  return keyed(
    questions.map((question) => ({
      method: question.method,
      params: inputParams(question.envelope),
      question,
    })),
  )
}

export function keyed(entries: readonly Entry[]): Map<string, Entry> {
  const counts = new Map<string, number>()
  return new Map(
    entries.map((entry) => {
      const word = capabilityFor(entry.method) ?? 'input'
      const count = (counts.get(word) ?? 0) + 1
      counts.set(word, count)
      return [`${word}-${count}`, entry]
    }),
  )
}

/** The parameters without what only a legacy host has a use for. */
function inputParams(question: Envelope): string | undefined {
  const { bytes, shape } = rewrite(question, {
    params: {
      task: undefined,
      elicitationId: undefined,
      _meta: { progressToken: undefined, [`${META}related-task`]: undefined },
    },
  })
  return shape.params && textAt(bytes, shape.params)
}

export interface InputRequired {
  readonly id: Id
  readonly entries: Iterable<readonly [string, Entry]>
  readonly token: string
  readonly serverInfo: string | undefined
}

/** The result that asks the host for these entries. */
export function inputRequired({ id, entries, token, serverInfo }: InputRequired): Envelope {
  const requests = [...entries].map(([key, { method, params }]) => {
    const given = params === undefined ? '' : `,"params":${params}`
    return `${JSON.stringify(key)}:{"method":"${method}"${given}}`
  })
  const members = [
    '"resultType":"input_required"',
    `"inputRequests":{${requests.join(',')}}`,
    `"requestState":${JSON.stringify(token)}`,
    ...metaOf(serverInfo),
  ]
  return own(`{"jsonrpc":"2.0","id":${id.raw},"result":{${members.join(',')}}}`)
}

/** The host's answer under this key, as JSON; undefined where it is none, or is wrapped, which is a common mistake. */
export function inputResponse(retry: Envelope, key: string): string | undefined {
  const { bytes } = retry
  const span = spanAt(retry, 'params', 'inputResponses', key)
  if (!isObjectAt(bytes, span)) return undefined
  const isWrapped = hasMember(bytes, span, 'method') && hasMember(bytes, span, 'result')
  return isWrapped ? undefined : textAt(bytes, span)
}

function hasMember(bytes: Uint8Array, span: Span, name: string): boolean {
  return find(bytes, span, name) !== undefined
}

/** Answers the server with a result (JSON). */
export function reply(question: Question, result: string): void {
  if (question.isOver) return
  question.isOver = true
  question.session.tell(own(`{"jsonrpc":"2.0","id":${question.id.raw},"result":${result}}`))
}

export type Why = 'undeclared' | 'no answer' | 'no request' | 'over'

const REASONS: Readonly<Record<Why, { readonly code: number; readonly message: string }>> = {
  undeclared: { code: CODE.methodNotFound, message: 'the client does not offer this' },
  'no answer': { code: CODE.internal, message: 'client did not answer' },
  'no request': { code: CODE.internal, message: 'no client request in flight' },
  over: { code: CODE.internal, message: 'the request that this belongs to is over' },
}

/** Answers the server that there will be no answer. A person who is not there to be asked has dismissed the question. */
export function dismiss(question: Question, why: Why): void {
  if (question.isOver) return
  if (question.method === 'elicitation/create' && why !== 'no request')
    return reply(question, '{"action":"cancel"}')
  question.isOver = true
  question.session.tell(refuse(question.id, REASONS[why]))
}
