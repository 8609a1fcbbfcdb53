// Schemas that nobody would write come out as each family of models takes them, in little time, and the same if they come again.
import assert from 'node:assert/strict'
import test from 'node:test'
import { rewriteSchema } from '../../../src/stages/schema/rewriting.ts'
import { check } from '../../fixtures/schemas/checker.ts'
import { anySchema, random } from '../../fixtures/schemas/generator.ts'

const CHOICES = ['gemini', 'openai', 'strict'] as const
const COUNT = Number(process.env.FERRY_SCHEMAS ?? 3000)

for (const choice of CHOICES)
  test(`${choice}: ${COUNT} generated schemas`, () => {
    for (let seed = 1; seed <= COUNT; seed++) {
      const text = JSON.stringify(anySchema(random(seed)))
      const after = rewriteSchema(text, choice).text ?? text
      const complaints = check(JSON.parse(after), choice)
      assert.deepEqual(complaints, [], `seed ${seed}: ${text}\n→ ${after}`)
      const again = rewriteSchema(after, choice).text
      assert.equal(again, undefined, `seed ${seed} is not the same again: ${text}\n→ ${after}\n→ ${again}`)
    }
  })
