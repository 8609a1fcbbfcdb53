// A modern server that must ask before it can answer, and a legacy host that is asked; tools that become tasks.
// protocol.md D.7, D.10; T54, T55.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Host, Line } from '../fixtures/hosts/raw-host.ts'
import { sequence } from '../fixtures/servers/mcp-server.ts'
import { META, type ModernServer, modernServer, param } from '../fixtures/servers/modern-server.ts'
import type { Handler } from '../fixtures/servers/raw-server.ts'
import { bridge, call, notify, request, resultOf, test } from './harness.ts'

const CAPABILITIES = { tools: {}, extensions: { [`${META}tasks`]: {} } }
const HOST = { sampling: {}, roots: {}, elicitation: { form: {}, url: {} } }
const FORM = {
  message: 'Who?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
}
const ELICIT = { method: 'elicitation/create', params: { mode: 'form', ...FORM } }
const SAMPLE = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 5 } }
const STATE = `"q\\"\\u00e9😀 ${'x'.repeat(5000)}"`

async function connected(
  t: TestContext,
  on: Readonly<Record<string, Handler>>,
): Promise<{ readonly host: Host; readonly server: ModernServer }> {
  const server = await modernServer({ capabilities: CAPABILITIES, on })
  t.after(() => server.close())
  const host = bridge(t, { url: server.url })
  const clientInfo = { name: 'raw-host', version: '1.0.0' }
  host.send(request('i', 'initialize', { protocolVersion: '2025-11-25', capabilities: HOST, clientInfo }))
  resultOf(await host.answer('i'))
  host.send(notify('notifications/initialized'))
  return { host, server }
}

const requires =
  (inputRequests?: unknown, requestState?: string): Handler =>
  (x) => {
    const asks = inputRequests === undefined ? '' : `,"inputRequests":${JSON.stringify(inputRequests)}`
    const state = requestState === undefined ? '' : `,"requestState":${requestState}`
    x.result(`{"resultType":"input_required"${asks}${state}}`)
  }
const done: Handler = (x) => x.result('{"resultType":"complete","content":[{"type":"text","text":"done"}]}')
const asking =
  (method: string) =>
  (line: Line): boolean =>
    line.value.method === method

function reply(host: Host, { value }: Line, member: string): void {
  host.send(`{"jsonrpc":"2.0","id":${JSON.stringify(value.id)},${member}}`)
}

test('a round of two questions, and one more: the retries have new ids, the answers and the exact state (T54)', async (t) => {
  const { host, server } = await connected(t, {
    'tools/call': sequence(requires({ who: ELICIT, say: SAMPLE }, STATE), requires({ again: ELICIT }), done),
  })
  host.send(call('c', { n: 1 }))
  const form = await host.line(asking('elicitation/create'))
  const sample = await host.line(asking('sampling/createMessage'))
  assert.deepEqual(sample.value.params, SAMPLE.params)
  reply(host, sample, '"result":{"role":"assistant","model":"m","content":{"type":"text","text":"1.0"}}')
  reply(host, form, '"result":{"action":"accept","content":{"n":9007199254740993}}')
  const second = await host.line(asking('elicitation/create'))
  reply(host, second, '"result":{"action":"decline"}')
  assert.equal(resultOf(await host.answer('c')).resultType, undefined)
  const [first, retry, last] = server.sent('tools/call')
  assert.equal(new Set([first, retry, last].map((x) => x?.rawId)).size, 3)
  assert.equal(param(retry!, 'requestState'), STATE)
  assert.ok(retry!.text.includes('"who":{"action":"accept","content":{"n":9007199254740993}}'), retry!.text)
  assert.deepEqual(last!.message.params?.inputResponses, { again: { action: 'decline' } })
  assert.ok(!('requestState' in (last!.message.params ?? {})), 'no state where none was given')
  assert.deepEqual(last!.message.params?.arguments, { n: 1 })
  await host.finish()
})

test('a url has an elicitationId; an error of a person’s question cancels it, of a model’s fails the tool (T55)', async (t) => {
  const url = {
    method: 'elicitation/create',
    params: { mode: 'url', url: 'https://x.example/', message: 'm' },
  }
  const { host, server } = await connected(t, {
    'tools/call': sequence(requires({ open: url }), requires({ say: SAMPLE })),
  })
  host.send(call('c'))
  const open = await host.line(asking('elicitation/create'))
  assert.match(String(open.value.params?.elicitationId), /^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  reply(host, open, '"error":{"code":-32603,"message":"no browser"}')
  reply(host, await host.line(asking('sampling/createMessage')), '"error":{"code":-1,"message":"no model"}')
  const result = resultOf(await host.answer('c'))
  assert.equal(result.isError, true)
  assert.match(JSON.stringify(result.content), /no model/)
  assert.deepEqual(server.sent('tools/call')[1]?.message.params?.inputResponses, {
    open: { action: 'cancel' },
  })
  await host.finish()
})

test('a server that only wants to be asked again is', async (t) => {
  const { host, server } = await connected(t, { 'tools/call': sequence(requires(undefined, '"s"'), done) })
  host.send(call('c'))
  resultOf(await host.answer('c'))
  assert.equal(server.sent('tools/call')[1]?.message.params?.requestState, 's')
  await host.finish()
})

test('a host that cancels while it is asked is not asked any more', async (t) => {
  const { host, server } = await connected(t, { 'tools/call': requires({ who: ELICIT }) })
  host.send(call('c'))
  const open = await host.line(asking('elicitation/create'))
  host.send(notify('notifications/cancelled', { requestId: 'c' }))
  const { value } = await host.notification('notifications/cancelled')
  assert.equal(value.params?.requestId, open.value.id)
  reply(host, open, '"result":{"action":"decline"}')
  host.send(request('l', 'tools/list'))
  resultOf(await host.answer('l'))
  assert.equal(server.sent('tools/call').length, 1)
  await host.finish({ unanswered: 'any' })
})

const task = (status: string, rest = ''): string =>
  `{"resultType":"${status === 'made' ? 'task' : 'complete'}","taskId":"t/é","status":"${status === 'made' ? 'working' : status}","createdAt":"x","lastUpdatedAt":"x","ttlMs":null,"pollIntervalMs":20${rest}}`
const state =
  (status: string, rest?: string): Handler =>
  (x) =>
    x.result(task(status, rest))

test('a task is driven to its end: progress, a question, its result (D.10)', async (t) => {
  const asks = state('input_required', `,"inputRequests":${JSON.stringify({ who: ELICIT })}`)
  let isTold = false
  const { host, server } = await connected(t, {
    'tools/call': state('made', ',"statusMessage":"begun"'),
    'tasks/get': sequence(state('working', ',"statusMessage":"half"'), (x) =>
      (isTold ? state('completed', ',"result":{"content":[],"structuredContent":{"n":1.0}}') : asks)(x),
    ),
    'tasks/update': (x) => {
      isTold = true
      x.result('{"resultType":"complete"}')
    },
  })
  host.send(request('c', 'tools/call', { name: 'slow', arguments: {}, _meta: { progressToken: 'p' } }))
  reply(host, await host.line(asking('elicitation/create')), '"result":{"action":"accept","content":{}}')
  const answer = await host.answer('c')
  assert.equal(answer.raw, '{"jsonrpc":"2.0","id":"c","result":{"content":[],"structuredContent":{"n":1.0}}}')
  assert.equal(host.lines.filter(asking('elicitation/create')).length, 1, 'asked once')
  const shown = host.lines.filter(asking('notifications/progress')).map(({ value }) => value.params)
  assert.deepEqual(
    shown.slice(0, 2).map((params) => [params?.progress, params?.message]),
    [
      [1, 'begun'],
      [2, 'half'],
    ],
  )
  assert.deepEqual(server.sent('tasks/update')[0]?.message.params?.inputResponses, {
    who: { action: 'accept', content: {} },
  })
  await host.finish()
})

test('progress that no number of JavaScript holds is passed on, and a task behind it is answered all the same', async (t) => {
  const { host } = await connected(t, {
    'tools/call': (x) => {
      const stream = x.sse()
      const params = '{"progressToken":"p","progress":1e400}'
      stream.message(`{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}`)
      stream.result(task('made', ',"statusMessage":"begun"'))
      stream.end()
    },
    'tasks/get': state('completed', ',"result":{"content":[]}'),
  })
  host.send(request('c', 'tools/call', { name: 'slow', arguments: {}, _meta: { progressToken: 'p' } }))
  resultOf(await host.answer('c'))
  const shown = host.lines.filter(asking('notifications/progress')).map(({ raw }) => raw)
  assert.deepEqual(
    shown.map((line) => /"progress":([^,}]+)/.exec(line)?.[1]),
    ['1e400', '1'],
  )
  await host.finish()
})

test('a host that cancels a call cancels the task that it has become', async (t) => {
  const { host, server } = await connected(t, {
    'tools/call': state('made'),
    'tasks/get': state('working'),
    'tasks/cancel': (x) => x.result('{"resultType":"complete"}'),
  })
  host.send(call('c'))
  await server.request(({ message }) => message.method === 'tasks/get')
  host.send(notify('notifications/cancelled', { requestId: 'c' }))
  const cancel = await server.request(({ message }) => message.method === 'tasks/cancel')
  assert.equal(cancel.message.params?.taskId, 't/é')
  await host.finish({ unanswered: 'any' })
})
