// HTTP straight to the remote on node:http and node:https. Not fetch: it costs three times a bare Node start and
// ends idle streams after 300 s. https, with TLS, is loaded for an https URL alone. protocol.md 0.6.
import type { IncomingMessage, RequestOptions } from 'node:http'
import http from 'node:http'
import type { Readable } from 'node:stream'
import type { BridgeError } from '../../errors.ts'
import type { Flow } from '../../lane.ts'
import type { Stop } from '../stop.ts'
import { createConnections } from './connections.ts'
import { networkFailure } from './failure.ts'
import type { BodySink, Http, HttpRequest, HttpResponse } from './http.ts'

/** Makes a client with its own connections. `connectTimeoutMs` bounds DNS, TCP and TLS together. */
export function createDirectHttp(connectTimeoutMs: number, flow: Flow): Http {
  const clients = new Map<string, ReturnType<typeof createClient>>()
  const bodies = new Set<Readable>()
  flow.onChange((isPaused) => {
    for (const body of bodies) isPaused ? body.pause() : body.resume()
  })

  function createClient(protocol: string) {
    const library =
      protocol === 'https:' ? (process.getBuiltinModule('node:https') as unknown as typeof http) : http
    return { library, connections: createConnections(library, connectTimeoutMs) }
  }

  function clientFor(protocol: string): ReturnType<typeof createClient> {
    let client = clients.get(protocol)
    if (client === undefined) clients.set(protocol, (client = createClient(protocol)))
    return client
  }

  function request(wanted: HttpRequest): void {
    const { url, stop } = wanted
    const { library, connections } = clientFor(url.protocol)
    const outgoing = library.request(requestOptions(wanted, connections.agent))
    const fail = (error: unknown): BridgeError => {
      if (stop.reason !== undefined) return stop.reason
      const wasConnected = outgoing.socket !== null && connections.stood(outgoing.socket)
      return networkFailure(error, { host: url.host, url: `${url.origin}${url.pathname}`, wasConnected })
    }
    let isAnswered = false
    if (wanted.onWritten !== undefined) outgoing.on('finish', wanted.onWritten)
    outgoing.on('error', (error) => {
      if (!isAnswered) wanted.onFailure(fail(error))
      isAnswered = true
    })
    outgoing.on('response', (incoming) => {
      isAnswered = true
      wanted.onResponse(wrap(incoming, { fail, stop, flow, bodies }))
    })
    const unlisten = stop.on(() => outgoing.destroy())
    outgoing.on('close', unlisten)
    outgoing.end(wanted.body)
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
  const { protocol, host, port, pathname, search } = url
  const hostname = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
  const raw =
    body === undefined
      ? ['Host', host, ...headers]
      : ['Host', host, ...headers, 'Content-Length', String(body.length)]
  return { agent, method, protocol, hostname, port, path: pathname + search, headers: raw as never }
}

interface Surroundings {
  readonly fail: (error: unknown) => BridgeError
  readonly stop: Stop
  readonly flow: Flow
  readonly bodies: Set<Readable>
}

function wrap(incoming: IncomingMessage, around: Surroundings): HttpResponse {
  return {
    status: incoming.statusCode ?? 0,
    header: (name) => findHeader(incoming.rawHeaders, name),
    read: (sink) => pour(incoming, sink, around),
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

/** Node's own `headers` would be built whole for the one or two that are asked for. */
function findHeader(raw: readonly string[], name: string): string | undefined {
  for (let index = raw.length - 2; index >= 0; index -= 2) {
    const candidate = raw[index]!
    if (candidate.length === name.length && candidate.toLowerCase() === name) return raw[index + 1]
  }
  return undefined
}

function pour(incoming: IncomingMessage, sink: BodySink, { fail, flow, bodies }: Surroundings): void {
  let isOver = false
  const finish = (error?: unknown): void => {
    if (isOver) return
    isOver = true
    bodies.delete(body)
    if (error === undefined) sink.end()
    else sink.fail(fail(error))
  }
  const body = decoded(incoming, finish)
  bodies.add(body)
  body.on('data', (chunk: Buffer) => {
    if (!isOver) sink.data(chunk)
  })
  body.on('end', () => finish())
  body.on('error', finish)
  if (body !== incoming) incoming.on('error', finish)
  incoming.on('close', () => {
    if (!incoming.complete) finish(Object.assign(new Error('closed early'), { code: 'ECONNRESET' }))
  })
  if (flow.isPaused) body.pause()
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
