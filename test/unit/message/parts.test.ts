// Parts → one array: the same bytes however they are cut, and each of them copied a bounded number of times.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createParts } from '../../../src/message/parts.ts'

const MB = 1024 * 1024

function pieces(total: number, size: number): Uint8Array[] {
  const whole = Uint8Array.from({ length: total }, (_, at) => (at * 31 + (at >> 11)) & 255)
  return Array.from({ length: Math.ceil(total / size) }, (_, at) =>
    whole.subarray(at * size, (at + 1) * size),
  )
}

for (const [total, size, expected] of [
  [0, 1, 0],
  [3000, 7, 0],
  [MB, MB, 0],
  [MB + 1, 65_536, 0],
  [9 * MB, 65_536, 0],
  [9 * MB, 65_536, 9 * MB],
  [3 * MB, 65_536, 2 * MB],
  [3 * MB, 65_536, 200 * MB],
] as const)
  test(`${total} bytes by ${size}, where ${expected} are expected`, () => {
    const parts = createParts(expected)
    for (let round = 0; round < 2; round++) {
      const all = pieces(total, size)
      for (const piece of all) parts.add(piece)
      assert.equal(parts.sizeBytes, total)
      const whole = parts.take()
      assert.equal(Buffer.compare(whole, Buffer.concat(all)), 0, 'the bytes have changed')
      assert.equal(parts.sizeBytes, 0)
    }
  })

test('what is long is copied a bounded number of times, in however small pieces it comes', (t) => {
  let copied = 0
  const { set } = Uint8Array.prototype
  t.mock.method(
    Uint8Array.prototype,
    'set',
    function (this: Uint8Array, from: ArrayLike<number>, at?: number) {
      copied += from.length
      return set.call(this, from, at)
    },
  )
  const parts = createParts()
  for (const piece of pieces(5 * MB, 64)) parts.add(piece)
  const whole = parts.take()
  assert.equal(whole.length, 5 * MB)
  assert.ok(copied < 2.5 * whole.length, `${copied} bytes were copied for ${whole.length}`)
})

test('where memory is scarce it is taken as it is needed', (t) => {
  const whole = globalThis.Uint8Array
  const most = 12 * MB
  t.after(() => {
    globalThis.Uint8Array = whole
  })
  const all = pieces(9 * MB, 65_536)
  globalThis.Uint8Array = new Proxy(whole, {
    construct(target, given: [unknown]) {
      if (typeof given[0] === 'number' && given[0] > most)
        throw new RangeError('Array buffer allocation failed')
      return Reflect.construct(target, given)
    },
  })
  const parts = createParts()
  for (const piece of all) parts.add(piece)
  assert.equal(Buffer.compare(parts.take(), Buffer.concat(all)), 0, 'the bytes have changed')
})
