// A request that was not answered as it should have been: answered elsewhere, sent again, in a new session if need be, or
// given up. protocol.md A.2, A.6, 0.5. Deferred.
import type { BridgeError } from '../errors.ts'
import type { Envelope } from '../message/envelope.ts'
import type { Elsewhere } from './elsewhere.ts'
import type { Exchange, ExchangesSettings, Failed, Unanswered } from './exchange.ts'
import { inContext, lostInFlight, notReopened, unanswered } from './failures.ts'
import { isSafe, nextTry } from './retry.ts'
import { createStop } from './stop.ts'
import { delay } from './time.ts'

/** How often a request goes to a new session: a remote that refuses each of them does not mean the session. */
const MOST_LOSSES = 1

export interface RecoveringSettings extends ExchangesSettings {
  readonly elsewhere: Elsewhere
  readonly answer: (exchange: Exchange, envelope: Envelope) => void
  readonly refuse: (request: Envelope, error: BridgeError) => BridgeError
}

/** `again`: it has been sent once more, and its end is still to come. Else it is over; the error, if it was not answered. */
type Recovered = BridgeError | 'again' | undefined

export interface Recovering {
  /** Has it answered elsewhere, sends it again, or answers it. */
  recover(exchange: Exchange, posted: Unanswered): Promise<Recovered>
}

export function createRecovering(settings: RecoveringSettings): Recovering {
  const { transport, log, limits, session, elsewhere, answer, refuse } = settings

  async function recover(exchange: Exchange, posted: Unanswered): Promise<Recovered> {
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
  async function inSession(exchange: Exchange): Promise<Recovered> {
    const isOld = exchange.listener?.session === undefined && exchange.session.epoch !== session().epoch
    return goOn(exchange, isOld ? await settings.reopen(exchange.session) : undefined)
  }

  function goOn(exchange: Exchange, failure: BridgeError | undefined): Recovered {
    if (failure === undefined || exchange.isCancelled) return again(exchange)
    if (exchange.listener?.session === undefined && settings.forward(exchange.request)) return failure
    return giveUp(exchange, { error: notReopened(failure) })
  }

  /** What may run twice is sent again, in the session that there is now. */
  async function recoverCut(exchange: Exchange, error: BridgeError): Promise<Recovered> {
    const isRepeatable = exchange.listener?.session === undefined && isSafe(exchange.request.method!)
    exchange.cut = undefined
    exchange.stop = createStop()
    return isRepeatable ? inSession(exchange) : giveUp(exchange, { error })
  }

  /** The session it was sent in is gone, or seems to be. What the remote has refused to do is done in a new one. */
  async function recoverSession(exchange: Exchange, posted: Failed): Promise<Recovered> {
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

  function again(exchange: Exchange): Recovered {
    const { request, listener } = exchange
    if (exchange.isCancelled) return undefined
    const { reason } = exchange.stop
    if (reason !== undefined) return giveUp(exchange, { error: reason })
    exchange.session = listener?.session ?? session()
    exchange.reconnect = undefined
    transport().post(request, exchange)
    return 'again'
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

  return { recover }
}
