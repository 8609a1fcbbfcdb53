// Texts in the columns of a terminal.
import assert from 'node:assert/strict'
import test from 'node:test'
import { alignRows, fit, pad, widthOf } from '../../../src/shell/wide-text.ts'

test('a text is as wide as a terminal shows it', () => {
  for (const [text, width] of [
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['漢字', 4],
    ['😀!', 3],
    ['…', 1],
  ] as const)
    assert.equal(widthOf(text), width, text)
})

test('what is too wide is cut between characters', () => {
  assert.equal(fit('abcdef', 6), 'abcdef')
  assert.equal(fit('abcdef', 4), 'abc…')
  assert.equal(fit('ab cdef', 4), 'ab…')
  assert.equal(fit('漢字漢', 4), '漢…')
  assert.equal(fit('e\u0301e\u0301', 2), 'e\u0301e\u0301')
  assert.equal(fit('😀😀', 3), '😀…')
  assert.equal(pad('漢', 4), '漢  ')
})

test('rows stand below one another, and one that is too wide moves only itself', () => {
  const columns = [{ head: 'A', most: 4 }, { head: 'B', most: 4 }, { head: 'C' }]
  const rows = [
    ['a', 'b', 'c c c c c c c c'],
    ['aaaaaaa', 'b', 'c'],
    ['', '', ''],
  ]
  assert.deepEqual(alignRows(columns, rows, 18), ['A     B  C', 'a     b  c c c c…', 'aaaaaaa  b  c', ''])
})
