// The end of an HTTP+SSE stream, which is the end of its session: a new one is opened behind the host's back.
// protocol.md B.1-5; T40.
import assert from 'node:assert/strict'
import type { SseHandler } from '../fixtures/servers/sse-server.ts'
import { bridge, call, connectedSse, ownError, request, resultOf, serve, test } from './harness.ts'

test('T39 a later endpoint on another origin ends the session rather than be followed', async (t) => {
  const other = await serve(t)
  const { host, server } = await connectedSse(t)
  server.sessions[0]?.moveTo(`${other.origin}/messages?sessionId=s1`)
  await server.several(2, ({ method }) => method === 'GET')
  host.send(call(1, { n: 1 }))
  assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
  // By the first session, if the call came before its end was noticed.
  const posted = server.sessions.flatMap(({ posts }) => posts.map(({ message }) => message.method))
  assert.equal(posted.filter((method) => method === 'tools/call').length, 1)
  await host.finish({ stderr: 'any' })
  assert.equal(other.connections, 0)
})

for (const how of ['end', 'cut'] as const)
  test(`T40 the stream is gone (${how}) with a call and a list under way: a new one, the list answered, the call an error`, async (t) => {
    const { host, server } = await connectedSse(t, {
      on: {
        'tools/call': (x, session) => (session.number === 1 ? x.reply(202) : session.result(x, {})),
        'tools/list': (x, session) =>
          session.number === 1 ? x.reply(202) : session.result(x, { tools: [] }),
      },
    })
    host.send(call('call'))
    host.send(request('list', 'tools/list'))
    await server.request(({ message }) => message.method === 'tools/list')
    server.sessions[0]?.stream[how]()
    const line = await host.answer('call')
    const data = ownError(line, /^(stream|session)-lost$/)
    assert.equal(data.maybeDelivered, true)
    assert.match(line.value.error?.message ?? '', /may or may not have taken effect/)
    resultOf(await host.answer('list'))
    const [, second] = server.sessions
    assert.deepEqual(
      second?.posts.map(({ message, url }) => [message.method, message.id, url]),
      [
        ['initialize', 'mcp-ferry:init:1', '/messages?sessionId=s2'],
        ['notifications/initialized', undefined, '/messages?sessionId=s2'],
        ['tools/list', 'list', '/messages?sessionId=s2'],
      ],
    )
    assert.equal(server.sent('tools/call').length, 1)
    assert.equal(server.postsToStream().length, 1)
    await host.notification('notifications/tools/list_changed')
    host.send(call('next'))
    resultOf(await host.answer('next'))
    await host.finish({ stderr: 'any' })
  })

test('nothing is sent at a new endpoint before initialize is answered there, however long it takes', async (t) => {
  const waiting: (() => void)[] = []
  const { host, server } = await connectedSse(t, {
    on: {
      'tools/list': (x, session) => (session.number === 1 ? x.reply(202) : session.result(x, { tools: [] })),
      initialize(x, session) {
        const answer = () =>
          session.result(x, { protocolVersion: '2024-11-05', capabilities: {}, serverInfo: { name: 'a' } })
        if (session.number === 1) answer()
        else waiting.push(answer)
      },
    },
  })
  host.send(request('list', 'tools/list'))
  await server.request(({ message }) => message.method === 'tools/list')
  server.sessions[0]?.stream.cut()
  await server.several(3, ({ message }) => message.method === 'initialize')
  // The clock: three intervals of what a list waits for before it is sent again.
  const clock = await serve(t, { on: { 'tools/call': (x) => void setTimeout(() => x.result({}), 2500) } })
  const other = bridge(t, { url: clock.url })
  await other.initialize()
  other.send(call(1))
  resultOf(await other.answer(1))
  await other.finish()
  assert.deepEqual(
    server.sessions[1]?.posts.map(({ message }) => message.method),
    ['initialize'],
  )
  for (const answer of waiting) answer()
  resultOf(await host.answer('list'))
  assert.deepEqual(
    server.sessions[1]?.posts.map(({ message }) => message.method),
    ['initialize', 'notifications/initialized', 'tools/list'],
  )
  await host.finish({ stderr: 'any' })
})

test('a stream lost while nothing is under way is opened again, and the remote is heard on it', async (t) => {
  const { host, server } = await connectedSse(t)
  server.sessions[0]?.stream.cut()
  await server.several(2, ({ message }) => message.method === 'notifications/initialized')
  server.sessions[1]?.say(request(1, 'roots/list'))
  const asked = await host.line(({ value }) => value.method === 'roots/list')
  assert.equal(asked.value.id, 'e1:1')
  host.send('{"jsonrpc":"2.0","id":"e1:1","result":{}}')
  const answer = await server.request(({ message }) => message.result !== undefined)
  assert.equal(answer.rawId, '1')
  assert.equal(answer.url, '/messages?sessionId=s2')
  await host.finish({ stderr: 'any' })
})

test('an event over --max-event ends the session, and what was asked is told why', async (t) => {
  const result = JSON.stringify({ text: 'x'.repeat(2_000_000) })
  const answer: SseHandler = (x, session) => session.result(x, result)
  const { host } = await connectedSse(t, { on: { 'tools/call': answer, 'tools/list': answer } }, [
    '--max-event',
    '1MiB',
  ])
  host.send(call(1))
  const lost = await host.answer(1)
  assert.equal(ownError(lost, 'session-lost').maybeDelivered, true)
  assert.match(lost.value.error?.message ?? '', /raise --max-event/)
  host.send(request(2, 'tools/list'))
  ownError(await host.answer(2), 'too-large')
  host.send(request(3, 'ping'))
  resultOf(await host.answer(3))
  await host.finish({ stderr: 'some' })
})
