// The host of a trace once more, at the other end of two pipes in memory: it sends what it sent, each message when what it had waited
// for has come, and is told what an editor would be told.
import { after, type Run } from '../../bridge.ts'
import type { Envelope } from '../../message/envelope.ts'
import { oneLine } from '../../message/lines.ts'
import { own } from '../../message/message.ts'
import { joinBridge } from '../pipes.ts'
import { ownKind } from './comparison.ts'
import { answerTo, type Replayed, type Script } from './script.ts'

/** What came this time. */
export interface Answered {
  readonly envelope: Envelope
  readonly tookMs: number
}

export interface Played {
  readonly answers: ReadonlyMap<Replayed, Answered>
  /** Questions of the remote's to which the trace has no answer, by method. */
  readonly unknown: readonly string[]
}

const METHOD_NOT_FOUND = -32601

/** Resolves when all is answered that was, or has had its time and `waitMs` more. */
export async function play(script: Script, run: Run, waitMs: number): Promise<Played> {
  const answers = new Map<Replayed, Answered>()
  const unknown: string[] = []
  const open = new Map<string, { request: Replayed; sentAt: number; settle: () => void }>()
  const coming = new Map<Replayed, Promise<void>>()
  let isOver = false
  let isEnding = false

  const side = joinBridge(run, {
    take,
    onEnd() {
      isOver = true
      for (const { settle } of open.values()) settle()
    },
  })
  const send = ({ bytes, hasNewline }: Envelope): void => side.send(hasNewline ? oneLine(bytes) : bytes)

  function take(envelope: Envelope): void {
    if (envelope.kind === 'request') return answer(envelope)
    const asked = envelope.kind === 'response' ? open.get(envelope.id?.key ?? '') : undefined
    if (asked === undefined) return
    open.delete(envelope.id!.key)
    // The bridge says for the remote that nothing comes any more.
    if (isEnding && ownKind(envelope) === 'shutdown') return asked.settle()
    answers.set(asked.request, { envelope, tookMs: performance.now() - asked.sentAt })
    asked.settle()
  }

  function answer(question: Envelope): void {
    const known = answerTo(script, question)
    if (known === undefined && question.method !== 'ping') unknown.push(question.method ?? '')
    const error = { code: METHOD_NOT_FOUND, message: 'the trace has no answer to this' }
    const outcome = question.method === 'ping' ? '"result":{}' : `"error":${JSON.stringify(error)}`
    send(known ?? own(`{"jsonrpc":"2.0","id":${question.id!.raw},${outcome}}`))
  }

  /** What had been answered then is waited for now; what is late is not. */
  async function waitFor(requests: readonly Replayed[]): Promise<void> {
    const missing = requests.filter((request) => !answers.has(request))
    if (missing.length === 0 || isOver) return
    const thenMs = Math.max(...missing.map(({ tookMs }) => tookMs ?? 0))
    await Promise.race([Promise.all(missing.map((request) => coming.get(request))), after(thenMs + waitMs)])
  }

  for (const { envelope, request, after: needed } of script.cues) {
    await waitFor(needed)
    if (request !== undefined)
      coming.set(
        request,
        new Promise((settle) => {
          open.set(request.id.key, { request, sentAt: performance.now(), settle })
        }),
      )
    send(envelope)
  }
  await waitFor(script.requests.filter(({ answer: then, isCut }) => then !== undefined && !isCut))
  isEnding = true
  await side.close()
  return { answers, unknown }
}
