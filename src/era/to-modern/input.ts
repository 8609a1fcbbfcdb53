// Asks the legacy host what a modern remote wants to know: each entry of `inputRequests` is a request to the host, and
// the host's answers, by their keys, are what the remote is told. protocol.md D.7-2, D.7-3, D.7-7.

import type { Sink } from '../../lane.ts'
import { type Envelope, type Id, stringAt } from '../../message/envelope.ts'
import { createIdTable } from '../../message/id-table.ts'
import { cancellation, own, ownId } from '../../message/message.ts'
import { textAt } from '../../message/utf8.ts'
import type { InputRequest } from './input-request.ts'

export type Answers =
  /** JSON by key. */
  | { readonly kind: 'answered'; readonly answers: ReadonlyMap<string, string> }
  | { readonly kind: 'failed'; readonly why: string }

export interface Round {
  /** Takes back the questions that are open; `onAnswers` is not called any more. */
  cancel(): void
}

export interface Input {
  ask(requests: readonly InputRequest[], onAnswers: (answers: Answers) => void): Round
  /** A response of the host. Whether it is one that was waited for. */
  take(response: Envelope): boolean
  /** The host will answer nothing more. */
  inputEnded(): void
}

interface Question {
  readonly id: Id
  readonly onAnswer: (response: Envelope | undefined) => void
}

/** How many questions of one round a host has to deal with at a time. */
const AT_ONCE = 16

export function createInput(toHost: Sink): Input {
  const open = createIdTable<Question>()
  let count = 0
  let hasEnded = false

  function put({ method, params }: InputRequest, question: Question): void {
    open.set(question.id, question)
    const rest = params === undefined ? '' : `,"params":${params}`
    toHost(own(`{"jsonrpc":"2.0","id":${question.id.raw},"method":"${method}"${rest}}`))
  }

  function ask(requests: readonly InputRequest[], onAnswers: (answers: Answers) => void): Round {
    const waiting = [...requests]
    const mine = new Set<Id>()
    const answers = new Map<string, string>()
    let isOver = false

    function cancel(): void {
      isOver = true
      for (const id of mine) if (open.delete(id)) toHost(cancellation(id, 'not needed any more'))
      mine.clear()
    }

    function settle(request: InputRequest, response: Envelope | undefined): void {
      if (isOver) return
      const told = answerText(request, response)
      if (told.kind === 'failed') {
        cancel()
        return onAnswers(told)
      }
      answers.set(request.key, told.text)
      if (answers.size < requests.length) return next()
      isOver = true
      onAnswers({ kind: 'answered', answers })
    }

    function next(): void {
      while (!isOver && mine.size < AT_ONCE && waiting.length > 0) {
        const request = waiting.shift()!
        const id = ownId(`mcp-ferry:in:${++count}`)
        const onAnswer: Question['onAnswer'] = (response) => {
          mine.delete(id)
          settle(request, response)
        }
        mine.add(id)
        if (hasEnded) onAnswer(undefined)
        else put(request, { id, onAnswer })
      }
    }

    next()
    return { cancel }
  }

  return {
    ask,
    take(response) {
      const question = response.id && open.take(response.id)
      question?.onAnswer(response)
      return question !== undefined
    },
    inputEnded() {
      hasEnded = true
      for (const { id, onAnswer } of open.values()) if (open.delete(id)) onAnswer(undefined)
    },
  }
}

/** The modern era has no way to tell an error: a person may decline, but who is asked for anything else must answer. */
function answerText(
  { method }: InputRequest,
  response: Envelope | undefined,
): { readonly kind: 'text'; readonly text: string } | { readonly kind: 'failed'; readonly why: string } {
  const result = response?.shape.result
  if (response !== undefined && result !== undefined)
    return { kind: 'text', text: textAt(response.bytes, result) }
  if (method === 'elicitation/create') return { kind: 'text', text: '{"action":"cancel"}' }
  const why =
    response === undefined
      ? 'the client has closed its input'
      : (stringAt(response, 'error', 'message') ?? 'an error without a message')
  return { kind: 'failed', why: `${method} failed: ${why}` }
}
