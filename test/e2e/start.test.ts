// A remote that is slow or absent never costs the host its start: initialize is answered provisionally, and all is
// made good when the remote is there. protocol.md 0.12; T32. What takes a minute is in start-long.test.ts.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Host, INITIALIZED, initializeLine, type Line } from '../fixtures/hosts/raw-host.ts'
import { mcpServer, sequence, TOOLS } from '../fixtures/servers/mcp-server.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { allRead, bridge, call, freePort, ownError, request, resultOf, serve, test } from './harness.ts'

const SOON = ['--start-budget', '500ms']
/** Time enough for a try whose outcome is then told. */
const AFTER_A_TRY = ['--start-budget', '3s']
const isInitialize = ({ message }: Exchange) => message.method === 'initialize'
const initializeResult = (x: Exchange, sessionId = 'late', protocolVersion = '2025-06-18') => {
  const capabilities = { tools: { listChanged: true }, prompts: {} }
  const result = { protocolVersion, capabilities, serverInfo: { name: 'real', version: '9' } }
  x.reply(200, { jsonrpc: '2.0', id: x.message.id, result }, { 'Mcp-Session-Id': sessionId })
}

/** Checks a provisional answer that nothing is remembered for. */
function isProvisional({ value }: Line, cause: RegExp): void {
  const { protocolVersion, capabilities, serverInfo, instructions } = value.result ?? {}
  const changing = { listChanged: true }
  assert.equal(protocolVersion, '2025-06-18')
  assert.deepEqual(capabilities, { tools: changing, prompts: changing, resources: changing })
  assert.deepEqual(serverInfo, { name: '127.0.0.1', version: '0' })
  assert.match(String(instructions), /127\.0\.0\.1/)
  assert.match(String(instructions), cause)
}

/** Initialize and initialized, the answer being provisional. */
async function startWithout(host: Host): Promise<Line> {
  host.send(initializeLine('i'))
  const line = await host.answer('i')
  host.send(INITIALIZED)
  return line
}

test('T32 an absent remote: a provisional answer that says why, and when it comes up all is real', async (t) => {
  const port = await freePort()
  const host = bridge(t, { url: `http://127.0.0.1:${port}/mcp?key=s3cret`, args: AFTER_A_TRY })
  isProvisional(await startWithout(host), /refused/i)
  host.send(request('list', 'tools/list'))
  host.send(request('prompts', 'prompts/list'))
  host.send(request('p', 'ping'))
  assert.deepEqual(resultOf(await host.answer('p')), {})
  assert.deepEqual(resultOf(await host.answer('list', 100_000)), { tools: [] })
  assert.deepEqual(resultOf(await host.answer('prompts')), { prompts: [] })
  const server = await mcpServer({ port, getStream: true })
  t.after(() => server.close())
  // A new request is a reason to try at once, and waits for the outcome.
  host.send(call('call', { n: 1 }))
  await host.notification('notifications/tools/list_changed', 40_000)
  assert.deepEqual(resultOf(await host.answer('call')).structuredContent, { n: 1 })
  host.send(request('again', 'tools/list'))
  assert.deepEqual(resultOf(await host.answer('again')), JSON.parse(TOOLS))
  await host.finish({ stderr: 'some' })
  assert.match(host.stderr, /127\.0\.0\.1/)
  assert.match(host.stderr, /refused/i)
  const posts = server.with('POST').map(({ message }) => message.method)
  assert.deepEqual(posts.slice(0, 3), ['initialize', 'notifications/initialized', 'tools/call'])
  assert.equal(server.sent('initialize')[0]?.text, initializeLine('i'))
  assert.equal(server.sent('ping').length, 0)
  assert.ok(!JSON.stringify(host.lines).includes('s3cret') && !host.stderr.includes('s3cret'))
})

test('a request held while the remote is absent is sent when it comes, after initialized', async (t) => {
  const port = await freePort()
  const host = bridge(t, { url: `http://127.0.0.1:${port}/mcp`, args: SOON })
  await startWithout(host)
  host.send(request('list', 'tools/list'))
  host.send(call('call'))
  await allRead(host)
  const server = await mcpServer({ port })
  t.after(() => server.close())
  assert.deepEqual(resultOf(await host.answer('list', 30_000)), JSON.parse(TOOLS))
  resultOf(await host.answer('call'))
  await host.finish({ stderr: 'some' })
  const posts = server.with('POST').map(({ message }) => message.method)
  assert.deepEqual(posts.slice(0, 2), ['initialize', 'notifications/initialized'])
  assert.deepEqual(posts.slice(2).sort(), ['tools/call', 'tools/list'])
})

test('a slow remote: its answer is used, though the host has had a provisional one', async (t) => {
  const held: Exchange[] = []
  const server = await serve(t, { sessionId: 'late', on: { initialize: (x) => void held.push(x) } })
  const host = bridge(t, { url: server.url, args: SOON })
  isProvisional(await startWithout(host), /./)
  await server.request(isInitialize)
  host.send(call(1))
  host.send(request('p', 'ping'))
  assert.deepEqual(resultOf(await host.answer('p')), {})
  assert.equal(server.requests.length, 1, 'nothing passes initialize, and a ping is answered here')
  initializeResult(held[0]!, 'late', '2025-03-26')
  resultOf(await host.answer(1))
  await host.notification('notifications/tools/list_changed')
  // That never changes; but the host was told of another one.
  await host.notification('notifications/prompts/list_changed')
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('initialize').length, 1)
  assert.equal(host.lines.filter(({ key }) => key === 'string i').length, 1)
  for (const x of server.requests.slice(1)) {
    assert.equal(x.header('mcp-session-id'), 'late')
    assert.equal(x.header('mcp-protocol-version'), '2025-03-26', x.text)
  }
})

test('a request is a reason to try a remote at once that was to be left alone for longer than a list waits', async (t) => {
  const server = await serve(t, {
    on: { initialize: sequence((x) => x.reply(503, '', { 'Retry-After': '3600' }), initializeResult) },
  })
  const host = bridge(t, { url: server.url, args: SOON })
  await startWithout(host)
  host.send(request(1, 'tools/list'))
  assert.deepEqual(resultOf(await host.answer(1)), JSON.parse(TOOLS))
  await host.finish({ stderr: 'any' })
})

test('a list asked for while a slow remote is held up is answered with the real one', async (t) => {
  const held: Exchange[] = []
  const server = await serve(t, { sessionId: 'late', on: { initialize: (x) => void held.push(x) } })
  const host = bridge(t, { url: server.url, args: SOON })
  await startWithout(host)
  await server.request(isInitialize)
  host.send(request(1, 'tools/list'))
  await allRead(host)
  initializeResult(held[0]!)
  assert.deepEqual(resultOf(await host.answer(1)), JSON.parse(TOOLS))
  await host.finish({ stderr: 'any' })
})

test('a remote that answers in time: its own answer, and nothing more is said', async (t) => {
  const server = await serve(t, { on: { initialize: (x) => initializeResult(x) }, sessionId: 'late' })
  const host = bridge(t, { url: server.url })
  const { value } = await host.initialize()
  assert.deepEqual(value.result?.serverInfo, { name: 'real', version: '9' })
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
  assert.ok(!host.lines.some((line) => line.value.method !== undefined), 'no list_changed')
})

test('a refusal after a provisional answer: held requests get the true error, a later one tries again', async (t) => {
  const held: Exchange[] = []
  let isFriendly = false
  const server = await serve(t, {
    sessionId: 'late',
    on: { initialize: (x) => (isFriendly ? initializeResult(x) : void held.push(x)) },
  })
  const host = bridge(t, { url: server.url, args: SOON })
  await startWithout(host)
  await server.request(isInitialize)
  host.send(call(1))
  host.send(call(2))
  await allRead(host)
  held[0]?.reply(403, 'not you')
  for (const id of [1, 2]) {
    const data = ownError(await host.answer(id), 'auth-failed')
    assert.equal(data.httpStatus, 403)
    assert.notEqual(data.maybeDelivered, true)
  }
  isFriendly = true
  host.send(call(3))
  resultOf(await host.answer(3))
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('tools/call').length, 1)
  assert.equal(server.sent('notifications/initialized').length, 1)
})

test('a host that says initialized only after the refusal: the session that comes then is told once', async (t) => {
  const held: Exchange[] = []
  const server = await serve(t, {
    sessionId: 'late',
    on: { initialize: (x) => (held.push(x) === 1 ? undefined : initializeResult(x)) },
  })
  const host = bridge(t, { url: server.url, args: SOON })
  host.send(initializeLine('i'))
  resultOf(await host.answer('i'))
  await server.request(isInitialize)
  host.send(call(1))
  await allRead(host)
  held[0]?.reply(403, 'not you')
  ownError(await host.answer(1), 'auth-failed')
  host.send(INITIALIZED)
  host.send(call(2))
  resultOf(await host.answer(2))
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('notifications/initialized').length, 1)
})

test('a request that is cancelled while the remote is absent is never sent', async (t) => {
  const port = await freePort()
  const host = bridge(t, { url: `http://127.0.0.1:${port}/mcp`, args: SOON })
  await startWithout(host)
  host.send(call('gone'))
  host.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"gone"}}')
  host.send(call('stays'))
  await allRead(host)
  const server = await mcpServer({ port })
  t.after(() => server.close())
  resultOf(await host.answer('stays', 30_000))
  await host.finish({ stderr: 'some' })
  assert.ok(!server.requests.some(({ text }) => text.includes('gone')))
})

for (const status of [429, 502, 503, 504])
  test(`an initialize answered ${status} again and again is tried until it succeeds`, async (t) => {
    let isUp = false
    const server = await serve(t, {
      sessionId: 'late',
      on: { initialize: (x) => (isUp ? initializeResult(x) : x.reply(status)) },
    })
    const host = bridge(t, { url: server.url, args: AFTER_A_TRY })
    isProvisional(await startWithout(host), new RegExp(String(status)))
    await server.several(4, isInitialize, 40_000)
    isUp = true
    host.send(call(1))
    resultOf(await host.answer(1, 30_000))
    await host.finish({ stderr: 'any' })
  })

test('T32 --start-budget 0: initialize stays open until the remote is up', async (t) => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/mcp`
  const patient = bridge(t, { url, args: ['--start-budget', '0'] })
  patient.send(initializeLine('i'))
  // Another bridge is the clock.
  const other = bridge(t, { url, args: ['--start-budget', '3s'] })
  other.send(initializeLine('i'))
  await other.answer('i')
  assert.equal(patient.lines.length, 0)
  const server = await mcpServer({ port })
  t.after(() => server.close())
  const { value } = await patient.answer('i', 40_000)
  assert.deepEqual(value.result?.serverInfo, { name: 'raw-server', version: '1.0.0' })
  patient.send(INITIALIZED)
  patient.send(call(1))
  resultOf(await patient.answer(1))
  for (const host of [patient, other]) await host.finish({ stderr: 'any' })
})

for (const when of ['at once', 'after a provisional answer'] as const)
  test(`stdin ends ${when} while the remote is down: the true error, and the bridge is gone`, async (t) => {
    const host = bridge(t, {
      url: `http://127.0.0.1:${await freePort()}/mcp`,
      args: when === 'at once' ? [] : SOON,
    })
    host.send(initializeLine('i'))
    if (when !== 'at once') resultOf(await host.answer('i'))
    host.send(INITIALIZED)
    host.send(call(1))
    host.endInput()
    if (when === 'at once') ownError(await host.answer('i'), 'refused')
    const data = ownError(await host.answer(1), 'refused')
    assert.notEqual(data.maybeDelivered, true)
    await host.finish({ stderr: 'some' })
  })

test('T32 with a remembered handshake the provisional answer has its name and capabilities', async (t) => {
  const cache = mkdtempSync(join(tmpdir(), 'ferry-cache-'))
  t.after(() => rmSync(cache, { recursive: true, force: true }))
  const env = { XDG_CACHE_HOME: cache, LOCALAPPDATA: cache, HOME: cache }
  const capabilities = { tools: {}, logging: {}, completions: {} }
  const server = await serve(t, { capabilities })
  const first = bridge(t, { url: server.url, env })
  await first.initialize()
  first.send(call(1))
  await first.answer(1)
  await first.finish()
  await server.close()
  const second = bridge(t, { url: server.url, env, args: SOON })
  second.send(initializeLine('i'))
  const { value } = await second.answer('i')
  assert.deepEqual(value.result?.serverInfo, { name: 'raw-server', version: '1.0.0' })
  assert.deepEqual(value.result?.capabilities, capabilities)
  assert.equal(value.result?.protocolVersion, '2025-06-18')
  await second.finish({ stderr: 'any' })
  const elsewhere = bridge(t, { url: `${server.origin}/other`, env, args: AFTER_A_TRY })
  elsewhere.send(initializeLine('i'))
  isProvisional(await elsewhere.answer('i'), /refused/i)
  await elsewhere.finish({ stderr: 'any' })
})
