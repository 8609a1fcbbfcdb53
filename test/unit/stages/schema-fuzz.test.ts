// Schemas that nobody would write come out as each family of models takes them, in little time, and the same if they come again.
import assert from 'node:assert/strict'
import test from 'node:test'
import { rewriteSchema } from '../../../src/stages/schema/rewriting.ts'
import { check } from '../../fixtures/schemas/checker.ts'
import { anySchema, random } from '../../fixtures/schemas/generator.ts'

const CHOICES = ['gemini', 'openai', 'strict'] as const
/** How many of each; more by hand. */
const COUNT = Number(process.env.FERRY_SCHEMAS ?? 100)

for (const choice of CHOICES)
  test(`${choice}: ${COUNT} generated schemas`, () => {
    for (let seed = 1; seed <= COUNT; seed++) {
      const text = JSON.stringify(anySchema(random(seed), 1 + (seed % 4)))
      const after = rewriteSchema(text, choice).text ?? text
      const complaints = check(JSON.parse(after), choice)
      assert.deepEqual(complaints, [], `seed ${seed}: ${text}\n→ ${after}`)
      const again = rewriteSchema(after, choice).text
      assert.equal(again, undefined, `seed ${seed} is not the same again: ${text}\n→ ${after}\n→ ${again}`)
    }
  })

const deep = (depth: number, open: string, close: string): string =>
  `${open.repeat(depth)}true${close.repeat(depth)}`
const many = (count: number, make: (at: number) => [string, unknown]): Record<string, unknown> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => make(at)))

/** What a hostile server might send, or a careless one. */
const HOSTILE: Readonly<Record<string, string>> = {
  'members 10,000 deep': deep(10_000, '{"type":"object","properties":{"a":', '}}'),
  'items 10,000 deep': deep(10_000, '{"type":"array","items":', '}'),
  'allOf 10,000 deep': deep(10_000, '{"allOf":[', ']}'),
  '10,000 references': JSON.stringify({
    type: 'object',
    properties: many(10_000, (at) => [`p${at}`, { $ref: `#/$defs/d${at}` }]),
    $defs: many(10_000, (at) => [
      `d${at}`,
      { type: 'object', properties: { next: { $ref: `#/$defs/d${(at + 1) % 10_000}` } } },
    ]),
  }),
  'references that double': JSON.stringify({
    type: 'object',
    properties: { a: { $ref: '#/$defs/d0' } },
    $defs: many(64, (at) => [
      `d${at}`,
      {
        type: 'object',
        properties: { a: { $ref: `#/$defs/d${at + 1}` }, b: { $ref: `#/$defs/d${at + 1}` } },
      },
    ]),
  }),
  'alternatives that double': JSON.stringify({
    type: 'object',
    properties: { a: { $ref: '#/$defs/d0' } },
    $defs: many(64, (at) => [
      `d${at}`,
      { anyOf: [{ $ref: `#/$defs/d${at + 1}` }, { allOf: [{ $ref: `#/$defs/d${at + 1}` }] }] },
    ]),
  }),
  'references in a circle':
    '{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}',
  'only itself': '{"$ref":"#"}',
  'all of itself': '{"allOf":[{"$ref":"#"}],"anyOf":[{"$ref":"#"},{"type":"null"}]}',
  'an enum of 100,000': JSON.stringify({
    type: 'object',
    properties: { e: { enum: Array.from({ length: 100_000 }, (_, at) => `v${at}`) } },
  }),
  'a description of 5 MB': JSON.stringify({
    type: 'object',
    description: 'é'.repeat(2_500_000),
    properties: { a: { type: 'string' } },
  }),
  'a lone surrogate': '{"type":"object","properties":{"\\ud800":{"type":"string","description":"\\udfff"}}}',
}

for (const choice of CHOICES)
  for (const [name, text] of Object.entries(HOSTILE))
    test(`${choice}: ${name}`, () => {
      const after = rewriteSchema(text, choice).text ?? text
      assert.deepEqual(check(JSON.parse(after), choice), [], 'complaints')
      assert.equal(rewriteSchema(after, choice).text, undefined, 'the same again')
    })
