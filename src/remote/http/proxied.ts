// HTTP by a proxy, on undici. Loaded only where a proxy applies. For https there is a tunnel through the proxy; for http the proxy
// is asked itself, by the whole URL, since few proxies make a tunnel to port 80. protocol.md 0.6.
import type { Transform } from 'node:stream'
import type { Dispatcher } from 'undici'
import { type BridgeError, isBridgeError } from '../../errors.ts'
import { joined } from '../../message/text.ts'
import type { HttpProxy, NetworkOptions } from '../../options/network.ts'
import { offStop, onStop } from '../stop.ts'
import { type Brake, createBrake } from './brake.ts'
import { closedEarly } from './connections.ts'
import { createDecoder, undecodable } from './decoding.ts'
import { DISCARDED_BYTES, type DirectSettings } from './direct.ts'
import { isTls, networkFailure } from './failure.ts'
import type { BodySink, HttpRequest, HttpResponse } from './http.ts'
import { Connection } from './proxy-connection.ts'
import { type Route, refusedTunnel, through } from './proxy-failure.ts'
import { findHeader, findHeaders } from './raw-headers.ts'
import { routeOf, tunnelSettings } from './tunnel.ts'

export interface Proxied {
  request(wanted: HttpRequest, proxy: HttpProxy): void
  dropIdle(): void
  close(): void
}

/** Makes a client with its own connections. */
export function createProxied(network: NetworkOptions, direct: DirectSettings): Proxied {
  const brake = createBrake(direct.flow)
  const settings = tunnelSettings(network, direct)
  const all = new Set<Connection>()
  /** The one that was used last comes last. */
  const idle = new Map<string, Connection[]>()

  function take(wanted: HttpRequest, route: Route): Connection {
    const key = `${route.proxy.url.origin} ${wanted.url.origin} ${route.proxy.authorization ?? ''}`
    const waiting = idle.get(key) ?? []
    idle.set(key, waiting)
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      if (one.isUsable) return one
      one.close()
    }
    const made = new Connection({ wanted, route, settings })
    made.onFree = () => {
      if (made.isUsable) waiting.push(made)
    }
    made.onGone = () => {
      all.delete(made)
      const place = waiting.indexOf(made)
      // In place: this happens while one is chosen of them, too.
      if (place >= 0) waiting.splice(place, 1)
    }
    all.add(made)
    return made
  }

  return {
    request(wanted, proxy) {
      const route = routeOf(wanted.url, proxy)
      void new ProxiedExchange(wanted, { connection: take(wanted, route), route, brake })
    },
    dropIdle() {
      for (const connections of idle.values()) for (const one of connections.splice(0)) one.close()
    },
    close() {
      for (const one of all) one.close()
    },
  }
}

interface Means {
  readonly connection: Connection
  readonly route: Route
  readonly brake: Brake
}

/** One request and its response: what DirectExchange is for direct connections. */
class ProxiedExchange implements HttpResponse, Dispatcher.DispatchHandler {
  status = 0
  private readonly wanted: HttpRequest
  private readonly means: Means
  private readonly onStopped = (): void => this.finish(closedEarly())
  private raw: string[] | undefined
  private controller: Dispatcher.DispatchController | undefined
  private decoder: Transform | undefined
  private sink: BodySink | undefined
  private isTold = false
  private isDiscarded = false
  private discardedBytes = 0
  private isPaused = false
  /** All has come: the connection is another one's, though there may be something left to decode. */
  private isReceived = false
  private isOver = false

  constructor(wanted: HttpRequest, means: Means) {
    this.wanted = wanted
    this.means = means
    onStop(wanted.stop, this.onStopped)
    if (!this.isOver) means.connection.send(dispatchOptions(wanted, means.route), this)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    if (this.isOver) return controller.abort(closedEarly())
    const { onWritten } = this.wanted
    if (onWritten === undefined) return
    // undici writes all of it in this turn.
    process.nextTick(() => {
      if (!this.isOver) this.means.connection.flushed(onWritten)
    })
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200 || this.isOver) return
    this.raw = rawHeaders(controller)
    this.status = status
    // In a tunnel it is the remote that says so, whatever it means by it.
    if (this.wanted.url.protocol === 'http:' && (status === 407 || hasNotPassedOn(this)))
      return this.finish(refusedTunnel(status, this.headers('proxy-authenticate'), this.means.route))
    this.isTold = true
    this.wanted.onResponse(this)
    if (this.sink === undefined && !this.isDiscarded && !this.isOver) this.pause()
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isOver) return
    if (this.isDiscarded) return this.pass(chunk)
    const { decoder } = this
    if (decoder === undefined) this.tell(chunk)
    else if (!decoder.write(chunk)) {
      this.pause()
      decoder.once('drain', () => this.resume())
    }
  }

  onResponseEnd(): void {
    this.isReceived = true
    // After this turn undici's client takes the next one.
    queueMicrotask(() => this.means.connection.onFree())
    if (this.decoder !== undefined) this.decoder.end()
    else this.finish()
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    const { decoder } = this
    if (!this.isTold && !this.isOver && isTls(error)) return void this.explain(error)
    if (decoder === undefined || this.isOver) return this.finish(error)
    // What has arrived may still be in the decoder, which then tells of the end.
    decoder.removeAllListeners('end').on('end', () => this.finish(error))
    decoder.removeAllListeners('error').on('error', () => this.finish(error))
    decoder.end()
  }

  /** A remote may refuse our certificate, or want one, after the handshake. */
  private async explain(error: Error): Promise<void> {
    const { route, connection } = this.means
    const trust = await import('./trust.ts').catch(() => undefined)
    const at = { host: this.wanted.url.host, url: route.url, wasConnected: true }
    const failure = trust?.tlsFailure(error, at, connection.systemFiles)
    this.finish(failure === undefined ? error : through(failure, route))
  }

  header(name: string): string | undefined {
    return findHeader(this.raw ?? [], name)
  }

  headers(name: string): string[] {
    return findHeaders(this.raw ?? [], name)
  }

  read(sink: BodySink): void {
    this.sink = sink
    const { url } = this.means.route
    try {
      this.decoder = createDecoder(this.header('content-encoding'), url)
    } catch (error) {
      return this.finish(error)
    }
    const { decoder } = this
    this.means.brake.heed(decoder ?? this)
    if (decoder === undefined) return
    decoder.on('data', (chunk: Buffer) => this.tell(chunk))
    decoder.on('end', () => this.finish())
    decoder.on('error', ({ message }) => this.finish(undecodable(url, message)))
  }

  discard(): void {
    this.isDiscarded = true
    this.resume()
  }

  abort(): void {
    this.finish(closedEarly())
  }

  /** For the brake. */
  pause(): void {
    this.isPaused = true
    this.controller?.pause()
  }

  resume(): void {
    this.isPaused = false
    // Not from within undici's parser, which serves all connections.
    queueMicrotask(() => {
      if (!this.isPaused && !this.isOver) this.controller?.resume()
    })
  }

  private pass({ length }: Buffer): void {
    this.discardedBytes += length
    if (this.discardedBytes > DISCARDED_BYTES) this.finish(closedEarly())
  }

  private tell(chunk: Buffer): void {
    if (this.isOver) return
    this.sink?.data(chunk)
    this.means.brake.heed(this.decoder ?? this)
  }

  /** Tells once how it ended; an exchange that has failed holds no connection. */
  private finish(error?: unknown): void {
    if (this.isOver) return
    this.isOver = true
    offStop(this.wanted.stop, this.onStopped)
    if (error === undefined) return this.sink?.end()
    const failure = this.describe(error)
    this.decoder?.destroy()
    if (!this.isReceived) {
      this.controller?.abort(closedEarly())
      this.means.connection.close()
    }
    if (!this.isTold) this.wanted.onFailure(failure)
    else if (!this.isDiscarded) this.sink?.fail(failure)
  }

  private describe(error: unknown): BridgeError {
    const { url, stop } = this.wanted
    const { route } = this.means
    if (stop.reason !== undefined) return stop.reason
    if (isBridgeError(error)) return error
    // undici says when it writes: before that nothing has been sent, though the connection may stand.
    const at = { host: url.host, url: route.url, wasConnected: this.controller !== undefined }
    return through(networkFailure(asNode(error), at), route)
  }
}

/** Squid says when it is its own answer, and why: these are given before anything has gone to the remote. */
function hasNotPassedOn(response: HttpResponse): boolean {
  const why = response.header('x-squid-error') ?? ''
  return /^ERR_(?:ACCESS_DENIED|CANNOT_FORWARD|CONNECT_FAIL|DNS_FAIL)\b/.test(why)
}

function dispatchOptions(
  { method, url, headers, body }: HttpRequest,
  { proxy }: Route,
): Dispatcher.DispatchOptions {
  const isTunnel = url.protocol === 'https:'
  const own = ['Host', url.host]
  if (!isTunnel && proxy.authorization !== undefined) own.push('Proxy-Authorization', proxy.authorization)
  const path = `${url.pathname}${url.search}`
  return {
    origin: `http://${url.host}`,
    path: isTunnel ? path : `${url.origin}${path}`,
    method,
    headers: [...headers, ...own],
    body: body === undefined ? null : joined(body),
  }
}

/** As Node tells them. */
function rawHeaders({ rawHeaders: raw }: Dispatcher.DispatchController): string[] {
  return ((raw ?? []) as readonly (Buffer | string)[]).map((text) =>
    typeof text === 'string' ? text : text.toString('latin1'),
  )
}

/** undici's own errors by the codes that Node has for the same. */
function asNode(error: unknown): unknown {
  const { code, name } = error as { code?: unknown; name?: unknown }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return withCode('HPE_HEADER_OVERFLOW')
  // It has no code of its own for what is wrong.
  if (name === 'HTTPParserError') return withCode('HPE_INVALID')
  return typeof code === 'string' && code.startsWith('UND_ERR') ? closedEarly() : error
}

function withCode(code: string): Error {
  return Object.assign(new Error('no HTTP'), { code })
}
