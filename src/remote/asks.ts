// Questions we put to the remote on our own account: under ids in a namespace of ours, with a time limit.
import { BridgeError } from '../errors.ts'
import { withId } from '../message/edit.ts'
import type { Envelope } from '../message/envelope.ts'
import { own, ownId } from '../message/message.ts'
import type { Exchanges } from './exchange.ts'
import type { Session } from './session.ts'
import { stopNow } from './stop.ts'

/** How long an answer is waited for (protocol.md 0.9). */
const ANSWER_MS = 30_000

export interface Asks {
  /**
   * Resolves with the response, be it a result or an error. Rejects with a BridgeError where there is none, and with
   * `timeout` after `limitMs`.
   */
  ask(request: Envelope, session: Session, limitMs?: number): Promise<Envelope>
  /** The same for a `ping`. */
  ping(session: Session, limitMs?: number): Promise<Envelope>
  /** Whether the remote really does not know this session any more: a GET that was refused proves nothing (A.5). */
  isGone(session: Session): Promise<boolean>
}

export function createAsks(exchanges: Exchanges): Asks {
  let count = 0

  function ask(request: Envelope, session: Session, limitMs = ANSWER_MS, isOnce = false): Promise<Envelope> {
    const numbered = withId(request, ownId(`mcp-ferry:${++count}`))
    return new Promise((resolve, reject) => {
      let response: Envelope | undefined
      const stop = exchanges.request(numbered, {
        session,
        ...(isOnce && { isOnce }),
        answer(envelope) {
          response = envelope
        },
        onEnd(error) {
          clearTimeout(timer)
          if (response !== undefined && error === undefined) resolve(response)
          else reject(error ?? new BridgeError('protocol', `${request.method} was not answered`))
        },
      })
      const late = new BridgeError('timeout', `the remote did not answer ${request.method} in ${limitMs} ms`)
      const timer = setTimeout(() => stopNow(stop, late), limitMs)
    })
  }

  const ping: Asks['ping'] = (session, limitMs) => ask(own(PING), session, limitMs, true)

  return {
    ask,
    ping,
    isGone: (session) =>
      ping(session).then(
        () => false,
        (thrown: BridgeError) => thrown.kind === 'session-lost',
      ),
  }
}

const PING = '{"jsonrpc":"2.0","id":0,"method":"ping"}'
