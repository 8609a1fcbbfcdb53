// What a legacy server asks in the middle of a call: the host is asked in the answer, and goes on with another request.
// protocol.md E.5, E.6.
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import {
  META,
  type Message,
  modern,
  opened,
  type Played,
  type Script,
  SERVER_INFO,
  settled,
} from './scripted-remote.ts'

const ALL = { roots: {}, sampling: {}, elicitation: { form: {}, url: {} } }
const ELICITATION = { message: 'Who?', requestedSchema: { type: 'object', properties: {} } }

/** A session whose time the test lets pass. */
async function timed(t: TestContext, capabilities: unknown = ALL, script: Script = {}): Promise<Played> {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] })
  return opened(capabilities, script)
}

function question(id: unknown, method = 'elicitation/create', params: unknown = ELICITATION) {
  return { jsonrpc: '2.0', id, method, params }
}

interface Asked {
  readonly inputRequests: Readonly<Record<string, { readonly method: string; readonly params?: unknown }>>
  readonly requestState: string
}

function asked(message: Message): Asked {
  assert.equal(message.result?.resultType, 'input_required', JSON.stringify(message))
  return message.result as unknown as Asked
}

const CALL = { name: 't', arguments: { n: 1 } }

/** Calls a tool, and returns the request that the remote got. */
function call(played: Played, id: unknown = 1, capabilities: unknown = ALL, more = {}) {
  played.send(modern(id, 'tools/call', CALL, capabilities, more))
  return played.remote.last('tools/call')
}

/** Has the host come back. */
function retry(
  played: Played,
  id: unknown,
  requestState: string,
  inputResponses: unknown,
  params: object = CALL,
) {
  played.send(modern(id, 'tools/call', { ...params, inputResponses, requestState }, ALL))
}

/** A call in which the server has asked once, and the host has been told. */
async function parked(t: TestContext, script: Script = {}) {
  const played = await timed(t, ALL, script)
  const request = call(played)
  played.remote.say(question('q'), request.id)
  t.mock.timers.tick(10)
  const { requestState } = asked(played.next())
  return { played, request, requestState }
}

const ACCEPT = { action: 'accept', content: { name: 'Ada' } }
const ANSWERED = { 'elicitation-1': ACCEPT }

/** What the remote got as answer to this question. */
function answerTo(played: Played, id: unknown): Message | undefined {
  return played.remote.messages.find((message) => message.id === id && message.method === undefined)
}

function countOf(played: Played, method: string): number {
  return played.remote.messages.filter((message) => message.method === method).length
}

test('a question ends the request, its retry answers it, and the call ends once', async (t) => {
  const { played, request, requestState } = await parked(t)
  assert.equal(answerTo(played, 'q'), undefined)
  retry(played, 2, requestState, ANSWERED)
  assert.deepEqual(answerTo(played, 'q')?.result, ACCEPT)
  played.nothing()
  played.remote.answer(request, { content: [] })
  const { id, result } = played.next()
  assert.equal(id, 2)
  assert.equal(result?.resultType, 'complete')
  assert.equal(countOf(played, 'tools/call'), 1)
})

test('questions that come together are asked together, without what only legacy hosts use', async (t) => {
  const played = await timed(t)
  const { id } = call(played)
  const params = {
    ...ELICITATION,
    task: { ttl: 1 },
    elicitationId: 'e',
    _meta: { progressToken: 5, [`${META}related-task`]: { taskId: 't' }, mine: 1.0 },
  }
  played.remote.say(question(0, 'elicitation/create', params), id)
  played.remote.say(question(1), id)
  played.remote.say({ jsonrpc: '2.0', id: 2, method: 'roots/list' }, id)
  played.remote.say(question('0', 'sampling/createMessage', { messages: [], maxTokens: 1 }), id)
  played.nothing()
  t.mock.timers.tick(10)
  const { result } = played.next()
  assert.deepEqual(result, {
    resultType: 'input_required',
    inputRequests: {
      'elicitation-1': { method: 'elicitation/create', params: { ...ELICITATION, _meta: { mine: 1 } } },
      'elicitation-2': { method: 'elicitation/create', params: ELICITATION },
      'roots-1': { method: 'roots/list' },
      'sampling-1': { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } },
    },
    requestState: 'token-1',
    _meta: { [`${META}serverInfo`]: SERVER_INFO },
  })
  const roots = { roots: [] }
  const sample = { role: 'assistant', content: { type: 'text', text: 'x' }, model: 'm' }
  retry(played, 2, 'token-1', {
    'elicitation-1': { action: 'decline' },
    'elicitation-2': ACCEPT,
    'roots-1': roots,
    'sampling-1': sample,
    'other-1': {},
  })
  assert.deepEqual(
    [0, 1, 2, '0'].map((asking) => answerTo(played, asking)?.result),
    [{ action: 'decline' }, ACCEPT, roots, sample],
  )
})

test('the server’s question and the host’s answer keep their bytes', async (t) => {
  const played = await timed(t)
  const { id } = call(played)
  const odd = '{ "n":9007199254740993, "x":1e400,"y":[1.0, "\\u00e9"] }'
  played.remote.say(`{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":${odd}}`, id)
  t.mock.timers.tick(10)
  assert.ok(played.told.at(-1)!.includes(`"params":${odd}`), played.told.at(-1)!)
  const head = JSON.stringify(modern(2, 'tools/call', CALL, ALL)).slice(0, -2)
  played.send(`${head},"requestState":"token-1","inputResponses":{"elicitation-1":${odd}}}}`)
  assert.equal(played.remote.heard.at(-1), `{"jsonrpc":"2.0","id":1,"result":${odd}}`)
})

test('a second question goes the same way, under another token', async (t) => {
  const { played, request, requestState } = await parked(t)
  retry(played, 2, requestState, ANSWERED)
  played.remote.say(question('q2'), request.id)
  t.mock.timers.tick(10)
  const second = asked(played.next())
  assert.notEqual(second.requestState, requestState)
  retry(played, 3, second.requestState, ANSWERED)
  assert.deepEqual(answerTo(played, 'q2')?.result, ACCEPT)
})

test('a question that comes while the host is away is asked at its retry', async (t) => {
  const { played, request, requestState } = await parked(t)
  played.remote.say(question('q2'), request.id)
  t.mock.timers.tick(10)
  played.nothing()
  retry(played, 2, requestState, ANSWERED)
  t.mock.timers.tick(10)
  const { inputRequests } = asked(played.next())
  assert.deepEqual(Object.keys(inputRequests), ['elicitation-1'])
  assert.equal(answerTo(played, 'q2'), undefined)
})

test('a question that comes while the host is away is not shown to a retry that declares less', async (t) => {
  const { played, request, requestState } = await parked(t)
  played.remote.say(question('s', 'sampling/createMessage', {}), request.id)
  const params = { ...CALL, inputResponses: ANSWERED, requestState }
  played.send(modern(2, 'tools/call', params, { elicitation: {} }))
  t.mock.timers.tick(10)
  played.nothing()
  assert.equal(answerTo(played, 's')?.error?.code, -32601)
  played.remote.answer(request, { content: [] })
  assert.equal(played.next().result?.resultType, 'complete')
})

test('calls that are parked at the same time are told apart', async (t) => {
  const played = await timed(t)
  const calls = [1, 2, 3].map((id) => call(played, id))
  const tokens = calls.map(({ id }, at) => {
    played.remote.say(question(`q${at}`), id)
    t.mock.timers.tick(10)
    return asked(played.next()).requestState
  })
  for (const at of [2, 0, 1]) {
    retry(played, 10 + at, tokens[at]!, { 'elicitation-1': { action: 'accept', content: { at } } })
    assert.deepEqual(answerTo(played, `q${at}`)?.result?.content, { at })
    played.remote.answer(calls[at]!, { content: [], at })
    const { id, result } = played.next()
    assert.deepEqual([id, result?.at], [10 + at, at])
  }
})

const BAD_RETRIES: readonly [string, (played: Played, token: string) => void][] = [
  [
    'altered arguments',
    (played, token) => retry(played, 2, token, ANSWERED, { ...CALL, arguments: { n: 2 } }),
  ],
  ['an unknown token', (played) => retry(played, 2, 'foreign', ANSWERED)],
  ['a token that is no string', (played) => retry(played, 2, 7 as unknown as string, ANSWERED)],
  [
    'another method',
    (played, token) => played.send(modern(2, 'prompts/get', { ...CALL, requestState: token }, ALL)),
  ],
]

for (const [what, send] of BAD_RETRIES)
  test(`a retry with ${what} is refused, and runs nothing`, async (t) => {
    const { played, requestState } = await parked(t)
    const { length } = played.remote.heard
    send(played, requestState)
    assert.equal(played.next().error?.code, -32602)
    assert.equal(played.remote.heard.length, length)
    retry(played, 3, requestState, ANSWERED)
    assert.deepEqual(answerTo(played, 'q')?.result, ACCEPT, 'the true one still counts')
  })

test('a token counts once', async (t) => {
  const { played, requestState } = await parked(t)
  retry(played, 2, requestState, ANSWERED)
  const { length } = played.remote.heard
  retry(played, 3, requestState, ANSWERED)
  const { id, error } = played.next()
  assert.deepEqual([id, error?.code], [3, -32602])
  assert.equal(played.remote.heard.length, length)
})

test('the order of a retry’s members does not matter', async (t) => {
  const { played, requestState } = await parked(t)
  const { name, arguments: given } = CALL
  retry(played, 2, requestState, ANSWERED, { arguments: given, name })
  assert.deepEqual(answerTo(played, 'q')?.result, ACCEPT)
})

for (const [what, responses] of [
  ['missing', {}],
  ['no object', { 'elicitation-1': 'accept' }],
  ['wrapped', { 'elicitation-1': { method: 'elicitation/create', result: ACCEPT } }],
] as const)
  test(`an answer that is ${what} is asked for again`, async (t) => {
    const { played, requestState } = await parked(t)
    retry(played, 2, requestState, responses)
    const again = asked(played.next())
    assert.notEqual(again.requestState, requestState)
    assert.deepEqual(Object.keys(again.inputRequests), ['elicitation-1'])
    assert.equal(answerTo(played, 'q'), undefined)
    retry(played, 3, again.requestState, ANSWERED)
    assert.deepEqual(answerTo(played, 'q')?.result, ACCEPT)
  })

test('what was answered is not asked for again', async (t) => {
  const played = await timed(t)
  const { id } = call(played)
  for (const asking of ['a', 'b']) played.remote.say(question(asking), id)
  t.mock.timers.tick(10)
  retry(played, 2, asked(played.next()).requestState, { 'elicitation-2': ACCEPT })
  const again = asked(played.next())
  assert.deepEqual(Object.keys(again.inputRequests), ['elicitation-1'])
  retry(played, 3, again.requestState, { 'elicitation-1': { action: 'decline' } })
  assert.deepEqual(answerTo(played, 'a')?.result, { action: 'decline' })
  assert.deepEqual(answerTo(played, 'b')?.result, ACCEPT)
})

test('an answer of the remote that comes while the host is away is given to the retry', async (t) => {
  const { played, request, requestState } = await parked(t)
  played.remote.answer(request, { content: [], isError: true })
  played.nothing()
  retry(played, 2, requestState, {})
  const { id, result } = played.next()
  assert.deepEqual([id, result?.isError], [2, true])
})

test('a question that the server takes back is neither answered nor asked for again', async (t) => {
  const { played, request, requestState } = await parked(t)
  played.remote.say(
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'q' } },
    request.id,
  )
  retry(played, 2, requestState, {})
  played.nothing()
  assert.equal(answerTo(played, 'q'), undefined)
})

test('a host that does not come back: the server is told, and the call is cancelled', async (t) => {
  const { played, request, requestState } = await parked(t, { parkedMs: 2000 })
  played.remote.say(question('s', 'sampling/createMessage', { messages: [] }), request.id)
  t.mock.timers.tick(2000)
  assert.deepEqual(answerTo(played, 'q')?.result, { action: 'cancel' })
  assert.equal(answerTo(played, 's')?.error?.code, -32603)
  assert.equal(played.remote.last('notifications/cancelled').params?.requestId, request.id)
  retry(played, 2, requestState, ANSWERED)
  assert.equal(played.next().error?.code, -32602)
})

test('when the host closes its end, what is parked is given up', async (t) => {
  const { played, request } = await parked(t)
  played.translation.inputEnded()
  assert.deepEqual(answerTo(played, 'q')?.result, { action: 'cancel' })
  assert.equal(played.remote.last('notifications/cancelled').params?.requestId, request.id)
  assert.equal(played.remote.hasInputEnded, true)
})

test('a question after the host has closed its end is answered at once, and the call ends', async (t) => {
  const played = await timed(t)
  const request = call(played)
  played.translation.inputEnded()
  played.remote.say(question('q'), request.id)
  t.mock.timers.tick(10)
  assert.deepEqual(answerTo(played, 'q')?.result, { action: 'cancel' })
  played.remote.answer(request, { content: [] })
  assert.equal(played.next().result?.resultType, 'complete')
})

test('the sixty-fifth parked call drives out the first', async (t) => {
  const played = await timed(t)
  const calls = Array.from({ length: 65 }, (_, at) => call(played, at))
  for (const [at, { id }] of calls.entries()) played.remote.say(question(`q${at}`), id)
  t.mock.timers.tick(10)
  assert.equal(played.told.length, 65)
  assert.deepEqual(answerTo(played, 'q0')?.result, { action: 'cancel' })
  assert.equal(answerTo(played, 'q1'), undefined)
  assert.equal(played.remote.last('notifications/cancelled').params?.requestId, calls[0]!.id)
})

test('a server that wants to hear of progress is kept patient while the host is away', async (t) => {
  const played = await timed(t)
  const { id } = call(played)
  played.remote.say(
    question('q', 'elicitation/create', { ...ELICITATION, _meta: { progressToken: 'p' } }),
    id,
  )
  t.mock.timers.tick(10)
  t.mock.timers.tick(30_000)
  const told = played.remote.messages.filter(({ method }) => method === 'notifications/progress')
  assert.deepEqual(
    told.map(({ params }) => params),
    [1, 2].map((progress) => ({ progressToken: 'p', progress })),
  )
  retry(played, 2, asked(played.next()).requestState, ANSWERED)
  t.mock.timers.tick(60_000)
  assert.equal(countOf(played, 'notifications/progress'), 2)
})

for (const state of ['running', 'parked', 'resumed'] as const)
  test(`a cancellation while the call is ${state}`, async (t) => {
    const played = await timed(t)
    const request = call(played)
    if (state !== 'running') played.remote.say(question('q'), request.id)
    if (state !== 'running') t.mock.timers.tick(10)
    if (state === 'resumed') retry(played, 2, asked(played.next()).requestState, ANSWERED)
    const requestId = state === 'resumed' ? 2 : 1
    played.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } })
    const isCancelled = countOf(played, 'notifications/cancelled') === 1
    assert.equal(isCancelled, state !== 'parked', 'what has been answered cannot be cancelled')
    if (state === 'parked') return
    assert.equal(played.remote.last('notifications/cancelled').params?.requestId, request.id)
    played.remote.say(question('late'), request.id)
    assert.deepEqual(answerTo(played, 'late')?.error?.code, -32603)
    played.remote.answer(request, { content: [] })
    assert.ok(!played.messages.some(({ result }) => result?.resultType === 'complete'), 'nothing more comes')
  })

test('a ping is answered whatever goes on', async (t) => {
  const { played } = await parked(t)
  played.remote.say({ jsonrpc: '2.0', id: 'ping', method: 'ping' })
  assert.deepEqual(answerTo(played, 'ping')?.result, {})
})

test('a question for what this request does not declare is not shown', async (t) => {
  const played = await timed(t)
  const { id } = call(played, 1, { elicitation: { form: {} } })
  played.remote.say(
    question('url', 'elicitation/create', { mode: 'url', url: 'https://a/', elicitationId: 'e' }),
    id,
  )
  played.remote.say(question('s', 'sampling/createMessage', {}), id)
  t.mock.timers.tick(10)
  played.nothing()
  assert.deepEqual(answerTo(played, 'url')?.result, { action: 'cancel' })
  assert.equal(answerTo(played, 's')?.error?.code, -32601)
})

test('a question that comes on no stream of a request belongs to what runs, rather than to what is parked', async (t) => {
  const played = await timed(t)
  const first = call(played, 1)
  call(played, 2)
  played.remote.say(question('a'))
  t.mock.timers.tick(10)
  assert.equal(played.next().id, 2)
  played.remote.say(question('b'))
  t.mock.timers.tick(10)
  assert.equal(played.next().id, 1)
  played.remote.answer(first, { content: [] })
  played.remote.say(question('c'))
  assert.equal(answerTo(played, 'c'), undefined, 'it waits for the retry of the second')
})

test('a question in the middle of nothing is refused', async (t) => {
  const played = await timed(t)
  played.remote.say(question('a'))
  assert.equal(answerTo(played, 'a')?.error?.code, -32603)
  played.send(modern(1, 'tools/list', {}, ALL))
  played.remote.say(question('b'), played.remote.last('tools/list').id)
  assert.equal(answerTo(played, 'b')?.error?.code, -32603)
  played.remote.say(question('c', 'custom/ask', {}))
  assert.equal(answerTo(played, 'c')?.error?.code, -32601)
})

test('roots that are asked for in the middle of nothing wait for the next call, which goes on afterwards', async (t) => {
  const played = await timed(t)
  played.remote.say(question('r', 'roots/list', {}))
  played.send(modern(1, 'tools/call', CALL, { elicitation: {} }))
  assert.equal(countOf(played, 'tools/call'), 1, 'this one declares no roots')
  played.send(modern(2, 'tools/call', CALL, ALL))
  const { inputRequests, requestState } = asked(played.next())
  assert.deepEqual(Object.keys(inputRequests), ['roots-1'])
  assert.equal(countOf(played, 'tools/call'), 1)
  const roots = { roots: [{ uri: 'file:///a' }] }
  retry(played, 3, requestState, { 'roots-1': roots })
  assert.deepEqual(answerTo(played, 'r')?.result, roots)
  assert.equal(countOf(played, 'tools/call'), 2)
  assert.deepEqual(played.remote.last('tools/call').params, CALL)
  played.remote.answer(played.remote.last('tools/call'), { content: [] })
  assert.equal(played.next().id, 3)
  played.remote.say(question('again', 'roots/list', {}))
  assert.deepEqual(answerTo(played, 'again')?.result, roots, 'they are known for a while')
  t.mock.timers.tick(60_001)
  played.remote.say(question('late', 'roots/list', {}))
  assert.equal(answerTo(played, 'late'), undefined)
  t.mock.timers.tick(30_000)
  assert.equal(answerTo(played, 'late')?.error?.code, -32603, 'nothing waits for ever')
})

test('a page that must be visited first: the host is asked, and the call is made again', async (t) => {
  const played = await timed(t)
  const first = call(played)
  const elicitations = [
    { mode: 'url', elicitationId: 'e1', url: 'https://a.example/?x=1', message: 'Sign in' },
  ]
  played.remote.fail(first, -32042, { elicitations })
  const { inputRequests, requestState } = asked(played.next())
  assert.deepEqual(inputRequests, {
    'elicitation-1': {
      method: 'elicitation/create',
      params: { mode: 'url', url: 'https://a.example/?x=1', message: 'Sign in' },
    },
  })
  retry(played, 2, requestState, { 'elicitation-1': { action: 'accept' } })
  const second = played.remote.last('tools/call')
  assert.notEqual(second.id, first.id)
  assert.deepEqual(second.params, CALL)
  played.remote.answer(second, { content: [] })
  assert.equal(played.next().id, 2)
})

test('a server that tells when a page has done its work is waited for', async (t) => {
  const played = await timed(t)
  const done = (elicitationId: string) =>
    played.remote.say({
      jsonrpc: '2.0',
      method: 'notifications/elicitation/complete',
      params: { elicitationId },
    })
  done('e0')
  const elicitations = [{ mode: 'url', elicitationId: 'e1', url: 'https://a.example/', message: 'Sign in' }]
  for (const how of ['told', 'late', 'cancelled']) {
    played.remote.fail(call(played, how), -32042, {
      elicitations: [{ ...elicitations[0], elicitationId: how }],
    })
    retry(played, `${how}2`, asked(played.next()).requestState, { 'elicitation-1': { action: 'accept' } })
    const { length } = played.remote.heard
    if (how === 'cancelled')
      played.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: `${how}2` } })
    if (how === 'told') done(how)
    else t.mock.timers.tick(60_000)
    assert.equal(played.remote.heard.length, how === 'cancelled' ? length : length + 1, how)
  }
})

test('a page that is not visited', async (t) => {
  const played = await timed(t)
  const elicitations = [{ mode: 'url', elicitationId: 'e1', url: 'https://a.example/', message: 'Sign in' }]
  played.remote.fail(call(played), -32042, { elicitations })
  retry(played, 2, asked(played.next()).requestState, { 'elicitation-1': { action: 'decline' } })
  assert.equal(played.next().result?.isError, true)
  assert.equal(countOf(played, 'tools/call'), 1)
  played.remote.fail(call(played, 3, { elicitation: {} }), -32042, { elicitations })
  const { error } = played.next()
  assert.equal(error?.code, -32021)
  assert.deepEqual(error?.data, { requiredCapabilities: { elicitation: { url: {} } } })
})

test('a call that has failed for want of a page is not cancelled when the host does not come back', async (t) => {
  const played = await timed(t)
  const elicitations = [{ mode: 'url', elicitationId: 'e1', url: 'https://a.example/', message: 'Sign in' }]
  played.remote.fail(call(played), -32042, { elicitations })
  asked(played.next())
  played.translation.inputEnded()
  assert.equal(countOf(played, 'notifications/cancelled'), 0)
})

test('progress goes to the retry while it waits, and nowhere while the host is away', async (t) => {
  const played = await timed(t)
  const request = call(played, 1, ALL, { progressToken: 1 })
  const { progressToken } = request.params!._meta as { progressToken: unknown }
  const progress = (n: number) =>
    played.remote.say(
      { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: n } },
      request.id,
    )
  played.remote.say(question('q'), request.id)
  t.mock.timers.tick(10)
  const { requestState } = asked(played.next())
  progress(1)
  played.nothing()
  const again = { ...CALL, requestState, inputResponses: ANSWERED }
  played.send(modern(2, 'tools/call', again, ALL, { progressToken: 'second' }))
  progress(2)
  assert.deepEqual(played.next().params, { progressToken: 'second', progress: 2 })
})

test('nothing reaches the host after the end, and what is parked is given up', async (t) => {
  const { played, request } = await parked(t)
  const closed = played.translation.close()
  t.mock.timers.tick(1000)
  await closed
  assert.deepEqual(answerTo(played, 'q')?.result, { action: 'cancel' })
  played.remote.answer(request, { content: [] })
  played.nothing()
  assert.equal(played.remote.isClosed, true)
})

test('what is given up at the end of the input may still leave before the session is ended', async (t) => {
  const { played } = await parked(t)
  played.translation.inputEnded()
  const closed = played.translation.close()
  await settled()
  assert.equal(played.remote.isClosed, false)
  t.mock.timers.tick(1000)
  await closed
  assert.equal(played.remote.isClosed, true)
})

test('a question that was not shown when the call it was guessed to be of ends is not lost', async (t) => {
  const played = await timed(t)
  const request = call(played)
  played.remote.say(question('r', 'roots/list', {}))
  played.remote.answer(request, { content: [] })
  assert.equal(played.next().result?.resultType, 'complete')
  assert.equal(answerTo(played, 'r'), undefined)
  played.send(modern(2, 'tools/call', CALL, ALL))
  assert.deepEqual(Object.keys(asked(played.next()).inputRequests), ['roots-1'])
})

test('an answer to a question that was guessed to be of a call that has ended meanwhile reaches the server', async (t) => {
  const played = await timed(t)
  call(played, 1)
  const second = call(played, 2)
  played.remote.say(question('a'))
  t.mock.timers.tick(10)
  const { requestState } = asked(played.next())
  played.remote.answer(second, { content: [] })
  retry(played, 3, requestState, ANSWERED)
  assert.equal(played.next().result?.resultType, 'complete')
  assert.deepEqual(answerTo(played, 'a')?.result, ACCEPT, 'it was the other call’s')
})

test('a question that waited for the retry of a call that has ended meanwhile is asked with another', async (t) => {
  const played = await timed(t)
  const { id } = call(played, 1)
  played.remote.say(question('a'), id)
  t.mock.timers.tick(10)
  asked(played.next())
  played.remote.say(question('b'))
  const other = call(played, 2)
  played.remote.say({ jsonrpc: '2.0', id, result: { content: [] } }, id)
  t.mock.timers.tick(10)
  const message = played.next()
  assert.equal(message.id, 2)
  retry(played, 3, asked(message).requestState, ANSWERED)
  assert.deepEqual(answerTo(played, 'b')?.result, ACCEPT)
  played.remote.answer(other, { content: [] })
  assert.equal(played.next().id, 3)
})

test('a server that ends a call in which it still asks is told that nobody answers that any more', async (t) => {
  const { played, request } = await parked(t)
  played.remote.answer(request, { content: [] })
  assert.deepEqual(answerTo(played, 'q')?.result, { action: 'cancel' })
})
