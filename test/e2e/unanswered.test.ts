// Whatever the remote does instead of answering, the host gets exactly one answer to its request, and tools/call is
// never sent twice. protocol.md 0.1-1, 0.5, A.2, A.4; T25, T26.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { FAULTS, type FaultName } from '../fixtures/servers/faults.ts'
import { echo, sequence, TOOLS } from '../fixtures/servers/mcp-server.ts'
import type { SseStream } from '../fixtures/servers/raw-server.ts'
import { TCP_FAULTS, TCP_ODDITIES } from '../fixtures/servers/tcp-faults.ts'
import { afterHandshake, answer, httpAnswer, JSON_TYPE } from '../fixtures/servers/tcp-server.ts'
import { bridge, call, connected, ownError, request, serveTcp, test } from './harness.ts'

const LOST = /^(stream-lost|protocol|http|content)$/

const ODD: Readonly<Partial<Record<FaultName, string | RegExp>>> = {
  'accepted-202': 'protocol',
  'empty-204': 'protocol',
  'empty-200': 'protocol',
  'empty-json-200': 'protocol',
  'empty-sse-200': 'stream-lost',
  'no-json-200': LOST,
  'half-json-200': LOST,
  'number-200': LOST,
  'null-200': LOST,
  'no-message-200': LOST,
  'two-other-ids-200': 'protocol',
  'empty-array-200': LOST,
  'notification-200': 'protocol',
  'cut-before-head': 'stream-lost',
  'cut-in-json': 'stream-lost',
  'cut-in-chunked-json': 'stream-lost',
  'sse-ends-early': 'stream-lost',
  'sse-cut-early': 'stream-lost',
  'sse-ends-in-event': 'stream-lost',
  'sse-without-answer-in-it': 'stream-lost',
}

for (const [name, kind] of Object.entries(ODD))
  test(`T25 a tools/call met by ${name} gets one error, ${kind}, that says it may have run`, async (t) => {
    const { host, server } = await connected(t, { on: { 'tools/call': FAULTS[name as FaultName] } })
    host.send(call(1))
    const data = ownError(await host.answer(1), kind)
    assert.equal(data.maybeDelivered, true)
    assert.equal(server.sent('tools/call').length, 1)
    host.send(request(2, 'tools/list'))
    assert.ok((await host.answer(2)).value.result, 'the bridge goes on')
    await host.finish({ stderr: 'some' })
  })

for (const name of ['no-id-200', 'null-id-200', 'other-id-200'] as const)
  test(`a result with ${name.slice(0, -4)} is delivered under the id of the request, or is an error`, async (t) => {
    const { host } = await connected(t, { on: { 'tools/call': FAULTS[name] } })
    host.send(call(1))
    const line = await host.answer(1)
    if (line.value.result === undefined) ownError(line, 'protocol')
    else assert.deepEqual(line.value.result, { content: [{ type: 'text', text: 'late' }] })
    await host.finish({ stderr: 'any' })
  })

test('a request answered 202 gets its answer from the GET stream when that is open', async (t) => {
  const { host, server } = await connected(t, { getStream: true, on: { 'tools/call': (x) => x.reply(202) } })
  await server.request(({ method }) => method === 'GET')
  host.send(call(1))
  await (await server.request(({ message }) => message.method === 'tools/call')).over
  server.push('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}')
  assert.deepEqual((await host.answer(1)).value.result, { content: [] })
  await host.finish({ stderr: 'any' })
})

for (const [when, isEarly] of Object.entries({ 'ends then': false, 'has ended before': true }))
  test(`a request answered 202 gets its answer from the GET stream that is opened again, where that ${when}`, async (t) => {
    const { host, server } = await connected(t, {
      getStream: true,
      on: { 'tools/call': (x) => x.reply(202) },
    })
    const isGet = ({ method }: { readonly method: string }): boolean => method === 'GET'
    await server.request(isGet)
    const called = async (): Promise<void> => {
      host.send(call(1))
      await (await server.request(({ message }) => message.method === 'tools/call')).over
    }
    if (!isEarly) await called()
    server.streams[0]?.end()
    if (isEarly) await called()
    await server.several(2, isGet)
    server.push('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}')
    assert.deepEqual((await host.answer(1)).value.result, { content: [] })
    await host.finish({ stderr: 'any' })
  })

test('a request answered 202 is told as unanswered when the GET stream is not offered any more', async (t) => {
  const streams: SseStream[] = []
  const { host, server } = await connected(t, {
    on: {
      GET: sequence(
        (x) => void streams.push(x.sse()),
        (x) => x.reply(405),
      ),
      'tools/call': (x) => x.reply(202),
    },
  })
  await server.request(({ method }) => method === 'GET')
  host.send(call(1))
  await (await server.request(({ message }) => message.method === 'tools/call')).over
  streams[0]?.end()
  assert.equal(ownError(await host.answer(1), 'protocol').maybeDelivered, true)
  await host.finish({ stderr: 'some' })
})

const ROUNDED: Readonly<Record<string, readonly (readonly [asked: string, rounded: string])[]>> = {
  'rounded to 53 bits': [
    ['9007199254740993', '9007199254740992'],
    ['12345678901234567890', '12345678901234567000'],
  ],
  'written in another way': [
    ['1.0', '1'],
    ['1e2', '100'],
    ['"\\u00e9"', '"é"'],
  ],
}
for (const [how, pairs] of Object.entries(ROUNDED))
  test(`an answer whose id the remote has ${how} reaches the host under the id it asked with`, async (t) => {
    for (const [asked, rounded] of pairs) {
      const { host } = await connected(t, {
        on: { 'tools/call': (x) => x.reply(200, `{"jsonrpc":"2.0","id":${rounded},"result":{"n":1.0}}`) },
      })
      host.send(`{"jsonrpc":"2.0","id":${asked},"method":"tools/call","params":{"name":"x"}}`)
      const { raw } = await host.answer({ raw: asked })
      assert.match(raw, /"result":\{"n":1\.0\}/)
      await host.finish({ stderr: 'any' })
    }
  })

const SAFE = ['cut-before-head', 'cut-in-json', 'sse-ends-early', 'sse-cut-early', 'bare-502'] as const
for (const name of SAFE)
  test(`T26 a tools/list met by ${name} is sent again, once, and answered`, async (t) => {
    const { host, server } = await connected(t, {
      on: { 'tools/list': sequence(FAULTS[name], (x) => x.result(TOOLS)) },
    })
    host.send(request(1, 'tools/list'))
    assert.deepEqual((await host.answer(1)).value.result, JSON.parse(TOOLS))
    assert.equal(server.sent('tools/list').length, 2)
    await host.finish({ stderr: 'any' })
  })

test('a tools/list that fails twice is an error after two tries', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/list': FAULTS['cut-before-head'] } })
  host.send(request(1, 'tools/list'))
  ownError(await host.answer(1), 'stream-lost')
  assert.equal(server.sent('tools/list').length, 2)
  await host.finish({ stderr: 'some' })
})

for (const [name, fault] of Object.entries(TCP_FAULTS))
  test(`bytes: a tools/call met by ${name} gets one error and is not sent again`, async (t) => {
    const server = await serveTcp(
      t,
      afterHandshake((x) => {
        if (x.message.method === 'tools/call') fault(x)
        else x.socket.write(httpAnswer('200 OK', [JSON_TYPE], answer(x, TOOLS)))
      }),
    )
    const host = bridge(t, { url: `${server.origin}/mcp` })
    await host.initialize()
    host.send(call(1))
    assert.equal(ownError(await host.answer(1)).maybeDelivered, true)
    assert.equal(server.sent('tools/call').length, 1)
    host.send(request(2, 'tools/list'))
    assert.ok((await host.answer(2)).value.result, 'the bridge goes on')
    await host.finish({ stderr: 'some' })
  })

for (const [name, oddity] of Object.entries(TCP_ODDITIES))
  test(`bytes: an answer that is ${name} is still an answer`, async (t) => {
    const server = await serveTcp(t, afterHandshake(oddity))
    const host = bridge(t, { url: `${server.origin}/mcp` })
    await host.initialize()
    for (const id of [1, 2]) {
      host.send(call(id))
      assert.ok((await host.answer(id)).value.result)
      const { socket } = server.sent('tools/call').at(-1) ?? {}
      // a connection that the server ends is not for the next call: wait until both sides have seen its end
      if (socket?.writableEnded && !socket.destroyed) await once(socket, 'close')
    }
    await host.finish()
  })

test('a kept-alive connection that the server has closed meanwhile costs no request', async (t) => {
  const closed: Promise<unknown>[] = []
  const { host, server } = await connected(t, {
    on: {
      'tools/call': (x) => {
        const { socket } = x.response
        closed.push(new Promise((resolve) => socket?.on('close', resolve)))
        x.response.on('finish', () => socket?.end())
        echo(x)
      },
    },
  })
  for (let id = 1; id <= 10; id++) {
    host.send(call(id))
    assert.ok((await host.answer(id)).value.result)
    await closed.at(-1)
  }
  assert.equal(server.sent('tools/call').length, 10)
  await host.finish()
})
