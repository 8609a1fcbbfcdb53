// Lines that are JSON but no usable message: each gets its error, with the id where there is one, and what is in
// flight is not touched. protocol.md 0.3, 0.5, A.8.
import assert from 'node:assert/strict'
import { type Host, initializeLine, type Line } from '../fixtures/hosts/raw-host.ts'
import { call, connected, request, test } from './harness.ts'

const nameless = (host: Host): Promise<Line> => host.line((line) => line.key === undefined)

for (const id of ['null', 'true', 'false', '{}', '{"id":1}', '[]', '[7]'])
  test(`a request whose id is ${id} is refused with -32600 and no id, and not sent`, async (t) => {
    const { host, server } = await connected(t)
    host.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/list"}`)
    const answer = await nameless(host)
    assert.equal(answer.value.error?.code, -32600)
    assert.ok(!('id' in answer.value), answer.raw)
    host.send(request('next', 'tools/list'))
    await host.answer('next')
    assert.equal(server.sent('tools/list').length, 1)
    await host.finish({ stderr: 'any' })
  })

for (const line of ['42', 'null', 'true', '"initialize"', '{}', '{"jsonrpc":"2.0"}'])
  test(`the line ${line} is no message: -32600 without an id`, async (t) => {
    const { host } = await connected(t)
    host.send(line)
    const answer = await nameless(host)
    assert.equal(answer.value.error?.code, -32600)
    assert.ok(!('id' in answer.value), answer.raw)
    host.send(request('next', 'ping'))
    await host.answer('next')
    await host.finish({ stderr: 'any' })
  })

for (const rest of ['', ',"method":5', ',"method":null', ',"method":{}'])
  test(`an object with an id but no usable method (${rest || 'none'}) is answered -32600 under its id`, async (t) => {
    const { host, server } = await connected(t)
    host.send(`{"jsonrpc":"2.0","id":77${rest}}`)
    assert.equal((await host.answer(77)).value.error?.code, -32600)
    await host.finish({ stderr: 'any' })
    assert.ok(!server.with('POST').some(({ text }) => text.includes('77')))
  })

test('a duplicate id in flight is refused with -32600, the first request is not affected', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => x.hang() } })
  host.send(call(5))
  const first = await server.request(({ message }) => message.method === 'tools/call')
  host.send(request(5, 'tools/list'))
  const refused = await host.answer(5)
  assert.equal(refused.value.error?.code, -32600)
  assert.match(refused.value.error.message, /duplicate|already/i)
  assert.equal(server.sent('tools/list').length, 0)
  first.result('{"content":[]}')
  assert.deepEqual((await host.answer(5)).value.result, { content: [] })
  host.send(request(5, 'tools/list'))
  assert.ok((await host.answer(5)).value.result, 'an id may be used again once it has been answered')
  await host.finish({ stderr: 'any' })
})

test('T31 a batch from the host is split: each message its own POST, each request answered', async (t) => {
  const { host, server } = await connected(t, { protocolVersion: '2025-03-26' })
  const parts = [
    request('b1', 'tools/list'),
    '{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}',
    '{"jsonrpc":"2.0" , "id":12345678901234567890,"method":"tools/call","params":{"name":"echo","arguments":{"n":1.0}}}',
  ]
  host.send(`[${parts.join(' , ')}]`)
  await host.answer('b1')
  const { raw } = await host.answer({ raw: '12345678901234567890' })
  assert.match(raw, /"n":1\.0\}/)
  await server.request(({ message }) => message.method === 'notifications/roots/list_changed')
  const bodies = server.with('POST').map(({ text }) => text)
  for (const part of parts) assert.ok(bodies.includes(part), `not sent as it was: ${part}`)
  await host.finish()
})

test('an empty batch is answered -32600 once', async (t) => {
  const { host } = await connected(t)
  host.send('[]')
  assert.equal((await nameless(host)).value.error?.code, -32600)
  host.send(request('next', 'ping'))
  await host.answer('next')
  await host.finish({ stderr: 'any' })
})

test('a batch with initialize in it is refused: each request in it gets -32600, none is sent', async (t) => {
  const { host, server } = await connected(t)
  host.send(`[${initializeLine('again')},${request('with', 'tools/list')}]`)
  assert.equal((await host.answer('again')).value.error?.code, -32600)
  assert.equal((await host.answer('with')).value.error?.code, -32600)
  host.send(request('next', 'ping'))
  await host.answer('next')
  assert.ok(!server.requests.some(({ text }) => text.includes('"again"') || text.includes('"with"')))
  assert.equal(server.sent('initialize').length, 1)
  await host.finish({ stderr: 'any' })
})

test('a batch of rubbish: every element is answered for itself', async (t) => {
  const { host } = await connected(t)
  host.send(`[1,${request('good', 'ping')},{"jsonrpc":"2.0","id":null,"method":"ping"}]`)
  await host.answer('good')
  assert.equal((await nameless(host)).value.error?.code, -32600)
  assert.equal((await nameless(host)).value.error?.code, -32600)
  await host.finish({ stderr: 'any' })
})

const filler = 'x'.repeat(1_200_000)
const LONG_LINES: Readonly<Record<string, (id: string) => string>> = {
  'at the front': (id) =>
    `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":{"id":9,"f":"${filler}"}}}`,
  'at the end': (id) =>
    `{"method":"tools/call","params":{"name":"echo","arguments":{"id":9,"f":"${filler}"}},"jsonrpc":"2.0","id":${id}}`,
}
for (const [where, line] of Object.entries(LONG_LINES))
  for (const id of ['4', '"a \\"quoted\\" id"', '9007199254740993'])
    test(`a line over --max-line with the id ${id} ${where} is answered -32600 under that id`, async (t) => {
      const { host, server } = await connected(t, {}, ['--max-line', '1MiB'])
      host.send(line(id))
      const answer = await host.answer({ raw: id })
      assert.equal(answer.value.error?.code, -32600)
      assert.match(answer.value.error.message, /1 ?MiB|1048576|too long|longer|limit|exceed/i)
      host.send(request('next', 'tools/list'))
      await host.answer('next')
      assert.equal(server.sent('tools/call').length, 0)
      await host.finish({ stderr: 'any' })
    })

test('a notification over --max-line is dropped: nobody asked, nobody is answered', async (t) => {
  const { host, server } = await connected(t, {}, ['--max-line', '1MiB'])
  host.send(`{"jsonrpc":"2.0","method":"notifications/long","params":{"id":9,"f":"${filler}"}}`)
  host.send(request('next', 'tools/list'))
  await host.answer('next')
  assert.equal(host.lines.length, 2)
  assert.equal(server.sent('notifications/long').length, 0)
  await host.finish({ stderr: 'any' })
})

test('a line just under --max-line passes', async (t) => {
  const { host } = await connected(t, {}, ['--max-line', '1MiB'])
  host.send(call('fits', { f: 'x'.repeat(1_048_576 - 200) }))
  assert.ok((await host.answer('fits')).value.result)
  await host.finish()
})
