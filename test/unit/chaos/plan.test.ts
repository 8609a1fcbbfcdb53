// The plan of the chaos run: the same seed draws the same faults whatever the order, and there are enough kinds.
import assert from 'node:assert/strict'
import test from 'node:test'
import { FAULTS } from '../../../scripts/chaos/faults.ts'
import { PAIRS, type Pair, remoteEra } from '../../../scripts/chaos/pairs.ts'
import { createPlan } from '../../../scripts/chaos/plan.ts'

const MANY = Array.from({ length: 50_000 }, (_, n) => `tools/call ${n}`)
const KEYS = MANY.slice(0, 2000)

function drawn(
  seed: number,
  keys: readonly string[],
  pair: Pair = 'legacy-legacy',
): Map<string, string | undefined> {
  const plan = createPlan({ seed, only: [], pair, transport: 'http', trace: () => {} })
  plan.setActive(true)
  return new Map(keys.map((key) => [key, plan.draw('request', key).fault?.name]))
}

test('what meets a request depends on the seed and the request, not on what came before', () => {
  const there = drawn(3, KEYS)
  const back = drawn(3, [...KEYS].reverse())
  for (const key of KEYS) assert.equal(there.get(key), back.get(key))
  assert.notDeepEqual([...there], [...drawn(4, KEYS)])
})

test('most requests meet no fault', () => {
  const hit = [...drawn(3, KEYS).values()].filter((name) => name !== undefined).length
  assert.ok(hit > 50 && hit < 300, `${hit} of ${KEYS.length}`)
})

test('names are unique, and both transports have more than thirty kinds', () => {
  assert.equal(new Set(FAULTS.map(({ name }) => name)).size, FAULTS.length)
  assert.ok(FAULTS.filter(({ streamableOnly }) => streamableOnly !== true).length > 35)
})

test('a remote of either era meets what only it can, and nothing of the other', () => {
  for (const pair of PAIRS) {
    const names = new Set(drawn(3, MANY, pair).values())
    const other = FAULTS.filter(({ only }) => only !== undefined && only !== remoteEra(pair))
    assert.deepEqual(
      other.filter(({ name }) => names.has(name)),
      [],
    )
    const own = FAULTS.filter(({ only, on }) => only === remoteEra(pair) && on.includes('request'))
    assert.deepEqual(
      own.filter(({ name }) => !names.has(name)),
      [],
    )
  }
})
