// The HTTP side of the MCP server behind `mcp-ferry demo`: Streamable HTTP of the legacy era with sessions, on a
// loopback port, so that the bridge can be tried without a remote. What it serves is in demo-methods.ts.
// Spec: 2025-11-25, basic/transports and basic/lifecycle.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Envelope, read } from '../message/envelope.ts'
import { decode } from '../message/utf8.ts'
import { type Answer, answerMethod, type LogLevel } from './demo-methods.ts'
import { asFields, type Fields } from './raw-json.ts'

export interface DemoServer {
  readonly url: URL
  /** Ends what is running, hangs up on everybody and frees the port. */
  close(): Promise<void>
}

interface Session {
  readonly id: string
  readonly version: string
  /** Requests at work, by id, each with what stops it. */
  readonly running: Map<string, AbortController>
  /** Open GET streams. */
  readonly streams: Set<ServerResponse>
  readonly logging: LogLevel
}

const PATH = '/mcp'
const VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26']
const BODY_LIMIT_BYTES = 1_000_000
const INVALID_REQUEST = -32600
const INTERNAL = -32603

/** Starts the server on a free port of 127.0.0.1. */
export async function startDemoServer(): Promise<DemoServer> {
  const sessions = new Map<string, Session>()
  const server = createServer((request, response) => {
    handle(sessions, request, response).catch(() => {
      if (response.headersSent) response.destroy()
      else deny(response, 500, 'internal error', INTERNAL)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: new URL(`http://127.0.0.1:${port}${PATH}`),
    async close() {
      for (const session of sessions.values()) end(sessions, session)
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function end(sessions: Map<string, Session>, session: Session): void {
  sessions.delete(session.id)
  for (const work of session.running.values()) work.abort()
  for (const stream of session.streams) stream.end()
}

// ---- HTTP

async function handle(
  sessions: Map<string, Session>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A web page must not reach a server on loopback, neither directly nor by DNS rebinding.
  if (request.headers.origin !== undefined || !isLoopback(request.headers.host)) {
    return deny(response, 403, 'only programs on this machine may connect')
  }
  if (request.url !== PATH) return deny(response, 404, `the endpoint is ${PATH}`)
  if (request.method === 'POST') return post(sessions, request, response)
  if (request.method !== 'GET' && request.method !== 'DELETE') {
    return deny(response.setHeader('Allow', 'GET, POST, DELETE'), 405, 'use GET, POST or DELETE')
  }
  const session = findSession(sessions, request, response)
  if (session === undefined) return
  if (request.method === 'GET') return listen(session, request, response)
  end(sessions, session)
  response.writeHead(200).end()
}

function isLoopback(host = ''): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)
}

function deny(response: ServerResponse, status: number, message: string, code = INVALID_REQUEST): void {
  const body = JSON.stringify({ jsonrpc: '2.0', error: { code, message } })
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(body)
}

/** The session that the request names; without one the request has been refused. */
function findSession(
  sessions: Map<string, Session>,
  request: IncomingMessage,
  response: ServerResponse,
): Session | undefined {
  const id = request.headers['mcp-session-id']
  const version = request.headers['mcp-protocol-version']
  const session = typeof id === 'string' ? sessions.get(id) : undefined
  if (id === undefined) deny(response, 400, 'the header Mcp-Session-Id is missing')
  else if (session === undefined) deny(response, 404, 'there is no such session')
  else if (typeof version === 'string' && !VERSIONS.includes(version)) {
    deny(response, 400, `the protocol version ${version} is not supported`)
  } else return session
  return undefined
}

function listen(session: Session, request: IncomingMessage, response: ServerResponse): void {
  if (!accepts(request, 'text/event-stream')) {
    deny(response, 406, 'accept text/event-stream')
    return
  }
  session.streams.add(response)
  response.on('close', () => session.streams.delete(response))
  openStream(response)
}

async function post(
  sessions: Map<string, Session>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!accepts(request, 'application/json') || !accepts(request, 'text/event-stream')) {
    return deny(response, 406, 'accept application/json and text/event-stream')
  }
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return deny(response, 415, 'send application/json')
  }
  const body = await readBody(request)
  if (body === undefined) return deny(response, 413, 'the body is too large')
  const reading = read(body)
  if (reading.kind === 'not-json') return deny(response, 400, 'the body is not JSON', -32700)
  if (reading.kind === 'message' && reading.envelope.method === 'initialize') {
    return initialize(sessions, reading.envelope, response)
  }
  const session = findSession(sessions, request, response)
  if (session === undefined) return
  // Batches exist in 2025-03-26 only.
  const isBatch = reading.kind === 'batch' && session.version === '2025-03-26'
  const readings = isBatch ? reading.elements.map(read) : [reading]
  const messages = readings.flatMap((each) => (each.kind === 'message' ? [each.envelope] : []))
  if (messages.length === 0 || messages.length < readings.length || messages.some(isInitialize)) {
    return deny(response, 400, 'the body is not a JSON-RPC message')
  }
  await take(session, messages, response)
}

function isInitialize(message: Envelope): boolean {
  return message.method === 'initialize'
}

function accepts(request: IncomingMessage, type: string): boolean {
  const accepted = request.headers.accept ?? ''
  return accepted.includes(type) || accepted.includes('*/*')
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    // Read to its end all the same: to stop here would destroy the connection, and with it the answer.
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk)
  }
  return size > BODY_LIMIT_BYTES ? undefined : Buffer.concat(chunks)
}

function openStream(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' })
  response.flushHeaders()
}

function writeEvent(response: ServerResponse, message: string): void {
  if (!response.destroyed && !response.writableEnded) response.write(`event: message\ndata: ${message}\n\n`)
}

// ---- messages

function open(message: Envelope): { readonly id?: unknown; readonly params: Fields } {
  const { id, params } = JSON.parse(decode(message.bytes)) as { id?: unknown; params?: unknown }
  return { id, params: asFields(params) }
}

/** One answer, with the id as it was written: JSON.parse would round a large one. */
function answerText(message: Envelope, answer: Answer): string {
  return `{"jsonrpc":"2.0","id":${message.id?.raw ?? 'null'},${JSON.stringify(answer).slice(1)}`
}

function initialize(sessions: Map<string, Session>, message: Envelope, response: ServerResponse): void {
  if (message.kind !== 'request') {
    deny(response, 400, 'initialize is a request')
    return
  }
  const wanted = open(message).params.protocolVersion
  const version = VERSIONS.find((known) => known === wanted) ?? VERSIONS[0]!
  const session: Session = { id: randomUUID(), version, running: new Map(), streams: new Set(), logging: {} }
  sessions.set(session.id, session)
  const result = {
    protocolVersion: version,
    capabilities: { tools: {}, resources: {}, prompts: {}, logging: {} },
    serverInfo: { name: 'mcp-ferry-demo', version: '1.0.0' },
    instructions: 'A demonstration of mcp-ferry: every tool here is harmless.',
  }
  response.writeHead(200, { 'Content-Type': 'application/json', 'Mcp-Session-Id': session.id })
  response.end(answerText(message, { result }))
}

async function take(
  session: Session,
  messages: readonly Envelope[],
  response: ServerResponse,
): Promise<void> {
  for (const message of messages) {
    if (message.method === 'notifications/cancelled') {
      session.running.get(JSON.stringify(open(message).params.requestId))?.abort()
    }
  }
  const requests = messages.filter((message) => message.kind === 'request')
  const [first] = requests
  if (first === undefined) return void response.writeHead(202).end()
  if (requests.length === 1 && open(first).params.name !== 'slow') {
    const answer = await work(session, first, () => {})
    if (answer === undefined) return void response.writeHead(202).end()
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(answer)
    return
  }
  openStream(response)
  const send = (text: string): void => writeEvent(response, text)
  const sendAnswer = async (request: Envelope): Promise<void> => {
    const answer = await work(session, request, send)
    if (answer !== undefined) send(answer)
  }
  await Promise.all(requests.map(sendAnswer))
  response.end()
}

/** Does what the request asks. The text of its answer, or undefined when it was cancelled and is owed none. */
async function work(
  session: Session,
  message: Envelope,
  send: (text: string) => void,
): Promise<string | undefined> {
  const { id, params } = open(message)
  const key = JSON.stringify(id)
  const stop = new AbortController()
  session.running.set(key, stop)
  const notify = (method: string, values: Fields): void => send(notification(method, values))
  const announce = (method: string, values: Fields): void => {
    const [stream] = session.streams
    if (stream !== undefined) writeEvent(stream, notification(method, values))
  }
  try {
    const call = { params, signal: stop.signal, logging: session.logging, notify, announce }
    const answer = await answerMethod(message.method ?? '', call)
    return stop.signal.aborted ? undefined : answerText(message, answer)
  } catch (error) {
    if (stop.signal.aborted) return undefined
    throw error
  } finally {
    session.running.delete(key)
  }
}

function notification(method: string, params: Fields): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params })
}
