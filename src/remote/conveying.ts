// Notifications of the host, and its answers to what the remote has asked: sent one at a time, in the order they were
// written, and never before an earlier request has left. protocol.md A.2, A.3.
import { BridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Envelope, textOf } from '../message/envelope.ts'
import { sizeOf } from '../message/text.ts'
import { createHanging } from './linked.ts'
import type { Outbox } from './outbox.ts'
import type { Questions } from './questions.ts'
import type { RemoteSettings } from './remote-face.ts'
import type { Session } from './session.ts'
import type { Stop } from './stop.ts'
import { atMost, delay } from './time.ts'
import type { Posted, Receive, Transport } from './transport.ts'

/** How long what follows waits for one to be taken: one that hangs must not hold up all. */
const CONVEY_MS = 3000
/** How often the host's answer to a question of the remote is sent: the remote is blocked on it (A.2). */
const RESPONSE_TRIES = 3
const RESPONSE_WAIT_MS = 500

export interface ConveyingSettings {
  readonly transport: () => Transport
  readonly log: Log
  readonly outbox: Outbox
  readonly questions: Questions
  readonly session: () => Session
  /** Resolves when there is a session again in place of this one, or with why there is none. */
  readonly reopen: (lost: Session) => Promise<unknown>
  readonly onMessage: Receive
  readonly weigh: RemoteSettings['weigh']
  /** Ends all that is being conveyed. */
  readonly stop: () => Stop
}

export interface Conveying {
  /** Resolves when it has been taken, or was not: nothing can be told to the host. */
  convey(envelope: Envelope): Promise<void>
  /** Sends once, past all others. */
  post(envelope: Envelope, session: Session): Promise<Posted>
}

export function createConveying(settings: ConveyingSettings): Conveying {
  const { transport, log, outbox, questions, session, onMessage, weigh } = settings
  const hang = createHanging()

  function post(envelope: Envelope, within: Session, whole = settings.stop()): Promise<Posted> {
    const { stop, over } = hang(whole)
    return new Promise((resolve) => {
      transport().post(envelope, {
        session: within,
        stop,
        onMessage,
        onDone(posted) {
          over()
          resolve(posted)
        },
      })
    })
  }

  function convey(envelope: Envelope): Promise<void> {
    const stop = settings.stop()
    const within = session()
    if (envelope.kind !== 'response') return inTurn(envelope, () => sendNotification(envelope, within, stop))
    const answer = questions.answer(envelope)
    if (answer === undefined) {
      log.debug('dropped an answer of the host to what the remote has not asked', { id: envelope.id?.raw })
      return Promise.resolve()
    }
    return inTurn(envelope, () => sendResponse(answer.response, answer.session, stop)).then(questions.left)
  }

  async function inTurn(envelope: Envelope, send: () => Promise<void>): Promise<void> {
    const sizeBytes = sizeOf(textOf(envelope))
    weigh(1, sizeBytes)
    await outbox.inOrder(() => atMost(send(), CONVEY_MS))
    weigh(-1, -sizeBytes)
  }

  async function sendResponse(response: Envelope, asked: Session, stop: Stop): Promise<void> {
    for (let attempt = 1; stop.reason === undefined; attempt++) {
      // The question died with the session it was asked in.
      if (asked.epoch !== session().epoch) return
      const posted = await post(response, session(), stop)
      if (posted.kind !== 'failed' || stop.reason !== undefined) return
      if (posted.session === 'lost') return void settings.reopen(asked)
      if (attempt >= RESPONSE_TRIES) return log.warn(`an answer was not taken: ${posted.error.message}`)
      await delay(RESPONSE_WAIT_MS * attempt, stop)
    }
  }

  async function sendNotification(notification: Envelope, said: Session, stop: Stop): Promise<void> {
    const { method } = notification
    let within = said
    for (let isFirst = true; stop.reason === undefined; isFirst = false) {
      // While it waited for its turn its session may have been lost, and there may be none yet.
      const posted = within.epoch === session().epoch ? await post(notification, session(), stop) : GONE
      if (posted.kind !== 'failed' || stop.reason !== undefined) return
      if (posted.session === 'lost' && isFirst) {
        const isOpen = (await settings.reopen(within)) === undefined
        // The new session has been told the one, and has nothing of which the other could be true.
        if (method === 'notifications/initialized' || method === 'notifications/cancelled') return
        within = session()
        if (isOpen) continue
      }
      return log.warn(`${method} was not taken: ${posted.error.message}`)
    }
  }

  return { convey, post }
}

const GONE: Posted = {
  kind: 'failed',
  error: new BridgeError('session-lost', 'the session is gone'),
  session: 'lost',
}
