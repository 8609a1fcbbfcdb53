// A complete HTTP answer to a POST → what it means for the message that was sent. Pure; the table of protocol.md A.2.
// Event streams are read in streamable.ts.
import type { BridgeError } from '../errors.ts'
import { withId } from '../message/edit.ts'
import { type Envelope, read } from '../message/envelope.ts'
import { trim } from '../message/lines.ts'
import { readText } from '../message/long.ts'
import type { Text } from '../message/text.ts'
import { readAnswerTo } from './body.ts'
import { describeFailure, noResponse } from './failed-answer.ts'
import type { Asked, HttpAnswer } from './http-answer.ts'

export type Outcome =
  | { readonly kind: 'messages'; readonly messages: readonly Envelope[] }
  /** 2xx without a body: some servers then answer on the GET stream. */
  | { readonly kind: 'elsewhere' }
  | {
      readonly kind: 'failed'
      readonly error: BridgeError
      readonly retryAfterMs?: number | undefined
      /** The remote's own words, to be given to the host when no retry helps. */
      readonly answer?: Envelope
      /** The remote does not know the session, and has done nothing; or perhaps not, and it may have done it all. */
      readonly session?: 'lost' | 'in-doubt'
    }

/** What this answer to a request means. */
export function judgeAnswer(answer: HttpAnswer, asked: Asked): Outcome {
  const { status } = answer.response
  const isSuccess = status >= 200 && status < 300
  if (isSuccess && answer.body.length === 0) return { kind: 'elsewhere' }
  const { request } = asked
  const messages = request?.kind === 'request' ? readMessages(answer.body, request) : undefined
  const response = messages?.find(({ kind, id }) => kind === 'response' && id?.key === request?.id?.key)
  if (isSuccess) {
    if (response !== undefined) return { kind: 'messages', messages: messages ?? [] }
    return { kind: 'failed', error: noResponse(answer, asked, messages !== undefined) }
  }
  const failed = { kind: 'failed' as const, ...describeFailure(answer, asked) }
  const words = response?.shape.error === undefined ? undefined : response
  if (failed.error.kind === 'session-lost')
    return { ...failed, session: 'lost', ...(words && { answer: words }) }
  if (words === undefined || status === 401 || failed.error.kind === 'rate-limited') return failed
  return status < 500 ? { kind: 'messages', messages: messages ?? [] } : { ...failed, answer: words }
}

/** The messages in a JSON body, or undefined if it is not JSON-RPC. */
function readMessages(body: Text, request: Envelope): Envelope[] | undefined {
  const reading = readText(trim(body))
  if (reading.kind === 'message') return [asAnswer(reading.envelope, request)]
  if (reading.kind !== 'batch') return undefined
  const messages: Envelope[] = []
  for (const each of reading.elements.map(read)) {
    if (each.kind !== 'message') return undefined
    messages.push(each.envelope)
  }
  const responses = messages.filter(({ kind }) => kind === 'response')
  return responses.length === 1 ? messages.map((message) => asAnswer(message, request)) : messages
}

/**
 * An error is about the request it answers, whatever id it has: HTTP has paired them, and servers write ids such as
 * "server-error" (protocol.md 0.8). A result under another request's id may be that request's result.
 */
function asAnswer(message: Envelope, request: Envelope): Envelope {
  const known = readAnswerTo(request, message)
  const isForeignError = known.shape.error !== undefined && known.id?.key !== request.id?.key
  return isForeignError && request.id !== undefined ? withId(known, request.id) : known
}
