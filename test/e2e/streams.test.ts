// SSE answers: every way of cutting them, messages before the answer, requests of the server, arrays. protocol.md
// 0.7, A.3, A.4; T27–T29, T31. What a stream that ends too early does is in unanswered.test.ts.
import assert from 'node:assert/strict'
import { sequence } from '../fixtures/servers/mcp-server.ts'
import type { SseStream } from '../fixtures/servers/raw-server.ts'
import { call, connected, notify, request, test } from './harness.ts'

const note = (n: number | string) =>
  `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":${JSON.stringify(n)}}}`

/** Name → the bytes of the stream, `$` being the answer; each carries the notes 1, 2, 3 and then the answer. */
const TORTURE: Readonly<Record<string, string>> = {
  'LF ends': `data: ${note(1)}\n\ndata: ${note(2)}\n\ndata: ${note(3)}\n\ndata: $\n\n`,
  'CRLF ends': `data: ${note(1)}\r\n\r\ndata: ${note(2)}\r\n\r\ndata: ${note(3)}\r\n\r\ndata: $\r\n\r\n`,
  'CR ends': `data: ${note(1)}\r\rdata: ${note(2)}\r\rdata: ${note(3)}\r\rdata: $\r\r`,
  'mixed ends': `data: ${note(1)}\r\n\ndata: ${note(2)}\n\r\ndata: ${note(3)}\r\rdata: $\n\n`,
  'no space after the colon': `data:${note(1)}\n\ndata:${note(2)}\n\ndata:${note(3)}\n\ndata:$\n\n`,
  'comments and unknown fields': `: hello\n\ndata: ${note(1)}\n: in the middle\nfoo: bar\nbaz\n\n:\n\ndata: ${note(2)}\nid: 1\nretry: abc\n\nevent: message\ndata: ${note(3)}\n\ndata: $\n: bye\n\n`,
  'other event types are skipped': `data: ${note(1)}\n\nevent: foo\ndata: ${note('never')}\n\nevent: endpoint\ndata: /never\n\ndata: ${note(2)}\n\nevent: ping\ndata: {}\n\nevent: message\ndata: ${note(3)}\n\ndata: $\n\n`,
  'data over several lines': `data: ${note(1).replace(',', ',\ndata: ')}\n\ndata: ${note(2).replaceAll(':', ':\ndata:')}\n\ndata\ndata: ${note(3)}\ndata\n\ndata: $\n\n`,
  'CRLF ends, several fields and lines to an event': `event: message\r\ndata: ${note(1).replace(',', ',\r\ndata: ')}\r\n\r\nevent: foo\r\ndata: ${note('never')}\r\n\r\ndata: ${note(2).replaceAll(':', ':\r\ndata:')}\r\nid: 7\r\n\r\n: x\r\ndata: ${note(3)}\r\n\r\nevent: message\r\ndata: $\r\n\r\n`,
  'a BOM': `\ufeffdata: ${note(1)}\n\ndata: ${note(2)}\n\ndata: ${note(3)}\n\ndata: $\n\n`,
  'events without data': `id: 0\n\nretry: 10\n\nevent: message\n\ndata:\n\ndata: ${note(1)}\n\ndata: ${note(2)}\n\n\n\n\ndata: ${note(3)}\n\ndata: $\n\n`,
  'events that are no messages': `data: ${note(1)}\n\ndata: not json\n\ndata: 42\n\ndata: ${note(2)}\n\ndata: {"jsonrpc":"2.0"}\n\ndata: ${note(3)}\n\ndata: $\n\n`,
  'raw CR LF inside the JSON text': `data: {"jsonrpc":"2.0",\ndata: "method":"notifications/message",\rdata:\t"params":{"level":"info","data":1}}\n\ndata: ${note(2)}\n\ndata: ${note(3)}\n\ndata: $\r\n\r\n`,
}

const CUTS: Readonly<Record<string, (bytes: Buffer) => Buffer[]>> = {
  'in one chunk': (bytes) => [bytes],
  'byte by byte': (bytes) => Array.from(bytes, (byte) => Buffer.from([byte])),
  'in threes': (bytes) =>
    Array.from({ length: Math.ceil(bytes.length / 3) }, (_, n) => bytes.subarray(n * 3, n * 3 + 3)),
}

for (const [cut, pieces] of Object.entries(CUTS))
  test(`T27 every kind of SSE stream comes through ${cut}`, async (t) => {
    const { host } = await connected(t, {
      on: {
        'tools/call': async (x) => {
          const answer = `{"jsonrpc":"2.0","id":${x.rawId},"result":{"text":"é漢😀\u2028"}}`
          const bytes = Buffer.from((TORTURE[String(x.message.params?.name)] ?? '').replace('$', answer))
          const stream = x.sse({ 'Content-Type': 'Text/Event-Stream; charset=utf-8' })
          for (const piece of pieces(bytes)) await stream.raw(piece)
          stream.end()
        },
      },
    })
    for (const name of Object.keys(TORTURE)) {
      const before = host.lines.length
      host.send(call(name, {}, name))
      const { value } = await host.answer(name)
      assert.deepEqual(value.result, { text: 'é漢😀\u2028' }, name)
      const notes = host.lines.slice(before).map((line) => line.value.params?.data)
      assert.deepEqual(notes, [1, 2, 3, undefined], `${name}, ${cut}`)
    }
    await host.finish({ stderr: 'any' })
  })

test('T28 requests of the server on a POST stream and on the GET stream are answered with the session', async (t) => {
  const streams: SseStream[] = []
  const { host, server } = await connected(t, {
    getStream: true,
    on: { 'tools/call': (x) => void streams.push(x.sse()) },
  })
  await server.request(({ method }) => method === 'GET')
  host.send(call(1))
  await server.request(({ message }) => message.method === 'tools/call')
  const asked = {
    post: '{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{"maxTokens":1.0}}',
    get: '{"jsonrpc":"2.0","id":"1","method":"roots/list"}',
    ping: '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}',
  }
  streams[0]?.message(asked.post)
  server.push(asked.get)
  server.push(asked.ping)
  for (const raw of Object.values(asked)) await host.line((line) => line.raw === raw)
  const replies = [
    '{"jsonrpc":"2.0","id":1,"result":{"role":"assistant","n":1.0}}',
    '{"jsonrpc":"2.0","id":"1","error":{"code":-32601,"message":"no roots"}}',
    '{"jsonrpc":"2.0","id":9007199254740993,"result":{}}',
  ]
  for (const reply of replies) host.send(reply)
  for (const reply of replies) {
    const x = await server.request(({ text }) => text === reply)
    assert.equal(x.header('mcp-session-id'), server.sessionId)
    assert.equal(x.header('mcp-protocol-version'), '2025-06-18')
  }
  streams[0]?.result('{"content":[]}')
  assert.deepEqual((await host.answer(1)).value.result, { content: [] })
  await host.finish()
})

test('an answer of the host that the remote does not take is sent again, twice at the most', async (t) => {
  const { host, server } = await connected(t, {
    getStream: true,
    on: {
      response: sequence(
        (x) => x.reply(500),
        (x) => x.cut(),
        (x) => x.reply(202),
      ),
    },
  })
  await server.request(({ method }) => method === 'GET')
  server.push({ jsonrpc: '2.0', id: 'q', method: 'roots/list' })
  await host.line(({ value }) => value.id === 'q')
  const reply = '{"jsonrpc":"2.0","id":"q","result":{"roots":[]}}'
  host.send(reply)
  host.send(notify('notifications/after'))
  await server.request(({ message }) => message.method === 'notifications/after')
  assert.deepEqual(
    server
      .with('POST')
      .slice(-4)
      .map(({ text }) => text),
    [reply, reply, reply, notify('notifications/after')],
  )
  await host.finish({ stderr: 'any' })
})

test('T29 notifications on the POST stream arrive in order, before the result and before the stream ends', async (t) => {
  const streams: SseStream[] = []
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => void streams.push(x.sse()) } })
  host.send(call(1))
  await server.request(({ message }) => message.method === 'tools/call')
  const [stream] = streams
  assert.ok(stream)
  for (let n = 1; n <= 3; n++) {
    const progress = { progressToken: 'p', progress: n }
    stream.message({ jsonrpc: '2.0', method: 'notifications/progress', params: progress })
    const line = await host.notification('notifications/progress')
    assert.deepEqual(line.value.params, progress)
  }
  stream.message(note('log'))
  await host.notification('notifications/message')
  stream.result('{"content":[]}')
  await host.answer(1)
  stream.end()
  const kinds = host.lines.slice(1).map(({ value }) => value.method ?? 'answer')
  assert.deepEqual(kinds, [...Array(3).fill('notifications/progress'), 'notifications/message', 'answer'])
  await host.finish()
})

test('a stream that stays open after its answer is left within seconds, and disturbs nobody', async (t) => {
  const { host, server } = await connected(t, {
    on: { 'tools/call': (x) => x.sse().result('{"content":[]}') },
  })
  host.send(call(1))
  await host.answer(1)
  const x = await server.request(({ message }) => message.method === 'tools/call')
  host.send(request(2, 'tools/list'))
  await host.answer(2)
  assert.equal(await x.over, 'aborted')
  host.send(request(3, 'tools/list'))
  await host.answer(3)
  await host.finish()
})

test('a second answer to the same request is dropped', async (t) => {
  const { host } = await connected(t, {
    on: {
      'tools/call': (x) => {
        const stream = x.sse()
        stream.result('{"content":[],"n":1}')
        stream.result('{"content":[],"n":2}')
        stream.message(note('after'))
        stream.end()
      },
    },
  })
  host.send(call(1))
  const { value } = await host.answer(1)
  assert.equal(value.result?.n, 1)
  await host.notification('notifications/message')
  await host.finish()
})

test('T31 an array in an SSE event and in a JSON body is split into lines', async (t) => {
  const { host } = await connected(t, {
    protocolVersion: '2025-03-26',
    on: {
      'tools/call': (x) => {
        const stream = x.sse()
        stream.message(`[${note(1)} , ${note(2)}]`)
        stream.message(`[\ndata: {"jsonrpc":"2.0","id":${x.rawId},"result":{"n":1.0}}]`)
        stream.end()
      },
      'tools/list': (x) =>
        x.reply(200, `[${note(3)},\r\n{"jsonrpc":"2.0","id":${x.rawId},"result":{"n":2.0}}]`),
    },
  })
  host.send(call(1))
  assert.ok((await host.answer(1)).raw.includes('"n":1.0'))
  host.send(request(2, 'tools/list'))
  assert.ok((await host.answer(2)).raw.includes('"n":2.0'))
  const notes = host.lines.filter(({ value }) => value.method !== undefined)
  assert.deepEqual(
    notes.map(({ raw }) => raw),
    [note(1), note(2), note(3)],
  )
  await host.finish()
})

test('messages on the GET stream reach the host while requests run', async (t) => {
  const { host, server } = await connected(t, { getStream: true, on: { 'tools/call': (x) => x.hang() } })
  await server.request(({ method }) => method === 'GET')
  host.send(call(1))
  await server.request(({ message }) => message.method === 'tools/call')
  server.push({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'a:b' } })
  const { value } = await host.notification('notifications/resources/updated')
  assert.deepEqual(value.params, { uri: 'a:b' })
  host.send(notify('notifications/cancelled', { requestId: 1 }))
  await host.finish()
  assert.equal(server.with('GET').length, 1)
})
