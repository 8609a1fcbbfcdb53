// What is going on when a session is lost and a new one opened: requests under way, requests that come meanwhile,
// questions of the remote, the GET stream. protocol.md A.3, A.6.2, A.9.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import type { Accept } from '../fixtures/servers/session-server.ts'
import {
  allRead,
  bridge,
  call,
  inSession,
  notify,
  ownError,
  request,
  resultOf,
  serveSessions,
  test,
} from './harness.ts'

/** A server whose second session is opened when the test says so. */
function gate() {
  let accept: Accept = () => {}
  return {
    opening: (_: unknown, open: Accept, count: number) => {
      if (count === 2) accept = open
      else open()
    },
    open: (...args: Parameters<Accept>) => accept(...args),
  }
}

test('requests that come while a new session is opened wait for it; one that is cancelled is never sent', async (t) => {
  const { opening, open } = gate()
  const { host, server } = await inSession(t, { opening })
  server.forget()
  host.send(call('first'))
  await server.several(2, ({ message }) => message.method === 'initialize')
  const before = server.requests.length
  host.send(call('cancelled'))
  host.send(call('second', { n: 2 }))
  host.send(request('list', 'tools/list'))
  host.send(notify('notifications/roots/list_changed'))
  host.send(notify('notifications/cancelled', { requestId: 'cancelled' }))
  await allRead(host)
  assert.equal(server.requests.length, before, 'nothing is sent before the new session is there')
  open()
  for (const id of ['first', 'second', 'list']) resultOf(await host.answer(id))
  await server.request(({ message }) => message.method === 'notifications/roots/list_changed')
  await host.finish({ stderr: 'any' })
  const after = server.requests.slice(before)
  for (const x of after) assert.equal(x.header('mcp-session-id'), server.sessions[1])
  const [firstPost] = after.filter(({ method }) => method === 'POST')
  assert.equal(firstPost?.message.method, 'notifications/initialized')
  assert.ok(
    !after.some(({ text }) => text.includes('"cancelled"') || text.includes('notifications/cancelled')),
  )
})

test('the call whose refusal showed the loss can be cancelled, too', async (t) => {
  const { opening, open } = gate()
  const { host, server } = await inSession(t, { opening })
  server.forget()
  host.send(call('gone'))
  await server.several(2, ({ message }) => message.method === 'initialize')
  host.send(notify('notifications/cancelled', { requestId: 'gone' }))
  await allRead(host)
  open()
  host.send(request('list', 'tools/list'))
  resultOf(await host.answer('list'))
  await host.finish({ stderr: 'any' })
  assert.equal(server.ran('tools/call').length, 0)
  assert.equal(server.sent('notifications/cancelled').length, 0)
})

test('what was under way in the lost session: a list is asked for again, a call ends in an error', async (t) => {
  let isOld = true
  const { host, server } = await inSession(t, {
    on: {
      'tools/call': (x) => (isOld ? x.hang() : x.result({ content: [] })),
      'tools/list': (x) => (isOld ? void x.sse() : x.result({ tools: [] })),
    },
  })
  host.send(call('running'))
  host.send(request('listing', 'tools/list'))
  await server.several(2, ({ message }) => /^tools\//.test(message.method ?? ''))
  isOld = false
  server.forget()
  host.send(call('refused'))
  const data = ownError(await host.answer('running'), 'session-lost')
  assert.equal(data.maybeDelivered, true)
  resultOf(await host.answer('listing'))
  resultOf(await host.answer('refused'))
  const running = server.sent('tools/call').filter(({ message }) => message.id === 'running')
  assert.equal(running.length, 1)
  await host.finish({ stderr: 'any' })
})

test('an answer of the lost session that comes while a new one is opened is delivered', async (t) => {
  const { opening, open } = gate()
  const running: Exchange[] = []
  const { host, server } = await inSession(t, {
    on: {
      'tools/call': (x) => (x.message.id === 'running' ? void running.push(x) : x.result({ content: [] })),
    },
    opening,
  })
  host.send(call('running'))
  await server.request(({ message }) => message.id === 'running')
  server.forget()
  host.send(call('refused'))
  await server.request(({ message }) => message.id === 'mcp-ferry:init:1')
  running[0]?.result({ content: [], n: 1 })
  assert.equal(resultOf(await host.answer('running')).n, 1)
  open()
  resultOf(await host.answer('refused'))
  await host.finish({ stderr: 'any' })
  assert.equal(running.length, 1)
})

test('a cancel that is refused for its session is not said in the new one', async (t) => {
  const { host, server } = await inSession(t, {
    on: { 'tools/call': (x) => (x.message.id === 'running' ? x.hang() : x.result({ content: [] })) },
  })
  host.send(call('running'))
  await server.request(({ message }) => message.id === 'running')
  server.forget()
  host.send(notify('notifications/cancelled', { requestId: 'running' }))
  await server.several(2, ({ message }) => message.method === 'notifications/initialized')
  host.send(notify('notifications/roots/list_changed'))
  host.send(call('next'))
  resultOf(await host.answer('next'))
  await server.request(({ message }) => message.method === 'notifications/roots/list_changed')
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('notifications/cancelled').length, 1)
})

test('a notification that is refused for its session opens a new one and is sent again', async (t) => {
  const { host, server } = await inSession(t)
  server.forget()
  host.send(notify('notifications/roots/list_changed', { n: 1 }))
  const [first, second] = await server.several(
    2,
    ({ message }) => message.method === 'notifications/roots/list_changed',
  )
  assert.equal(second?.text, first?.text)
  assert.deepEqual(
    [first, second].map((x) => x?.header('mcp-session-id')),
    server.sessions,
  )
  await host.finish({ stderr: 'any' })
})

test("an answer to the lost session's question is dropped, and opens a new session", async (t) => {
  const { host, server } = await inSession(t, { getStream: true })
  await server.request(({ method }) => method === 'GET')
  server.push({ jsonrpc: '2.0', id: 'q', method: 'roots/list' })
  await host.line(({ value }) => value.id === 'q')
  server.forget()
  host.send('{"jsonrpc":"2.0","id":"q","result":{"roots":[]}}')
  await server.several(2, ({ message }) => message.method === 'notifications/initialized')
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish({ stderr: 'any' })
  assert.equal(server.requests.filter(({ text }) => text.includes('"roots":[]')).length, 1)
})

test('questions of the lost session are cancelled, those of the new one get other ids and are answered right', async (t) => {
  const { host, server } = await inSession(t, { getStream: true })
  await server.request(({ method }) => method === 'GET')
  const ids = ['7', '9007199254740993', '"é"']
  const ask = (id: string) => `{"jsonrpc":"2.0","id":${id},"method":"roots/list","params":{"n":1.0}}`
  for (const id of ids) {
    server.push(ask(id))
    await host.line(({ raw }) => raw === ask(id))
  }
  server.forget()
  host.send(call(1))
  for (const id of ids)
    await host.line(
      ({ raw, value }) => value.method === 'notifications/cancelled' && raw.includes(`"requestId":${id}`),
    )
  resultOf(await host.answer(1))
  await server.several(2, ({ method }) => method === 'GET')
  host.send('{"jsonrpc":"2.0","id":7,"result":{"of":"the lost session"}}')
  for (const id of ids) {
    server.push(ask(id))
    const { raw, value } = await host.line((line) => line.value.method === 'roots/list')
    assert.match(String(value.id), /^e1:\d+$/)
    assert.ok(raw.includes('"params":{"n":1.0}'), raw)
    host.send(`{"jsonrpc":"2.0","id":"${value.id}","result":{"n":1.0,"for":${id}}}`)
    const x = await server.request(({ text }) => text.includes(`"for":${id}`))
    assert.equal(x.rawId, id)
    assert.ok(x.text.includes('"n":1.0'))
    assert.equal(x.header('mcp-session-id'), server.sessions[1])
  }
  await host.finish({ stderr: 'any' })
  assert.ok(!server.requests.some(({ text }) => text.includes('the lost session')))
})

test('a question of the new session that the remote withdraws is withdrawn under the id the host knows', async (t) => {
  const { host, server } = await inSession(t, { getStream: true })
  await server.request(({ method }) => method === 'GET')
  server.forget()
  host.send(call(1))
  resultOf(await host.answer(1))
  await server.several(2, ({ method }) => method === 'GET')
  server.push({ jsonrpc: '2.0', id: 3, method: 'sampling/createMessage', params: {} })
  const asked = await host.line(({ value }) => value.method === 'sampling/createMessage')
  server.push({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 3, reason: 'late' } })
  const { value } = await host.notification('notifications/cancelled')
  assert.deepEqual(value.params, { requestId: asked.value.id, reason: 'late' })
  assert.match(String(asked.value.id), /^e1:/)
  await host.finish({ stderr: 'any' })
})

test('the old GET stream is closed and one new one is opened, whose messages reach the host', async (t) => {
  const { host, server } = await inSession(t, { getStream: true })
  const old = await server.request(({ method }) => method === 'GET')
  server.forget()
  host.send(call(1))
  resultOf(await host.answer(1))
  assert.equal(await old.over, 'aborted')
  const [, fresh] = await server.several(2, ({ method }) => method === 'GET')
  assert.equal(fresh?.header('mcp-session-id'), server.sessions[1])
  assert.equal(fresh?.header('last-event-id'), undefined)
  server.push({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'new' } })
  await host.notification('notifications/message')
  host.send(call(2))
  await host.answer(2)
  await host.finish({ stderr: 'any' })
  assert.equal(server.with('GET').length, 2)
})

test('a cursor of the lost session is not used in the new one', async (t) => {
  const { host, server } = await inSession(t, {
    on: {
      GET: (x) => x.sse().message(notify('notifications/x'), { id: 'of-the-old-session' }),
    },
  })
  await host.notification('notifications/x')
  server.forget()
  host.send(call(1))
  resultOf(await host.answer(1))
  const [, fresh] = await server.several(2, ({ method }) => method === 'GET')
  assert.equal(fresh?.header('last-event-id'), undefined)
  await host.finish({ stderr: 'any' })
})

test('another protocol version after the loss is the one in the headers from then on', async (t) => {
  const { host, server } = await inSession(t, {
    getStream: true,
    opening: (_, accept, count) =>
      accept({ getStream: true, protocolVersion: count === 1 ? '2025-06-18' : '2025-03-26' }),
  })
  await server.request(({ method }) => method === 'GET')
  server.forget()
  host.send(call(1))
  resultOf(await host.answer(1))
  await server.several(2, ({ method }) => method === 'GET')
  await host.finish({ stderr: 'any' })
  const again = server.requests.indexOf(server.sent('initialize')[1]!)
  const later = server.requests.slice(again + 1)
  assert.ok(later.length >= 4, 'too few requests to tell')
  for (const x of later) assert.equal(x.header('mcp-protocol-version'), '2025-03-26', x.text)
})

test('a ping of the remote while the new session is opened is answered, and not by the host', async (t) => {
  const { host, server } = await inSession(t, {
    opening: (x, accept, count) => {
      if (count === 1) return accept()
      const stream = x.sse({ 'Mcp-Session-Id': 'asks-first' })
      stream.message({ jsonrpc: '2.0', id: 'alive?', method: 'ping' })
      const isAnswer = ({ text }: { readonly text: string }) => text.includes('alive?')
      void server.request(isAnswer).then(() => {
        stream.result({
          protocolVersion: '2025-06-18',
          capabilities: {},
          serverInfo: { name: 's', version: '1' },
        })
        stream.end()
      })
    },
    lost: (x) => {
      if (x.header('mcp-session-id') !== 'asks-first') x.reply(404)
      else if (x.message.method === 'tools/call') x.result({ content: [] })
      else x.reply(x.method === 'GET' ? 405 : 202)
    },
  })
  server.forget()
  host.send(call(1))
  resultOf(await host.answer(1))
  assert.ok(!host.lines.some(({ raw }) => raw.includes('alive?')))
  await host.finish({ stderr: 'any' })
})

test('notifications/initialized is not sent anew if the host never sent it', async (t) => {
  const server = await serveSessions(t)
  const host = bridge(t, { url: server.url })
  host.send(initializeLine('i'))
  await host.answer('i')
  server.forget()
  // A ping may pass before the host has said initialized.
  host.send(request(1, 'ping'))
  assert.deepEqual(resultOf(await host.answer(1)), {})
  const posts = server.with('POST').map((x) => [x.message.method, x.header('mcp-session-id')])
  assert.deepEqual(posts, [
    ['initialize', undefined],
    ['ping', server.sessions[0]],
    ['initialize', undefined],
    ['ping', server.sessions[1]],
  ])
  host.send(notify('notifications/initialized'))
  host.send(call(2))
  resultOf(await host.answer(2))
  const [initialized, more] = server.sent('notifications/initialized')
  assert.equal(initialized?.header('mcp-session-id'), server.sessions[1])
  assert.equal(more, undefined)
  await host.finish({ stderr: 'any' })
})
