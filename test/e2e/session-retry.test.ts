// A request that waits to be sent again when the session is lost waits for the new session as well; and what a new
// session would have to be told is answered when it fails.
// protocol.md 0.5, A.6.2.
import assert from 'node:assert/strict'
import { call, connected, inSession, ownError, request, resultOf, test } from './harness.ts'

test('a list that waits to be sent again while a new session is opened is sent in the new one', async (t) => {
  let lists = 0
  const { host, server } = await inSession(t, {
    on: {
      'tools/list': (x) =>
        ++lists === 1 ? x.reply(503, undefined, { 'Retry-After': '4' }) : x.result({ tools: [] }),
    },
    // Longer than the list waits.
    opening: (_x, accept, count) => (count === 1 ? accept() : void setTimeout(accept, 8000)),
  })
  host.send(request(1, 'tools/list'))
  await server.request(({ message }) => message.method === 'tools/list')
  server.forget()
  host.send(call(2))
  resultOf(await host.answer(2))
  resultOf(await host.answer(1))
  assert.deepEqual(
    server.sent('tools/list').map((x) => x.header('mcp-session-id')),
    server.sessions.slice(0, 2),
  )
  assert.equal(server.sent('initialize').length, 2)
  await host.finish({ stderr: 'any' })
})

test('where there is no session and none is opened, each of several requests is answered, though they come together', async (t) => {
  const { host, server } = await inSession(t, {}, ['--max-reopens', '0'])
  server.forget()
  host.send(call(1))
  ownError(await host.answer(1), 'session-lost')
  host.sendRaw(`${call(2)}\n${call(3)}\n${request(4, 'tools/list')}\n`)
  for (const id of [2, 3, 4]) ownError(await host.answer(id), 'session-lost')
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('initialize').length, 1)
})

for (const method of ['logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'])
  test(`a ${method} that fails is answered, like any other request`, async (t) => {
    const { host } = await connected(t, { on: { [method]: (x) => x.reply(418, 'no') } })
    host.send(request(1, method, { level: 'info', uri: 'test://a' }))
    assert.equal(ownError(await host.answer(1), 'http').httpStatus, 418)
    await host.finish({ stderr: 'some' })
  })
