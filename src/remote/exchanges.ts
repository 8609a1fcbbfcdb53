// What is under way between the host and the remote: each request is sent until it is answered, by the remote or by
// us; notifications and responses leave in order. protocol.md A.2, A.3, A.9, 0.5.
import { BridgeError, redacted } from '../errors.ts'
import type { Sink } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Envelope, Id } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { refusal } from '../message/message.ts'
import { createOutbox } from './outbox.ts'
import { nextTry, type RetryLimits } from './retry.ts'
import type { Session } from './session.ts'
import { createStop, onStop, type Stop, stopNow } from './stop.ts'
import { atMost, delay } from './time.ts'
import type { Posted, Posting, Receive, Transport } from './transport.ts'

/** How long an answer may come on the GET stream after an empty answer to the POST (A.2). */
const ELSEWHERE_MS = 60_000
/** How long a cancelled request is still read for (A.9). */
const CANCELLED_MS = 5000
/** How long what follows waits for a notification or an answer to be taken: one that hangs must not hold up all. */
const CONVEY_MS = 3000
/** How often the host's answer to a question of the remote is sent: the remote is blocked on it (A.2). */
const RESPONSE_TRIES = 3
const RESPONSE_WAIT_MS = 500

export interface ExchangesSettings {
  readonly transport: Transport
  readonly log: Log
  readonly toHost: Sink
  readonly limits: RetryLimits
  /** The session that messages belong to now. */
  readonly session: () => Session
  /** Whether the remote has a stream on which it may answer as well. */
  readonly isListening: () => boolean
}

export interface Exchanges {
  /** A message from the remote, on whichever stream it came. */
  readonly arrive: Receive
  /** The same for the GET stream: a request that is answered there need not wait for the end of its POST. */
  readonly arriveElsewhere: Receive
  /** Sends a request until it is answered. */
  request(request: Envelope, listener?: Listener): void
  /** Sends a notification, or the answer to a question of the remote; resolves when it has been taken, or was not. */
  convey(envelope: Envelope): Promise<void>
  /** Answers a request ourselves. */
  refuse(request: Envelope, error: BridgeError): BridgeError
  /** The host cancels a request. True if nothing need be sent, because the remote has not seen it or must not be told. */
  cancel(id: Id): boolean
  /** The stream on which the remote may answer is no more. */
  streamEnded(): void
  /** Ends all, with this reason for those that wait. */
  abort(reason: BridgeError): void
  /** Resolves when no notification or answer waits to be sent. */
  idle(): Promise<void>
}

export interface Listener {
  /** Gets what comes back, instead of `arrive`. */
  readonly onMessage: Receive
  /** Called at the end, with the failure if it was we who answered. */
  readonly onEnd: (error: BridgeError | undefined) => void
}

/** A request of the host's that is under way. It is what the transport gets, too. */
interface Exchange extends Posting {
  session: Session
  readonly request: Envelope
  readonly onEnd: Listener['onEnd'] | undefined
  attempt: number
  hasLeft: boolean
  isCancelled: boolean
  isAnswered: boolean
  /** Called when its response has come, by whichever stream. */
  onAnswered: (() => void) | undefined
}

export function createExchanges(settings: ExchangesSettings): Exchanges {
  const { transport, log, toHost, limits, session } = settings
  const exchanges = createIdTable<Exchange>()
  /** Ids of requests from the remote that the host has not answered. */
  const questions = createIdTable<true>()
  const outbox = createOutbox()
  /** Requests whose answer may still come on the GET stream. */
  const hoping = new Set<() => void>()
  let conveying = createStop()

  const arrive: Receive = (envelope) => {
    if (envelope.kind === 'request') questions.set(envelope.id!, true)
    const exchange = envelope.kind === 'response' && envelope.id ? exchanges.get(envelope.id) : undefined
    toHost(envelope)
    if (exchange === undefined) return
    exchange.isAnswered = true
    exchange.onAnswered?.()
  }

  const arriveElsewhere: Receive = (envelope, sessionId) => {
    arrive(envelope, sessionId)
    const exchange = envelope.kind === 'response' && envelope.id ? exchanges.get(envelope.id) : undefined
    if (exchange === undefined) return
    const over = new BridgeError('shutdown', 'it has been answered on another stream')
    setTimeout(() => stopNow(exchange.stop, over), CANCELLED_MS).unref()
  }

  function request(message: Envelope, listener?: Listener): void {
    const exchange: Exchange = {
      request: message,
      session: session(),
      stop: createStop(),
      onMessage: listener?.onMessage ?? arrive,
      onEnd: listener?.onEnd,
      onWritten() {
        exchange.hasLeft = true
        outbox.left(exchange)
      },
      onDone(posted) {
        if (posted.kind === 'answered') end(exchange)
        else void recover(exchange, posted).then((error) => end(exchange, error))
      },
      onAnswered: undefined,
      attempt: 1,
      hasLeft: false,
      isCancelled: false,
      isAnswered: false,
    }
    // A cancelled one of the same id may still be read: its late answer would pass for this one's.
    const earlier = exchanges.get(message.id!)
    if (earlier !== undefined) stopNow(earlier.stop, new BridgeError('shutdown', 'its id is used again'))
    exchanges.set(message.id!, exchange)
    transport.post(message, exchange)
    // Most have left by now.
    if (!exchange.hasLeft) outbox.depart(exchange)
  }

  function end(exchange: Exchange, error?: BridgeError): void {
    const id = exchange.request.id!
    if (exchanges.get(id) === exchange) exchanges.delete(id)
    exchange.onEnd?.(error)
  }

  /** Has it answered elsewhere, sends it again, or answers it. Resolves when it is over. */
  async function recover(exchange: Exchange, posted: Unanswered): Promise<BridgeError | undefined> {
    const { request, stop, attempt } = exchange
    const method = request.method!
    if (exchange.isCancelled || exchange.isAnswered) return undefined
    if (posted.kind === 'elsewhere') {
      return (await comesElsewhere(exchange)) ? undefined : refuse(request, stop.reason ?? unanswered(method))
    }
    const waitMs = stop.reason === undefined ? nextTry(posted, { method, attempt }, limits) : undefined
    if (waitMs === undefined) return giveUp(request, posted, attempt)
    log.debug(`${method} is tried again`, { why: posted.error.message, waitMs })
    // While it waits it is with us again, and a cancellation need not be sent.
    exchange.hasLeft = posted.error.facts.maybeDelivered === true
    await delay(waitMs, stop)
    if (exchange.isCancelled) return undefined
    if (stop.reason !== undefined) return refuse(request, stop.reason)
    return new Promise((resolve) => {
      const again = (next: Posted): void => {
        if (next.kind === 'answered') resolve(undefined)
        else resolve(recover(exchange, next))
      }
      exchange.attempt++
      exchange.session = session()
      transport.post(request, { ...exchange, onDone: again })
    })
  }

  function giveUp(
    request: Envelope,
    { error, answer }: Extract<Unanswered, { kind: 'failed' }>,
    attempts: number,
  ): BridgeError {
    if (answer === undefined) return refuse(request, inContext(error, request.method!, attempts))
    toHost(answer)
    return error
  }

  function refuse(request: Envelope, error: BridgeError): BridgeError {
    if (error.kind !== 'shutdown') log.error(error.message)
    toHost(refusal(request.id!, redacted(error, log.redact)))
    return error
  }

  /** After an empty answer to the POST the response may come on the GET stream. */
  function comesElsewhere(exchange: Exchange): Promise<boolean> {
    if (exchange.isAnswered || !settings.isListening()) return Promise.resolve(exchange.isAnswered)
    return new Promise((resolve) => {
      const settle = (hasCome: boolean): void => {
        clearTimeout(timer)
        hoping.delete(giveUpHope)
        resolve(hasCome)
      }
      const giveUpHope = (): void => settle(exchange.isAnswered || exchange.isCancelled)
      const timer = setTimeout(giveUpHope, ELSEWHERE_MS)
      exchange.onAnswered = () => settle(true)
      onStop(exchange.stop, giveUpHope)
      hoping.add(giveUpHope)
    })
  }

  function convey(envelope: Envelope): Promise<void> {
    if (envelope.kind === 'response' && !questions.delete(envelope.id!)) {
      log.debug('dropped an answer of the host to what the remote has not asked', { id: envelope.id?.raw })
      return Promise.resolve()
    }
    const stop = conveying
    return outbox.inOrder(() => atMost(sendOnce(envelope, stop), CONVEY_MS))
  }

  /** Nothing can be told to the host if this fails. */
  async function sendOnce(envelope: Envelope, stop: Stop): Promise<void> {
    const tries = envelope.kind === 'response' ? RESPONSE_TRIES : 1
    const common = { onWritten: () => {}, onMessage: arrive }
    for (let attempt = 1; stop.reason === undefined; attempt++) {
      const posted = await new Promise<Posted>((onDone) => {
        transport.post(envelope, { ...common, session: session(), stop, onDone })
      })
      if (posted.kind !== 'failed' || stop.reason !== undefined) return
      if (attempt >= tries)
        return log.warn(`${envelope.method ?? 'an answer'} was not taken: ${posted.error.message}`)
      await delay(RESPONSE_WAIT_MS * attempt, stop)
    }
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

  function abort(reason: BridgeError): void {
    for (const { stop } of exchanges.values()) stopNow(stop, reason)
    stopNow(conveying, reason)
    conveying = createStop()
    questions.clear()
  }

  function streamEnded(): void {
    for (const giveUpHope of [...hoping]) giveUpHope()
  }

  return { arrive, arriveElsewhere, request, convey, refuse, cancel, streamEnded, abort, idle: outbox.idle }
}

type Unanswered = Exclude<Posted, { kind: 'answered' }>

function unanswered(method: string): BridgeError {
  const text = `the remote took ${method} but sent no answer (empty response)`
  return new BridgeError('protocol', text, { maybeDelivered: true, retryable: true })
}

/** The failure as the host is told it: during what, after how many tries, and whether it may have taken effect. */
function inContext(error: BridgeError, method: string, attempts: number): BridgeError {
  const during = error.kind === 'stream-lost' ? ` while ${method} was running` : ''
  const tries = attempts > 1 ? ` (${attempts} attempts)` : ''
  const effect =
    during !== '' && error.facts.maybeDelivered === true ? '; it may or may not have taken effect' : ''
  if (during + tries === '') return error
  return new BridgeError(error.kind, `${error.message}${during}${tries}${effect}`, error.facts, error.cause)
}
