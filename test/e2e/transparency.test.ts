// What passes through a bridge between two peers of one era is not changed: not by a byte towards the remote, and
// by nothing but folded line ends towards the host. protocol.md 0.1-2, 0.4.
import assert from 'node:assert/strict'
import type { Exchange, Handler } from '../fixtures/servers/raw-server.ts'
import { connected, request, test } from './harness.ts'

/** JSON values that a parse and stringify would change, and some that it would not. */
const VALUES: Readonly<Record<string, string>> = {
  'an integer over 2^53': '9007199254740993',
  'a huge integer': '123456789012345678901234567890',
  'a number that overflows': '1e400',
  'a number that underflows': '-1e-400',
  'a float without a fraction': '1.0',
  'minus zero': '-0',
  'an exponent': '1E+2',
  'many digits': '0.1000000000000000055511151231257827',
  'duplicate names': '{"a":1,"a":2,"b":{"c":1,"c":1.0}}',
  'names that are numbers': '{"2":1,"1":2,"b":3,"a":4}',
  'odd names': '{"__proto__":{"x":1},"constructor":null,"":0," ":1,"toJSON":1}',
  escapes: '"\\u00e9 \\/ \\b\\f\\n\\r\\t \\u2028 \\ud83d\\ude00 é 😀"',
  'a lone surrogate escape': '"\\ud800 x"',
  'an escaped NUL': '"a\\u0000b"',
  spacing: '{ "a" :\t[ 1 , 2,3 ] , "b" : { } , "c":[ ] }',
  nothing: 'null',
  'deep nesting': `${'['.repeat(2000)}${']'.repeat(2000)}`,
}

const TO_HOST: Readonly<Record<string, string>> = {
  'result null': '"result":null',
  'result true': '"result":true',
  'a result that is a number': '"result":1.0',
  'an empty result': '"result":{}',
  'an unknown top-level member': '"result":{},"x-extra":{"n":1.0}',
  _meta: '"result":{"_meta":{"io.example/trace":"1.0","n":1.0,"progressToken":9007199254740993}}',
  'result before the rest': '"result":{"id":5,"method":"x","error":{"code":1}}',
  'an error': '"error":{"code":-32050,"message":"m","data":{"n":9007199254740993,"z":1,"a":2}}',
  'an error with more members': '"error":{"code":-32603,"message":"","x":1.0,"data":null}',
  'an error with a code outside the range': '"error":{"code":2147483648.0,"message":"é\\u00e9"}',
}

for (const [name, raw] of Object.entries(VALUES)) {
  test(`${name} reaches the remote as written, and comes back as written`, async (t) => {
    const { host, server } = await connected(t)
    const line = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"v":${raw}},"_meta":{"m":${raw}}}}`
    host.send(line)
    const answer = await host.answer(1)
    assert.equal(server.sent('tools/call')[0]?.text, line)
    assert.equal(
      answer.raw,
      `{"jsonrpc":"2.0","id":1,"result":{"content":[],"structuredContent":{"v":${raw}}}}`,
    )
    await host.finish()
  })
}

const asJson: (body: (x: Exchange) => string) => Handler = (body) => (x) => x.reply(200, body(x))
const asSse: (body: (x: Exchange) => string) => Handler = (body) => (x) => {
  const stream = x.sse()
  stream.message(body(x))
  stream.end()
}
for (const [kind, handler] of Object.entries({ JSON: asJson, SSE: asSse }))
  test(`answers of every shape come to the host byte for byte, as ${kind}`, async (t) => {
    const shapes = Object.values(TO_HOST)
    const body = (x: Exchange) => `{ "jsonrpc":"2.0",${shapes[Number(x.rawId)]} ,"id":${x.rawId}}`
    const { host } = await connected(t, { on: { 'tools/call': handler(body) } })
    for (const [index, [name, shape]] of Object.entries(TO_HOST).entries()) {
      host.send(request(index, 'tools/call', { name: 'x' }))
      const { raw } = await host.answer(index)
      assert.equal(raw, `{ "jsonrpc":"2.0",${shape} ,"id":${index}}`, name)
    }
    await host.finish()
  })

test('key order, unknown members, methods and versions pass towards the remote', async (t) => {
  const { host, server } = await connected(t, { on: { '*': (x) => x.result('{}') } })
  const lines = [
    '{"id":1,"params":{"z":1,"a":2,"_meta":{"progressToken":9007199254740993,"vendor/x":[1.0]}},"method":"vendor/new","jsonrpc":"2.0"}',
    '{"jsonrpc":"2.0","id":2,"method":"tools/call","extra":{"top":1.0},"params":{"name":"x","task":{"ttl":1e3}}}',
    '{"jsonrpc":"2.0","id":3,"method":"","params":{}}',
    '{"jsonrpc":"2.0","id":4,"method":"tools/list","params":null}',
    '{"jsonrpc":"2.0","id":5,"method":"tools/list","params":[1,2]}',
  ]
  for (const line of lines) host.send(line)
  for (const id of [1, 2, 3, 4, 5]) await host.answer(id)
  const sent = server.with('POST').map(({ text }) => text)
  for (const line of lines) assert.ok(sent.includes(line), `not sent as it was: ${line}`)
  await host.finish()
})

test('an initialize with a version nobody knows yet passes both ways', async (t) => {
  const { host, server } = await connected(t, { protocolVersion: '2031-01-01' })
  const line =
    '{"jsonrpc":"2.0","id":"again","method":"initialize","params":{"protocolVersion":"2099-12-31","capabilities":{"future":{"n":1.0}},"clientInfo":{"name":"h","version":"1"}}}'
  host.send(line)
  const { value } = await host.answer('again')
  assert.equal(value.result?.protocolVersion, '2031-01-01')
  assert.equal(server.sent('initialize').at(-1)?.text, line)
  await host.finish()
})

test('notifications and requests of the remote pass byte for byte, unknown ones too', async (t) => {
  const messages = [
    '{"method":"notifications/vendor/new","jsonrpc":"2.0","params":{"n":9007199254740993,"a":1.0}}',
    '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1.0,"progress":0.10}}',
    '{"jsonrpc":"2.0", "id" : 9007199254740993 ,"method":"vendor/ask","params":{"z":1,"a":-0}}',
    '{"jsonrpc":"2.0","method":"notifications/x","params":{"s":"\\u00e9\\/"},"top":1.0}',
  ]
  const { host, server } = await connected(t, {
    on: {
      'tools/call': (x) => {
        const stream = x.sse()
        for (const message of messages) stream.message(message)
        stream.result('{}')
        stream.end()
      },
    },
  })
  host.send(request(1, 'tools/call', { name: 'x' }))
  await host.answer(1)
  for (const message of messages) await host.line(({ raw }) => raw === message)
  const reply = '{"id":9007199254740993,"jsonrpc":"2.0","result":{"n":1.0, "x":1e400}}'
  host.send(reply)
  await server.request(({ text }) => text === reply)
  await host.finish()
})
