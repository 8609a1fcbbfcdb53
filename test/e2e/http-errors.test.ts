// Every HTTP refusal becomes one JSON-RPC error that says what happened: the remote's own where it sent one, else
// ours. protocol.md 0.5, 0.8, A.2; T33–T35.
import assert from 'node:assert/strict'
import { busyOnce, FAULTS, type FaultName } from '../fixtures/servers/faults.ts'
import { TOOLS } from '../fixtures/servers/mcp-server.ts'
import { bridge, call, connected, ownError, request, serve, test } from './harness.ts'

const OWN: Readonly<Partial<Record<FaultName, readonly [kind: string | RegExp, status: number]>>> = {
  'html-200': ['content', 200],
  'html-404': ['http', 404],
  'html-500': ['http', 500],
  'bare-400': ['http', 400],
  'bare-403': ['auth-failed', 403],
  'bare-404': ['http', 404],
  'bare-405': ['http', 405],
  'bare-406': ['http', 406],
  'bare-409': ['http', 409],
  'bare-410': ['http', 410],
  'bare-413': ['too-large', 413],
  'bare-415': ['http', 415],
  'bare-418': ['http', 418],
  'bare-422': ['http', 422],
  'bare-431': ['too-large', 431],
  'bare-500': ['http', 500],
  'bare-501': ['http', 501],
  'bare-502': ['http', 502],
  'bare-503': ['http', 503],
  'bare-504': ['http', 504],
  'unauthorized-401': [/^auth-/, 401],
}

for (const [name, [kind, status]] of Object.entries(OWN))
  test(`a tools/call answered ${name} is a ${kind} error, sent once`, async (t) => {
    const { host, server } = await connected(t, {
      sessionId: null,
      on: { 'tools/call': FAULTS[name as FaultName] },
    })
    host.send(call(1))
    const answer = await host.answer(1)
    const data = ownError(answer, kind)
    assert.equal(data.httpStatus, status)
    assert.equal(data.url, server.url)
    if (status !== 200) assert.match(answer.value.error?.message ?? '', new RegExp(`\\b${status}\\b`))
    assert.doesNotMatch(JSON.stringify(answer.value.error), /<|>/, 'no tags in what people read')
    assert.equal(server.sent('tools/call').length, 1)
    host.send(request(2, 'tools/list'))
    assert.ok((await host.answer(2)).value.result, 'the bridge goes on')
    await host.finish({ stderr: 'some' })
  })

test('T33 messages for different failures differ, and say what the remote said', async (t) => {
  const kinds = ['html-200', 'html-404', 'html-500', 'bare-413', 'bare-429'] as const
  const { host } = await connected(t, {
    sessionId: null,
    on: {
      'tools/call': (x) => {
        FAULTS[String(x.message.params?.name) as FaultName](x)
      },
    },
  })
  const messages = new Set<string>()
  for (const kind of kinds) {
    host.send(call(kind, {}, kind))
    const { error } = (await host.answer(kind)).value
    messages.add(error?.message ?? '')
    if (kind === 'html-200') assert.match(JSON.stringify(error), /text\/html/)
    if (kind === 'html-500') assert.match(String(error?.data?.detail), /Welcome/)
  }
  assert.equal(messages.size, kinds.length)
  await host.finish({ stderr: 'some' })
})

for (const name of ['json-400', 'json-403', 'json-404', 'json-422', 'json-500', 'json-503'] as const)
  test(`a JSON-RPC error in the body of ${name.slice(5)} is the answer, verbatim`, async (t) => {
    const { host, server } = await connected(t, { sessionId: null, on: { 'tools/call': FAULTS[name] } })
    host.send(call(1))
    const error = { code: -32050, message: `refused with ${name.slice(5)}`, data: { why: 'fixture' } }
    assert.deepEqual((await host.answer(1)).value.error, error)
    assert.equal(server.sent('tools/call').length, 1)
    await host.finish({ stderr: 'any' })
  })

for (const name of ['json-400-null-id', 'json-400-no-id'] as const)
  test(`T34 ${name}: the error gets the id of the request, code and data stay`, async (t) => {
    for (const id of ['7', '9007199254740993', '"s"']) {
      const { host } = await connected(t, { on: { 'tools/call': FAULTS[name] } })
      host.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"x"}}`)
      const { raw, value } = await host.answer({ raw: id })
      assert.equal(value.error?.code, -32602)
      assert.equal(value.error?.message, 'bad cursor')
      assert.match(raw, /"data":\{"n":1\.0\}/)
      await host.finish({ stderr: 'any' })
    }
  })

test('T33 429 with Retry-After: 1 is tried again after a second, whatever the method', async (t) => {
  const { host, server } = await connected(t, {
    on: { 'tools/call': busyOnce(429, '1', (x) => x.result('{"content":[]}')) },
  })
  host.send(call(1))
  assert.ok((await host.answer(1)).value.result)
  const [first, second] = server.sent('tools/call')
  assert.ok(first && second)
  assert.ok(second.at - first.at >= 990, `tried again after ${second.at - first.at} ms`)
  assert.equal(second.text, first.text)
  assert.equal(server.sent('tools/call').length, 2)
  await host.finish({ stderr: 'any' })
})

test('503 with Retry-After is tried again, also as a date', async (t) => {
  const date = new Date(Date.now() + 1500).toUTCString()
  for (const after of ['0', '1', date]) {
    const { host, server } = await connected(t, {
      on: { 'tools/call': busyOnce(503, after, (x) => x.result('{"content":[]}')) },
    })
    host.send(call(1))
    assert.ok((await host.answer(1)).value.result)
    assert.equal(server.sent('tools/call').length, 2)
    await host.finish({ stderr: 'any' })
  }
})

test('429 for ever is an error after --retries more tries', async (t) => {
  const { host, server } = await connected(
    t,
    { on: { 'tools/call': (x) => x.reply(429, undefined, { 'Retry-After': '0' }) } },
    ['--retries', '1'],
  )
  host.send(call(1))
  ownError(await host.answer(1), 'rate-limited')
  assert.equal(server.sent('tools/call').length, 2)
  await host.finish({ stderr: 'some' })
})

for (const name of ['bare-408', 'bare-425', 'bare-429'] as const)
  test(`${name.slice(5)} with --retries 0 is a rate-limited error, sent once`, async (t) => {
    const { host, server } = await connected(t, { on: { 'tools/call': FAULTS[name] } }, ['--retries', '0'])
    host.send(call(1))
    const data = ownError(await host.answer(1), 'rate-limited')
    assert.equal(data.httpStatus, Number(name.slice(5)))
    assert.notEqual(data.maybeDelivered, true)
    assert.equal(server.sent('tools/call').length, 1)
    await host.finish({ stderr: 'some' })
  })

test('a Retry-After longer than --retry-wait is not waited for', async (t) => {
  const { host, server } = await connected(
    t,
    { on: { 'tools/call': (x) => x.reply(429, undefined, { 'Retry-After': '3600' }) } },
    ['--retry-wait', '2s'],
  )
  host.send(call(1))
  ownError(await host.answer(1), 'rate-limited')
  assert.equal(server.sent('tools/call').length, 1)
  await host.finish({ stderr: 'some' })
})

test('T35 503 without Retry-After: tools/call is not sent again, tools/list is', async (t) => {
  const { host, server } = await connected(t, {
    on: {
      'tools/call': FAULTS['bare-503'],
      'tools/list': busyOnceWithout((x) => x.result(TOOLS)),
    },
  })
  host.send(call(1))
  ownError(await host.answer(1), 'http')
  assert.equal(server.sent('tools/call').length, 1)
  host.send(request(2, 'tools/list'))
  assert.ok((await host.answer(2)).value.result)
  assert.equal(server.sent('tools/list').length, 2)
  await host.finish({ stderr: 'some' })
})

test('502 and 504 on a tools/call say that it may have run', async (t) => {
  for (const name of ['bare-502', 'bare-504'] as const) {
    const { host } = await connected(t, { on: { 'tools/call': FAULTS[name] } })
    host.send(call(1))
    assert.equal(ownError(await host.answer(1), 'http').maybeDelivered, true)
    await host.finish({ stderr: 'some' })
  }
})

for (const name of ['bare-403', 'html-200', 'html-404', 'html-500', 'json-422', 'unauthorized-401'] as const)
  test(`an initialize answered ${name} is an error for the host, and the bridge stays`, async (t) => {
    const server = await serve(t, { on: { initialize: FAULTS[name] } })
    const host = bridge(t, { url: server.url })
    for (const id of ['first', 'second']) {
      host.send(
        request(id, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {} }),
      )
      const answer = await host.answer(id)
      if (name === 'json-422') assert.equal(answer.value.error?.code, -32050)
      else ownError(answer)
    }
    await host.finish({ stderr: 'any' })
  })

function busyOnceWithout(then: Parameters<typeof busyOnce>[2]): ReturnType<typeof busyOnce> {
  let first = true
  return (x) => {
    if (first) x.reply(503)
    else then(x)
    first = false
  }
}
