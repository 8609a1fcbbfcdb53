// What becomes of single words of a schema, for each family of models. Each case is the schema of an argument `p` that need not be given.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { SchemaChoice } from '../../../src/options/shaping.ts'
import { rewriteSchema } from '../../../src/stages/schema/rewriting.ts'

const NULL = '{"type":"null"}'

const CASES: readonly (readonly [what: string, choice: SchemaChoice, before: string, after: string])[] = [
  ['null as a type', 'gemini', '{"type":["string","null"]}', '{"type":"string","nullable":true}'],
  [
    'null as an alternative',
    'gemini',
    `{"anyOf":[{"type":"integer"},${NULL}]}`,
    '{"type":"integer","nullable":true}',
  ],
  ['two types', 'gemini', '{"type":["string","number"]}', '{"anyOf":[{"type":"string"},{"type":"number"}]}'],
  ['a constant', 'gemini', '{"const":"a"}', '{"type":"string","enum":["a"]}'],
  [
    'values that are numbers',
    'gemini',
    '{"type":"integer","enum":[1,2]}',
    '{"type":"integer","description":"Constraints: one of 1, 2."}',
  ],
  [
    'a rule behind a description',
    'gemini',
    '{"type":"string","description":"A name","pattern":"^a+$"}',
    '{"type":"string","description":"A name. Constraints: pattern ^a+$."}',
  ],
  [
    'exact numbers',
    'gemini',
    '{"type":"integer","minimum":9007199254740993}',
    '{"type":"integer","minimum":9007199254740993}',
  ],
  [
    'a map',
    'gemini',
    '{"type":"object","additionalProperties":{"type":"string"}}',
    '{"type":"object","description":"Constraints: members of any name, each {\\"type\\":\\"string\\"}."}',
  ],
  [
    'constants with meanings',
    'gemini',
    '{"oneOf":[{"const":"a","title":"First"},{"const":"b"}]}',
    '{"type":"string","description":"Constraints: \\"a\\": First.","enum":["a","b"]}',
  ],
  [
    'all of several',
    'openai',
    '{"allOf":[{"type":"string","minLength":1},{"minLength":3,"pattern":"x"}]}',
    '{"type":"string","pattern":"x","minLength":3}',
  ],
  ['a list without items', 'openai', '{"type":"array"}', '{"type":"array","items":{}}'],
  ['an escaped reference', 'openai', '{"$ref":"#/$defs/a~1b%25"}', '{"type":"boolean"}'],
  [
    'a reference that leads elsewhere',
    'openai',
    '{"$ref":"other.json","type":"string"}',
    '{"type":"string","description":"Constraints: the schema other.json."}',
  ],
  ['what need not be given', 'strict', '{"type":"string"}', '{"type":["string","null"]}'],
  ['values', 'strict', '{"enum":["a"]}', '{"type":["string","null"],"enum":["a",null]}'],
  [
    'an object',
    'strict',
    '{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}',
    `{"anyOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false},${NULL}]}`,
  ],
]

for (const [what, choice, before, after] of CASES)
  test(`${choice}: ${what}`, () => {
    const text = `{"type":"object","properties":{"p":${before}},"$defs":{"a/b%":{"type":"boolean"}}}`
    const rest = choice === 'strict' ? ',"required":["p"],"additionalProperties":false' : ''
    assert.equal(rewriteSchema(text, choice).text, `{"type":"object","properties":{"p":${after}}${rest}}`)
  })

test('strict: what cannot be said is named', () => {
  const map =
    '{"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"string"}}}}'
  assert.deepEqual(rewriteSchema(map, 'strict').closed, ['m'])
})

test('what fits already stays as it is', () => {
  for (const choice of ['gemini', 'openai'] as const)
    assert.equal(
      rewriteSchema('{ "type":"object", "properties":{"p":{"type":"string"}} }', choice).text,
      undefined,
    )
})
