// What the tests of this folder say to a bridge, and what they check of what it says: a handshake, a call, the end.
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { type McpServer, mcpServer } from '../fixtures/servers/mcp-server.ts'
import type { Said, Seen } from './machine.ts'

const ARGUMENTS = { word: 'Jürgen "über" 100 % & mehr' }
const CALL = JSON.stringify({
  jsonrpc: '2.0',
  id: 'call',
  method: 'tools/call',
  params: { name: 'echo', arguments: ARGUMENTS },
})

/** A handshake and a tool call. */
export const SESSION: readonly Said[] = [
  { line: initializeLine('init'), until: 'init' },
  { line: INITIALIZED },
  { line: CALL, until: 'call' },
]

const servers: McpServer[] = []
after(async () => {
  for (const server of servers) await server.close()
})

/** A server for one case; whatever it is asked stands for what arrived of the case's arguments. */
export async function serving(): Promise<McpServer> {
  const server = await mcpServer()
  servers.push(server)
  return server
}

/** The program was started, did the session, and ended with its host; and stdout has nothing but its answers. */
export function checkSession(seen: Seen | undefined, stderr: RegExp | '' = ''): void {
  assert.ok(seen !== undefined, 'there is no such case')
  const all = JSON.stringify(seen, null, 1)
  assert.equal(seen.failure, '', all)
  assert.equal(seen.lines.length, 2, all)
  const [init, call] = seen.lines.map((line) => JSON.parse(line))
  assert.equal(init.id, 'init', all)
  assert.equal(init.result?.serverInfo?.name, 'raw-server', all)
  assert.equal(call.id, 'call', all)
  assert.deepEqual(call.result?.structuredContent, ARGUMENTS, all)
  assert.equal(seen.rest, '', all)
  if (stderr === '') assert.equal(seen.stderr, '', all)
  else assert.match(seen.stderr, stderr, all)
  assert.equal(seen.code, 0, all)
}

/** Each request to the server had this header, with this value. */
export function checkHeader(server: McpServer, name: string, value: string): void {
  assert.ok(server.requests.length >= 3, `${server.requests.length} requests`)
  for (const request of server.requests) {
    const at = request.rawHeaders.findIndex((header, index) => index % 2 === 0 && header === name)
    assert.ok(at >= 0, `no ${name} in ${request.rawHeaders}`)
    assert.equal(request.rawHeaders[at + 1], value)
  }
}
