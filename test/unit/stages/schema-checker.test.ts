// The checker itself: each rule has a schema that breaks it, and nothing else.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { SchemaChoice } from '../../../src/options/shaping.ts'
import { check } from '../../fixtures/schemas/checker.ts'

const STRICT = { type: 'object', required: ['p'], additionalProperties: false }
const nested = (levels: number): unknown =>
  levels === 0 ? { type: 'string' } : { ...STRICT, properties: { p: nested(levels - 1) } }
const values = (count: number, length: number): string[] =>
  Array.from({ length: count }, (_, at) => String(at).padStart(length, 'x'))

/** The schema of a member `p` → what is wrong with it; undefined: nothing. */
const MEMBERS: Readonly<Record<SchemaChoice, readonly (readonly [schema: unknown, complaint?: RegExp])[]>> = {
  gemini: [
    [{ type: 'string' }],
    [{ type: 'string', $schema: 'x' }, /Unknown name "\$schema"/],
    [
      { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
      /additionalProperties/,
    ],
    [{ $ref: '#' }, /Unknown name "\$ref"/],
    [{ type: ['string', 'null'] }, /cannot start list/],
    [{ type: 'null' }, /Invalid value at type/],
    [{ description: 'no type' }, /must be specified/],
    [{ anyOf: [{ type: 'string' }], description: 'x' }, /only field set/],
    [{ type: 'integer', enum: ['1'] }, /enum: not allowed/],
    [{ type: 'string', enum: [1] }, /TYPE_STRING/],
    [{ type: 'string', enum: [''] }, /cannot be empty/],
    [{ type: 'string', format: 'uri' }, /format/],
    [{ type: 'array' }, /items: missing/],
    [{ type: 'string', items: { type: 'string' } }, /items: not allowed/],
    [{ type: 'object', properties: {} }, /non-empty/],
    [{ type: 'object', properties: { a: { type: 'string' } }, required: ['b'] }, /"b" is not defined/],
  ],
  openai: [
    [{}],
    [{ type: ['string', 'null'] }],
    [{ type: 'array' }, /missing items/],
    [{ type: 'object' }, /missing properties/],
    [{ type: 'any' }, /any is not valid/],
    [{ type: 'object', properties: {}, required: ['x'] }, /is no member/],
    [{ allOf: [] }, /allOf/],
    [true, /neither object/],
  ],
  strict: [
    [{ type: 'string', format: 'email' }],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }],
    [nested(8)],
    [nested(9), /too deep/],
    [{}, /'type' key/],
    [{ type: 'object', properties: {}, required: [] }, /must be false/],
    [{ ...STRICT, properties: { p: { type: 'string' }, q: { type: 'string' } } }, /every key: q/],
    [{ ...STRICT, properties: {} }, /extra required key: p/],
    [{ type: 'string', default: 'x' }, /'default' is not permitted/],
    [{ type: 'string', pattern: '(?=a)' }, /looks around/],
    [{ type: 'string', format: 'uri' }, /format uri/],
    [{ type: 'string', enum: values(1001, 4) }, /too many values/],
    [{ type: 'string', enum: values(251, 60) }, /too long/],
    [{ $ref: '#/$defs/gone' }, /no definition/],
    [{ $ref: '#', description: 'x' }, /keywords beside/],
  ],
}

for (const [choice, cases] of Object.entries(MEMBERS) as [SchemaChoice, (typeof MEMBERS)['strict']][])
  test(`the checker of ${choice}`, () => {
    for (const [schema, complaint] of cases) {
      const root = { type: 'object', properties: { p: schema } }
      const found = check(choice === 'strict' ? { ...root, ...STRICT } : root, choice)
      const shown = `${JSON.stringify(schema).slice(0, 200)}: ${found}`
      if (complaint === undefined) assert.deepEqual(found, [], shown)
      else assert.match(found.join('\n'), complaint, shown)
    }
  })

test('the root is an object without alternatives', () => {
  for (const root of [7, {}, { type: 'string' }, { type: ['object'] }])
    for (const choice of ['gemini', 'openai', 'strict'] as const)
      assert.notDeepEqual(check(root, choice), [], JSON.stringify(root))
  const many = { type: 'object', properties: {}, anyOf: [{ type: 'object', properties: {} }] }
  assert.match(check(many, 'openai').join(), /may not have anyOf/)
})
