// The GET stream: opened once, opened again for ever when it ends, with the cursor it had; what becomes of it never
// fails a request. protocol.md A.5; T21, T22. A 405 and other ways of having none are in session-odd.test.ts.
import assert from 'node:assert/strict'
import { mcpServer, sequence } from '../fixtures/servers/mcp-server.ts'
import type { Exchange, Handler, SseStream } from '../fixtures/servers/raw-server.ts'
import {
  bridge,
  call,
  connected,
  freePort,
  inSession,
  notify,
  ownError,
  request,
  resultOf,
  serve,
  test,
} from './harness.ts'

const isGet = ({ method }: Exchange) => method === 'GET'
const pushed = (n: unknown) => notify('notifications/message', { level: 'info', data: n })

/** A stream that ends with this. */
const ending =
  (bytes: string): Handler =>
  async (x) => {
    const stream = x.sse()
    await stream.raw(bytes)
    stream.end()
  }

test('T22 a stream that ends is opened again after its retry time, with its last event id', async (t) => {
  const streams: SseStream[] = []
  let endedAt = 0
  const { host, server } = await connected(t, {
    on: {
      GET: sequence(
        async (x) => {
          const stream = x.sse()
          await stream.raw(`id: a6\ndata: ${pushed(1)}\n\nretry: 700\nid: a7\ndata:\n\n`)
          endedAt = Date.now()
          stream.end()
        },
        (x) => void streams.push(x.sse()),
      ),
    },
  })
  const [, again] = await server.several(2, isGet)
  assert.ok(again, 'there is only one')
  assert.equal(again.header('last-event-id'), 'a7')
  assert.equal(again.header('mcp-session-id'), server.sessionId)
  assert.ok(again.at - endedAt >= 650, `opened again after ${again.at - endedAt} ms`)
  streams[0]?.message(pushed(2))
  for (const n of [1, 2])
    await host.line(({ value }) => value.method === 'notifications/message' && value.params?.data === n)
  await host.finish()
  assert.equal(server.with('GET').length, 2)
})

for (const how of ['ended', 'cut'] as const)
  test(`a stream that is ${how} without any event id is opened again without a cursor, and messages arrive`, async (t) => {
    const { host, server } = await connected(t, { getStream: true })
    await server.request(isGet)
    server.push(pushed(1))
    await host.notification('notifications/message')
    if (how === 'cut') server.streams[0]?.cut()
    else server.streams[0]?.end()
    const [, again] = await server.several(2, isGet)
    assert.equal(again?.header('last-event-id'), undefined)
    server.push(pushed(2))
    const { value } = await host.notification('notifications/message')
    assert.equal(value.params?.data, 2)
    await host.finish({ stderr: 'any' })
  })

test('a stream that ends again and again is opened again and again, each time with the latest id', async (t) => {
  let count = 0
  const { host, server } = await connected(t, {
    on: { GET: (x) => ending(`retry: 100\nid: n${++count}\ndata: ${pushed(count)}\n\n`)(x) },
  })
  const gets = await server.several(12, isGet)
  assert.deepEqual(
    gets.map((x) => x.header('last-event-id')),
    [undefined, ...Array.from({ length: 11 }, (_, n) => `n${n + 1}`)],
  )
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish({ stderr: 'any' })
})

test('T21 a GET answered 409 is tried again while requests go on', async (t) => {
  const streams: SseStream[] = []
  const { host, server } = await connected(t, {
    on: {
      GET: sequence(
        (x) => x.reply(409),
        (x) => void streams.push(x.sse()),
      ),
    },
  })
  await server.request(isGet)
  for (let id = 1; id <= 3; id++) {
    host.send(call(id))
    resultOf(await host.answer(id))
  }
  const [refused, taken] = await server.several(2, isGet)
  const gapMs = taken!.at - refused!.at
  assert.ok(gapMs >= 3900, `the remote has ${gapMs} ms to notice that the stream before is dead`)
  streams[0]?.message(pushed(1))
  await host.notification('notifications/message')
  assert.equal(server.sent('initialize').length, 1)
  await host.finish({ stderr: 'any' })
})

test('T21 a GET answered 500 is tried again after growing gaps while requests go on', async (t) => {
  const startedAt = Date.now()
  const { host, server } = await connected(t, { on: { GET: (x) => x.reply(500) } })
  for (let id = 1; id <= 3; id++) {
    host.send(call(id))
    resultOf(await host.answer(id))
  }
  const gets = await server.several(6, isGet, 120_000)
  const waited = gets.map((x) => x.at - startedAt)
  // A second, each time half as long again, less the jitter. A busy machine may let any of them come later, but none sooner.
  let leastMs = 0
  for (const [n, ms] of waited.entries()) {
    assert.ok(ms >= 0.99 * leastMs, `tries after ${waited.join(', ')} ms`)
    leastMs += 800 * 1.5 ** n
  }
  host.send(call('still'))
  resultOf(await host.answer('still'))
  await host.finish({ stderr: 'any' })
})

test('a first GET answered 404 means no stream: one GET, no ping, no new session', async (t) => {
  const { host, server } = await inSession(t, { on: { GET: (x) => x.reply(404) } })
  await server.request(isGet)
  for (let id = 1; id <= 5; id++) {
    host.send(call(id))
    resultOf(await host.answer(id))
  }
  await host.finish({ stderr: 'any' })
  assert.equal(server.with('GET').length, 1)
  assert.equal(server.sent('initialize').length, 1)
  assert.equal(server.sent('ping').length, 0)
})

test('a later GET answered 404, and a ping shows that the session is alive: no stream any more', async (t) => {
  const { host, server } = await inSession(t, {
    on: { GET: sequence(ending('retry: 100\ndata:\n\n'), (x) => x.reply(404)) },
  })
  const ping = await server.request(({ message }) => message.method === 'ping')
  assert.match(String(ping.message.id), /^mcp-ferry:/)
  assert.equal(ping.header('mcp-session-id'), server.sessions[0])
  await ping.over
  for (let id = 1; id <= 5; id++) {
    host.send(call(id))
    resultOf(await host.answer(id))
  }
  await host.finish({ stderr: 'any' })
  assert.equal(server.with('GET').length, 2)
  assert.equal(server.sent('initialize').length, 1)
})

test('a later GET answered 404, and a ping shows that the session is gone: a new one, without any request', async (t) => {
  const { host, server } = await inSession(t, {
    getStream: true,
    capabilities: { tools: { listChanged: true } },
  })
  const first = await server.request(isGet)
  server.forget()
  first.response.end()
  await server.several(2, ({ message }) => message.method === 'initialize')
  await host.notification('notifications/tools/list_changed')
  await server.request((x) => isGet(x) && x.header('mcp-session-id') === server.sessions[1])
  server.push(pushed('new'))
  await host.notification('notifications/message')
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('ping').length, 1)
})

test('a remote that restarts before its stream was ever open: a new session, without any request', async (t) => {
  const { host, server } = await inSession(t, {
    on: {
      GET: sequence(
        (x) => x.hang(),
        (x) => void x.sse(),
      ),
    },
  })
  const first = await server.request(isGet)
  server.forget()
  first.cut()
  await server.several(2, ({ message }) => message.method === 'initialize')
  await server.request((x) => isGet(x) && x.header('mcp-session-id') === server.sessions[1])
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('ping').length, 1)
})

test('a stream that is only to be had after a failure, and is not offered: a ping, and no new session', async (t) => {
  const { host, server } = await inSession(t, {
    on: {
      GET: sequence(
        (x) => x.reply(503),
        (x) => x.reply(404),
      ),
    },
  })
  const ping = await server.request(({ message }) => message.method === 'ping')
  await ping.over
  for (let id = 1; id <= 5; id++) {
    host.send(call(id))
    resultOf(await host.answer(id))
  }
  await host.finish({ stderr: 'any' })
  assert.equal(server.with('GET').length, 2)
  assert.equal(server.sent('initialize').length, 1)
})

test('a stream cut while the remote is down is opened again when the remote is back', async (t) => {
  const first = await serve(t, { port: await freePort(), sessionId: 'kept', getStream: true })
  const host = bridge(t, { url: first.url })
  await host.initialize()
  await first.request(isGet)
  await first.close()
  // The call is the clock: it is tried for some seconds before it fails.
  host.send(call(1))
  assert.notEqual(ownError(await host.answer(1), 'refused').maybeDelivered, true)
  const second = await mcpServer({ port: first.port, sessionId: 'kept', getStream: true })
  t.after(() => second.close())
  const get = await second.request(isGet)
  assert.equal(get.header('mcp-session-id'), 'kept')
  second.push(pushed('back'))
  await host.notification('notifications/message')
  host.send(call(2))
  resultOf(await host.answer(2))
  assert.equal(second.sent('initialize').length, 0)
  await host.finish({ stderr: 'any' })
})

const FAILING: Readonly<Record<string, Handler>> = {
  'hangs without a head': (x) => x.hang(),
  'is cut': (x) => x.cut(),
  'is answered 500': (x) => x.reply(500),
  'is answered 503 for an hour': (x) => x.reply(503, undefined, { 'Retry-After': '3600' }),
  'is answered 401': (x) => x.reply(401, undefined, { 'WWW-Authenticate': 'Bearer' }),
  'is answered in HTML': (x) => x.reply(200, '<p>hello', { 'Content-Type': 'text/html' }),
  'is a stream of garbage': (x) => void x.sse().raw('data: {"no json\n\n\0\0\n\ndata: []\n\nid: \0\n\n'),
  'ends at once, each time': ending(''),
}
for (const [name, handler] of Object.entries(FAILING))
  test(`a GET that ${name} fails no request`, async (t) => {
    const { host, server } = await connected(t, { on: { GET: handler } })
    await server.request(isGet)
    for (let id = 1; id <= 10; id++) host.send(id % 2 === 0 ? call(id) : request(id, 'tools/list'))
    for (let id = 1; id <= 10; id++) resultOf(await host.answer(id))
    assert.equal(server.sent('initialize').length, 1)
    await host.finish({ stderr: 'any' })
  })

test('a stream that ends at once, each time, is no loop that costs a processor', async (t) => {
  const { host, server } = await connected(t, {
    on: {
      GET: ending('retry: 0\n\n'),
      'tools/call': (x) => void setTimeout(() => x.result({ content: [] }), 100),
    },
  })
  // Thirty calls of a tenth of a second one after another are the clock.
  for (let id = 1; id <= 30; id++) {
    host.send(call(id))
    resultOf(await host.answer(id))
  }
  const gets = server.with('GET').length
  const seconds = (Date.now() - server.requests[0]!.at) / 1000
  assert.ok(gets >= 2, 'it is opened again')
  assert.ok(gets <= 10 * seconds + 5, `${gets} GETs in ${seconds} s`)
  await host.finish({ stderr: 'any' })
})

test('an event over --max-event is left out and told, once, and the stream goes on without it', async (t) => {
  const long = ending(`id: 1\nretry: 100\ndata: ${pushed('x'.repeat(2_000_000))}\n\n`)
  const { host } = await connected(
    t,
    { on: { GET: sequence(long, long, (x) => x.sse().message(pushed('short'))) } },
    ['--max-event', '1MiB'],
  )
  const { value } = await host.notification('notifications/message')
  assert.equal(value.params?.data, 'short')
  await host.finish({ stderr: 'some' })
  assert.equal(host.stderr.match(/raise --max-event/g)?.length, 1)
})
