// The fields of a form: what a person types for one, and what becomes of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encode } from '../../../../src/message/utf8.ts'
import { byDefaults } from '../../../../src/shell/calling/form.ts'
import { type Field, fieldsOf, readField } from '../../../../src/shell/calling/form-fields.ts'

function fields(schema: string): Field[] {
  const bytes = encode(schema)
  return fieldsOf(bytes, { start: 0, end: bytes.length })
}

const field = (schema: object): Field => fields(JSON.stringify({ properties: { x: schema } }))[0]!

/** A schema, what is typed, and its JSON or what is wanted instead. */
const TYPED: readonly (readonly [schema: object, typed: string, json: string | RegExp])[] = [
  [{ type: 'string' }, 'a "b"', '"a \\"b\\""'],
  [{}, '5', '"5"'],
  [{ type: 'string', minLength: 2 }, '😀', /2 characters or more/],
  [{ type: 'string', maxLength: 1 }, '😀', '"😀"'],
  [{ type: 'string', format: 'email' }, 'a@b', '"a@b"'],
  [{ type: 'string', format: 'email' }, 'a@b@c', /e-mail/],
  [{ type: 'string', format: 'uri' }, 'mailto:x', '"mailto:x"'],
  [{ type: 'string', format: 'uri' }, 'example.com', /URL/],
  [{ type: 'string', format: 'date' }, '2024-02-29', '"2024-02-29"'],
  [{ type: 'string', format: 'date' }, '2026-02-29', /date/],
  [{ type: 'string', format: 'date-time' }, '2026-01-31T23:59:60.5+01:00', '"2026-01-31T23:59:60.5+01:00"'],
  [{ type: 'string', format: 'date-time' }, '2026-01-31', /date and a time/],
  [{ type: 'string', format: 'constructor' }, 'x', '"x"'],
  [{ type: 'number' }, '1e400', '1e400'],
  [{ type: 'number' }, '1,5', /a number/],
  [{ type: 'number', minimum: 1 }, '0.5', /1 or more/],
  [{ type: 'integer' }, '9007199254740993', '9007199254740993'],
  [{ type: 'integer' }, '1.5', /whole number/],
  [{ type: 'integer', maximum: 3 }, '4', /3 or less/],
  [{ type: 'boolean' }, 'Y', 'true'],
  [{ type: 'boolean' }, 'no', 'false'],
  [{ type: 'boolean' }, 'maybe', /yes or no/],
  [{ enum: ['a', 'b'], enumNames: ['First', 'Second'] }, 'second', '"b"'],
  [{ enum: ['a', 'b'] }, '2', '"b"'],
  [{ enum: ['2', '1'] }, '2', '"2"'],
  [{ enum: ['a', 'b'] }, '3', /one of them/],
  [{ oneOf: [{ const: 'a', title: 'Upper deck' }] }, 'upper deck', '"a"'],
  [{ type: 'array', items: { enum: ['a', 'b', 'c'] } }, 'c, 1,c', '["c","a"]'],
  [{ type: 'array', items: { anyOf: [{ const: 'a', title: 'A' }] } }, 'A', '["a"]'],
  [{ type: 'array', items: { enum: ['a', 'b'] }, minItems: 2 }, 'a', /2 or more/],
  [{ type: 'array', items: { enum: ['a', 'b'] }, maxItems: 1 }, 'a,b', /1 or fewer/],
  [{ type: 'array', items: { enum: ['a'] } }, 'a,x', /some of them/],
]

test('what is typed is what the schema takes, or is asked for again', () => {
  for (const [schema, typed, expected] of TYPED) {
    const read = readField(field(schema), typed)
    const what = `${JSON.stringify(schema)} ${typed}`
    if (typeof expected === 'string') assert.deepEqual(read, { json: expected }, what)
    else assert.match('wrong' in read ? read.wrong : read.json, expected, what)
  }
})

test('a form is answered by its defaults only if none is missing, and they keep their text', () => {
  const all = fields(
    '{"properties":{"n":{"type":"integer","default":9007199254740993},"s":{},"b":{"default":false}},"required":["n"]}',
  )
  assert.equal(byDefaults(all), '{"action":"accept","content":{"n":9007199254740993,"b":false}}')
  assert.equal(byDefaults(fields('{"properties":{"n":{}},"required":["n"]}')), '{"action":"decline"}')
  assert.equal(byDefaults([]), '{"action":"accept","content":{}}')
})

test('a schema that is none has no fields, and odd ones are texts', () => {
  assert.deepEqual(fields('[]'), [])
  assert.deepEqual(fields('{"properties":5}'), [])
  assert.equal(field({ type: ['x'] }).kind, 'string')
  assert.equal(fieldsOf(encode('{}'), undefined).length, 0)
  assert.equal(field({ title: 'a\u001b[2Jb' }).title, 'ab')
})
