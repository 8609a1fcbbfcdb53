// Messages of many megabytes, both ways, and the limits on them. protocol.md 0.3, 0.7, 0.13; T06.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Handler } from '../fixtures/servers/raw-server.ts'
import { call, connected, ownError, request, test } from './harness.ts'

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
