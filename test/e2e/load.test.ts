// Many at once: requests in flight, events in one stream, and a host that does not read. protocol.md 0.3, 0.6, 0.13.
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { call, connected, notify, request, test } from './harness.ts'

test('a thousand requests in flight at once are all answered', async (t) => {
  const held: Exchange[] = []
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => void held.push(x) } })
  const ids = Array.from({ length: 1000 }, (_, n) => n + 1)
  host.sendRaw(`${ids.map((id) => call(id, { id })).join('\n')}\n`)
  await server.request(() => held.length === 1000, 150_000)
  for (const x of held.reverse()) x.result({ structuredContent: { was: x.rawId } })
  for (const id of ids) {
    const { value } = await host.answer(id)
    assert.deepEqual(value.result?.structuredContent, { was: String(id) })
  }
  await host.finish()
})

test('a thousand requests one after the other use few connections', async (t) => {
  const { host, server } = await connected(t, { sessionId: null })
  for (let id = 1; id <= 1000; id++) {
    host.send(request(id, 'tools/list'))
    await host.answer(id)
  }
  assert.ok(server.connections < 10, `${server.connections} connections for a thousand requests in a row`)
  await host.finish()
})

test('ten thousand progress events in one SSE answer arrive in order, then the answer', async (t) => {
  const count = 10_000
  const { host } = await connected(t, {
    on: {
      'tools/call': (x) => {
        const stream = x.sse()
        for (let n = 1; n <= count; n++)
          stream.message(notify('notifications/progress', { progressToken: 't', progress: n, total: count }))
        stream.result('{"content":[]}')
        stream.end()
      },
    },
  })
  host.send(call(1))
  await host.answer(1, 150_000)
  const seen = host.lines.slice(1, -1).map(({ value }) => value.params?.progress)
  assert.equal(seen.length, count)
  assert.ok(seen.every((progress, index) => progress === index + 1))
  assert.equal(host.lines.at(-1)?.value.id, 1)
  await host.finish()
})

test('a thousand notifications of the host arrive in order', async (t) => {
  const { host, server } = await connected(t)
  const lines = Array.from({ length: 1000 }, (_, n) =>
    notify('notifications/progress', { progressToken: 1, n }),
  )
  host.sendRaw(`${lines.join('\n')}\n`)
  await server.request(({ text }) => text === lines.at(-1), 150_000)
  assert.deepEqual(
    server.sent('notifications/progress').map(({ text }) => text),
    lines,
  )
  await host.finish()
})

test('a host that does not read stops the bridge from reading, and gets everything once it reads', async (t) => {
  const MIB = 1024 * 1024
  const events = 200
  const filler = 'z'.repeat(MIB)
  let taken = 0
  const { host, server } = await connected(t, {
    on: {
      'tools/call': async (x) => {
        const stream = x.sse()
        for (let n = 1; n <= events; n++) {
          const params = { level: 'info', data: { n, filler } }
          await stream.raw(`data: ${notify('notifications/message', params)}\n\n`)
          taken += MIB
        }
        stream.result('{"content":[]}')
        stream.end()
      },
    },
  })
  host.pauseOutput()
  host.send(call(1))
  await server.request(({ message }) => message.method === 'tools/call')
  const bound = 64 * MIB
  // The server has been stopped when what it could write has not grown for a second and a half, once it has begun.
  for (let before = -1; (taken === 0 || before !== taken) && taken <= bound; ) {
    before = taken
    await pause(1500)
  }
  assert.ok(taken <= bound, `the bridge took in ${taken / MIB} MiB for a host that does not read`)
  host.resumeOutput()
  await host.answer(1, 150_000)
  const notes = host.lines.filter(({ value }) => value.method === 'notifications/message')
  assert.deepEqual(
    notes.map(({ value }) => (value.params?.data as { n: number } | undefined)?.n),
    Array.from({ length: events }, (_, index) => index + 1),
  )
  await host.finish()
})

test(
  'a host that does not read one stream can still be sent SIGTERM',
  async (t) => {
    const filler = 'z'.repeat(1024 * 1024)
    const { host, server } = await connected(
      t,
      {
        on: {
          'tools/call': (x) => {
            const stream = x.sse()
            for (let n = 0; n < 60; n++)
              stream.message(notify('notifications/message', { level: 'info', data: filler }))
          },
        },
      },
      ['--drain-timeout', '60s'],
    )
    host.pauseOutput()
    host.send(call(1))
    await server.request(({ message }) => message.method === 'tools/call')
    host.kill('SIGTERM')
    const { ms, code } = await host.exit
    assert.equal(code, 0)
    assert.ok(ms < 30_000, `took ${ms} ms`)
    host.closeOutput()
    await host.finish({ stderr: 'any' })
  },
  process.platform === 'win32' && 'no such signals here',
)
