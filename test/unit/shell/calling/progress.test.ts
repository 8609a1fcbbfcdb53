// The bar: what stands in it, and how often it is drawn.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBar, lineOf } from '../../../../src/shell/calling/progress.ts'

const about = { name: 'tool', seconds: 75 }

test('the line has the share, or the count, the time and the message', () => {
  const full = `[${'#'.repeat(24)}] 100%  1 min 15 s  done`
  assert.equal(lineOf({ progress: 3, total: 3, message: 'done' }, about), full)
  assert.equal(lineOf({ progress: 9, total: 3, message: 'done' }, about), full)
  assert.equal(lineOf({ progress: -1, total: 3 }, about), `[${'-'.repeat(24)}]   0%  1 min 15 s  tool`)
  assert.equal(lineOf({ progress: 7, total: 0 }, about), '7  1 min 15 s  tool')
  assert.equal(lineOf({ progress: 7, message: 'a\nb\u001b[2J' }, about), '7  1 min 15 s  a b')
  assert.equal(lineOf(undefined, { name: 'tool', seconds: 3 }), 'tool  3 s, Ctrl-C cancels')
})

test('many steps are drawn ten times a second, and nothing while it is hidden', () => {
  const written: string[] = []
  let nowMs = 1_000
  const output = { columns: 20, write: (text: string) => written.push(text) }
  const bar = createBar({ output, name: 'tool', now: () => nowMs })
  for (let step = 1; step <= 1_000; step++) {
    bar.step({ progress: step })
    nowMs += 1
  }
  assert.equal(written.length, 10)
  assert.equal(written[0], '\r\u001b[K1  0 s  tool\r')
  assert.equal(bar.hide(), true)
  assert.equal(written.at(-1), '\r\u001b[K')
  nowMs += 1_000
  bar.step({ progress: 2_000 })
  assert.equal(written.length, 11)
  assert.equal(bar.hide(), false)
  bar.show()
  assert.equal(written.at(-1), '\r\u001b[K2000  2 s  tool\r')
  bar.hide()
})
