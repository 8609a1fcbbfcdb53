// `initialize`, sent until the remote has answered it for good: a remote that is not there yet is asked again, by the
// other transport where the first one is not spoken. protocol.md A.1, A.6.2, B.2, 0.12.
import { type BridgeError, toBridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import { answerEmpty } from '../message/message.ts'
import { backoff } from './backoff.ts'
import type { Exchanges } from './exchange.ts'
import { inContext } from './failures.ts'
import { isTransient } from './retry.ts'
import { earlySession, openSession, SESSION_HEADER, type Session } from './session.ts'
import { createStop, LEFT, type Stop, stopNow } from './stop.ts'
import { delay } from './time.ts'
import type { Receive } from './transport.ts'
import type { Transports } from './transports.ts'

const WAITS_MS = [250, 500, 1000, 2000, 4000]
const FEW = 3
const LONGEST_WAIT_MS = 30_000
/** From this version on there is no `initialize`: a remote that answers it so speaks the modern era, if it is asked in that. */
const NO_HANDSHAKE = '2026-07-28'
const FAILED_WAIT_MS = 1000

export interface OpeningSettings {
  readonly initialize: Envelope
  readonly epoch: number
  readonly exchanges: Exchanges
  readonly transports: Transports
  readonly log: Log
  /** Whether a remote that is not there is to be waited for; else it gets a few tries. */
  readonly waits: () => boolean
  /** Whether the remote's pings are answered here, and its other requests are not: the host has nothing to do with it. */
  readonly answersPings?: true
  /** What is known of the session before it is open. */
  readonly onEarly: (session: Session) => void
  /** Called in the turn in which the result has come. */
  readonly onOpened: (result: Envelope, session: Session) => void
  /** It has failed, and is tried again. */
  readonly onDelay: (why: BridgeError) => void
  /** Whether the remote speaks the other era, by what it answered, or by what is then asked. Absent: it is not asked. */
  readonly isOtherEra?:
    | ((answer: Envelope | undefined, error: BridgeError | undefined) => Promise<boolean>)
    | undefined
  /** It does, and there will be no session. */
  readonly onOtherEra?: () => void
  /** Not opened: for this reason, or because the remote has answered with this JSON-RPC error. */
  readonly onRefused: (error: BridgeError | undefined, answer: Envelope | undefined) => void
}

export interface Opening {
  /** Tries again now, if it waits to. */
  poke(): void
  /** Ends it; nothing is called any more. */
  stop(reason: BridgeError): void
}

/** Begins at once, in this turn, unless the transport has to be loaded first. */
export function open(settings: OpeningSettings): Opening {
  const { initialize, epoch, exchanges, transports, log, onOpened, onRefused } = settings
  let isOver = false
  let attempt = 0
  /** What the first transport was refused with in JSON-RPC, while the other one is tried. */
  let earlier: Envelope | undefined
  let exchange: Stop | undefined
  let pause = createStop()

  function send(): void {
    if (isOver) return
    attempt++
    let session: Session | undefined
    let words: Envelope | undefined
    const onMessage: Receive = (message, within, http) => {
      const isAnswer = message.kind === 'response' && message.id?.key === initialize.id?.key
      if (session === undefined && !isOver) {
        if (isAnswer && message.shape.result !== undefined) {
          session = openSession(message, http?.header(SESSION_HEADER), epoch)
          if (session.id !== undefined) log.hide(session.id)
        } else if (message.kind === 'request') {
          const early = earlySession(http?.header(SESSION_HEADER), epoch)
          if (settings.answersPings) return answerPing(message, early)
          settings.onEarly(early)
        }
      }
      exchanges.arrive(message, within)
    }
    exchange = exchanges.request(initialize, {
      session: { epoch },
      isOnce: true,
      onMessage,
      answer(response) {
        words = response
        if (session === undefined || isOver) return
        if ((session.version ?? '') < NO_HANDSHAKE) accept(response, session)
        else void hasMoved(response, undefined).then((isOther) => isOther || accept(response, session!))
      },
      onEnd(error) {
        if (!isOver && session === undefined) void recover(error, words)
      },
    })
  }

  function accept(result: Envelope, session: Session): void {
    isOver = true
    onOpened(result, session)
  }

  function answerPing(question: Envelope, early: Session): void {
    if (question.method === 'ping') void exchanges.post(answerEmpty(question.id!), early)
  }

  async function recover(error: BridgeError | undefined, words: Envelope | undefined): Promise<void> {
    const waitMs = error === undefined ? undefined : nextWait(error)
    if (waitMs === undefined || error === undefined) return fallBack(error, words)
    settings.onDelay(error)
    log.debug('initialize is tried again', { why: error.message, waitMs })
    pause = createStop()
    await delay(waitMs, pause)
    send()
  }

  function nextWait(error: BridgeError): number | undefined {
    const { httpStatus = 0, retryAfterMs = 0 } = error.facts
    if (isTransient(error)) {
      if (!settings.waits() && (attempt >= FEW || retryAfterMs > LONGEST_WAIT_MS)) return undefined
      return Math.max(
        WAITS_MS[attempt - 1] ?? backoff(attempt - WAITS_MS.length + 4),
        Math.min(retryAfterMs, LONGEST_WAIT_MS),
      )
    }
    // 501 is what a server of the old kind may say.
    return httpStatus >= 500 && httpStatus !== 501 && attempt === 1 ? FAILED_WAIT_MS : undefined
  }

  async function fallBack(error: BridgeError | undefined, words: Envelope | undefined): Promise<void> {
    const told = error && inContext(error, 'initialize', attempt)
    // What has answered in JSON-RPC is no server of the old transport; what has not, more likely is one.
    if (words !== undefined && (await hasMoved(words, told))) return
    const next = await transports.next(told, words).catch(toBridgeError)
    if (isOver) return
    if (next === 'again') {
      attempt = 0
      earlier = words
      return send()
    }
    const answer = words ?? earlier
    if (answer === undefined && (await hasMoved(undefined, next ?? told))) return
    isOver = true
    // What the server has said itself is told before anything that came of asking it in another way.
    onRefused(next ?? (answer === words ? told : undefined), answer)
  }

  /** Whether this is at an end. */
  async function hasMoved(answer: Envelope | undefined, error: BridgeError | undefined): Promise<boolean> {
    const isOther = await settings.isOtherEra?.(answer, error).catch(() => false)
    if (isOver) return true
    if (isOther !== true) return false
    isOver = true
    settings.onOtherEra?.()
    return true
  }

  function failToLoad(thrown: unknown): void {
    if (!isOver) onRefused(toBridgeError(thrown), undefined)
    isOver = true
  }

  const ready = transports.ready()
  if (ready === undefined) send()
  else void ready.then(send, failToLoad)

  return {
    poke: () => stopNow(pause, LEFT),
    stop(reason) {
      isOver = true
      if (exchange !== undefined) stopNow(exchange, reason)
      stopNow(pause, reason)
    },
  }
}
