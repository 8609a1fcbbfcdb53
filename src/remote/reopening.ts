// A lost session, opened anew without the host noticing: once for all that find it lost. protocol.md A.6.2.
import { BridgeError, toBridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { withId } from '../message/edit.ts'
import type { Envelope } from '../message/envelope.ts'
import { notification, ownId } from '../message/message.ts'
import type { Asks } from './asks.ts'
import type { Exchanges } from './exchange.ts'
import { moved } from './failures.ts'
import { INITIALIZED_MS } from './gate.ts'
import { type OpeningSettings, open } from './opening.ts'
import type { Restorable } from './restorable.ts'
import { quoteOf } from './said.ts'
import { resultText, type Session } from './session.ts'
import { atMost } from './time.ts'
import type { Transports } from './transports.ts'

/** How long a remote that is not there is waited for. */
const REOPEN_MS = 30_000
const WINDOW_MS = 60_000
/** How long what was under way in the old session may still be answered there. */
const GRACE_MS = 5000

export interface ReopeningSettings {
  readonly exchanges: Exchanges
  readonly asks: Asks
  readonly transports: Transports
  readonly restorable: Restorable
  readonly log: Log
  readonly mostReopens: number
  readonly session: () => Session
  /** The host's own handshake, if there has been one. */
  readonly initialize: () => Envelope | undefined
  readonly hasInitialized: () => boolean
  /** The InitializeResult that the host goes by; absent while that is a stand-in. */
  readonly result: () => Envelope | undefined
  /** The old session is over; the messages of the host wait from here on. */
  readonly onBegin: () => void
  /** The new session is there; resolves when its stream is open. */
  readonly onSession: (session: Session, result: Envelope) => Promise<void>
  /** The messages of the host go on. */
  readonly onOpen: (epoch: number) => void
  readonly onFailed: (error: BridgeError, epoch: number) => void
  readonly isOtherEra?: OpeningSettings['isOtherEra']
  readonly onOtherEra: () => void
}

export interface Reopening {
  /** Resolves with undefined when there is a session in place of this one, else with why there is none. */
  reopen(lost: Session): Promise<BridgeError | undefined>
  /** The host has done with all sessions so far. */
  stop(reason: BridgeError): void
}

export function createReopening(settings: ReopeningSettings): Reopening {
  const { exchanges, asks, transports, restorable, log, session } = settings
  let running: Promise<BridgeError | undefined> | undefined
  /** Whether there is no session, though there was one. */
  let isWithout = false
  let losses: number[] = []
  let giveUp: ((reason: BridgeError) => void) | undefined

  function reopen(lost: Session): Promise<BridgeError | undefined> {
    if (running !== undefined) return running
    if (lost.epoch !== session().epoch && !isWithout) return Promise.resolve(undefined)
    const initialize = settings.initialize()
    if (initialize === undefined)
      return Promise.resolve(new BridgeError('session-lost', 'the session is gone'))
    if (!isWithout) losses.push(Date.now())
    losses = losses.filter((at) => Date.now() - at < WINDOW_MS)
    running = run(initialize)
    return running
  }

  async function run(initialize: Envelope): Promise<BridgeError | undefined> {
    const old = session()
    const epoch = old.epoch + 1
    if (!isWithout) log.info('the session is lost; a new one is opened', { epoch })
    settings.onBegin()
    isWithout = true
    exchanges.dropQuestions('the session with the server was lost')
    abandonLater(old)
    const failure = await (losses.length > settings.mostReopens ? repeatedly() : establish(initialize, epoch))
    // What comes from here on has it tried anew: it would wait for one that is over.
    running = undefined
    if (failure !== undefined) {
      log.debug('there is no new session', { why: failure.message })
      settings.onFailed(failure, epoch)
      return failure
    }
    isWithout = false
    settings.onOpen(epoch)
    return undefined
  }

  async function establish(initialize: Envelope, epoch: number): Promise<BridgeError | undefined> {
    try {
      const before = settings.result()
      const { result, session: opened } = await shake(initialize, epoch)
      compare(before, result)
      const heard = settings.onSession(opened, result)
      const taken = settings.hasInitialized() ? exchanges.post(INITIALIZED, opened) : Promise.resolve()
      await Promise.all([atMost(taken, INITIALIZED_MS), heard])
      await restore(opened)
      return undefined
    } catch (thrown) {
      return toBridgeError(thrown)
    }
  }

  function shake(initialize: Envelope, epoch: number): Promise<{ result: Envelope; session: Session }> {
    const startedAt = Date.now()
    let last: BridgeError | undefined
    // Made only then: an error keeps what was on the stack, which is the session before, and that one's error the one before.
    const late = (): BridgeError =>
      last ?? new BridgeError('timeout', `the remote did not open a new session within ${REOPEN_MS} ms`)
    const timer = setTimeout(() => giveUp?.(late()), REOPEN_MS)
    const shaken = new Promise<{ result: Envelope; session: Session }>((resolve, reject) => {
      giveUp = (reason) => {
        opening.stop(reason)
        reject(reason)
      }
      const opening = open({
        initialize: withId(initialize, ownId(`mcp-ferry:init:${epoch}`)),
        epoch,
        exchanges,
        transports,
        log,
        waits: () => Date.now() - startedAt < REOPEN_MS,
        onEarly() {},
        answersPings: true,
        onDelay(error) {
          last = error
        },
        onOpened: (result, opened) => resolve({ result, session: opened }),
        isOtherEra: settings.isOtherEra,
        onOtherEra() {
          settings.onOtherEra()
          reject(moved())
        },
        onRefused: (error, answer) => reject(error ?? refusedBy(answer, log.redact)),
      })
    })
    return shaken.finally(() => clearTimeout(timer))
  }

  function compare(before: Envelope | undefined, now: Envelope): void {
    const [old, fresh] = [before && resultText(before), resultText(now)]
    if (old !== undefined && old !== fresh)
      log.info('the server has introduced itself in another way than before; it may have been updated')
  }

  async function restore(opened: Session): Promise<void> {
    const all = restorable.requests().map(async (request) => {
      const answer = await asks.ask(request, opened)
      if (answer.shape.error !== undefined) throw new BridgeError('protocol', 'the server has refused it')
    })
    for (const outcome of await Promise.allSettled(all))
      if (outcome.status === 'rejected')
        log.warn(`not all could be restored in the new session: ${toBridgeError(outcome.reason).message}`)
  }

  /** An answer may still be on its way in the old session; a remote that has forgotten it may keep its streams open. */
  function abandonLater(old: Session): void {
    const reason = new BridgeError(
      'session-lost',
      'the session was lost while the request was running; it may or may not have taken effect',
      { retryable: true, maybeDelivered: true },
    )
    setTimeout(() => exchanges.abandon(old, reason), GRACE_MS).unref()
  }

  return {
    reopen,
    stop(reason) {
      isWithout = false
      giveUp?.(reason)
    },
  }
}

const INITIALIZED = notification('notifications/initialized')

function repeatedly(): BridgeError {
  const text = 'the remote drops sessions repeatedly; wait a minute, or look at its log'
  return new BridgeError('session-lost', text, { retryable: true, maybeDelivered: false })
}

function refusedBy(answer: Envelope | undefined, redact: Log['redact']): BridgeError {
  const text = `the session was lost, and the remote refuses a new one${quoteOf(answer, redact)}`
  return new BridgeError('session-lost', text, { retryable: true, maybeDelivered: false })
}
