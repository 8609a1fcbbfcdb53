// Lines and server-sent events: every vector whole, byte by byte, and cut at every position. What is long stays in pieces, and
// is cut at both of its ends.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLines } from '../../../src/message/lines.ts'
import { createSse } from '../../../src/message/sse.ts'
import { isJoined, joined, type Text } from '../../../src/message/text.ts'
import lines from '../../fixtures/vectors/lines.json' with { type: 'json' }
import sse from '../../fixtures/vectors/sse.json' with { type: 'json' }
import { countCopied } from './copying.ts'

const LIMIT = 30

/** The ways in which the bytes of a text can arrive. */
function cuts(text: string): Uint8Array[][] {
  const bytes = new TextEncoder().encode(text)
  const copy = (from: number, to: number): Uint8Array => bytes.slice(from, to)
  const single = [...bytes.keys()].map((index) => copy(index, index + 1))
  const pairs = [...bytes.keys()].map((index) => [copy(0, index), copy(index, bytes.length)])
  const withEmpty = single.flatMap((chunk) => [chunk, new Uint8Array(0)])
  return [[bytes.slice()], single, withEmpty, ...pairs]
}

const text = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

for (const vector of lines) {
  test(`lines: ${vector.name}`, () => {
    for (const chunks of cuts(vector.in)) {
      const seen: string[] = []
      const tooLong: number[] = []
      const splitter = createLines(LIMIT, {
        line: (line) => seen.push(text(joined(line))),
        tooLong: (_prefix, _tail, size) => tooLong.push(size),
      })
      for (const chunk of chunks) splitter.push(chunk)
      splitter.end()
      assert.deepEqual(seen, vector.lines)
      assert.deepEqual(tooLong, vector.tooLong ?? [])
    }
  })
}

test('lines: of a line over the limit both ends are kept', () => {
  const line = `HEAD${'x'.repeat(200_000)}TAIL`
  const bytes = new TextEncoder().encode(`${line}\n`)
  for (const size of [7, 1000, 65_536, bytes.length]) {
    let ends: [string, string, number] | undefined
    const splitter = createLines(100, {
      line: () => assert.fail('a line came'),
      tooLong: (prefix, tail, length) => {
        ends = [text(prefix), text(tail), length]
      },
    })
    for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.slice(at, at + size))
    assert.ok(ends)
    assert.ok(line.startsWith(ends[0]) && ends[0].length >= 100)
    assert.ok(line.endsWith(ends[1]) && ends[1].length >= 100)
    assert.equal(ends[2], line.length)
  }
})

for (const vector of sse) {
  test(`sse: ${vector.name}`, () => {
    for (const chunks of cuts(vector.in)) {
      const events: string[][] = []
      const ids: string[] = []
      const retries: number[] = []
      const parser = createSse(1000, {
        event: ({ type, data }) => events.push([type, text(joined(data))]),
        id: (id) => ids.push(id),
        retry: (milliseconds) => retries.push(milliseconds),
      })
      for (const chunk of chunks) parser.push(chunk)
      assert.deepEqual(events, vector.events)
      if (vector.ids) assert.deepEqual(ids, vector.ids)
      if (vector.retries) assert.deepEqual(retries, vector.retries)
    }
  })
}

test('sse: an event over the limit is refused, however it is cut, and events below it are not added up', () => {
  const big = new TextEncoder().encode(`data: ${'x'.repeat(200)}\n\n`)
  const small = new TextEncoder().encode(`data: ${'x'.repeat(50)}\n\n`)
  for (const step of [1, 16, big.length]) {
    const parser = createSse(100, { event: () => {} })
    for (let round = 0; round < 20; round++) parser.push(small)
    assert.throws(
      () => {
        for (let at = 0; at < big.length; at += step) parser.push(big.slice(at, at + step))
      },
      { name: 'BridgeError', kind: 'too-large' },
    )
  }
})

const LONG = 'x'.repeat(1024 * 1024)
/** As far as there is something that has a meaning, at either end. */
const EDGE = 16

/** A text of more than a megabyte, whole and cut in two near its beginning, near its end, and byte by byte there. */
function cutAtEnds(text: string): Uint8Array[][] {
  const bytes = new TextEncoder().encode(text)
  const cutAt = (places: readonly number[]): Uint8Array[] =>
    [0, ...places].map((from, index) => bytes.slice(from, places[index] ?? bytes.length))
  const edges = Array.from({ length: EDGE }, (_, at) => at + 1)
  const ends = edges.map((at) => bytes.length - at).reverse()
  const middle = bytes.length >> 1
  return [
    cutAt([middle]),
    ...edges.map((at) => cutAt([at, middle])),
    ...ends.map((at) => cutAt([middle, at])),
    cutAt([...edges, middle, ...ends]),
  ]
}

for (const [name, more] of [
  ['a little', 3],
  ['much', LONG.length],
] as const)
  test(`lines: of a long line that is over the limit by ${name} no more than its ends are copied`, (t) => {
    const copied = countCopied(t)
    const bytes = new TextEncoder().encode(`HEAD"${LONG}${'y'.repeat(more)}TAIL\r\n`)
    const ends: string[] = []
    const splitter = createLines(LONG.length + 6, {
      line: () => assert.fail('a line came'),
      tooLong: (prefix, tail, size) => ends.push(text(prefix), text(tail.slice(-8)), String(size)),
    })
    for (let at = 0; at < bytes.length; at += 65_536) splitter.push(bytes.slice(at, at + 65_536))
    const [prefix = '', ...rest] = ends
    assert.ok(prefix === `HEAD"${LONG.slice(0, 65_531)}`)
    assert.deepEqual(rest, ['yyyTAIL\r', String(bytes.length - 1)])
    assert.ok(copied.bytes < LONG.length / 2, `${copied.bytes} bytes were copied`)
  })

for (const [name, line] of Object.entries({
  'with CRLF': `${LONG}\r\n`,
  'with CR CRLF': `${LONG}\r\r\n`,
  'with a byte order mark': `\ufeff${LONG}\n`,
  'without an end': LONG,
}))
  test(`lines: a long line ${name} is the same however it is cut`, () => {
    const wanted = line.replace('\ufeff', '').replace(/\r?\n$/, '')
    for (const chunks of cutAtEnds(line)) {
      const seen: Text[] = []
      const splitter = createLines(LONG.length + 3, {
        line: (line) => seen.push(line),
        tooLong: () => assert.fail('too long'),
      })
      for (const chunk of chunks) splitter.push(chunk)
      splitter.end()
      assert.equal(seen.length, 1)
      assert.ok(text(joined(seen[0]!)) === wanted, 'the line is another one')
      assert.ok(isJoined(seen[0]!) || seen[0]!.every((piece) => piece.length > 0), 'an empty piece')
    }
  })

test('lines: the CR of a long line does not count, however it is cut', () => {
  for (const chunks of cutAtEnds(`${LONG}\r\n`)) {
    const seen: string[] = []
    const splitter = createLines(LONG.length, {
      line: () => seen.push('a line'),
      tooLong: () => seen.push('too long'),
    })
    for (const chunk of chunks) splitter.push(chunk)
    assert.deepEqual(seen, ['a line'])
  }
})

for (const [name, stream, wanted] of [
  ['data', `data: ${LONG}\n\n`, LONG],
  ['data without a space', `data:${LONG}\n\n`, LONG],
  ['data with two spaces', `data:  ${LONG}\n\n`, ` ${LONG}`],
  ['data behind a byte order mark', `\ufeffdata: ${LONG}\n\n`, LONG],
  ['data with CR', `data: ${LONG}\r\r`, LONG],
  ['data with CRLF', `data: ${LONG}\r\n\r\n`, LONG],
  ['data in a short line and a long one', `data: 1\ndata: ${LONG}\n\n`, `1\n${LONG}`],
  ['data in two long lines', `data: ${LONG}\ndata: ${LONG}\n\n`, `${LONG}\n${LONG}`],
  ['another name', `datum: ${LONG}\ndata: 1\n\n`, '1'],
  ['no colon', `data${LONG}\ndata: 1\n\n`, '1'],
  ['a comment', `: ${LONG}\ndata: 1\n\n`, '1'],
] as const)
  test(`sse: a long line of ${name} is the same however it is cut`, () => {
    for (const chunks of cutAtEnds(stream)) {
      const seen: Text[] = []
      const parser = createSse(3 * LONG.length, { event: ({ data }) => seen.push(data) })
      for (const chunk of chunks) parser.push(chunk)
      assert.equal(seen.length, 1)
      assert.ok(text(joined(seen[0]!)) === wanted, 'other data')
      assert.ok(isJoined(seen[0]!) || seen[0]!.every((piece) => piece.length > 0), 'an empty piece')
    }
  })

test('sse: an id and a type that are long are what they say, however they are cut', () => {
  for (const chunks of cutAtEnds(`id: ${LONG}1\nevent: ${LONG}2\ndata: 3\n\n`)) {
    const seen: string[] = []
    const parser = createSse(3 * LONG.length, {
      event: ({ type }) => seen.push(type),
      id: (id) => seen.push(id),
    })
    for (const chunk of chunks) parser.push(chunk)
    assert.equal(seen.length, 2)
    assert.ok(seen[0] === `${LONG}1`, 'another id')
    assert.ok(seen[1] === `${LONG}2`, 'another type')
  }
})

test('sse: long comments between events are not added up, however they are cut', () => {
  const comment = new TextEncoder().encode(`:${LONG}\n`)
  for (const step of [4095, 65_536, comment.length]) {
    const parser = createSse(2 * LONG.length, { event: () => {} })
    for (let round = 0; round < 4; round++)
      for (let at = 0; at < comment.length; at += step) parser.push(comment.slice(at, at + step))
  }
})
