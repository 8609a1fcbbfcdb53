// The table of ids against a Map, over a long seeded run of what hosts do, and with ids that share a bucket.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Id } from '../../../src/message/envelope.ts'
import { createIdTable } from '../../../src/message/id-table.ts'

const idOf = (key: string): Id => ({ raw: key, key })

test('it holds what a Map would hold, whatever comes and goes', () => {
  const table = createIdTable<number>()
  const map = new Map<string, number>()
  let seed = 7
  const random = (below: number): number => {
    seed = (seed * 48271) % 2147483647
    return seed % below
  }
  for (let step = 0; step < 20_000; step++) {
    const id = idOf(
      random(2) === 0
        ? String(random(400))
        : `"a long id that differs at its front ${random(400)} and not behind`,
    )
    switch (random(4)) {
      case 0:
        table.set(id, step)
        map.set(id.key, step)
        break
      case 1:
        assert.equal(table.delete(id), map.delete(id.key))
        break
      case 2:
        assert.equal(table.take(id), map.get(id.key))
        map.delete(id.key)
        break
      default:
        assert.equal(table.get(id), map.get(id.key))
    }
  }
  const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b)
  assert.ok(map.size > 100)
  assert.deepEqual(sorted(table.values()), sorted(map.values()))
  table.clear()
  assert.deepEqual(table.values(), [])
})

test('the number 0 and the string "0" are two ids', () => {
  const table = createIdTable<string>()
  table.set({ raw: '0', key: '0' }, 'number')
  table.set({ raw: '"0"', key: '"0' }, 'string')
  assert.equal(table.get(idOf('0')), 'number')
  assert.equal(table.get(idOf('"0')), 'string')
})
