// All the stages at once, between a host and a remote that say what they like: nothing crashes, no request is lost, nothing hidden
// is seen or reached. `npm run fuzz -- stages` plays 100,000 messages.
import assert from 'node:assert/strict'
import test from 'node:test'
import { createChance } from './chance.ts'
import { play } from './script.ts'
import { createWorld } from './world.ts'

const SEED = 1
const WORLDS = 60

test(`${WORLDS} worlds from seed ${SEED}: no crash, no lost request, nothing hidden leaks`, async (t) => {
  let made = 0
  let reached = 0
  let refused = 0
  for (let seed = SEED; seed < SEED + WORLDS; seed++) {
    const chance = createChance(seed)
    const world = createWorld(chance)
    try {
      made += await play(world, chance)
      world.check()
      reached += world.counts.reached
      refused += world.counts.refused
    } catch (thrown) {
      assert.fail(
        `npm run fuzz -- stages ${seed} 1: ${thrown instanceof Error ? thrown.stack : String(thrown)}`,
      )
    }
  }
  t.diagnostic(`${made} messages; of the requests ${reached} reached the remote, ${refused} were refused`)
  const few = made / 20
  assert.ok(reached > few && refused > few, `most came to nothing: ${reached} reached, ${refused} refused`)
})
