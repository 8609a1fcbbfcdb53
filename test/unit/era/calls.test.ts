// What a modern host's requests become for a legacy remote, and the remote's answers for the host. protocol.md E.1–E.4.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  accept,
  envelope,
  META,
  modern,
  opened,
  play,
  SERVER_INFO,
  settled,
  textOf,
} from './scripted-remote.ts'

const INFO = { [`${META}serverInfo`]: SERVER_INFO }

test('the first request opens a session that is told what the host declares', async () => {
  const capabilities = {
    roots: { listChanged: true },
    elicitation: {},
    sampling: { tools: {}, tasks: {} },
    tasks: { list: {} },
    extensions: { [`${META}tasks`]: {}, 'a/b': { n: 1.0 } },
  }
  const { remote } = await opened(capabilities)
  const { params } = remote.last('initialize')
  assert.deepEqual(params, {
    protocolVersion: '2025-11-25',
    capabilities: {
      roots: {},
      elicitation: { form: {} },
      sampling: { tools: {} },
      extensions: { 'a/b': { n: 1 } },
    },
    clientInfo: { name: 'host', version: '7' },
  })
  assert.equal(remote.messages[1]?.method, 'notifications/initialized')
})

test('open answers under the id of the request, also with an error, and may be called again', async () => {
  const played = play({
    initialize: (request, remote, count) =>
      count === 1 ? remote.fail(request, -32000) : accept(request, remote),
  })
  const first = envelope(modern('a', 'server/discover'))
  assert.deepEqual(JSON.parse(textOf(await played.translation.open(first))), {
    jsonrpc: '2.0',
    id: 'a',
    error: { code: -32000, message: 'no' },
  })
  assert.equal(played.remotes[0]?.isClosed, true)
  const again = JSON.parse(textOf(await played.translation.open(first)))
  assert.equal(again.id, 'a')
  assert.equal(again.result.serverInfo.name, 'legacy')
})

test('a version that the bridge does not know is an error of ours', async () => {
  const played = play({
    initialize: (request, remote) =>
      remote.answer(request, { protocolVersion: '2031-01-01', capabilities: {} }),
  })
  const { error } = JSON.parse(textOf(await played.translation.open(envelope(modern(1, 'tools/list')))))
  assert.equal(error.code, -32603)
  assert.equal(error.data.kind, 'unsupported-version')
})

test('server/discover is answered from what the remote said to initialize', async () => {
  const capabilities = {
    tools: { listChanged: true },
    logging: {},
    tasks: { list: {} },
    extensions: { [`${META}tasks`]: {}, x: {} },
  }
  const played = await opened({}, { capabilities })
  played.send(modern(0, 'server/discover'))
  assert.deepEqual(played.next(), {
    jsonrpc: '2.0',
    id: 0,
    result: {
      resultType: 'complete',
      supportedVersions: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'],
      capabilities: { tools: { listChanged: true }, logging: {}, extensions: { x: {} } },
      instructions: 'Be kind.',
      ttlMs: 0,
      cacheScope: 'private',
      _meta: INFO,
    },
  })
})

const REFUSED: readonly [string, unknown, number][] = [
  [
    'without capabilities',
    {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/list',
      params: { _meta: { [`${META}protocolVersion`]: '2026-07-28' } },
    },
    -32602,
  ],
  [
    'with an unknown version',
    modern(1, 'tools/list', {}, {}, { [`${META}protocolVersion`]: '2030-01-01' }),
    -32022,
  ],
  ['with a log level that is none', modern(1, 'tools/list', {}, {}, { [`${META}logLevel`]: 'loud' }), -32602],
  ['for what the modern era has not', modern(1, 'ping'), -32601],
  ['of a task', modern(1, 'tasks/get', { taskId: 't' }), -32601],
]

for (const [what, message, code] of REFUSED)
  test(`a request ${what} is refused and not sent`, async () => {
    const played = await opened()
    const before = played.remote.heard.length
    played.send(message)
    const { error } = played.next()
    assert.equal(error?.code, code)
    if (code === -32022)
      assert.deepEqual(error?.data, {
        supported: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'],
        requested: '2030-01-01',
      })
    assert.equal(played.remote.heard.length, before)
  })

test('what the modern era adds to a request is taken off, what is the host’s own stays', async () => {
  const played = await opened()
  const params = { name: 't', inputResponses: { x: 1 }, arguments: { requestState: 'mine' } }
  played.send(modern('call', 'tools/call', params, {}, { traceparent: '00-1', [`${META}logLevel`]: 'info' }))
  const { params: sent, id } = played.remote.last('tools/call')
  assert.deepEqual(sent, { name: 't', arguments: { requestState: 'mine' }, _meta: { traceparent: '00-1' } })
  assert.equal(typeof id, 'number')
  played.send(modern('list', 'prompts/list'))
  assert.equal(played.remote.heard.at(-1), '{"jsonrpc":"2.0","id":3,"method":"prompts/list"}')
})

test('an id that the host uses again is another one for the remote', async () => {
  const played = await opened()
  const ids = [1, 1].map((id) => {
    played.send(modern(id, 'tools/call', { name: 't' }))
    const request = played.remote.last('tools/call')
    played.remote.answer(request, { content: [] })
    assert.equal(played.next().id, 1)
    return request.id
  })
  assert.notEqual(ids[0], ids[1])
})

test('results are complete, and say who the remote is', async () => {
  const played = await opened()
  played.send(modern(1, 'tools/call', { name: 't' }))
  played.remote.answer(played.remote.last('tools/call'), { resultType: 'odd', _meta: { a: 1 } })
  assert.deepEqual(played.next().result, { resultType: 'complete', _meta: { a: 1, ...INFO }, content: [] })
})

for (const method of [
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
])
  test(`the result of ${method} is not to be kept`, async () => {
    const played = await opened()
    played.send(modern(1, method))
    played.remote.answer(played.remote.last(method), { x: 1 })
    const { result } = played.next()
    assert.deepEqual(result, { x: 1, resultType: 'complete', ttlMs: 0, cacheScope: 'private', _meta: INFO })
  })

test('tools are listed without how they run', async () => {
  const played = await opened()
  played.send(modern(1, 'tools/list'))
  played.remote.answer(played.remote.last('tools/list'), {
    tools: [{ name: 'a', execution: { taskSupport: 'optional' } }, { name: 'b' }],
  })
  assert.deepEqual(played.next().result?.tools, [{ name: 'a' }, { name: 'b' }])
})

const ERRORS: readonly [number, unknown, number, unknown][] = [
  [-32002, { uri: 'x' }, -32602, { uri: 'x' }],
  [-32050, { a: 1 }, -32603, { a: 1, originalCode: -32050 }],
  [-32050, undefined, -32603, { originalCode: -32050 }],
  [-32099, 'text', -32603, { originalCode: -32099, originalData: 'text' }],
  [-32042, undefined, -32603, { originalCode: -32042 }],
  [-32019, { a: 1 }, -32019, { a: 1 }],
  [-32100, undefined, -32100, undefined],
  [7, undefined, 7, undefined],
]

for (const [code, data, shownCode, shownData] of ERRORS)
  test(`an error ${code} is shown as ${shownCode}, with data ${JSON.stringify(shownData)}`, async () => {
    const played = await opened()
    played.send(modern('x', 'resources/read', { uri: 'x' }))
    played.remote.fail(played.remote.last('resources/read'), code, data)
    const { id, error } = played.next()
    assert.equal(id, 'x')
    assert.equal(error?.code, shownCode)
    assert.deepEqual(error?.data, shownData)
  })

test('a result that is no object is an error of ours', async () => {
  const played = await opened()
  played.send(modern(1, 'tools/list'))
  played.remote.answer(played.remote.last('tools/list'), [])
  assert.equal(played.next().error?.code, -32603)
})

test('progress goes to the request under the host’s own token, while it waits', async () => {
  const played = await opened()
  played.send(modern(1, 'tools/call', { name: 't' }, {}, { progressToken: 'mine' }))
  const request = played.remote.last('tools/call')
  const { progressToken } = request.params!._meta as { progressToken: unknown }
  assert.notEqual(progressToken, 'mine')
  const progress = {
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken, progress: 1 },
  }
  played.remote.say(progress, request.id)
  assert.deepEqual(played.next().params, { progressToken: 'mine', progress: 1 })
  played.remote.answer(request, { content: [] })
  assert.equal(played.next().id, 1)
  played.remote.say(progress, request.id)
  played.nothing()
})

test('a request that is cancelled is cancelled under the remote’s id, and its answer goes nowhere', async () => {
  const played = await opened()
  played.send(modern('x', 'tools/call', { name: 't' }))
  const request = played.remote.last('tools/call')
  const cancel = {
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId: 'x', reason: 'enough' },
  }
  played.send(cancel)
  assert.deepEqual(played.remote.last('notifications/cancelled').params, {
    requestId: request.id,
    reason: 'enough',
  })
  const count = played.remote.heard.length
  played.send(cancel)
  assert.equal(played.remote.heard.length, count, 'it is cancelled once')
  played.remote.answer(request, { content: [] })
  played.nothing()
})

test('a notification of the host is passed on without what only the modern era has', async () => {
  const played = await opened()
  const params = { a: 1, _meta: { [`${META}protocolVersion`]: '2026-07-28' } }
  played.send({ jsonrpc: '2.0', method: 'notifications/custom', params })
  assert.deepEqual(played.remote.last('notifications/custom').params, { a: 1 })
  played.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  played.send({ jsonrpc: '2.0', id: 3, result: {} })
  assert.equal(played.remote.messages.at(-1)?.method, 'notifications/custom')
})

test('an unknown notification of the remote is passed on where its request waits', async () => {
  const played = await opened()
  played.send(modern(1, 'tools/call', { name: 't' }))
  const note = { jsonrpc: '2.0', method: 'notifications/custom' }
  played.remote.say(note)
  played.nothing()
  played.remote.say(note, played.remote.last('tools/call').id)
  assert.equal(played.next().method, 'notifications/custom')
})

test('payloads keep their bytes on both ways', async () => {
  const played = await opened()
  for (let round = 0; round < 300; round++) {
    const value = randomJson(round, 0)
    const head = `{"jsonrpc":"2.0","id":${round},"method":"tools/call","params":{"name":"t","arguments":`
    played.send(`${head}${value},"_meta":${JSON.stringify(modern(1, 'm').params._meta)}}}`)
    const sent = played.remote.heard.at(-1)!
    assert.ok(sent.includes(`"arguments":${value}`), `arguments changed: ${sent}`)
    const { id } = played.remote.last('tools/call')
    played.remote.say(`{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":${value}}}`, id)
    assert.ok(
      played.told.at(-1)!.includes(`"structuredContent":${value}`),
      `the result changed: ${played.told.at(-1)}`,
    )
  }
})

/** JSON that parsing and writing again would change; the same for the same seed. */
function randomJson(seed: number, depth: number): string {
  const pick = (count: number, salt: number): number =>
    Math.abs(Math.imul(seed * 31 + salt, 2654435761) >> 8) % count
  const scalars = [
    '9007199254740993',
    '1e400',
    '1.0',
    '-0',
    '"\\u00e9\\/"',
    '"\u2028 é"',
    'null',
    '0.1E+2',
    '"a\\"b"',
  ]
  if (depth > 3) return scalars[pick(scalars.length, depth)]!
  switch (pick(3, depth)) {
    case 0:
      return `{ "z":${randomJson(seed + 1, depth + 1)} , "_meta":{"a":${randomJson(seed + 2, depth + 1)}},"a":1.0}`
    case 1:
      return `[${randomJson(seed + 3, depth + 1)},  ${randomJson(seed + 5, depth + 1)}]`
    default:
      return scalars[pick(scalars.length, depth)]!
  }
}

test('a request that declares more than the session was told gets a new one; the old one ends when it is idle', async () => {
  const played = await opened({ roots: {} })
  played.send(modern(1, 'tools/call', { name: 'slow' }, { roots: {} }))
  const slow = played.remote.last('tools/call')
  played.send(modern(2, 'tools/call', { name: 'asks' }, { elicitation: { form: {} } }))
  await settled()
  const [old, fresh] = played.remotes
  assert.deepEqual(fresh?.last('initialize').params?.capabilities, { roots: {}, elicitation: { form: {} } })
  await settled()
  assert.deepEqual(fresh?.last('tools/call').params, { name: 'asks' })
  assert.equal(old?.isClosed, false, 'a call still runs there')
  old?.answer(slow, { content: [] })
  assert.equal(old?.isClosed, true)
  assert.equal(played.next().id, 1)
  played.send(modern(3, 'tools/call', { name: 'less' }, {}))
  assert.deepEqual(fresh?.last('tools/call').params, { name: 'less' })
})

test('requests that declare more at the same time share a session, and none waits for a pause when no more will come', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const played = await opened()
  const more = [{ roots: {} }, { sampling: {} }, { elicitation: {} }, { experimental: { x: {} } }]
  more.slice(0, 3).forEach((capabilities, at) => {
    played.send(modern(at, 'tools/call', { name: 't' }, capabilities))
  })
  await settled()
  assert.equal(played.remotes.length, 2)
  const calls = played.remote.messages.filter(({ method }) => method === 'tools/call')
  assert.equal(calls.length, 3)
  played.send(modern(4, 'tools/call', { name: 'last' }, more[3]))
  await settled()
  assert.equal(played.remotes.length, 2, 'it is too soon')
  played.translation.inputEnded()
  await settled()
  assert.deepEqual(played.remote.last('tools/call').params, { name: 'last' })
})

test('a second session that is refused leaves the request to the first', async () => {
  const played = await opened(
    {},
    {
      initialize: (request, remote, count) =>
        count === 1 ? accept(request, remote) : remote.fail(request, -32000),
    },
  )
  for (const id of [1, 2]) {
    played.send(modern(id, 'tools/call', { name: 't' }, { sampling: {} }))
    await settled()
  }
  assert.equal(played.remotes[0]?.messages.filter(({ method }) => method === 'tools/call').length, 2)
  assert.equal(played.remotes.length, 2)
})

test('a second session that could not be had is tried for again, though not at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const played = await opened(
    {},
    {
      initialize: (request, remote, count) =>
        count === 2
          ? remote.fail(request, -32603, { origin: 'mcp-ferry', kind: 'http' })
          : accept(request, remote),
    },
  )
  const call = async (id: number): Promise<void> => {
    played.send(modern(id, 'tools/call', { name: 't' }, { sampling: {} }))
    await settled()
  }
  await call(1)
  await call(2)
  assert.equal(played.remotes[0]?.messages.filter(({ method }) => method === 'tools/call').length, 2)
  assert.equal(played.remotes.length, 2)
  t.mock.timers.tick(60_000)
  await call(3)
  assert.equal(played.remotes.length, 3)
  assert.equal(played.remote.last('tools/call').params?.name, 't')
})

test('a request that is cancelled while its session is opened is not sent', async () => {
  const held: (() => void)[] = []
  const played = await opened(
    {},
    {
      initialize(request, remote, count) {
        if (count === 1) accept(request, remote)
        else held.push(() => accept(request, remote))
      },
    },
  )
  played.send(modern(1, 'tools/call', { name: 't' }, { sampling: {} }))
  await settled()
  played.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
  held[0]!()
  await settled()
  assert.ok(!played.remote.messages.some(({ method }) => method === 'tools/call'), 'it was sent')
})

test('nothing is kept of a request that was cancelled, should the remote not answer it', async () => {
  const played = await opened()
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const kept = ((): WeakRef<object> => {
    const request = envelope(modern(1, 'tools/call', { name: 't' }))
    played.translation.fromHost(request)
    return new WeakRef(request)
  })()
  played.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
  await settled()
  collect()
  assert.equal(kept.deref(), undefined)
})

test('a request that needs a session which cannot be opened is answered all the same, and later ones get through', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const held: (() => void)[] = []
  const played = await opened(
    {},
    {
      initialize(request, remote, count) {
        if (count === 1) accept(request, remote)
        else held.push(() => accept(request, remote))
      },
    },
  )
  played.send(modern(1, 'tools/call', { name: 't' }, { sampling: {} }))
  await settled()
  t.mock.timers.tick(30_000)
  const { id, error } = played.next()
  assert.deepEqual([id, error?.code], [1, -32603])
  played.send(modern(2, 'tools/call', { name: 'later' }, { sampling: {} }))
  held[0]!()
  await settled()
  assert.deepEqual(played.remote.last('tools/call').params, { name: 'later' })
  assert.equal(played.remote.messages.filter(({ method }) => method === 'tools/call').length, 1)
})
