// One face to the line: opens a session on the host's own first message, holds the rest until it is open, and opens it
// anew when the remote has lost it. Step 6 of the path. protocol.md A.1, A.6, 0.12; 0.2 for hosts without a handshake.
import { BridgeError, isBridgeError, restarted } from '../errors.ts'
import type { Sink } from '../lane.ts'
import type { Envelope } from '../message/envelope.ts'
import { answerEmpty, cancelledId } from '../message/message.ts'
import { createAsks } from './asks.ts'
import { createExchanges } from './exchanges.ts'
import { moved, notReopened } from './failures.ts'
import { type Gate, goesNow, INITIALIZED_MS, isInitialized, LISTENING_MS, UNASKED_MS } from './gate.ts'
import { createHeld } from './held.ts'
import { createLife } from './life.ts'
import { type Opening, open } from './opening.ts'
import type { Remote, RemoteSettings } from './remote-face.ts'
import { watchRemote } from './renewal.ts'
import { createReopening, type Reopening, type ReopeningSettings } from './reopening.ts'
import { createRestorable } from './restorable.ts'
import { quoteOf } from './said.ts'
import { resultText, type Session } from './session.ts'
import { createStandIn } from './stand-in.ts'
import { patienceMs } from './start.ts'
import { atMost, nextTurn } from './time.ts'
import { createTold } from './told.ts'

export function createRemote(settings: RemoteSettings): Remote {
  const { transports, log, toHost, limits, weigh } = settings
  let gate: Gate = 'new'
  const held = createHeld(weigh)
  let hasInputEnded = false
  let hasInitialized = false
  let initializedIsTaken: () => void = () => {}
  let initialize: Envelope | undefined
  let opening: Opening | undefined
  let hasMoved = false
  const told = createTold()
  const standIn = createStandIn({ ...settings, told, startBudgetMs: limits.startBudgetMs })
  const restorable = createRestorable()
  const exchanges = createExchanges({
    transport: transports.current,
    log,
    toHost,
    limits,
    weigh,
    ...(settings.onStream && { onStream: settings.onStream }),
    session: () => life.session,
    isListening: () => life.isListening,
    reopen: (lost) => reopening().reopen(lost),
    isGone,
    forward(request) {
      if (hasMoved) settings.onForward?.(request)
      return hasMoved
    },
  })
  const asks = createAsks(exchanges)
  const life = createLife({
    transports,
    log,
    onMessage: exchanges.arriveElsewhere,
    onSilence: exchanges.streamEnded,
    isGone,
    onLost: (lost) => void reopening().reopen(lost),
  })
  let reopens: Reopening | undefined
  const reopening = (): Reopening => (reopens ??= createReopening(reopeningSettings))
  const reopeningSettings: ReopeningSettings = {
    exchanges,
    asks,
    transports,
    restorable,
    log,
    mostReopens: limits.reopens,
    session: () => life.session,
    initialize: () => initialize,
    hasInitialized: () => hasInitialized,
    result: () => told.result,
    onBegin() {
      life.next()
      gate = 'reopening'
    },
    async onSession(opened, answer) {
      if (opened.epoch !== life.session.epoch) return
      life.session = opened
      told.result ??= answer
      await atMost(life.listen(), LISTENING_MS)
    },
    onOpen(epoch) {
      if (epoch !== life.session.epoch) return
      release()
      for (const change of told.changes()) toHost(change)
    },
    onFailed(error, epoch) {
      if (epoch !== life.session.epoch) return
      gate = 'lost'
      refuseHeld(error)
    },
    isOtherEra: settings.isOtherEra,
    onOtherEra: move,
  }
  const watching = watchRemote({ ...settings, asks, life, exchanges, isOpen: () => gate === 'open' })

  async function isGone(doubted: Session): Promise<boolean> {
    return doubted.epoch !== life.session.epoch || asks.isGone(doubted)
  }

  const toRemote: Sink = (envelope) => {
    if (envelope.kind === 'request' && envelope.method === 'initialize') return begin(envelope)
    if (envelope.method === 'notifications/cancelled' && cancel(envelope)) return
    return goesNow(gate, envelope) ? transmit(envelope) : hold(envelope)
  }

  function transmit(envelope: Envelope): void {
    if (envelope.kind !== 'request') {
      const conveyed = exchanges.convey(envelope)
      if (!isInitialized(envelope)) return
      hasInitialized = true
      void conveyed.then(initializedIsTaken)
    } else if (gate === 'new' && envelope.method === 'ping') toHost(answerEmpty(envelope.id!))
    else {
      const answer = restorable.noting(envelope, toHost)
      exchanges.request(envelope, answer && { answer })
    }
  }

  function hold(envelope: Envelope): void {
    const isRequest = envelope.kind === 'request'
    if (gate === 'provisional' && isRequest) {
      if (envelope.method === 'ping') return toHost(answerEmpty(envelope.id!))
      opening?.poke()
      const waitMs = patienceMs(envelope.method!, settings.waitsFor() !== undefined)
      return held.push(envelope, { waitMs, late: () => answerLate(envelope) })
    }
    // The next session is told when it is opened.
    if (gate === 'lost' && isInitialized(envelope)) hasInitialized = true
    else held.push(envelope)
    if (gate === 'lost' && isRequest) void reopening().reopen(life.session)
  }

  /** The remote is still not there. */
  function answerLate(request: Envelope): void {
    const answer = standIn.late(request)
    if (isBridgeError(answer)) exchanges.refuse(request, answer)
    else toHost(answer)
  }

  function begin(request: Envelope): void {
    if (gate !== 'new') reset()
    hasMoved = false
    gate = 'opening'
    initialize = request
    const mine = life.mark
    const isWanted = (): boolean => mine === life.mark && gate === 'opening'
    standIn.begin(request, isWanted, (answer) => {
      gate = 'provisional'
      toHost(answer)
      for (const envelope of held.takeAll()) hold(envelope)
    })
    opening = open({
      initialize: request,
      epoch: life.session.epoch,
      exchanges,
      transports,
      log,
      waits: () => !hasInputEnded && limits.startBudgetMs >= 0,
      onEarly(early) {
        life.session = early
        if (early.id !== undefined) log.hide(early.id)
      },
      onDelay(why) {
        standIn.delayed = why
      },
      isOtherEra: settings.isOtherEra,
      onOtherEra: move,
      onOpened(answer, opened) {
        standIn.end()
        opening = undefined
        life.session = opened
        told.result = answer
        const wasTold = gate === 'provisional'
        if (!wasTold) toHost(answer)
        const text = resultText(answer)
        if (text !== undefined) settings.remember(text)
        settle(wasTold)
      },
      onRefused: (error, answer) => refused(request, error, answer),
    })
  }

  function refused(request: Envelope, error: BridgeError | undefined, answer: Envelope | undefined): void {
    standIn.end()
    opening = undefined
    const text = `the remote has refused to initialize${quoteOf(answer, log.redact)}`
    const why = error ?? new BridgeError('protocol', text)
    if (gate === 'provisional') {
      gate = 'lost'
      log.error(why.message)
    } else {
      gate = 'open'
      if (answer !== undefined) toHost(answer)
      else exchanges.refuse(request, why)
    }
    refuseHeld(why)
  }

  /** The remote speaks the other era: what waits here goes to whoever speaks with it now. */
  function move(): void {
    const isAnswered = gate !== 'opening'
    const left = { initialize: initialize!, isAnswered, isInitialized: hasInitialized, held: held.takeAll() }
    gate = 'lost'
    hasMoved = true
    opening = undefined
    void end(moved())
    settings.onMoved?.(left)
  }

  /** The session is open: the host's `initialized` goes first, beside the GET stream, then the rest. */
  function settle(wasTold: boolean): void {
    gate = 'initializing'
    const mine = life.mark
    // In the next turn: the InitializeResult is written first, a millisecond earlier.
    const heard = nextTurn().then(() => (mine === life.mark ? life.listen() : undefined))
    const taken = new Promise<void>((resolve) => {
      initializedIsTaken = resolve
    })
    void Promise.all([atMost(taken, INITIALIZED_MS), atMost(heard, LISTENING_MS)]).then(() => {
      if (mine !== life.mark) return
      release()
      if (wasTold) for (const change of told.changes()) toHost(change)
    })
    const initialized = held.takeFirst(isInitialized)
    if (initialized !== undefined) transmit(initialized)
    else if (hasInputEnded) initializedIsTaken()
  }

  function release(): void {
    gate = 'open'
    for (const envelope of held.takeAll()) transmit(envelope)
  }

  /** The host starts anew on the same pipe: nothing is left of the old session. */
  function reset(): void {
    if (initialize !== undefined && gate === 'opening') exchanges.refuse(initialize, restarted())
    refuseHeld(restarted())
    void end(restarted())
    restorable.clear()
    told.clear()
    hasInitialized = false
    standIn.delayed = undefined
  }

  function refuseHeld(why: BridgeError): void {
    const error = notReopened(why)
    for (const envelope of held.takeAll()) {
      if (envelope.kind === 'request') exchanges.refuse(envelope, error)
      // The next session will be told.
      else if (isInitialized(envelope)) hasInitialized = true
    }
  }

  /** Whether the cancellation has been dealt with, so that nothing is sent. */
  function cancel(cancellation: Envelope): boolean {
    const id = cancelledId(cancellation)
    if (id === undefined) return false
    // initialize must not be cancelled (25/CAN), nor between two tries.
    const isOpening = opening !== undefined && id.key === initialize?.id?.key
    return held.take(id) !== undefined || exchanges.cancel(id) || isOpening
  }

  async function end(reason: BridgeError): Promise<void> {
    standIn.end()
    const transport = transports.current()
    opening?.stop(reason)
    opening = undefined
    reopens?.stop(reason)
    exchanges.abort(reason)
    const ending = life.next()
    if (ending.id !== undefined) await transport.end(ending, limits.deleteTimeoutMs)
  }

  return {
    toRemote,
    inputEnded() {
      hasInputEnded = true
      opening?.poke()
      if (!hasInitialized) initializedIsTaken()
    },
    idle: exchanges.idle,
    silentForMs: life.silentForMs,
    async canSpeakUnasked() {
      await atMost(life.heard(), UNASKED_MS)
      return life.isOffered || transports.isBoundToStream()
    },
    async close() {
      watching.stop()
      held.takeAll()
      await end(new BridgeError('shutdown', 'the bridge is closing', { maybeDelivered: true }))
    },
  }
}
