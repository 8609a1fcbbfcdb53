// Lines and server-sent events: what comes out is what the standard says, however the bytes are cut. protocol.md 0.3, 0.7.
import assert from 'node:assert/strict'
import { toBridgeError } from '../../../../src/errors.ts'
import { createLines } from '../../../../src/message/lines.ts'
import { createSse } from '../../../../src/message/sse.ts'
import { joined } from '../../../../src/message/text.ts'
import lineVectors from '../../../fixtures/vectors/lines.json' with { type: 'json' }
import sseVectors from '../../../fixtures/vectors/sse.json' with { type: 'json' }
import { type Chance, createChance } from '../chance.ts'
import { bytesOf, cutsOf, numberOf, type Target, textOf } from '../target.ts'

const LIMIT = 40

export const LINES: Target = {
  name: 'lines',
  few: 350,
  seeds: lineVectors.map((vector) => vector.in),
  tokens: ['\n', '\r\n', '\r', '\ufeff', ' ', '{}', '{"jsonrpc":"2.0"}', 'x'.repeat(LIMIT), '\u2028'],
  make: (chance) =>
    Array.from({ length: chance.number(8) }, () => pieceOf(LINES.tokens, chance)).join(
      chance.pick(['\n', '\r\n', '']),
    ),
  check(text) {
    const bytes = bytesOf(text)
    const expected = linesOf(bytes)
    assert.deepEqual(split([bytes]), expected, 'not the lines')
    for (const cut of cutsOf(bytes, createChance(numberOf(text))))
      assert.deepEqual(split(cut), expected, 'other lines when cut')
  },
  parse: (text) => split([bytesOf(text)], 1e9),
}

/** By the words of protocol.md: at LF alone, without one CR, the first without a byte order mark. */
function linesOf(bytes: Uint8Array, limit = LIMIT): string[] {
  const whole = Buffer.from(bytes).toString('latin1')
  const pieces = whole.split('\n')
  if (pieces.at(-1) === '') pieces.pop()
  return pieces.flatMap((raw, at) => {
    const line = raw.replace(/\r$/, '')
    if (line.length > limit) return [`too long: ${raw.length}`]
    const bare = at === 0 ? line.replace(/^\xef\xbb\xbf/, '') : line
    return /^[ \t\r]*$/.test(bare) ? [] : [bare]
  })
}

function split(chunks: readonly Uint8Array[], limit = LIMIT): string[] {
  const seen: string[] = []
  const lines = createLines(limit, {
    line: (line) => seen.push(Buffer.from(joined(line)).toString('latin1')),
    tooLong: (_prefix, _tail, size) => seen.push(`too long: ${size}`),
  })
  for (const chunk of chunks) lines.push(chunk)
  lines.end()
  return seen
}

const SSE_LIMIT = 120

export const SSE: Target = {
  name: 'sse',
  few: 350,
  seeds: sseVectors.map((vector) => vector.in),
  tokens: [
    'data: {}',
    'data:',
    'data',
    'event: message',
    'event: endpoint',
    'event:',
    'id: 7',
    'id:',
    'id',
    'id: \0',
  ].concat([
    'retry: 10',
    'retry: 1e3',
    ': comment',
    ':',
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    '\ufeff',
    'x'.repeat(50),
  ]),
  make: (chance) =>
    Array.from({ length: chance.number(10) }, () => pieceOf(SSE.tokens, chance)).join(
      chance.pick(['\n', '\r\n', '\r']),
    ),
  check(text) {
    const bytes = bytesOf(text)
    const chance = createChance(numberOf(text))
    const whole = eventsOf([bytes], 1e6)
    assert.deepEqual(whole, standardEventsOf(bytes), 'not the events')
    const limited = eventsOf([bytes], SSE_LIMIT)
    for (const cut of cutsOf(bytes, chance)) {
      assert.deepEqual(eventsOf(cut, 1e6), whole, 'other events when cut')
      assert.deepEqual(eventsOf(cut, SSE_LIMIT), limited, 'other events when cut, with a limit')
    }
  },
  parse: (text) => eventsOf([bytesOf(text)], 1e9),
}

/** "Interpreting an event stream" of the WHATWG HTML standard, over a whole. */
function standardEventsOf(bytes: Uint8Array): string[] {
  const seen: string[] = []
  const latin = Buffer.from(bytes)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
  const lines = latin.split(/\r\n|\n|\r/)
  lines.pop()
  let [data, type, id]: [string[], string, string | undefined] = [[], '', undefined]
  for (const line of lines) {
    if (line === '') {
      if (id !== undefined) seen.push(`id ${utf8(id)}`)
      if (data.join('\n') !== '') seen.push(`${utf8(type) || 'message'} ${data.join('\n')}`)
      ;[data, type, id] = [[], '', undefined]
      continue
    }
    const [, name = '', value = ''] = /^([^:]*)(?::(?: )?([\s\S]*))?$/.exec(line) ?? []
    if (name === 'data') data.push(value)
    else if (name === 'event') type = value
    else if (name === 'id' && !value.includes('\0')) id = value
    else if (name === 'retry' && /^[0-9]+$/.test(value)) seen.push(`retry ${Number(value)}`)
  }
  return seen
}

function utf8(latin: string): string {
  return textOf(Buffer.from(latin, 'latin1'))
}

function eventsOf(chunks: readonly Uint8Array[], limit: number): string[] {
  const seen: string[] = []
  const sse = createSse(limit, {
    event: ({ type, data }) => seen.push(`${type} ${Buffer.from(joined(data)).toString('latin1')}`),
    id: (id) => seen.push(`id ${id}`),
    retry: (milliseconds) => seen.push(`retry ${milliseconds}`),
  })
  try {
    for (const chunk of chunks) sse.push(chunk)
  } catch (thrown) {
    const { kind } = toBridgeError(thrown)
    assert.equal(kind, 'too-large', `something else was thrown: ${String(thrown)}`)
    seen.push(kind)
  }
  return seen
}

/** Each of these stands for more than what is joined: text, and short values. No other text has such letters. */
const FILLERS: ReadonlyMap<string, string> = new Map([
  ['~', 'ÿ'.repeat(600_000)],
  ['^', '"þ"'.repeat(300_000)],
])
/** More only take longer. */
const MOST_FILLERS = 3

export const LONG_FRAMING: Target = {
  name: 'long-framing',
  few: 30,
  seeds: [
    'data: ~\n\n',
    '\ufeffdata:~\rdata: ^\r\r',
    ':~\r\nid: 7\r\ndata: 1\r\n\r\n',
    '\ufeff~\r\n^\n~\r',
    '^~',
  ],
  tokens: [
    '~',
    '^',
    'data: ~',
    'data: ^',
    'data',
    ': ',
    'id: 7',
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    '\ufeff',
    'é',
    '\\',
    '"',
  ],
  make(chance) {
    const end = chance.pick(['\n', '\r\n', '\r'])
    const line = (): string =>
      chance.pick(['data: ', 'data: ', 'data:', ':', 'id: ', '']) +
      chance.pick(['~', '"^"', '{"a":"~"}', '1'])
    const lines = Array.from({ length: 1 + chance.number(3) }, line)
    return `${chance.pick(['', '\ufeff'])}${lines.join(end)}${end}${chance.pick([end, ''])}`
  },
  check(given) {
    let count = 0
    const text = given.replace(/[~^]/g, (mark) => (++count > MOST_FILLERS ? '' : mark))
    const chance = createChance(numberOf(text))
    const [lines, events] = [linesOf(bytesOf(text), 1e9), standardEventsOf(bytesOf(text))]
    for (let times = 0; times < 2; times++) {
      const chunks = filled(text, chance)
      assert.deepEqual(split(chunks, 1e9).map(unfilled), lines, 'not the lines')
      assert.deepEqual(eventsOf(chunks, 1e9).map(unfilled), events, 'not the events')
    }
  },
}

/** The text with all that it stands for, cut anywhere. */
function filled(text: string, chance: Chance): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (const part of text.split(/([~^])/)) {
    const bytes = bytesOf(FILLERS.get(part) ?? part)
    const most = bytes.length > text.length * 4 ? 100_000 : 4
    for (let from = 0, to = 0; from < bytes.length; from = to) {
      to = from + 1 + chance.number(most)
      const before = chance.percent(40) ? chunks.pop() : undefined
      chunks.push(Uint8Array.from(Buffer.concat([before ?? new Uint8Array(), bytes.slice(from, to)])))
    }
  }
  return chunks
}

/** Data is told as bytes, what else an event has as text. */
function unfilled(seen: string): string {
  let text = seen
  for (const [mark, filler] of FILLERS)
    text = text.replaceAll(Buffer.from(filler).toString('latin1'), mark).replaceAll(filler, mark)
  return text.length < 10_000 ? text : `${text.slice(0, 100)}…, ${text.length} characters`
}

function pieceOf(tokens: readonly string[], chance: Chance): string {
  return chance.pick(tokens) + (chance.percent(20) ? chance.pick(tokens) : '')
}
