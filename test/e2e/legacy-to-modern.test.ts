// A legacy host and a server that only speaks the modern era: the handshake, what is said in each request, what is
// answered here, changes, errors, cancellation. protocol.md D; T51 to T53, T57.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type Host, INITIALIZED } from '../fixtures/hosts/raw-host.ts'
import {
  META,
  MODERN,
  type ModernOptions,
  type ModernServer,
  modernServer,
} from '../fixtures/servers/modern-server.ts'
import {
  allRead,
  bridge,
  call,
  errorOf,
  freePort,
  notify,
  ownError,
  request,
  resultOf,
  test,
} from './harness.ts'

const OFFERED = {
  tools: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  logging: {},
  extensions: { [`${META}tasks`]: {}, 'x.example/apps': {} },
}

async function serve(t: TestContext, options: ModernOptions = {}): Promise<ModernServer> {
  const server = await modernServer({ capabilities: OFFERED, ...options })
  t.after(() => server.close())
  return server
}

async function connected(
  t: TestContext,
  options: ModernOptions = {},
): Promise<{ readonly host: Host; readonly server: ModernServer }> {
  const server = await serve(t, options)
  const host = bridge(t, { url: server.url })
  await host.initialize('2025-11-25')
  return { host, server }
}

test('initialize is answered by what the server says of itself (T51)', async (t) => {
  const server = await serve(t)
  const host = bridge(t, { url: server.url })
  const result = resultOf(await host.initialize('2025-06-18'))
  assert.deepEqual(result, {
    protocolVersion: '2025-06-18',
    capabilities: {
      tools: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      logging: {},
      extensions: { 'x.example/apps': {} },
    },
    serverInfo: { name: 'modern-server', version: '1.0.0' },
  })
  await host.finish()
})

test('the second start knows the era and does not try the other one first (T51)', async (t) => {
  const { host, server } = await connected(t)
  await host.finish()
  const tried = server.sent('initialize').length
  assert.equal(tried, 1, 'the host’s own first message is the probe')
  const again = bridge(t, { url: server.url })
  resultOf(await again.initialize())
  assert.equal(server.sent('initialize').length, tried)
  await again.finish()
})

test('a call whose stream breaks off may have run, and is an error that says so', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => x.sse().end() } })
  host.send(call('c'))
  assert.equal(ownError(await host.answer('c'), 'stream-lost').maybeDelivered, true)
  assert.equal(server.sent('tools/call').length, 1)
  await host.finish({ stderr: 'some' })
})

test('each request says who the host is and keeps its arguments; results lose what is modern (T52)', async (t) => {
  const { host, server } = await connected(t)
  const args = '{ "b":1.0, "a":9007199254740993, "c":1e400 }'
  host.send(
    `{"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"echo","arguments":${args},"_meta":{"progressToken":"p","traceparent":"x"}}}`,
  )
  const answer = await host.answer('c')
  assert.equal(answer.raw, `{"jsonrpc":"2.0","id":"c","result":{"content":[],"structuredContent":${args}}}`)
  const sent = server.sent('tools/call')[0]!
  assert.equal(sent.header('mcp-protocol-version'), MODERN)
  assert.equal(sent.header('mcp-method'), 'tools/call')
  assert.equal(sent.header('mcp-name'), 'echo')
  assert.equal(sent.header('mcp-session-id'), undefined)
  assert.deepEqual(sent.message.params?._meta, {
    progressToken: 'p',
    traceparent: 'x',
    [`${META}protocolVersion`]: MODERN,
    [`${META}clientInfo`]: { name: 'raw-host', version: '1.0.0' },
    [`${META}clientCapabilities`]: {
      sampling: {},
      roots: {},
      elicitation: { form: {} },
      extensions: { [`${META}tasks`]: {} },
    },
  })
  host.send(request('l', 'tools/list'))
  assert.deepEqual(Object.keys(resultOf(await host.answer('l'))), ['tools'])
  await host.finish()
})

test('ping and the log level are answered here, and the level goes with the next request (T53)', async (t) => {
  const { host, server } = await connected(t, {
    on: {
      'tools/call': (x) => {
        const stream = x.sse()
        stream.message(notify('notifications/message', { level: 'notice', data: 'working' }))
        stream.result({ resultType: 'complete', content: [] })
        stream.end()
      },
    },
  })
  host.send(request('p', 'ping'))
  assert.deepEqual(resultOf(await host.answer('p')), {})
  host.send(request('v', 'logging/setLevel', { level: 'notice' }))
  assert.deepEqual(resultOf(await host.answer('v')), {})
  host.send(call('c'))
  const { value } = await host.notification('notifications/message')
  assert.deepEqual(value.params, { level: 'notice', data: 'working' })
  resultOf(await host.answer('c'))
  const meta = server.sent('tools/call')[0]!.message.params?._meta as Record<string, unknown>
  assert.equal(meta[`${META}logLevel`], 'notice')
  assert.deepEqual(server.sent('ping'), [])
  assert.deepEqual(server.sent('logging/setLevel'), [])
  await host.finish()
})

test('resources are subscribed on a stream that stands when the host is answered, and list changes have their own (T53)', async (t) => {
  const { host, server } = await connected(t)
  const lists = await server.listen(1)
  const subscribe = (id: string, uri: string) => request(id, 'resources/subscribe', { uri })
  // In one write: what comes later may have a stream of its own before it.
  host.sendRaw(`${subscribe('a', 'u:1')}\n${subscribe('b', 'u:2')}\n`)
  resultOf(await host.answer('a'))
  resultOf(await host.answer('b'))
  const both = await server.listen(2)
  const notifications = both.exchange.message.params?.notifications
  assert.deepEqual(notifications, { resourceSubscriptions: ['u:1', 'u:2'] })
  both.notify('notifications/resources/updated', { uri: 'u:2' })
  const updated = await host.notification('notifications/resources/updated')
  assert.deepEqual(updated.value.params, { uri: 'u:2' })
  lists.notify('notifications/tools/list_changed')
  assert.equal((await host.notification('notifications/tools/list_changed')).value.params, undefined)
  host.send(request('c', 'resources/unsubscribe', { uri: 'u:1' }))
  resultOf(await host.answer('c'))
  const less = await server.listen(3)
  assert.deepEqual(less.exchange.message.params?.notifications, { resourceSubscriptions: ['u:2'] })
  assert.equal(await both.exchange.over, 'aborted', 'the stream with more is given up')
  host.send(request('d', 'resources/unsubscribe', { uri: 'u:2' }))
  resultOf(await host.answer('d'))
  assert.equal(await less.exchange.over, 'aborted')
  await host.finish()
})

test('what a server says on a subscription beside what was subscribed to does not reach the host (D.6)', async (t) => {
  const { host, server } = await connected(t)
  const lists = await server.listen(1)
  lists.notify('notifications/cancelled', { requestId: 'mcp-ferry:leg:1' })
  lists.notify('notifications/tasks', { taskId: 't' })
  lists.notify('notifications/tools/list_changed')
  await host.notification('notifications/tools/list_changed')
  const methods = host.lines.flatMap(({ value }) => value.method ?? [])
  assert.deepEqual(methods, ['notifications/tools/list_changed'])
  await host.finish()
})

test('a subscription that is refused for its headers is no error of the modern era to the host', async (t) => {
  const { host } = await connected(t, {
    on: { 'subscriptions/listen': (x) => x.error(-32020, 'Header mismatch', undefined, 400) },
  })
  host.send(request('a', 'resources/subscribe', { uri: 'u:1' }))
  errorOf(await host.answer('a'), -32603)
  await host.finish({ stderr: 'any' })
})

test('a server of versions that nobody knows is an error that names them (T57)', async (t) => {
  const server = await serve(t, { versions: ['2099-01-01'] })
  const host = bridge(t, { url: server.url })
  host.send(request('i', 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {} }))
  const { error } = (await host.answer('i')).value
  assert.ok(error, 'an error was expected')
  assert.equal(error.code, -32602)
  assert.match(error.message, /2099-01-01/)
  assert.deepEqual(error.data?.supported, ['2099-01-01'])
  await host.finish()
})

test('errors have the codes that the host knows, and say what is missing', async (t) => {
  const { host } = await connected(t, {
    on: {
      'resources/read': (x) => x.error(-32602, 'no such resource', { uri: 'u:1' }),
      'tools/call': (x) =>
        x.error(-32021, 'not without it', { requiredCapabilities: { elicitation: { url: {} } } }, 400),
      'prompts/get': (x) => x.error(-32000, 'of its own', { n: 1 }),
    },
  })
  host.send(request('r', 'resources/read', { uri: 'u:1' }))
  host.send(call('c'))
  host.send(request('p', 'prompts/get', { name: 'p' }))
  host.send(request('t', 'tasks/list'))
  assert.equal((await host.answer('r')).value.error?.code, -32002)
  const missing = (await host.answer('c')).value.error
  assert.equal(missing?.code, -32021)
  assert.match(missing?.message ?? '', /does not offer: elicitation\.url/)
  assert.deepEqual((await host.answer('p')).value.error, {
    code: -32000,
    message: 'of its own',
    data: { n: 1 },
  })
  assert.equal((await host.answer('t')).value.error?.code, -32601)
  await host.finish()
})

test('of a result that nobody knows, what it calls itself is told in a few words', async (t) => {
  const odd = 'x'.repeat(100_000)
  const { host } = await connected(t, {
    on: { 'tools/call': (x) => x.result(JSON.stringify({ resultType: odd })) },
  })
  host.send(call('c'))
  const { raw } = await host.answer('c')
  assert.match(raw, /with a result of the type xxx/)
  assert.ok(raw.length < 1000, `${raw.length} characters`)
  await host.finish({ stderr: 'some' })
})

test('a server that has learnt another version is asked anew and the request sent again', async (t) => {
  let refused = 0
  const { host, server } = await connected(t, {
    on: {
      'tools/call': (x) => {
        if (refused++ === 0) x.error(-32022, 'no more', { supported: [MODERN], requested: MODERN }, 400)
        else x.result({ resultType: 'complete', content: [] })
      },
    },
  })
  const before = server.sent('server/discover').length
  host.send(call('c'))
  assert.deepEqual(resultOf(await host.answer('c')), { content: [] })
  assert.equal(server.sent('server/discover').length, before + 1)
  await host.finish()
})

test('a cancelled call loses its connection and nothing is posted', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => x.hang() } })
  host.send(call('c'))
  const hanging = await server.request(({ message }) => message.method === 'tools/call')
  host.send(notify('notifications/cancelled', { requestId: 'c' }))
  assert.equal(await hanging.over, 'aborted')
  host.send(request('l', 'tools/list'))
  resultOf(await host.answer('l'))
  assert.deepEqual(server.sent('notifications/cancelled'), [])
  await host.finish({ unanswered: 'any' })
})

test('what the modern era does not know is not sent, and a server that refuses to listen costs nothing', async (t) => {
  const { host, server } = await connected(t, {
    on: { 'subscriptions/listen': (x) => x.error(-32601, 'no', undefined, 404) },
  })
  await server.request(({ message }) => message.method === 'subscriptions/listen')
  host.send(INITIALIZED)
  host.send(notify('notifications/roots/list_changed'))
  host.send(notify('notifications/progress', { progressToken: 1, progress: 1 }))
  await allRead(host)
  host.send(call('c'))
  resultOf(await host.answer('c'))
  const methods = server.requests.map(({ message }) => message.method)
  assert.deepEqual(
    methods.filter((method) => method?.startsWith('notifications/')),
    [],
  )
  await host.finish({ stderr: 'some' })
})

test('a server that was not there at the start is heard of when it comes', async (t) => {
  const port = await freePort()
  const host = bridge(t, { url: `http://127.0.0.1:${port}/mcp`, args: ['--start-budget', '1'] })
  const stood = resultOf(await host.initialize('2025-11-25'))
  assert.equal((stood.serverInfo as { version?: unknown }).version, '0', 'something stands in for it')
  const server = await serve(t, { port })
  await host.notification('notifications/tools/list_changed')
  await server.request(({ message }) => message.method === 'subscriptions/listen')
  host.send(request('l', 'tools/list'))
  assert.equal((resultOf(await host.answer('l')).tools as readonly unknown[]).length, 1)
  host.send(request('s', 'resources/subscribe', { uri: 'u:1' }))
  resultOf(await host.answer('s'))
  await host.finish({ stderr: 'any' })
})
