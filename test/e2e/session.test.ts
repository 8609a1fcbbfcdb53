// The legacy session over HTTP: which headers go with which request, the order of the handshake, and what becomes of
// notifications. protocol.md A.1, A.2, A.7; T09–T13, T19.
import assert from 'node:assert/strict'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { bridge, call, connected, notify, ownError, request, serve, test } from './harness.ts'

test('T09 initialize has neither session nor version header, everything later has both', async (t) => {
  for (const sessionHeader of ['mcp-session-id', 'Mcp-Session-Id', 'MCP-SESSION-ID']) {
    const sessionId = '!visible~ASCII-1a'
    const server = await serve(t, {
      sessionHeader,
      sessionId,
      getStream: true,
      protocolVersion: '2025-06-18',
    })
    const host = bridge(t, { url: server.url })
    await host.initialize('2025-11-25')
    host.send(request(1, 'tools/list'))
    host.send(notify('notifications/roots/list_changed'))
    await host.answer(1)
    await server.request(({ method }) => method === 'GET')
    await host.finish()
    const [first, ...later] = server.requests
    assert.equal(first?.message.method, 'initialize')
    assert.equal(first.header('mcp-session-id'), undefined)
    assert.equal(first.header('mcp-protocol-version'), undefined)
    const kinds = new Set(later.map(({ method, message }) => message.method ?? method))
    for (const kind of [
      'notifications/initialized',
      'tools/list',
      'notifications/roots/list_changed',
      'GET',
      'DELETE',
    ])
      assert.ok(kinds.has(kind), `${kind} was never sent`)
    for (const x of later) {
      assert.equal(x.header('mcp-session-id'), sessionId, `${x.method} ${x.text}`)
      assert.equal(x.header('mcp-protocol-version'), '2025-06-18', `${x.method} ${x.text}`)
    }
  }
})

test('T10 a server without sessions never sees a session header, nor a DELETE', async (t) => {
  const { host, server } = await connected(t, { sessionId: null })
  host.send(request(1, 'tools/list'))
  await host.answer(1)
  await host.finish()
  for (const x of server.requests) {
    assert.equal(x.header('mcp-session-id'), undefined)
    assert.notEqual(x.method, 'DELETE')
  }
})

test('a session header on anything but the answer to initialize is ignored', async (t) => {
  const { host, server } = await connected(t, {
    sessionId: 'the-real-one',
    on: {
      'tools/list': (x) =>
        x.reply(200, `{"jsonrpc":"2.0","id":${x.rawId},"result":{"tools":[]}}`, {
          'Mcp-Session-Id': 'other',
        }),
    },
  })
  host.send(request(1, 'tools/list'))
  await host.answer(1)
  host.send(request(2, 'ping'))
  await host.answer(2)
  await host.finish()
  for (const x of server.requests.slice(1)) assert.equal(x.header('mcp-session-id'), 'the-real-one')
})

test('T11 Accept, Content-Type, Content-Length, User-Agent and no Origin', async (t) => {
  const { host, server } = await connected(t, { getStream: true })
  host.send(call(1, { text: 'é漢😀' }))
  await host.answer(1)
  await server.request(({ method }) => method === 'GET')
  await host.finish()
  for (const x of server.requests) {
    assert.equal(x.header('origin'), undefined)
    assert.match(x.header('user-agent') ?? '', /^mcp-ferry\/\d/)
    assert.equal(x.header('transfer-encoding'), undefined)
    assert.equal(x.header('host'), `127.0.0.1:${server.port}`)
    const accepted = (x.header('accept') ?? '').split(/, */).sort()
    if (x.method === 'GET') assert.deepEqual(accepted, ['text/event-stream'])
    if (x.method !== 'POST') continue
    assert.deepEqual(accepted, ['application/json', 'text/event-stream'])
    assert.equal(x.header('content-type'), 'application/json')
    assert.equal(x.header('content-length'), String(x.body.length))
  }
})

test('T12 a pipelined handshake reaches the remote in order, requests only after initialized was answered', async (t) => {
  const held: Exchange[] = []
  const server = await serve(t, { on: { 'notifications/initialized': (x) => void held.push(x) } })
  const host = bridge(t, { url: server.url })
  host.sendRaw(
    `${[initializeLine('i'), INITIALIZED, request(1, 'tools/list'), call(2), notify('notifications/roots/list_changed')].join('\n')}\n`,
  )
  await server.request(({ message }) => message.method === 'notifications/initialized')
  host.send(request('p', 'ping'))
  await host.answer('p')
  const early = server.with('POST').map(({ message }) => message.method)
  assert.deepEqual(
    early,
    ['initialize', 'notifications/initialized', 'ping'],
    'only ping may pass the barrier',
  )
  held[0]?.reply(202)
  await host.answer(1)
  await host.answer(2)
  await server.request(({ message }) => message.method === 'notifications/roots/list_changed')
  await host.finish()
})

test('T12 a host that waits for initialize: what it sends with initialized waits until that was answered', async (t) => {
  const held: Exchange[] = []
  const server = await serve(t, { on: { 'notifications/initialized': (x) => void held.push(x) } })
  const host = bridge(t, { url: server.url })
  host.send(initializeLine('i'))
  await host.answer('i')
  host.sendRaw(`${[INITIALIZED, request(1, 'tools/list'), notify('notifications/x')].join('\n')}\n`)
  await server.request(() => held.length === 1)
  host.sendRaw(`${[call(2), request('p', 'ping')].join('\n')}\n`)
  await host.answer('p')
  const early = server.with('POST').map(({ message }) => message.method)
  assert.deepEqual(early, ['initialize', 'notifications/initialized', 'ping'])
  held[0]?.reply(202)
  await host.answer(1)
  await host.answer(2)
  await server.request(({ message }) => message.method === 'notifications/x')
  await host.finish()
})

test('T12 nothing passes initialize while it is not answered, and all follows in order once it is', async (t) => {
  const held: Exchange[] = []
  const { sessionId } = { sessionId: 'late' }
  const server = await serve(t, { sessionId, on: { initialize: (x) => void held.push(x) } })
  const host = bridge(t, { url: server.url })
  host.sendRaw(`${[initializeLine('i'), INITIALIZED, request(1, 'tools/list')].join('\n')}\n`)
  await server.request(({ message }) => message.method === 'initialize')
  host.send('garbage, whose answer shows that the lines before it have been read')
  await host.line((line) => line.key === undefined)
  assert.equal(server.requests.length, 1)
  held[0]?.reply(
    200,
    { jsonrpc: '2.0', id: 'i', result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: {} } },
    { 'Mcp-Session-Id': sessionId },
  )
  await host.answer('i')
  await host.answer(1)
  const posts = server.with('POST').map(({ message }) => message.method)
  assert.deepEqual(posts, ['initialize', 'notifications/initialized', 'tools/list'])
  for (const x of server.requests.slice(1)) assert.equal(x.header('mcp-session-id'), 'late')
  await host.finish({ stderr: 'any' })
})

test('initialize answered over SSE: the session id is taken from its headers', async (t) => {
  const result = '{"protocolVersion":"2025-03-26","capabilities":{},"serverInfo":{"name":"s","version":"1"}}'
  const server = await serve(t, {
    on: {
      initialize: (x) => {
        const stream = x.sse({ 'Mcp-Session-Id': 'from-sse' })
        stream.result(result)
        stream.end()
      },
    },
  })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send(request(1, 'tools/list'))
  await host.answer(1)
  const listed = server.sent('tools/list')[0]
  assert.equal(listed?.header('mcp-session-id'), 'from-sse')
  assert.equal(listed?.header('mcp-protocol-version'), '2025-03-26')
  await host.finish()
})

for (const status of [200, 202, 204])
  test(`T13 a notification answered ${status} puts nothing on stdout`, async (t) => {
    const { host, server } = await connected(t, {
      on: { 'notifications/x': (x) => x.reply(status, status === 200 ? 'ignored' : undefined) },
    })
    host.send(notify('notifications/x'))
    await (await server.request(({ message }) => message.method === 'notifications/x')).over
    host.send(request(1, 'ping'))
    await host.answer(1)
    assert.equal(host.lines.length, 2)
    await host.finish()
  })

for (const status of [400, 403, 500])
  test(`T13 a notification answered ${status} is told on stderr only, and the bridge lives`, async (t) => {
    const refusal = { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'no' } }
    const { host, server } = await connected(t, {
      on: { 'notifications/x': (x) => x.reply(status, refusal) },
    })
    host.send(notify('notifications/x'))
    await (await server.request(({ message }) => message.method === 'notifications/x')).over
    host.send(request(1, 'tools/list'))
    await host.answer(1)
    assert.equal(host.lines.length, 2)
    await host.finish({ stderr: 'some' })
  })

test('notifications and answers of the host go out one at a time, in the order they were written', async (t) => {
  const order: string[] = []
  let busy = 0
  let most = 0
  const slow = (x: Exchange) => {
    most = Math.max(most, ++busy)
    order.push(x.text)
    setImmediate(() =>
      setImmediate(() => {
        busy--
        x.reply(202)
      }),
    )
  }
  const { host, server } = await connected(t, {
    getStream: true,
    on: { 'notifications/n': slow, response: slow },
  })
  await server.request(({ method }) => method === 'GET')
  for (let n = 0; n < 10; n++) {
    server.push({ jsonrpc: '2.0', id: `s${n}`, method: 'roots/list' })
    await host.line(({ value }) => value.id === `s${n}`)
  }
  const lines = Array.from({ length: 50 }, (_, n) =>
    n % 5 === 4 ? `{"jsonrpc":"2.0","id":"s${(n - 4) / 5}","result":{}}` : notify('notifications/n', { n }),
  )
  for (const line of lines) host.send(line)
  await server.request(({ text }) => text === lines.at(-1))
  assert.deepEqual(order, lines)
  assert.equal(most, 1)
  await host.finish()
})

test('T19 404 without a session is an error, and the bridge does not initialize again', async (t) => {
  const { host, server } = await connected(t, {
    sessionId: null,
    on: { 'tools/call': (x) => x.reply(404) },
  })
  host.send(call(1))
  const data = ownError(await host.answer(1), 'http')
  assert.equal(data.httpStatus, 404)
  host.send(request(2, 'tools/list'))
  await host.answer(2)
  assert.equal(server.sent('initialize').length, 1)
  assert.equal(server.sent('tools/call').length, 1)
  await host.finish({ stderr: 'some' })
})
