// One face to the line: opens a session on the host's own first message, and holds the rest until it is open.
// Step 6 of the path. protocol.md A.1; 0.2 for a host that does not shake hands.
import { BridgeError } from '../errors.ts'
import type { Sink } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import { answerEmpty, cancelledId } from '../message/message.ts'
import { createExchanges } from './exchanges.ts'
import type { RetryLimits } from './retry.ts'
import { earlySession, openSession, type Session } from './session.ts'
import { createStop, stopNow } from './stop.ts'
import { atMost } from './time.ts'
import type { Receive, Transport } from './transport.ts'

/** How long the rest waits for `notifications/initialized` to be taken (A.1-5). */
const INITIALIZED_MS = 3000
/** How long the rest waits for the GET stream: what is said before it is open is lost (A.5). */
const LISTENING_MS = 250

export interface RemoteSettings {
  readonly transport: Transport
  readonly log: Log
  readonly toHost: Sink
  readonly limits: RetryLimits & { readonly deleteTimeoutMs: number }
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
 * `new`: nothing seen. `opening`: initialize is under way. `initializing`: its result is there, and the rest waits
 * until the remote has taken `notifications/initialized`. `open`: everything goes.
 */
type Gate = 'new' | 'opening' | 'initializing' | 'open'

export function createRemote({ transport, log, toHost, limits }: RemoteSettings): Remote {
  let gate: Gate = 'new'
  let held: Envelope[] = []
  let session: Session = {}
  /** One for each session: ends its GET stream, and tells what belongs to an earlier one. */
  let life = createStop()
  let isListening = false
  let hasInputEnded = false
  let hasInitialized = false
  let initializedIsTaken: () => void = () => {}
  const exchanges = createExchanges({
    transport,
    log,
    toHost,
    limits,
    session: () => session,
    isListening: () => isListening,
  })

  const toRemote: Sink = (envelope) => {
    if (envelope.kind === 'request' && envelope.method === 'initialize') return open(envelope)
    if (envelope.method === 'notifications/cancelled' && cancel(envelope)) return
    if (goesNow(envelope)) transmit(envelope)
    else held.push(envelope)
  }

  function goesNow(envelope: Envelope): boolean {
    const isPing = envelope.kind === 'request' && envelope.method === 'ping'
    switch (gate) {
      case 'opening':
        // The remote may ping before it answers, and wait for that (25/L).
        return isPing || envelope.kind === 'response'
      case 'initializing':
        return isPing || envelope.kind === 'response' || isInitialized(envelope)
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
    else exchanges.request(envelope)
  }

  function open(initialize: Envelope): void {
    if (gate !== 'new') reset()
    gate = 'opening'
    const mine = life
    let isOpen = false
    const onMessage: Receive = (message, sessionId) => {
      const isAnswer = message.kind === 'response' && message.id?.key === initialize.id?.key
      const isEarly = !isOpen && mine === life
      const opens = isEarly && isAnswer && message.shape.result !== undefined
      if (opens) session = openSession(message, sessionId())
      else if (isEarly && message.kind === 'request') session = earlySession(sessionId())
      if (isEarly && session.id !== undefined) log.hide(session.id)
      exchanges.arrive(message, sessionId)
      if (!opens) return
      isOpen = true
      begin()
    }
    const onEnd = (error: BridgeError | undefined): void => {
      if (isOpen || mine !== life) return
      gate = 'open'
      const why = error ?? new BridgeError('protocol', 'the remote has refused to initialize')
      for (const envelope of takeHeld()) if (envelope.kind === 'request') exchanges.refuse(envelope, why)
    }
    exchanges.request(initialize, { onMessage, onEnd })
  }

  /** The InitializeResult has gone to the host. */
  function begin(): void {
    gate = 'initializing'
    const mine = life
    const onChange = (isOpen: boolean): void => {
      if (mine !== life) return
      isListening = isOpen
      if (!isOpen) exchanges.streamEnded()
    }
    // In the next turn: the InitializeResult is written first, a millisecond earlier.
    const heard = nextTurn().then(() =>
      transport.listen(session, { stop: mine, onMessage: exchanges.arriveElsewhere, onChange }),
    )
    const taken = new Promise<void>((resolve) => {
      initializedIsTaken = resolve
    })
    void Promise.all([atMost(taken, INITIALIZED_MS), atMost(heard, LISTENING_MS)]).then(() => {
      if (mine !== life) return
      gate = 'open'
      for (const envelope of takeHeld()) transmit(envelope)
    })
    const initialized = held.find(isInitialized)
    held = held.filter((envelope) => envelope !== initialized)
    if (initialized !== undefined) transmit(initialized)
    else if (hasInputEnded) initializedIsTaken()
  }

  /** The host starts anew on the same pipe: nothing is left of the old session. */
  function reset(): void {
    const reason = new BridgeError('session-lost', 'the host started a new session', { maybeDelivered: true })
    for (const envelope of takeHeld()) if (envelope.kind === 'request') exchanges.refuse(envelope, reason)
    void end(reason)
    life = createStop()
    isListening = false
    hasInitialized = false
  }

  function takeHeld(): Envelope[] {
    const all = held
    held = []
    return all
  }

  /** Whether the cancellation has been dealt with, so that nothing is sent. */
  function cancel(cancellation: Envelope): boolean {
    const id = cancelledId(cancellation)
    if (id === undefined) return false
    const waiting = held.find((envelope) => envelope.kind === 'request' && envelope.id?.key === id.key)
    held = held.filter((envelope) => envelope !== waiting)
    return waiting !== undefined || exchanges.cancel(id)
  }

  async function end(reason: BridgeError): Promise<void> {
    const ending = session
    session = {}
    exchanges.abort(reason)
    stopNow(life, reason)
    if (ending.id !== undefined) await transport.end(ending, limits.deleteTimeoutMs)
  }

  return {
    toRemote,
    inputEnded() {
      hasInputEnded = true
      if (!hasInitialized) initializedIsTaken()
    },
    idle: exchanges.idle,
    async close() {
      await end(new BridgeError('shutdown', 'the bridge is closing', { maybeDelivered: true }))
      transport.close()
    },
  }
}

function isInitialized({ kind, method }: Envelope): boolean {
  return kind === 'notification' && method === 'notifications/initialized'
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
