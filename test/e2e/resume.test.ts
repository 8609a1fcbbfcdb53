// Answer streams that end before their answer: taken up again with Last-Event-ID where the remote has given an id,
// and told as lost where that cannot be. protocol.md 0.7, A.4; T23–T26.
import assert from 'node:assert/strict'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { sequence } from '../fixtures/servers/mcp-server.ts'
import type { Exchange, Handler } from '../fixtures/servers/raw-server.ts'
import {
  bridge,
  type Connecting,
  call,
  connected,
  inSession,
  notify,
  ownError,
  request,
  resultOf,
  serve,
  test,
} from './harness.ts'

const isResume = (x: Exchange) => x.method === 'GET' && x.header('last-event-id') !== undefined
const note = (n: unknown) => notify('notifications/message', { level: 'info', data: n })
const result = (id: unknown, n: unknown = 0) =>
  JSON.stringify({ jsonrpc: '2.0', id, result: { content: [], n } })

/** Opens a stream, says this much, and closes it. */
const closing =
  (bytes: string): Handler =>
  async (x) => {
    const stream = x.sse()
    await stream.raw(bytes)
    stream.end()
  }

const PRIMED = 'id: p0\nretry: 100\ndata:\n\n'

/** No stream of its own, but streams to take up again. */
const resuming = (resume: Handler, on: Readonly<Record<string, Handler>> = {}): Connecting => ({
  on: {
    'tools/call': closing(PRIMED),
    ...on,
    GET: (x) => (isResume(x) ? resume(x) : x.reply(405)),
  },
})

test('T23 a primed stream that is closed is taken up after its retry time, and the answer comes once', async (t) => {
  let endedAt = 0
  const { host, server } = await connected(
    t,
    resuming(closing(`data: ${result(1)}\n\n`), {
      'tools/call': async (x) => {
        const stream = x.sse()
        await stream.raw('id: e1\nretry: 500\ndata: \n\n')
        endedAt = Date.now()
        stream.end()
      },
    }),
  )
  host.send(call(1))
  assert.deepEqual(resultOf(await host.answer(1)), { content: [], n: 0 })
  const [get] = server.requests.filter(isResume)
  assert.ok(get, 'it was never taken up')
  assert.ok(get.at - endedAt >= 450, `taken up after ${get.at - endedAt} ms`)
  assert.equal(get.header('last-event-id'), 'e1')
  assert.equal(get.header('accept'), 'text/event-stream')
  assert.equal(get.header('mcp-session-id'), server.sessionId)
  assert.equal(get.header('mcp-protocol-version'), '2025-06-18')
  await host.finish()
  assert.equal(server.requests.filter(isResume).length, 1)
  assert.equal(server.sent('tools/call').length, 1)
})

test('T24 polling goes on as long as each try succeeds, with the latest id, and all that comes reaches the host', async (t) => {
  const CYCLES = 8
  const cursors: (string | undefined)[] = []
  const { host, server } = await connected(
    t,
    resuming((x) => {
      cursors.push(x.header('last-event-id'))
      const n = cursors.length
      if (n === CYCLES) return closing(`data: ${result(1)}\n\n`)(x)
      // The third brings no id: the cursor stays where it is.
      return closing(n === 3 ? `data: ${note(n)}\n\n` : `id: p${n}\ndata: ${note(n)}\n\n`)(x)
    }),
  )
  host.send(call(1))
  resultOf(await host.answer(1, 30_000))
  assert.deepEqual(cursors, ['p0', 'p1', 'p2', 'p2', 'p4', 'p5', 'p6', 'p7'])
  const notes = host.lines.filter(({ value }) => value.method === 'notifications/message')
  assert.deepEqual(
    notes.map(({ value }) => value.params?.data),
    [1, 2, 3, 4, 5, 6, 7],
  )
  assert.equal(server.sent('tools/call').length, 1)
  await host.finish()
})

test('a stream that is cut in the middle is taken up as one that is closed', async (t) => {
  const { host, server } = await connected(
    t,
    resuming(closing(`data: ${result(1)}\n\n`), {
      'tools/call': (x) => {
        const stream = x.sse()
        void stream.raw(`${PRIMED}id: p1\ndata: {"half":`).then(() => stream.cut())
      },
    }),
  )
  host.send(call(1))
  resultOf(await host.answer(1))
  const [get] = server.requests.filter(isResume)
  assert.equal(get?.header('last-event-id'), 'p0', 'an event that did not end does not count')
  await host.finish({ stderr: 'any' })
})

test('two streams are taken up each with its own cursor', async (t) => {
  const { host } = await connected(
    t,
    resuming(
      (x) => {
        const id = x.header('last-event-id')
        return closing(`data: ${result(id, id)}\n\n`)(x)
      },
      { 'tools/call': (x) => closing(`id: ${x.message.id}\nretry: 100\ndata:\n\n`)(x) },
    ),
  )
  const ids = ['a', 'b', 'c', 'd']
  for (const id of ids) host.send(call(id))
  for (const id of ids) assert.equal(resultOf(await host.answer(id)).n, id)
  await host.finish()
})

for (const [name, bytes] of Object.entries({
  'no id': `retry: 100\ndata: ${note(1)}\n\n`,
  'an id that an empty one has cleared': `${PRIMED}id:\ndata: ${note(1)}\n\n`,
  'an id whose event did not end': 'id: p0\nretry: 100\n',
}))
  for (const how of ['T25 a call', 'T26 a list'] as const)
    test(`${how} whose stream ends with ${name} is not taken up`, async (t) => {
      const { host, server } = await connected(
        t,
        resuming(closing(`data: ${result(1)}\n\n`), {
          'tools/call': closing(bytes),
          'tools/list': sequence(closing(bytes), (x) => x.result({ tools: [] })),
        }),
      )
      const method = how === 'T25 a call' ? 'tools/call' : 'tools/list'
      host.send(request(1, method, { name: 'echo' }))
      const answer = await host.answer(1)
      if (method === 'tools/list') resultOf(answer)
      else assert.equal(ownError(answer, 'stream-lost').maybeDelivered, true)
      assert.equal(server.sent(method).length, method === 'tools/list' ? 2 : 1)
      assert.equal(server.requests.filter(isResume).length, 0)
      await host.finish({ stderr: 'any' })
    })

for (const status of [400, 405, 501])
  test(`${status} when it is to be taken up: the stream is lost, at once`, async (t) => {
    const { host, server } = await connected(
      t,
      resuming((x) => x.reply(status)),
    )
    host.send(call(1))
    assert.equal(ownError(await host.answer(1), 'stream-lost').maybeDelivered, true)
    assert.equal(server.requests.filter(isResume).length, 1)
    assert.equal(server.sent('tools/call').length, 1)
    await host.finish({ stderr: 'some' })
  })

for (const status of [409, 500, 503])
  test(`${status} when it is to be taken up: tried again, and answered`, async (t) => {
    const { host, server } = await connected(
      t,
      resuming(
        sequence(
          (x) => x.reply(status),
          (x) => (status === 409 ? x.reply(409) : x.cut()),
          closing(`data: ${result(1)}\n\n`),
        ),
      ),
    )
    host.send(call(1))
    resultOf(await host.answer(1, 40_000))
    assert.equal(server.requests.filter(isResume).length, 3)
    await host.finish({ stderr: 'any' })
  })

test('a stream that cannot be taken up in five tries is lost', async (t) => {
  const { host, server } = await connected(
    t,
    resuming(
      sequence(
        (x) => x.reply(500),
        (x) => x.cut(),
        (x) => x.reply(502),
      ),
    ),
  )
  host.send(call(1))
  assert.equal(ownError(await host.answer(1, 50_000), 'stream-lost').maybeDelivered, true)
  assert.equal(server.requests.filter(isResume).length, 5)
  await host.finish({ stderr: 'some' })
})

test('404 and the session is alive: the stream is lost, the session goes on', async (t) => {
  const { host, server } = await inSession(
    t,
    resuming((x) => x.reply(404)),
  )
  host.send(call(1))
  assert.equal(ownError(await host.answer(1), 'stream-lost').maybeDelivered, true)
  assert.equal(server.sent('ping').length, 1)
  host.send(request(2, 'tools/list'))
  resultOf(await host.answer(2))
  assert.equal(server.sent('initialize').length, 1)
  assert.equal(server.sent('tools/call').length, 1)
  await host.finish({ stderr: 'some' })
})

test('404 and the session is gone: a call ends in an error, a list is asked for in the new session', async (t) => {
  const { host, server } = await inSession(
    t,
    resuming((x) => x.reply(404), {
      'tools/call': (x) => void x.sse().raw(PRIMED),
      'tools/list': sequence(
        (x) => void x.sse().raw(PRIMED),
        (x) => x.result({ tools: [] }),
      ),
    }),
  )
  host.send(call('call'))
  host.send(request('list', 'tools/list'))
  const both = await server.several(2, ({ message }) => /^tools\//.test(message.method ?? ''))
  server.forget()
  for (const x of both) x.response.end()
  assert.equal(ownError(await host.answer('call'), 'session-lost').maybeDelivered, true)
  resultOf(await host.answer('list'))
  assert.match(String(server.sent('ping')[0]?.message.id), /^mcp-ferry:/)
  assert.equal(server.sent('initialize').length, 2)
  assert.equal(server.ran('tools/call').length, 1)
  assert.equal(server.ran('tools/list').at(-1)?.header('mcp-session-id'), server.sessions[1])
  await host.finish({ stderr: 'some' })
})

test('initialize whose primed stream is closed is taken up in the session that it has been assigned', async (t) => {
  const opened = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    serverInfo: { name: 'late', version: '1' },
  }
  const server = await serve(t, {
    on: {
      async initialize(x) {
        const stream = x.sse({ 'Mcp-Session-Id': 'assigned' })
        await stream.raw(PRIMED)
        stream.end()
      },
      GET(x) {
        if (!isResume(x)) return x.reply(405)
        if (x.header('mcp-session-id') !== 'assigned') return x.reply(400)
        x.sse().message({ jsonrpc: '2.0', id: 'i', result: opened })
      },
    },
  })
  const host = bridge(t, { url: server.url })
  host.send(initializeLine('i'))
  assert.deepEqual(resultOf(await host.answer('i')), opened)
  host.send(INITIALIZED)
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
  assert.equal(server.sent('initialize').length, 1)
  assert.equal(server.sent('tools/call')[0]?.header('mcp-session-id'), 'assigned')
})

test('an answer that has been delivered and is replayed is dropped', async (t) => {
  const { host } = await connected(
    t,
    resuming(closing(`id: p1\ndata: ${result('first', 2)}\n\nid: p2\ndata: ${result('second')}\n\n`), {
      'tools/call': (x) => (x.message.id === 'first' ? x.result({ n: 1 }) : closing(PRIMED)(x)),
    }),
  )
  host.send(call('first'))
  assert.equal(resultOf(await host.answer('first')).n, 1)
  host.send(call('second'))
  resultOf(await host.answer('second'))
  await host.finish({ stderr: 'any' })
})

test('a call that is cancelled is no longer taken up', async (t) => {
  const { host, server } = await connected(
    t,
    resuming((x) => closing(`id: ${x.header('last-event-id')}\ndata:\n\n`)(x), {
      'tools/call': (x) => closing(`id: ${x.message.id}\nretry: 100\ndata:\n\n`)(x),
    }),
  )
  const polls = (id: string) => (x: Exchange) => isResume(x) && x.header('last-event-id') === id
  host.send(call('gone'))
  host.send(call('clock'))
  await server.several(2, polls('gone'))
  host.send(notify('notifications/cancelled', { requestId: 'gone' }))
  await server.request(({ message }) => message.method === 'notifications/cancelled')
  const before = server.requests.filter(polls('gone')).length
  await server.several(server.requests.filter(polls('clock')).length + 8, polls('clock'))
  const after = server.requests.filter(polls('gone')).length - before
  assert.ok(after <= 1, `taken up ${after} times after it was cancelled`)
  host.send(notify('notifications/cancelled', { requestId: 'clock' }))
  await host.finish({ stderr: 'any' })
})

test('a call that is being taken up when stdin ends is waited for', async (t) => {
  const resumed = resuming(closing(`data: ${result(1)}\n\n`))
  const { host } = await connected(t, resumed, ['--drain-timeout', '10m'])
  host.send(call(1))
  host.endInput()
  resultOf(await host.answer(1))
  await host.finish()
})
