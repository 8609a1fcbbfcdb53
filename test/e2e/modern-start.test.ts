// How a conversation with a modern host begins and ends: with any message, with a remote that is not there yet, with a
// host that turns to initialize after all; and what becomes of subscriptions at the end. protocol.md 0.2, 0.10, 0.12,
// C.5, F.3, F.5; T64.
import assert from 'node:assert/strict'
import { INITIALIZED, initializeLine, type Line } from '../fixtures/hosts/raw-host.ts'
import { FAULTS } from '../fixtures/servers/faults.ts'
import { type Listen, META, MODERN, modernEcho, modernServer } from '../fixtures/servers/modern-server.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { sessionServer } from '../fixtures/servers/session-server.ts'
import {
  allRead,
  bridge,
  discovered,
  freePort,
  listen,
  metaOf,
  modern,
  modernCall,
  ownError,
  PLATFORM_HAS_SIGNALS,
  request,
  resultOf,
  serve,
  serveModern,
  test,
} from './harness.ts'

/** Time enough for a connection to be refused. */
const SOON = ['--start-budget', '3s']
const FOR_EVER = ['--start-budget', '0']
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'

test('a host that begins with calls: the remote is asked who it is, once, with the words of the host, and then gets the calls', async (t) => {
  const server = await serveModern(t)
  const host = bridge(t, { url: server.url })
  const lines = [modernCall(1, { n: 1 }), modernCall(2, { n: 2 }), modern(3, 'tools/list')]
  host.sendRaw(`${lines.join('\n')}\n`)
  for (const id of [1, 2, 3]) resultOf(await host.answer(id))
  await host.finish()
  const [discover, ...rest] = server.requests
  assert.equal(discover?.message.method, 'server/discover')
  assert.deepEqual(discover.message.params?._meta, metaOf())
  assert.equal(discover.header('mcp-method'), 'server/discover')
  assert.equal(discover.header('mcp-protocol-version'), MODERN)
  assert.deepEqual(rest.map(({ text }) => text).sort(), [...lines].sort())
  assert.deepEqual(host.lines.map(({ value }) => value.id).sort(), [1, 2, 3])
})

test('the next process knows the era of the remote, and begins with the call at once', async (t) => {
  const { host, server } = await discovered(t)
  await host.finish()
  const next = bridge(t, { url: server.url })
  next.send(modernCall(1))
  resultOf(await next.answer(1))
  await next.finish()
  const methods = server.requests.map(({ message }) => message.method)
  assert.deepEqual(methods, ['server/discover', 'tools/call'])
})

test('nothing goes to the remote before the host says something', async (t) => {
  const server = await serveModern(t)
  const host = bridge(t, { url: server.url })
  await allRead(host)
  await host.finish({ stderr: 'any' })
  assert.equal(server.connections, 0)
})

test('an absent remote: server/discover is answered for the time being, and the call that waits gets through when it comes', async (t) => {
  const port = await freePort()
  const host = bridge(t, { url: `http://127.0.0.1:${port}/mcp?key=s3cret`, args: SOON })
  host.send(modern(1, 'server/discover'))
  const line = await host.answer(1)
  const { resultType, supportedVersions, capabilities, ttlMs, instructions } = resultOf(line)
  assert.equal(resultType, 'complete')
  assert.equal(ttlMs, 0)
  assert.ok(Array.isArray(supportedVersions) && supportedVersions.includes(MODERN), line.raw)
  const changing = { listChanged: true }
  for (const kind of ['tools', 'prompts', 'resources'])
    assert.deepEqual((capabilities as Record<string, unknown>)[kind], changing, kind)
  assert.match(String(instructions), /127\.0\.0\.1/)
  assert.match(String(instructions), /refused/i)
  assert.doesNotMatch(line.raw + host.stderr, /s3cret/)
  host.send(modernCall(2, { n: 1 }))
  await allRead(host)
  const server = await modernServer({ port })
  t.after(() => server.close())
  assert.deepEqual(resultOf(await host.answer(2, 40_000)).structuredContent, { n: 1 })
  host.send(modern(3, 'server/discover'))
  const real = resultOf(await host.answer(3))._meta as Readonly<Record<string, unknown>>
  assert.deepEqual(real[`${META}serverInfo`], { name: 'modern-server', version: '1.0.0' })
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('initialize').length, 0)
})

for (const era of ['modern', 'legacy'] as const)
  test(`an absent ${era} remote: what listens to a list hears of a change when it comes, once`, async (t) => {
    const port = await freePort()
    const host = bridge(t, { url: `http://127.0.0.1:${port}/mcp`, args: SOON })
    host.send(modern(1, 'server/discover'))
    resultOf(await host.answer(1))
    host.send(listen('first'))
    await allRead(host)
    const capabilities = { tools: { listChanged: true } }
    const server =
      era === 'modern'
        ? await modernServer({ port, capabilities })
        : await sessionServer({ port, capabilities, getStream: true })
    t.after(() => server.close())
    const { params } = (await host.notification('notifications/tools/list_changed')).value
    assert.deepEqual(params, { _meta: { [`${META}subscriptionId`]: 'first' } })
    await host.notification(ACKNOWLEDGED)
    host.send(listen('second'))
    await host.notification(ACKNOWLEDGED)
    await host.finish({ stderr: 'some' })
    const told = host.lines.flatMap(({ value }) => value.method ?? [])
    assert.deepEqual(told, [ACKNOWLEDGED, 'notifications/tools/list_changed', ACKNOWLEDGED])
  })

test('a remote that comes within the start budget answers server/discover itself', async (t) => {
  const port = await freePort()
  const host = bridge(t, { url: `http://127.0.0.1:${port}/mcp`, args: FOR_EVER })
  const line = modern(1, 'server/discover')
  host.send(line)
  await allRead(host)
  const server = await modernServer({ port })
  t.after(() => server.close())
  const answer = resultOf(await host.answer(1, 40_000))
  assert.deepEqual((answer._meta as Record<string, unknown>)[`${META}serverInfo`], {
    name: 'modern-server',
    version: '1.0.0',
  })
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('initialize').length, 0)
})

test('a connection that is refused later is an error of kind refused, and the next call gets through', async (t) => {
  const port = await freePort()
  const first = await modernServer({ port })
  const host = bridge(t, { url: first.url })
  host.send(modern(1, 'server/discover'))
  resultOf(await host.answer(1))
  await first.close()
  host.send(modernCall(2))
  const data = ownError(await host.answer(2, 100_000), 'refused')
  assert.notEqual(data.maybeDelivered, true)
  const second = await modernServer({ port })
  t.after(() => second.close())
  host.send(modernCall(3))
  resultOf(await host.answer(3, 40_000))
  await host.finish({ stderr: 'some' })
  assert.equal(second.sent('initialize').length, 0)
})

test('T64 server/discover and then initialize on the same pipe: initialize passes as it is, and its session is used', async (t) => {
  let sessions = 0
  const session = new Map<string, string>()
  const initialize = (x: Exchange) => {
    const id = `session-${++sessions}`
    session.set(x.text, id)
    const result = {
      protocolVersion: x.message.params?.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 'legacy', version: '1' },
    }
    x.reply(200, { jsonrpc: '2.0', id: x.message.id, result }, { 'Mcp-Session-Id': id })
  }
  const server = await serve(t, {
    on: {
      initialize,
      'server/discover': (x) =>
        x.reply(
          400,
          '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Server not initialized"}}',
        ),
    },
  })
  const host = bridge(t, { url: server.url })
  host.send(modern('d', 'server/discover'))
  await host.answer('d')
  const line = initializeLine('i').replace('{', '{ ')
  host.send(line)
  assert.deepEqual(resultOf(await host.answer('i')).serverInfo, { name: 'legacy', version: '1' })
  host.send(INITIALIZED)
  const list = request('list', 'tools/list').replace('{', '{  ')
  host.send(list)
  resultOf(await host.answer('list'))
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('initialize').filter(({ text }) => text === line).length, 1)
  const listed = server.sent('tools/list').filter(({ text }) => text === list)
  assert.equal(listed.length, 1, 'tools/list passes as it is')
  assert.equal(listed[0]?.header('mcp-session-id'), session.get(line))
  assert.equal(listed[0]?.header('mcp-protocol-version'), '2025-06-18')
})

/** Checks the answer that a subscription gets when the bridge itself goes. */
function isGoodbye({ value }: Line, id: unknown): void {
  assert.deepEqual(value.result, { resultType: 'complete', _meta: { [`${META}subscriptionId`]: id } })
}

const ENDS = ['stdin EOF', 'SIGTERM'] as const

for (const end of ENDS)
  test(
    `${end} with live subscriptions: each ends with a result, the streams are closed, and nobody is waited for`,
    async (t) => {
      // With this drain the test would not end if a subscription were taken for a request to be waited for.
      const { host, server } = await discovered(t, {}, ['--drain-timeout', '10m'])
      const live: Listen[] = []
      for (const [index, id] of ['a', 1].entries()) {
        host.send(listen(id))
        live.push(await server.listen(index + 1))
        await host.notification(ACKNOWLEDGED)
      }
      if (end === 'SIGTERM') host.kill('SIGTERM')
      else host.endInput()
      isGoodbye(await host.answer('a'), 'a')
      isGoodbye(await host.answer(1), 1)
      for (const { exchange } of live) assert.equal(await exchange.over, 'aborted')
      await host.finish({ stderr: 'any', withinMs: 30_000 })
      assert.equal(server.requests.length, 3, 'nothing is POSTed at the end')
    },
    end === 'SIGTERM' && !PLATFORM_HAS_SIGNALS && 'no such signals here',
  )

test('stdin EOF while a call runs: its answer is delivered, then the subscription ends', async (t) => {
  const { host, server } = await discovered(t, { on: { 'tools/call': (x) => x.hang() } }, [
    '--drain-timeout',
    '10m',
  ])
  host.send(listen('s'))
  await host.notification(ACKNOWLEDGED)
  host.send(modernCall(1, { n: 1 }))
  const call = await server.request(({ message }) => message.method === 'tools/call')
  host.endInput()
  modernEcho(call)
  assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
  isGoodbye(await host.answer('s'), 's')
  await host.finish({ withinMs: 30_000 })
})

test(
  'SIGTERM while a call hangs: exit 0, its exchange is closed',
  async (t) => {
    const { host, server } = await discovered(t, { on: { 'tools/call': FAULTS.hang } })
    host.send(modernCall(1))
    const call = await server.request(({ message }) => message.method === 'tools/call')
    host.kill('SIGTERM')
    assert.equal(await call.over, 'aborted')
    await host.finish({ stderr: 'any', unanswered: 'any' })
    assert.equal(server.requests.length, 2)
  },
  !PLATFORM_HAS_SIGNALS && 'no such signals here',
)
