// What HTTP does to modern requests: each is answered once, sent again only where that is safe, and no failure of a
// moment makes the remote a legacy one. protocol.md 0.5, 0.8, A.2, C.3, F.3; T49.
import assert from 'node:assert/strict'
import { busyOnce, FAULTS, type FaultName } from '../fixtures/servers/faults.ts'
import { sequence } from '../fixtures/servers/mcp-server.ts'
import { MODERN_TOOLS, modernEcho } from '../fixtures/servers/modern-server.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import {
  bridge,
  discovered,
  metaOf,
  modern,
  modernCall,
  notify,
  ownError,
  resultOf,
  serveModern,
  test,
} from './harness.ts'

const atEndpoint = ({ path }: Exchange) => path === '/mcp'
const tools = (x: Exchange) => x.result(MODERN_TOOLS)

const OWN: Readonly<Partial<Record<FaultName, readonly [kind: string | RegExp, status: number]>>> = {
  'html-200': ['content', 200],
  'html-404': ['http', 404],
  'html-500': ['http', 500],
  'bare-400': ['http', 400],
  'bare-403': ['auth-failed', 403],
  'bare-404': ['http', 404],
  'bare-405': ['http', 405],
  'bare-413': ['too-large', 413],
  'bare-500': ['http', 500],
  'bare-502': ['http', 502],
  'bare-503': ['http', 503],
  'unauthorized-401': [/^auth-/, 401],
}

for (const [name, [kind, status]] of Object.entries(OWN))
  test(`a modern tools/call answered ${name} is a ${kind} error, sent once, and the remote stays modern`, async (t) => {
    const { host, server } = await discovered(t, { on: { 'tools/call': FAULTS[name as FaultName] } })
    host.send(modernCall(1))
    const answer = await host.answer(1)
    const data = ownError(answer, kind)
    assert.equal(data.httpStatus, status)
    assert.equal(data.url, server.url)
    assert.doesNotMatch(JSON.stringify(answer.value.error), /<|>/, 'no tags in what people read')
    host.send(modern(2, 'tools/list'))
    resultOf(await host.answer(2))
    await host.finish({ stderr: 'some' })
    // A 401 may make a client ask elsewhere on this host how to sign in.
    const methods = server.requests.filter(atEndpoint).map(({ message }) => message.method)
    assert.deepEqual(methods, ['server/discover', 'tools/call', 'tools/list'])
  })

for (const name of ['json-400', 'json-403', 'json-404', 'json-500'] as const)
  test(`the error in the body of ${name.slice(5)} is the answer to a modern request, verbatim`, async (t) => {
    const { host, server } = await discovered(t, { on: { 'tools/call': FAULTS[name] } })
    host.send(modernCall(1))
    const error = { code: -32050, message: `refused with ${name.slice(5)}`, data: { why: 'fixture' } }
    assert.deepEqual((await host.answer(1)).value.error, error)
    await host.finish({ stderr: 'any' })
    assert.equal(server.requests.length, 2)
  })

for (const status of [429, 503] as const)
  test(`${status} with Retry-After is waited for, and the same call goes again`, async (t) => {
    const { host, server } = await discovered(t, { on: { 'tools/call': busyOnce(status, '1', modernEcho) } })
    host.send(modernCall(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
    const [first, second, third] = server.sent('tools/call')
    assert.ok(first && second, 'two calls')
    assert.equal(third, undefined)
    assert.ok(second.at - first.at >= 990, `tried again after ${second.at - first.at} ms`)
    assert.deepEqual(second.message.params, first.message.params)
    await host.finish({ stderr: 'any' })
  })

test('a 429 that stays is an error of kind rate-limited', async (t) => {
  const { host } = await discovered(t, {
    on: { 'tools/call': (x) => x.reply(429, '', { 'Retry-After': '0' }) },
  })
  host.send(modernCall(1))
  ownError(await host.answer(1), 'rate-limited')
  await host.finish({ stderr: 'some' })
})

const LOST = [
  'sse-ends-early',
  'sse-cut-early',
  'sse-ends-in-event',
  'cut-before-head',
  'cut-in-json',
] as const

for (const name of LOST)
  test(`T49 a tools/call met by ${name} is stream-lost, may have run, and is not sent again`, async (t) => {
    const { host, server } = await discovered(t, { on: { 'tools/call': FAULTS[name] } })
    host.send(modernCall(1))
    const data = ownError(await host.answer(1), 'stream-lost')
    assert.equal(data.maybeDelivered, true)
    await host.finish({ stderr: 'some' })
    assert.equal(server.sent('tools/call').length, 1)
  })

for (const name of ['sse-ends-early', 'sse-cut-early', 'sse-ends-in-event'] as const)
  test(`T49 a tools/list met by ${name} is asked anew under an id of our own, answered under the host's`, async (t) => {
    for (const id of ['s', 9]) {
      const { host, server } = await discovered(t, { on: { 'tools/list': sequence(FAULTS[name], tools) } })
      host.send(modern(id, 'tools/list', { _meta: { progressToken: 'p' } }))
      assert.deepEqual(resultOf(await host.answer(id)), JSON.parse(MODERN_TOOLS))
      const [first, second, third] = server.sent('tools/list')
      assert.ok(first && second, 'two tries')
      assert.equal(third, undefined)
      assert.equal(first.message.id, id)
      assert.notEqual(second.message.id, id)
      assert.deepEqual(second.message.params, first.message.params)
      assert.equal(second.header('last-event-id'), undefined)
      await host.finish({ stderr: 'any' })
    }
  })

test('T49 progress passes from the stream that is lost and from the one that follows; an error keeps its words under the id of the host', async (t) => {
  const progress = (n: number) => notify('notifications/progress', { progressToken: 'p', progress: n })
  const { host } = await discovered(t, {
    on: {
      'resources/read': sequence(
        (x) => {
          const stream = x.sse()
          stream.message(progress(1))
          stream.end()
        },
        (x) => {
          const stream = x.sse()
          stream.message(progress(2))
          stream.message(
            `{"jsonrpc":"2.0","id":${x.rawId},"error":{"code":-32602,"message":"gone","data":{"n": 1.0}}}`,
          )
          stream.end()
        },
      ),
    },
  })
  host.send(modern(1, 'resources/read', { uri: 'x:y', _meta: { progressToken: 'p' } }))
  const { raw } = await host.answer(1)
  assert.equal(raw, '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"gone","data":{"n": 1.0}}}')
  await host.finish({ stderr: 'any' })
  assert.deepEqual(
    host.lines.slice(1, 3).map((line) => line.raw),
    [progress(1), progress(2)],
  )
})

test('T49 a tools/list whose stream is lost twice is an error after two tries', async (t) => {
  const { host, server } = await discovered(t, { on: { 'tools/list': FAULTS['sse-ends-early'] } })
  host.send(modern(1, 'tools/list'))
  ownError(await host.answer(1), 'stream-lost')
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('tools/list').length, 2)
})

test('a tools/list answered 502 is sent again once and answered', async (t) => {
  const { host, server } = await discovered(t, { on: { 'tools/list': sequence(FAULTS['bare-502'], tools) } })
  host.send(modern(1, 'tools/list'))
  resultOf(await host.answer(1))
  assert.equal(server.sent('tools/list').length, 2)
  await host.finish({ stderr: 'any' })
})

test('many requests at once are answered as the remote gets to them, each under its id', async (t) => {
  const held: Exchange[] = []
  const { host, server } = await discovered(t, { on: { 'tools/call': (x) => void held.push(x) } })
  for (let id = 1; id <= 20; id++) host.send(modernCall(id, { id }))
  await server.several(20, ({ message }) => message.method === 'tools/call')
  for (const x of [...held].reverse()) modernEcho(x)
  for (let id = 1; id <= 20; id++) assert.deepEqual(resultOf(await host.answer(id)).structuredContent, { id })
  await host.finish()
})

for (const name of ['html-200', 'unauthorized-401', 'bare-403'] as const)
  test(`server/discover answered ${name} is no verdict on the era: an error, and no initialize`, async (t) => {
    const [kind] = OWN[name] ?? ['']
    const server = await serveModern(t, {
      on: { 'server/discover': sequence(FAULTS[name], (x) => x.result(DISCOVERED)) },
    })
    const host = bridge(t, { url: server.url })
    host.send(modern(1, 'server/discover'))
    ownError(await host.answer(1), kind)
    host.send(modern(2, 'server/discover'))
    assert.deepEqual(resultOf(await host.answer(2)), DISCOVERED)
    await host.finish({ stderr: 'some' })
    assert.equal(server.sent('initialize').length, 0)
    assert.equal(server.with('GET').filter(atEndpoint).length, 0)
  })

const DISCOVERED = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: {}, ttlMs: 0 }

test('server/discover answered 500 and then a result is modern, and no initialize was tried', async (t) => {
  const server = await serveModern(t, {
    on: { 'server/discover': sequence(FAULTS['bare-500'], (x) => x.result(DISCOVERED)) },
  })
  const host = bridge(t, { url: server.url })
  host.send(modern(1, 'server/discover'))
  assert.deepEqual(resultOf(await host.answer(1)), DISCOVERED)
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('initialize').length, 0)
})

for (const [code, data] of [
  [-32022, { supported: ['2027-01-01'], requested: '2026-07-28' }],
  [-32021, { requiredCapabilities: { sampling: {} } }],
] as const)
  test(`server/discover refused with ${code} is a modern remote: forwarded, and no initialize`, async (t) => {
    const refusal = { code, message: 'not so', data }
    const server = await serveModern(t, {
      versions: ['2026-07-28', '2027-01-01'],
      on: { 'server/discover': (x) => x.error(code, 'not so', data, 400) },
    })
    const host = bridge(t, { url: server.url })
    host.send(modern(1, 'server/discover'))
    assert.deepEqual((await host.answer(1)).value.error, refusal)
    host.send(modern(2, 'tools/list', {}, '2027-01-01'))
    resultOf(await host.answer(2))
    await host.finish({ stderr: 'any' })
    const methods = server.requests.map(({ message }) => message.method)
    assert.deepEqual(methods, ['server/discover', 'tools/list'])
    assert.deepEqual(server.requests[0]?.message.params?._meta, metaOf())
  })
