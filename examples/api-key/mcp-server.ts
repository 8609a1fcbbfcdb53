// The MCP server over Streamable HTTP, with sessions, for those who have a key of the API behind it; and /health, for
// whoever watches over it.
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { bodyOf, type Exchange, keyOf, Refusal, type Service, send, startService } from './service.ts'
import type { Timetable } from './timetable-client.ts'
import { timetableTools } from './tools.ts'

const IDLE_LIMIT_MS = 30 * 60 * 1000

interface Session {
  readonly transport: StreamableHTTPServerTransport
  readonly keyDigest: Buffer
  readonly owner: string
  usedAtMs: number
}

export interface McpServerOptions {
  readonly port: number
  readonly timetable: Timetable
}

export async function startMcpServer({ port, timetable }: McpServerOptions): Promise<Service> {
  const sessions = new Map<string, Session>()

  async function open(key: string): Promise<Session> {
    const owner = await timetable.whoHas(key)
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, session),
      onsessionclosed: (id) => void sessions.delete(id),
    })
    const session = { transport, keyDigest: digestOf(key), owner, usedAtMs: Date.now() }
    // The SDK's own class does not fit its own interface under exactOptionalPropertyTypes.
    await timetableTools(timetable).connect(transport as Transport)
    return session
  }

  /** A session belongs to a key: to another one it does not exist, and a client opens a new one on 404. */
  function known(id: string, key: string): Session {
    const session = sessions.get(id)
    if (session === undefined || !timingSafeEqual(session.keyDigest, digestOf(key)))
      throw new Refusal(404, 'There is no such session')
    return session
  }

  async function mcp({ request, response, note }: Exchange): Promise<void> {
    const key = keyOf(request)
    const id = request.headers['mcp-session-id']
    const body = request.method === 'POST' ? await bodyOf(request) : undefined
    if (body !== undefined) note(methodOf(body))
    const session = id === undefined ? await open(key) : known(String(id), key)
    session.usedAtMs = Date.now()
    note(`by ${session.owner}`)
    // A tool finds the key there, as authInfo.
    const auth = { token: key, clientId: session.owner, scopes: [] }
    await session.transport.handleRequest(Object.assign(request, { auth }), response, body)
  }

  async function answer(exchange: Exchange): Promise<void> {
    const { request, response, url, host } = exchange
    refuseStrangers(request, host)
    if (url.pathname === '/mcp') return mcp(exchange)
    if (url.pathname !== '/health' || request.method !== 'GET')
      throw new Refusal(404, 'There is nothing here')
    const isUp = await timetable.isUp()
    send(response, isUp ? 200 : 503, { status: isUp ? 'ok' : 'the timetable API cannot be reached' })
  }

  const service = await startService({ name: 'mcp', port, answer })
  const sweeping = setInterval(() => closeIdle(sessions), 60_000).unref()
  return {
    url: `${service.url}mcp`,
    async close() {
      clearInterval(sweeping)
      // Calls get their answers; a stream for notices would never end by itself.
      for (const { transport } of sessions.values()) transport.closeStandaloneSSEStream()
      await service.close()
      for (const { transport } of sessions.values()) await transport.close()
    },
  }
}

/** A page in a browser may send requests to this machine: it says its own Origin, or by DNS rebinding its own Host. */
function refuseStrangers({ headers }: IncomingMessage, host: string): void {
  const hosts = [host, host.replace('127.0.0.1', 'localhost')]
  const origins = hosts.map((each) => `http://${each}`)
  if (!hosts.includes(headers.host ?? '')) throw new Refusal(403, 'This Host is not served here')
  if (headers.origin !== undefined && !origins.includes(headers.origin))
    throw new Refusal(403, 'This Origin is not served here')
}

function closeIdle(sessions: Map<string, Session>): void {
  for (const [id, { transport, usedAtMs }] of sessions) {
    if (Date.now() - usedAtMs < IDLE_LIMIT_MS) continue
    sessions.delete(id)
    void transport.close()
  }
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** For the log. */
function methodOf(body: unknown): string {
  const { method } = (body ?? {}) as { method?: unknown }
  return typeof method === 'string' ? method : '-'
}
