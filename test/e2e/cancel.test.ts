// Cancelling: what is POSTed, in which order, and that nobody waits for what was cancelled. protocol.md A.1-7, A.9;
// T30, T37.
import assert from 'node:assert/strict'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { FAULTS } from '../fixtures/servers/faults.ts'
import { echo, sequence } from '../fixtures/servers/mcp-server.ts'
import type { Exchange, Handler, SseStream } from '../fixtures/servers/raw-server.ts'
import { bridge, call, connected, notify, request, resultOf, serve, test } from './harness.ts'
import { onStderr } from './signing-in.ts'

test('T37 calls that hang for ever hold up nothing, and a cancel frees them', async (t) => {
  const stuck = ['hang', 'hang-after-head'] as const
  const { host, server } = await connected(t, {
    on: {
      'tools/call': (x) => {
        const name = stuck.find((known) => known === x.message.params?.name)
        return name === undefined ? echo(x) : FAULTS[name](x)
      },
    },
  })
  for (const name of stuck) host.send(call(name, {}, name))
  for (const name of stuck) await server.request(({ message }) => message.id === name)
  for (let id = 1; id <= 5; id++) {
    host.send(call(id))
    await host.answer(id)
  }
  for (const requestId of stuck) host.send(notify('notifications/cancelled', { requestId, reason: 'enough' }))
  for (const name of stuck) {
    await server.request(({ message }) => message.params?.requestId === name)
    const [x] = server.sent('tools/call').filter(({ message }) => message.id === name)
    assert.equal(await x?.over, 'aborted')
  }
  host.send(request('after', 'tools/list'))
  await host.answer('after')
  await host.finish()
})

test('T30 the cancel of a running call is POSTed, and the end of its stream is no error', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => void x.sse() } })
  host.send(call(1))
  const running = await server.request(({ message }) => message.method === 'tools/call')
  const cancel = notify('notifications/cancelled', { requestId: 1, reason: 'user' })
  host.send(cancel)
  const x = await server.request(({ text }) => text === cancel)
  assert.equal(x.header('mcp-session-id'), server.sessionId)
  running.response.end()
  await running.over
  host.send(request(2, 'tools/list'))
  await host.answer(2)
  assert.equal(server.sent('tools/call').length, 1)
  await host.finish()
  assert.ok(!host.lines.some(({ value }) => value.id === 1))
})

test('T30 what a cancelled call still says reaches the host: its stream is not closed at once', async (t) => {
  const streams: SseStream[] = []
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => void streams.push(x.sse()) } })
  host.send(call(1))
  await server.request(({ message }) => message.method === 'tools/call')
  host.send(notify('notifications/cancelled', { requestId: 1 }))
  await server.request(({ message }) => message.method === 'notifications/cancelled')
  streams[0]?.message(notify('notifications/message', { level: 'info', data: 'half is done' }))
  streams[0]?.result({ content: [], isError: true })
  await host.notification('notifications/message')
  assert.equal(resultOf(await host.answer(1)).isError, true)
  await host.finish()
})

test('T30 a cancel never overtakes its call, however closely it follows', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => x.hang() } })
  for (let id = 1; id <= 20; id++)
    host.sendRaw(`${call(id)}\n${notify('notifications/cancelled', { requestId: id })}\n`)
  host.sendRaw(`${notify('notifications/last')}\n`)
  await server.request(({ message }) => message.method === 'notifications/last')
  const order = server.with('POST').map(({ message }) => message)
  for (let id = 1; id <= 20; id++) {
    const called = order.findIndex((message) => message.method === 'tools/call' && message.id === id)
    const cancelled = order.findIndex((message) => message.params?.requestId === id)
    assert.equal(called < 0, cancelled < 0, `call ${id}: both are sent or neither`)
    assert.ok(called <= cancelled, `the cancel of call ${id} came before the call`)
  }
  await host.finish()
})

test('a cancel of a request that is still held back takes it out of the queue: neither is sent', async (t) => {
  const held: Exchange[] = []
  const server = await serve(t, { on: { initialize: (x) => void held.push(x) } })
  const host = bridge(t, { url: server.url })
  const cancel = notify('notifications/cancelled', { requestId: 1 })
  host.sendRaw(`${[initializeLine('i'), INITIALIZED, call(1), cancel, call(2)].join('\n')}\n`)
  await server.request(({ message }) => message.method === 'initialize')
  held[0]?.result({ protocolVersion: '2025-06-18', capabilities: {}, serverInfo: {} })
  await host.answer(2)
  await host.finish()
  assert.deepEqual(
    server.sent('tools/call').map(({ rawId }) => rawId),
    ['2'],
  )
  assert.equal(server.sent('notifications/cancelled').length, 0)
})

test('a cancel of initialize is not sent, nor does it end the handshake', async (t) => {
  const held: Exchange[] = []
  const server = await serve(t, { on: { initialize: (x) => void held.push(x) } })
  const host = bridge(t, { url: server.url })
  host.send(initializeLine('i'))
  await server.request(({ message }) => message.method === 'initialize')
  host.send(notify('notifications/cancelled', { requestId: 'i' }))
  host.send('garbage, whose answer shows that the line before it has been read')
  await host.line((line) => line.key === undefined)
  held[0]?.result({ protocolVersion: '2025-06-18', capabilities: {}, serverInfo: {} })
  assert.ok((await host.answer('i')).value.result)
  host.send(INITIALIZED)
  host.send(request(1, 'tools/list'))
  await host.answer(1)
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('notifications/cancelled').length, 0)
})

test('a cancel of an initialize that waits for its next try is not sent when that is answered', async (t) => {
  const away: Handler = (x) => x.reply(503)
  const open: Handler = (x) =>
    x.result({ protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'late', version: '1' } })
  const server = await serve(t, { on: { initialize: sequence(away, away, open) } })
  const host = bridge(t, { url: server.url, args: ['--log-level', 'debug'] })
  host.send(initializeLine('i'))
  await onStderr(host, /initialize is tried again/)
  host.send(notify('notifications/cancelled', { requestId: 'i' }))
  resultOf(await host.answer('i'))
  host.send(INITIALIZED)
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish({ stderr: 'unchecked' })
  assert.equal(server.sent('notifications/cancelled').length, 0)
})

test('a cancel of a request that waits for its next try is not sent, and it is not tried again', async (t) => {
  const tried = new Set<unknown>()
  const { host, server } = await connected(t, {
    on: {
      'tools/call': (x) => {
        if (tried.has(x.message.id)) return x.result({ content: [] })
        tried.add(x.message.id)
        x.reply(429, '', { 'retry-after': '5' })
      },
    },
  })
  host.send(call(1))
  await server.request(({ message }) => message.method === 'tools/call')
  host.send(request(2, 'tools/list'))
  await host.answer(2)
  host.send(notify('notifications/cancelled', { requestId: 1 }))
  // The clock: its next try comes after that of the other would have come.
  host.send(call('clock'))
  await host.answer('clock')
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('notifications/cancelled').length, 0)
  assert.deepEqual(
    server.sent('tools/call').map(({ message }) => message.id),
    [1, 'clock', 'clock'],
  )
})
