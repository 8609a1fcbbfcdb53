// Numbers on the command lines of long runs: with none nothing was run, and it passed. scripts/numbers.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberOf } from '../../scripts/numbers.ts'

test('a number is taken, and what is none, or too little, is told with its option', () => {
  assert.equal(numberOf('jobs', '3'), 3)
  assert.equal(numberOf('requests', '1e5'), 100_000)
  assert.equal(numberOf('hours', '0', 0), 0)
  assert.equal(numberOf('share', '0.1', 0.001), 0.1)
  for (const text of ['', ' ', 'x', '3x', 'NaN', 'Infinity', '0', '-1'])
    assert.throws(() => numberOf('jobs', text), {
      message: `--jobs takes a number from 1 on, and not "${text}"`,
    })
})
