// A modern remote that must ask before it can answer: the host is asked, and the request sent again. protocol.md D.7.
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { type Line, type LineOptions, type Seen, startLine } from './modern-line.ts'

const CALL =
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"n":1.0},"_meta":{"progressToken":1}}}'
const ELICIT =
  '{"method":"elicitation/create","params":{"mode":"form","message":"m","requestedSchema":{"type":"object","properties":{}}}}'
const SAMPLE = '{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1.0}}'
const STATE = '"a\\"\\u00e9😀 \\\\ "'

const required = (requests: string | undefined, state?: string): string =>
  `"result":{"resultType":"input_required"${requests === undefined ? '' : `,"inputRequests":${requests}`}${state === undefined ? '' : `,"requestState":${state}`}}`

/** A call that the remote has answered so. */
async function asked(requests: string | undefined, state?: string, options?: LineOptions): Promise<Line> {
  const line = startLine(options)
  await line.host.next(({ id }) => id === 0)
  line.fromHost(CALL)
  line.reply(await line.remote.next('tools/call'), required(requests, state))
  return line
}

const answer = (line: Line, { id }: Seen, member: string): void =>
  line.fromHost(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${member}}`)

const isRetry = ({ method, id }: Seen): boolean => method === 'tools/call' && id !== 1

test('what is asked in one round is asked of the host at once, and told under the keys with the exact state', async () => {
  const line = await asked(`{"a b":${ELICIT},"é":${SAMPLE},"r":{"method":"roots/list"}}`, STATE)
  const elicitation = await line.host.next('elicitation/create')
  const sampling = await line.host.next('sampling/createMessage')
  const roots = await line.host.next('roots/list')
  assert.ok(sampling.text.endsWith(',"params":{"messages":[],"maxTokens":1.0}}'), sampling.text)
  assert.ok(!roots.text.includes('params'), roots.text)
  answer(line, sampling, '"result":{"role":"assistant","n":1.0}')
  answer(line, roots, '"result":{"roots":[]}')
  assert.deepEqual(line.remote.rest(), [], 'not before all is answered')
  answer(line, elicitation, '"result":{"action":"accept", "content":{"x":9007199254740993}}')
  const retry = await line.remote.next(isRetry)
  assert.ok(retry.text.includes('"arguments":{"n":1.0}'), retry.text)
  assert.ok(retry.text.includes(`"requestState":${STATE}`), retry.text)
  for (const part of [
    '"a b":{"action":"accept", "content":{"x":9007199254740993}}',
    '"é":{"role":"assistant","n":1.0}',
    '"r":{"roots":[]}',
  ])
    assert.ok(retry.text.includes(part), `${part} in ${retry.text}`)
  line.reply(retry, required(`{"k":${ELICIT}}`))
  const second = await line.host.next('elicitation/create')
  assert.notEqual(second.id, elicitation.id)
  answer(line, second, '"result":{"action":"decline"}')
  const last = await line.remote.next(isRetry)
  assert.deepEqual(last.params.inputResponses, { k: { action: 'decline' } }, 'this round only')
  assert.ok(!('requestState' in last.params), 'no state was given in this round')
  assert.notEqual(last.id, retry.id)
  line.reply(last, '"result":{"resultType":"complete","content":[]}')
  assert.deepEqual((await line.host.next(({ id }) => id === 1)).result, { content: [] })
  assert.deepEqual(line.host.rest(), [])
})

test('a host that refuses to answer a person’s question has cancelled it', async () => {
  const line = await asked(`{"k":${ELICIT}}`)
  answer(line, await line.host.next('elicitation/create'), '"error":{"code":-32603,"message":"m"}')
  assert.deepEqual((await line.remote.next(isRetry)).params.inputResponses, { k: { action: 'cancel' } })
})

test('a host that cannot sample makes the tool fail, and is not asked further', async () => {
  const line = await asked(`{"s":${SAMPLE},"k":${ELICIT}}`)
  const open = await line.host.next('elicitation/create')
  answer(line, await line.host.next('sampling/createMessage'), '"error":{"code":-1,"message":"no model"}')
  assert.equal((await line.host.next('notifications/cancelled')).params.requestId, open.id)
  const { result } = await line.host.next(({ id }) => id === 1)
  assert.equal(result?.isError, true)
  assert.match(JSON.stringify(result?.content), /Input required by 't'.*no model/)
  answer(line, open, '"result":{"action":"accept"}')
  assert.deepEqual(line.remote.rest(), [])
})

for (const [what, requests, options] of [
  ['something that nobody knows', '{"k":{"method":"other/ask"}}', {}],
  ['what is no object', '{"k":7}', {}],
  ['nothing', undefined, {}],
  ['sampling that the host has not declared', `{"k":${SAMPLE}}`, { capabilities: '{"elicitation":{}}' }],
  [
    'a url of a host that only knows forms',
    '{"k":{"method":"elicitation/create","params":{"mode":"url","url":"https://x.example"}}}',
    { capabilities: '{"elicitation":{}}' },
  ],
  [
    'a form of a host that only knows urls',
    `{"k":${ELICIT}}`,
    { capabilities: '{"elicitation":{"url":{}}}' },
  ],
] as const)
  test(`a remote that asks for ${what} makes the tool fail`, async () => {
    const line = await asked(requests, undefined, options)
    assert.equal((await line.host.next(({ id }) => id === 1)).result?.isError, true)
    assert.deepEqual(line.host.rest(), [], 'the host is not asked')
  })

test('a prompt that cannot be completed is an error', async () => {
  const line = startLine({ capabilities: '{}' })
  line.fromHost('{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"p"}}')
  line.reply(await line.remote.next('prompts/get'), required(`{"k":${ELICIT}}`))
  const { error } = await line.host.next(({ id }) => id === 1)
  assert.equal(error?.data?.kind, 'not-translatable')
})

test('a url to open gets the id that hosts of 2025-11-25 require, and keeps one that it has', async () => {
  const entry = (more: string): string =>
    `{"method":"elicitation/create","params":{"mode":"url","url":"https://x.example","message":"m"${more}}}`
  const line = await asked(`{"a":${entry('')},"b":${entry(',"elicitationId":"given"')}}`)
  const ids = [await line.host.next('elicitation/create'), await line.host.next('elicitation/create')]
  assert.deepEqual(
    ids.map(({ params }) => params.elicitationId),
    ['uuid-1', 'given'],
  )
})

test('a host of 2025-06-18 gets the form as it was then', async () => {
  const schema = (choice: string): string =>
    `{"type":"object","properties":{"c":${choice},"n":{"default":1.0}}}`
  const form = `{"method":"elicitation/create","params":{"mode":"form","message":"m","requestedSchema":${schema('{"type":"string","oneOf":[{"const":"a","title":"A"},{"const":"b"}]}')}}}`
  const line = await asked(`{"k":${form}}`, undefined, { version: '2025-06-18' })
  const { text } = await line.host.next('elicitation/create')
  assert.ok(
    text.endsWith(
      `"params":{"message":"m","requestedSchema":${schema('{"type":"string","enum":["a","b"],"enumNames":["A","b"]}')}}}`,
    ),
    text,
  )
})

test('no more than sixteen questions are open at a time, and all are asked', async () => {
  const requests = Array.from({ length: 20 }, (_, at) => `"k${at}":${ELICIT}`)
  const line = await asked(`{${requests.join(',')}}`)
  const open = line.host.rest()
  assert.equal(open.length, 16)
  for (let at = 0; at < 20; at++)
    answer(
      line,
      await line.host.next('elicitation/create'),
      `"result":{"action":"accept","content":{"at":${at}}}`,
    )
  const retry = await line.remote.next(isRetry)
  assert.equal(Object.keys(retry.params.inputResponses as object).length, 20)
})

test('a remote that only wants to be asked again is, after ever longer waits, and not for ever', async (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const line = await asked(undefined, '"s0"')
  for (const [round, waitMs] of [250, 500, 1000, 2000, 4000, 5000, 5000, 5000, 5000, 5000].entries()) {
    t.mock.timers.tick(waitMs - 1)
    assert.deepEqual(line.remote.rest(), [], `round ${round} is not early`)
    t.mock.timers.tick(1)
    const retry = await line.remote.next(isRetry)
    assert.equal(retry.params.requestState, `s${round}`)
    assert.ok(!('inputResponses' in retry.params), 'nothing was asked')
    line.reply(retry, required(undefined, `"s${round + 1}"`))
  }
  const { result } = await line.host.next(({ id }) => id === 1)
  assert.match(JSON.stringify(result), /more than 10 times/)
})

test('a thousand things may be asked in one round, and not one more', async () => {
  const roots = (count: number): string =>
    `{${Array.from({ length: count }, (_, n) => `"k${n}":{"method":"roots/list"}`).join(',')}}`
  const most = await asked(roots(1000))
  assert.equal((await most.host.next('roots/list')).method, 'roots/list')
  const more = await asked(roots(1001))
  const { result } = await more.host.next(({ id }) => id === 1)
  assert.match(JSON.stringify(result), /asks for more than 1000 things at once/)
  assert.deepEqual(more.host.rest(), [])
})

test('a host that cancels is not asked any more', async () => {
  const line = await asked(`{"k":${ELICIT}}`)
  const open = await line.host.next('elicitation/create')
  line.fromHost('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}')
  assert.equal((await line.host.next('notifications/cancelled')).params.requestId, open.id)
  answer(line, open, '"result":{"action":"accept"}')
  assert.deepEqual([...line.remote.rest(), ...line.host.rest()], [])
})

test('a host that has closed its input answers nothing more: a person’s question is cancelled, a model’s fails', async () => {
  const line = await asked(`{"k":${ELICIT}}`)
  await line.host.next('elicitation/create')
  line.translation.inputEnded()
  const retry = await line.remote.next(isRetry)
  assert.deepEqual(retry.params.inputResponses, { k: { action: 'cancel' } })
  line.reply(retry, required(`{"k":${SAMPLE}}`))
  assert.equal((await line.host.next(({ id }) => id === 1)).result?.isError, true)
})

test('progress goes on over the legs and never back', async () => {
  const line = await asked(`{"k":${ELICIT}}`)
  const progress = (value: number): void =>
    line.fromRemote(
      `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":${value}}}`,
    )
  progress(2)
  answer(line, await line.host.next('elicitation/create'), '"result":{"action":"accept"}')
  await line.remote.next(isRetry)
  for (const value of [1, 2, 3]) progress(value)
  assert.deepEqual(
    line.host.rest().map(({ params }) => params.progress),
    [2, 3],
  )
})
