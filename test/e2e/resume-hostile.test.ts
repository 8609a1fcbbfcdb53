// Event ids and retry times that no honest remote sends: they break no header, cost no processor and delay nobody for
// ever, and each request still gets one answer. protocol.md 0.7, A.4.
import assert from 'node:assert/strict'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { call, connected, notify, ownError, request, resultOf, test } from './harness.ts'

const isResume = (x: Exchange) => x.method === 'GET' && x.header('last-event-id') !== undefined
const cursorOf = (x: Exchange) => Buffer.from(x.header('last-event-id') ?? '', 'latin1').toString('utf8')
const result = (id: unknown) => JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })

/** The bytes that a call's stream begins with, by the call's id; taken up, it is answered. */
const streams = (bytes: Readonly<Record<string, string>>) => ({
  on: {
    'tools/call': (x: Exchange) => {
      const stream = x.sse()
      void stream.raw(bytes[String(x.message.id)] ?? '').then(() => stream.end())
    },
    GET: (x: Exchange) => {
      if (!isResume(x)) return x.reply(405)
      const stream = x.sse()
      for (const id of Object.keys(bytes)) stream.message(result(id))
      stream.end()
    },
  },
})

/** Name → the stream's bytes, and the id that it is taken up with. */
const IDS: Readonly<Record<string, readonly [bytes: string, cursor: string]>> = {
  'with NUL is ignored': ['id: a\nretry: 100\ndata:\n\nid: b\0c\ndata:\n\n', 'a'],
  'with an umlaut and Chinese goes as UTF-8': ['id: é漢😀\nretry: 100\ndata:\n\n', 'é漢😀'],
  'followed by CR and what looks like a header': ['id: a\rX-Evil: 1\rretry: 100\rdata:\r\r', 'a'],
  'with a colon, quotes and a percent sign': [
    'id: a:"b"%0d%0aX-Evil: 1\nretry: 100\ndata:\n\n',
    'a:"b"%0d%0aX-Evil: 1',
  ],
  'of one zero': ['id: 0\nretry: 100\ndata:\n\n', '0'],
}
for (const [name, [bytes, cursor]] of Object.entries(IDS))
  test(`an event id ${name}`, async (t) => {
    const { host, server } = await connected(t, streams({ it: bytes }))
    host.send(call('it'))
    resultOf(await host.answer('it'))
    const [get, more] = server.requests.filter(isResume)
    assert.ok(get, 'it was never taken up')
    assert.equal(cursorOf(get), cursor)
    assert.equal(get.header('x-evil'), undefined)
    assert.equal(more, undefined)
    await host.finish({ stderr: 'any' })
  })

const UNSENDABLE: Readonly<Record<string, string>> = {
  'a control character': 'id: a\u0001b\ndata:\n\n',
  'an escape': 'id: \u001b[31m\ndata:\n\n',
  'a DEL': 'id: a\u007f\ndata:\n\n',
  'a hundred thousand characters': `id: ${'x'.repeat(100_000)}\ndata:\n\n`,
}
for (const [name, bytes] of Object.entries(UNSENDABLE))
  test(`an event id with ${name} fits no header: the stream is lost, and the bridge stays`, async (t) => {
    const { host, server } = await connected(t, streams({ it: bytes }))
    host.send(call('it'))
    assert.equal(ownError(await host.answer('it'), 'stream-lost').maybeDelivered, true)
    assert.equal(server.sent('tools/call').length, 1)
    host.send(request(2, 'tools/list'))
    resultOf(await host.answer(2))
    await host.finish({ stderr: 'some' })
  })

for (const retry of ['0', '00', '1'])
  test(`retry: ${retry} makes no loop that costs a processor`, async (t) => {
    const at: number[] = []
    const { host } = await connected(t, {
      on: {
        'tools/call': (x) => {
          const stream = x.sse()
          void stream.raw(`id: p\nretry: ${retry}\ndata:\n\n`).then(() => stream.end())
        },
        GET: (x) => {
          if (!isResume(x)) return x.reply(405)
          at.push(x.at)
          const stream = x.sse()
          if (at.length === 6) stream.message(result(1))
          stream.end()
        },
      },
    })
    host.send(call(1))
    resultOf(await host.answer(1))
    const ms = at.at(-1)! - at[0]!
    assert.ok(ms >= 5 * 50, `six tries in ${ms} ms`)
    await host.finish({ stderr: 'any' })
  })

const NO_RETRIES = ['abc', '-5', '1.5', '1e3', '+7', '0x10', ' 100', '١٢٣', '']
test('a retry that is not all digits does not count', async (t) => {
  const { host, server } = await connected(
    t,
    streams(
      Object.fromEntries(
        NO_RETRIES.map((retry, n) => [n, `id: p${n}\nretry: 700\nretry: ${retry}\ndata:\n\n`]),
      ),
    ),
  )
  const sentAt = Date.now()
  for (const n of NO_RETRIES.keys()) host.send(call(String(n)))
  for (const n of NO_RETRIES.keys()) resultOf(await host.answer(String(n)))
  const gets = server.requests.filter(isResume)
  assert.ok(gets.length > 0, 'none was taken up')
  for (const get of gets)
    assert.ok(get.at - sentAt >= 650, `${get.header('last-event-id')}: ${get.at - sentAt} ms`)
  await host.finish({ stderr: 'any' })
})

for (const [name, retry] of [
  ['2 ** 31', '2147483648'],
  ['2 ** 53 + 1', '9007199254740993'],
  ['a thousand nines', '9'.repeat(1000)],
] as const)
  test(`a retry of ${name} milliseconds does not overflow into none`, async (t) => {
    const isClock = (x: Exchange) => isResume(x) && x.header('last-event-id') === 'clock'
    const { host, server } = await connected(t, {
      on: {
        'tools/call': (x) => {
          const stream = x.sse()
          const wait = x.message.id === 'clock' ? '100' : retry
          void stream.raw(`id: ${x.message.id}\nretry: ${wait}\ndata:\n\n`).then(() => stream.end())
        },
        GET: (x) => (isResume(x) ? x.sse().end() : x.reply(405)),
      },
    })
    host.send(call('late'))
    await (await server.request(({ message }) => message.id === 'late')).over
    host.send(call('clock'))
    await server.several(8, isClock)
    assert.equal(server.requests.filter((x) => isResume(x) && !isClock(x)).length, 0)
    for (const requestId of ['late', 'clock']) host.send(notify('notifications/cancelled', { requestId }))
    await host.finish({ stderr: 'any' })
  })
