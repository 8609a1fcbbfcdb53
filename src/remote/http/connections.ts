// The connections of one client: how long one may take to stand, and how long it may stand idle. On Node's Agent,
// of which three hooks are taken that its types do not tell right. protocol.md 0.6.

import type http from 'node:http'
import type { Agent, ClientRequest } from 'node:http'
import type { Socket } from 'node:net'

/** Node servers close idle connections after 5 s; a request that meets that moment may be lost. */
const IDLE_MS = 4000
const TCP_KEEP_ALIVE_MS = 30_000

interface Hooks {
  createConnection(...args: unknown[]): Socket | undefined
  keepSocketAlive(socket: Socket): boolean
  reuseSocket(socket: Socket, request: ClientRequest): void
}

export interface Connections {
  readonly agent: Agent
  /** Whether this connection ever stood: if not, nothing has been sent on it. */
  stood(socket: Socket): boolean
}

/** `connectTimeoutMs` bounds DNS, TCP and TLS together. */
export function createConnections(library: typeof http, connectTimeoutMs: number): Connections {
  const agent = new library.Agent({
    keepAlive: true,
    keepAliveMsecs: TCP_KEEP_ALIVE_MS,
    maxSockets: Infinity,
  })
  const hooks = agent as unknown as Hooks
  const create = hooks.createConnection.bind(agent)
  const keep = hooks.keepSocketAlive.bind(agent)
  const reuse = hooks.reuseSocket.bind(agent)
  const standing = new WeakSet<Socket>()

  function watch(socket: Socket): void {
    const timeout = (): void =>
      void socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' }))
    const timer = setTimeout(timeout, connectTimeoutMs)
    const stand = (): void => {
      clearTimeout(timer)
      standing.add(socket)
    }
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', stand)
    socket.once('close', () => clearTimeout(timer))
  }

  hooks.createConnection = (...args) => {
    const socket = create(...args)
    if (socket !== undefined) watch(socket)
    return socket
  }
  hooks.keepSocketAlive = (socket) => {
    if (!keep(socket)) return false
    if (!socket.timeout || socket.timeout > IDLE_MS) socket.setTimeout(IDLE_MS)
    return true
  }
  hooks.reuseSocket = (socket, request) => {
    socket.setTimeout(0)
    reuse(socket, request)
  }
  return { agent, stood: (socket) => standing.has(socket) }
}
