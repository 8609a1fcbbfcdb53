// HTTP straight to the remote on node:http and node:https. Not fetch: it costs three times a bare Node start and
// ends idle streams after 300 s. https, with TLS, is loaded for an https URL alone. protocol.md 0.6.
import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http'
import { type Readable, Transform } from 'node:stream'
import { type BridgeError, isBridgeError } from '../../errors.ts'
import type { Flow } from '../../lane.ts'
import { isJoined, sizeOf } from '../../message/text.ts'
import { offStop, onStop } from '../stop.ts'
import { type Brake, createBrake } from './brake.ts'
import {
  type Connections,
  closedEarly,
  createConnections,
  type Dialing,
  type Expecting,
} from './connections.ts'
import { createDecoder, undecodable } from './decoding.ts'
import { type Circumstances, isTls, networkFailure } from './failure.ts'
import type { BodySink, Http, HttpRequest, HttpResponse } from './http.ts'
import { findHeader, findHeaders } from './raw-headers.ts'

/** Less than what an operating system takes at once from a connection that stands. */
const BUFFERED_BYTES = 16 * 1024

/** A new connection costs less than reading more of what is not wanted, which may never end. */
export const DISCARDED_BYTES = 256 * 1024

/** What serves one origin. */
interface Client {
  readonly send: typeof httpRequest
  readonly connections: Connections
  readonly brake: Brake
  readonly systemFiles: readonly string[] | undefined
}

export interface DirectSettings extends Dialing {
  readonly flow: Flow
}

/** Makes a client with its own connections. */
export function createDirectHttp(settings: DirectSettings): Http {
  const { flow, systemFiles } = settings
  const clients = new Map<string, Client>()
  const brake = createBrake(flow)

  function clientFor(url: URL): Client {
    const { origin } = partsOf(url)
    let client = clients.get(origin)
    if (client === undefined) {
      const { Agent: Pool, request: send } =
        url.protocol === 'https:' ? process.getBuiltinModule('node:https') : { Agent, request: httpRequest }
      client = { send, connections: createConnections(Pool, settings), brake, systemFiles }
      clients.set(origin, client)
    }
    return client
  }

  return {
    request: (wanted) => void new DirectExchange(wanted, clientFor(wanted.url)),
    dropIdle() {
      for (const { connections } of clients.values()) connections.dropIdle()
    },
    close() {
      for (const { connections } of clients.values()) connections.agent.destroy()
    },
  }
}

/**
 * One request and its response. A class, and not a closure for each method and listener: a kilobyte less for each call
 * (bench: CPU per 1,000 calls).
 */
class DirectExchange implements HttpResponse {
  status = 0
  private readonly wanted: HttpRequest
  private readonly client: Client
  private readonly outgoing: ClientRequest
  private readonly dial: object | undefined
  private incoming: IncomingMessage | undefined
  /** What is read of the response: itself, or what decompresses it. */
  private body: Readable | undefined
  private sink: BodySink | undefined
  /** Why no more can come, while what has come is still told. */
  private broken: unknown
  private isOver = false
  private readonly onStopped: (reason: BridgeError) => void

  constructor(wanted: HttpRequest, client: Client) {
    const { stop, body, onWritten } = wanted
    this.dial = client.connections.dial
    const outgoing = client.send(requestOptions(wanted, client.connections.agent))
    this.wanted = wanted
    this.client = client
    this.outgoing = outgoing
    this.onStopped = (reason) => {
      this.finish(reason)
      // Also what is read to nowhere.
      outgoing.destroy()
    }
    outgoing.on('error', (error) => this.fail(error))
    outgoing.on('response', (incoming) => {
      this.incoming = incoming
      this.status = incoming.statusCode ?? 0
      wanted.onResponse(this)
    })
    // Not every end is told as an error: a remote that answers 101 has its connection closed by Node.
    outgoing.on('close', () => {
      this.close()
      // What has come whole may still wait to be read.
      if (this.isOver) offStop(stop, this.onStopped)
    })
    onStop(stop, this.onStopped)
    if (body === undefined || isJoined(body)) outgoing.end(body)
    else {
      for (const piece of body) outgoing.write(piece)
      outgoing.end()
    }
    if (onWritten === undefined) return
    // On a connection that stands, what fits into its buffers has left already; the rest is waited for.
    if (outgoing.reusedSocket && (body === undefined ? 0 : sizeOf(body)) <= BUFFERED_BYTES) onWritten()
    else outgoing.on('finish', onWritten)
  }

  get rawHeaders(): readonly string[] {
    return this.incoming!.rawHeaders
  }

  get isWhole(): boolean {
    const { incoming, body } = this
    return body === incoming && incoming!.complete && incoming!.readableLength === 0
  }

  header(name: string): string | undefined {
    return findHeader(this.rawHeaders, name)
  }

  headers(name: string): string[] {
    return findHeaders(this.rawHeaders, name)
  }

  read(sink: BodySink): void {
    this.sink = sink
    const incoming = this.incoming!
    let body: Readable
    try {
      const coding = this.header('content-encoding')
      const decoder = coding === undefined ? undefined : createDecoder(coding, this.url)
      body = decoder === undefined ? incoming : incoming.pipe(decoder)
    } catch (error) {
      return this.finish(error)
    }
    this.body = body
    body.on('data', (chunk: Buffer) => {
      if (this.isOver) return
      sink.data(chunk)
      // All is there, and 'end' would come a few ticks later (bench: one call at a time).
      if (this.isWhole) this.finish(this.broken)
      else this.client.brake.heed(body)
    })
    body.on('end', () => {
      this.finish(this.broken)
      // What stands behind the end of what was compressed may never end.
      if (!incoming.readableEnded) this.discard()
    })
    if (body !== incoming)
      body.on('error', ({ message }) => this.finish(this.broken ?? undecodable(this.url, message)))
    this.client.brake.heed(body)
  }

  discard(): void {
    this.isOver = true
    let left = DISCARDED_BYTES
    this.incoming!.on('data', ({ length }) => {
      left -= length
      if (left < 0) this.outgoing.destroy()
    })
  }

  abort(): void {
    this.finish(closedEarly())
  }

  /** The connection or the parser has failed. */
  private fail(error: Error & { code?: string }): void {
    // All has come, and 'end' follows: what stands behind it in the same packet does not matter.
    if (this.incoming?.complete) return
    // What has come in the same packet is told first; 'close' follows.
    if (this.incoming !== undefined && error.code?.startsWith('HPE_')) this.broken = error
    else if (this.incoming === undefined && !this.isOver && isTls(error)) void this.shakeAgain(error)
    else this.finish(error)
  }

  /** The handshake has failed: it is tried again with what the system trusts, or told why. */
  private async shakeAgain(error: Error & { code?: string }): Promise<void> {
    this.isOver = true
    const { wanted, client } = this
    const { connections, systemFiles } = client
    const failure = this.describe(error)
    const trust = await import('./trust.ts').catch(() => undefined)
    const { stop, onFailure } = wanted
    if (stop.reason !== undefined) return onFailure(stop.reason)
    // Another request may have been here before.
    if (connections.dial === this.dial) connections.dial = trust?.trustMore(error, this.dial, systemFiles)
    if (connections.dial !== this.dial) new DirectExchange(wanted, client)
    else onFailure(trust?.tlsFailure(error, this.circumstances, systemFiles) ?? failure)
  }

  /** The connection has been given back or is gone. A body that is complete may still have to be read. */
  private close(): void {
    if (this.incoming?.complete || this.isOver) return
    this.broken ??= closedEarly()
    // What has arrived may still be in the decoder, which then tells of the end.
    if (this.body instanceof Transform) this.body.end()
    else this.finish(this.broken)
  }

  /** Tells once how it ended; an exchange that has failed holds no connection. */
  private finish(error?: unknown): void {
    if (this.isOver) return
    this.isOver = true
    offStop(this.wanted.stop, this.onStopped)
    if (error === undefined) return this.sink?.end()
    const failure = this.describe(error)
    this.body?.destroy()
    this.outgoing.destroy()
    if (this.incoming === undefined) this.wanted.onFailure(failure)
    else this.sink?.fail(failure)
  }

  /** For sentences: origin and path. */
  private get url(): string {
    const { origin, pathname } = this.wanted.url
    return `${origin}${pathname}`
  }

  private describe(error: unknown): BridgeError {
    const { stop } = this.wanted
    if (stop.reason !== undefined) return stop.reason
    return isBridgeError(error) ? error : networkFailure(error, this.circumstances)
  }

  private get circumstances(): Circumstances {
    const { socket, reusedSocket } = this.outgoing
    const wasConnected = this.client.connections.stood(socket)
    const isReused = reusedSocket && this.incoming === undefined
    return { host: this.wanted.url.host, url: this.url, wasConnected, isReused }
  }
}

/** The headers as a raw list, which Node writes as it is: 8 to 15 % of the CPU of a small call. */
function requestOptions(
  { method, url, headers, body, expectsMore }: HttpRequest,
  agent: RequestOptions['agent'],
): RequestOptions & Expecting {
  const { host, hostname, port, path } = partsOf(url)
  const raw = headers.concat('Host', host)
  if (body !== undefined) raw.push('Content-Length', String(sizeOf(body)))
  return { hostname, port, path, agent, method, headers: raw as never, expectsMore }
}

type Parts = Readonly<Record<'origin' | 'host' | 'hostname' | 'port' | 'path', string>>

const parts = new WeakMap<URL, Parts>()

/** A URL is taken apart once: each of its parts is computed anew whenever it is asked for. */
function partsOf(url: URL): Parts {
  let known = parts.get(url)
  if (known === undefined) {
    const { origin, host, port, pathname, search } = url
    const hostname = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
    known = { origin, host, hostname, port, path: pathname + search }
    parts.set(url, known)
  }
  return known
}
