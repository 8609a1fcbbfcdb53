// What a legacy server says, and what a modern host reads. protocol.md E.1, E.4, E.6–E.8; tests T62, T63.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { cancelLine, META, modern, modernCall } from '../fixtures/hosts/modern-words.ts'
import type { Host, Line } from '../fixtures/hosts/raw-host.ts'
import { sequence } from '../fixtures/servers/mcp-server.ts'
import type { Exchange, Handler } from '../fixtures/servers/raw-server.ts'
import type { SessionOptions, SessionServer } from '../fixtures/servers/session-server.ts'
import { bridge, resultOf, serveSessions, test } from './harness.ts'

interface Pair {
  readonly host: Host
  readonly server: SessionServer
}

const CAPABILITIES = { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} }

async function pair(t: TestContext, options: SessionOptions = {}): Promise<Pair> {
  const server = await serveSessions(t, { getStream: true, capabilities: CAPABILITIES, ...options })
  return { host: bridge(t, { url: server.url }), server }
}

const done: Handler = (x) => x.result('{"content":[]}')

function codeOf({ value }: Line): number | undefined {
  return value.error?.code
}

const VISIT = {
  elicitations: [{ mode: 'url', elicitationId: 'e1', url: 'https://a.example/?q=1', message: 'Sign in' }],
}

test('a page that must be visited first is shown by the host, and the call is made once more', async (t) => {
  const { host, server } = await pair(t, {
    on: { 'tools/call': sequence((x) => x.error(-32042, 'visit', VISIT), done) },
  })
  host.send(modernCall(1, 'guarded'))
  const { inputRequests, requestState } = resultOf(await host.answer(1))
  assert.deepEqual(inputRequests, {
    'elicitation-1': {
      method: 'elicitation/create',
      params: { mode: 'url', url: 'https://a.example/?q=1', message: 'Sign in' },
    },
  })
  const inputResponses = { 'elicitation-1': { action: 'accept' } }
  host.send(modernCall(2, 'guarded', { requestState, inputResponses }))
  assert.equal(resultOf(await host.answer(2)).resultType, 'complete')
  assert.equal(server.ran('tools/call').length, 2)
  await host.finish()
})

test('a host that cannot show pages is told that this is what is missing', async (t) => {
  const { host } = await pair(t, { on: { 'tools/call': (x) => x.error(-32042, 'visit', VISIT) } })
  host.send(modernCall(1, 'guarded', {}, { capabilities: { elicitation: {} } }))
  const line = await host.answer(1)
  assert.equal(codeOf(line), -32021, line.raw)
  assert.deepEqual(line.value.error?.data, { requiredCapabilities: { elicitation: { url: {} } } })
  await host.finish()
})

test('errors that the modern era forbids are told in its words', async (t) => {
  const { host } = await pair(t, {
    on: {
      'resources/read': (x) => x.error(-32002, 'not found', { uri: 'test://x' }),
      'prompts/get': (x) => x.error(-32020, 'odd'),
    },
  })
  host.send(modern(1, 'resources/read', { uri: 'test://x' }))
  assert.equal(codeOf(await host.answer(1)), -32602)
  host.send(modern(2, 'prompts/get', { name: 'x' }))
  const line = await host.answer(2)
  assert.equal(codeOf(line), -32603)
  assert.deepEqual(line.value.error?.data, { originalCode: -32020 })
  await host.finish()
})

test('a request that lacks what each must have is refused, whatever the remote', async (t) => {
  const { host, server } = await pair(t)
  host.send(modern(1, 'tools/list'))
  assert.equal(resultOf(await host.answer(1)).ttlMs, 0)
  const { length } = server.requests
  host.send(modern(2, 'tools/list', {}, { meta: { [`${META}clientCapabilities`]: 'all' } }))
  assert.equal(codeOf(await host.answer(2)), -32602)
  host.send(modern(3, 'tools/list', {}, { meta: { [`${META}protocolVersion`]: '2099-01-01' } }))
  const line = await host.answer(3)
  assert.equal(codeOf(line), -32022, line.raw)
  assert.deepEqual(line.value.error?.data, {
    supported: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'],
    requested: '2099-01-01',
  })
  host.send(modern(4, 'ping'))
  assert.equal(codeOf(await host.answer(4)), -32601)
  assert.equal(server.requests.length, length)
  await host.finish()
})

test('arguments and results keep their bytes', async (t) => {
  const { host } = await pair(t)
  const args = '{"n":9007199254740993,"x":1e400,"y":1.0,"s":"\\u00e9\\/"}'
  host.send(modernCall(1, 'echo').replace('"arguments":{}', `"arguments":${args}`))
  const { raw } = await host.answer(1)
  assert.ok(raw.includes(`"structuredContent":${args}`), raw)
  await host.finish()
})

const FILTER = { notifications: { toolsListChanged: true, resourceSubscriptions: ['test://a', 'test://no'] } }
const SUBSCRIBE: Readonly<Record<string, Handler>> = {
  'resources/subscribe': (x) =>
    x.message.params?.uri === 'test://no' ? x.error(-32002, 'not found') : x.result('{}'),
  'resources/unsubscribe': (x) => x.result('{}'),
}

test('a listen is acknowledged with what is possible, told of it, and ends with a cancellation', async (t) => {
  const { host, server } = await pair(t, { on: SUBSCRIBE })
  for (const id of ['7', 7]) {
    host.send(modern(id, 'subscriptions/listen', FILTER))
    const { value } = await host.notification('notifications/subscriptions/acknowledged')
    assert.deepEqual(value.params, {
      _meta: { [`${META}subscriptionId`]: id },
      notifications: { toolsListChanged: true, resourceSubscriptions: ['test://a'] },
    })
  }
  assert.equal(
    server.ran('resources/subscribe').filter(({ message }) => message.params?.uri === 'test://a').length,
    1,
  )
  server.push({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'test://a' } })
  const ids = new Set<unknown>()
  for (let count = 0; count < 2; count++) {
    const { value } = await host.notification('notifications/resources/updated')
    ids.add((value.params!._meta as Record<string, unknown>)[`${META}subscriptionId`])
  }
  assert.deepEqual(ids, new Set(['7', 7]))
  host.send(cancelLine('7'))
  host.send(cancelLine(7))
  const { message } = await server.request(({ message: sent }) => sent.method === 'resources/unsubscribe')
  assert.equal(message.params?.uri, 'test://a')
  await host.finish()
})

test('a listen ends with a result when the host closes its end', async (t) => {
  const { host } = await pair(t)
  host.send(modern('l', 'subscriptions/listen', FILTER))
  await host.notification('notifications/subscriptions/acknowledged')
  host.endInput()
  const { resultType, _meta } = resultOf(await host.answer('l'))
  assert.equal(resultType, 'complete')
  assert.deepEqual(_meta, { [`${META}subscriptionId`]: 'l' })
  await host.finish()
})

test('a server without a stream for unasked messages honours nothing', async (t) => {
  const { host, server } = await pair(t, { getStream: false, on: SUBSCRIBE })
  host.send(modern(1, 'subscriptions/listen', FILTER))
  const { value } = await host.notification('notifications/subscriptions/acknowledged')
  assert.deepEqual(value.params?.notifications, {})
  assert.equal(server.ran('resources/subscribe').length, 0)
  host.endInput()
  await host.finish()
})

for (const [how, isHonoured] of [
  ['opened', true],
  ['refused', false],
] as const)
  test(`a stream for unasked messages that is ${how} late: the listen waits for that`, async (t) => {
    const gets: Exchange[] = []
    const { host, server } = await pair(t, { on: { ...SUBSCRIBE, GET: (x) => void gets.push(x) } })
    host.send(modern(1, 'subscriptions/listen', { notifications: { toolsListChanged: true } }))
    await server.request(({ method }) => method === 'GET')
    host.send(modern(2, 'tools/list'))
    resultOf(await host.answer(2))
    if (isHonoured) gets[0]!.sse()
    else gets[0]!.reply(405)
    const { value } = await host.notification('notifications/subscriptions/acknowledged')
    assert.deepEqual(value.params?.notifications, isHonoured ? { toolsListChanged: true } : {})
    host.endInput()
    await host.finish()
  })

test('a session that is lost: listens are subscribed again, and told that there may be changes', async (t) => {
  const { host, server } = await pair(t, { on: SUBSCRIBE })
  host.send(modern(1, 'subscriptions/listen', FILTER))
  await host.notification('notifications/subscriptions/acknowledged')
  server.forget()
  host.send(modernCall(2, 'echo'))
  resultOf(await host.answer(2))
  const { value } = await host.notification('notifications/tools/list_changed')
  assert.deepEqual(value.params?._meta, { [`${META}subscriptionId`]: 1 })
  const uris = server.ran('resources/subscribe').map(({ message }) => message.params?.uri)
  assert.equal(uris.filter((uri) => uri === 'test://a').length, 2)
  await host.finish({ stderr: 'any' })
})

test('logs come with the request that wants them, from the level on that it wants', async (t) => {
  const log = (level: string) => ({
    jsonrpc: '2.0',
    method: 'notifications/message',
    params: { level, data: level },
  })
  const { host, server } = await pair(t, {
    on: {
      'tools/call'(x) {
        const stream = x.sse()
        for (const level of ['debug', 'warning']) stream.message(log(level))
        stream.result('{"content":[]}')
      },
    },
  })
  host.send(modernCall(1, 'noisy'))
  resultOf(await host.answer(1))
  host.send(modernCall(2, 'noisy', {}, { meta: { [`${META}logLevel`]: 'info' } }))
  resultOf(await host.answer(2))
  const logs = host.lines.filter(({ value }) => value.method === 'notifications/message')
  assert.deepEqual(
    logs.map(({ value }) => value.params?.level),
    ['warning'],
  )
  assert.deepEqual(
    server.ran('logging/setLevel').map(({ message }) => message.params),
    [{ level: 'info' }],
  )
  await host.finish()
})

test('roots that the server asks for at no request’s time are asked for with the next call', async (t) => {
  const { host, server } = await pair(t)
  host.send(modern(1, 'tools/list'))
  resultOf(await host.answer(1))
  await server.request(({ method }) => method === 'GET')
  server.push({ jsonrpc: '2.0', id: 'r', method: 'roots/list' })
  server.push({ jsonrpc: '2.0', id: 'seen', method: 'ping' })
  await server.request(({ message }) => message.id === 'seen')
  host.send(modernCall(2, 'echo'))
  const { inputRequests, requestState } = resultOf(await host.answer(2))
  assert.deepEqual(inputRequests, { 'roots-1': { method: 'roots/list' } })
  assert.equal(server.ran('tools/call').length, 0)
  const inputResponses = { 'roots-1': { roots: [{ uri: 'file:///a' }] } }
  host.send(modernCall(3, 'echo', { requestState, inputResponses }))
  resultOf(await host.answer(3))
  const { message } = await server.request(
    ({ message: sent }) => sent.id === 'r' && sent.method === undefined,
  )
  assert.deepEqual(message.result, { roots: [{ uri: 'file:///a' }] })
  await host.finish()
})

test('a tool that runs as a task only is called like any other', async (t) => {
  const task = (status: string) => JSON.stringify({ taskId: 'T', status, pollInterval: 50 })
  const { host, server } = await pair(t, {
    capabilities: { tools: {}, tasks: { requests: { tools: { call: {} } } } },
    on: {
      'tools/list': (x) =>
        x.result(
          '{"tools":[{"name":"slow","inputSchema":{"type":"object"},"execution":{"taskSupport":"required"}}]}',
        ),
      'tools/call': (x) => x.result(`{"task":${task('working')}}`),
      'tasks/get': sequence(
        (x) => x.result(task('working')),
        (x) => x.result(task('completed')),
      ),
      'tasks/result': (x) => x.result('{"content":[{"type":"text","text":"at last"}]}'),
    },
  })
  host.send(modern(1, 'tools/list'))
  const { tools } = resultOf(await host.answer(1))
  assert.deepEqual(tools, [{ name: 'slow', inputSchema: { type: 'object' } }])
  host.send(modernCall(2, 'slow'))
  assert.deepEqual(resultOf(await host.answer(2)).content, [{ type: 'text', text: 'at last' }])
  assert.deepEqual(server.ran('tools/call')[0]?.message.params?.task, {})
  await host.finish()
})
