// Long strings are looked at by four bytes at a time: whatever stands in them, and wherever the bytes lie, it comes to
// what JSON.parse says. protocol.md 0.4.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { peek } from '../../../src/message/peek.ts'
import { decode, encode } from '../../../src/message/utf8.ts'

const ODD = [
  '"',
  '\\',
  '\\n',
  // Looked at by words, what stands behind a quote or a backslash may look as if it were one.
  '\\"#',
  '\\"#]#]',
  '\\\\]',
  '\\u00e9',
  '\\u12',
  '\n',
  '\u0000',
  '\u001f',
  ' ',
  '~',
  '\u007f',
  '\u0080',
  'é',
  '渡',
  '😀',
]
const LENGTHS = [60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 127, 128]

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The same bytes at another place of their memory. */
function shifted(bytes: Uint8Array, by: number): Uint8Array {
  const room = new Uint8Array(bytes.length + by + 5).fill(0x22)
  room.set(bytes, by)
  return room.subarray(by, by + bytes.length)
}

test('a long string is read as JSON.parse reads it, with anything in it, at any place', () => {
  let count = 0
  for (const odd of ODD)
    for (const length of LENGTHS)
      for (let behind = 0; behind < 9; behind++) {
        const text = `{"a":"${'x'.repeat(length)}${odd}${'é'.repeat(behind)}","id":"${odd}"}`
        const bytes = encode(text)
        for (let by = 0; by < 4; by++) {
          const kind = peek(shifted(bytes, by)).kind
          assert.equal(kind, parses(text) ? 'object' : 'invalid', `${JSON.stringify(text)} shifted by ${by}`)
          count++
        }
      }
  assert.equal(count, ODD.length * LENGTHS.length * 9 * 4)
})

test('a long string that is cut is no JSON, wherever it is cut', () => {
  const bytes = encode(`"${'渡x\\"\\u00e9\\\\ ~'.repeat(12)}"`)
  for (let by = 0; by < 4; by++)
    for (let end = 1; end < bytes.length; end++) {
      // What stands behind it would end it.
      const cut = shifted(bytes.subarray(0, end), by)
      assert.equal(peek(cut).kind, 'invalid', decode(cut))
    }
  assert.equal(peek(bytes).kind, 'scalar')
})
