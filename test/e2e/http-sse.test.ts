// HTTP+SSE, the transport of 2024-11-05, as it is found out and as it is spoken: the stream, its endpoint, requests,
// and answers with an error status. Its end is in http-sse-loss.test.ts. protocol.md B; T38–T41.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import type { Exchange, Handler } from '../fixtures/servers/raw-server.ts'
import {
  bridge,
  call,
  connectedSse,
  notify,
  ownError,
  request,
  resultOf,
  serve,
  serveSse,
  test,
} from './harness.ts'

const POST_REFUSALS: Readonly<Record<string, Handler>> = {
  'T38 404': (x) => x.reply(404),
  'T38 405': (x) => x.reply(405, undefined, { Allow: 'GET' }),
  '404 in HTML': (x) => x.reply(404, '<pre>Cannot POST /mcp</pre>', { 'Content-Type': 'text/html' }),
  '400 in plain text': (x) => x.reply(400, 'no', { 'Content-Type': 'text/plain' }),
  '406': (x) => x.reply(406),
  '415': (x) => x.reply(415),
  '501': (x) => x.reply(501),
  '200 in HTML': (x) => x.reply(200, '<h1>Hello</h1>', { 'Content-Type': 'text/html' }),
  'a JSON-RPC error, method not found': (x) => x.error(-32601, 'Method not found', undefined, 404),
}
for (const [name, post] of Object.entries(POST_REFUSALS))
  test(`POST answered ${name}: GET, and a whole conversation at the endpoint it names`, async (t) => {
    const { host, server } = await connectedSse(t, {
      post,
      endpoint: (number) => `messages/?sessionId=s${number}&a=%20b`,
    })
    host.send(request(1, 'tools/list'))
    assert.deepEqual((resultOf(await host.answer(1)).tools as unknown[]).length, 1)
    host.send(call(2, { n: 9007199254740993n.toString() }))
    assert.deepEqual(resultOf(await host.answer(2)).structuredContent, { n: '9007199254740993' })
    host.send(request(3, 'ping'))
    resultOf(await host.answer(3))
    host.send(notify('notifications/roots/list_changed'))
    await server.request(({ message }) => message.method === 'notifications/roots/list_changed')
    await host.finish()
    // Whoever refuses in JSON-RPC may be a server of the modern era, and is asked for that first (F.3).
    assert.equal(server.postsToStream().length, name.includes('JSON-RPC') ? 2 : 1)
    assert.equal(server.with('GET').length, 1)
    assert.equal(server.with('DELETE').length, 0)
    const [session] = server.sessions
    assert.ok(session, 'no stream was opened')
    assert.equal(await session.get.over, 'aborted')
    assert.deepEqual(
      session.posts.map(({ message, url }) => [message.method, url]),
      [
        'initialize',
        'notifications/initialized',
        'tools/list',
        'tools/call',
        'ping',
        'notifications/roots/list_changed',
      ].map((method) => [method, '/messages/?sessionId=s1&a=%20b']),
    )
    assert.equal(session.posts[0]?.text, server.postsToStream()[0]?.text)
    for (const x of session.posts) {
      assert.equal(x.header('content-type'), 'application/json')
      assert.equal(x.header('mcp-protocol-version'), undefined)
      assert.equal(x.header('mcp-session-id'), undefined)
    }
  })

test('an absolute endpoint on the same origin is taken; numbers of any form find their answer', async (t) => {
  const server = await serveSse(t, { endpoint: (number) => `  ${server.origin}/m?sessionId=s${number} ` })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send('{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/list"}')
  resultOf(await host.answer({ raw: '9007199254740993' }))
  assert.equal(server.sessions[0]?.posts.at(-1)?.path, '/m')
  await host.finish()
})

for (const [name, endpoint] of [
  ['another host', (other: string) => `${other.replace('127.0.0.1', 'localhost')}/messages?sessionId=s1`],
  ['another port', (other: string) => `${other}/messages?sessionId=s1`],
  ['another host, without a scheme', (other: string) => `//${new URL(other).host}/messages?sessionId=s1`],
  ['what is no URL', () => 'http://[::1'],
] as const)
  test(`T39 an endpoint on another origin (${name}) is refused, and nothing is sent there`, async (t) => {
    const other = await serve(t)
    const server = await serveSse(t, { endpoint: () => endpoint(other.origin) })
    const host = bridge(t, { url: server.url, args: ['--header', 'Authorization: Bearer s3cret-t0ken'] })
    host.send(initializeLine('init'))
    const line = await host.answer('init')
    ownError(line)
    assert.match(line.value.error?.message ?? '', /origin/)
    await host.finish({ stderr: 'some' })
    assert.equal(other.requests.length, 0)
    assert.equal(other.connections, 0)
    assert.equal(server.sessions[0]?.posts.length, 0)
  })

test('T39 where an endpoint is refused, one that follows in the same chunk is not taken', async (t) => {
  const server = await serveSse(t, {
    opening(x) {
      void x.sse().raw(`${named('http://[::1')}${named('/messages?sessionId=s1')}`)
    },
  })
  const host = bridge(t, { url: server.url })
  host.send(initializeLine('init'))
  ownError(await host.answer('init'))
  await host.finish({ stderr: 'some' })
  assert.deepEqual(
    server.requests.map(({ method, path }) => [method, path]).filter(([, path]) => path !== '/mcp'),
    [],
  )
  assert.equal(server.with('GET').length, 1)
})

test('T39 an endpoint that is refused behind a good one ends the handshake once, and is told', async (t) => {
  const server = await serveSse(t, {
    opening(x) {
      void x.sse().raw(`${named('/messages?sessionId=s1')}${named('http://[::1')}`)
    },
  })
  const host = bridge(t, { url: server.url, args: ['--transport', 'http+sse', '--log-level', 'debug'] })
  host.send(initializeLine('init'))
  assert.match((await host.answer('init')).value.error?.message ?? '', /on another origin/)
  await host.finish({ stderr: 'some' })
  assert.doesNotMatch(host.stderr, /tried again/)
})

test('a later endpoint event replaces the one before', async (t) => {
  const { host, server } = await connectedSse(t, {
    on: {
      'tools/list'(x, session) {
        session.moveTo('/elsewhere?sessionId=s1')
        session.result(x, { tools: [] })
      },
    },
  })
  host.send(request(1, 'tools/list'))
  resultOf(await host.answer(1))
  host.send(call(2))
  resultOf(await host.answer(2))
  assert.equal(server.sent('tools/call')[0]?.path, '/elsewhere')
  assert.equal(server.with('GET').length, 1)
  await host.finish()
})

test('the remote speaks unasked, and asks', async (t) => {
  const { host, server } = await connectedSse(t)
  const [session] = server.sessions
  session?.say(notify('notifications/message', { level: 'info', data: 'x' }))
  const { value } = await host.notification('notifications/message')
  assert.deepEqual(value.params, { level: 'info', data: 'x' })
  session?.say(request(7, 'roots/list'))
  const asked = await host.line((line) => line.value.method === 'roots/list')
  assert.equal(asked.raw, request(7, 'roots/list'))
  host.send('{"jsonrpc":"2.0","id":7,"result":{"roots":[ ]}}')
  const answer = await server.request(({ message }) => message.result !== undefined)
  assert.equal(answer.text, '{"jsonrpc":"2.0","id":7,"result":{"roots":[ ]}}')
  assert.equal(answer.url, '/messages?sessionId=s1')
  await host.finish()
})

test('progress comes before the result, and a call may ask the host in between', async (t) => {
  let call1: Exchange | undefined
  const { host, server } = await connectedSse(t, {
    on: {
      'tools/call'(x, session) {
        call1 = x
        x.reply(202)
        session.say(notify('notifications/progress', { progressToken: 'p', progress: 1 }))
        session.say(request('q', 'sampling/createMessage', {}))
      },
      response(x, session) {
        x.reply(202)
        session.say(`{"jsonrpc":"2.0","id":${call1?.rawId},"result":{"content":[]}}`)
      },
    },
  })
  host.send(request(1, 'tools/call', { name: 'echo', _meta: { progressToken: 'p' } }))
  await host.notification('notifications/progress')
  await host.line(({ value }) => value.method === 'sampling/createMessage')
  host.send('{"jsonrpc":"2.0","id":"q","result":{}}')
  resultOf(await host.answer(1))
  assert.equal(server.with('GET').length, 1)
  await host.finish()
})

test('an answer that comes on the stream before the POST is answered is the answer', async (t) => {
  const { host } = await connectedSse(t, {
    on: {
      'tools/call'(x, session) {
        session.say(`{"jsonrpc":"2.0","id":${x.rawId},"result":{"content":[]}}`)
        x.cut()
      },
    },
  })
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish({ stderr: 'any' })
})

for (const [name, refuse, check] of [
  ['500', (x: Exchange) => x.reply(500), { kind: 'http', httpStatus: 500 }],
  ['403', (x: Exchange) => x.reply(403), { httpStatus: 403 }],
  ['401', (x: Exchange) => x.reply(401), { kind: 'auth-required', httpStatus: 401 }],
  ['413', (x: Exchange) => x.reply(413), { httpStatus: 413 }],
] as const)
  test(`a POST answered ${name} is an error for that request alone`, async (t) => {
    const { host, server } = await connectedSse(t, { on: { 'tools/call': refuse } })
    host.send(call(1))
    host.send(request(2, 'tools/list'))
    const data = ownError(await host.answer(1))
    for (const [fact, value] of Object.entries(check)) assert.equal(data[fact], value, fact)
    resultOf(await host.answer(2))
    assert.equal(server.sent('tools/call').length, 1)
    // Where one can sign in is asked elsewhere.
    const streams = server.with('GET').filter(({ url }) => !url.startsWith('/.well-known/'))
    assert.equal(streams.length, 1)
    await host.finish({ stderr: 'some' })
  })

test('a JSON-RPC error in the body of a POST is told as it is', async (t) => {
  const { host } = await connectedSse(t, {
    on: { 'tools/call': (x) => x.error(-32602, 'Invalid arguments', { a: 1 }, 400) },
  })
  host.send(call(1))
  assert.deepEqual((await host.answer(1)).value.error, {
    code: -32602,
    message: 'Invalid arguments',
    data: { a: 1 },
  })
  await host.finish({ stderr: 'any' })
})

test('the user’s headers go with the GET and with each POST; the version from 2025-06-18 on', async (t) => {
  const { host, server } = await connectedSse(t, { protocolVersion: '2025-06-18' }, [
    '--header',
    'Authorization: Bearer s3cret-t0ken',
  ])
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
  for (const x of server.requests) assert.equal(x.header('authorization'), 'Bearer s3cret-t0ken')
  assert.equal(server.with('GET')[0]?.header('accept'), 'text/event-stream')
  assert.deepEqual(
    server.sessions[0]?.posts.map((x) => x.header('mcp-protocol-version')),
    [undefined, '2025-06-18', '2025-06-18'],
  )
})

test('two numbers that JavaScript cannot tell apart get each its own answer', async (t) => {
  const calls: (() => void)[] = []
  const { host, server } = await connectedSse(t, {
    on: { 'tools/call': (x, session) => void calls.push(() => session.result(x, `{"own":"${x.rawId}"}`)) },
  })
  const ids = ['9007199254740993', '9007199254740992']
  for (const id of ids)
    host.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo"}}`)
  await server.several(2, ({ message }) => message.method === 'tools/call')
  for (const answer of calls.reverse()) answer()
  for (const raw of ids) assert.equal(resultOf(await host.answer({ raw })).own, raw)
  await host.finish()
})

function named(endpoint: string): string {
  return `event: endpoint\ndata: ${endpoint}\n\n`
}
