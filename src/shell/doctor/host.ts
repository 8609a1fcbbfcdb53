// The doctor as a host: it asks the bridge as an editor would, is told what an editor would be told, and waits for nothing
// without end. protocol.md 0.8.
import type { Run } from '../../bridge.ts'
import { BridgeError } from '../../errors.ts'
import { within } from '../../remote/time.ts'
import { createHost } from '../client.ts'
import { type Reply, refusedBy } from '../replies.ts'

export type Fields = Readonly<Record<string, unknown>>

export interface Host {
  /** The result. Rejects with a BridgeError: what the bridge or the remote has said, or that nothing came in time. */
  ask(method: string, params?: Fields): Promise<Fields>
  tell(method: string): void
  /** Ends its side; resolves when the bridge has ended. */
  end(): Promise<void>
}

/** It is cut once more when secrets are out of it. */
const LONGEST_REFUSAL = 4000

export function startHost(run: Run, limitMs: number): Host {
  const host = createHost({ run })
  let hasGivenUp = false

  /** When nobody asks any more, what is tried again and again is given up, and why is told. */
  async function lastWord(late: Promise<Reply>): Promise<Reply> {
    hasGivenUp = true
    void host.close()
    return late
  }

  return {
    async ask(method, params = {}) {
      if (hasGivenUp)
        throw new BridgeError(
          'timeout',
          `${method} is not asked for: what was before was not answered in time`,
        )
      const { reply } = host.ask(method, JSON.stringify(params))
      const inTime = await within(reply, limitMs)
      const said = inTime ?? (await lastWord(reply))
      if (inTime === undefined && said.kind === 'failed' && said.error.kind === 'shutdown')
        throw new BridgeError('timeout', `${method} was not answered within ${limitMs / 1000} s`)
      if (said.kind === 'result') return fieldsOf(JSON.parse(said.text))
      throw said.kind === 'failed' ? said.error : refused(method, said)
    },
    tell: (method) => host.tell(method),
    end: host.close,
  }
}

function refused(method: string, { code, message }: Extract<Reply, { kind: 'refused' }>): BridgeError {
  return refusedBy(method, { code, message: message.replace(/\s+/g, ' ').slice(0, LONGEST_REFUSAL) })
}

/** The object that it is; an empty one where it is something else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}
