// What the text of --set becomes, by the schema of the argument. users.md 34.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encode } from '../../../src/message/utf8.ts'
import { type InputSchema, readInputSchema, typedValue } from '../../../src/stages/fixed-values.ts'

function schemaOf(inputSchema: unknown): InputSchema {
  return readInputSchema(encode(JSON.stringify({ name: 't', inputSchema })))
}

function typesOf(argument: unknown, more: Readonly<Record<string, unknown>> = {}) {
  return schemaOf({ ...more, properties: { argument } }).typesOf('argument')
}

test('the types that an argument may have', () => {
  const defs = { $defs: { A: { type: 'string' }, 'b/c': { $ref: '#/$defs/A' } } }
  const cases: readonly (readonly [schema: unknown, types: readonly string[] | undefined])[] = [
    [{ type: 'string' }, ['string']],
    [{ type: ['string', 'null'] }, ['string', 'null']],
    [{ type: ['string', 7] }, undefined],
    [{ type: 7 }, undefined],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, ['string', 'null']],
    [{ oneOf: [{ type: 'integer' }, { $ref: '#/$defs/A' }] }, ['integer', 'string']],
    [{ anyOf: [{ type: 'string' }, {}] }, undefined],
    [{ allOf: [{ $ref: '#/$defs/b~1c' }] }, ['string']],
    [{ allOf: [{ type: 'string' }, { type: 'string' }] }, undefined],
    [{ enum: ['1', '2'] }, ['string']],
    [{ enum: ['1', 2] }, undefined],
    [{ const: '1' }, ['string']],
    [{ const: 1 }, undefined],
    [{ $ref: 'https://elsewhere.example/x' }, undefined],
    [{ $ref: '#/$defs/none' }, undefined],
    [{ $ref: '#/$defs/toString/length' }, undefined],
    [{}, undefined],
    [true, undefined],
    [null, undefined],
  ]
  for (const [schema, types] of cases) assert.deepEqual(typesOf(schema, defs), types, JSON.stringify(schema))
})

test('a schema that leads back to itself, in as many ways as it likes, ends', () => {
  const again = Array.from({ length: 50 }, () => ({ $ref: '#/properties/argument' }))
  assert.equal(typesOf({ anyOf: again }), undefined)
  assert.equal(typesOf({ $ref: '#/properties/argument' }), undefined)
})

test('the value keeps its text where it is JSON, and is text where text is asked for', () => {
  const cases: readonly (readonly [
    text: string,
    types: readonly string[] | undefined,
    json: string,
    fits?: false,
  ])[] = [
    ['12', ['string'], '"12"'],
    ['', ['string'], '""'],
    ['"q"', ['string'], '"\\"q\\""'],
    ['9007199254740993', ['integer'], '9007199254740993'],
    ['1.0', ['integer'], '1.0'],
    ['1.5', ['integer'], '1.5', false],
    ['1e400', ['number'], '1e400'],
    ['true', ['boolean'], 'true'],
    ['yes', ['boolean'], '"yes"', false],
    ['"true"', ['boolean'], '"true"', false],
    ['[1, 2.0]', ['array'], '[1, 2.0]'],
    ['{}', ['array'], '{}', false],
    ['{"a":1.0}', ['object'], '{"a":1.0}'],
    ['null', ['null'], 'null'],
    ['null', ['string', 'null'], 'null'],
    ['7', ['string', 'null'], '"7"'],
    ['7', ['integer', 'string'], '7'],
    ['7', undefined, '7'],
    ['seven', undefined, '"seven"'],
    ['{bad', undefined, '"{bad"'],
    ['', ['number'], '""', false],
  ]
  for (const [text, types, json, fits = true] of cases)
    assert.deepEqual(typedValue(text, types), { json, fits }, `${text} as ${types}`)
})

test('which arguments a tool tells of, and whether it takes others', () => {
  assert.deepEqual(schemaOf({ properties: { a: {}, b: {} } }).names, ['a', 'b'])
  assert.equal(schemaOf({ properties: {} }).takesMore, true)
  assert.equal(schemaOf({ additionalProperties: false }).takesMore, false)
  assert.equal(schemaOf({ additionalProperties: {} }).takesMore, true)
  for (const odd of [undefined, null, true, [], 'x', { properties: [] }, { properties: null }])
    assert.deepEqual(schemaOf(odd).names, [], JSON.stringify(odd))
  assert.deepEqual(readInputSchema(undefined).names, [])
  assert.equal(schemaOf({ properties: {} }).typesOf('toString'), undefined)
})
