// What pings come to.
import assert from 'node:assert/strict'
import test from 'node:test'
import { summaryOf } from '../../../src/shell/asking/pinging.ts'

test('the percentiles are times that were measured', () => {
  assert.equal(summaryOf([]), undefined)
  assert.deepEqual(summaryOf([3]), { minMs: 3, p50Ms: 3, p99Ms: 3, maxMs: 3 })
  assert.deepEqual(summaryOf([4, 1, 3, 2]), { minMs: 1, p50Ms: 2, p99Ms: 4, maxMs: 4 })
  const hundred = Array.from({ length: 200 }, (_, at) => 200 - at)
  assert.deepEqual(summaryOf(hundred), { minMs: 1, p50Ms: 100, p99Ms: 198, maxMs: 200 })
})
