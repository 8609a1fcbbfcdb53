// A message in pieces is read as it is in one, and stays in pieces until somebody asks for its bytes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { read, textOf } from '../../../src/message/envelope.ts'
import { readText } from '../../../src/message/long.ts'
import { createParts } from '../../../src/message/parts.ts'
import { skeletonOf } from '../../../src/message/skeleton.ts'
import { isJoined, sizeOf } from '../../../src/message/text.ts'

const LONG = 'Line one, \\"quoted\\",\\n渡し船は川を渡ります😀\\u00e9\\\\'.repeat(100)

function cut(text: string, size: number): Uint8Array[] {
  const whole = Buffer.from(text)
  return Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
    whole.subarray(at * size, (at + 1) * size),
  )
}

/** What is known of a text, in its own words. */
function seen(reading: ReturnType<typeof read>): unknown {
  if (reading.kind === 'batch') return reading.elements.map((each) => Buffer.from(each).toString())
  if (reading.kind !== 'message') return reading
  const { kind, id, method, shape, hasNewline, bytes } = reading.envelope
  return { kind, id, method, shape, hasNewline, bytes: Buffer.from(bytes).toString('latin1') }
}

/** As it comes from a stream, and longer than what is joined. */
function pieces(text: string): readonly Uint8Array[] {
  const parts = createParts()
  for (const part of cut(text, 65_521)) parts.add(part)
  const taken = parts.take()
  assert.ok(!isJoined(taken))
  return taken
}

const MESSAGES: Record<string, string> = {
  'a result': `{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"${LONG}"}]}}`,
  'a result with its id behind it': `{"result":{"text":"${LONG}"},"id":"é","jsonrpc":"2.0"}`,
  'long strings and short ones': `{"jsonrpc":"2.0","id":1,"result":{"a":"${LONG}","b":"x","${LONG}":["${LONG}",1,"${LONG}"]}}`,
  'newlines between tokens': `{\r\n "jsonrpc": "2.0",\n "id": 1,\n "result": "${LONG}"\n}\n`,
  'a request': `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"text":"${LONG}"}}}`,
  'a notification': `{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"${LONG}"}}`,
  'an error': `{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"${LONG}"}}`,
  'an id that is long': `{"jsonrpc":"2.0","id":"${LONG}","result":"${LONG}"}`,
  'a method that is long': `{"jsonrpc":"2.0","id":1,"method":"${LONG}","params":{"a":"${LONG}"}}`,
  'a version that is long': `{"jsonrpc":"${LONG}","id":1,"result":"${LONG}"}`,
  'a member twice': `{"jsonrpc":"2.0","id":1,"id":2,"result":"${LONG}","result":{"a":"${LONG}"}}`,
  'a batch': `[{"jsonrpc":"2.0","id":1,"result":"${LONG}"},{"jsonrpc":"2.0","method":"a"}]`,
  'only a string': `"${LONG}"`,
  'no JSON-RPC': `{"a":"${LONG}"}`,
  'a string without an end': `{"jsonrpc":"2.0","id":1,"result":"${LONG}`,
  'no end': `{"jsonrpc":"2.0","id":1,"result":"${LONG}"`,
  'something behind it': `{"jsonrpc":"2.0","id":1,"result":"${LONG}"}}`,
  'a quote that ends too early': `{"jsonrpc":"2.0","id":1,"result":"${LONG}" and "${LONG}"}`,
}
for (const [name, odd] of Object.entries({
  'a control character': '\u0001',
  'a newline': '\n',
  'an escape that is none': '\\x',
  'half an escape': '\\u00g0',
}))
  MESSAGES[`${name} in a long string`] = `{"jsonrpc":"2.0","id":1,"result":"${LONG}${odd}${LONG}"}`

for (const [name, text] of Object.entries(MESSAGES))
  test(`in pieces as in one: ${name}`, () => {
    const wanted = seen(read(Buffer.from(text)))
    for (const size of [1, 2, 3, 5, 7, 61, 1023, 1024, 1500, 4096, 8191, text.length * 3])
      assert.ok(isDeepStrictEqual(seen(readText(cut(text, size))), wanted), `by ${size}`)
  })

test('a name that is the end of a longer one, whose beginning is left out, is not taken for it', () => {
  const begun = `{"jsonrpc":"2.0","result":{},"${'i'.repeat(3000)}`
  for (const [end, kind] of [
    ['id":1}', 'response'],
    ['d":1}', 'response'],
    ['":1}', 'response'],
    ['method":"ping"}', 'response'],
  ] as const) {
    const reading = readText([Buffer.from(begun), Buffer.from(end)])
    assert.ok(reading.kind === 'message')
    const { kind: found, id, method, pieces } = reading.envelope
    assert.deepEqual({ found, id, method }, { found: kind, id: undefined, method: undefined }, end)
    assert.ok(pieces)
  }
})

test('a message in pieces is joined when its bytes are asked for, not before', () => {
  const text = `{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"${LONG.repeat(300)}"}]}}`
  const taken = pieces(text)
  const reading = readText(taken)
  assert.ok(reading.kind === 'message')
  const { envelope } = reading
  assert.equal(textOf(envelope), taken)
  assert.equal(envelope.pieces, taken)
  assert.ok(envelope.skeleton!.length < 1000, 'its long string is in its skeleton')
  const { start, end } = envelope.shape.result!
  assert.ok(Buffer.from(envelope.bytes).toString() === text, 'the bytes have changed')
  assert.ok(Buffer.from(envelope.bytes.subarray(start, end)).toString() === text.slice(33, -1))
  assert.equal(envelope.pieces, undefined, 'it has both')
  assert.equal(textOf(envelope), envelope.bytes)
  const again = readText(taken)
  assert.ok(again.kind === 'message')
  const copy = { ...again.envelope }
  assert.ok(Buffer.from(copy.bytes).toString() === text, 'a copy has other bytes')
})

test('a text of short strings has no skeleton: it is joined and read as it is', () => {
  const element = `{"name":"${'n'.repeat(50)}","description":"${'d'.repeat(300)}"},`
  const text = `{"jsonrpc":"2.0","id":1,"result":{"tools":[${element.repeat(4000)}{}]}}`
  const taken = cut(text, 65_536)
  assert.equal(skeletonOf(taken), undefined)
  assert.ok(isDeepStrictEqual(seen(readText(taken)), seen(read(Buffer.from(text)))))
  // What comes behind so much of that is not looked at for one.
  assert.equal(skeletonOf([...taken, ...cut(`"${'x'.repeat(50_000_000)}"`, 65_536)]), undefined)
})

test('a skeleton is the same JSON text without what its long strings say', () => {
  const text = `{"jsonrpc":"2.0","a":"${LONG.repeat(300)}","b":["x","${'y'.repeat(500)}",{"${LONG}":-1.5e3}]}`
  const taken = pieces(text)
  const { bytes, cuts } = skeletonOf(taken)!
  const { a, ...short } = JSON.parse(Buffer.from(bytes).toString()) as { a: string }
  assert.ok(a.length < 3000)
  assert.deepEqual(short, { jsonrpc: '2.0', b: ['x', 'y'.repeat(500), { '-': -1500 }] })
  assert.equal(
    cuts.reduce((sum, { sizeBytes }) => sum + sizeBytes, bytes.length),
    sizeOf(taken),
  )
})
