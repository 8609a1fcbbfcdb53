// Lines on stdin and stdout: how they may be cut, ended and spaced, and that nothing else is ever on stdout.
// protocol.md 0.3; T01–T04, T07.
import assert from 'node:assert/strict'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { bridge, call, connected, notify, ownError, request, serve, test } from './harness.ts'

test('T01 the remote gets the very bytes of the line, whatever their spacing and numbers', async (t) => {
  const server = await serve(t)
  const host = bridge(t, { url: server.url })
  const lines = [
    '  {"params":{"capabilities":{},"clientInfo":{"version":"1.0","name":"h"},"protocolVersion":"2025-06-18" } ,"id": 12345678901234567890,"method":"initialize","jsonrpc":"2.0" }',
    '{ "method" :"notifications/initialized" , "jsonrpc":"2.0","params":{ } }',
    '{"id":1.0, "jsonrpc":"2.0","method":"tools\\/list","params":{"x":"\\u00e9 é","n":[1.0,1e2,-0]}}',
  ]
  host.send(lines[0])
  await host.answer({ raw: '12345678901234567890' })
  host.send(lines[1])
  host.send(lines[2])
  await host.answer({ raw: '1.0' })
  assert.deepEqual(
    server.with('POST').map(({ text }) => text.trim()),
    lines.map((line) => line.trim()),
  )
  await host.finish()
})

test('T02 a pretty-printed answer with CRLF and a BOM becomes one line with the same tokens', async (t) => {
  const pretty =
    '\ufeff{\r\n  "jsonrpc": "2.0",\r\n  "id": "p",\r\n  "result": {\r\n\t"big": 9007199254740993,\r\n "tiny": 1e-400,\n\n "one": 1.0 }\r\n}\r\n\r\n'
  const { host } = await connected(t, { on: { 'tools/list': (x) => x.reply(200, pretty) } })
  host.send(request('p', 'tools/list'))
  const { raw } = await host.answer('p')
  assert.deepEqual(JSON.parse(raw), JSON.parse(pretty.slice(1)))
  for (const token of ['9007199254740993', '1e-400', '1.0 ']) assert.ok(raw.includes(token), raw)
  assert.ok(!raw.includes('\ufeff'))
  assert.equal(raw, raw.trim())
  await host.finish()
})

test('T03 a line in many writes and many lines in one write are handled once each', async (t) => {
  const { host, server } = await connected(t)
  const text = request('é-cut', 'tools/list', { note: '漢字 😀' })
  for (const byte of Buffer.from(`${text}\n`)) host.sendRaw(Uint8Array.of(byte))
  await host.answer('é-cut')
  const many = ['a', 'b', 'c', 'd'].map((id) => request(id, 'tools/list'))
  host.sendRaw(`${many.join('\n')}\n${many[0]?.replace('"a"', '"e"')}`)
  for (const id of ['a', 'b', 'c', 'd']) await host.answer(id)
  host.sendRaw('\n')
  await host.answer('e')
  assert.equal(server.sent('tools/list').length, 6)
  assert.equal(server.sent('tools/list')[0]?.text, text)
  await host.finish()
})

test('T03 CRLF line ends and a BOM before the first line are accepted, blank lines are ignored', async (t) => {
  const server = await serve(t)
  const host = bridge(t, { url: server.url })
  host.sendRaw(`\ufeff${initializeLine('i')}\r\n\r\n\n   \t \n${INITIALIZED}\r\n`)
  host.sendRaw(`${request(1, 'tools/list')}\r\n`)
  await host.answer('i')
  await host.answer(1)
  assert.equal(host.lines.length, 2)
  for (const { text } of server.with('POST')) assert.doesNotMatch(text, /[\r\n\ufeff]/)
  await host.finish()
})

test('U+2028, U+2029, NEL and a form feed escape do not end a line', async (t) => {
  const { host, server } = await connected(t)
  const text = call(1, { text: 'a\u2028b\u2029c\u0085d\u000ce' })
  host.send(text)
  const { value } = await host.answer(1)
  assert.equal(server.sent('tools/call')[0]?.text, text)
  assert.deepEqual(value.result?.structuredContent, { text: 'a\u2028b\u2029c\u0085d\u000ce' })
  await host.finish()
})

test('T04 a garbage line is answered -32700 without an id, and the bridge goes on', async (t) => {
  const { host } = await connected(t)
  for (const garbage of [
    'hello',
    '{"jsonrpc":"2.0","id":1,',
    '{"a":01}',
    '{"a":"\u0001"}',
    '{} {}',
    "{'a':1}",
  ]) {
    host.send(garbage)
    const answer = await host.line((line) => line.key === undefined)
    assert.equal(answer.value.error?.code, -32700, garbage)
    assert.ok(!('id' in answer.value), answer.raw)
  }
  host.send(request(2, 'tools/list'))
  await host.answer(2)
  await host.finish({ stderr: 'any' })
})

test('T04 bytes that are no UTF-8 are told and do not stop the bridge', async (t) => {
  const { host } = await connected(t)
  host.sendRaw(Buffer.from([0xff, 0xfe, 0x00, 0x7b, 0x0a]))
  const answer = await host.line((line) => line.key === undefined)
  assert.equal(answer.value.error?.code, -32700)
  host.send(request(2, 'tools/list'))
  await host.answer(2)
  await host.finish({ stderr: 'any' })
})

test('T07 diagnostics go to stderr only, at every level and with a failing remote', async (t) => {
  for (const level of ['debug', 'trace']) {
    const server = await serve(t, {
      on: { 'tools/list': (x) => x.reply(500, '<h1>oops</h1>', { 'Content-Type': 'text/html' }) },
    })
    const host = bridge(t, { url: server.url, args: ['--log-level', level] })
    await host.initialize()
    host.send(notify('notifications/roots/list_changed'))
    host.send('garbage')
    host.send(request(1, 'tools/list'))
    ownError(await host.answer(1), 'http')
    await host.finish({ stderr: 'some' })
  }
})

test('when all goes well nothing is written to stderr', async (t) => {
  const { host, server } = await connected(t, { getStream: true })
  await server.request(({ method }) => method === 'GET')
  host.send(request(1, 'tools/list'))
  host.send(call(2))
  host.send(notify('notifications/roots/list_changed'))
  await host.answer(1)
  await host.answer(2)
  server.push({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
  await host.notification('notifications/tools/list_changed')
  await host.finish({ stderr: 'empty' })
})

test('answers are written as soon as they are there, not when stdin ends', async (t) => {
  const { host } = await connected(t)
  for (let id = 1; id <= 5; id++) {
    host.send(request(id, 'tools/list'))
    await host.answer(id)
  }
  await host.finish()
})
