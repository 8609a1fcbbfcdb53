// What a tool, prompt or resource of the matrix's servers may do while it works: say how far it is, log, and ask the
// host. It is written as one run; where the era asks in rounds (2026-07-28, protocol.md E.5), the run is repeated with
// the answers of the rounds before.
import type { form, page, ROOTS, sampling } from './offer.ts'

export type Era = 'legacy' | 'modern'
type Page = ReturnType<typeof page>
export type Question = ReturnType<typeof form> | Page | ReturnType<typeof sampling> | typeof ROOTS
export type Questions = Readonly<Record<string, Question>>
export type Answers = Readonly<Record<string, unknown>>

export interface Work {
  readonly era: Era
  readonly signal: AbortSignal
  progress(step: number, total: number): Promise<void>
  log(level: 'debug' | 'warning', data: string): Promise<void>
  /** Asks everything at once; resolves with the answers under the same keys. */
  ask(questions: Questions): Promise<Answers>
  /** Asks, but not on the stream of the request that is being worked on. */
  askAside(question: Question): Promise<unknown>
}

/** An error that both SDKs send as a JSON-RPC error with this code. */
export function failure(code: number, message: string, data?: Readonly<Record<string, unknown>>): Error {
  return Object.assign(new Error(message), { code, data })
}

export const CANNOT_ASK = 'no host to ask'

export const isPage = (question: Question): question is Page =>
  question.method === 'elicitation/create' && question.params.mode === 'url'
