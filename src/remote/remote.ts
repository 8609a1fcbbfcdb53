// One face to the line: opens a session on the host's own first message, holds the rest until it is open, and sees
// that each request ends in an answer. Step 6 of the path. protocol.md A.1–A.3, A.9; 0.2 for a host without handshake.
import { BridgeError, redacted } from '../errors.ts'
import type { Lane, Sink } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import { answerEmpty, cancelledId, refusal } from '../message/message.ts'
import { createOutbox } from './outbox.ts'
import { nextTry, type RetryLimits } from './retry.ts'
import { openSession, type Session } from './session.ts'
import type { Posted, Transport } from './transport.ts'

/** How long the rest waits for `notifications/initialized` to be taken (A.1-5). */
const INITIALIZED_MS = 3000
/** How long the rest waits for the GET stream: what is said before it is open is lost (A.5). */
const LISTENING_MS = 250
/** How long an answer may come on the GET stream after an empty answer to the POST (A.2). */
const ELSEWHERE_MS = 60_000
/** How long a cancelled request is still read for (A.9). */
const CANCELLED_MS = 5000
/** How often the host's answer to a question of the remote is sent again: the remote is blocked on it (A.2). */
const RESPONSE_TRIES = 3
const RESPONSE_WAIT_MS = 500

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
  /** Resolves when no notification or response of the host's is waiting to be sent. */
  idle(): Promise<void>
  /** Ends all exchanges and the session. */
  close(): Promise<void>
}

/** A request of the host's that is under way. */
interface Exchange {
  readonly request: Envelope
  readonly controller: AbortController
  hasLeft: boolean
  isCancelled: boolean
  isAnswered: boolean
  /** Called when its response has come, by whichever stream. */
  onAnswered?: () => void
}

/**
 * `new`: nothing seen. `opening`: initialize is under way. `initializing`: its result is there, and the rest waits
 * until the remote has taken `notifications/initialized`. `open`: everything goes.
 */
type Gate = 'new' | 'opening' | 'initializing' | 'open'

export function createRemote({ transport, log, toHost, limits }: RemoteSettings): Remote {
  const exchanges = new Map<string, Exchange>()
  const questions = new Set<string>()
  const outbox = createOutbox()
  let listening = new AbortController()
  let gate: Gate = 'new'
  let held: Envelope[] = []
  let session: Session = {}
  let isListening = false
  let hasInputEnded = false
  let openGate: () => void = () => {}

  const toRemote: Sink = (envelope) => {
    if (envelope.method === 'initialize' && envelope.kind === 'request') return void open(envelope)
    if (envelope.method === 'notifications/cancelled' && cancel(envelope)) return
    switch (gate) {
      case 'new':
        if (isPing(envelope)) return toHost(answerEmpty(envelope.id!))
        return transmit(envelope)
      case 'opening':
        return isPing(envelope) ? transmit(envelope) : void held.push(envelope)
      case 'initializing':
        if (envelope.method === 'notifications/initialized') return confirm(envelope)
        return isPing(envelope) || envelope.kind === 'response' ? transmit(envelope) : void held.push(envelope)
      case 'open':
        return transmit(envelope)
    }
  }

  /** A message from the remote, on whichever stream it came. */
  const arrive: Sink = (envelope) => {
    if (envelope.kind === 'request') questions.add(envelope.id!.key)
    const exchange = envelope.kind === 'response' && envelope.id ? exchanges.get(envelope.id.key) : undefined
    toHost(envelope)
    if (exchange === undefined) return
    exchange.isAnswered = true
    exchange.onAnswered?.()
  }

  // The handshake.

  async function open(initialize: Envelope): Promise<void> {
    if (gate !== 'new') reset()
    gate = 'opening'
    const current = listening
    let opened: Session | undefined
    const onMessage = (message: Envelope, sessionId: string | undefined): void => {
      const isResult = message.kind === 'response' && message.id?.key === initialize.id?.key
      if (isResult && message.shape.result !== undefined) opened = openSession(message, sessionId)
      if (opened !== undefined && isResult) session = opened
      if (opened?.id !== undefined) log.hide(opened.id)
      arrive(message)
      if (opened !== undefined && isResult) begin()
    }
    const error = await deliver(initialize, onMessage)
    if (opened !== undefined || current !== listening) return
    const failure = error ?? new BridgeError('protocol', 'the remote refused to initialize')
    gate = 'open'
    for (const envelope of take()) if (envelope.kind === 'request') refuse(envelope, failure)
  }

  /** The InitializeResult has gone to the host. */
  function begin(): void {
    gate = 'initializing'
    const current = listening
    const heard = transport.listen(session, { signal: current.signal, onMessage: arrive }).then((state) => {
      if (current === listening) isListening = state === 'open'
    })
    let taken: () => void = () => {}
    const wasTaken = new Promise<void>((resolve) => {
      taken = resolve
    })
    openGate = taken
    void Promise.all([atMost(wasTaken, INITIALIZED_MS), atMost(heard, LISTENING_MS)]).then(() => {
      if (current === listening && gate === 'initializing') release()
    })
    const confirmation = held.find(({ method }) => method === 'notifications/initialized')
    held = held.filter((envelope) => envelope !== confirmation)
    if (confirmation !== undefined) confirm(confirmation)
    else if (hasInputEnded) taken()
  }

  function confirm(initialized: Envelope): void {
    const taken = openGate
    outbox.inOrder(async () => {
      await convey(initialized)
      taken()
    })
  }

  function release(): void {
    gate = 'open'
    for (const envelope of take()) transmit(envelope)
  }

  function take(): Envelope[] {
    const all = held
    held = []
    return all
  }

  /** The host starts anew on the same pipe: a new session, and nothing is left of the old one. */
  function reset(): void {
    const ended = new BridgeError('session-lost', 'the host started a new session', { maybeDelivered: true })
    for (const envelope of take()) if (envelope.kind === 'request') refuse(envelope, ended)
    for (const { controller } of exchanges.values()) controller.abort(ended)
    listening.abort(ended)
    listening = new AbortController()
    void endSession()
    questions.clear()
    isListening = false
  }

  // Messages of the host.

  function transmit(envelope: Envelope): void {
    if (envelope.kind === 'request') {
      void deliver(envelope, arrive)
    } else if (envelope.kind === 'notification') {
      outbox.inOrder(() => convey(envelope))
    } else if (questions.delete(envelope.id!.key)) {
      outbox.inOrder(() => convey(envelope))
    } else log.debug('dropped an answer of the host to what the remote has not asked', { id: envelope.id?.raw })
  }

  /** Sends a request until it is answered. Resolves with the failure if it was answered by us. */
  async function deliver(
    request: Envelope,
    onMessage: (envelope: Envelope, sessionId: string | undefined) => void,
  ): Promise<BridgeError | undefined> {
    const method = request.method!
    const exchange: Exchange = { request, controller: new AbortController(), hasLeft: false, isCancelled: false, isAnswered: false }
    const { signal } = exchange.controller
    const departure = outbox.request()
    const onWritten = (): void => {
      exchange.hasLeft = true
      departure.left()
    }
    exchanges.set(request.id!.key, exchange)
    try {
      for (let attempt = 1; ; attempt++) {
        const posted = await transport.post(request, { session, signal, onWritten, onMessage })
        if (posted.kind === 'answered' || exchange.isCancelled) return undefined
        if (posted.kind === 'elsewhere') {
          if (await comesElsewhere(exchange)) return undefined
          return refuse(request, silent(method))
        }
        const waitMs = signal.aborted ? undefined : nextTry(posted, { method, attempt }, limits)
        if (waitMs === undefined) return giveUp(exchange, posted, attempt)
        log.debug(`${method} is tried again`, { why: posted.error.message, waitMs })
        await delay(waitMs, signal)
        if (exchange.isCancelled) return undefined
      }
    } finally {
      if (exchanges.get(request.id!.key) === exchange) exchanges.delete(request.id!.key)
    }
  }

  function giveUp({ request }: Exchange, posted: Extract<Posted, { kind: 'failed' }>, attempts: number): BridgeError {
    const { error, answer } = posted
    if (answer !== undefined) {
      toHost(answer)
      return error
    }
    return refuse(request, describe(error, request.method!, attempts))
  }

  function refuse(request: Envelope, error: BridgeError): BridgeError {
    if (error.kind !== 'shutdown') log.error(error.message)
    toHost(refusal(request.id!, redacted(error, log.redact)))
    return error
  }

  /** After an empty answer the response may come on the GET stream. */
  function comesElsewhere(exchange: Exchange): Promise<boolean> {
    if (exchange.isAnswered || !isListening) return Promise.resolve(exchange.isAnswered)
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ELSEWHERE_MS)
      const settle = (came: boolean): void => {
        clearTimeout(timer)
        resolve(came)
      }
      exchange.onAnswered = () => settle(true)
      exchange.controller.signal.addEventListener('abort', () => settle(exchange.isCancelled))
    })
  }

  /** Sends a notification or a response. Nothing can be told to the host if that fails. */
  async function convey(envelope: Envelope): Promise<void> {
    const { signal } = listening
    const tries = envelope.kind === 'response' ? RESPONSE_TRIES : 1
    for (let attempt = 1; ; attempt++) {
      const posted = await transport.post(envelope, { session, signal, onWritten: () => {}, onMessage: arrive })
      if (posted.kind !== 'failed' || signal.aborted) return
      const what = envelope.method ?? 'an answer'
      if (attempt >= tries) return log.warn(`${what} was not taken: ${posted.error.message}`)
      await delay(RESPONSE_WAIT_MS * attempt, signal)
    }
  }

  /** Whether the cancellation has been dealt with here, so that nothing is sent (A.9). */
  function cancel(cancellation: Envelope): boolean {
    const id = cancelledId(cancellation)
    if (id === undefined) return false
    const waiting = held.find((envelope) => envelope.kind === 'request' && envelope.id?.key === id.key)
    if (waiting !== undefined) {
      held = held.filter((envelope) => envelope !== waiting)
      return true
    }
    const exchange = exchanges.get(id.key)
    if (exchange === undefined) return false
    // initialize must not be cancelled (25/CAN).
    if (exchange.request.method === 'initialize') return true
    exchange.isCancelled = true
    const stop = (): void => exchange.controller.abort(new BridgeError('shutdown', 'the host cancelled the request'))
    if (!exchange.hasLeft) {
      stop()
      return true
    }
    setTimeout(stop, CANCELLED_MS).unref()
    return false
  }

  async function endSession(): Promise<void> {
    const ending = session
    session = {}
    if (ending.id !== undefined) await transport.end(ending, AbortSignal.timeout(limits.deleteTimeoutMs))
  }

  return {
    toRemote,
    inputEnded() {
      hasInputEnded = true
      openGate()
    },
    idle: () => outbox.idle(),
    async close() {
      const ended = new BridgeError('shutdown', 'the bridge is closing', { maybeDelivered: true })
      for (const { controller } of exchanges.values()) controller.abort(ended)
      listening.abort(ended)
      await endSession()
      transport.close()
    },
  }
}

function isPing({ kind, method }: Envelope): boolean {
  return kind === 'request' && method === 'ping'
}

function silent(method: string): BridgeError {
  const text = `the remote took ${method} but sent no answer (empty response)`
  return new BridgeError('protocol', text, { maybeDelivered: true, retryable: true })
}

/** The failure as the host is told it: during what, after how many tries, and whether it may have taken effect. */
function describe(error: BridgeError, method: string, attempts: number): BridgeError {
  const tries = attempts > 1 ? ` (${attempts} attempts)` : ''
  if (error.kind !== 'stream-lost') {
    return tries === '' ? error : new BridgeError(error.kind, `${error.message}${tries}`, error.facts, error.cause)
  }
  const effect = error.facts.maybeDelivered === true ? '; it may or may not have taken effect' : ''
  const text = `${error.message} while ${method} was running${tries}${effect}`
  return new BridgeError(error.kind, text, error.facts, error.cause)
}

function atMost(promise: Promise<unknown>, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs)
    void promise.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Resolves after the time, or at once when the signal is aborted. */
function delay(waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, waitMs)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
