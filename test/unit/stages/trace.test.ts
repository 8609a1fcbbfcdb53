// What a trace shows of headers and of messages: the values that hold no secret, and one line of JSON, whatever is redacted.
import assert from 'node:assert/strict'
import test from 'node:test'
import { createRedactor } from '../../../src/log.ts'
import { read } from '../../../src/message/envelope.ts'
import { encode } from '../../../src/message/utf8.ts'
import { createCarrying, KEPT_BYTES, LONGEST } from '../../../src/stages/trace-carried.ts'
import { shownHeaders } from '../../../src/stages/trace-headers.ts'

const VALUES: readonly (readonly [name: string, value: string, shown: string])[] = [
  ['Content-Type', 'application/json', 'application/json'],
  ['X-Own', 'mine', '<redacted>'],
  ['User-Agent', 'given by the user', '<redacted>'],
  ['Authorization', 'Bearer abc', 'Bearer <redacted>'],
  ['authorization', 'DPoP abc', 'DPoP <redacted>'],
  ['Authorization', 'abc def', '<redacted>'],
  ['Proxy-Authorization', 'Basic dTpw', 'Basic <redacted>'],
  ['DPoP', 'eyJ.eyJ.sig', '<redacted>'],
  ['Cookie', 'a=b', '<redacted>'],
  ['Set-Cookie', 'a=b; Path=/', '<redacted>'],
  ['X-Api-Key', 'k', '<redacted>'],
  ['X-Anything-New', 'k', '<redacted>'],
  ['Mcp-Session-Id', 'abc', '<redacted: session 1>'],
  ['Mcp-Param-City', 'Oslo', 'Oslo'],
  ['Location', 'https://h/p?code=1#x', 'https://h/p?<redacted>'],
  ['Location', '/p', '/p'],
  ['Server', 'known-secret-value', '[redacted]'],
  [
    'WWW-Authenticate',
    'DPoP error="use_dpop_nonce", nonce="abc", algs="ES256"',
    'DPoP, error="use_dpop_nonce", algs="ES256"',
  ],
  ['WWW-Authenticate', 'Negotiate YIIabc==', 'Negotiate'],
  ['WWW-Authenticate', 'opaque-token', '<redacted>'],
  [
    'WWW-Authenticate',
    'Bearer resource_metadata="https://h/m?k=1", scope="a b"',
    'Bearer, resource_metadata="https://h/m?<redacted>", scope="a b"',
  ],
]

for (const [name, value, shown] of VALUES)
  test(`${name}: ${value} is shown as ${shown}`, () => {
    const { redact } = createRedactor(['known-secret-value'])
    const own = new Set(['x-own', 'user-agent'])
    const headers = shownHeaders([name, value], { own, redact, sessionNumber: () => 1 })
    assert.deepEqual(headers, { [name]: shown })
  })

test('a header that comes twice has both values', () => {
  const settings = { own: new Set<string>(), redact: (text: string) => text, sessionNumber: () => 1 }
  assert.deepEqual(shownHeaders(['Via', 'a', 'Via', 'b'], settings), { Via: ['a', 'b'] })
})

function carried(text: string, secrets: readonly string[] = []): Record<string, unknown> {
  const bytes = encode(text)
  const kept = bytes.subarray(0, KEPT_BYTES)
  const { ofBody } = createCarrying(createRedactor(secrets).redact)
  const line = `{${ofBody(kept, bytes.length)}}`
  assert.doesNotMatch(line, /[\r\n]/)
  return JSON.parse(line) as Record<string, unknown>
}

test('a secret that is a number leaves a line that is JSON, and what the message was', () => {
  const { text, rpc } = carried('{"jsonrpc":"2.0","id":1,"method":"x","params":{"pin":123456789}}', [
    '123456789',
  ])
  assert.equal(text, '{"jsonrpc":"2.0","id":1,"method":"x","params":{"pin":[redacted]}}')
  assert.deepEqual(rpc, { kind: 'request', id: '1', method: 'x' })
})

for (const written of ['abc\\u003d\\u003ddef', '\\u0061bc==def', 'abc=\\u003D\\u0064ef'])
  test(`a secret that is written ${written} is found`, () => {
    const message = carried(`{"jsonrpc":"2.0","method":"x","params":{"a":"${written}"}}`, ['abc==def'])
    assert.deepEqual(message, { message: { jsonrpc: '2.0', method: 'x', params: { a: '[redacted]' } } })
  })

test('a message with escapes and no secret is written as it came', () => {
  const text = '{"jsonrpc":"2.0","method":"x","params":{"a":"\\u0041\\u00e9\\\\u0041"}}'
  const { ofBody } = createCarrying(createRedactor(['something']).redact)
  assert.equal(ofBody(encode(text), encode(text).length), `"message":${text}`)
})

test('line ends between tokens become blanks, a batch is one line, and what is no JSON is text', () => {
  assert.deepEqual(carried('{\r\n"jsonrpc":"2.0",\n"method":"x"}'), {
    message: { jsonrpc: '2.0', method: 'x' },
  })
  assert.deepEqual(carried('[{"jsonrpc":"2.0",\n"method":"x"}]'), {
    message: [{ jsonrpc: '2.0', method: 'x' }],
  })
  assert.deepEqual(carried('<html>\n</html>'), { text: '<html>\n</html>' })
})

test('of what is too long the beginning stays, and no half of a secret at its end', () => {
  const secret = 'S3cret-'.repeat(10)
  for (const at of [LONGEST - 35, LONGEST + 16 * 1024 - 35, KEPT_BYTES - 1]) {
    const head = '{"jsonrpc":"2.0","id":1,"result":{"a":"'
    const text = `${head}${'x'.repeat(at - head.length)}${secret}${'y'.repeat(LONGEST)}"}}`
    const cut = carried(text, [secret])
    assert.equal(cut.cut, text.length)
    assert.ok(String(cut.text).length <= LONGEST, 'it is not longer than the limit')
    assert.ok(!String(cut.text).includes('S3cret'), 'half a secret is there')
  }
  const reading = read(encode(`{"jsonrpc":"2.0","id":7,"method":"m","params":"${'z'.repeat(LONGEST)}"}`))
  assert.ok(reading.kind === 'message', 'it is a message')
  const members = createCarrying((one) => one).ofMessage(reading.envelope)
  const { rpc } = JSON.parse(`{${members}}`) as { rpc: unknown }
  assert.deepEqual(rpc, { kind: 'request', id: '7', method: 'm' })
})
