// One face to the line: opens a session on the host's own first message, holds the rest until it is open, and opens it
// anew when the remote has lost it. Step 6 of the path. protocol.md A.1, A.6, 0.12; 0.2 for a host that does not shake
// hands.
import { BridgeError } from '../errors.ts'
import type { Sink } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import { answerEmpty, cancelledId, notification } from '../message/message.ts'
import { createAsks } from './asks.ts'
import { createExchanges } from './exchanges.ts'
import { createHeld } from './held.ts'
import { keepListening, type Listener } from './listening.ts'
import { type Opening, open } from './opening.ts'
import { createReopening } from './reopening.ts'
import { createRestorable } from './restorable.ts'
import type { RetryLimits } from './retry.ts'
import type { Session } from './session.ts'
import { emptyList, listKinds, patienceMs, provisionalAnswer, resultText } from './start.ts'
import { createStop, stopNow } from './stop.ts'
import { atMost } from './time.ts'
import type { Transports } from './transports.ts'
import { watchPeer } from './watching.ts'

/** How long the rest waits for `notifications/initialized` to be taken (A.1-5). */
const INITIALIZED_MS = 3000
/** How long the rest waits for the GET stream: what is said before it is open is lost (A.5). */
const LISTENING_MS = 250

export interface RemoteLimits extends RetryLimits {
  readonly deleteTimeoutMs: number
  /** After how long the host's `initialize` is answered in the remote's stead; 0: never. */
  readonly startBudgetMs: number
  /** How often within a minute a lost session is opened anew. */
  readonly reopens: number
  /** How often the remote is asked whether it is still there; 0: never. */
  readonly pingIntervalMs: number
}

export interface RemoteSettings {
  readonly transports: Transports
  readonly log: Log
  readonly toHost: Sink
  readonly limits: RemoteLimits
  /** The remote's host name, for sentences. */
  readonly host: string
  /** Gives up idle connections. */
  readonly dropIdle: () => void
  /** What the remote said at an earlier start, as the JSON of its InitializeResult. */
  readonly recall: () => Promise<string | undefined>
  readonly remember: (initializeResult: string) => void
}

export interface Remote {
  readonly toRemote: Sink
  /** The host will send no more: what is held for a message that cannot come any more is sent. */
  inputEnded(): void
  /** Resolves when no notification or response of the host's waits to be sent. */
  idle(): Promise<void>
  /** Ends all exchanges and the session. */
  close(): Promise<void>
}

/**
 * `new`: nothing seen. `opening`: initialize is under way. `provisional`: the same, and the host has been answered in
 * the remote's stead. `initializing`: its result is there, and the rest waits until the remote has taken
 * `notifications/initialized`. `open`: everything goes. `reopening`: the session was lost, a new one is under way.
 * `lost`: there is none; the host's next request has it opened.
 */
type Gate = 'new' | 'opening' | 'provisional' | 'initializing' | 'open' | 'reopening' | 'lost'

export function createRemote(settings: RemoteSettings): Remote {
  const { transports, log, toHost, limits } = settings
  let gate: Gate = 'new'
  const held = createHeld()
  let session: Session = { epoch: 0 }
  /** One for each session: ends its GET stream, and tells what belongs to an earlier one. */
  let life = createStop()
  let listener: Listener | undefined
  let isListening = false
  let hasInputEnded = false
  let hasInitialized = false
  let initializedIsTaken: () => void = () => {}
  let initialize: Envelope | undefined
  let opening: Opening | undefined
  let budget: NodeJS.Timeout | undefined
  /** Why the remote is not open yet. */
  let delayed: BridgeError | undefined
  /** The InitializeResult that the host goes by; absent while that is a stand-in. */
  let result: Envelope | undefined
  /** Lists that were answered as empty because the remote was not there. */
  const toldEmpty = new Set<string>()
  const restorable = createRestorable()

  const exchanges = createExchanges({
    transport: transports.current,
    log,
    toHost,
    limits,
    session: () => session,
    isListening: () => isListening,
    reopen: (lost) => reopening.reopen(lost),
    isGone,
  })
  const asks = createAsks(exchanges)
  const reopening = createReopening({
    exchanges,
    asks,
    transports,
    restorable,
    log,
    mostReopens: limits.reopens,
    session: () => session,
    initialize: () => initialize,
    hasInitialized: () => hasInitialized,
    result: () => result,
    onBegin(placeholder) {
      endLife()
      session = placeholder
      gate = 'reopening'
    },
    async onSession(opened, answer) {
      if (opened.epoch !== session.epoch) return
      session = opened
      result ??= answer
      await atMost(listen(), LISTENING_MS)
    },
    onOpen(epoch) {
      if (epoch !== session.epoch) return
      release()
      tellChanges()
    },
    onFailed(error, epoch) {
      if (epoch !== session.epoch) return
      gate = 'lost'
      refuseHeld(error)
    },
  })
  const watching = watchPeer({
    pingIntervalMs: limits.pingIntervalMs,
    log,
    isOpen: () => gate === 'open',
    ping: (limitMs) => asks.ping(session, limitMs),
    isBoundToStream: transports.isBoundToStream,
    renew() {
      settings.dropIdle()
      listener?.reconnect()
      exchanges.reconnect()
    },
    sever(reason) {
      settings.dropIdle()
      listener?.reconnect()
      exchanges.sever(reason)
    },
  })

  /** A GET that was refused proves nothing: the remote is asked (A.5). */
  async function isGone(doubted: Session): Promise<boolean> {
    if (doubted.epoch !== session.epoch) return true
    try {
      await asks.ping(doubted)
      return false
    } catch (thrown) {
      return (thrown as BridgeError).kind === 'session-lost'
    }
  }

  const toRemote: Sink = (envelope) => {
    if (envelope.kind === 'request' && envelope.method === 'initialize') return begin(envelope)
    if (envelope.method === 'notifications/cancelled' && cancel(envelope)) return
    if (goesNow(envelope)) transmit(envelope)
    else hold(envelope)
  }

  function goesNow(envelope: Envelope): boolean {
    const isPing = envelope.kind === 'request' && envelope.method === 'ping'
    switch (gate) {
      case 'opening':
        // The remote may ping before it answers, and wait for that (25/L).
        return isPing || envelope.kind === 'response'
      case 'initializing':
        return isPing || envelope.kind === 'response' || isInitialized(envelope)
      case 'provisional':
      case 'reopening':
      case 'lost':
        return envelope.kind === 'response'
      case 'new':
      case 'open':
        return true
    }
  }

  function transmit(envelope: Envelope): void {
    if (envelope.kind !== 'request') {
      const conveyed = exchanges.convey(envelope)
      if (!isInitialized(envelope)) return
      hasInitialized = true
      void conveyed.then(initializedIsTaken)
    } else if (gate === 'new' && envelope.method === 'ping') toHost(answerEmpty(envelope.id!))
    else if (restorable.concerns(envelope.method)) exchanges.request(envelope, { answer: noting(envelope) })
    else exchanges.request(envelope)
  }

  function noting(request: Envelope): Sink {
    return (response) => {
      if (response.shape.result !== undefined) restorable.note(request)
      toHost(response)
    }
  }

  function hold(envelope: Envelope): void {
    const isRequest = envelope.kind === 'request'
    if (gate === 'provisional' && isRequest) {
      if (envelope.method === 'ping') return toHost(answerEmpty(envelope.id!))
      opening?.poke()
      return held.push(envelope, { waitMs: patienceMs(envelope.method!), late: () => answerLate(envelope) })
    }
    held.push(envelope)
    // What the host says in between has been said once there is a session again.
    if (gate === 'lost' && isInitialized(envelope)) hasInitialized = true
    if (gate === 'lost' && isRequest) void reopening.reopen(session)
  }

  /** The remote is still not there. */
  function answerLate(request: Envelope): void {
    const empty = emptyList(request)
    if (empty === undefined) return void exchanges.refuse(request, notThere())
    toldEmpty.add(empty.kind)
    toHost(empty.answer)
  }

  function notThere(): BridgeError {
    if (delayed === undefined) {
      const text = `${settings.host} has not answered initialize yet`
      return new BridgeError('timeout', text, { retryable: true, maybeDelivered: false })
    }
    const { kind, message, facts } = delayed
    return new BridgeError(kind, message, { ...facts, maybeDelivered: false })
  }

  function begin(request: Envelope): void {
    if (gate !== 'new') reset()
    gate = 'opening'
    initialize = request
    if (limits.startBudgetMs > 0) budget = setTimeout(standIn, limits.startBudgetMs)
    const { epoch } = session
    opening = open({
      initialize: request,
      epoch,
      exchanges,
      transports,
      log,
      waits: () => !hasInputEnded,
      onEarly(early) {
        session = early
        if (early.id !== undefined) log.hide(early.id)
      },
      onDelay(why) {
        delayed = why
      },
      onOpened(answer, opened) {
        clearTimeout(budget)
        opening = undefined
        session = opened
        result = answer
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
    clearTimeout(budget)
    opening = undefined
    const why = error ?? new BridgeError('protocol', 'the remote has refused to initialize')
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

  /** The start budget is used up: the host is answered in the remote's stead. */
  async function standIn(): Promise<void> {
    const mine = life
    const remembered = await settings.recall()
    if (mine !== life || gate !== 'opening' || initialize === undefined) return
    const why = log.redact(delayed?.message ?? 'it has not answered yet')
    log.warn(`${settings.host} is not connected yet, and is tried again and again: ${why}`)
    gate = 'provisional'
    toHost(provisionalAnswer(initialize, { host: settings.host, why, remembered }))
    for (const envelope of held.takeAll()) hold(envelope)
  }

  /** The session is open: the host's `initialized` goes first, beside the GET stream, then the rest. */
  function settle(hasStoodIn: boolean): void {
    gate = 'initializing'
    const mine = life
    // In the next turn: the InitializeResult is written first, a millisecond earlier.
    const heard = nextTurn().then(() => (mine === life ? listen() : undefined))
    const taken = new Promise<void>((resolve) => {
      initializedIsTaken = resolve
    })
    void Promise.all([atMost(taken, INITIALIZED_MS), atMost(heard, LISTENING_MS)]).then(() => {
      if (mine !== life) return
      release()
      if (hasStoodIn) tellChanges()
    })
    const initialized = held.takeFirst(isInitialized)
    if (initialized !== undefined) transmit(initialized)
    else if (hasInputEnded) initializedIsTaken()
  }

  function release(): void {
    gate = 'open'
    for (const envelope of held.takeAll()) transmit(envelope)
  }

  /** What the host knows of the remote's lists may not be true any more (A.6.2-8, 0.12). */
  function tellChanges(): void {
    const { offered, changing } = listKinds(result && resultText(result))
    const kinds = toldEmpty.size > 0 ? [...toldEmpty, ...offered] : changing
    toldEmpty.clear()
    for (const kind of new Set(kinds)) toHost(notification(`notifications/${kind}/list_changed`))
  }

  function listen(): Promise<void> {
    const mine = life
    const within = session
    listener = keepListening({
      transport: transports.current(),
      session: within,
      life: mine,
      log,
      onMessage: exchanges.arriveElsewhere,
      onChange(isOpen) {
        if (mine !== life) return
        isListening = isOpen
        if (!isOpen) exchanges.streamEnded()
      },
      isGone: () => isGone(within),
      onLost: () => void reopening.reopen(within),
    })
    return listener.heard
  }

  /** Ends what belongs to the present session alone. */
  function endLife(): void {
    stopNow(life, new BridgeError('session-lost', 'the session is over'))
    life = createStop()
    listener = undefined
    isListening = false
    exchanges.streamEnded()
  }

  /** The host starts anew on the same pipe: nothing is left of the old session. */
  function reset(): void {
    const reason = new BridgeError('session-lost', 'the host started a new session', { maybeDelivered: true })
    if (initialize !== undefined && gate === 'opening') exchanges.refuse(initialize, reason)
    refuseHeld(reason)
    void end(reason)
    restorable.clear()
    toldEmpty.clear()
    hasInitialized = false
    result = undefined
    delayed = undefined
  }

  function refuseHeld(why: BridgeError): void {
    const { kind, message, facts } = why
    const error = new BridgeError(kind, message, { ...facts, maybeDelivered: false })
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
    return held.take(id) !== undefined || exchanges.cancel(id)
  }

  async function end(reason: BridgeError): Promise<void> {
    clearTimeout(budget)
    const ending = session
    const transport = transports.current()
    session = { epoch: session.epoch + 1 }
    opening?.stop(reason)
    opening = undefined
    exchanges.abort(reason)
    endLife()
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
    async close() {
      watching.stop()
      await end(new BridgeError('shutdown', 'the bridge is closing', { maybeDelivered: true }))
    },
  }
}

function isInitialized({ kind, method }: Envelope): boolean {
  return kind === 'notification' && method === 'notifications/initialized'
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
