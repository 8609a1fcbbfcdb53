// Servers that do what is allowed but rare, or what they should not, and hosts in a hurry: nobody waits for ever, and
// nobody is told what is not true. protocol.md 0.1, A.1-5, A.2, A.9; 25/L.
import assert from 'node:assert/strict'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { bridge, call, connected, notify, ownError, request, serve, test } from './harness.ts'

const RESULT = { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'odd', version: '1' } }

test('a server that pings before it answers initialize gets its pong, with the session it has assigned', async (t) => {
  const waiting: (() => void)[] = []
  const server = await serve(t, {
    on: {
      initialize: (x) => {
        const stream = x.sse({ 'mcp-session-id': 'early' })
        stream.message({ jsonrpc: '2.0', id: 'p', method: 'ping' })
        waiting.push(() => stream.result(RESULT))
      },
      response: (x) => {
        x.reply(202)
        waiting.pop()?.()
      },
    },
  })
  const host = bridge(t, { url: server.url })
  host.send(initializeLine('i'))
  await host.line((line) => line.value.method === 'ping')
  host.send({ jsonrpc: '2.0', id: 'p', result: {} })
  assert.ok((await host.answer('i')).value.result)
  const pong = await server.request(({ message }) => message.method === undefined && message.id === 'p')
  assert.equal(pong.header('mcp-session-id'), 'early')
  await host.finish()
})

test('T12 also at the end of the input, requests wait until the server has taken initialized', async (t) => {
  const held: Exchange[] = []
  const server = await serve(t, { on: { 'notifications/initialized': (x) => void held.push(x) } })
  const host = bridge(t, { url: server.url, args: ['--drain-timeout', '10m'] })
  host.sendRaw(`${[initializeLine('i'), INITIALIZED, request(1, 'tools/list'), 'no JSON'].join('\n')}\n`)
  host.endInput()
  await server.request(({ message }) => message.method === 'notifications/initialized')
  await host.answer('i')
  assert.equal(server.sent('tools/list').length, 0)
  held[0]?.reply(202)
  assert.ok((await host.answer(1)).value.result)
  await host.finish()
})

test('a notification that the server never answers holds up neither a cancel nor an answer for long', async (t) => {
  const { host, server } = await connected(t, {
    on: { 'tools/call': (x) => x.hang(), 'notifications/roots/list_changed': (x) => x.hang() },
  })
  host.send(call(1))
  await server.request(({ message }) => message.method === 'tools/call')
  host.send(notify('notifications/roots/list_changed'))
  host.send(notify('notifications/cancelled', { requestId: 1 }))
  await server.request(({ message }) => message.method === 'notifications/cancelled')
  await host.finish({ stderr: 'any' })
})

test('answers that a server has swapped are not passed off as each other', async (t) => {
  const calls: Exchange[] = []
  const { host } = await connected(t, {
    on: {
      'tools/call': (x) => {
        calls.push(x)
        if (calls.length < 2) return
        const [one, two] = calls
        one?.reply(200, `{"jsonrpc":"2.0","id":${two?.rawId},"result":{"for":${two?.rawId}}}`)
        two?.reply(200, `{"jsonrpc":"2.0","id":${one?.rawId},"result":{"for":${one?.rawId}}}`)
      },
    },
  })
  host.send(call(1))
  host.send(call(2))
  for (const id of [1, 2]) {
    const answer = await host.answer(id)
    const { result } = answer.value as { result?: { for?: number } }
    if (result === undefined) ownError(answer, 'protocol')
    else assert.equal(result.for, id)
  }
  await host.finish({ stderr: 'any' })
})

test('a cancel does not overtake a large request on a connection that stands', async (t) => {
  const { host, server } = await connected(t)
  host.send(request(1, 'tools/list'))
  await host.answer(1)
  host.sendRaw(
    `${call(2, { text: 'x'.repeat(8_000_000) })}\n${notify('notifications/cancelled', { requestId: 2 })}\n`,
  )
  host.send(request(3, 'tools/list'))
  await host.answer(3)
  host.endInput()
  await host.finish({ unanswered: 'any' })
  const called = server.requests.findIndex(({ message }) => message.method === 'tools/call')
  const cancelled = server.requests.findIndex(({ message }) => message.method === 'notifications/cancelled')
  assert.equal(called < 0, cancelled < 0, 'both are sent or neither')
  assert.ok(called <= cancelled)
})

test('an id that is used again after a cancel does not get the answer to the first request', async (t) => {
  const calls: Exchange[] = []
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => void calls.push(x) } })
  host.send(call(5))
  await server.request(({ message }) => message.method === 'tools/call')
  host.send(notify('notifications/cancelled', { requestId: 5 }))
  await server.request(({ message }) => message.method === 'notifications/cancelled')
  host.send(call(5))
  await server.request(() => calls.length === 2)
  calls[0]?.reply(200, '{"jsonrpc":"2.0","id":5,"result":{"for":"first"}}')
  // Not both at once: whichever came first would be the answer.
  await calls[0]?.over
  host.send(request(6, 'tools/list'))
  await host.answer(6)
  calls[1]?.reply(200, '{"jsonrpc":"2.0","id":5,"result":{"for":"second"}}')
  const answer = await host.answer(5)
  assert.deepEqual(answer.value.result, { for: 'second' })
  await host.finish({ stderr: 'any' })
})

const SECRETS = ['q/uerySECRET+1', 'sidSECRET42', 'hunterSECRET2']
const ECHOES: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => `wrong: ${secret}`,
  'as JSON with escaped slashes': (secret) => `{"detail":"wrong: ${secret.replaceAll('/', '\\/')}"}`,
  'as JSON with escaped characters': (secret) =>
    `{"detail":"wrong: ${secret.replace(/[/+]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`)}"}`,
  'percent-encoded': (secret) => `Cannot POST /mcp?key=${encodeURIComponent(secret)}`,
  'percent-encoded in lower case': (secret) =>
    `Cannot POST /mcp?key=${encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase())}`,
}

for (const [name, echo] of Object.entries(ECHOES))
  test(`a secret that the server says again ${name} reaches nobody`, async (t) => {
    const server = await serve(t, {
      on: { '*': (x) => x.reply(403, SECRETS.map(echo).join(' '), { 'content-type': 'text/plain' }) },
    })
    const url = new URL(server.url)
    url.username = 'bob'
    url.password = SECRETS[2]!
    url.searchParams.set('key', SECRETS[0]!)
    const args = ['--log-level', 'trace', '-H', `Cookie: sid=${SECRETS[1]}; lang=en`]
    const host = bridge(t, { url: String(url), args })
    host.send(request(1, 'tools/list'))
    const answer = await host.answer(1)
    ownError(answer, 'auth-failed')
    await host.finish({ stderr: 'any' })
    assert.doesNotMatch(answer.raw + host.stderr, /SECRET/)
  })
