// HTTP straight to the remote on node:http and node:https. Not fetch: it costs three times a bare Node start and
// ends idle streams after 300 s. https, with TLS, is loaded for an https URL alone. protocol.md 0.6.
import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http'
import type { Readable } from 'node:stream'
import type { BridgeError } from '../../errors.ts'
import type { Flow } from '../../lane.ts'
import { offStop, onStop } from '../stop.ts'
import { type Connections, createConnections } from './connections.ts'
import { networkFailure } from './failure.ts'
import type { BodySink, Http, HttpRequest, HttpResponse } from './http.ts'

/** Less than what an operating system takes at once from a connection that stands. */
const BUFFERED_BYTES = 16 * 1024

/** What serves one origin. */
interface Client {
  readonly send: typeof httpRequest
  readonly connections: Connections
  readonly brake: Brake
}

/** Makes a client with its own connections. `connectTimeoutMs` bounds DNS, TCP and TLS together. */
export function createDirectHttp(connectTimeoutMs: number, flow: Flow): Http {
  const clients = new Map<string, Client>()
  const brake = createBrake(flow)

  function clientFor(url: URL): Client {
    const { origin } = partsOf(url)
    let client = clients.get(origin)
    if (client === undefined) {
      const { Agent: Pool, request: send } =
        url.protocol === 'https:' ? process.getBuiltinModule('node:https') : { Agent, request: httpRequest }
      client = { send, connections: createConnections(Pool, connectTimeoutMs), brake }
      clients.set(origin, client)
    }
    return client
  }

  return {
    request: (wanted) => void new DirectExchange(wanted, clientFor(wanted.url)),
    close() {
      for (const { connections } of clients.values()) connections.agent.destroy()
    },
  }
}

/** Stops the bodies that come while the host does not keep up. */
interface Brake {
  /** To be called when a body has been opened, and after each of its chunks. */
  heed(body: Readable): void
}

function createBrake(flow: Flow): Brake {
  let paused: Readable[] = []
  flow.onChange((isPaused) => {
    if (isPaused) return
    const bodies = paused
    paused = []
    for (const body of bodies) body.resume()
  })
  return {
    heed(body) {
      if (!flow.isPaused) return
      body.pause()
      paused.push(body)
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
  private incoming: IncomingMessage | undefined
  /** What is read of the response: itself, or what decompresses it. */
  private body: Readable | undefined
  private sink: BodySink | undefined
  private isOver = false

  constructor(wanted: HttpRequest, client: Client) {
    const { stop, body, onWritten } = wanted
    const outgoing = client.send(requestOptions(wanted, client.connections.agent))
    this.wanted = wanted
    this.client = client
    this.outgoing = outgoing
    const onStopped = (): void => {
      this.finish(closedEarly())
      // Also what is read to nowhere.
      outgoing.destroy()
    }
    outgoing.on('error', (error) => this.finish(error))
    outgoing.on('response', (incoming) => {
      this.incoming = incoming
      this.status = incoming.statusCode ?? 0
      wanted.onResponse(this)
    })
    // Not every end is told as an error: a remote that answers 101 has its connection closed by Node, and what we abort
    // ourselves ends silently. A body that is complete may still have to be read, or be in the decoder.
    outgoing.on('close', () => {
      offStop(stop, onStopped)
      if (!this.incoming?.complete) this.finish(closedEarly())
    })
    onStop(stop, onStopped)
    outgoing.end(body)
    if (onWritten === undefined) return
    // On a connection that stands, what fits into its buffers has left already; the rest is waited for.
    if (outgoing.reusedSocket && (body?.length ?? 0) <= BUFFERED_BYTES) onWritten()
    else outgoing.on('finish', onWritten)
  }

  header(name: string): string | undefined {
    return findHeader(this.incoming!.rawHeaders, name)
  }

  read(sink: BodySink): void {
    this.sink = sink
    const { incoming } = this
    const body = decoded(incoming!, (error) => this.finish(error))
    this.body = body
    body.on('data', (chunk: Buffer) => {
      if (this.isOver) return
      sink.data(chunk)
      this.client.brake.heed(body)
    })
    body.on('end', () => this.finish())
    if (body !== incoming) body.on('error', (error) => this.finish(error))
    this.client.brake.heed(body)
  }

  discard(): void {
    this.isOver = true
    this.incoming!.resume()
  }

  abort(): void {
    this.finish(closedEarly())
  }

  /** Tells once how it ended; an exchange that has failed holds no connection. */
  private finish(error?: unknown): void {
    if (this.isOver) return
    this.isOver = true
    if (error === undefined) return this.sink?.end()
    const failure = this.describe(error)
    this.body?.destroy()
    this.outgoing.destroy()
    if (this.incoming === undefined) this.wanted.onFailure(failure)
    else this.sink?.fail(failure)
  }

  private describe(error: unknown): BridgeError {
    const { url, stop } = this.wanted
    if (stop.reason !== undefined) return stop.reason
    const { socket } = this.outgoing
    const wasConnected = socket !== null && this.client.connections.stood(socket)
    return networkFailure(error, { host: url.host, url: `${url.origin}${url.pathname}`, wasConnected })
  }
}

/** The headers as a raw list, which Node writes as it is: 8 to 15 % of the CPU of a small call. */
function requestOptions(
  { method, url, headers, body }: HttpRequest,
  agent: RequestOptions['agent'],
): RequestOptions {
  const { host, hostname, port, path } = partsOf(url)
  const raw =
    body === undefined
      ? headers.concat('Host', host)
      : headers.concat('Host', host, 'Content-Length', String(body.length))
  return { hostname, port, path, agent, method, headers: raw as never }
}

interface Parts {
  readonly origin: string
  readonly host: string
  readonly hostname: string
  readonly port: string
  readonly path: string
}

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

/** Node's own `headers` would be built whole for the one or two that are asked for. */
function findHeader(raw: readonly string[], name: string): string | undefined {
  for (let index = raw.length - 2; index >= 0; index -= 2) {
    const candidate = raw[index]!
    if (candidate.length === name.length && candidate.toLowerCase() === name) return raw[index + 1]
  }
  return undefined
}

function closedEarly(): Error {
  return Object.assign(new Error('closed early'), { code: 'ECONNRESET' })
}

/** We ask for `identity`; what comes compressed all the same is read as it comes, each flush at once. */
function decoded(incoming: IncomingMessage, fail: (error: unknown) => void): Readable {
  const encoding = findHeader(incoming.rawHeaders, 'content-encoding')?.trim().toLowerCase() ?? ''
  if (encoding === '' || encoding === 'identity') return incoming
  const zlib = process.getBuiltinModule('node:zlib')
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return incoming.pipe(zlib.createGunzip({ flush: Z_SYNC_FLUSH }))
    case 'deflate':
      return incoming.pipe(zlib.createInflate({ flush: Z_SYNC_FLUSH }))
    case 'br':
      return incoming.pipe(zlib.createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH }))
    default:
      queueMicrotask(() => fail(Object.assign(new Error(encoding), { code: `content-encoding ${encoding}` })))
      return incoming
  }
}
