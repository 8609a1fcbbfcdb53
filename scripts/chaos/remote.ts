// The remote of the chaos run: one port with a Streamable HTTP endpoint (/mcp), an HTTP+SSE one (/sse), which can lose
// their sessions, and one of the modern era (/modern). It can be restarted. What it really executed stands in its
// `truth`. protocol.md A, B.1, C.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { serveEventSource } from './event-source.ts'
import { parseRpc, type Rpc } from './instruction.ts'
import { createModernRemote } from './modern.ts'
import { hostEra, type Pair } from './pairs.ts'
import { createSessions } from './sessions.ts'
import { serveStreamable } from './streamable.ts'
import { createSubscriptions } from './subscriptions.ts'
import { createTruth, type Truth } from './work.ts'

export interface Incoming {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  readonly query: URLSearchParams
  readonly text: string
  readonly message: Rpc | undefined
}

export interface Remote {
  readonly port: number
  readonly truth: Truth
  /** All connections and sessions are gone, as if the process had been started anew. */
  restart(): void
  /** The sessions are forgotten; `withStreams` ends their streams too, else those go on. */
  forget(withStreams: boolean): void
  /** Tells all who listen that the tools have changed; from now on subscriptions are not ended. */
  announce(): void
  close(): Promise<void>
}

export async function startRemote(pair: Pair): Promise<Remote> {
  const truth = createTruth()
  const sessions = createSessions(truth, hostEra(pair) === 'modern')
  const subscriptions = createSubscriptions(truth)
  const modern = createModernRemote(truth, subscriptions)
  const sockets = new Set<Socket>()

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    response.on('error', () => {})
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://remote')
      const text = Buffer.concat(chunks).toString('utf8')
      const incoming = {
        request,
        response,
        path: pathname,
        query: searchParams,
        text,
        message: parseRpc(text),
      }
      if (pathname === '/mcp') serveStreamable(sessions, incoming)
      else if (pathname === '/modern') modern.serve(incoming)
      else serveEventSource(sessions, incoming)
    })
  })
  server.keepAliveTimeout = 60_000
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  function restart(): void {
    sessions.forget(true)
    for (const socket of sockets) socket.destroy()
  }

  return {
    port: (server.address() as AddressInfo).port,
    truth,
    restart,
    forget: sessions.forget,
    announce() {
      sessions.announce()
      subscriptions.keep()
      subscriptions.change()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        restart()
      }),
  }
}

export function replyJson(response: ServerResponse, status: number, value?: unknown): void {
  const body = value === undefined ? '' : JSON.stringify(value)
  const type = value === undefined ? {} : { 'Content-Type': 'application/json' }
  response.writeHead(status, { ...type, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}

export function openEvents(response: ServerResponse, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache', ...headers })
  response.flushHeaders()
}
