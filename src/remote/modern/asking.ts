// A question of our own to a modern remote: put once, without the retries that a host's request gets. protocol.md C.2, D.1.
import { BridgeError } from '../../errors.ts'
import type { Envelope } from '../../message/envelope.ts'
import { unanswered } from '../failures.ts'
import type { Stop } from '../stop.ts'
import type { Transport } from '../transport.ts'
import { requestHeaders } from './request-headers.ts'
import type { ToolSchemas } from './tool-schemas.ts'

/** What came of a question: the remote's answer, or why there is none; of a server that failed, perhaps both. */
export interface Asked {
  readonly answer?: Envelope | undefined
  readonly error?: BridgeError
}

export interface AskingSettings {
  readonly stop: Stop
  readonly post: Transport['post']
  readonly paramsOf: ToolSchemas['of']
}

export function askOnce(request: Envelope, { stop, post, paramsOf }: AskingSettings): Promise<Asked> {
  const mirrored = requestHeaders(request, paramsOf)
  if (mirrored.kind === 'refused')
    return Promise.resolve({ error: new BridgeError('protocol', mirrored.why) })
  return new Promise((resolve) => {
    let answer: Envelope | undefined
    post(request, {
      session: { epoch: 0, headers: mirrored.headers },
      stop,
      onMessage(message) {
        if (message.kind === 'response') answer ??= message
      },
      onDone(posted) {
        if (posted.kind === 'failed') resolve({ error: posted.error, answer: posted.answer })
        else resolve(answer === undefined ? { error: unanswered(request.method!) } : { answer })
      },
    })
  })
}
