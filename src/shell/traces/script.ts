// A run of a trace → what to send again, and in which order. What the host has said goes out as it was; each message waits for the
// answers that had come before it. Pure.
import { withId } from '../../message/edit.ts'
import type { Envelope, Id } from '../../message/envelope.ts'
import { find, readString } from '../../message/peek.ts'
import { elementsOf } from '../../message/rewrite.ts'
import { decode, textAt } from '../../message/utf8.ts'
import { isSafe } from '../../remote/retry.ts'
import { ownKind } from './comparison.ts'
import { nameOf } from './facts.ts'
import type { Run, Traced } from './reading.ts'

/** A request of the host's, and what came of it in the trace. */
export interface Replayed {
  readonly id: Id
  readonly method: string
  /** The tool, the prompt, the URI. */
  readonly name?: string
  /** Absent where it was never answered. */
  answer?: Traced
  /** How long that took. */
  tookMs?: number
  /** It is not whole in the trace, and cannot be sent. */
  readonly isCut: boolean
}

/** A message to send. */
export interface Cue {
  readonly envelope: Envelope
  /** The request that it is. */
  readonly request?: Replayed
  /** Had been answered before this was sent. */
  readonly after: readonly Replayed[]
}

export interface Script {
  readonly cues: readonly Cue[]
  /** In the order in which they were sent. */
  readonly requests: readonly Replayed[]
  /** What cannot be sent: notifications and answers that are not whole. */
  readonly left: number
  /** Messages out of which a secret has been taken. */
  readonly redacted: number
  /** Answers of the host's to questions of the remote's, by the method of the question. Take away from the front. */
  readonly answers: ReadonlyMap<string, Envelope[]>
}

export function scriptOf({ entries }: Run): Script {
  const cues: Cue[] = []
  const requests: Replayed[] = []
  const answers = new Map<string, Envelope[]>()
  const open = new Map<string, { request: Replayed; ms: number }>()
  const questions = new Map<string, string>()
  let answered: Replayed[] = []
  let left = 0

  function fromHost(ms: number, message: Traced): void {
    const { kind, id, envelope } = message
    if (kind === 'response') return keepAnswer(message)
    let request: Replayed | undefined
    if (kind === 'request' && id !== undefined) {
      const name = nameOf(message)
      const isCut = envelope === undefined
      request = { id, method: message.method ?? '', ...(name !== undefined && { name }), isCut }
      requests.push(request)
      open.set(id.key, { request, ms })
    } else if (envelope === undefined) left++
    if (envelope === undefined) return
    cues.push({ envelope, ...(request && { request }), after: answered })
    answered = []
  }

  function keepAnswer({ id, envelope }: Traced): void {
    const method = questions.get(id?.key ?? '')
    if (envelope === undefined) left++
    else if (method !== undefined) answers.set(method, [...(answers.get(method) ?? []), envelope])
  }

  function fromRemote(ms: number, message: Traced): void {
    const { kind, id, method } = message
    if (kind === 'request') questions.set(id?.key ?? '', method ?? '')
    const asked = kind === 'response' ? open.get(id?.key ?? '') : undefined
    if (asked === undefined) return
    open.delete(id!.key)
    // The bridge has said so for the remote, when it was told to stop.
    if (message.envelope && ownKind(message.envelope) === 'shutdown') return
    asked.request.answer = message
    asked.request.tookMs = ms - asked.ms
    if (!asked.request.isCut) answered.push(asked.request)
  }

  for (const { record, message } of entries) {
    if (record.kind !== 'message' || record.side !== 'host' || message === undefined) continue
    if (record.dir === 'toRemote') fromHost(record.ms, message)
    else fromRemote(record.ms, message)
  }
  const redacted = cues.filter(({ envelope }) => decode(envelope.bytes).includes('[redacted]')).length
  return { cues, requests, left, redacted, answers }
}

/** What may change something when it is sent again: all but what only reads, as far as that is known. */
export function riskyOf({ requests }: Script): Replayed[] {
  const reading = new Set(
    requests.flatMap((request) => (request.method === 'tools/list' ? readOnly(request) : [])),
  )
  return requests.filter(
    ({ method, name, isCut }) =>
      !isCut && !isSafe(method) && !(method === 'tools/call' && name !== undefined && reading.has(name)),
  )
}

/** Tools that say that they only read. */
function readOnly({ answer }: Replayed): string[] {
  const envelope = answer?.envelope
  const result = envelope?.shape.result
  if (envelope === undefined || result === undefined) return []
  const { bytes } = envelope
  return elementsOf(bytes, find(bytes, result, 'tools')).flatMap((tool) => {
    const name = readString(bytes, find(bytes, tool, 'name'))
    const hint = find(bytes, tool, 'annotations', 'readOnlyHint')
    return name !== undefined && hint && textAt(bytes, hint) === 'true' ? [name] : []
  })
}

/** The host's answer in the trace to a question like this one; undefined if there is none left. */
export function answerTo({ answers }: Script, question: Envelope): Envelope | undefined {
  const answer = answers.get(question.method ?? '')?.shift()
  return answer && withId(answer, question.id!)
}
