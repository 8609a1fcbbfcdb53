// What the soak makes of its laps: what grows is found and named, what only sways is not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { between, randomFor } from '../../../scripts/chaos/random.ts'
import type { Census } from '../../../scripts/soak/snapshot.ts'
import { growth, type Lap, type Laps, slope } from '../../../scripts/soak/verdict.ts'
import { LAP } from './lap.ts'

const UNITS = 1000

function lapsOf(change: (lap: number) => Partial<Lap>, more: Partial<Laps> = {}): Laps {
  const laps = [1, 2, 3, 4, 5].map((lap) => ({ ...LAP, ...change(lap) }))
  return { name: 'calls', unit: 'call', unitsPerLap: UNITS, laps, counted: [], ...more }
}

function censusOf(entries: Readonly<Record<string, readonly [count: number, bytes: number]>>): Census {
  return new Map(Object.entries(entries).map(([what, [count, bytes]]) => [what, { count, bytes }]))
}

test('the slope is that of most laps, whatever one odd lap says', () => {
  assert.equal(slope([10, 12, 14, 16]), 2)
  assert.equal(slope([10, 10, 900, 10, 10]), 0)
  assert.equal(slope([5]), 0)
})

test('laps that sway are level', () => {
  const random = randomFor('laps')
  const swaying = lapsOf(() => ({
    heapBytes: LAP.heapBytes + between(random, -150_000, 150_000),
    rssBytes: LAP.rssBytes + between(random, -2e6, 2e6),
    objects: LAP.objects + between(random, -10, 10),
    descriptors: 21 + between(random, -1, 1),
  }))
  assert.deepEqual(growth(swaying), [])
})

for (const [measure, perLap] of [
  ['objects', UNITS],
  ['timers', 30],
  ['sockets', 30],
  ['listeners', 30],
  ['descriptors', 30],
  ['heapBytes', 400 * UNITS],
  ['bufferBytes', 64 * UNITS],
  ['rssBytes', 5e6],
  ['files', 1],
  ['fileBytes', 5000],
] as const)
  test(`${measure} that grow by ${perLap} in each lap are found`, () => {
    const found = growth(lapsOf((lap) => ({ [measure]: (LAP[measure] ?? 0) + lap * perLap })))
    assert.equal(found.length, 1, found.join('\n'))
    assert.match(found[0]!, /^calls: .* more for each call /)
  })

test('files that are to grow may', () => {
  const change = (lap: number): Partial<Lap> => ({ files: lap, fileBytes: lap * 1e6 })
  assert.deepEqual(growth(lapsOf(change, { hasGrowingFiles: true })), [])
})

test('what is unknown of a system does not count as grown', () => {
  assert.deepEqual(growth(lapsOf(() => ({ descriptors: undefined }))), [])
})

test('what has stayed on the heap is named, also where it is no object', () => {
  const before = censusOf({ string: [5000, 200_000], 'object Array': [300, 10_000] })
  const numbers = censusOf({ string: [5000, 200_000], 'object Array': [300, 10_000], 'array ': [2, 100_000] })
  const strings = censusOf({ string: [5000 + 5 * UNITS, 200_000], 'object Array': [300, 10_000] })
  const heap = (after: Census): string[] => growth(lapsOf(() => ({}), { counted: [before, after] }))
  assert.match(heap(numbers).join(), /20\.0 bytes of heap stay for each call: 2 array {2}of 100000 bytes/)
  assert.match(heap(strings).join(), /5000 string of 0 bytes/)
  assert.deepEqual(heap(before), [])
})
