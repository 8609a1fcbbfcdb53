// A modern host and a legacy remote: to the host the bridge is a modern server, to the remote a legacy host with a
// session of its own. What each message is, is told here; what becomes of it, in the files beside. protocol.md E.
import { BridgeError, toBridgeError } from '../../errors.ts'
import type { Sink } from '../../lane.ts'
import type { Log } from '../../log.ts'
import { type Envelope, type Id, spanAt } from '../../message/envelope.ts'
import { createIdTable } from '../../message/id-table.ts'
import { answerEmpty, CODE, cancelledId, refusal, refuse } from '../../message/message.ts'
import { isChange } from '../changes.ts'
import { capabilityFor } from '../input-methods.ts'
import type { FromLegacy, LegacyRemote, Translation } from '../translation.ts'
import { createCalls } from './calls.ts'
import { createFanOut } from './fan-out.ts'
import { asLegacyNotification } from './legacy-request.ts'
import type { LegacySession } from './legacy-session.ts'
import { createLegacySessions } from './legacy-sessions.ts'
import { createLogLevels, isWanted } from './log-level.ts'
import { type ModernRequest, readModern } from './modern-request.ts'
import { asDiscovered } from './modern-results.ts'

export interface ModernToLegacySettings {
  /** Makes a legacy remote, with a session of its own; its first message must be `initialize`. */
  readonly openRemote: (toHost: FromLegacy) => LegacyRemote
  readonly toHost: Sink
  readonly log: Log
  /** The bridge's version, for its own clientInfo where the host gives none. */
  readonly version: string
  /** 128 random bits, base64url. */
  readonly newToken: () => string
  readonly digest: (bytes: Uint8Array) => string
  /** How long a parked call waits for the host (E.5-6). */
  readonly parkedMs: number
}

export interface ModernToLegacy extends Translation {
  /**
   * Opens the legacy session with what `first`, a modern request, declares. Resolves with the answer to `initialize`
   * under the id of `first`: a result, or the error that it failed with (the remote's, or ours with data.origin). After
   * an error it may be called again.
   */
  open(first: Envelope): Promise<Envelope>
  /** Resolves when no notification or answer waits to be sent to the remote. */
  idle(): Promise<void>
}

/** How long cancellations of what was parked may still leave at the end. */
const LEAVE_MS = 1000

/** How long a request waits for a session that is told of what it declares (protocol.md 0.9). */
const OPEN_MS = 30_000
const NOT_OPENED = new BridgeError(
  'timeout',
  `this request declares more of the client than the session was told, and no new one could be opened within ${OPEN_MS / 1000} s; try again`,
  { retryable: true, maybeDelivered: false },
)

export function createModernToLegacy(settings: ModernToLegacySettings): ModernToLegacy {
  const { log } = settings
  /** The host's requests that wait for their answers. */
  const waiting = createIdTable<ModernRequest>()
  let isClosed = false
  /** Whether the remote is being told that nobody will answer. */
  let isLeaving = false

  const toHost: Sink = (envelope) => {
    if (!isClosed) settings.toHost(envelope)
  }
  const answer = (request: ModernRequest, response: Envelope): void => {
    if (!isWaiting(request)) return
    waiting.delete(request.id)
    toHost(response)
  }
  const sessions = createLegacySessions({ ...settings, hear, onReplaced: () => fanOut.move() })
  const calls = createCalls({ ...settings, toHost, answer, release: sessions.release })
  const fanOut = createFanOut({ toHost, answer, session: () => sessions.current! })
  const levels = createLogLevels()

  function isWaiting(request: ModernRequest): boolean {
    return waiting.get(request.id) === request
  }

  function fromHost(envelope: Envelope): void {
    switch (envelope.kind) {
      case 'request':
        return guarded(envelope, () => take(envelope))
      case 'notification':
        return guarded(envelope, () => notice(envelope))
      case 'response':
        log.debug('dropped an answer of the host: it has been asked nothing', { id: envelope.id?.raw })
    }
  }

  /** A fault of ours is answered like any other. */
  function guarded({ id, method }: Envelope, handle: () => void): void {
    try {
      handle()
    } catch (thrown) {
      const error = toBridgeError(thrown)
      log.error(error.message, { method })
      if (id !== undefined && waiting.delete(id)) toHost(refusal(id, error))
    }
  }

  function take(envelope: Envelope): void {
    const request = readModern(envelope)
    if ('refusal' in request) return toHost(request.refusal)
    const { id, method } = request
    waiting.set(id, request)
    const session = sessions.current
    if (session === undefined) throw new BridgeError('internal', 'the remote has no session yet')
    if (method === 'server/discover')
      return answer(
        request,
        asDiscovered(session.initialized, { id, method, serverInfo: session.serverInfo }),
      )
    if (spanAt(envelope, 'params', 'requestState') !== undefined) return calls.resume(request)
    route(request)
  }

  function route(request: ModernRequest): void {
    const session = sessions.sessionFor(request)
    if (!('then' in session)) return run(request, session)
    const late = (): void => answer(request, refusal(request.id, NOT_OPENED))
    // A listen has no end by itself, and so waits without one.
    const timer = request.method === 'subscriptions/listen' ? undefined : setTimeout(late, OPEN_MS).unref()
    void session.then((opened) => {
      clearTimeout(timer)
      run(request, opened)
    })
  }

  function run(request: ModernRequest, session: LegacySession): void {
    if (!isWaiting(request)) return
    if (request.method === 'subscriptions/listen') return void fanOut.listen(request)
    const prepared = levels.prepare(session, request)
    if (prepared === undefined) return begin(request, session)
    void prepared.then(() => {
      if (!isWaiting(request)) return
      if (session === sessions.current) begin(request, session)
      else route(request)
    })
  }

  function begin(request: ModernRequest, session: LegacySession): void {
    guarded(request.envelope, () => calls.start(request, session))
  }

  function notice(envelope: Envelope): void {
    switch (envelope.method) {
      case 'notifications/cancelled':
        return cancel(envelope)
      case 'notifications/roots/list_changed':
        return calls.rootsChanged()
      case 'notifications/initialized':
      case 'notifications/progress':
        return log.debug('dropped a notification that no modern host sends', { method: envelope.method })
      default:
        sessions.current?.tell(asLegacyNotification(envelope))
    }
  }

  function cancel(cancellation: Envelope): void {
    const id = cancelledId(cancellation)
    const request = id && waiting.take(id)
    if (request === undefined) return
    fanOut.cancel(request.id)
    calls.cancel(request, cancellation)
  }

  function hear(session: LegacySession, envelope: Envelope, origin: Id | undefined): void {
    if (envelope.kind === 'request') return question(session, envelope, origin)
    switch (envelope.method) {
      case 'notifications/cancelled': {
        const id = cancelledId(envelope)
        return id && calls.withdraw(session, id)
      }
      case 'notifications/progress':
        return calls.progress(envelope)
      case 'notifications/message':
        return isWantedLog(session, envelope, origin) ? toHost(envelope) : undefined
      case 'notifications/elicitation/complete':
        return calls.completed(session, envelope)
      case 'notifications/tasks/status':
        return undefined
    }
    if (isChange(envelope.method)) {
      if (session === sessions.current) fanOut.changed(envelope)
    } else if (origin !== undefined && calls.running(session, origin) !== undefined) toHost(envelope)
    else log.debug('dropped a notification that belongs to no request', { method: envelope.method })
  }

  function question(session: LegacySession, envelope: Envelope, origin: Id | undefined): void {
    const id = envelope.id!
    const method = envelope.method!
    if (method === 'ping') session.tell(answerEmpty(id))
    else if (capabilityFor(method) !== undefined)
      calls.ask({ id, method, envelope, session, isGuessed: origin === undefined, isOver: false }, origin)
    else session.tell(refuse(id, { code: CODE.methodNotFound, message: `${method} is not offered` }))
  }

  function isWantedLog(session: LegacySession, message: Envelope, origin: Id | undefined): boolean {
    if (origin !== undefined) {
      const call = calls.running(session, origin)
      return call !== undefined && isWanted(message, call.host)
    }
    const listening = calls.allRunning().filter(({ host }) => host.logLevel !== undefined)
    return listening.length === 1 && isWanted(message, listening[0]!.host)
  }

  function endInput(): void {
    if (calls.inputEnded()) isLeaving = true
    fanOut.end()
  }

  return {
    fromHost,
    async open(first) {
      const request = readModern(first)
      return 'refusal' in request ? request.refusal : sessions.open(request)
    },
    idle: sessions.idle,
    inputEnded() {
      endInput()
      sessions.inputEnded()
    },
    async close() {
      endInput()
      isClosed = true
      if (calls.close()) isLeaving = true
      if (isLeaving) await Promise.race([sessions.idle(), after(LEAVE_MS)])
      await sessions.close()
    },
  }
}

function after(waitMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, waitMs))
}
