// The connections to one origin: how long one may take to stand, and how long it may stand idle. Node's Agent makes
// them (names, TLS sessions and all); which one a request gets is decided here, in front of it. protocol.md 0.6.
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import type { LookupFunction, Socket } from 'node:net'
import { findHeaders } from './raw-headers.ts'

/** Node servers close idle connections after 5 s; a request that meets that moment may be lost. */
const IDLE_MS = 4000
const SWEEP_MS = 500
export const TCP_KEEP_ALIVE_MS = 30_000
/**
 * How long one address may take before it is given up for the next; the last one has all the time that there is. Within
 * Node's 250 ms none stands on a slow network. A lost SYN is sent again after 1 s (RFC 6298), and then there is half a second for
 * the way; an address that leads nowhere costs no more than that.
 */
export const ATTEMPT_MS = 1500

/** What Node's Agent and its requests have besides what their types tell; Node's own agents rest on all of it. */
interface Hooks {
  keepAliveMsecs: number
  createConnection(wanted: object, ...rest: unknown[]): Socket | undefined
  addRequest(request: ClientRequest, options: Expecting): void
  createSocket(
    request: ClientRequest,
    options: Expecting,
    then: (error: unknown, socket?: Socket) => void,
  ): void
}
/** Goes with the options of a request. */
export interface Expecting {
  readonly expectsMore?: boolean | undefined
}
interface Served extends Socket {
  _httpMessage: { shouldKeepAlive: boolean; res: IncomingMessage | undefined } | null
}

interface Connection {
  readonly socket: Served
  hasStood: boolean
  /** Whether there has been an exchange on it. */
  hasServed: boolean
  /** When its last exchange began. */
  takenAt: number
  /** Until when it may be used again, in milliseconds of the wall clock: timers sleep when a laptop does. */
  usableUntil: number
  /** How much had come when it began to stand idle. */
  readBytes: number
}

export interface Connections {
  readonly agent: Agent
  /** More for `net.connect` and `tls.connect`. */
  dial: object | undefined
  /** Whether this connection ever stood: if not, or if there is none, nothing has been sent. */
  stood(socket: Socket | null): boolean
  /** Closes those that stand idle. */
  dropIdle(): void
}

export interface Dialing {
  /** Bounds DNS, TCP and TLS together. */
  readonly connectTimeoutMs: number
  /** Says which addresses a host name has; a host that is an address is not looked up. */
  readonly lookup?: LookupFunction
  /** More for `net.connect` and `tls.connect`. */
  readonly dial?: object | undefined
  /** Files of what the system trusts; those that systems have when left out. */
  readonly systemFiles?: readonly string[]
}

export function createConnections(
  Pool: typeof Agent,
  { connectTimeoutMs, lookup, dial }: Dialing,
): Connections {
  const agent = new Pool(lookup === undefined ? { keepAlive: true } : { keepAlive: true, lookup })
  const hooks = agent as unknown as Hooks
  // Not among the options: Node copies those for each request.
  hooks.keepAliveMsecs = TCP_KEEP_ALIVE_MS
  const connect = hooks.createConnection.bind(agent)
  const addRequest = hooks.addRequest.bind(agent)
  const known = new WeakMap<Socket, Connection>()
  /** The one that was used last is last, and is taken first. */
  const idle: Connection[] = []
  let sweeper: NodeJS.Timeout | undefined

  hooks.createConnection = (wanted, ...rest) => {
    const socket = connect(
      { ...wanted, autoSelectFamilyAttemptTimeout: ATTEMPT_MS, ...connections.dial },
      ...rest,
    )
    if (socket !== undefined) watch(socket as Served)
    return socket
  }
  // Node's own choice copies the options, builds a name of them, and sets socket options and a timer at each turn: 5 of
  // 30 µs of a small call (bench: CPU per 1,000 calls).
  agent.removeAllListeners('free')
  hooks.addRequest = (request, options) => {
    const connection = takeIdle()
    if (connection === undefined) makeFor(request, options)
    else if (connection.hasServed) give(connection, request)
    // That it is closed may be what is read next in this turn.
    else setImmediate(giveUnused, connection, request, options)
  }

  function give({ socket, hasStood }: Connection, request: ClientRequest): void {
    request.reusedSocket = hasStood
    request.onSocket(socket)
  }

  function giveUnused(connection: Connection, request: ClientRequest, options: Expecting): void {
    if (isUsable(connection)) return give(connection, request)
    connection.socket.destroy()
    hooks.addRequest(request, options)
  }

  function makeFor(request: ClientRequest, options: Expecting): void {
    addRequest(request, options)
    // Somebody listens there, and what was to be sent goes first.
    if (options.expectsMore)
      request.once('socket', (socket) =>
        socket.once('connect', () => setImmediate(addIdle, request, options)),
      )
  }

  /** A connection that nobody has asked for yet. It is given out also while it is being made. */
  function addIdle(request: ClientRequest, options: Expecting): void {
    if (request.destroyed) return
    hooks.createSocket(request, options, (_error, socket) => {
      const connection = known.get(socket!)
      if (connection === undefined) return
      idle.unshift(connection)
      sweepLater()
    })
  }

  function watch(socket: Served): void {
    const now = Date.now()
    const connection: Connection = {
      socket,
      hasStood: false,
      hasServed: false,
      takenAt: now,
      usableUntil: now + IDLE_MS - SWEEP_MS,
      readBytes: 0,
    }
    known.set(socket, connection)
    const timer = setTimeout(() => socket.destroy(timedOut()), connectTimeoutMs)
    const stand = (): void => {
      clearTimeout(timer)
      connection.hasStood = true
    }
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', stand)
    socket.once('close', () => clearTimeout(timer))
    keepCertificate(socket)
    socket.on('free', () => keep(connection))
    // Who has closed one has mostly closed all, and of the others it may not be known yet. While one is idle nobody else listens.
    socket.on('error', dropIdle)
    socket.once('end', dropIdle)
  }

  /** An exchange on this connection is over, or never began. */
  function keep(connection: Connection): void {
    const { socket } = connection
    const served = socket._httpMessage
    if (served?.shouldKeepAlive && served.res?.complete) {
      const idleMs = Math.min(IDLE_MS, hintedMs(served.res.rawHeaders)) - SWEEP_MS
      // An answer may lie here unread, for as long as a laptop sleeps: for the remote it stands idle since then.
      connection.usableUntil = connection.takenAt + idleMs
      connection.readBytes = socket.bytesRead
      connection.hasServed = true
      if (isUsable(connection)) {
        socket._httpMessage = null
        idle.push(connection)
        sweepLater()
        return
      }
    }
    socket.destroy()
  }

  function takeIdle(): Connection | undefined {
    for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) {
      if (isUsable(connection)) {
        connection.takenAt = Date.now()
        return connection
      }
      connection.socket.destroy()
    }
    return undefined
  }

  function sweepLater(): void {
    sweeper ??= setInterval(sweep, SWEEP_MS).unref()
  }

  function sweep(): void {
    while (idle.length > 0 && !isUsable(idle[0]!)) idle.shift()!.socket.destroy()
    if (idle.length > 0) return
    clearInterval(sweeper)
    sweeper = undefined
  }

  function dropIdle(): void {
    for (const { socket } of idle.splice(0)) socket.destroy()
  }

  const connections: Connections = {
    agent,
    dial,
    stood: (socket) => known.get(socket!)?.hasStood === true,
    dropIdle,
  }
  return connections
}

/** What comes while it is idle belongs to nobody, and the rest of it would be taken for the next answer. */
function isUsable({ socket, usableUntil, readBytes }: Connection): boolean {
  // `writable` ends when the remote has closed its side, which is well before the socket is destroyed.
  return usableUntil > Date.now() && socket.writable && socket.bytesRead === readBytes
}

/** With what a connection fails by: when that is told, the certificate that it may be about is gone. */
export function keepCertificate(socket: Socket & { getPeerCertificate?(isDetailed: true): unknown }): void {
  const { destroy } = socket
  // Node says null, too, for no error.
  socket.destroy = (error?: Error | null) => {
    if (error) Object.assign(error, { certificate: socket.getPeerCertificate?.(true) })
    return destroy.call(socket, error ?? undefined)
  }
}

/**
 * What the remote allows by `Keep-Alive: timeout=5`, less a second for the way; the least
 * where a proxy has a word of its own.
 */
function hintedMs(rawHeaders: readonly string[]): number {
  let leastMs = Number.POSITIVE_INFINITY
  for (const hint of findHeaders(rawHeaders, 'keep-alive'))
    for (const [, seconds] of hint.matchAll(/timeout=(\d+)/gi))
      leastMs = Math.min(leastMs, (Number(seconds) - 1) * 1000)
  return leastMs
}

/** As Node tells it where nothing else is known: the other side has hung up. */
export function closedEarly(): Error {
  return Object.assign(new Error('closed early'), { code: 'ECONNRESET' })
}

/** As Node tells it of a connection that does not stand in time. */
export function timedOut(): Error {
  return Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })
}
