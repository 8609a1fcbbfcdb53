// A remote that no longer knows the session: a new one is opened behind the host's back and what was refused is sent
// again, once. What is no loss of the session is not taken for one. protocol.md A.6; T14–T19.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { members } from '../fixtures/hosts/raw-json.ts'
import type { Exchange, Handler } from '../fixtures/servers/raw-server.ts'
import { call, connected, inSession, notify, ownError, request, resultOf, test } from './harness.ts'

const WHOLE = {
  tools: { listChanged: true },
  prompts: {},
  resources: { subscribe: true, listChanged: true },
  logging: {},
}

const complaint =
  (status: number, message: string, id = 'null'): Handler =>
  (x) =>
    x.reply(
      status,
      `{"jsonrpc":"2.0","error":{"code":-32000,"message":${JSON.stringify(message)}},"id":${id}}`,
    )

const LOSSES: Readonly<Record<string, Handler>> = {
  'T14 a bare 404': (x) => x.reply(404),
  'T14 a 404 with a JSON-RPC error': (x) => x.error(-32001, 'Session not found', undefined, 404),
  'T14 a 404 in HTML': (x) => x.reply(404, '<h1>Not Found</h1>', { 'Content-Type': 'text/html' }),
  'a 410': (x) => x.reply(410),
  // The Rust SDK up to 0.16.
  'a 401 that says so and wants no credential': (x) =>
    x.reply(401, 'Unauthorized: Session not found', { 'Content-Type': 'text/plain' }),
  'T15 400 No valid session ID provided': complaint(400, 'Bad Request: No valid session ID provided'),
  'T15 400 Server not initialized': complaint(400, 'Bad Request: Server not initialized', '"server-error"'),
  'T15 400 invalid session in plain text': (x) =>
    x.reply(400, 'Invalid or expired SESSION\n', { 'Content-Type': 'text/plain' }),
}

/** What tells the POSTs of a test apart: the message's method, and the session it names. */
const posts = (all: readonly Exchange[]) =>
  all
    .filter(({ method }) => method === 'POST')
    .map((x) => [x.message.method ?? 'response', x.header('mcp-session-id')])

for (const [name, lost] of Object.entries(LOSSES))
  test(`${name} on a tools/call: initialize, initialized, the call again, one result`, async (t) => {
    const { host, server } = await inSession(t, { lost })
    const before = server.requests.length
    server.forget()
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
    const [first, second] = server.sessions
    assert.deepEqual(posts(server.requests.slice(before)), [
      ['tools/call', first],
      ['initialize', undefined],
      ['notifications/initialized', second],
      ['tools/call', second],
    ])
    const [original, again] = server.sent('initialize')
    assert.equal(members(again?.text ?? '').get('params'), members(original?.text ?? '').get('params'))
    assert.equal(again?.message.id, 'mcp-ferry:init:1')
    assert.equal(again.header('mcp-protocol-version'), undefined)
    const [refused, resent] = server.sent('tools/call')
    assert.equal(resent?.text, refused?.text)
    assert.equal(resent?.header('mcp-protocol-version'), '2025-06-18')
    await host.notification('notifications/tools/list_changed')
    await host.finish({ stderr: 'any' })
    assert.deepEqual(
      server.with('DELETE').map((x) => x.header('mcp-session-id')),
      [second],
    )
    const changes = host.lines.filter(({ value }) => value.method !== undefined)
    assert.equal(changes.length, 1, 'one tools/list_changed, as tools.listChanged was advertised')
  })

test('T16 the log level and the subscriptions are restored, and one list_changed follows for each list', async (t) => {
  const { host, server } = await inSession(t, {
    capabilities: WHOLE,
    on: {
      'resources/subscribe': (x) =>
        x.message.params?.uri === 'x:refused' ? x.error(-32002, 'no such thing') : x.result({}),
      'resources/unsubscribe': (x) => x.result({}),
    },
  })
  const steps = [
    ['logging/setLevel', { level: 'info' }],
    ['logging/setLevel', { level: 'debug' }],
    ...['a', 'b', 'c', 'refused'].map((name) => ['resources/subscribe', { uri: `x:${name}`, n: 1 }]),
    ['resources/unsubscribe', { uri: 'x:b' }],
  ] as const
  for (const [n, [method, params]] of steps.entries()) {
    host.send(request(n, method as string, params))
    await host.answer(n)
  }
  const before = server.requests.length
  server.forget()
  host.send(call('again'))
  resultOf(await host.answer('again'))
  for (const kind of ['tools', 'resources']) await host.notification(`notifications/${kind}/list_changed`)
  await host.finish({ stderr: 'any' })
  const after = server.requests.slice(before).filter(({ method }) => method === 'POST')
  const restored = after.slice(3, -1)
  assert.deepEqual(
    restored.map(({ message }) => [message.method, message.params]).sort(),
    [
      ['logging/setLevel', { level: 'debug' }],
      ['resources/subscribe', { uri: 'x:a', n: 1 }],
      ['resources/subscribe', { uri: 'x:c', n: 1 }],
    ].sort(),
  )
  for (const x of restored) {
    assert.equal(x.header('mcp-session-id'), server.sessions[1])
    assert.match(String(x.message.id), /^mcp-ferry:/)
  }
  assert.equal(after.at(-1)?.message.id, 'again', 'what was refused is sent when all is as it was')
  const said = host.lines.flatMap(({ value }) => (value.method === undefined ? [] : [value.method])).sort()
  assert.deepEqual(said, ['notifications/resources/list_changed', 'notifications/tools/list_changed'])
})

test('T16 a restore that the remote refuses keeps nobody waiting', async (t) => {
  let isNew = false
  const { host, server } = await inSession(t, {
    capabilities: WHOLE,
    on: { 'logging/setLevel': (x) => (isNew ? x.error(-32601, 'no longer') : x.result({})) },
  })
  host.send(request(1, 'logging/setLevel', { level: 'debug' }))
  resultOf(await host.answer(1))
  isNew = true
  server.forget()
  host.send(call(2))
  resultOf(await host.answer(2))
  assert.equal(server.sent('logging/setLevel').length, 2)
  await host.finish({ stderr: 'any' })
})

test('T17 ten requests refused at the same time open one session, and each is sent again', async (t) => {
  const refused: Exchange[] = []
  const { host, server } = await inSession(t, {
    lost(x) {
      refused.push(x)
      if (refused.length === 10) for (const each of refused) each.reply(404)
    },
  })
  server.forget()
  for (let id = 0; id < 10; id++) host.send(id % 2 === 0 ? call(id, { id }) : request(id, 'tools/list'))
  for (let id = 0; id < 10; id++) {
    const { value } = await host.answer(id)
    if (id % 2 === 0) assert.deepEqual(value.result?.structuredContent, { id })
    else assert.ok(value.result?.tools, JSON.stringify(value))
  }
  assert.equal(server.sent('initialize').length, 2)
  assert.equal(server.ran('tools/call').length, 5)
  assert.equal(server.sent('tools/call').length, 10)
  await host.finish({ stderr: 'any' })
})

test('a refusal of the old session that comes late opens no other session', async (t) => {
  const late: Exchange[] = []
  const { host, server } = await inSession(t, {
    lost: (x) => (x.message.id === 'late' ? void late.push(x) : x.reply(404)),
  })
  server.forget()
  // Class S: what is under way when the session is found lost is sent again, and may be answered before.
  host.send(request('late', 'tools/list'))
  await server.request(() => late.length === 1)
  host.send(call(1))
  resultOf(await host.answer(1))
  late[0]?.reply(404)
  resultOf(await host.answer('late'))
  assert.equal(server.sent('initialize').length, 2)
  await host.finish({ stderr: 'any' })
})

test('T18 a new session that is refused with 500: each waiting request gets an error, a later one tries again', async (t) => {
  let isBroken = false
  const { host, server } = await inSession(t, {
    opening: (x, accept) => (isBroken ? x.reply(500) : accept()),
  })
  isBroken = true
  server.forget()
  for (const id of [1, 2, 3]) host.send(call(id))
  for (const id of [1, 2, 3]) {
    const data = ownError(await host.answer(id))
    assert.notEqual(data.maybeDelivered, true, 'the remote has refused it')
  }
  isBroken = false
  const tried = server.sent('initialize').length
  host.send(call(4))
  resultOf(await host.answer(4))
  assert.equal(server.sent('initialize').length, tried + 1)
  assert.equal(server.ran('tools/call').length, 1)
  await host.finish({ stderr: 'some' })
})

test('T18 the same when the new session is refused with a JSON-RPC error', async (t) => {
  const { host, server } = await inSession(t, {
    opening: (x, accept, count) => (count === 2 ? x.error(-32602, 'not now') : accept()),
  })
  server.forget()
  host.send(call(1))
  ownError(await host.answer(1))
  host.send(call(2))
  resultOf(await host.answer(2))
  assert.equal(server.sent('initialize').length, 3)
  await host.finish({ stderr: 'some' })
})

const NO_LOSSES: Readonly<Record<string, readonly [Handler, code: number]>> = {
  'a 404 that says method not found': [(x) => x.error(-32601, 'Session method not found', {}, 404), -32601],
  'a 400 about something else': [(x) => x.error(-32602, 'Invalid arguments', {}, 400), -32602],
  'a 400 in plain text about something else': [(x) => x.reply(400, 'missing parameter'), -32603],
  'a bare 400': [(x) => x.reply(400), -32603],
  'a 403': [(x) => x.error(-32000, 'Invalid session', {}, 403), -32000],
}
for (const [name, [handler, code]] of Object.entries(NO_LOSSES))
  test(`${name} is no loss of the session: it is told to the host, and the session goes on`, async (t) => {
    const { host, server } = await inSession(t, { on: { 'tools/call': handler } })
    host.send(call(1))
    assert.equal((await host.answer(1)).value.error?.code, code)
    host.send(request(2, 'tools/list'))
    resultOf(await host.answer(2))
    assert.equal(server.sent('initialize').length, 1)
    assert.equal(server.sent('tools/call').length, 1)
    await host.finish({ stderr: 'any' })
  })

for (const name of ['T14 a bare 404', 'a 410', 'T15 400 No valid session ID provided'])
  test(`T19 ${name.replace(/^T\d+ /, '')} from a server without sessions is an error`, async (t) => {
    const { host, server } = await connected(t, { sessionId: null, on: { 'tools/call': LOSSES[name]! } })
    host.send(call(1))
    assert.ok((await host.answer(1)).value.error, 'an error was expected')
    assert.equal(server.sent('initialize').length, 1)
    assert.equal(server.sent('tools/call').length, 1)
    await host.finish({ stderr: 'any' })
  })

test('a call that the new session refuses as well ends in an error: no loop', async (t) => {
  const { host, server } = await inSession(t, { on: { 'tools/call': (x) => x.reply(404) } })
  host.send(call(1))
  const data = ownError(await host.answer(1), 'session-lost')
  assert.notEqual(data.maybeDelivered, true)
  assert.equal(server.sent('tools/call').length, 2)
  host.send(request(2, 'tools/list'))
  resultOf(await host.answer(2))
  await host.finish({ stderr: 'some' })
})

test('a remote that loses session after session is left alone after --max-reopens', async (t) => {
  const { host, server } = await inSession(t, {}, ['--max-reopens', '2'])
  for (const id of [1, 2]) {
    server.forget()
    host.send(call(id))
    resultOf(await host.answer(id))
  }
  assert.equal(server.sent('initialize').length, 3)
  server.forget()
  for (const id of ['tools/call', 'tools/list']) {
    host.send(request(id, id, { name: 'echo' }))
    const line = await host.answer(id)
    ownError(line, 'session-lost')
    assert.match(line.value.error?.message ?? '', /session/)
  }
  assert.equal(server.sent('initialize').length, 3, 'no session is opened any more')
  assert.equal(server.ran('tools/call').length, 2)
  await host.finish({ stderr: 'some' })
})

test('a host that asks for a new session itself gets it, also when the breaker is out', async (t) => {
  const { host, server } = await inSession(t, {}, ['--max-reopens', '1'])
  server.forget()
  host.send(call(1))
  resultOf(await host.answer(1))
  server.forget()
  host.send(call(2))
  ownError(await host.answer(2), 'session-lost')
  host.send(initializeLine('new'))
  resultOf(await host.answer('new'))
  host.send(notify('notifications/initialized'))
  host.send(call(3))
  resultOf(await host.answer(3))
  await host.finish({ stderr: 'some' })
})
