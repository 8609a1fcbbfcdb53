// The schemas of the tools of public servers, as each family of models takes them: kept as vectors, and looked at by a checker that
// knows nothing of how they were made.
import assert from 'node:assert/strict'
import test from 'node:test'
import { rewriteSchema } from '../../../src/stages/schema/rewriting.ts'
import { badNames, check } from '../../fixtures/schemas/checker.ts'
import { CHOICES, readVectors } from '../../fixtures/schemas/vectors.ts'

const VECTORS = readVectors()

for (const choice of CHOICES) {
  test(`${choice}: what becomes of each schema of the corpus`, () => {
    for (const { source, tool, before, after } of VECTORS) {
      const name = `${source} ${tool}`
      const rewritten = rewriteSchema(before, choice)
      assert.equal(rewritten.text ?? before, after[choice], name)
      assert.deepEqual(check(JSON.parse(after[choice]), choice), [], name)
      assert.equal(rewriteSchema(after[choice], choice).text, undefined, `${name} is not the same again`)
      const names = [...new Set(badNames(JSON.parse(before)))]
      assert.deepEqual([...rewritten.badNames].sort(), names.sort(), name)
    }
  })

  test(`${choice}: the checker finds what is wrong with most of them before`, () => {
    const wrong = VECTORS.filter(({ before }) => check(JSON.parse(before), choice).length > 0)
    const least = { gemini: 0.5, openai: 0.3, strict: 0.8 }[choice as 'gemini' | 'openai' | 'strict']
    assert.ok(wrong.length >= VECTORS.length * least, `${wrong.length} of ${VECTORS.length}`)
    for (const { source, tool, before } of VECTORS)
      if (check(JSON.parse(before), choice).length > 0)
        assert.notEqual(rewriteSchema(before, choice).text, undefined, `${source} ${tool} stays wrong`)
  })
}

test('the corpus holds the tools of many servers', () => {
  assert.ok(VECTORS.length >= 60, `${VECTORS.length} schemas`)
  assert.ok(new Set(VECTORS.map(({ source }) => source)).size >= 10, 'ten projects at least')
})
