// What a legacy host says, as a modern remote hears it, and what the host hears of that. protocol.md D.1, D.2, D.4, D.5, D.8.
import assert from 'node:assert/strict'
import test from 'node:test'
import { discovered, HOST_INFO, META, startLine } from './modern-line.ts'

const TASKS = `${META}tasks`

const call = (id: number | string, rest = ''): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"tools/call","params":{"name":"t"${rest}}}`

test('initialize is answered at once, and what is told of changes is asked for once the host is ready', async () => {
  const { host, remote, fromHost } = startLine()
  assert.equal((await host.next(({ id }) => id === 0)).result?.protocolVersion, '2025-11-25')
  assert.equal(remote.all.length, 0)
  fromHost('{"jsonrpc":"2.0","method":"notifications/initialized"}')
  const listen = await remote.next('subscriptions/listen')
  assert.deepEqual(listen.params.notifications, { toolsListChanged: true })
  fromHost('{"jsonrpc":"2.0","method":"notifications/initialized"}')
  assert.deepEqual(remote.rest(), [], 'initialized is not sent on, and heard once')
})

test('a host that a stand-in has answered hears that the lists have changed', () => {
  const late = startLine({ isAnswered: true, isInitialized: true })
  assert.deepEqual(
    late.host.all.map(({ method }) => method),
    ['notifications/tools/list_changed', 'notifications/resources/list_changed'],
  )
  const early = startLine({ isAnswered: true })
  assert.equal(early.host.all.length, 0, 'not before it is initialized')
  early.fromHost('{"jsonrpc":"2.0","method":"notifications/initialized"}')
  assert.equal(early.host.all.length, 2)
})

test('each request says who the host is, and keeps all else', async () => {
  const { remote, fromHost } = startLine()
  fromHost(
    call(
      7,
      ', "arguments" : { "b":1.0, "a":9007199254740993 },"task":{"ttl":1},"_meta":{"progressToken":"p","traceparent":"x"}',
    ),
  )
  const { text, params, id } = await remote.next('tools/call')
  assert.equal(id, 7)
  assert.ok(text.includes('"arguments" : { "b":1.0, "a":9007199254740993 }'), text)
  assert.ok(text.includes(`"${META}clientInfo":${HOST_INFO}`), text)
  assert.equal(params.task, undefined)
  assert.deepEqual(params._meta, {
    progressToken: 'p',
    traceparent: 'x',
    [`${META}protocolVersion`]: '2026-07-28',
    [`${META}clientInfo`]: JSON.parse(HOST_INFO) as unknown,
    [`${META}clientCapabilities`]: {
      roots: {},
      sampling: { tools: {} },
      elicitation: { form: {}, url: {} },
      extensions: { [`${META}tasks`]: {} },
    },
  })
})

for (const [what, given, sent] of [
  ['sampling', '{"context":{},"tools":{"n":1},"tasks":{},"other":{}}', { context: {}, tools: { n: 1 } }],
  ['elicitation', '{}', { form: {} }],
  ['elicitation', '{"url":{}}', { url: {} }],
  ['experimental', '{"a/b":{"n":1}}', { 'a/b': { n: 1 } }],
  ['tasks', '{"list":{}}', undefined],
] as const)
  test(`of ${what} ${given} a modern remote is told what its era knows`, async () => {
    const { remote, fromHost } = startLine({ capabilities: `{"${what}":${given}}` })
    fromHost(call(7))
    const { params } = await remote.next('tools/call')
    const declared = (params._meta as Record<string, Record<string, unknown>>)[`${META}clientCapabilities`]
    assert.deepEqual(declared?.[what], sent)
  })

for (const [what, given, sent] of [
  ['is only named in a value', '{"a/b":{"wraps":"TASKS"}}', { 'a/b': { wraps: TASKS }, [TASKS]: {} }],
  ['is a member of another', '{"a/b":{"TASKS":{}}}', { 'a/b': { [TASKS]: {} }, [TASKS]: {} }],
  ['is written with an escape', '{"io.modelcontextprotocol\\/tasks":{"n":1}}', { [TASKS]: { n: 1 } }],
  ['is there', '{ "TASKS" : {"n":1} , "c":{} }', { [TASKS]: { n: 1 }, c: {} }],
  ['is not there', '[]', { [TASKS]: {} }],
] as const)
  test(`a remote is told once that there are tasks where the host's extension of that name ${what}`, async () => {
    const { remote, fromHost } = startLine({
      capabilities: `{"extensions":${given.replaceAll('TASKS', TASKS)}}`,
    })
    fromHost(call(7))
    const { params } = await remote.next('tools/call')
    const { extensions } = (params._meta as Record<string, { extensions?: unknown }>)[
      `${META}clientCapabilities`
    ]!
    assert.deepEqual(extensions, sent)
  })

test('a request without params gets them', async () => {
  const { remote, fromHost } = startLine()
  fromHost('{"jsonrpc":"2.0","id":"x","method":"tools/list"}')
  const { params } = await remote.next('tools/list')
  assert.deepEqual(Object.keys(params), ['_meta'])
})

test('ping and logging/setLevel are answered here, and the level goes with each later request', async () => {
  const { host, remote, fromHost } = startLine()
  const level = async (): Promise<unknown> => {
    fromHost(call(1))
    const sent = await remote.next('tools/call')
    return (sent.params._meta as Record<string, unknown>)[`${META}logLevel`]
  }
  fromHost('{"jsonrpc":"2.0","id":"p","method":"ping"}')
  assert.deepEqual((await host.next(({ id }) => id === 'p')).result, {})
  assert.equal(await level(), undefined)
  fromHost('{"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{"level":"notice"}}')
  assert.deepEqual((await host.next(({ id }) => id === 2)).result, {})
  fromHost('{"jsonrpc":"2.0","id":3,"method":"logging/setLevel","params":{"level":"loud"}}')
  assert.equal((await host.next(({ id }) => id === 3)).error?.code, -32602)
  assert.equal(await level(), 'notice')
})

for (const [method, offered] of [
  ['logging/setLevel', '{"tools":{}}'],
  ['resources/subscribe', '{"resources":{}}'],
  ['resources/unsubscribe', '{"resources":{}}'],
  ['tasks/get', undefined],
  ['tasks/list', undefined],
  ['subscriptions/listen', undefined],
] as const)
  test(`${method} is refused where nobody offers it`, async () => {
    const { host, remote, fromHost } = startLine(offered === undefined ? {} : { offered })
    fromHost(
      `{"jsonrpc":"2.0","id":5,"method":"${method}","params":{"level":"info","uri":"u:1","taskId":"t"}}`,
    )
    assert.equal((await host.next(({ id }) => id === 5)).error?.code, -32601)
    assert.equal(remote.all.length, 0)
  })

test('of the notifications only those go on that the remote may know', () => {
  const { remote, fromHost } = startLine({ offered: '{}' })
  for (const method of ['initialized', 'roots/list_changed', 'progress', 'own/thing'])
    fromHost(`{"jsonrpc":"2.0","method":"notifications/${method}"}`)
  assert.deepEqual(
    remote.all.map(({ method, params }) => [method, params]),
    [['notifications/own/thing', { _meta: { [`${META}protocolVersion`]: '2026-07-28' } }]],
  )
})

test('progress and logs reach the host as they are, progress only forward and only while the request lasts', async () => {
  const { host, remote, fromHost, fromRemote, reply } = startLine()
  const progress = (token: string, value: string): string =>
    `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":${value} }}`
  const log = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1.0}}'
  fromHost(call(1, ',"_meta":{"progressToken":4}'))
  const sent = await remote.next('tools/call')
  await host.next(({ id }) => id === 0)
  const told = [progress('4', '1'), log, progress('4', '1.5')]
  for (const text of [progress('"4"', '1'), told[0]!, told[1]!, progress('4', '1.0'), told[2]!])
    fromRemote(text)
  assert.deepEqual(
    host.rest().map(({ text }) => text),
    told,
  )
  reply(sent, '"result":{"content":[]}')
  fromRemote(progress('4', '9'))
  assert.equal(host.rest().length, 4, 'what comes after the answer is dropped')
})

test('a cancelled request is aborted and not answered', async () => {
  const { host, remote, fromHost, reply } = startLine()
  await host.next(({ id }) => id === 0)
  fromHost(call('c'))
  const sent = await remote.next('tools/call')
  fromHost('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c","reason":"r"}}')
  assert.equal((await remote.next('notifications/cancelled')).params.requestId, 'c')
  reply(sent, '"result":{"content":[]}')
  assert.deepEqual(host.rest(), [])
  fromHost('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c"}}')
  assert.deepEqual(remote.rest(), [], 'once')
})

for (const [what, member] of [
  ['a type that nobody knows', '"result":{"resultType":"riddle"}'],
  ['a type that is no text', '"result":{"resultType":7}'],
  ['questions for a list', '"result":{"resultType":"input_required","requestState":"s"}'],
  ['a task for a list', '"result":{"resultType":"task","taskId":"t","status":"working"}'],
] as const)
  test(`a list that is answered with ${what} is an error`, async () => {
    const { host, remote, fromHost, reply } = startLine()
    fromHost('{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
    reply(await remote.next('tools/list'), member)
    const { error } = await host.next(({ id }) => id === 1)
    assert.equal(error?.code, -32603)
    assert.deepEqual(error?.data, { origin: 'mcp-ferry', kind: 'protocol' })
  })

test('a version that is refused is negotiated anew, once for all, and the request sent again', async () => {
  let asked = 0
  const rediscover = async () => {
    asked++
    return { ...discovered(), version: '2027-01-01' }
  }
  const { host, remote, fromHost, reply } = startLine({ rediscover })
  const refused = '"error":{"code":-32022,"message":"no"}'
  fromHost(call(1))
  fromHost(call(2))
  const first = [await remote.next('tools/call'), await remote.next('tools/call')]
  for (const sent of first) reply(sent, refused)
  const second = [await remote.next('tools/call'), await remote.next('tools/call')]
  assert.equal(asked, 1)
  for (const { id, params } of second) {
    assert.match(String(id), /^mcp-ferry:/)
    assert.equal((params._meta as Record<string, unknown>)[`${META}protocolVersion`], '2027-01-01')
  }
  reply(second[0]!, '"result":{"content":[]}')
  assert.deepEqual((await host.next(({ id }) => id === 1)).result, { content: [] })
  reply(second[1]!, refused)
  assert.equal((await host.next(({ id }) => id === 2)).error?.code, -32603, 'a second time it is an error')
})

test('no common version any more: the request is answered with an error', async () => {
  for (const rediscover of [() => Promise.resolve(undefined), () => Promise.reject(new Error('no remote'))]) {
    const { host, remote, fromHost, reply } = startLine({ rediscover })
    fromHost(call(1))
    reply(await remote.next('tools/call'), '"error":{"code":-32022,"message":"no"}')
    assert.equal((await host.next(({ id }) => id === 1)).error?.code, -32603)
  }
})

test('a host whose ids look like ours is answered under its own', async () => {
  const { host, remote, fromHost, reply } = startLine()
  fromHost(call('mcp-ferry:leg:2'))
  fromHost(call('mcp-ferry:leg:1'))
  const sent = [await remote.next('tools/call'), await remote.next('tools/call')]
  assert.notEqual(sent[0]!.id, sent[1]!.id)
  reply(sent[0]!, '"result":{"content":[],"n":1}')
  assert.equal((await host.next(({ result }) => result?.n === 1)).id, 'mcp-ferry:leg:2')
})

test('after close nothing reaches the host', async () => {
  const { translation, host, remote, fromHost, reply } = startLine()
  fromHost(call(1))
  const sent = await remote.next('tools/call')
  await translation.close()
  const before = host.all.length
  reply(sent, '"result":{"content":[]}')
  fromHost('{"jsonrpc":"2.0","id":2,"method":"ping"}')
  assert.equal(host.all.length, before)
})

const VALUES = [
  '1.0',
  '-0',
  '1e400',
  '9007199254740993',
  '4.20',
  '"\\u00e9\\/"',
  '"\u2028😀"',
  '{ }',
  '[ 1 ,2.50]',
  'true',
  'null',
]

test('payloads keep their bytes both ways, whatever they are', async () => {
  let state = 20260728
  const random = (most: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
  const payload = (depth: number): string => {
    const members = Array.from({ length: random(5) }, (_, at) => {
      const value = depth > 0 && random(3) === 0 ? payload(depth - 1) : VALUES[random(VALUES.length)]!
      return `${' '.repeat(random(2))}"${['b', 'a', '_meta', 'resultType', 'ttlMs', 'task'][random(6)]}${at}" :${value}`
    })
    return `{${members.join(',')}${random(2) === 0 ? ' ' : ''}}`
  }
  const line = startLine()
  await line.host.next(({ id }) => id === 0)
  for (let round = 0; round < 500; round++) {
    const args = payload(3)
    const answer = payload(3)
    line.fromHost(call(round, `, "arguments":${args}`))
    const sent = await line.remote.next('tools/call')
    assert.ok(
      sent.text.startsWith(
        `{"jsonrpc":"2.0","id":${round},"method":"tools/call","params":{"name":"t", "arguments":${args},"_meta":{`,
      ),
      sent.text,
    )
    line.reply(
      sent,
      `"result":{"resultType":"complete", "content":[ ${answer} ],"structuredContent":${answer} }`,
    )
    const { text } = await line.host.next(({ id }) => id === round)
    assert.equal(
      text,
      `{"jsonrpc":"2.0","id":${round},"result":{"content":[ ${answer} ],"structuredContent":${answer} }}`,
    )
  }
})
