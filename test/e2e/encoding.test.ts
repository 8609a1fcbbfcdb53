// Bodies in other clothes: compressed although nobody asked, in another charset, or no UTF-8 at all. protocol.md 0.3,
// 0.6.
import assert from 'node:assert/strict'
import { brotliCompressSync, constants, createGzip, deflateSync, gzipSync } from 'node:zlib'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { call, connected, ownError, request, test } from './harness.ts'

const answer = (x: Exchange, text: string) => `{"jsonrpc":"2.0","id":${x.rawId},"result":{"text":"${text}"}}`
const TEXT = 'é漢😀 n'.repeat(1000)

const COMPRESSED: Readonly<Record<string, readonly [encoding: string, compress: (text: string) => Buffer]>> =
  {
    gzip: ['gzip', (text) => gzipSync(text)],
    'x-gzip in capitals': ['X-GZIP', (text) => gzipSync(text)],
    deflate: ['deflate', (text) => deflateSync(text)],
    br: ['br', (text) => brotliCompressSync(text)],
    identity: ['identity', (text) => Buffer.from(text)],
  }

for (const [name, [encoding, compress]] of Object.entries(COMPRESSED))
  test(`a ${name} body is decoded, as JSON and as SSE`, async (t) => {
    const { host, server } = await connected(t, {
      on: {
        'tools/list': (x) =>
          x.reply(200, compress(answer(x, TEXT)), {
            'Content-Type': 'application/json',
            'Content-Encoding': encoding,
          }),
        'tools/call': (x) =>
          x.reply(200, compress(`data: ${answer(x, TEXT)}\n\n`), {
            'Content-Type': 'text/event-stream',
            'Content-Encoding': encoding,
          }),
      },
    })
    host.send(request(1, 'tools/list'))
    host.send(call(2))
    for (const id of [1, 2]) assert.equal((await host.answer(id)).value.result?.text, TEXT)
    assert.equal(server.sent('tools/list')[0]?.header('accept-encoding'), 'identity')
    await host.finish({ stderr: 'any' })
  })

test('events of a compressed stream arrive as they are flushed, not when the stream ends', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => x.hang() } })
  host.send(call(1))
  const x = await server.request(({ message }) => message.method === 'tools/call')
  x.response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': 'gzip' })
  const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH })
  gzip.pipe(x.response)
  for (let n = 1; n <= 3; n++) {
    gzip.write(`data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":${n}}}\n\n`)
    assert.equal((await host.notification('notifications/progress')).value.params?.progress, n)
  }
  gzip.end(`data: ${answer(x, 'done')}\n\n`)
  await host.answer(1)
  await host.finish()
})

test('a compressed stream in the middle of an event does not hold up the end', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => x.hang() } }, [
    '--drain-timeout',
    '200ms',
  ])
  host.send(call(1))
  const x = await server.request(({ message }) => message.method === 'tools/call')
  x.response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': 'gzip' })
  const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH })
  gzip.pipe(x.response)
  gzip.write('data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\ndata: {"jsonrpc"')
  await host.notification('notifications/message')
  host.endInput()
  ownError(await host.answer(1), 'shutdown')
  await host.finish()
  assert.equal(await x.over, 'aborted')
})

test('a body that claims to be gzip and is not is an error', async (t) => {
  const { host } = await connected(t, {
    on: {
      'tools/call': (x) =>
        x.reply(200, answer(x, 'plain'), { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }),
    },
  })
  host.send(call(1))
  const { maybeDelivered } = ownError(await host.answer(1), 'content')
  assert.equal(maybeDelivered, true)
  host.send(request(2, 'tools/list'))
  await host.answer(2)
  await host.finish({ stderr: 'some' })
})

test('an encoding that nobody knows is an error', async (t) => {
  const { host } = await connected(t, {
    on: {
      'tools/call': (x) =>
        x.reply(200, 'xyz', { 'Content-Type': 'application/json', 'Content-Encoding': 'rot13' }),
    },
  })
  host.send(call(1))
  const answer = await host.answer(1)
  ownError(answer, 'content')
  assert.match(answer.value.error?.message ?? '', /rot13/)
  await host.finish({ stderr: 'some' })
})

test('an encoding that is none is passed over, however late the body comes', async (t) => {
  for (const label of ['utf-8', 'none', 'gzip, identity']) {
    const isGzip = label.startsWith('gzip')
    const { host } = await connected(t, {
      on: {
        'tools/call': (x) => {
          x.response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': label })
          x.response.flushHeaders()
          setTimeout(() => x.response.end(isGzip ? gzipSync(answer(x, 'a')) : answer(x, 'a')), 30)
        },
      },
    })
    host.send(call(1))
    assert.equal((await host.answer(1)).value.result?.text, 'a', label)
    await host.finish()
  }
})

test('an answer in a compressed stream that breaks off behind it has arrived', async (t) => {
  const { host } = await connected(t, {
    on: {
      'tools/call': (x) => {
        x.response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': 'gzip' })
        x.response.write(gzipSync(`data: ${answer(x, TEXT)}\n\n`), () => x.cut())
      },
    },
  })
  for (let id = 1; id <= 30; id++) {
    host.send(call(id))
    assert.equal((await host.answer(id)).value.result?.text, TEXT)
  }
  await host.finish()
})

test('a JSON body in a declared charset is transcoded', async (t) => {
  for (const [charset, encode] of [
    ['iso-8859-1', (text: string) => Buffer.from(text, 'latin1')],
    ['"ISO-8859-1"', (text: string) => Buffer.from(text, 'latin1')],
    ['utf-16le', (text: string) => Buffer.from(text, 'utf16le')],
  ] as const) {
    const { host } = await connected(t, {
      on: {
        'tools/list': (x) =>
          x.reply(200, encode(answer(x, 'caf\u00e9')), {
            'Content-Type': `application/json; charset=${charset}`,
          }),
      },
    })
    host.send(request(1, 'tools/list'))
    assert.equal((await host.answer(1)).value.result?.text, 'café', charset)
    await host.finish({ stderr: 'any' })
  }
})

test('bytes of the remote that are no UTF-8 become U+FFFD, and the message arrives', async (t) => {
  const broken = (x: Exchange) => Buffer.from(answer(x, 'a\u00ffb'), 'latin1')
  const { host } = await connected(t, {
    on: {
      'tools/list': (x) => x.reply(200, broken(x), { 'Content-Type': 'application/json' }),
      'tools/call': async (x) => {
        const stream = x.sse()
        await stream.raw(Buffer.concat([Buffer.from('data: '), broken(x), Buffer.from('\n\n')]))
        stream.end()
      },
    },
  })
  host.send(request(1, 'tools/list'))
  host.send(call(2))
  for (const id of [1, 2]) assert.equal((await host.answer(id)).value.result?.text, 'a\ufffdb')
  await host.finish({ stderr: 'any' })
})
