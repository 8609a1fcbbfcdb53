// What a modern remote tells unasked, on streams that are asked for. protocol.md D.6.
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Line, META, type Seen, startLine } from './modern-line.ts'

const TAG = `${META}subscriptionId`

function say(line: Line, { id }: Seen, method: string, rest = ''): void {
  line.fromRemote(
    `{"jsonrpc":"2.0","method":"notifications/${method}","params":{"_meta":{"${TAG}":${JSON.stringify(id)}}${rest}}}`,
  )
}

function acknowledge(line: Line, listen: Seen, filter: unknown = listen.params.notifications): void {
  say(line, listen, 'subscriptions/acknowledged', `,"notifications":${JSON.stringify(filter)}`)
}

const subscribe = (line: Line, id: number, uri: string, method = 'subscribe'): void =>
  line.fromHost(`{"jsonrpc":"2.0","id":${id},"method":"resources/${method}","params":{"uri":"${uri}"}}`)

const isAnswer =
  (id: number) =>
  (seen: Seen): boolean =>
    seen.id === id

/** A host that is ready, and the stream for the lists. */
async function listening(): Promise<{ readonly line: Line; readonly listen: Seen }> {
  const line = startLine({ isInitialized: true })
  await line.host.next(isAnswer(0))
  const listen = await line.remote.next('subscriptions/listen')
  acknowledge(line, listen)
  return { line, listen }
}

test('changes of a list reach the host without the id of the stream, and the acknowledgement does not', async () => {
  const { line, listen } = await listening()
  say(line, listen, 'tools/list_changed')
  say(line, listen, 'prompts/list_changed', ',"x":1.0')
  say(line, { ...listen, id: 'of somebody else' }, 'tools/list_changed')
  assert.deepEqual(
    line.host.rest().map(({ text }) => text),
    [
      '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}',
      '{"jsonrpc":"2.0","method":"notifications/prompts/list_changed","params":{"x":1.0}}',
    ],
  )
})

test('a remote that reports no changes is not asked to', () => {
  const line = startLine({ isInitialized: true, offered: '{"tools":{},"prompts":{}}' })
  assert.deepEqual(line.remote.all, [])
})

test('a server that said goodbye is asked again after half a minute, and what was missed is told', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const { line, listen } = await listening()
  line.reply(listen, '"result":{"resultType":"complete"}')
  t.mock.timers.tick(29_999)
  assert.deepEqual(line.remote.rest(), [])
  t.mock.timers.tick(1)
  const again = await line.remote.next('subscriptions/listen')
  assert.notEqual(again.id, listen.id)
  assert.deepEqual(line.host.rest(), [])
  acknowledge(line, again, { toolsListChanged: true, promptsListChanged: false })
  assert.deepEqual(
    line.host.rest().map(({ method }) => method),
    ['notifications/tools/list_changed'],
  )
})

test('a server that takes no subscription is left alone, and one line says so', async () => {
  const line = startLine({ isInitialized: true })
  line.reply(await line.remote.next('subscriptions/listen'), '"error":{"code":-32601,"message":"no"}')
  line.fromHost('{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
  line.reply(await line.remote.next('tools/list'), '"result":{"tools":[]}')
  await line.host.next(isAnswer(1))
  assert.deepEqual(line.remote.rest(), [])
  assert.equal(line.logged.length, 1, line.logged.join('\n'))
})

test('a subscription that was given up is asked for again when the remote is there again', async () => {
  const { line, listen } = await listening()
  const lost = '"error":{"code":-32603,"message":"m","data":{"origin":"mcp-ferry","kind":"refused"}}'
  line.fromRemote(
    `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${JSON.stringify(listen.id)}}}`,
  )
  line.reply(listen, lost)
  line.fromHost('{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
  line.reply(await line.remote.next('tools/list'), lost)
  await line.host.next(isAnswer(1))
  assert.deepEqual(line.remote.rest(), [], 'not while it is gone')
  line.fromHost('{"jsonrpc":"2.0","id":2,"method":"tools/list"}')
  line.reply(await line.remote.next('tools/list'), '"result":{"tools":[]}')
  await line.remote.next('subscriptions/listen')
  await line.host.next(isAnswer(2))
  assert.deepEqual(line.host.rest(), [], 'the host hears nothing of all that')
})

test('a subscription that HTTP refuses, while all else is answered, is asked for again only after half a minute', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const line = startLine({ isInitialized: true })
  const refused =
    '"error":{"code":-32603,"message":"m","data":{"origin":"mcp-ferry","kind":"http","httpStatus":404}}'
  line.reply(await line.remote.next('subscriptions/listen'), refused)
  const list = async (id: number): Promise<void> => {
    line.fromHost(`{"jsonrpc":"2.0","id":${id},"method":"tools/list"}`)
    line.reply(await line.remote.next('tools/list'), '"result":{"tools":[]}')
    await line.host.next(isAnswer(id))
  }
  await list(1)
  assert.deepEqual(line.remote.rest(), [])
  t.mock.timers.tick(30_000)
  await list(2)
  await line.remote.next('subscriptions/listen')
})

test('resources are subscribed together, answered when the remote has agreed, and reported', async () => {
  const { line } = await listening()
  subscribe(line, 1, 'u:1')
  subscribe(line, 2, 'u:2')
  subscribe(line, 3, 'u:secret')
  const listen = await line.remote.next('subscriptions/listen')
  assert.deepEqual(listen.params.notifications, { resourceSubscriptions: ['u:1', 'u:2', 'u:secret'] })
  assert.deepEqual(line.host.rest(), [], 'not before it has agreed')
  acknowledge(line, listen, { resourceSubscriptions: ['u:1', 'u:2'] })
  assert.deepEqual((await line.host.next(isAnswer(1))).result, {})
  assert.deepEqual((await line.host.next(isAnswer(2))).result, {})
  const { error } = await line.host.next(isAnswer(3))
  assert.equal(error?.code, -32602)
  assert.match(error?.message ?? '', /not accepted by the server/)
  say(line, listen, 'resources/updated', ',"uri":"u:1"')
  assert.equal(
    (await line.host.next('notifications/resources/updated')).text,
    '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"u:1"}}',
  )
  subscribe(line, 4, 'u:1')
  assert.deepEqual((await line.host.next(isAnswer(4))).result, {}, 'twice is once')
  subscribe(line, 5, 'u:3')
  const more = await line.remote.next('subscriptions/listen')
  assert.deepEqual(more.params.notifications, { resourceSubscriptions: ['u:1', 'u:2', 'u:3'] })
  await line.translation.close()
})

test('what the remote grants no more when it takes a broken stream up again is asked for anew', async () => {
  const { line } = await listening()
  subscribe(line, 1, 'u:1')
  subscribe(line, 2, 'u:2')
  const listen = await line.remote.next('subscriptions/listen')
  acknowledge(line, listen)
  await line.host.next(isAnswer(1))
  await line.host.next(isAnswer(2))
  acknowledge(line, listen, { resourceSubscriptions: ['u:2'] })
  subscribe(line, 3, 'u:2')
  assert.deepEqual((await line.host.next(isAnswer(3))).result, {}, 'that one stands')
  subscribe(line, 4, 'u:1')
  const again = await line.remote.next('subscriptions/listen')
  acknowledge(line, again, { resourceSubscriptions: ['u:2'] })
  assert.equal((await line.host.next(isAnswer(4))).error?.code, -32602)
})

test('the stream with more resources stands before the one with less is given up', async () => {
  const { line } = await listening()
  subscribe(line, 1, 'u:1')
  const first = await line.remote.next('subscriptions/listen')
  acknowledge(line, first)
  await line.host.next(isAnswer(1))
  subscribe(line, 2, 'u:2')
  const second = await line.remote.next('subscriptions/listen')
  assert.deepEqual(line.remote.rest(), [], 'the first one lives')
  say(line, first, 'resources/updated', ',"uri":"u:1"')
  await line.host.next('notifications/resources/updated')
  acknowledge(line, second)
  assert.equal((await line.remote.next('notifications/cancelled')).params.requestId, first.id)
  assert.deepEqual((await line.host.next(isAnswer(2))).result, {})
  say(line, first, 'resources/updated', ',"uri":"u:1"')
  assert.deepEqual(line.host.rest(), [])
})

test('what is unsubscribed is not heard any more, and the last one ends the stream', async () => {
  const { line } = await listening()
  subscribe(line, 1, 'u:1')
  subscribe(line, 2, 'u:2')
  const both = await line.remote.next('subscriptions/listen')
  acknowledge(line, both)
  await line.host.next(isAnswer(2))
  await line.host.next(isAnswer(1))
  subscribe(line, 3, 'u:1', 'unsubscribe')
  assert.deepEqual((await line.host.next(isAnswer(3))).result, {})
  say(line, both, 'resources/updated', ',"uri":"u:1"')
  assert.deepEqual(line.host.rest(), [])
  const less = await line.remote.next('subscriptions/listen')
  assert.deepEqual(less.params.notifications, { resourceSubscriptions: ['u:2'] })
  acknowledge(line, less)
  assert.equal((await line.remote.next('notifications/cancelled')).params.requestId, both.id)
  subscribe(line, 4, 'u:2', 'unsubscribe')
  assert.equal((await line.remote.next('notifications/cancelled')).params.requestId, less.id)
  subscribe(line, 5, 'u:2', 'unsubscribe')
  assert.deepEqual((await line.host.next(isAnswer(5))).result, {}, 'twice is once')
})

test('what changes while a stream is being opened is asked for after it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { line } = await listening()
  subscribe(line, 1, 'u:1')
  t.mock.timers.tick(50)
  const first = await line.remote.next('subscriptions/listen')
  subscribe(line, 2, 'u:2')
  t.mock.timers.tick(50)
  assert.deepEqual(line.remote.rest(), [], 'one at a time')
  acknowledge(line, first)
  await line.host.next(isAnswer(1))
  const second = await line.remote.next('subscriptions/listen')
  assert.deepEqual(second.params.notifications, { resourceSubscriptions: ['u:1', 'u:2'] })
  acknowledge(line, second)
  assert.deepEqual((await line.host.next(isAnswer(2))).result, {})
})

for (const [how, end] of [
  ['a goodbye', '"result":{"resultType":"complete"}'],
  ['a loss', '"error":{"code":-32603,"message":"m","data":{"origin":"mcp-ferry","kind":"refused"}}'],
] as const)
  test(`a stream that has another in its place already is not missed: it ends with ${how}`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
    const { line } = await listening()
    subscribe(line, 1, 'u:1')
    t.mock.timers.tick(50)
    const first = await line.remote.next('subscriptions/listen')
    acknowledge(line, first)
    subscribe(line, 2, 'u:2')
    t.mock.timers.tick(50)
    const second = await line.remote.next('subscriptions/listen')
    line.reply(first, end)
    acknowledge(line, second)
    line.fromHost('{"jsonrpc":"2.0","id":3,"method":"tools/list"}')
    line.reply(await line.remote.next('tools/list'), '"result":{"tools":[]}')
    t.mock.timers.tick(30_000)
    assert.deepEqual(line.remote.rest(), [])
  })

test('a subscription that the remote refuses is refused in its words, and one that the host cancels is not answered', async () => {
  const { line } = await listening()
  subscribe(line, 1, 'u:1')
  subscribe(line, 2, 'u:2')
  line.fromHost('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}')
  line.reply(await line.remote.next('subscriptions/listen'), '"error":{"code":-32001,"message":"no"}')
  assert.deepEqual((await line.host.next(isAnswer(1))).error, { code: -32001, message: 'no' })
  assert.deepEqual(line.host.rest(), [])
})

test('a subscription that the remote does not acknowledge is an error in half a minute, and may be asked for again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { line } = await listening()
  subscribe(line, 1, 'u:1')
  t.mock.timers.tick(50)
  const first = await line.remote.next('subscriptions/listen')
  t.mock.timers.tick(30_000)
  const { error } = await line.host.next(isAnswer(1))
  assert.equal(error?.code, -32603)
  acknowledge(line, first)
  subscribe(line, 2, 'u:1')
  t.mock.timers.tick(50)
  acknowledge(line, await line.remote.next('subscriptions/listen'))
  assert.deepEqual((await line.host.next(isAnswer(2))).result, {})
  assert.deepEqual(line.host.rest(), [])
})

test('a stream that the remote never acknowledges is given up with who waited for it, and does not hold up the next', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { line } = await listening()
  subscribe(line, 1, 'u:1')
  t.mock.timers.tick(50)
  const first = await line.remote.next('subscriptions/listen')
  t.mock.timers.tick(20_000)
  subscribe(line, 2, 'u:2')
  t.mock.timers.tick(10_000)
  assert.equal((await line.host.next(isAnswer(1))).error?.code, -32603)
  assert.equal((await line.remote.next('notifications/cancelled')).params.requestId, first.id)
  t.mock.timers.tick(50)
  const second = await line.remote.next('subscriptions/listen')
  assert.deepEqual(second.params.notifications, { resourceSubscriptions: ['u:2'] })
  acknowledge(line, first)
  acknowledge(line, second)
  assert.deepEqual((await line.host.next(isAnswer(2))).result, {})
  assert.deepEqual(line.host.rest(), [])
})

test('close ends the streams', async () => {
  const { line, listen } = await listening()
  await line.translation.close()
  assert.equal((await line.remote.next('notifications/cancelled')).params.requestId, listen.id)
})
