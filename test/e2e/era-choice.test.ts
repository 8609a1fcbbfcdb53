// Which era is spoken with the remote: what its answers tell, what is remembered, what the user says, and what happens when
// a remote goes over to the other era while the bridge runs. protocol.md F.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { mcpBehaviour } from '../fixtures/servers/mcp-server.ts'
import type { ModernServer } from '../fixtures/servers/modern-server.ts'
import type { Exchange, Handler } from '../fixtures/servers/raw-server.ts'
import {
  allRead,
  bridge,
  call,
  errorOf,
  freePort,
  listen,
  modern,
  modernCall,
  ownError,
  request,
  resultOf,
  serveModern,
  test,
} from './harness.ts'

type Speaks = 'legacy' | 'modern' | 'both'

/** A server that can go over to the other era. `refuse`: what it makes of `server/discover` while it is legacy. */
async function changing(
  t: TestContext,
  speaks: Speaks,
  refuse: Handler = (x) => x.error(-32000, 'Bad Request: Server not initialized', undefined, 400),
  legacy = mcpBehaviour(),
): Promise<{ readonly server: ModernServer; become(next: Speaks): void }> {
  let now = speaks
  const server = await serveModern(t, {
    first(x) {
      if (now === 'modern') {
        // As the SDK's server does with what belongs to the other era.
        if (isModern(x) || x.method !== 'POST' || x.rawId === undefined) return false
        x.error(-32022, 'Unsupported protocol version', { supported: ['2026-07-28'] }, 400)
        return true
      }
      if (isModern(x)) {
        if (now === 'both') return false
        void refuse(x)
      } else void legacy.handle(x)
      return true
    },
  })
  return {
    server,
    become(next) {
      now = next
    },
  }
}

function isModern({ text }: Exchange): boolean {
  return text.includes('io.modelcontextprotocol/protocolVersion')
}

const methods = (server: ModernServer): (string | undefined)[] =>
  server.requests.filter(({ method }) => method === 'POST').map(({ message }) => message.method)

test('a server of both eras is spoken with in the era of the host, and is asked nothing', async (t) => {
  const { server } = await changing(t, 'both')
  const old = bridge(t, { url: server.url })
  await old.initialize()
  old.send(call(1))
  resultOf(await old.answer(1))
  await old.finish()
  assert.deepEqual(methods(server), ['initialize', 'notifications/initialized', 'tools/call'])
  const fresh = bridge(t, { url: server.url })
  fresh.send(modern(1, 'server/discover'))
  resultOf(await fresh.answer(1))
  fresh.send(modernCall(2))
  resultOf(await fresh.answer(2))
  await fresh.finish()
  assert.deepEqual(methods(server).slice(3), ['server/discover', 'tools/call'])
})

test('--remote-era prefer-modern: a legacy host is translated where the server speaks both', async (t) => {
  const { server } = await changing(t, 'both')
  const host = bridge(t, { url: server.url, args: ['--remote-era', 'prefer-modern'] })
  await host.initialize()
  host.send(call(1, { n: 1.0 }))
  resultOf(await host.answer(1))
  await host.finish()
  assert.deepEqual(server.sent('initialize'), [])
  assert.equal(server.sent('server/discover').length, 1)
})

test('--remote-era prefer-modern: a server that is legacy is spoken with as such', async (t) => {
  const { server } = await changing(t, 'legacy')
  const host = bridge(t, { url: server.url, args: ['--remote-era', 'prefer-modern'] })
  await host.initialize()
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
  assert.deepEqual(methods(server), [
    'server/discover',
    'initialize',
    'notifications/initialized',
    'tools/call',
  ])
})

test('--remote-era legacy: a modern server is never asked in its own words', async (t) => {
  const { server } = await changing(t, 'modern')
  const host = bridge(t, { url: server.url, args: ['--remote-era', 'legacy'] })
  host.send(initializeLine('init'))
  errorOf(await host.answer('init'), -32022)
  await host.finish({ stderr: 'any' })
  assert.deepEqual(methods(server), ['initialize'])
})

test('--remote-era legacy: a modern host is translated, and the server is not asked for its era', async (t) => {
  const { server } = await changing(t, 'both')
  const host = bridge(t, { url: server.url, args: ['--remote-era', 'legacy'] })
  host.send(modernCall(1, { n: 1 }))
  assert.equal(resultOf(await host.answer(1)).resultType, 'complete')
  await host.finish()
  assert.deepEqual(methods(server), ['initialize', 'notifications/initialized', 'tools/call'])
})

test('--remote-era modern: a server that is legacy is an error, and sees no initialize', async (t) => {
  const { server } = await changing(t, 'legacy')
  const host = bridge(t, { url: server.url, args: ['--remote-era', 'modern'] })
  host.send(initializeLine('init'))
  ownError(await host.answer('init'), 'protocol')
  await host.finish({ stderr: 'some' })
  assert.deepEqual(methods(server), ['server/discover'])
})

test('--remote-era modern: what a server has said to an earlier handshake is not told for a later one', async (t) => {
  let asked = 0
  const { server } = await changing(t, 'legacy', (x) => {
    if (asked++ === 0) x.error(-32022, 'Unsupported protocol version', { supported: ['2099-01-01'] }, 400)
    else x.error(-32000, 'Bad Request: Server not initialized', undefined, 400)
  })
  const host = bridge(t, { url: server.url, args: ['--remote-era', 'modern'] })
  host.send(initializeLine('a'))
  assert.match(errorOf(await host.answer('a'), -32602).message, /2099-01-01/)
  host.send(initializeLine('b'))
  ownError(await host.answer('b'), 'protocol')
  await host.finish({ stderr: 'some' })
})

test('--modern-host decline: a host that speaks both eras is sent back to initialize, and then sees the server itself', async (t) => {
  const { server } = await changing(t, 'legacy')
  const host = bridge(t, { url: server.url, args: ['--modern-host', 'decline'] })
  host.send(modern(1, 'server/discover'))
  errorOf(await host.answer(1), -32601)
  host.send(modernCall(2))
  const { data } = errorOf(await host.answer(2), -32022)
  assert.deepEqual(data, {
    supported: ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'],
    requested: '2026-07-28',
  })
  await host.initialize()
  host.send(call(3))
  resultOf(await host.answer(3))
  await host.finish()
  assert.deepEqual(methods(server), [
    'server/discover',
    'initialize',
    'notifications/initialized',
    'tools/call',
  ])
})

for (const [code, status] of [
  [-32600, 400],
  [-32601, 404],
  [-32601, 200],
  [-32602, 400],
  [-32022, 200],
  [-32020, 400],
] as const)
  test(`initialize refused with ${code} in ${status}: the server is asked in the modern era`, async (t) => {
    const server = await serveModern(t, {
      first(x) {
        if (x.message.method !== 'initialize') return false
        const data = code === -32022 ? { supported: ['2026-07-28'], requested: '2025-06-18' } : undefined
        x.error(code, 'no', data, status)
        return true
      },
    })
    const host = bridge(t, { url: server.url })
    resultOf(await host.initialize())
    host.send(call(1))
    resultOf(await host.answer(1))
    await host.finish()
    assert.equal(server.with('GET').length, 0)
  })

test('initialize refused in HTML: HTTP+SSE is tried first, then the modern era', async (t) => {
  const server = await serveModern(t, {
    first(x) {
      if (x.message.method !== 'initialize') return false
      x.reply(404, '<h1>Not found</h1>', { 'Content-Type': 'text/html' })
      return true
    },
  })
  const host = bridge(t, { url: server.url })
  resultOf(await host.initialize())
  await host.finish()
  const seen = server.requests.map(({ method, message }) => message.method ?? method)
  assert.deepEqual(seen.slice(0, 3), ['initialize', 'GET', 'server/discover'])
})

for (const status of [401, 403, 500])
  test(`initialize answered ${status} tells nothing of the era`, async (t) => {
    const server = await serveModern(t, {
      first(x) {
        x.reply(status)
        return true
      },
    })
    const host = bridge(t, { url: server.url })
    host.send(initializeLine('init'))
    ownError(await host.answer('init'))
    await host.finish({ stderr: 'some' })
    assert.deepEqual(server.sent('server/discover'), [])
  })

test('a server that never answers what it does not know is opened by initialize after a while', async (t) => {
  const { server } = await changing(t, 'legacy', () => {})
  const host = bridge(t, { url: server.url })
  host.send(modernCall(1))
  assert.equal(resultOf(await host.answer(1)).resultType, 'complete')
  await host.finish()
})

test('what was remembered is wrong: a legacy host finds the server legacy now, and the next start knows', async (t) => {
  const { server, become } = await changing(t, 'modern')
  const first = bridge(t, { url: server.url })
  await first.initialize()
  await first.finish()
  become('legacy')
  for (const expected of [
    ['server/discover', 'initialize', 'notifications/initialized'],
    ['initialize', 'notifications/initialized'],
  ]) {
    const before = server.requests.length
    const host = bridge(t, { url: server.url })
    await host.initialize()
    host.send(call('end'))
    resultOf(await host.answer('end'))
    await host.finish()
    const seen = server.requests.slice(before).filter(({ method }) => method === 'POST')
    assert.deepEqual(
      seen.map(({ message }) => message.method),
      [...expected, 'tools/call'],
    )
  }
})

test('what was remembered is wrong: a modern host finds the server modern now', async (t) => {
  const { server, become } = await changing(t, 'legacy')
  const first = bridge(t, { url: server.url })
  first.send(modernCall(1))
  resultOf(await first.answer(1))
  await first.finish()
  become('modern')
  const before = methods(server).length
  const host = bridge(t, { url: server.url })
  host.send(modernCall(1))
  resultOf(await host.answer(1))
  await host.finish()
  assert.deepEqual(methods(server).slice(before), ['initialize', 'tools/call'])
})

test('a server is updated to the modern era alone: a legacy host goes on, and its call is done once', async (t) => {
  const { server, become } = await changing(t, 'legacy')
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send(call(1))
  resultOf(await host.answer(1))
  become('modern')
  host.send(call(2, { n: 9007199254740993n.toString() }))
  assert.deepEqual(resultOf(await host.answer(2)).structuredContent, { n: '9007199254740993' })
  host.send(request(3, 'tools/list'))
  resultOf(await host.answer(3))
  await host.finish({ stderr: 'any' })
  const done = server.sent('tools/call').filter(isModern)
  assert.equal(done.length, 1)
})

/** What a server that is legacy again says to a modern request. */
const legacyOnly: Handler = (x) =>
  x.error(-32022, 'Unsupported protocol version', { supported: ['2025-06-18'], requested: '2026-07-28' }, 400)

test('a server goes back to the legacy era alone: a legacy host goes on without a second handshake', async (t) => {
  const { server, become } = await changing(t, 'modern', legacyOnly)
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send(call(1))
  resultOf(await host.answer(1))
  become('legacy')
  host.send(call(2))
  resultOf(await host.answer(2))
  host.send(call(3))
  resultOf(await host.answer(3))
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('tools/call').filter((x) => !isModern(x)).length, 2)
})

test('a server goes back to the legacy era alone, in another version than the host was told: what it says is told', async (t) => {
  const other = mcpBehaviour({ protocolVersion: '2024-11-05' })
  const { server, become } = await changing(t, 'modern', legacyOnly, other)
  const host = bridge(t, { url: server.url })
  await host.initialize('2025-06-18')
  host.send(call(1))
  resultOf(await host.answer(1))
  become('legacy')
  host.send(call(2))
  assert.match((await host.answer(2)).value.error?.message ?? '', /Unsupported protocol version/)
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('tools/call').filter((x) => !isModern(x)).length, 0)
})

test('a server goes back to the legacy era alone: a modern host goes on', async (t) => {
  const { server, become } = await changing(t, 'modern', legacyOnly)
  const host = bridge(t, { url: server.url })
  host.send(modernCall(1))
  resultOf(await host.answer(1))
  become('legacy')
  host.send(modernCall(2))
  assert.equal(resultOf(await host.answer(2)).resultType, 'complete')
  await host.finish({ stderr: 'any' })
})

test('a server goes back to the legacy era alone: a modern host is told of a subscription that it is over, and then no more', async (t) => {
  const { server, become } = await changing(t, 'modern')
  const host = bridge(t, { url: server.url })
  host.send(listen('L'))
  await host.notification('notifications/subscriptions/acknowledged')
  become('legacy')
  server.listens[0]!.cut()
  const { params } = (await host.notification('notifications/cancelled')).value
  assert.equal(params?.requestId, 'L')
  errorOf(await host.answer('L'), -32000)
  host.send(modernCall(1))
  resultOf(await host.answer(1))
  await host.finish({ stderr: 'any' })
  assert.equal(host.lines.length, 4)
})

test('three answers in HTML are no reason to lose a server: it goes on when it is there again', async (t) => {
  let isAway = false
  const server = await serveModern(t, {
    first(x) {
      if (isAway) x.reply(404, '<h1>Not found</h1>', { 'Content-Type': 'text/html' })
      return isAway
    },
  })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  isAway = true
  for (const id of [1, 2, 3, 4]) {
    host.send(call(id))
    ownError(await host.answer(id), 'http')
  }
  isAway = false
  host.send(call(5))
  resultOf(await host.answer(5))
  await host.finish({ stderr: 'some' })
})

test('a host that sends much while the other era is being found out loses nothing, and keeps its order', async (t) => {
  const { server } = await changing(t, 'modern')
  const host = bridge(t, { url: server.url })
  const lines = Array.from({ length: 50 }, (_, at) => call(at, { at }))
  host.sendRaw(
    `${[initializeLine('init'), '{"jsonrpc":"2.0","method":"notifications/initialized"}', ...lines].join('\n')}\n`,
  )
  resultOf(await host.answer('init'))
  for (let at = 0; at < 50; at++) assert.deepEqual(resultOf(await host.answer(at)).structuredContent, { at })
  await allRead(host)
  await host.finish()
  assert.equal(server.sent('tools/call').length, 50)
})

for (const isDiscover of [true, false])
  test(`what was remembered is wrong: a modern host that begins with ${isDiscover ? 'server/discover' : 'a call'} finds the server legacy now`, async (t) => {
    const { server, become } = await changing(t, 'modern')
    const first = bridge(t, { url: server.url })
    first.send(modernCall(1))
    resultOf(await first.answer(1))
    await first.finish()
    become('legacy')
    const host = bridge(t, { url: server.url })
    if (isDiscover) host.send(modern(1, 'server/discover'))
    else host.send(modernCall(1))
    assert.equal(resultOf(await host.answer(1)).resultType, 'complete')
    host.send(modernCall(2, { n: 2 }))
    assert.deepEqual(resultOf(await host.answer(2)).structuredContent, { n: 2 })
    await host.finish()
  })

test('what was remembered is right: an error of the first call is shown as it came, and the call is not sent again', async (t) => {
  const server = await serveModern(t, { on: { 'tools/call': (x) => x.error(-32603, 'no luck') } })
  const first = bridge(t, { url: server.url })
  first.send(modern(1, 'server/discover'))
  resultOf(await first.answer(1))
  await first.finish()
  const host = bridge(t, { url: server.url })
  host.send(modernCall(1))
  assert.equal(errorOf(await host.answer(1), -32603).message, 'no luck')
  await host.finish()
  assert.equal(server.sent('tools/call').length, 1)
})

test('--remote-era modern: an absent server is waited for, and server/discover is answered for the time being', async (t) => {
  const url = `http://127.0.0.1:${await freePort()}/mcp`
  const host = bridge(t, { url, args: ['--remote-era', 'modern', '--start-budget', '500ms'] })
  host.send(modern(1, 'server/discover'))
  const { instructions } = resultOf(await host.answer(1))
  assert.match(String(instructions), /not connected yet/)
  host.send(modernCall(2))
  const { port } = new URL(url)
  const server = await serveModern(t, { port: Number(port) })
  resultOf(await host.answer(2))
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('initialize').length, 0)
})

test('--remote-era modern: what answers in HTML while the server is being started is not the last word', async (t) => {
  const url = `http://127.0.0.1:${await freePort()}/mcp`
  const host = bridge(t, { url, args: ['--remote-era', 'modern', '--start-budget', '300ms'] })
  await host.initialize()
  let isThere = false
  const server = await serveModern(t, {
    port: Number(new URL(url).port),
    first(x) {
      if (!isThere) x.reply(404, '<h1>Not found</h1>', { 'Content-Type': 'text/html' })
      return !isThere
    },
  })
  host.send(call(1))
  ownError(await host.answer(1), 'http')
  isThere = true
  host.send(call(2))
  resultOf(await host.answer(2))
  await server.listen(1)
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('initialize').length, 0)
})
