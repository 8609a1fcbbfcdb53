// The remote of the chaos run: one port with a Streamable HTTP endpoint (/mcp) and an HTTP+SSE one (/sse), which can
// lose its sessions and be restarted. What it really executed stands in its `truth`. protocol.md A, B.1.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { serveEventSource } from './event-source.ts'
import { parseRpc, type Rpc } from './instruction.ts'
import { createSessions } from './sessions.ts'
import { serveStreamable } from './streamable.ts'
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
  close(): Promise<void>
}

export async function startRemote(): Promise<Remote> {
  const truth = createTruth()
  const sessions = createSessions(truth)
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
