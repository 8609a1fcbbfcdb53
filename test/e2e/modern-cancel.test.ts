// Cancelling in the modern era: the exchange of exactly that request is closed, nothing is POSTed, and nothing more is
// said of it. protocol.md 0.2, C.4; T46.
import assert from 'node:assert/strict'
import type { Exchange, SseStream } from '../fixtures/servers/raw-server.ts'
import {
  allRead,
  bridge,
  discovered,
  modern,
  modernCall,
  notify,
  resultOf,
  serveModern,
  test,
} from './harness.ts'

const cancel = (requestId: unknown) =>
  notify('notifications/cancelled', { requestId, reason: 'the user went away' })
const DONE = '{"resultType":"complete","content":[]}'

test('T46 a cancel closes the exchange of that request alone, before its head or in its stream, and is not POSTed', async (t) => {
  const streams = new Map<unknown, SseStream>()
  const { host, server } = await discovered(t, {
    on: {
      'tools/call': (x) => {
        if (x.message.params?.name === 'stream') streams.set(x.message.id, x.sse())
        else x.hang()
      },
    },
  })
  const running = new Map<unknown, Exchange>()
  for (const [id, name] of [
    [1, 'hang'],
    ['1', 'hang'],
    [2, 'stream'],
    ['2', 'stream'],
  ]) {
    host.send(modernCall(id, {}, String(name)))
    running.set(id, await server.request(({ message }) => message.id === id))
  }
  // The heads of the streams are there: what the host sees of them has come through.
  for (const id of [2, '2']) {
    streams.get(id)?.message(notify('notifications/progress', { progressToken: id, progress: 1 }))
    await host.line(({ value }) => value.params?.progressToken === id)
  }
  for (const id of [1, 2]) {
    host.send(cancel(id))
    assert.equal(await running.get(id)?.over, 'aborted')
  }
  running.get('1')?.result(DONE)
  resultOf(await host.answer('1'))
  streams.get('2')?.message(notify('notifications/progress', { progressToken: '2', progress: 2 }))
  streams.get('2')?.result(DONE)
  streams.get('2')?.end()
  resultOf(await host.answer('2'))
  await host.finish()
  assert.equal(server.sent('notifications/cancelled').length, 0)
  assert.equal(server.sent('tools/call').length, 4, 'nothing is sent again')
  const answered = host.lines.filter(({ key }) => key !== undefined).map(({ value }) => value.id)
  assert.deepEqual(answered, ['discover', '1', '2'])
})

test('a cancel of what is not under way, over or unknown, does nothing', async (t) => {
  const { host, server } = await discovered(t)
  host.send(modernCall(1))
  resultOf(await host.answer(1))
  for (const id of [1, 'discover', 'nobody', null, 1.5, { a: 1 }]) host.send(cancel(id))
  host.send(notify('notifications/cancelled'))
  host.send(modernCall(2))
  resultOf(await host.answer(2))
  await host.finish({ stderr: 'any' })
  assert.equal(server.requests.length, 3)
})

test('a call that is cancelled while the remote is asked who it is is never sent', async (t) => {
  const held: Exchange[] = []
  const server = await serveModern(t, { on: { 'server/discover': (x) => void held.push(x) } })
  const host = bridge(t, { url: server.url })
  host.send(modernCall(1))
  host.send(modernCall(2))
  const asked = await server.request(({ message }) => message.method === 'server/discover')
  host.send(cancel(1))
  await allRead(host)
  asked.result({ resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: {}, ttlMs: 0 })
  resultOf(await host.answer(2))
  host.send(modern(3, 'tools/list'))
  resultOf(await host.answer(3))
  await host.finish({ stderr: 'any' })
  const calls = server.sent('tools/call').map(({ message }) => message.id)
  assert.deepEqual(calls, [2])
  assert.equal(server.sent('notifications/cancelled').length, 0)
})

test('a cancel that follows its call at once leaves no call running', async (t) => {
  const { host, server } = await discovered(t, { on: { 'tools/call': (x) => x.hang() } })
  for (let id = 1; id <= 20; id++) host.sendRaw(`${modernCall(id)}\n${cancel(id)}\n`)
  host.send(modern('last', 'tools/list'))
  resultOf(await host.answer('last'))
  await Promise.all(server.sent('tools/call').map(({ over }) => over))
  await host.finish()
  assert.equal(server.sent('notifications/cancelled').length, 0)
})

test('a call that waits for its next try and is cancelled is not tried again', async (t) => {
  const { host, server } = await discovered(t, {
    on: { 'tools/call': (x) => x.reply(429, '', { 'retry-after': '5' }) },
  })
  host.send(modernCall(1))
  await (await server.request(({ message }) => message.method === 'tools/call')).over
  host.send(cancel(1))
  // Another that is refused later: when that is tried again, the first would have been.
  host.send(modernCall(2))
  await server.several(2, ({ message }) => message.id === 2)
  host.send(cancel(2))
  await allRead(host)
  await host.finish({ stderr: 'any' })
  assert.equal(server.requests.filter(({ message }) => message.id === 1).length, 1)
  assert.ok(
    !host.lines.some(({ value }) => value.id === 1 || value.id === 2),
    'a cancelled call was answered',
  )
})

test('a progress notification and the answer that races it keep their order', async (t) => {
  const { host } = await discovered(t, {
    on: {
      'tools/call': async (x) => {
        const stream = x.sse()
        for (let n = 1; n <= 50; n++)
          await stream.raw(`data: ${notify('notifications/progress', { progressToken: 1, progress: n })}\n\n`)
        stream.result(DONE)
        stream.end()
      },
    },
  })
  host.send(modernCall(1))
  resultOf(await host.answer(1))
  await host.finish()
  const seen = host.lines.slice(1).map(({ value }) => value.params?.progress ?? value.id)
  assert.deepEqual(seen, [...Array.from({ length: 50 }, (_, n) => n + 1), 1])
})
