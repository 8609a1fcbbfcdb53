// How the host reads what it is answered, and what it says to a question, whichever way its era puts one. Pure.
// protocol.md A.3, D.7, E.5.
import { chaosOf, keyOf, type Rpc, withKey } from './instruction.ts'
import type { Answer } from './verdict.ts'

const PLAIN = { isOwn: false, errorKind: '', maybeDelivered: undefined }

export function readAnswer({ result, error }: Rpc): Answer {
  if (error === undefined) {
    if (result?.resultType === 'input_required') return { ...PLAIN, kind: 'question', key: askedFor(result) }
    return { ...PLAIN, kind: 'result', key: keyOf(result) }
  }
  const data = (error.data ?? {}) as Readonly<Record<string, unknown>>
  const isOwn = data.origin === 'mcp-ferry'
  const maybeDelivered = typeof data.maybeDelivered === 'boolean' ? data.maybeDelivered : undefined
  const errorKind = isOwn ? String(data.kind) : error.message
  return { kind: 'error', key: keyOf(data), isOwn, errorKind, maybeDelivered }
}

/** Results of the modern era say what they are and others do not; two of its errors are not for legacy hosts (D.5). */
export function isOfOtherEra({ result, error }: Rpc, isModern: boolean): boolean {
  if (result !== undefined) return (result.resultType !== undefined) !== isModern
  return !isModern && (error?.code === -32020 || error?.code === -32022)
}

type Asks = Readonly<Record<string, Required<Pick<Rpc, 'method' | 'params'>>>>

const asksIn = (result: Rpc['result']): Asks => (result?.inputRequests ?? {}) as Asks

/** Whose questions these say they are, where they do: one that is somebody else's, if there is one. */
function askedFor(result: Rpc['result']): string | undefined {
  const whose = Object.values(asksIn(result)).map(({ params }) => chaosOf(params).of)
  return whose.find((key): key is string => typeof key === 'string')
}

/** The same request again under this id, with an answer to each question. */
export function retryOf(line: string, id: string, result: Rpc['result']): string {
  const message = JSON.parse(line) as Rpc
  const inputResponses = Object.fromEntries(
    Object.entries(asksIn(result)).map(([name, { method, params }]) => [
      name,
      answerToQuestion(method, keyOf(params)),
    ]),
  )
  const { requestState } = result ?? {}
  return JSON.stringify({ ...message, id, params: { ...message.params, inputResponses, requestState } })
}

/** Says which question it is for. */
export function answerToQuestion(method = '', key = ''): Record<string, unknown> {
  switch (method) {
    case 'elicitation/create':
      return { action: 'accept', content: {}, ...withKey(key) }
    case 'roots/list':
      return { roots: [], ...withKey(key) }
    case 'sampling/createMessage':
      return { role: 'assistant', content: { type: 'text', text: 'x' }, model: 'm', ...withKey(key) }
    default:
      return withKey(key)
  }
}
