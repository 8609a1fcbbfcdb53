// What is read off a message without opening it, and that it agrees with JSON.parse.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withId } from '../../../src/message/edit.ts'
import { type Envelope, read } from '../../../src/message/envelope.ts'
import { oneLine, trim } from '../../../src/message/lines.ts'
import { cancelledId, refuse } from '../../../src/message/message.ts'
import { find, peek, readString } from '../../../src/message/peek.ts'
import { joined } from '../../../src/message/text.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (data: Uint8Array): string => new TextDecoder().decode(data)

function message(json: string): Envelope {
  const reading = read(bytes(json))
  assert.equal(reading.kind, 'message', json)
  return (reading as { envelope: Envelope }).envelope
}

const VALID = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1.5',
  '1e400',
  '1E+2',
  '-1.5e-7',
  '9007199254740993',
  '""',
  '"a"',
  '"\\u00e9\\n\\"\\\\\\/"',
  '[]',
  '{}',
  '[1,[2,[3]]]',
  '{"a":{"b":[{}]},"c":null}',
  ' \t\r\n{ "a" : [ 1 , 2 ] }\n',
  '{"a":1,"a":2}',
  '{"":0}',
  '"é日😀"',
]
const INVALID = [
  '',
  ' ',
  '{',
  '}',
  '[',
  ']',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '[1,]',
  '[,1]',
  '{,}',
  '{a:1}',
  "{'a':1}",
  '01',
  '-',
  '+1',
  '.5',
  '1.',
  '1e',
  '1e+',
  '0x1',
  'nul',
  'nulll',
  'True',
  'NaN',
  'Infinity',
  '"',
  '"\\x"',
  '"\\u12g4"',
  '"\\u12"',
  '"a\nb"',
  '"\t"',
  '"a',
  '1 2',
  '{} {}',
  '[1 2]',
  '{"a":1 "b":2}',
  '{"a":1]',
  '[1}',
  '\ufeff{}',
  '//x',
  '{"a":1}x',
  '[1]]',
  '"\u0000"',
  '{"a" 1}',
  '{1:2}',
  '[[[',
  '{"a":[}',
]

test('what JSON.parse takes is taken, and what it refuses is refused', () => {
  for (const json of VALID) {
    JSON.parse(json)
    assert.notEqual(peek(bytes(json)).kind, 'invalid', json)
  }
  for (const json of INVALID) {
    assert.throws(() => JSON.parse(json), json)
    assert.equal(peek(bytes(json)).kind, 'invalid', json)
  }
})

test('agrees with JSON.parse on texts with one byte changed, removed or added', () => {
  const alphabet = '{}[],:"\\ 0123456789.-+eEtrufalsn\n\u0001é'
  let seed = 1
  const random = (below: number): number => {
    seed = (seed * 48271) % 2147483647
    return seed % below
  }
  const start = '{"jsonrpc":"2.0","id":-1.5e3,"method":"a\\u00e9\\"","params":{"x":[1,true,null,{}],"y":""}}'
  for (let round = 0; round < 20_000; round++) {
    const characters = [...start]
    for (let edits = random(3); edits >= 0; edits--) {
      const added = random(3) > 0 ? [alphabet[random(alphabet.length)]!] : []
      characters.splice(random(characters.length), random(2), ...added)
    }
    const json = characters.join('')
    let isValid = true
    try {
      JSON.parse(json)
    } catch {
      isValid = false
    }
    assert.equal(peek(bytes(json)).kind !== 'invalid', isValid, json)
  }
})

test('depth is a loop, not a recursion', () => {
  const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  assert.equal(peek(bytes(deep(9000))).kind, 'array')
  assert.equal(peek(bytes(deep(1_000_000))).kind, 'invalid')
})

test('kind, id and method', () => {
  const request = message('{"id":0,"params":{"method":"x","id":9},"method":"tools/list","jsonrpc":"2.0"}')
  assert.deepEqual(
    [request.kind, request.id, request.method],
    ['request', { raw: '0', key: '0' }, 'tools/list'],
  )
  const notification = message('{"jsonrpc":"2.0","method":"notifications/x"}')
  assert.deepEqual([notification.kind, notification.id], ['notification', undefined])
  assert.equal(message('{"jsonrpc":"2.0","id":"a","result":null}').kind, 'response')
  const nobody = message('{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}}')
  assert.deepEqual([nobody.kind, nobody.id], ['response', undefined])
  assert.equal(message('{"jsonrpc":"2.0","error":{}}').kind, 'response')
})

test('names written with escapes are the same names, and of duplicates the last counts', () => {
  const request = message(
    '{"jsonrpc":"1.0","\\u006asonrpc":"2.0","\\u0069d":5,"id":6,"met\\u0068od":"a\\u0062"}',
  )
  assert.deepEqual([request.id?.raw, request.method], ['6', 'ab'])
})

test('a member is found by what its name means, however the name is written, and by nothing else', () => {
  const names = [
    '',
    'a',
    'ab',
    'abc',
    'a"b',
    'a\\b',
    '\\',
    'é',
    'aé',
    '\u007f',
    'a\n',
    '\ud800',
    'a":1',
    '__proto__',
  ]
  const escaped = (name: string, from: number): string =>
    [...name.split('')]
      .map((letter, at) =>
        at < from
          ? JSON.stringify(letter).slice(1, -1)
          : `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
      .join('')
  for (const written of names)
    for (let from = 0; from <= written.length; from++) {
      const text = `{ "${escaped(written, from)}" : 7 }`
      const all = bytes(text)
      for (const sought of names) {
        const found = find(all, { start: 0, end: all.length }, sought)
        assert.equal(found !== undefined, sought === written, `${JSON.stringify(sought)} in ${text}`)
        if (found !== undefined) assert.deepEqual(all.subarray(found.start, found.end), bytes('7'))
      }
    }
})

test('what is JSON but no message is told from what is no JSON', () => {
  const noMessage: [string, string | undefined][] = [
    ['{}', undefined],
    ['1', undefined],
    ['"x"', undefined],
    ['{"jsonrpc":"2.0","id":7}', '7'],
    ['{"id":"s","method":"x"}', '"s"'],
    ['{"jsonrpc":"1.0","id":1,"method":"x"}', '1'],
    ['{"jsonrpc":"2.0","id":1,"method":5}', '1'],
    ['{"jsonrpc":"2.0","id":null,"method":"x"}', undefined],
    ['{"jsonrpc":"2.0","id":true,"method":"x"}', undefined],
    ['{"jsonrpc":"2.0","id":{},"method":"x"}', undefined],
    ['{"jsonrpc":"2.0","id":[1],"result":{}}', undefined],
  ]
  for (const [json, id] of noMessage) {
    const reading = read(bytes(json))
    assert.equal(reading.kind, 'not-a-message', json)
    assert.equal((reading as { id?: { raw: string } }).id?.raw, id, json)
  }
  assert.equal(read(bytes('{"jsonrpc":"2.0"')).kind, 'not-json')
})

test('ids: numbers are told apart by their text, strings by what they mean', () => {
  const key = (id: string): string => message(`{"jsonrpc":"2.0","id":${id},"method":"x"}`).id!.key
  assert.equal(key('"a"'), key('"\\u0061"'))
  for (const [a, b] of [
    ['1', '"1"'],
    ['0', '""'],
    ['9007199254740992', '9007199254740993'],
    ['1', '1.0'],
    ['"a"', '"A"'],
  ]) {
    assert.notEqual(key(a!), key(b!), `${a} ${b}`)
  }
})

test('a cut message still gives the members that were complete', () => {
  const peeked = peek(bytes('{"jsonrpc":"2.0","id":12,"method":"tools/call","params":{"a":"xxxxx'))
  assert.equal(peeked.kind, 'invalid')
  const { shape } = peeked as { shape: { id?: { start: number; end: number } } }
  assert.deepEqual(shape.id, { start: 22, end: 24 })
})

test('find follows a path, and the last of duplicates counts at each step', () => {
  const data = bytes('{"a":{"b":1},"a":{"b":{"c":"x"},"b":{"c":"\\u00e9"}}}')
  const whole = { start: 0, end: data.length }
  assert.equal(readString(data, find(data, whole, 'a', 'b', 'c')), 'é')
  assert.equal(find(data, whole, 'a', 'x'), undefined)
  assert.equal(find(data, whole, 'a', 'b', 'c', 'd'), undefined)
})

test('an id is replaced or added, and every other byte stays', () => {
  const id = message('{"jsonrpc":"2.0","id":9007199254740993,"method":"x"}').id!
  const cases = [
    [
      '{"jsonrpc":"2.0", "id" : null ,"error":{"code":1e400}}',
      '{"jsonrpc":"2.0", "id" : 9007199254740993 ,"error":{"code":1e400}}',
    ],
    [
      ' {"jsonrpc":"2.0","result":{"id":1.0}}',
      ' {"id":9007199254740993,"jsonrpc":"2.0","result":{"id":1.0}}',
    ],
  ]
  for (const [before, after] of cases) assert.equal(text(withId(message(before!), id).bytes), after)
})

test('one line: newlines between tokens become blanks, the ends are trimmed, the rest stays', () => {
  const line = (input: string): string => text(oneLine(joined(trim(bytes(input)))))
  assert.equal(line('\ufeff\r\n{\r\n "a": 1,\n\t"b": "x y" }\n '), '{   "a": 1, \t"b": "x y" }')
  assert.equal(line(' \ufeff {} '), '{}')
  assert.equal(line('{"a":"\u2028"}'), '{"a":"\u2028"}')
})

test('a message with newlines between its tokens is known to be no line, and one with newlines in strings is one', () => {
  const body = '"jsonrpc":"2.0","id":1,"result":["a\\nb","\u2028"]'
  assert.equal(message(`{${body}}`).hasNewline, false)
  for (const json of [`{\n${body}}`, `{${body.replace('[', '[\r')}}`, `{${body}}\n`]) {
    assert.equal(message(json).hasNewline, true, json)
  }
})

test('a refusal without an id has no id member', () => {
  const { bytes: refusal } = refuse(undefined, { code: -32700, message: 'x' })
  assert.deepEqual(JSON.parse(text(refusal)), { jsonrpc: '2.0', error: { code: -32700, message: 'x' } })
})

test('the request that a cancellation names', () => {
  const cancel = message('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"7"}}')
  assert.equal(cancelledId(cancel)?.key, '"7')
  assert.equal(cancelledId(message('{"jsonrpc":"2.0","method":"notifications/cancelled"}')), undefined)
})
