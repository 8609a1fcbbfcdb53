// Every parser at a boundary: what it was once wrong about, a few generated cases, and that its time grows no faster than what it
// is given. `npm run fuzz` has as many cases as one has time for.
import assert from 'node:assert/strict'
import test from 'node:test'
import vectors from '../../fixtures/vectors/fuzz.json' with { type: 'json' }
import { createChance } from './chance.ts'
import { complaint, failureOf, type Pump, pumpFor, tooSlow } from './running.ts'
import type { Target } from './target.ts'
import { TARGETS } from './targets.ts'

const SEED = 1
const PUMPS = 3
const PUMPED = 32_768

const { texts, pumps }: { texts: Record<string, string[]>; pumps: Record<string, Pump[]> } = vectors

function targetOf(name: string): Target {
  const target = TARGETS.find((target) => target.name === name)
  assert.ok(target, `there is no parser ${name}`)
  return target
}

for (const name of Object.keys(texts))
  test(`${name}: what was wrong once`, async () => {
    for (const text of texts[name]!)
      assert.equal(await complaint(targetOf(name), text), undefined, JSON.stringify(text))
  })

for (const name of Object.keys(pumps))
  test(`${name}: what took too long once`, () => {
    for (const pump of pumps[name]!)
      assert.equal(tooSlow(targetOf(name), pump, PUMPED), undefined, JSON.stringify(pump))
  })

for (const target of TARGETS) {
  test(`${target.name}: ${target.few} cases from seed ${SEED}`, async () => {
    for (let seed = SEED; seed < SEED + target.few; seed++) {
      const failure = await failureOf(target, seed)
      if (failure === undefined) continue
      const text = JSON.stringify(failure.text)
      assert.fail(
        `npm run fuzz -- ${target.name} ${seed} 1 (a vector for fuzz.json: ${text})\n${failure.why}`,
      )
    }
  })

  test(`${target.name}: the time grows no faster than the text`, () => {
    for (let seed = SEED; seed < SEED + PUMPS; seed++) {
      const pump = pumpFor(target, createChance(seed))
      assert.equal(tooSlow(target, pump, PUMPED), undefined, JSON.stringify(pump))
    }
  })
}
