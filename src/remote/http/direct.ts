// HTTP straight to the remote on node:http and node:https. Not fetch: it costs three times a bare Node start and
// ends idle streams after 300 s. https, with TLS, is loaded for an https URL alone. protocol.md 0.6.
import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import type { Readable } from 'node:stream'
import type { BridgeError } from '../../errors.ts'
import type { Flow } from '../../lane.ts'
import { offStop, onStop } from '../stop.ts'
import { createConnections } from './connections.ts'
import { networkFailure } from './failure.ts'
import type { BodySink, Http, HttpRequest, HttpResponse } from './http.ts'

/** Less than what an operating system takes at once from a connection that stands. */
const BUFFERED_BYTES = 16 * 1024

/** Makes a client with its own connections. `connectTimeoutMs` bounds DNS, TCP and TLS together. */
export function createDirectHttp(connectTimeoutMs: number, flow: Flow): Http {
  const clients = new Map<string, ReturnType<typeof createClient>>()
  const bodies = new Set<Readable>()
  flow.onChange((isPaused) => {
    for (const body of bodies) isPaused ? body.pause() : body.resume()
  })

  function createClient(protocol: string) {
    const library =
      protocol === 'https:' ? process.getBuiltinModule('node:https') : { Agent, request: httpRequest }
    return { send: library.request, connections: createConnections(library.Agent, connectTimeoutMs) }
  }

  function clientFor(protocol: string): ReturnType<typeof createClient> {
    const client = clients.get(protocol) ?? createClient(protocol)
    clients.set(protocol, client)
    return client
  }

  function request(wanted: HttpRequest): void {
    const { url, stop, onWritten } = wanted
    const { send, connections } = clientFor(url.protocol)
    connections.refresh()
    const outgoing = send(requestOptions(wanted, connections.agent))
    const describe = (error: unknown): BridgeError => {
      if (stop.reason !== undefined) return stop.reason
      const wasConnected = outgoing.socket !== null && connections.stood(outgoing.socket)
      return networkFailure(error, { host: url.host, url: `${url.origin}${url.pathname}`, wasConnected })
    }
    const reading: Reading = { onStop: undefined }
    const destroy = (): void => {
      reading.onStop?.()
      outgoing.destroy()
    }
    let isAnswered = false
    const fail = (error: unknown): void => {
      if (!isAnswered) wanted.onFailure(describe(error))
      isAnswered = true
    }
    outgoing.on('error', fail)
    outgoing.on('response', (incoming) => {
      isAnswered = true
      wanted.onResponse(new DirectResponse(incoming, { describe, reading, flow, bodies }))
    })
    outgoing.on('close', () => {
      offStop(stop, destroy)
      // Not every end is told as an error: a remote that answers 101 has its connection closed by Node.
      if (!isAnswered) fail(closedEarly())
    })
    onStop(stop, destroy)
    outgoing.end(wanted.body)
    if (onWritten === undefined) return
    // On a connection that stands, what fits into its buffers has left already; the rest is waited for.
    if (outgoing.reusedSocket && (wanted.body?.length ?? 0) <= BUFFERED_BYTES) onWritten()
    else outgoing.on('finish', onWritten)
  }

  return {
    request,
    close() {
      for (const { connections } of clients.values()) connections.agent.destroy()
    },
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
    const { host, port, pathname, search } = url
    const hostname = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
    known = { host, hostname, port, path: pathname + search }
    parts.set(url, known)
  }
  return known
}

/** What is to be told when the exchange is stopped while its body is read. */
interface Reading {
  onStop: (() => void) | undefined
}

interface Surroundings {
  readonly describe: (error: unknown) => BridgeError
  readonly reading: Reading
  readonly flow: Flow
  readonly bodies: Set<Readable>
}

/** A class, and not a closure for each method: half a kilobyte less for each call (bench: CPU per 1,000 calls). */
class DirectResponse implements HttpResponse {
  readonly status: number
  private readonly incoming: IncomingMessage
  private readonly around: Surroundings
  constructor(incoming: IncomingMessage, around: Surroundings) {
    this.status = incoming.statusCode ?? 0
    this.incoming = incoming
    this.around = around
  }
  header(name: string): string | undefined {
    return findHeader(this.incoming.rawHeaders, name)
  }
  read(sink: BodySink): void {
    pour(this.incoming, sink, this.around)
  }
  discard(): void {
    this.incoming.on('error', () => {})
    this.incoming.resume()
  }
  abort(): void {
    this.incoming.on('error', () => {})
    this.incoming.destroy()
  }
}

/** Node's own `headers` would be built whole for the one or two that are asked for. */
function findHeader(raw: readonly string[], name: string): string | undefined {
  for (let index = raw.length - 2; index >= 0; index -= 2) {
    const candidate = raw[index]!
    if (candidate.length === name.length && candidate.toLowerCase() === name) return raw[index + 1]
  }
  return undefined
}

function pour(
  incoming: IncomingMessage,
  sink: BodySink,
  { describe, reading, flow, bodies }: Surroundings,
): void {
  let isOver = false
  const finish = (error?: unknown): void => {
    if (isOver) return
    isOver = true
    bodies.delete(body)
    if (error !== undefined) body.destroy()
    if (error === undefined) sink.end()
    else sink.fail(describe(error))
  }
  const body = decoded(incoming, finish)
  bodies.add(body)
  // A body that is paused, or still in the decoder, would not tell of its end.
  reading.onStop = () => finish(closedEarly())
  body.on('data', (chunk: Buffer) => {
    if (!isOver) sink.data(chunk)
  })
  body.on('end', () => finish())
  body.on('error', finish)
  if (body !== incoming) incoming.on('error', finish)
  // What we abort ourselves ends with neither; a decoder may still be at work when all has been received.
  incoming.on('close', () => {
    if (!isOver && (body === incoming || !incoming.complete)) finish(closedEarly())
  })
  if (flow.isPaused) body.pause()
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
