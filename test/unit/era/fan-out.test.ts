// What a legacy session says unasked, for hosts that say in each request what they want to hear; and tools that run as
// tasks. protocol.md E.3, E.7, E.8.
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import {
  accept,
  META,
  type Message,
  modern,
  opened,
  type Played,
  type Script,
  settled,
} from './scripted-remote.ts'

const OFFERED = {
  tools: { listChanged: true },
  prompts: {},
  resources: { subscribe: true, listChanged: true },
  logging: {},
}

const WANTED = {
  toolsListChanged: true,
  promptsListChanged: true,
  resourceSubscriptions: ['file:///a', 'file:///b'],
  taskIds: ['t'],
}

function listen(played: Played, id: unknown, notifications: unknown = WANTED): void {
  played.send(modern(id, 'subscriptions/listen', { notifications }))
}

function subscriptions(played: Played, method = 'resources/subscribe'): Message[] {
  return played.remote.messages.filter((message) => message.method === method)
}

/** A listen whose subscriptions the remote accepts, and which has been acknowledged. */
async function listening(played: Played, id: unknown = 'l', wanted: unknown = WANTED): Promise<unknown> {
  listen(played, id, wanted)
  await settled()
  for (const request of subscriptions(played)) played.remote.answer(request, {})
  await settled()
  const { method, params } = played.next()
  assert.equal(method, 'notifications/subscriptions/acknowledged')
  return params
}

const NOTE = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }

function updated(uri: string) {
  return { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } }
}

test('a listen is acknowledged with what the remote can tell of', async () => {
  const played = await opened({}, { capabilities: OFFERED })
  assert.deepEqual(await listening(played, 0), {
    _meta: { [`${META}subscriptionId`]: 0 },
    notifications: { toolsListChanged: true, resourceSubscriptions: ['file:///a', 'file:///b'] },
  })
})

test('a resource that the remote does not let be subscribed to is left out', async () => {
  const played = await opened({}, { capabilities: OFFERED })
  listen(played, 'l')
  await settled()
  const [a, b] = subscriptions(played)
  played.remote.fail(a!, -32002)
  played.nothing()
  played.remote.answer(b!, {})
  await settled()
  assert.deepEqual(played.next().params?.notifications, {
    toolsListChanged: true,
    resourceSubscriptions: ['file:///b'],
  })
  played.remote.say(updated('file:///a'))
  played.nothing()
})

test('a remote that cannot speak unasked honours nothing', async () => {
  const played = await opened({}, { capabilities: OFFERED, canSpeakUnasked: false })
  assert.deepEqual(await listening(played), { _meta: { [`${META}subscriptionId`]: 'l' }, notifications: {} })
  assert.equal(subscriptions(played).length, 0)
})

test('a listen without a filter is refused', async () => {
  const played = await opened({}, { capabilities: OFFERED })
  listen(played, 1, [])
  await settled()
  assert.equal(played.next().error?.code, -32602)
})

test('a change goes to each listen that was acknowledged for it, with its id', async () => {
  const played = await opened({}, { capabilities: OFFERED })
  await listening(played, '1')
  await listening(played, 1, { toolsListChanged: true })
  assert.equal(subscriptions(played).length, 2)
  played.remote.say(NOTE)
  const copies = played.messages.slice(-2).map(({ params }) => JSON.stringify(params))
  const expected = ['1', 1].map((id) => JSON.stringify({ _meta: { [`${META}subscriptionId`]: id } }))
  assert.deepEqual(copies.sort(), expected.sort())
  const { length } = played.told
  played.remote.say({ jsonrpc: '2.0', method: 'notifications/prompts/list_changed' })
  played.remote.say({ jsonrpc: '2.0', method: 'notifications/resources/list_changed' })
  assert.equal(played.told.length, length, 'nobody is told of these')
})

for (const [uri, isTold] of [
  ['file:///a', true],
  ['file:///a/part', true],
  ['file:///a#x', true],
  ['file:///ab', false],
  ['file:///', false],
] as const)
  test(`an update of ${uri} is ${isTold ? '' : 'not '}told to who listens to file:///a`, async () => {
    const played = await opened({}, { capabilities: OFFERED })
    await listening(played)
    played.remote.say(updated(uri))
    if (isTold) assert.deepEqual(played.next().params, { uri, _meta: { [`${META}subscriptionId`]: 'l' } })
    else played.nothing()
  })

test('two listens to one resource are one subscription, which ends with the second', async () => {
  const played = await opened({}, { capabilities: OFFERED })
  await listening(played, 1)
  await listening(played, 2)
  assert.equal(subscriptions(played).length, 2)
  const cancel = (requestId: number) =>
    played.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } })
  cancel(1)
  assert.equal(subscriptions(played, 'resources/unsubscribe').length, 0)
  cancel(2)
  assert.deepEqual(
    subscriptions(played, 'resources/unsubscribe').map(({ params }) => params?.uri),
    ['file:///a', 'file:///b'],
  )
  played.remote.say(NOTE)
  played.nothing()
})

test('a listen that is cancelled before its acknowledgement leaves nothing behind', async () => {
  const played = await opened({}, { capabilities: OFFERED })
  listen(played, 1)
  await settled()
  played.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
  for (const request of subscriptions(played)) played.remote.answer(request, {})
  await settled()
  played.nothing()
  assert.equal(subscriptions(played, 'resources/unsubscribe').length, 2)
})

test('what is asked for again just after it was given up is subscribed to once that has been told', async () => {
  const played = await opened({}, { capabilities: OFFERED })
  await listening(played, 1)
  played.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
  listen(played, 2)
  await settled()
  assert.equal(subscriptions(played).length, 2, 'the one could overtake the other')
  for (const request of subscriptions(played, 'resources/unsubscribe')) played.remote.answer(request, {})
  await settled()
  assert.equal(subscriptions(played).length, 4)
  for (const request of subscriptions(played).slice(2)) played.remote.answer(request, {})
  await settled()
  const { params } = played.next()
  assert.deepEqual(params?.notifications, {
    toolsListChanged: true,
    resourceSubscriptions: ['file:///a', 'file:///b'],
  })
})

test('a listen that is begun while there comes another session is acknowledged by what that says', async () => {
  const played = await opened({}, { capabilities: OFFERED })
  listen(played, 1, { resourceSubscriptions: ['file:///a'] })
  await settled()
  const [first] = subscriptions(played)
  const old = played.remote
  played.send(modern(2, 'tools/call', { name: 't' }, { sampling: {} }))
  await settled()
  old.fail(first!, -32000)
  await settled()
  played.remote.answer(subscriptions(played)[0]!, {})
  await settled()
  assert.deepEqual(played.next().params?.notifications, { resourceSubscriptions: ['file:///a'] })
})

test('a session that has ended is told nothing any more', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const played = await opened({}, { capabilities: OFFERED })
  listen(played, 1, { resourceSubscriptions: ['file:///a'] })
  await settled()
  const old = played.remote
  played.send(modern(2, 'tools/call', { name: 't' }, { sampling: {} }))
  await settled()
  assert.equal(old.isClosed, true)
  const before = old.heard.length
  t.mock.timers.tick(10_000)
  assert.deepEqual(old.heard.slice(before), [])
})

test('a remote that does not answer does not keep a listen from its acknowledgement', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const played = await opened({}, { capabilities: OFFERED })
  listen(played, 1)
  await settled()
  played.remote.answer(subscriptions(played)[1]!, {})
  t.mock.timers.tick(10_000)
  await settled()
  const { params } = played.next()
  assert.deepEqual(params?.notifications, { toolsListChanged: true, resourceSubscriptions: ['file:///b'] })
  assert.equal(subscriptions(played, 'resources/unsubscribe').length, 1)
})

test('a resource that a new session is slow to accept stays subscribed to while somebody listens', async (t) => {
  const played = await opened({}, { capabilities: OFFERED })
  await listening(played)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  played.send(modern(1, 'tools/call', { name: 't' }, { sampling: {} }))
  await settled()
  assert.equal(subscriptions(played).length, 2)
  t.mock.timers.tick(10_000)
  await settled()
  assert.equal(subscriptions(played, 'resources/unsubscribe').length, 0)
})

test('what a new session has accepted after all is granted to who asks for it next', async (t) => {
  const played = await opened({}, { capabilities: OFFERED })
  const wanted = { resourceSubscriptions: ['file:///a'] }
  await listening(played, 1, wanted)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  played.send(modern(2, 'tools/call', { name: 't' }, { sampling: {} }))
  await settled()
  t.mock.timers.tick(10_000)
  await settled()
  played.remote.answer(subscriptions(played).at(-1)!, {})
  listen(played, 3, wanted)
  await settled()
  assert.deepEqual(played.next().params?.notifications, wanted)
})

test('what the remote was slow to accept is subscribed to anew once it was told that nobody listens', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const played = await opened({}, { capabilities: OFFERED })
  const wanted = { resourceSubscriptions: ['file:///a'] }
  listen(played, 1, wanted)
  await settled()
  t.mock.timers.tick(10_000)
  await settled()
  assert.deepEqual(played.next().params?.notifications, {})
  listen(played, 2, wanted)
  await settled()
  assert.equal(subscriptions(played).length, 1, 'the one could overtake the other')
  played.remote.answer(subscriptions(played, 'resources/unsubscribe')[0]!, {})
  await settled()
  assert.equal(subscriptions(played).length, 2)
})

test('a remote that is away for more than ten minutes: the listen is cancelled, and then answered', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let silentForMs = 9 * 60_000
  const played = await opened({}, { capabilities: OFFERED, silentForMs: () => silentForMs })
  await listening(played)
  const told = played.messages.length
  t.mock.timers.tick(60_000)
  played.nothing()
  silentForMs = 11 * 60_000
  t.mock.timers.tick(60_000)
  const [cancelled, answer] = played.messages.slice(told)
  assert.equal(cancelled?.method, 'notifications/cancelled')
  assert.equal(cancelled.params?.requestId, 'l')
  assert.equal(answer?.id, 'l')
  assert.match(JSON.stringify(answer), /"kind":"stream-lost"/)
  assert.equal(subscriptions(played, 'resources/unsubscribe').length, 2)
})

test('at the end of the input each listen gets its result', async () => {
  const played = await opened({}, { capabilities: OFFERED })
  await listening(played)
  played.translation.inputEnded()
  assert.deepEqual(played.next(), {
    jsonrpc: '2.0',
    id: 'l',
    result: { resultType: 'complete', _meta: { [`${META}subscriptionId`]: 'l' } },
  })
})

test('a listen that is not acknowledged yet at the end of the input is, and then gets its result', async () => {
  const played = await opened({}, { capabilities: OFFERED })
  listen(played, 'l', { toolsListChanged: true })
  played.translation.inputEnded()
  await settled()
  const [first, second] = played.messages
  assert.equal(first?.method, 'notifications/subscriptions/acknowledged')
  assert.equal(second?.result?.resultType, 'complete')
})

test('a new session is subscribed to what the old one was, and may differ from it; the old one tells no more', async () => {
  const played = await opened({}, { capabilities: OFFERED })
  await listening(played)
  const [old] = played.remotes
  played.send(modern(1, 'tools/call', { name: 't' }))
  played.send(modern(2, 'tools/call', { name: 't' }, { sampling: {} }))
  await settled()
  assert.equal(subscriptions(played).length, 2)
  const { method, params } = played.next()
  assert.equal(method, NOTE.method)
  assert.deepEqual(params?._meta, { [`${META}subscriptionId`]: 'l' })
  old!.say(NOTE)
  played.nothing()
  played.remote.say(NOTE)
  assert.equal(played.next().method, NOTE.method)
})

const LEVEL = `${META}logLevel`

function log(level: string, data = 'x') {
  return { jsonrpc: '2.0', method: 'notifications/message', params: { level, data } }
}

/** A call that wants to hear logs; the remote takes the level. */
async function logged(played: Played, id: unknown, level: string): Promise<Message & { id: number }> {
  const before = subscriptions(played, 'logging/setLevel').length
  played.send(modern(id, 'tools/call', { name: 't' }, {}, { [LEVEL]: level }))
  const set = subscriptions(played, 'logging/setLevel').slice(before)
  for (const request of set) played.remote.answer(request, {})
  await settled()
  return played.remote.last('tools/call')
}

test('a level is set before the first request that wants it, and only where it is more verbose', async () => {
  const played = await opened({}, { capabilities: OFFERED })
  for (const [id, level] of ['warning', 'error', 'debug', 'info'].entries()) {
    const request = await logged(played, id, level)
    played.remote.answer(request, { content: [] })
  }
  const set = subscriptions(played, 'logging/setLevel')
  assert.deepEqual(
    set.map(({ params }) => params),
    [{ level: 'warning' }, { level: 'debug' }],
  )
  const methods = played.remote.messages.slice(2).map(({ method }) => method)
  assert.deepEqual(methods.slice(0, 2), ['logging/setLevel', 'tools/call'])
})

test('a log message goes to whose request wants it', async () => {
  const played = await opened({}, { capabilities: OFFERED })
  const loud = await logged(played, 1, 'debug')
  const quiet = await logged(played, 2, 'error')
  played.send(modern(3, 'tools/call', { name: 't' }))
  const silent = played.remote.last('tools/call')
  played.remote.say(log('info'), quiet.id)
  played.remote.say(log('emergency'), silent.id)
  played.remote.say(log('emergency'))
  played.nothing()
  played.remote.say(log('info'), loud.id)
  assert.deepEqual(played.next(), log('info'))
  played.remote.say(log('critical'), quiet.id)
  assert.deepEqual(played.next(), log('critical'))
  played.remote.answer(quiet, { content: [] })
  assert.equal(played.next().id, 2)
  played.remote.say(log('debug'))
  assert.deepEqual(played.next(), log('debug'), 'only one is left that it can be for')
  played.remote.answer(loud, { content: [] })
  assert.equal(played.next().id, 1)
  played.remote.say(log('emergency'))
  played.nothing()
})

test('a remote that does not take the level is not waited for', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const played = await opened({}, { capabilities: OFFERED })
  played.send(modern(1, 'tools/call', { name: 't' }, {}, { [LEVEL]: 'info' }))
  played.send(modern(2, 'tools/list', {}, {}, { [LEVEL]: 'info' }))
  await settled()
  const sent = () => subscriptions(played, 'tools/call').length + subscriptions(played, 'tools/list').length
  assert.equal(sent(), 0)
  t.mock.timers.tick(2000)
  await settled()
  assert.equal(sent(), 2)
})

test('a remote without logging is not asked to log', async () => {
  const played = await opened({}, { capabilities: { tools: {} } })
  played.send(modern(1, 'tools/call', { name: 't' }, {}, { [LEVEL]: 'info' }))
  assert.equal(played.remote.messages.at(-1)?.method, 'tools/call')
})

const TASKS = { tools: {}, tasks: { requests: { tools: { call: {} } } } }

/** A call of a tool that runs as a task only; the task has been created with this state. */
async function task(t: TestContext, status: string, script: Script = { capabilities: TASKS }) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const played = await opened({ elicitation: {} }, script)
  played.send(modern('list', 'tools/list'))
  const tools = [{ name: 'slow', execution: { taskSupport: 'required' } }]
  played.remote.answer(played.remote.last('tools/list'), { tools })
  played.next()
  played.send(modern(1, 'tools/call', { name: 'slow' }, { elicitation: {} }))
  const request = played.remote.last('tools/call')
  if (status !== '') played.remote.answer(request, { task: { taskId: 'T', status, pollInterval: 200 } })
  return { played, request }
}

test('a tool that runs as a task only is run as one, and its result is the answer', async (t) => {
  const { played, request } = await task(t, 'working')
  assert.deepEqual(request.params, { name: 'slow', task: {} })
  t.mock.timers.tick(200)
  const get = played.remote.last('tasks/get')
  assert.deepEqual(get.params, { taskId: 'T' })
  played.remote.answer(get, { taskId: 'T', status: 'completed', pollInterval: 200 })
  const result = { content: [], _meta: { [`${META}related-task`]: { taskId: 'T' }, x: 1 } }
  played.remote.answer(played.remote.last('tasks/result'), result)
  const answer = played.next()
  assert.equal(answer.id, 1)
  assert.equal(answer.result?.resultType, 'complete')
  assert.deepEqual(Object.keys(answer.result?._meta as object), ['x', `${META}serverInfo`])
})

test('a task that asks not to be looked at for longer than a timer can wait is not looked at all the time', async (t) => {
  const warned: string[] = []
  const note = (warning: Error): void => void warned.push(warning.name)
  process.on('warning', note)
  t.after(() => process.off('warning', note))
  const played = await opened({ elicitation: {} }, { capabilities: TASKS })
  played.send(modern('list', 'tools/list'))
  const tools = [{ name: 'slow', execution: { taskSupport: 'required' } }]
  played.remote.answer(played.remote.last('tools/list'), { tools })
  played.send(modern(1, 'tools/call', { name: 'slow' }, { elicitation: {} }))
  const task = { taskId: 'T', status: 'working', pollInterval: 2 ** 32 }
  played.remote.answer(played.remote.last('tools/call'), { task })
  await settled()
  assert.deepEqual(warned, [], 'the timer is too long, and fires at once')
  played.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
})

test('a task that needs input asks on the stream of its result', async (t) => {
  const { played } = await task(t, 'input_required')
  const fetching = played.remote.last('tasks/result')
  played.remote.say(
    { jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params: { message: 'x' } },
    fetching.id,
  )
  t.mock.timers.tick(10)
  const { result } = played.next()
  assert.equal(result?.resultType, 'input_required')
  const params = {
    name: 'slow',
    requestState: result?.requestState,
    inputResponses: { 'elicitation-1': { action: 'decline' } },
  }
  played.send(modern(2, 'tools/call', params, { elicitation: {} }))
  assert.deepEqual(played.remote.messages.at(-1)?.result, { action: 'decline' })
  played.remote.answer(fetching, { content: [] })
  assert.equal(played.next().id, 2)
})

test('an error on the way to a task’s result is the answer', async (t) => {
  const { played } = await task(t, 'working')
  t.mock.timers.tick(200)
  played.remote.fail(played.remote.last('tasks/get'), -32602)
  assert.equal(played.next().error?.code, -32602)
  t.mock.timers.tick(10_000)
  assert.equal(subscriptions(played, 'tasks/get').length, 1)
})

for (const when of ['before it is known', 'while it runs'])
  test(`a task that is cancelled ${when}`, async (t) => {
    const { played, request } = await task(t, when === 'while it runs' ? 'working' : '')
    played.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
    if (when === 'while it runs') assert.deepEqual(played.remote.last('tasks/cancel').params, { taskId: 'T' })
    else {
      assert.equal(played.remote.last('notifications/cancelled').params?.requestId, request.id)
      played.remote.answer(request, { task: { taskId: 'T', status: 'working' } })
      assert.deepEqual(played.remote.last('tasks/cancel').params, { taskId: 'T' })
    }
    t.mock.timers.tick(10_000)
    assert.equal(subscriptions(played, 'tasks/get').length, 0)
    played.nothing()
  })

test('a task that is given up at the end may still be cancelled before the session is ended', async (t) => {
  const { played } = await task(t, 'working')
  const closed = played.translation.close()
  await settled()
  assert.deepEqual(played.remote.last('tasks/cancel').params, { taskId: 'T' })
  assert.equal(played.remote.isClosed, false)
  t.mock.timers.tick(1000)
  await closed
  assert.equal(played.remote.isClosed, true)
})

test('a remote that does not run tools as tasks is called as ever', async (t) => {
  const { request } = await task(t, '', {
    initialize: (asked, remote) => accept(asked, remote, { tools: {}, tasks: {} }),
  })
  assert.deepEqual(request.params, { name: 'slow' })
})
