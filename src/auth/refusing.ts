// Where nobody can sign in, since the user has given the credential or wants no OAuth: a 401 is the end, and is explained.
// protocol.md G.2, its last sentence.
import type { Log } from '../log.ts'
import type { Header } from '../options/options.ts'
import type { Authorizer } from '../remote/authorizer.ts'
import type { HttpAnswer } from '../remote/http-answer.ts'
import { authFailure, describeHeaders } from '../remote/refused.ts'

export interface RefusingSettings {
  readonly url: URL
  readonly headers: readonly Header[]
  readonly log: Log
}

export function createRefusing({ url, headers, log }: RefusingSettings): Authorizer {
  const shown = () => `${url.origin}${url.pathname}`
  const explain = (answer: HttpAnswer) =>
    authFailure(answer, { sent: describeHeaders(headers, Date.now()), shown, redact: log.redact })
  return {
    credential: () => undefined,
    challenged: ({ status, answer }) =>
      Promise.resolve(status === 401 ? { kind: 'failed', error: explain(answer) } : { kind: 'as-is' }),
    waitsFor: undefined,
    close: () => Promise.resolve(),
  }
}
