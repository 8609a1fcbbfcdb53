// Where what was believed of a remote's era turns out to be wrong, or the host begins anew: nothing that the host has asked
// is left without an answer, and no belief outlives the remote. protocol.md 0.1, 0.10, F.3, F.5, F.6.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { mcpServer } from '../fixtures/servers/mcp-server.ts'
import { MODERN, modernServer } from '../fixtures/servers/modern-server.ts'
import {
  bridge,
  call,
  errorOf,
  freePort,
  modern,
  modernCall,
  ownError,
  request,
  resultOf,
  serveModern,
  test,
} from './harness.ts'

const FOR_EVER = ['--start-budget', '0']
const NOT_INITIALIZED =
  '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request: Server not initialized"}}'

/** A server of version 1 of the SDK, which wants a handshake before everything else. */
async function serveShy(t: TestContext, port: number) {
  const server = await mcpServer({
    port,
    sessionId: 'sess-1',
    on: { 'server/discover': (x) => x.reply(400, NOT_INITIALIZED) },
  })
  t.after(() => server.close())
  return server
}

test('a modern-only server that was too slow when the modern era was preferred is found by its refusal of the other', async (t) => {
  let asked = 0
  const server = await serveModern(t, {
    first(x) {
      const isSilent = x.message.method === 'server/discover' && ++asked === 1
      if (isSilent) x.hang()
      return isSilent
    },
  })
  const host = bridge(t, { url: server.url, args: [...FOR_EVER, '--remote-era', 'prefer-modern'] })
  host.send(initializeLine('i'))
  resultOf(await host.answer('i'))
  host.send(call('c', { n: 1 }))
  resultOf(await host.answer('c'))
  assert.equal(server.sent('initialize').length, 1)
  await host.finish({ stderr: 'any' })
})

test('a second initialize at a modern server: what was under way is answered, and the new session works', async (t) => {
  const server = await serveModern(t, {
    on: { 'tools/call': (x) => (x.message.id === 'stuck' ? x.hang() : x.result('{"content":[]}')) },
  })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send(call('stuck'))
  await server.request(({ message }) => message.id === 'stuck')
  host.send(initializeLine('again'))
  resultOf(await host.answer('again'))
  assert.equal(ownError(await host.answer('stuck'), 'session-lost').maybeDelivered, true)
  host.send(call('c'))
  resultOf(await host.answer('c'))
  await host.finish({ stderr: 'any' })
})

test('a second initialize while the remote is asked for its era: the first one and what waits behind it are answered', async (t) => {
  let asked = 0
  const server = await serveModern(t, {
    first(x) {
      const isFirst = x.message.method === 'server/discover' && ++asked === 1
      if (isFirst) x.hang()
      return isFirst
    },
  })
  const host = bridge(t, { url: server.url, args: ['--remote-era', 'modern', ...FOR_EVER] })
  host.send(initializeLine('first'))
  host.send(request('list', 'tools/list'))
  await server.request(({ message }) => message.method === 'server/discover')
  host.send(initializeLine('second'))
  resultOf(await host.answer('second'))
  ownError(await host.answer('first'), 'session-lost')
  ownError(await host.answer('list'), 'session-lost')
  await host.finish({ stderr: 'any' })
})

/** The port of a server of which the next bridge believes that it is modern, and that is gone. */
async function leftByModern(t: TestContext): Promise<number> {
  const before = await modernServer({ port: await freePort() })
  const first = bridge(t, { url: before.url })
  first.send(modern('d', 'server/discover'))
  resultOf(await first.answer('d'))
  await first.finish()
  await before.close()
  return before.port
}

test('a server that was modern at an earlier start and wants a handshake now: server/discover finds that out', async (t) => {
  const port = await leftByModern(t)
  const server = await serveShy(t, port)
  const host = bridge(t, { url: server.url })
  host.send(modern('d', 'server/discover'))
  resultOf(await host.answer('d'))
  host.send(modernCall('c', { n: 1 }))
  resultOf(await host.answer('c'))
  await host.finish({ stderr: 'any' })
})

test('a server that was modern at an earlier start and wants a handshake now: a host that does not ask finds it out too', async (t) => {
  const port = await leftByModern(t)
  let refused = 0
  const shy = await mcpServer({
    port,
    sessionId: 'sess-1',
    on: {
      'server/discover': (x) => x.reply(400, NOT_INITIALIZED),
      'tools/list': (x) => {
        if (x.header('mcp-session-id') !== undefined) return x.result('{"tools":[]}')
        refused++
        return x.reply(400, NOT_INITIALIZED)
      },
    },
  })
  t.after(() => shy.close())
  const host = bridge(t, { url: shy.url })
  host.sendRaw(`${modern('l', 'tools/list')}\n${modern('m', 'tools/list')}\n`)
  for (const id of ['l', 'm']) resultOf(await host.answer(id))
  assert.equal(refused, 2)
  await host.finish({ stderr: 'any' })
})

test('a server that was legacy at an earlier start and knows no initialize now is asked for the modern era', async (t) => {
  const before = await mcpServer({ port: await freePort() })
  const first = bridge(t, { url: before.url })
  first.send(modern('l', 'tools/list'))
  resultOf(await first.answer('l'))
  await first.finish({ stderr: 'any' })
  await before.close()
  const server = await modernServer({
    port: before.port,
    first(x) {
      const isOld = x.message.method === 'initialize'
      if (isOld) x.error(-32601, 'no such method: initialize', undefined, 404)
      return isOld
    },
  })
  t.after(() => server.close())
  const host = bridge(t, { url: server.url })
  host.send(modernCall('c', { n: 1 }))
  resultOf(await host.answer('c'))
  await host.finish({ stderr: 'any' })
})

test('a host that is sent back to initialize: a modern server that is slow to say so is not taken for a legacy one', async (t) => {
  let asked = 0
  const server = await serveModern(t, {
    first(x) {
      const isSilent = x.message.method === 'server/discover' && ++asked === 1
      if (isSilent) x.hang()
      return isSilent
    },
  })
  const host = bridge(t, { url: server.url, args: ['--modern-host', 'decline', ...FOR_EVER] })
  host.send(modern('d', 'server/discover'))
  resultOf(await host.answer('d'))
  assert.equal(server.sent('initialize').length, 1, 'the other era is tried while it is silent')
  await host.finish({ stderr: 'any' })
})

test('a host that is sent back to initialize: a silent legacy server is found out, and its session is ended', async (t) => {
  const server = await mcpServer({ sessionId: 'sess-1', on: { 'server/discover': (x) => x.hang() } })
  t.after(() => server.close())
  const host = bridge(t, { url: server.url, args: ['--modern-host', 'decline', ...FOR_EVER] })
  host.send(modern('d', 'server/discover'))
  errorOf(await host.answer('d'), -32601)
  await server.request(({ method }) => method === 'DELETE')
  await host.finish({ stderr: 'any' })
})

test('a question to a host that has gone before the era was known is taken for unanswered at once', async (t) => {
  const held: (() => void)[] = []
  const server = await serveModern(t, {
    first(x) {
      if (x.message.method !== 'initialize') return false
      held.push(() =>
        x.error(-32022, 'Unsupported protocol version', { supported: ['2026-07-28'], requested: 'x' }, 400),
      )
      return true
    },
    on: {
      'tools/call': (x) =>
        x.message.params?.inputResponses === undefined
          ? x.result(
              '{"resultType":"input_required","inputRequests":{"q":{"method":"elicitation/create","params":{"message":"?","requestedSchema":{"type":"object","properties":{}}}}},"requestState":"s"}',
            )
          : x.result({
              resultType: 'complete',
              content: [],
              structuredContent: x.message.params.inputResponses,
            }),
    },
  })
  // With this drain the test would not end if the host were asked.
  const host = bridge(t, { url: server.url, args: ['--drain-timeout', '10m'] })
  const initialize = initializeLine('i')
  host.sendRaw(`${initialize}\n${INITIALIZED}\n${call('c')}\n`)
  host.endInput()
  await server.request(({ message }) => message.method === 'initialize')
  held[0]?.()
  resultOf(await host.answer('i'))
  assert.deepEqual(resultOf(await host.answer('c')).structuredContent, { q: { action: 'cancel' } })
  await host.finish({ stderr: 'any' })
})

test('a modern server that was stood in for and is out of order for a while is not taken for a legacy one', async (t) => {
  const port = await freePort()
  const host = bridge(t, { url: `http://127.0.0.1:${port}/mcp`, args: ['--start-budget', '100ms'] })
  host.send(initializeLine('i'))
  resultOf(await host.answer('i'))
  host.send(INITIALIZED)
  let isBroken = false
  const server = await modernServer({
    port,
    first(x) {
      if (isBroken) x.reply(404, '<h1>Not here</h1>', { 'Content-Type': 'text/html' })
      return isBroken
    },
  })
  t.after(() => server.close())
  host.send(call('first'))
  resultOf(await host.answer('first'))
  isBroken = true
  for (const id of [1, 2, 3]) {
    host.send(call(id))
    ownError(await host.answer(id), 'http')
  }
  isBroken = false
  host.send(call('last', { n: 1 }))
  assert.deepEqual(resultOf(await host.answer('last')).structuredContent, { n: 1 })
  await host.finish({ stderr: 'any' })
})

test('a server that says it is legacy, but answers server/discover, is not asked the same for ever', async (t) => {
  const server = await serveModern(t, {
    on: {
      'tools/call': (x) =>
        x.error(
          -32022,
          'Unsupported protocol version',
          { supported: ['2025-11-25'], requested: MODERN },
          400,
        ),
    },
  })
  const host = bridge(t, { url: server.url })
  host.send(modernCall('c'))
  errorOf(await host.answer('c'), -32022)
  assert.equal(server.sent('tools/call').length, 2)
  await host.finish({ stderr: 'any' })
})
