// The session from its odd sides: a second initialize, one that fails with others waiting, a bad session id, messages
// before any initialize, and servers without a GET stream. protocol.md 0.2, A.1, A.5; T21.
import assert from 'node:assert/strict'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { sequence } from '../fixtures/servers/mcp-server.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { bridge, call, connected, notify, ownError, request, resultOf, serve, test } from './harness.ts'

test('a second initialize opens a new session: the old one is deleted, its calls end in an error', async (t) => {
  const { host, server } = await connected(t, {
    on: {
      initialize: sequence(
        (x) => initializeWith(x, 'first'),
        (x) => initializeWith(x, 'second'),
      ),
      'tools/call': (x) => x.hang(),
    },
  })
  host.send(call('old'))
  await server.request(({ message }) => message.id === 'old')
  host.send(initializeLine('again'))
  ownError(await host.answer('old'), 'session-lost')
  assert.ok((await host.answer('again')).value.result)
  host.send(INITIALIZED)
  host.send(request(1, 'tools/list'))
  await host.answer(1)
  const again = server.sent('initialize').at(-1)
  assert.equal(again?.header('mcp-session-id'), undefined)
  assert.equal(again?.header('mcp-protocol-version'), undefined)
  assert.equal(server.sent('tools/list')[0]?.header('mcp-session-id'), 'second')
  await host.finish({ stderr: 'any' })
  const deleted = server.with('DELETE').map((x) => x.header('mcp-session-id'))
  assert.deepEqual(deleted, ['first', 'second'])
})

const RESULT = '{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"s","version":"1"}}'

function initializeWith(x: Exchange, sessionId: string): void {
  x.reply(200, `{"jsonrpc":"2.0","id":${x.rawId},"result":${RESULT}}`, { 'Mcp-Session-Id': sessionId })
}

test('what waits behind an initialize that fails is answered too, and a later initialize works', async (t) => {
  const server = await serve(t, {
    sessionId: null,
    on: {
      initialize: sequence(
        (x) => x.reply(403),
        (x) => initializeWith(x, 'later'),
      ),
    },
  })
  const host = bridge(t, { url: server.url })
  host.sendRaw(`${[initializeLine('i'), INITIALIZED, request(1, 'tools/list'), call(2)].join('\n')}\n`)
  for (const id of ['i', 1, 2]) ownError(await host.answer(id))
  await host.initialize()
  host.send(call(3))
  assert.ok((await host.answer(3)).value.result)
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('tools/call').length, 1)
})

test('a second initialize while the first one hangs: the first ends in an error, the second opens', async (t) => {
  const server = await serve(t, {
    on: {
      initialize: sequence(
        (x) => x.hang(),
        (x) => initializeWith(x, 'second'),
      ),
    },
  })
  const host = bridge(t, { url: server.url })
  host.send(initializeLine('first'))
  await server.request(({ message }) => message.id === 'first')
  host.send(initializeLine('second'))
  ownError(await host.answer('first'))
  assert.ok((await host.answer('second')).value.result)
  host.send(INITIALIZED)
  host.send(call(1))
  assert.ok((await host.answer(1)).value.result)
  assert.equal(server.sent('tools/call')[0]?.header('mcp-session-id'), 'second')
  await host.finish({ stderr: 'any' })
})

test('an initialize answered with a JSON-RPC error: the error goes to the host as it is', async (t) => {
  const server = await serve(t, {
    on: { initialize: (x) => x.error(-32602, 'Unsupported protocol version', { supported: ['2024-11-05'] }) },
  })
  const host = bridge(t, { url: server.url })
  host.send(initializeLine('i'))
  const { error } = (await host.answer('i')).value
  assert.deepEqual(error, {
    code: -32602,
    message: 'Unsupported protocol version',
    data: { supported: ['2024-11-05'] },
  })
  await host.finish({ stderr: 'any' })
})

for (const [name, id] of [
  ['a blank', 'with blank'],
  ['a letter that is not ASCII', 'caf\u00e9'],
] as const)
  test(`a session id with ${name} in it is a protocol error, and the bridge stays`, async (t) => {
    const server = await serve(t, {
      on: {
        initialize: sequence(
          (x) => initializeWith(x, id),
          (x) => initializeWith(x, 'fine'),
        ),
      },
    })
    const host = bridge(t, { url: server.url })
    host.send(initializeLine('i'))
    ownError(await host.answer('i'), 'protocol')
    await host.initialize()
    await host.finish({ stderr: 'some' })
  })

test('a bad session id on a stream that could be taken up again is told too, and the stream is not', async (t) => {
  const server = await serve(t, {
    on: {
      initialize(x) {
        const stream = x.sse({ 'Mcp-Session-Id': 'with blank' })
        stream.message(`{"jsonrpc":"2.0","id":${x.rawId},"result":${RESULT}}`, { id: '1' })
      },
    },
  })
  const host = bridge(t, { url: server.url })
  host.send(initializeLine('i'))
  ownError(await host.answer('i'), 'protocol')
  const [x] = server.sent('initialize')
  assert.equal(await x?.over, 'aborted')
  await host.finish({ stderr: 'some' })
  assert.equal(server.with('GET').length, 0)
})

for (const [name, protocolVersion] of [
  ['a line end', '2025-06-18\r\nX-Evil: 1'],
  ['a letter that is not ASCII', '2025-06-18é'],
  ['nothing', ''],
] as const)
  test(`a protocol version with ${name} in it is told as it is and goes into no header`, async (t) => {
    const { host, server } = await connected(t, { protocolVersion })
    host.send(call(1))
    resultOf(await host.answer(1))
    await host.finish()
    assert.equal(host.lines[0]?.value.result?.protocolVersion, protocolVersion)
    for (const x of server.requests) {
      assert.equal(x.header('mcp-protocol-version'), undefined)
      assert.equal(x.header('x-evil'), undefined)
    }
  })

test('a ping before any initialize is answered on the spot, without the network', async (t) => {
  const server = await serve(t)
  const host = bridge(t, { url: server.url })
  host.send(request(1, 'ping'))
  assert.deepEqual((await host.answer(1)).value.result, {})
  assert.equal(server.connections, 0)
  await host.finish()
})

test('a ping after initialize is forwarded: it measures the remote', async (t) => {
  const { host, server } = await connected(t, { sessionId: null, on: { ping: (x) => x.reply(500) } })
  host.send(request(1, 'ping'))
  ownError(await host.answer(1), 'http')
  assert.ok(server.sent('ping').length > 0)
  await host.finish({ stderr: 'some' })
})

test('a request without any initialize is sent as it is, without session or version', async (t) => {
  const server = await serve(t, { sessionId: null })
  const host = bridge(t, { url: server.url })
  host.send(request(1, 'tools/list'))
  assert.ok((await host.answer(1)).value.result)
  assert.equal(server.sent('tools/list')[0]?.header('mcp-session-id'), undefined)
  await host.finish()
})

test('an answer of the host to something nobody asked is not sent', async (t) => {
  const { host, server } = await connected(t)
  host.send('{"jsonrpc":"2.0","id":"nobody-asked","result":{}}')
  host.send(notify('notifications/after'))
  await server.request(({ message }) => message.method === 'notifications/after')
  assert.ok(!server.requests.some(({ text }) => text.includes('nobody-asked')))
  await host.finish()
})

test('a cancel of something unknown disturbs nobody', async (t) => {
  const { host } = await connected(t)
  host.send(notify('notifications/cancelled', { requestId: 'never-seen' }))
  host.send(notify('notifications/cancelled', {}))
  host.send(notify('notifications/cancelled'))
  host.send(request(1, 'tools/list'))
  await host.answer(1)
  assert.equal(host.lines.length, 2)
  await host.finish()
})

test('T21 a server without a GET stream (405) is asked exactly once', async (t) => {
  const { host, server } = await connected(t)
  await server.request(({ method }) => method === 'GET')
  for (let id = 1; id <= 20; id++) {
    host.send(request(id, 'tools/list'))
    await host.answer(id)
  }
  await host.finish()
  assert.equal(server.with('GET').length, 1)
})

for (const status of [400, 404, 406, 501])
  test(`a GET answered ${status} means no stream: no second GET, no new session, requests go on`, async (t) => {
    const { host, server } = await connected(t, { on: { GET: (x) => x.reply(status) } })
    await server.request(({ method }) => method === 'GET')
    for (let id = 1; id <= 5; id++) {
      host.send(request(id, 'tools/list'))
      await host.answer(id)
    }
    await host.finish({ stderr: 'any' })
    assert.equal(server.with('GET').length, 1)
    assert.equal(server.sent('initialize').length, 1)
  })
