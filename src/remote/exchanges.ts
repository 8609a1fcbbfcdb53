// What is under way between the host and the remote: each request is sent until it is answered, by the remote or by
// us; notifications and responses leave in order. protocol.md A.2, A.3, A.6, A.9, 0.5.
import { BridgeError, redacted } from '../errors.ts'
import type { Envelope, Id } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { refusal } from '../message/message.ts'
import { createConveying } from './conveying.ts'
import { createElsewhere } from './elsewhere.ts'
import type { Exchange, Exchanges, ExchangesSettings, Failed, Listener, Unanswered } from './exchange.ts'
import { inContext, lostInFlight, notReopened, unanswered } from './failures.ts'
import { createOutbox } from './outbox.ts'
import { createQuestions } from './questions.ts'
import { isSafe, nextTry } from './retry.ts'
import type { Session } from './session.ts'
import { createStop, type Stop, stopNow } from './stop.ts'
import { delay } from './time.ts'
import type { Posted, Receive } from './transport.ts'

/** How long a cancelled request is still read for (A.9). */
const CANCELLED_MS = 5000
/** How often a request goes to a new session: a remote that refuses each of them does not mean the session. */
const MOST_LOSSES = 1

export function createExchanges(settings: ExchangesSettings): Exchanges {
  const { transport, log, toHost, limits, session, onStream } = settings
  const exchanges = createIdTable<Exchange>()
  const questions = createQuestions()
  const outbox = createOutbox()
  const elsewhere = createElsewhere(settings.isListening)
  let conveying = createStop()

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
    else
      log.debug('dropped a question of the remote: late, known, or one too many', {
        isLate,
      })
  }

  function answer({ listener }: Exchange, envelope: Envelope): void {
    if (listener?.answer === undefined) toHost(envelope)
    else listener.answer(envelope)
  }

  const { convey, post } = createConveying({
    ...settings,
    outbox,
    questions,
    onMessage: arrive,
    stop: () => conveying,
  })

  function arriveOn(request: Id): Receive {
    return (envelope, within, sessionId) => {
      onStream?.(request)
      arrive(envelope, within, sessionId)
      onStream?.(undefined)
    }
  }

  const arriveElsewhere: Receive = (envelope, within, sessionId) => {
    arrive(envelope, within, sessionId)
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
      onDone(posted) {
        if (posted.kind === 'answered') end(exchange)
        else void recover(exchange, posted).then((error) => end(exchange, error))
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

  /** Has it answered elsewhere, sends it again, or answers it. Resolves when it is over. */
  async function recover(exchange: Exchange, posted: Unanswered): Promise<BridgeError | undefined> {
    const { request, stop, attempt, listener, cut } = exchange
    const method = request.method!
    if (exchange.isCancelled || exchange.isAnswered) return undefined
    if (cut !== undefined) return recoverCut(exchange, cut)
    if (posted.kind === 'elsewhere') {
      if (await elsewhere.comes(exchange)) return undefined
      return giveUp(exchange, { error: stop.reason ?? unanswered(method) })
    }
    if (stop.reason !== undefined || listener?.isOnce) return giveUp(exchange, posted)
    if (posted.session !== undefined && listener?.session === undefined)
      return recoverSession(exchange, posted)
    const waitMs = nextTry(posted, { method, attempt }, limits)
    if (waitMs === undefined) return giveUp(exchange, posted)
    log.debug(`${method} is tried again`, { why: posted.error.message, waitMs })
    // While it waits it is with us again, and a cancellation need not be sent.
    exchange.hasLeft = posted.error.facts.maybeDelivered === true
    await delay(waitMs, stop)
    exchange.attempt++
    return inSession(exchange)
  }

  /** Sends it again, in a session that there may not be yet: its own may have been found lost meanwhile. */
  async function inSession(exchange: Exchange): Promise<BridgeError | undefined> {
    const isOld = exchange.listener?.session === undefined && exchange.session.epoch !== session().epoch
    return goOn(exchange, isOld ? await settings.reopen(exchange.session) : undefined)
  }

  function goOn(exchange: Exchange, failure: BridgeError | undefined): ReturnType<typeof again> {
    if (failure === undefined || exchange.isCancelled) return again(exchange)
    if (exchange.listener?.session === undefined && settings.forward(exchange.request)) return failure
    return giveUp(exchange, { error: notReopened(failure) })
  }

  /** What may run twice is sent again, in the session that there is now. */
  async function recoverCut(exchange: Exchange, error: BridgeError): Promise<BridgeError | undefined> {
    const isRepeatable = exchange.listener?.session === undefined && isSafe(exchange.request.method!)
    exchange.cut = undefined
    exchange.stop = createStop()
    return isRepeatable ? inSession(exchange) : giveUp(exchange, { error })
  }

  function cut(exchange: Exchange, reason: BridgeError): void {
    exchange.cut = reason
    stopNow(exchange.stop, reason)
  }

  /** The session it was sent in is gone, or seems to be. What the remote has refused to do is done in a new one. */
  async function recoverSession(exchange: Exchange, posted: Failed): Promise<BridgeError | undefined> {
    const { request, session: lost } = exchange
    const mayHaveRun = posted.session === 'in-doubt'
    if (mayHaveRun && !(await settings.isGone(lost))) return giveUp(exchange, posted)
    if (exchange.isCancelled || exchange.isAnswered) return undefined
    if (mayHaveRun && !isSafe(request.method!)) {
      void settings.reopen(lost)
      return giveUp(exchange, { error: lostInFlight(posted.error, request.method!) })
    }
    if (++exchange.losses > MOST_LOSSES) return giveUp(exchange, posted)
    exchange.hasLeft = false
    return goOn(exchange, await settings.reopen(lost))
  }

  function again(exchange: Exchange): Promise<BridgeError | undefined> | BridgeError | undefined {
    const { request, listener } = exchange
    if (exchange.isCancelled) return undefined
    const { reason } = exchange.stop
    if (reason !== undefined) return giveUp(exchange, { error: reason })
    return new Promise((resolve) => {
      const onDone = (next: Posted): void => {
        if (next.kind === 'answered') resolve(undefined)
        else resolve(recover(exchange, next))
      }
      exchange.session = listener?.session ?? session()
      exchange.reconnect = undefined
      const { session: within, stop, onMessage, onWritten } = exchange
      transport().post(request, {
        session: within,
        stop,
        onMessage,
        onWritten,
        onDone,
        get isCancelled() {
          return exchange.isCancelled
        },
        get reconnect() {
          return exchange.reconnect
        },
        set reconnect(leave) {
          exchange.reconnect = leave
        },
      })
    })
  }

  function giveUp(exchange: Exchange, posted: Pick<Failed, 'error' | 'answer'>): BridgeError {
    const { error, answer: words } = posted
    if (words !== undefined) {
      answer(exchange, words)
      return error
    }
    const told = inContext(error, exchange.request.method!, exchange.attempt)
    // What we have asked on our own account concerns nobody else.
    return exchange.listener?.session === undefined ? refuse(exchange.request, told) : told
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
    convey,
    post,
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
