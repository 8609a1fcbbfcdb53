// The connections of one client: how long one may take to stand, and how long it may stand idle. On Node's Agent, of
// which three hooks are taken. protocol.md 0.6.

import type { Agent, ClientRequest } from 'node:http'
import type { Socket } from 'node:net'

/** Node servers close idle connections after 5 s; a request that meets that moment may be lost. */
const IDLE_MS = 4000
const SWEEP_MS = 500
const TCP_KEEP_ALIVE_MS = 30_000

interface Hooks {
  keepAliveMsecs: number
  createConnection(...args: unknown[]): Socket | undefined
  keepSocketAlive(socket: Socket & { _httpMessage?: { res?: { rawHeaders: string[] } } }): boolean
  reuseSocket(socket: Socket, request: ClientRequest): void
}

export interface Connections {
  readonly agent: Agent
  /** Whether this connection ever stood: if not, nothing has been sent on it. */
  stood(socket: Socket): boolean
  /** Drops what has been idle for too long; to be called before each request, for timers sleep when a laptop does. */
  refresh(): void
}

/** `connectTimeoutMs` bounds DNS, TCP and TLS together. */
export function createConnections(Pool: typeof Agent, connectTimeoutMs: number): Connections {
  const agent = new Pool({ keepAlive: true })
  const hooks = agent as unknown as Hooks
  // Not among the options: Node copies those for each request.
  hooks.keepAliveMsecs = TCP_KEEP_ALIVE_MS
  const create = hooks.createConnection.bind(agent)
  const reuse = hooks.reuseSocket.bind(agent)
  const standing = new WeakSet<Socket>()
  /** Idle connections, and until when each may be used again, in milliseconds of the wall clock. */
  const idle = new Map<Socket, number>()
  let sweeper: NodeJS.Timeout | undefined
  let sweptAt = 0

  function watch(socket: Socket): void {
    const timeout = (): void =>
      void socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' }))
    const timer = setTimeout(timeout, connectTimeoutMs)
    const stand = (): void => {
      clearTimeout(timer)
      standing.add(socket)
    }
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', stand)
    socket.once('close', () => {
      clearTimeout(timer)
      idle.delete(socket)
    })
  }

  function sweep(): void {
    const now = Date.now()
    sweptAt = now
    for (const [socket, until] of idle) if (until <= now) socket.destroy()
    if (idle.size > 0) return
    clearInterval(sweeper)
    sweeper = undefined
  }

  hooks.createConnection = (...args) => {
    const socket = create(...args)
    if (socket !== undefined) watch(socket)
    return socket
  }
  // Node's own sets socket options and a timer at each turn, which is 3 of 25 µs of a small call.
  hooks.keepSocketAlive = (socket) => {
    const allowedMs = Math.min(IDLE_MS, hintedMs(socket._httpMessage?.res?.rawHeaders ?? []))
    if (allowedMs <= SWEEP_MS) return false
    idle.set(socket, Date.now() + allowedMs - SWEEP_MS)
    sweeper ??= setInterval(sweep, SWEEP_MS).unref()
    socket.unref()
    return true
  }
  hooks.reuseSocket = (socket, request) => {
    idle.delete(socket)
    reuse(socket, request)
  }
  return {
    agent,
    stood: (socket) => standing.has(socket),
    refresh() {
      if (Date.now() - sweptAt > SWEEP_MS) sweep()
    },
  }
}

/** What a `Keep-Alive: timeout=5` of the remote allows, less a second for the way. */
function hintedMs(rawHeaders: readonly string[]): number {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    if (name.length !== 10 || name.toLowerCase() !== 'keep-alive') continue
    const hint = rawHeaders[index + 1]!
    if (hint === 'timeout=5') return 4000
    const seconds = /timeout=(\d+)/.exec(hint)?.[1]
    if (seconds !== undefined) return (Number(seconds) - 1) * 1000
  }
  return Number.POSITIVE_INFINITY
}
