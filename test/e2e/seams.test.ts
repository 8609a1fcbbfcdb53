// Where two parts of the core meet at a bad moment: what is too large on a stream that could be taken up again, a ping
// before the old transport is open, a notification that waits while the session is lost, a cache that is not there.
// protocol.md 0.1, 0.7-9, 0.10, A.6.2, B.1.
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import {
  allRead,
  bridge,
  call,
  connected,
  inSession,
  notify,
  ownError,
  PLATFORM_HAS_SIGNALS,
  request,
  resultOf,
  serve,
  serveSse,
  test,
} from './harness.ts'

const isResume = (x: Exchange) => x.method === 'GET' && x.header('last-event-id') !== undefined
const LARGE = `data: ${'x'.repeat(200_000)}\n\n`

test('an event over the limit on a stream with an event id: an error, and the stream is not taken up', async (t) => {
  const { host, server } = await connected(
    t,
    {
      on: {
        'tools/call': (x) => void x.sse().raw(`id: a\nretry: 100\ndata:\n\n${LARGE}`),
        GET: (x) => (isResume(x) ? void x.sse().raw(LARGE) : x.reply(405)),
      },
    },
    ['--max-event', '100KiB'],
  )
  host.send(call(1))
  assert.equal(ownError(await host.answer(1), 'too-large').maybeDelivered, true)
  assert.equal(server.requests.filter(isResume).length, 0)
  await host.finish({ stderr: 'some' })
})

test('an event over the limit on a stream that was taken up: an error, not the same again for ever', async (t) => {
  const { host, server } = await connected(
    t,
    {
      on: {
        'tools/call': (x) =>
          void x
            .sse()
            .raw('id: a\nretry: 100\ndata:\n\n')
            .then(() => x.response.end()),
        GET: (x) => (isResume(x) ? void x.sse().raw(LARGE) : x.reply(405)),
      },
    },
    ['--max-event', '100KiB'],
  )
  host.send(call(1))
  assert.equal(ownError(await host.answer(1)).maybeDelivered, true)
  assert.equal(server.requests.filter(isResume).length, 1)
  await host.finish({ stderr: 'some' })
})

for (const args of [['--transport', 'http+sse'], []])
  test(`a ping before HTTP+SSE has named its endpoint does not cost the handshake ${args}`, async (t) => {
    let open: () => void = () => {}
    const server = await serveSse(t, {
      opening: (_x, accept) => {
        open = accept
      },
    })
    const host = bridge(t, { url: server.url, args })
    host.send(initializeLine('i'))
    await server.request(({ method }) => method === 'GET')
    host.send(request('p', 'ping'))
    host.send(request('list', 'tools/list'))
    await allRead(host)
    open()
    resultOf(await host.answer('i'))
    resultOf(await host.answer('p'))
    host.send(notify('notifications/initialized'))
    resultOf(await host.answer('list'))
    await host.finish({ stderr: 'any' })
    assert.equal(server.with('GET').length, 1)
  })

test('a notification that waits for its turn while the session is lost goes to the new one', async (t) => {
  let accept: () => void = () => {}
  let held: Exchange | undefined
  const { host, server } = await inSession(t, {
    opening: (_x, open, count) => {
      if (count === 1) open()
      else accept = open
    },
    on: {
      'notifications/first': (x) => {
        held = x
      },
    },
  })
  host.send(notify('notifications/first'))
  await server.request(({ message }) => message.method === 'notifications/first')
  host.send(notify('notifications/second'))
  server.forget()
  host.send(request(1, 'tools/list'))
  await server.several(2, ({ message }) => message.method === 'initialize')
  held?.reply(202)
  await held?.over
  host.send('no JSON')
  await host.line(({ value }) => value.error?.code === -32700)
  setTimeout(accept, 300)
  resultOf(await host.answer(1))
  const second = await server.request(({ message }) => message.method === 'notifications/second')
  assert.equal(second.header('mcp-session-id'), server.sessions[1])
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('notifications/second').length, 1)
})

const preload = fileURLToPath(new URL('../fixtures/hosts/broken-cache.cjs', import.meta.url))
const without = (how: string) => ({ NODE_OPTIONS: `--require ${preload}`, FERRY_CACHE: how })

for (const how of ['hangs', 'missing']) {
  test(`a cache that ${how}: the host is answered provisionally all the same`, async (t) => {
    const server = await serve(t, { on: { initialize: (x) => x.hang() } })
    const host = bridge(t, { url: server.url, args: ['--start-budget', '300ms'], env: without(how) })
    host.send(initializeLine('i'))
    assert.match(String(resultOf(await host.answer('i')).instructions), /not connected yet/)
    await host.finish({ stderr: 'some' })
  })

  test(`a cache that ${how}: the bridge stays, and ends when it is told to`, async (t) => {
    if (!PLATFORM_HAS_SIGNALS) return t.skip('no such signals here')
    const server = await serve(t)
    const host = bridge(t, { url: server.url, env: without(how) })
    await host.initialize()
    host.kill('SIGTERM')
    await host.finish()
    assert.equal(server.with('DELETE').length, 1)
  })
}

test('a session id stays hidden when the remote sets a new cookie with each of many answers', async (t) => {
  const sessionId = 'secret-session-4711'
  let count = 0
  const { host } = await connected(t, {
    sessionId,
    on: {
      ping: (x) =>
        x.reply(
          200,
          { jsonrpc: '2.0', id: x.message.id, result: {} },
          { 'Set-Cookie': `balancer=value-${++count}` },
        ),
      'tools/call': (x) =>
        x.reply(500, `no worker for ${sessionId} and value-${count}`, { 'Content-Type': 'text/plain' }),
    },
  })
  for (let n = 0; n < 150; n++) {
    host.send(request(n, 'ping'))
    await host.answer(n)
  }
  host.send(call('c'))
  const { raw } = await host.answer('c')
  assert.ok(!raw.includes(sessionId), raw)
  assert.ok(!raw.includes('value-150'), raw)
  await host.finish({ stderr: 'some' })
  assert.ok(!host.stderr.includes(sessionId))
})

test('a host that starts anew while a lost session is being opened: only its own session is opened', async (t) => {
  const { host, server } = await inSession(t, {
    opening: (x, open, count) => (count === 2 ? x.reply(503, undefined, { 'Retry-After': '25' }) : open()),
  })
  server.forget()
  host.send(request(1, 'tools/list'))
  await (await server.several(2, ({ message }) => message.method === 'initialize'))[1]!.over
  host.send(initializeLine('again'))
  resultOf(await host.answer('again'))
  host.send(notify('notifications/initialized'))
  ownError(await host.answer(1), 'session-lost')
  host.send(request(1, 'tools/list'))
  resultOf(await host.answer(1))
  await host.finish({ stderr: 'any' })
  assert.deepEqual(
    server.sent('initialize').map(({ message }) => message.id),
    ['init', 'mcp-ferry:init:1', 'again'],
  )
})
