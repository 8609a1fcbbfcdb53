// Parts → pieces: the same bytes however they are cut, each of them copied a bounded number of times, and nothing torn that
// has to be looked at in one.
import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { test } from 'node:test'
import { createParts } from '../../../src/message/parts.ts'
import { isJoined, joined, sizeOf, type Text } from '../../../src/message/text.ts'
import { countCopied } from './copying.ts'

const MB = 1024 * 1024

function cut(whole: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
    whole.slice(at * size, (at + 1) * size),
  )
}

/** Bytes of a JSON string that goes on and on. */
function inString(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at === 0 ? 0x22 : 0x23 + ((at * 31 + (at >> 11)) % 57)))
}

/** Bytes of a text of many short values. */
function values(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at % 7 === 0 ? 0x2c : 0x30 + (at % 10)))
}

function put(parts: readonly Uint8Array[]): Text {
  const all = createParts()
  for (const part of parts) all.add(part)
  return all.take()
}

for (const [total, size, make] of [
  [0, 1],
  [3000, 7],
  [4096, 4096],
  [MB - 1, 65_536],
  [MB, MB],
  [MB + 1, 65_536],
  [2 * MB, 4095],
  [9 * MB, 65_536],
  [MB + 1, 65_536, values],
  [2 * MB, 4095, values],
  [9 * MB, 65_536, values],
] as const)
  test(`${total} bytes by ${size} of ${make === values ? 'short values' : 'a string'}`, () => {
    const parts = createParts()
    for (let round = 0; round < 2; round++) {
      const whole = (make ?? inString)(total)
      for (const part of cut(whole, size)) parts.add(part)
      assert.equal(parts.sizeBytes, total)
      const text = parts.take()
      assert.equal(isJoined(text), total < MB || size === total || make === values)
      assert.equal(sizeOf(text), total)
      assert.equal(Buffer.compare(joined(text), whole), 0, 'the bytes have changed')
      assert.ok(isJoined(text) || text.every((piece) => piece.length > 0), 'an empty piece')
      assert.equal(parts.sizeBytes, 0)
    }
  })

test('no piece ends within a character or an escape, wherever it is cut', () => {
  const unit = 'a\\n\\u00e9\\\\\\"é\\\\\\\\漢\\\\u0041😀\\ud83d\\ude00'
  const block = Buffer.from(unit)
  // As many bytes as cuts, so that each place is cut.
  const whole = Buffer.from(unit.repeat(Math.ceil((2 * MB) / block.length)))
  for (const size of [4096, 4097, 4099, 5003]) {
    const text = put(cut(whole, size))
    assert.ok(!isJoined(text))
    assert.equal(Buffer.compare(joined(text), whole), 0, 'the bytes have changed')
    for (const piece of text) {
      assert.ok(isUtf8(piece), 'a character is torn')
      JSON.parse(`"${Buffer.from(piece).toString()}"`)
    }
  }
})

test('a character that comes byte by byte between long parts is not torn', () => {
  const long = new Uint8Array(MB).fill(0x61)
  const [first, second, third, fourth] = Buffer.from('😀').values() as Iterable<number> as number[]
  const text = put([
    long,
    Uint8Array.of(first!),
    Uint8Array.of(second!),
    Uint8Array.of(third!),
    Uint8Array.of(fourth!, ...long.subarray(0, 5000)),
  ])
  assert.ok(!isJoined(text) && text.every((piece) => isUtf8(piece)))
  const split = put([
    Buffer.concat([long, Buffer.of(first!)]),
    Buffer.concat([Buffer.of(second!, third!, fourth!), long]),
  ])
  assert.ok(!isJoined(split) && split.every((piece) => isUtf8(piece)))
})

test('what ends within an escape stays as it is', () => {
  for (const end of ['\\', '\\u', '\\u00e', '\\\\\\', '\\'.repeat(999)]) {
    const whole = Buffer.from(`"${'a'.repeat(2 * MB)}${end}`)
    const text = put(cut(whole, 65_536))
    assert.ok(!isJoined(text))
    assert.equal(Buffer.compare(joined(text), whole), 0)
  }
})

test('what is long is copied a bounded number of times, in however small pieces it comes', (t) => {
  const copied = countCopied(t)
  const whole = inString(2 * MB)
  for (const [size, times] of [
    [31, 1.1],
    [64, 1.1],
    [4000, 1.1],
    [65_536, 0.1],
  ] as const) {
    const parts = cut(whole, size)
    copied.bytes = 0
    const text = put(parts)
    assert.ok(
      copied.bytes < times * whole.length,
      `${copied.bytes} bytes were copied for ${whole.length} by ${size}`,
    )
    assert.ok(
      !isJoined(text) && text.length <= Math.max(whole.length / 3000, parts.length + 1),
      'many pieces',
    )
    copied.bytes = 0
    put(cut(values(2 * MB), size))
    assert.ok(
      copied.bytes < 2.2 * whole.length,
      `${copied.bytes} bytes were copied into one array by ${size}`,
    )
  }
})

test('parts that are empty leave no piece', () => {
  const [long, empty] = [inString(MB), new Uint8Array(0)]
  const text = put([empty, long, empty, long, empty])
  assert.ok(!isJoined(text))
  assert.deepEqual(
    text.map((piece) => piece.length),
    [MB, MB],
  )
})

test('for one array, memory that is scarce is taken as it is needed', (t) => {
  const whole = globalThis.Uint8Array
  const most = 12 * MB
  t.after(() => {
    globalThis.Uint8Array = whole
  })
  const all = values(9 * MB)
  const list = cut(all, 65_536)
  globalThis.Uint8Array = new Proxy(whole, {
    construct(target, given: [unknown]) {
      const [length] = given
      if (typeof length === 'number' && length > most) throw new RangeError('Array buffer allocation failed')
      return Reflect.construct(target, given)
    },
  })
  const text = put(list)
  assert.ok(isJoined(text) && Buffer.compare(text, all) === 0, 'the bytes have changed')
})
