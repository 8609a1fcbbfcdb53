// Messages of many megabytes, both ways, and the limits on them. protocol.md 0.3, 0.7, 0.13; T06.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mcpBehaviour } from '../fixtures/servers/mcp-server.ts'
import { type Handler, startRawServer } from '../fixtures/servers/raw-server.ts'
import { bridge, call, connected, ownError, request, test } from './harness.ts'
import { traceFile } from './tracing.ts'

const MB = 1_000_000
const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Text of about this many bytes: ASCII, and every so often something longer. */
function bulk(bytes: number): string {
  const block = `${'0123456789abcdef'.repeat(64)}é漢😀\u2028 `
  return block.repeat(Math.ceil(bytes / Buffer.byteLength(block)))
}

for (const megabytes of [5, 20])
  test(`T06 an argument of ${megabytes} MB reaches the remote unchanged`, async (t) => {
    const { host, server } = await connected(t, { on: { 'tools/call': (x) => x.result('{"content":[]}') } })
    const line = call(1, { text: bulk(megabytes * MB) })
    host.send(line)
    assert.ok((await host.answer(1, 150_000)).value.result)
    const [sent] = server.sent('tools/call')
    assert.equal(digest(sent?.text ?? ''), digest(line))
    assert.equal(sent?.header('content-length'), String(Buffer.byteLength(line)))
    host.send(request(2, 'tools/list'))
    await host.answer(2)
    await host.finish()
  })

const SHAPES: Readonly<Record<string, (body: (id: string) => string) => Handler>> = {
  'one JSON body': (body) => (x) => x.reply(200, body(x.rawId ?? '')),
  'one SSE event': (body) => (x) => {
    const stream = x.sse()
    stream.message(body(x.rawId ?? ''))
    stream.end()
  },
  'one SSE event in small chunks': (body) => async (x) => {
    const stream = x.sse()
    const bytes = Buffer.from(`data: ${body(x.rawId ?? '')}\n\n`)
    for (let at = 0; at < bytes.length; at += 16_384) await stream.raw(bytes.subarray(at, at + 16_384))
    stream.end()
  },
}

for (const [shape, handler] of Object.entries(SHAPES))
  for (const megabytes of shape.includes('chunks') ? [20] : [20, 65])
    test(`T06 a result of ${megabytes} MB as ${shape} reaches the host unchanged, on one line`, async (t) => {
      const text = JSON.stringify(bulk(megabytes * MB))
      const body = (id: string) =>
        `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":${text}}]}}`
      const { host } = await connected(t, { on: { 'tools/call': handler(body) } })
      host.send(call(1))
      const { raw } = await host.answer(1, 150_000)
      const wanted = body('1')
      assert.equal(raw.length, wanted.length)
      assert.ok(raw === wanted, 'the line is another one')
      host.send(request(2, 'tools/list'))
      await host.answer(2)
      await host.finish()
    })

const ODD = String.raw`é\u00e9\\\"\ud83d\ude00\n漢😀\\`

test('a large result that is cut within characters and escapes reaches the host unchanged', async (t) => {
  const body = (id: string) => `{"jsonrpc":"2.0","id":${id},"result":{"text":"${ODD.repeat(100_000)}"}}`
  const { host } = await connected(t, {
    on: {
      'tools/call': async (x) => {
        const stream = x.sse()
        const bytes = Buffer.from(`data: ${body(x.rawId ?? '')}\n\n`)
        for (let at = 0; at < bytes.length; at += 40_009) await stream.raw(bytes.subarray(at, at + 40_009))
        stream.end()
      },
    },
  })
  host.send(call(1))
  assert.ok((await host.answer(1, 150_000)).raw === body('1'), 'the line is another one')
  await host.finish()
})

for (const begun of ['d', 'data', 'data:'])
  test(`a large event of which the first chunk has no more than "${begun}" reaches the host unchanged`, async (t) => {
    const body = (id: string) => `{"jsonrpc":"2.0","id":${id},"result":{"text":"${'x'.repeat(2 * MB)}"}}`
    const { host } = await connected(t, {
      on: {
        'tools/call': async (x) => {
          const stream = x.sse()
          await stream.raw(begun)
          await stream.raw(`data: ${body(x.rawId ?? '')}\n\n`.slice(begun.length))
          stream.end()
        },
      },
    })
    host.send(call(1))
    assert.ok((await host.answer(1, 150_000)).raw === body('1'), 'the line is another one')
    await host.finish()
  })

test('of a large result, bytes that are no UTF-8 are replaced, and newlines between tokens are blanks', async (t) => {
  const text = (wrong: string) => `${'x'.repeat(2 * MB)}${wrong}${'é'.repeat(MB)}`
  const body = (id: string, wrong: string) =>
    `{\n  "jsonrpc": "2.0",\r\n  "id": ${id},\n  "result": {"text": "${text(wrong)}"}\n}\n`
  const { host } = await connected(t, {
    on: {
      'tools/call': (x) => {
        const bytes = Buffer.from(body(x.rawId ?? '', '?'))
        bytes[bytes.indexOf('?')] = 0xff
        x.reply(200, bytes)
      },
    },
  })
  host.send(call(1))
  const { raw } = await host.answer(1, 150_000)
  const line = body('1', '\ufffd')
    .trim()
    .replace(/[\r\n]/g, ' ')
  assert.ok(raw === line, 'the line is another one')
  await host.finish()
})

test('a large result that has something in a string that JSON has not is an error of ours, and the bridge goes on', async (t) => {
  const { host } = await connected(t, {
    on: {
      'tools/call': (x) =>
        x.reply(
          200,
          `{"jsonrpc":"2.0","id":${x.rawId},"result":{"text":"${'x'.repeat(2 * MB)}\u0001${'x'.repeat(2 * MB)}"}}`,
        ),
    },
  })
  host.send(call(1))
  ownError(await host.answer(1), 'protocol')
  host.send(request(2, 'tools/list'))
  await host.answer(2)
  await host.finish({ stderr: 'any' })
})

test('a large argument is sent again whole when the session was lost', async (t) => {
  const { host, server } = await connected(t, {
    on: {
      'tools/call': (x) =>
        server.sent('tools/call').length === 1 ? x.reply(404) : x.result('{"content":[]}'),
    },
  })
  const line = call(1, { text: bulk(5 * MB) })
  host.send(line)
  assert.ok((await host.answer(1, 150_000)).value.result)
  assert.deepEqual(
    server.sent('tools/call').map(({ text }) => digest(text)),
    [digest(line), digest(line)],
  )
  await host.finish({ stderr: 'any' })
})

test('a large argument follows a redirect whole', async (t) => {
  const { handle } = mcpBehaviour({ on: { 'tools/call': (x) => x.result('{"content":[]}') } })
  const server = await startRawServer((x) =>
    x.path === '/real' ? handle(x) : x.reply(307, undefined, { Location: '/real' }),
  )
  t.after(() => server.close())
  const host = bridge(t, { url: `${server.origin}/mcp` })
  await host.initialize()
  const line = call(1, { text: bulk(5 * MB) })
  host.send(line)
  assert.ok((await host.answer(1, 150_000)).value.result)
  assert.deepEqual(
    server.sent('tools/call').map(({ path, text }) => [path, digest(text)]),
    [
      ['/mcp', digest(line)],
      ['/real', digest(line)],
    ],
  )
  await host.finish()
})

test('with a trace, what is large passes unchanged too', async (t) => {
  const text = JSON.stringify(bulk(5 * MB))
  const body = (id: string) => `{"jsonrpc":"2.0","id":${id},"result":{"text":${text}}}`
  const file = traceFile(t)
  const { host, server } = await connected(t, { on: { 'tools/call': SHAPES['one SSE event']!(body) } }, [
    '--trace',
    file,
  ])
  const line = call(1, { text: bulk(5 * MB) })
  host.send(line)
  assert.ok((await host.answer(1, 150_000)).raw === body('1'), 'the line is another one')
  assert.equal(digest(server.sent('tools/call')[0]?.text ?? ''), digest(line))
  await host.finish({ stderr: 'any' })
})

test('an SSE event of a hundred thousand data lines is put together in one go', async (t) => {
  const { host } = await connected(t, {
    on: {
      'tools/call': (x) => {
        const stream = x.sse()
        const numbers = Array.from({ length: 100_000 }, (_, n) => `data: ${n},\n`).join('')
        void stream.raw(`data: {"jsonrpc":"2.0","id":${x.rawId},"result":{"n":[\n${numbers}data: 0]}}\n\n`)
        stream.end()
      },
    },
  })
  host.send(call(1))
  const { value } = await host.answer(1, 150_000)
  assert.equal((value.result?.n as readonly number[] | undefined)?.length, 100_001)
  await host.finish()
})

for (const [shape, handler] of Object.entries(SHAPES))
  test(`an answer over --max-event as ${shape} is a too-large error, and the bridge goes on`, async (t) => {
    const body = (id: string) => `{"jsonrpc":"2.0","id":${id},"result":{"text":"${'x'.repeat(3 * MB)}"}}`
    const { host, server } = await connected(t, { on: { 'tools/call': handler(body) } }, [
      '--max-event',
      '1MiB',
    ])
    host.send(call(1))
    assert.equal(ownError(await host.answer(1), 'too-large').maybeDelivered, true)
    assert.equal(server.sent('tools/call').length, 1)
    host.send(request(2, 'tools/list'))
    await host.answer(2)
    await host.finish({ stderr: 'some' })
  })

test('an endless line on stdin is discarded as it comes, not kept', async (t) => {
  const { host } = await connected(t, {}, ['--max-line', '1MiB'])
  host.sendRaw('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"f":"')
  for (let n = 0; n < 40; n++) host.sendRaw('y'.repeat(MB))
  host.sendRaw('"}}}\n')
  assert.equal((await host.answer(1)).value.error?.code, -32600)
  host.send(request(2, 'tools/list'))
  await host.answer(2)
  await host.finish({ stderr: 'any' })
})
