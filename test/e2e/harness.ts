// What every end-to-end test starts with: a server and a bridge that are gone when the test is over, however it
// ends, and a complaint when a test forgot to balance the books with `finish()`.
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import nodeTest, { type TestContext } from 'node:test'
import { bareEnv, type Host, type HostOptions, type Line, startHost } from '../fixtures/hosts/raw-host.ts'
import type { RpcError } from '../fixtures/hosts/raw-json.ts'
import { type McpOptions, type McpServer, mcpServer } from '../fixtures/servers/mcp-server.ts'
import {
  META,
  MODERN,
  type ModernOptions,
  type ModernServer,
  modernServer,
} from '../fixtures/servers/modern-server.ts'
import { type SessionOptions, type SessionServer, sessionServer } from '../fixtures/servers/session-server.ts'
import { type SseOptions, type SseServer, sseServer } from '../fixtures/servers/sse-server.ts'
import {
  startTcpServer,
  type TcpHandler,
  type TcpOptions,
  type TcpServer,
} from '../fixtures/servers/tcp-server.ts'

export const PLATFORM_HAS_SIGNALS = process.platform !== 'win32'

/** A test of this suite has an end, so that a bridge that hangs is a failure and not a wait; a busy machine takes many times as long as an idle one. */
export function test(
  name: string,
  body: (t: TestContext) => Promise<void>,
  skip: string | false = false,
  timeout = 240_000,
): void {
  void nodeTest(name, { timeout, skip }, body)
}

/** What says where a bridge keeps what it remembers: a test that sets one of these knows best. */
const PLACES = ['HOME', 'USERPROFILE', 'LOCALAPPDATA', 'XDG_CACHE_HOME', 'MCP_FERRY_CACHE_DIR']
const memories = new WeakMap<TestContext, string>()

/** The bridges of one test have a memory of their own: what the test before had on the same port was another server. */
function withMemory(t: TestContext, options: HostOptions): HostOptions {
  const { env = {}, onlyEnv } = options
  if (onlyEnv !== undefined || PLACES.some((name) => name in env)) return options
  const memory = memories.get(t) ?? mkdtempSync(join(bareEnv().HOME ?? '', 'memory-'))
  memories.set(t, memory)
  return { ...options, env: { ...env, MCP_FERRY_CACHE_DIR: memory } }
}

export function bridge(t: TestContext, options: HostOptions): Host {
  const host = startHost(withMemory(t, options))
  t.after(() => {
    const { finished } = host
    host.kill('SIGKILL')
    const passed = (t as TestContext & { readonly passed?: boolean }).passed === true
    if (passed) assert.ok(finished, 'this test did not call finish()')
  })
  return host
}

export async function serve(t: TestContext, options: McpOptions = {}): Promise<McpServer> {
  const server = await mcpServer(options)
  t.after(() => server.close())
  return server
}

export async function serveTcp(
  t: TestContext,
  handler: TcpHandler,
  options: TcpOptions = {},
): Promise<TcpServer> {
  const server = await startTcpServer(handler, options)
  t.after(() => server.close())
  return server
}

export async function serveSessions(t: TestContext, options: SessionOptions = {}): Promise<SessionServer> {
  const server = await sessionServer(options)
  t.after(() => server.close())
  return server
}

export async function serveSse(t: TestContext, options: SseOptions = {}): Promise<SseServer> {
  const server = await sseServer(options)
  t.after(() => server.close())
  return server
}

export async function serveModern(t: TestContext, options: ModernOptions = {}): Promise<ModernServer> {
  const server = await modernServer(options)
  t.after(() => server.close())
  return server
}

/** A server of the modern era and a bridge whose host has asked it who it is. */
export async function discovered(
  t: TestContext,
  options: ModernOptions = {},
  args: readonly string[] = [],
): Promise<{ readonly host: Host; readonly server: ModernServer }> {
  const server = await serveModern(t, options)
  const host = bridge(t, { url: server.url, args })
  host.send(modern('discover', 'server/discover'))
  resultOf(await host.answer('discover'))
  return { host, server }
}

/** A server of the old transport and a bridge that has done the handshake with it. */
export async function connectedSse(
  t: TestContext,
  options: SseOptions = {},
  args: readonly string[] = [],
): Promise<{ readonly host: Host; readonly server: SseServer }> {
  const server = await serveSse(t, options)
  const host = bridge(t, { url: server.url, args })
  await host.initialize()
  return { host, server }
}

/** A server that keeps sessions and a bridge that has one. */
export async function inSession(
  t: TestContext,
  options: SessionOptions = {},
  args: readonly string[] = [],
): Promise<{ readonly host: Host; readonly server: SessionServer }> {
  const server = await serveSessions(t, options)
  const host = bridge(t, { url: server.url, args })
  await host.initialize()
  const initialized = await server.request(({ message }) => message.method === 'notifications/initialized')
  await initialized.over
  return { host, server }
}

/** Options that both kinds of server take. */
export type Connecting = Omit<McpOptions, 'sessionId'>

export interface Pair {
  readonly host: Host
  readonly server: McpServer
}

/** A server and a bridge that has done the handshake with it. */
export async function connected(
  t: TestContext,
  options: McpOptions = {},
  args: readonly string[] = [],
): Promise<Pair> {
  const server = await serve(t, options)
  const host = bridge(t, { url: server.url, args })
  await host.initialize()
  return { host, server }
}

export function request(id: unknown, method: string, params?: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params })
}

export function call(id: unknown, args: unknown = {}, name = 'echo'): string {
  return request(id, 'tools/call', { name, arguments: args })
}

export function notify(method: string, params?: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params })
}

/** What every request of the modern era says of its client. */
export function metaOf(version = MODERN): Readonly<Record<string, unknown>> {
  return {
    [`${META}protocolVersion`]: version,
    [`${META}clientInfo`]: { name: 'raw-host', version: '1.0.0' },
    [`${META}clientCapabilities`]: { elicitation: {}, sampling: {}, roots: {} },
  }
}

/** A request of the modern era; `_meta` in the params adds to what each has. */
export function modern(
  id: unknown,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  version = MODERN,
): string {
  const own = params._meta as Readonly<Record<string, unknown>> | undefined
  return request(id, method, { ...params, _meta: { ...metaOf(version), ...own } })
}

export function modernCall(id: unknown, args: unknown = {}, name = 'echo'): string {
  return modern(id, 'tools/call', { name, arguments: args })
}

export function listen(id: unknown, notifications: unknown = { toolsListChanged: true }): string {
  return modern(id, 'subscriptions/listen', { notifications })
}

/** Checks that a line is an error with this code, from wherever, and returns it. */
export function errorOf(line: Line, code: number): RpcError {
  const { error } = line.value
  assert.ok(error, `an error was expected: ${line.raw.slice(0, 500)}`)
  assert.equal(error.code, code, line.raw)
  return error
}

/** Checks that a line is a result, and returns it. The line is the message: without one Node reads the source to make one. */
export function resultOf(line: Line): Readonly<Record<string, unknown>> {
  const { result } = line.value
  assert.ok(result, `a result was expected: ${line.raw.slice(0, 500)}`)
  return result
}

/** Checks that a line is an error that the bridge made itself, and returns its data (protocol.md 0.8). */
export function ownError(line: Line, kind?: string | RegExp): Readonly<Record<string, unknown>> {
  const { error } = line.value
  assert.ok(error, `an error was expected: ${line.raw.slice(0, 500)}`)
  assert.equal(error.code, -32603, line.raw)
  assert.match(error.message, /^mcp-ferry: \S/)
  assert.ok(!error.message.includes('\n'), 'the sentence is one line')
  const data = error.data ?? {}
  assert.equal(data.origin, 'mcp-ferry', line.raw)
  assert.ok(typeof data.kind === 'string', line.raw)
  if (typeof kind === 'string') assert.equal(data.kind, kind, line.raw)
  else if (kind !== undefined) assert.match(data.kind, kind, line.raw)
  return data
}

/** Shows that the bridge has read every line before: it answers this one itself, and the lines are read in order. */
export async function allRead(host: Host): Promise<void> {
  host.send('no JSON')
  await host.line(({ key, value }) => key === undefined && value.error?.code === -32700)
}

/** For a stdin that ends behind its requests: a busy machine may need longer for the answers than they are waited for by default. */
export const UNHURRIED = ['--start-budget', '0', '--drain-timeout', '10m'] as const

/** A port that nobody listens on; and nobody will, since it is none of those that systems give to whoever asks for any. */
export function freePort(): Promise<number> {
  const port = 10_000 + Math.floor(Math.random() * 20_000)
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(freePort()))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)))
  })
}
