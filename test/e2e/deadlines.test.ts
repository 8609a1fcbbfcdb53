// Requests that take too long, and remotes that have died without a word: nothing waits behind the one that hangs,
// `--request-timeout`, and pings on our own account. protocol.md A.9, 0.5; T35, T37.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { sequence } from '../fixtures/servers/mcp-server.ts'
import type { Exchange, Handler, SseStream } from '../fixtures/servers/raw-server.ts'
import { bridge, call, connected, notify, ownError, request, resultOf, serveSse, test } from './harness.ts'

const hang: Handler = (x) => x.hang()
const isCancellation = ({ message }: Exchange) => message.method === 'notifications/cancelled'
const isPing = ({ message }: Exchange) => message.method === 'ping'
const cancel = (requestId: unknown) => notify('notifications/cancelled', { requestId })

test('T35 a 503 without Retry-After: a call is an error after one POST, a list is sent again', async (t) => {
  const { host, server } = await connected(t, {
    on: {
      'tools/call': (x) => x.reply(503),
      'tools/list': sequence(
        (x) => x.reply(503),
        (x) => x.result({ tools: [] }),
      ),
    },
  })
  host.send(call(1))
  host.send(request(2, 'tools/list'))
  assert.equal(ownError(await host.answer(1)).httpStatus, 503)
  resultOf(await host.answer(2))
  assert.equal(server.sent('tools/call').length, 1)
  assert.equal(server.sent('tools/list').length, 2)
  await host.finish({ stderr: 'any' })
})

test('T37 one call hangs for ever: others go on, and the host’s cancellation frees it', async (t) => {
  const { host, server } = await connected(t, {
    on: { 'tools/call': (x) => (x.message.id === 'hangs' ? x.hang() : x.result({ content: [] })) },
  })
  host.send(call('hangs'))
  for (let id = 1; id <= 20; id++) host.send(call(id))
  for (let id = 1; id <= 20; id++) resultOf(await host.answer(id))
  host.send(cancel('hangs'))
  const hanging = await server.request(({ message }) => message.id === 'hangs')
  await server.request(isCancellation)
  assert.equal(await hanging.over, 'aborted')
  host.send(call('after'))
  resultOf(await host.answer('after'))
  await host.finish()
  assert.equal(server.sent('notifications/cancelled').length, 1)
})

test('--request-timeout: an error of kind timeout, the remote is told, and its late answer is dropped', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/call': hang } }, ['--request-timeout', '5s'])
  const sentAt = Date.now()
  host.send(call(17))
  const line = await host.answer(17)
  const data = ownError(line, 'timeout')
  assert.equal(data.maybeDelivered, true)
  assert.match(line.value.error?.message ?? '', /tools\/call within 5 s/)
  const told = await server.request(isCancellation)
  assert.equal(told.message.params?.requestId, 17)
  const called = server.sent('tools/call')[0]
  assert.ok(called, 'the call was sent')
  assert.ok(line.at - sentAt >= 4900, 'not before its time')
  called.result({ content: [] })
  assert.equal(await called.over, 'answered')
  host.send(request(2, 'tools/list'))
  resultOf(await host.answer(2))
  // The books complain of a second answer.
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('notifications/cancelled').length, 1)
})

test('--request-timeout: the id may be used again, and its own answer is the one that counts', async (t) => {
  const { host, server } = await connected(
    t,
    { on: { 'tools/call': sequence(hang, (x) => x.result({ content: [], isError: false })) } },
    ['--request-timeout', '5s'],
  )
  host.send(call(1))
  ownError(await host.answer(1), 'timeout')
  host.send(call(1))
  resultOf(await host.answer(1))
  await server.request(isCancellation)
  await host.finish({ stderr: 'some' })
})

test('--request-timeout counts anew at each sign of progress, for the request that it belongs to', async (t) => {
  const streams = new Map<unknown, SseStream>()
  const { host, server } = await connected(
    t,
    { on: { 'tools/call': (x) => void streams.set(x.message.id, x.sse()) } },
    ['--request-timeout', '8s'],
  )
  const withToken = (id: number): string =>
    request(id, 'tools/call', { name: 'echo', _meta: { progressToken: `p${id}` } })
  host.send(withToken(1))
  host.send(withToken(2))
  await server.several(2, ({ message }) => message.method === 'tools/call')
  const startedAt = Date.now()
  const beat = setInterval(
    () => streams.get(1)?.message(notify('notifications/progress', { progressToken: 'p1', progress: 1 })),
    200,
  )
  t.after(() => clearInterval(beat))
  ownError(await host.answer(2), 'timeout')
  // Half as long again after the other one's time was up.
  await host.line(({ value, at }) => value.method === 'notifications/progress' && at - startedAt > 12_000)
  assert.equal(host.lines.filter(({ key }) => key === '1').length, 0)
  streams.get(1)?.result({ content: [] })
  resultOf(await host.answer(1))
  await host.finish({ stderr: 'some' })
  assert.deepEqual(
    server.sent('notifications/cancelled').map(({ message }) => message.params?.requestId),
    [2],
  )
})

test('--request-timeout: what is answered or cancelled in time is not told of', async (t) => {
  const { host, server } = await connected(
    t,
    { on: { 'tools/call': (x) => (x.message.id === 1 ? x.result({ content: [] }) : x.hang()) } },
    ['--request-timeout', '6s'],
  )
  host.send(call(1))
  resultOf(await host.answer(1))
  host.send(call('cancelled'))
  await server.request(({ message }) => message.id === 'cancelled')
  host.send(cancel('cancelled'))
  await server.request(isCancellation)
  // The clock: its time is up after theirs would have been.
  host.send(call('clock'))
  ownError(await host.answer('clock'), 'timeout')
  await server.several(2, isCancellation)
  await host.finish({ stderr: 'some' })
  assert.deepEqual(
    server.sent('notifications/cancelled').map(({ message }) => message.params?.requestId),
    ['cancelled', 'clock'],
  )
})

test('--request-timeout: initialize is never cancelled', async (t) => {
  const server = await serveSse(t, { post: hang })
  const host = bridge(t, { url: server.url, args: ['--request-timeout', '300ms'] })
  host.send(initializeLine('init'))
  ownError(await host.answer('init'), 'timeout')
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('notifications/cancelled').length, 0)
})

test('without it a slow call is waited for', async (t) => {
  const { host } = await connected(t, {
    on: { 'tools/call': (x) => void setTimeout(() => x.result({ content: [] }), 3000) },
  })
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
})

test('--ping-interval: pings reach the remote, and their answers never the host', async (t) => {
  const { host, server } = await connected(t, { getStream: true }, ['--ping-interval', '4s'])
  const pings = await server.several(3, isPing)
  for (const ping of pings) {
    assert.match(String(ping.message.id), /^mcp-ferry:/)
    assert.equal(ping.header('mcp-session-id'), server.sessionId)
  }
  assert.equal(new Set(pings.map(({ rawId }) => rawId)).size, 3)
  host.send(request(1, 'ping'))
  resultOf(await host.answer(1))
  await host.finish()
  assert.equal(host.lines.length, 2)
  assert.equal(server.with('GET').length, 1)
})

for (const [name, ping] of Object.entries({
  'a JSON-RPC error': (x) => x.error(-32601, 'Method not found'),
  '500': (x) => x.reply(500),
} satisfies Record<string, Handler>))
  test(`a ping that is answered with ${name} is an answer: nothing is given up`, async (t) => {
    const { host, server } = await connected(t, { getStream: true, on: { ping, 'tools/call': hang } }, [
      '--ping-interval',
      '4s',
    ])
    host.send(call(1))
    await server.several(name === '500' ? 4 : 3, isPing)
    assert.equal(server.with('GET').length, 1)
    server.sent('tools/call')[0]?.result({ content: [] })
    resultOf(await host.answer(1))
    await host.finish({ stderr: 'any' })
  })

test('without --keep-alive the remote is not asked', async (t) => {
  const { host, server } = await connected(t, {
    on: { 'tools/call': (x) => void setTimeout(() => x.result({ content: [] }), 2000) },
  })
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
  assert.equal(server.sent('ping').length, 0)
})

test('unanswered pings: the GET stream is opened anew, then what is under way is given up', async (t) => {
  let isDead = false
  const { host, server } = await connected(
    t,
    { getStream: true, on: { ping: (x) => (isDead ? x.hang() : x.result({})), 'tools/call': hang } },
    ['--ping-interval', '3s'],
  )
  await server.request(({ method }) => method === 'GET')
  host.send(call(1))
  await server.request(({ message }) => message.method === 'tools/call')
  isDead = true
  const gets = await server.several(2, ({ method }) => method === 'GET')
  assert.equal(await gets[0]?.over, 'aborted')
  const line = await host.answer(1)
  const unanswered = server.sent('ping').filter(({ response }) => !response.writableEnded)
  assert.ok(unanswered.length >= 2, 'one is not enough')
  const data = ownError(line, 'stream-lost')
  assert.equal(data.maybeDelivered, true)
  assert.match(line.value.error?.message ?? '', /ping/)
  assert.equal(await server.sent('tools/call')[0]?.over, 'aborted')
  isDead = false
  host.send(request(2, 'tools/list'))
  resultOf(await host.answer(2))
  assert.equal(server.sent('initialize').length, 1)
  assert.equal(server.sent('tools/call').length, 1)
  await host.finish({ stderr: 'some' })
})

test('unanswered pings: what may be sent again is, on a new connection', async (t) => {
  const { host, server } = await connected(
    t,
    { on: { ping: hang, 'tools/list': sequence(hang, (x) => x.result({ tools: [] })) } },
    ['--ping-interval', '2s'],
  )
  host.send(request(1, 'tools/list'))
  resultOf(await host.answer(1))
  const [first, second] = server.sent('tools/list')
  assert.notEqual(second?.socket, first?.socket)
  await host.finish({ stderr: 'any' })
})

test('unanswered pings over HTTP+SSE: a new stream and a new session, the call is an error', async (t) => {
  let isDead = false
  const server = await serveSse(t, {
    on: {
      ping: (x, session) => (isDead && session.number === 1 ? x.reply(202) : session.result(x, {})),
      'tools/call': (x, session) => (session.number === 1 ? x.reply(202) : session.result(x, {})),
    },
  })
  const host = bridge(t, { url: server.url, args: ['--ping-interval', '4s'] })
  await host.initialize()
  host.send(call(1))
  await server.request(({ message }) => message.method === 'tools/call')
  isDead = true
  assert.equal(ownError(await host.answer(1), /^(stream|session)-lost$/).maybeDelivered, true)
  host.send(call(2))
  resultOf(await host.answer(2))
  assert.equal(server.sessions.length, 2)
  await host.finish({ stderr: 'any' })
})
