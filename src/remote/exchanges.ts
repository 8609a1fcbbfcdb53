// What is under way between the host and the remote: each request is sent until it is answered, by the remote or by
// us; notifications and responses leave in order. protocol.md A.2, A.3, A.6, A.9, 0.5.
import { BridgeError, redacted } from '../errors.ts'
import type { Envelope, Id } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { refusal } from '../message/message.ts'
import { type Conveying, createConveying } from './conveying.ts'
import { createElsewhere } from './elsewhere.ts'
import type { Exchange, Exchanges, ExchangesSettings, Listener } from './exchange.ts'
import { createOutbox } from './outbox.ts'
import { createQuestions } from './questions.ts'
import { createRecovering, type Recovering } from './recovering.ts'
import type { Session } from './session.ts'
import { createStop, type Stop, stopNow } from './stop.ts'
import type { Receive } from './transport.ts'

/** How long a cancelled request is still read for (A.9). */
const CANCELLED_MS = 5000

export function createExchanges(settings: ExchangesSettings): Exchanges {
  const { transport, log, toHost, session, onStream } = settings
  const exchanges = createIdTable<Exchange>()
  const questions = createQuestions()
  const outbox = createOutbox()
  const elsewhere = createElsewhere(settings.isListening)
  let conveying = createStop()
  let recoveries: Recovering | undefined
  const recovering = (): Recovering =>
    (recoveries ??= createRecovering({ ...settings, elsewhere, answer, refuse }))

  const arrive: Receive = (envelope, within) => {
    if (envelope.kind === 'request') return ask(envelope, within)
    if (envelope.method === 'notifications/cancelled') return toHost(questions.withdraw(envelope, within))
    const exchange = envelope.kind === 'response' && envelope.id ? exchanges.get(envelope.id) : undefined
    if (exchange === undefined) return toHost(envelope)
    answer(exchange, envelope)
    exchange.isAnswered = true
    exchange.onAnswered?.()
  }

  function ask(question: Envelope, within: Session): void {
    const isLate = within.epoch !== session().epoch
    const shown = isLate ? undefined : questions.ask(question, within)
    if (shown !== undefined) toHost(shown)
    else log.debug('dropped a question of the remote: late, known, or one too many', { isLate })
  }

  function answer({ listener }: Exchange, envelope: Envelope): void {
    if (listener?.answer === undefined) toHost(envelope)
    else listener.answer(envelope)
  }

  let conveyances: Conveying | undefined
  const conveyance = (): Conveying =>
    (conveyances ??= createConveying({
      ...settings,
      outbox,
      questions,
      onMessage: arrive,
      stop: () => conveying,
    }))

  function arriveOn(request: Id): Receive {
    return (envelope, within) => {
      onStream?.(request)
      arrive(envelope, within)
      onStream?.(undefined)
    }
  }

  const arriveElsewhere: Receive = (envelope, within) => {
    arrive(envelope, within)
    const exchange = envelope.kind === 'response' && envelope.id ? exchanges.get(envelope.id) : undefined
    if (exchange === undefined) return
    const over = new BridgeError('shutdown', 'it has been answered on another stream')
    setTimeout(() => stopNow(exchange.stop, over), CANCELLED_MS).unref()
  }

  function request(message: Envelope, listener?: Listener): Stop {
    const exchange: Exchange = {
      request: message,
      session: listener?.session ?? session(),
      listener,
      stop: createStop(),
      cut: undefined,
      onMessage: listener?.onMessage ?? (onStream === undefined ? arrive : arriveOn(message.id!)),
      onWritten() {
        exchange.hasLeft = true
        outbox.left(exchange)
      },
      onHeld() {
        exchange.hasLeft = false
      },
      onDone(posted) {
        if (posted.kind === 'answered') end(exchange)
        else
          void recovering()
            .recover(exchange, posted)
            .then((recovered) => recovered === 'again' || end(exchange, recovered))
      },
      reconnect: undefined,
      onAnswered: undefined,
      attempt: 1,
      losses: 0,
      hasLeft: false,
      isCancelled: false,
      isAnswered: false,
    }
    // A cancelled one of the same id may still be read: its late answer would pass for this one's.
    const earlier = exchanges.get(message.id!)
    if (earlier !== undefined) stopNow(earlier.stop, new BridgeError('shutdown', 'its id is used again'))
    exchanges.set(message.id!, exchange)
    transport().post(message, exchange)
    // Most have left by now.
    if (!exchange.hasLeft) outbox.depart(exchange)
    return exchange.stop
  }

  function end(exchange: Exchange, error?: BridgeError): void {
    const id = exchange.request.id!
    if (exchanges.get(id) === exchange) exchanges.delete(id)
    exchange.listener?.onEnd?.(error)
  }

  function cut(exchange: Exchange, reason: BridgeError): void {
    exchange.cut = reason
    stopNow(exchange.stop, reason)
  }

  function refuse(request: Envelope, error: BridgeError): BridgeError {
    if (error.kind !== 'shutdown') log.error(error.message)
    toHost(refusal(request.id!, redacted(error, log.redact)))
    return error
  }

  function cancel(id: Id): boolean {
    const exchange = exchanges.get(id)
    if (exchange === undefined) return false
    // initialize must not be cancelled (25/CAN).
    if (exchange.request.method === 'initialize') return true
    exchange.isCancelled = true
    const { hasLeft } = exchange
    const stop = (): void =>
      stopNow(exchange.stop, new BridgeError('shutdown', 'the host cancelled the request'))
    if (hasLeft) setTimeout(stop, CANCELLED_MS).unref()
    else stop()
    return !hasLeft
  }

  function abandon({ epoch }: Session, reason: BridgeError): void {
    for (const exchange of exchanges.values())
      if (exchange.session.epoch <= epoch && exchange.hasLeft && !exchange.isCancelled) cut(exchange, reason)
  }

  function abort(reason: BridgeError): void {
    for (const { stop } of exchanges.values()) stopNow(stop, reason)
    stopNow(conveying, reason)
    conveying = createStop()
    questions.forget('')
  }

  return {
    arrive,
    arriveElsewhere,
    request,
    convey: (envelope) => conveyance().convey(envelope),
    post: (envelope, within) => conveyance().post(envelope, within),
    refuse,
    cancel,
    abandon,
    abort,
    idle: outbox.idle,
    streamEnded: elsewhere.giveUp,
    reconnect() {
      for (const exchange of exchanges.values()) exchange.reconnect?.()
    },
    sever(reason) {
      for (const exchange of exchanges.values()) {
        if (exchange.reconnect !== undefined) exchange.reconnect()
        else if (exchange.hasLeft && !exchange.isCancelled) cut(exchange, reason)
      }
    },
    dropQuestions(reason) {
      for (const cancellation of questions.forget(reason)) toHost(cancellation)
    },
  }
}
