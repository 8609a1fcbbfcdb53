// The soak's day: the same for the same seed, as long as it says, and with everything in it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Event, hourOf } from '../../../scripts/soak/plan.ts'

const HOURS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
const dayOf = (seed: number): Event[] => HOURS.flatMap((hour) => hourOf(seed, hour))

test('the same seed is the same day, another is another', () => {
  assert.deepEqual(dayOf(1), dayOf(1))
  assert.notDeepEqual(dayOf(1), dayOf(2))
})

test('the pauses of an hour fill it', () => {
  for (const hour of HOURS) {
    const minutes = hourOf(3, hour).map((event) => ('minutes' in event ? event.minutes : 0))
    assert.equal(
      minutes.reduce((sum, each) => sum + each, 0),
      60,
    )
  }
})

test('in a day of eight hours, after two, everything happens', () => {
  const kinds = new Set(dayOf(1).map(({ kind }) => kind))
  const all = 'big burst cancel cut idle list-change restart-editor restart-remote sleep subscribe token-over'
  assert.equal([...kinds].sort().join(' '), all)
})
