// A tool that answers with a task is a call that takes its time. protocol.md D.10; SEP-2663.
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Line, type LineOptions, META, type Seen, startLine } from './modern-line.ts'

const CALL =
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","_meta":{"progressToken":"p"}}}'
const ELICIT =
  '{"method":"elicitation/create","params":{"message":"m","requestedSchema":{"type":"object","properties":{}}}}'
const LOST = '"error":{"code":-32603,"message":"gone","data":{"origin":"mcp-ferry","kind":"refused"}}'

const state = (status: string, rest = '', type = 'complete'): string =>
  `"result":{"resultType":"${type}","taskId":"t\\u002f1","status":"${status}","createdAt":"x","lastUpdatedAt":"x","ttlMs":null,"pollIntervalMs":20${rest}}`

/** A call that has become a task. */
async function started(
  options?: LineOptions,
  seed = state('working', ',"statusMessage":"on \\"it\\""', 'task'),
): Promise<Line> {
  const line = startLine(options)
  await line.host.next(({ id }) => id === 0)
  line.fromHost(CALL)
  line.reply(await line.remote.next('tools/call'), seed)
  return line
}

const answered = (line: Line): Promise<Seen> => line.host.next(({ id }) => id === 1)

test('it is asked after until it is done, each step is shown, and its result is the answer', async () => {
  const line = await started()
  const poll = await line.remote.next('tasks/get')
  assert.equal(poll.params.taskId, 't/1')
  const meta = poll.params._meta as Record<string, unknown>
  assert.equal(meta[`${META}protocolVersion`], '2026-07-28')
  line.reply(poll, state('working', ',"statusMessage":"half"'))
  line.reply(await line.remote.next('tasks/get'), state('working', '', 'task'))
  line.reply(
    await line.remote.next('tasks/get'),
    state(
      'completed',
      ',"result":{"resultType":"complete","content":[ {"n":1.0} ],"structuredContent":{"n":9007199254740993}}',
    ),
  )
  assert.equal(
    (await answered(line)).text,
    '{"jsonrpc":"2.0","id":1,"result":{"content":[ {"n":1.0} ],"structuredContent":{"n":9007199254740993}}}',
  )
  assert.deepEqual(
    line.host.rest().map(({ method, params }) => [method, params]),
    [
      ['notifications/progress', { progressToken: 'p', progress: 1, message: 'on "it"' }],
      ['notifications/progress', { progressToken: 'p', progress: 2, message: 'half' }],
      ['notifications/progress', { progressToken: 'p', progress: 3 }],
    ],
  )
})

for (const [status, rest, error] of [
  [
    'failed',
    ',"error":{"code":-32000,"message":"m","data":{"n":1}}',
    { code: -32000, message: 'm', data: { n: 1 } },
  ],
  ['failed', ',"statusMessage":"why"', { code: -32603, message: 'why' }],
  ['cancelled', '', { code: -32603, message: 'the server cancelled the task' }],
] as const)
  test(`a task that is ${status} is an error of the call: ${error.message}`, async () => {
    const line = await started()
    line.reply(await line.remote.next('tasks/get'), state(status, rest))
    assert.deepEqual((await answered(line)).error, error)
  })

for (const [what, member] of [
  ['a status that nobody knows', state('asleep')],
  ['no result though completed', state('completed')],
  ['a type that nobody knows', state('working', '', 'riddle')],
] as const)
  test(`a task with ${what} is an error`, async () => {
    const line = await started()
    line.reply(await line.remote.next('tasks/get'), member)
    assert.equal((await answered(line)).error?.data?.kind, 'protocol')
  })

test('a task without a name is an error', async () => {
  const line = await started({}, '"result":{"resultType":"task","status":"working"}')
  assert.equal((await answered(line)).error?.data?.kind, 'protocol')
})

test('a task that was over when it was made is asked for its result at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const line = await started({}, state('completed', '', 'task'))
  line.reply(await line.remote.next('tasks/get'), state('completed', ',"result":{"content":[]}'))
  assert.deepEqual((await answered(line)).result, { content: [] })
})

test('what it asks is put to the host once, however often it is asked after, and told by tasks/update', async () => {
  const line = await started()
  const asks = state('input_required', `,"inputRequests":{"k 1":${ELICIT}}`)
  line.reply(await line.remote.next('tasks/get'), asks)
  const question = await line.host.next('elicitation/create')
  line.reply(await line.remote.next('tasks/get'), asks)
  const poll = await line.remote.next('tasks/get')
  line.fromHost(`{"jsonrpc":"2.0","id":"${question.id}","result":{"action":"accept","content":{"n":1.0}}}`)
  const update = await line.remote.next('tasks/update')
  assert.ok(
    update.text.includes('"inputResponses":{"k 1":{"action":"accept","content":{"n":1.0}}}'),
    update.text,
  )
  assert.equal(update.params.taskId, 't/1')
  line.reply(update, '"result":{"resultType":"complete"}')
  line.reply(poll, asks)
  line.reply(await line.remote.next('tasks/get'), state('completed', ',"result":{"content":[]}'))
  await answered(line)
  assert.deepEqual(
    [...line.host.rest(), ...line.remote.rest()].filter(({ method }) => method !== 'notifications/progress'),
    [],
  )
})

test('answers that the remote could not be told are told again', async () => {
  const line = await started()
  const asks = state('input_required', `,"inputRequests":{"k":${ELICIT}}`)
  line.reply(await line.remote.next('tasks/get'), asks)
  const question = await line.host.next('elicitation/create')
  line.fromHost(`{"jsonrpc":"2.0","id":"${question.id}","result":{"action":"decline"}}`)
  line.reply(await line.remote.next('tasks/update'), LOST)
  line.reply(await line.remote.next('tasks/get'), asks)
  assert.deepEqual((await line.remote.next('tasks/update')).params.inputResponses, {
    k: { action: 'decline' },
  })
})

test('what it asks and nobody can answer fails the call and stops the task', async () => {
  const line = await started({ capabilities: '{}' })
  line.reply(await line.remote.next('tasks/get'), state('input_required', `,"inputRequests":{"k":${ELICIT}}`))
  assert.equal((await answered(line)).result?.isError, true)
  assert.equal((await line.remote.next('tasks/cancel')).params.taskId, 't/1')
})

test('a task that ends takes back what it asked', async () => {
  const line = await started()
  line.reply(await line.remote.next('tasks/get'), state('input_required', `,"inputRequests":{"k":${ELICIT}}`))
  const { id } = await line.host.next('elicitation/create')
  line.reply(await line.remote.next('tasks/get'), state('completed', ',"result":{"content":[]}'))
  assert.equal((await line.host.next('notifications/cancelled')).params.requestId, id)
  await answered(line)
})

test('a host that cancels the call cancels the task', async () => {
  const line = await started()
  const poll = await line.remote.next('tasks/get')
  line.fromHost('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}')
  assert.equal((await line.remote.next('tasks/cancel')).params.taskId, 't/1')
  assert.equal((await line.remote.next('notifications/cancelled')).params.requestId, poll.id)
  line.reply(poll, state('completed', ',"result":{"content":[]}'))
  assert.ok(
    line.host.rest().every(({ method }) => method === 'notifications/progress'),
    'no answer',
  )
})

test('a remote that is gone for a while is waited for, and one that knows the task no more is believed', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const line = await started()
  for (let failure = 0; failure < 8; failure++) {
    t.mock.timers.tick(120_000)
    line.reply(await line.remote.next('tasks/get'), LOST)
  }
  t.mock.timers.tick(120_000)
  line.reply(await line.remote.next('tasks/get'), '"error":{"code":-32602,"message":"no such task"}')
  assert.deepEqual((await answered(line)).error, { code: -32602, message: 'no such task' })
})

test('a state that is too large is not asked for again: it would be so each time', async () => {
  const line = await started()
  const data = '{"origin":"mcp-ferry","kind":"too-large","maybeDelivered":true}'
  line.reply(await line.remote.next('tasks/get'), `"error":{"code":-32603,"message":"large","data":${data}}`)
  assert.equal((await answered(line)).error?.message, 'large')
})

test('a remote that stays away ends the call', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const line = await started()
  for (let failure = 0; failure < 9; failure++) {
    t.mock.timers.tick(120_000)
    line.reply(await line.remote.next('tasks/get'), LOST)
  }
  assert.equal((await answered(line)).error?.message, 'gone')
})
