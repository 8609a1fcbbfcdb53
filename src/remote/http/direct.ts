// HTTP straight to the remote on node:http and node:https. Not fetch: it costs three times a bare Node start and
// ends idle streams after 300 s. https, with TLS, is loaded for an https URL alone. protocol.md 0.6.
import type { ClientRequest, Agent as HttpAgent, IncomingMessage, RequestOptions } from 'node:http'
import http from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { BridgeError, isBridgeError } from '../../errors.ts'
import type { Flow } from '../../lane.ts'
import { networkFailure } from './failure.ts'
import type { BodySink, Http, HttpRequest, HttpResponse } from './http.ts'

/** Node servers close idle connections after 5 s; a request that meets that moment may be lost. */
const IDLE_SOCKET_MS = 4000
const TCP_KEEP_ALIVE_MS = 30_000

type Send = (options: RequestOptions) => ClientRequest

/** Makes a client with its own connections. `connectTimeoutMs` bounds DNS, TCP and TLS together. */
export function createDirectHttp(connectTimeoutMs: number, flow: Flow): Http {
  const agents = new Map<string, { agent: HttpAgent; send: Send }>()

  function clientFor(protocol: string): { agent: HttpAgent; send: Send } {
    let client = agents.get(protocol)
    if (client === undefined) {
      const library =
        protocol === 'https:' ? (process.getBuiltinModule('node:https') as unknown as typeof http) : http
      const agent = new library.Agent({
        keepAlive: true,
        keepAliveMsecs: TCP_KEEP_ALIVE_MS,
        maxSockets: Infinity,
      })
      limitIdle(agent)
      client = { agent, send: library.request }
      agents.set(protocol, client)
    }
    return client
  }

  function request(wanted: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const { url, method, body, signal } = wanted
      const { agent, send } = clientFor(url.protocol)
      const where = { host: url.host, url: `${url.origin}${url.pathname}` }
      let wasConnected = false
      let isTimeout = false
      let tellWritten = wanted.onWritten
      const written = (): void => {
        tellWritten?.()
        tellWritten = undefined
      }
      const outgoing = send({
        agent,
        method,
        protocol: url.protocol,
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        path: url.pathname + url.search,
        headers: wireHeaders(wanted) as unknown as Record<string, string>,
        signal,
      } as RequestOptions)
      outgoing.on('socket', (socket: Socket) => {
        if (!socket.connecting) {
          wasConnected = true
          return
        }
        const timer = setTimeout(() => {
          isTimeout = true
          outgoing.destroy(Object.assign(new Error('connect timeout'), { code: 'ETIMEDOUT' }))
        }, connectTimeoutMs)
        socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
          wasConnected = true
          clearTimeout(timer)
        })
        socket.once('close', () => clearTimeout(timer))
      })
      outgoing.on('finish', written)
      outgoing.on('close', written)
      outgoing.on('error', (error) => {
        if (signal.aborted) reject(aborted(signal))
        else reject(networkFailure(error, { ...where, wasConnected: wasConnected && !isTimeout }))
      })
      outgoing.on('response', (incoming) => resolve(wrap(incoming, { where, signal, flow })))
      outgoing.end(body)
    })
  }

  return {
    request,
    close() {
      for (const { agent } of agents.values()) agent.destroy()
    },
  }
}

/** A raw list, which Node writes as it is: 8 to 15 % of the CPU of a small call against a header object. */
function wireHeaders({ url, headers, body }: HttpRequest): string[] {
  const length = body === undefined ? [] : ['Content-Length', String(body.length)]
  return ['Host', url.host, ...headers, ...length]
}

/** The two hooks of Node's Agent, which its types do not tell right. */
interface SocketPool {
  keepSocketAlive(socket: Socket): boolean
  reuseSocket(socket: Socket, request: ClientRequest): void
}

function limitIdle(agent: HttpAgent): void {
  const pooled = agent as unknown as SocketPool
  const keep = pooled.keepSocketAlive.bind(agent)
  const reuse = pooled.reuseSocket.bind(agent)
  pooled.keepSocketAlive = (socket) => {
    if (!keep(socket)) return false
    if (!socket.timeout || socket.timeout > IDLE_SOCKET_MS) socket.setTimeout(IDLE_SOCKET_MS)
    return true
  }
  pooled.reuseSocket = (socket, outgoing) => {
    socket.setTimeout(0)
    reuse(socket, outgoing)
  }
}

interface Surroundings {
  readonly where: { readonly host: string; readonly url: string }
  readonly signal: AbortSignal
  readonly flow: Flow
}

function wrap(incoming: IncomingMessage, { where, signal, flow }: Surroundings): HttpResponse {
  const broken = (error: unknown): BridgeError =>
    signal.aborted ? aborted(signal) : networkFailure(error, { ...where, wasConnected: true })
  return {
    status: incoming.statusCode ?? 0,
    header(name) {
      const value = incoming.headers[name.toLowerCase()]
      return Array.isArray(value) ? value.join(', ') : value
    },
    read: (sink) => pour(incoming, { sink, flow, broken }),
    discard() {
      incoming.on('error', () => {})
      incoming.resume()
    },
    abort() {
      incoming.on('error', () => {})
      incoming.destroy()
    },
  }
}

function pour(
  incoming: IncomingMessage,
  { sink, flow, broken }: { sink: BodySink; flow: Flow; broken: (error: unknown) => BridgeError },
): void {
  let isOver = false
  const stop = flow.onChange((paused) => (paused ? body.pause() : body.resume()))
  const finish = (error?: BridgeError): void => {
    if (isOver) return
    isOver = true
    stop()
    if (error === undefined) sink.end()
    else sink.fail(error)
  }
  const fail = (error: unknown): void => finish(broken(error))
  const body = decoded(incoming, fail)
  body.on('data', (chunk: Buffer) => {
    if (!isOver) sink.data(chunk)
  })
  body.on('end', () => finish())
  body.on('error', fail)
  incoming.on('error', fail)
  incoming.on('close', () => {
    if (!incoming.complete) fail(Object.assign(new Error('closed early'), { code: 'ECONNRESET' }))
  })
  if (flow.isPaused) body.pause()
}

/** We ask for `identity`; what comes compressed all the same is read as it comes, each flush at once. */
function decoded(incoming: IncomingMessage, fail: (error: unknown) => void): Readable {
  const encoding = (incoming.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity' || encoding === '') return incoming
  const zlib = process.getBuiltinModule('node:zlib')
  const flush = { flush: zlib.constants.Z_SYNC_FLUSH }
  const inflate =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? zlib.createGunzip(flush)
      : encoding === 'deflate'
        ? zlib.createInflate(flush)
        : encoding === 'br'
          ? zlib.createBrotliDecompress({ flush: zlib.constants.BROTLI_OPERATION_FLUSH })
          : undefined
  if (inflate === undefined) {
    queueMicrotask(() => fail(Object.assign(new Error(encoding), { code: `content-encoding ${encoding}` })))
    return incoming
  }
  return incoming.pipe(inflate)
}

/** What a request ends with that we ended ourselves: the reason given to the signal, if it is one of ours. */
function aborted(signal: AbortSignal): BridgeError {
  const reason: unknown = signal.reason
  if (isBridgeError(reason)) return reason
  return new BridgeError('shutdown', 'the request was ended', { maybeDelivered: true }, reason)
}
