// What is asked of a text is the same whether it is in pieces or in one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { trim } from '../../../src/message/lines.ts'
import { beginningOf, joined, sizeOf } from '../../../src/message/text.ts'

const WHOLE = Buffer.from(' \r\n\ufeff \t{"a": "é"}\n \r\n')

/** In one, in two at every place, and byte by byte. */
const CUTS: readonly (readonly Uint8Array[])[] = [
  [WHOLE],
  ...[...WHOLE.keys()].slice(1).map((at) => [WHOLE.subarray(0, at), WHOLE.subarray(at)]),
  [...WHOLE.keys()].map((at) => WHOLE.subarray(at, at + 1)),
]

test('its beginning has as many bytes as are wanted, where it has them', () => {
  for (const pieces of CUTS)
    for (const most of [0, 1, 5, WHOLE.length, 100]) {
      const beginning = beginningOf(pieces, most)
      assert.equal(
        Buffer.compare(beginning, WHOLE.subarray(0, most)),
        0,
        `${most} of ${pieces.length} pieces`,
      )
    }
})

test('its size is that of all its pieces', () => {
  for (const pieces of CUTS) assert.equal(sizeOf(pieces), WHOLE.length)
})

test('without white space and a byte order mark at its ends it is the same', () => {
  for (const pieces of CUTS) assert.equal(Buffer.from(joined(trim(pieces))).toString(), '{"a": "é"}')
  assert.equal(sizeOf(trim([Buffer.from(' \n'), Buffer.from('\r')])), 0)
})
