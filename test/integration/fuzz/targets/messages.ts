// Messages: what is read of one without parsing agrees with JSON.parse, what is changed in one is what was to be changed, and
// what is read for people is the same JSON. protocol.md 0.4.
import assert from 'node:assert/strict'
import { type Reading, read } from '../../../../src/message/envelope.ts'
import { oneLine } from '../../../../src/message/lines.ts'
import { readText } from '../../../../src/message/long.ts'
import { find, peek, type Shape, type Span } from '../../../../src/message/peek.ts'
import {
  type Changes,
  editsOf,
  elementsOf,
  splice,
  withoutElements,
} from '../../../../src/message/rewrite.ts'
import type { Chance } from '../chance.ts'
import { createChance } from '../chance.ts'
import { bytesOf, numberOf, type Target, textOf } from '../target.ts'
import { object, odd, twist, type Value, writeJson } from '../texts.ts'

const NAMES = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'] as const

const SEEDS = [
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"n":9007199254740993,"x":1e400}}}',
  '{"jsonrpc":"2.0","id":"\\u0061","result":{"content":[{"type":"text","text":"\\ud83d\\ude00"}]}}',
  '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":-1.5E+3}}',
  ' { "\\u0069d" : null , "jsonrpc":"2.0","error":{"code":-32700,"message":"\\"\\\\\\/\\b\\f\\n\\r\\t"},\n"id":0 }\r\n',
  '[{"jsonrpc":"2.0","id":1,"method":"ping"},[],{},"",0,null,true,false]',
  '{"a":{"__proto__":{"b":[1,[2,[3]]]}},"a":2,"_meta":{"progressToken":"p"}}',
]
const TOKENS =
  '{ } [ ] , : " \\ 0 -1 1.5 1e5 0.1E-2 01 1. .5 true false null nul "a" "id":1, "\\u0069d" \\u00e9 \\ud800'
    .split(' ')
    .concat([
      '{"a":',
      '[[',
      ']]',
      '"\\"',
      '\\\\',
      ' ',
      '\n',
      '"id":',
      '"method":"ping",',
      '"params":{}',
      '"_meta":{}',
    ])

export function makeMessage(chance: Chance): string {
  const params = object({
    name: chance.pick(['a', 'b', 'é']),
    arguments: chance.percent(50) ? odd(chance) : object({ a: odd(chance), b: { raw: '1.0' } }),
    _meta: chance.percent(30)
      ? object({ progressToken: odd(chance), a: chance.percent(50) ? 1 : undefined })
      : undefined,
    requestId: chance.percent(20) ? chance.pick<Value>([1, '1', 0]) : undefined,
  })
  const kind = chance.number(4)
  const message = object({
    jsonrpc: chance.percent(95) ? '2.0' : odd(chance),
    id:
      kind < 3
        ? chance.pick<Value>([0, 1, '1', 'a', { raw: '1.0' }, { raw: '9007199254740993' }, odd(chance)])
        : undefined,
    method:
      kind > 1 ? chance.pick(['ping', 'tools/call', 'notifications/cancelled', 'initialize']) : undefined,
    params: kind > 1 && chance.percent(80) ? params : undefined,
    result: kind === 0 ? object({ content: [params, odd(chance)] }) : undefined,
    error: kind === 1 ? object({ code: -32000, message: 'no' }) : undefined,
  })
  const whole = chance.percent(20) ? twist(message, chance) : message
  return writeJson(chance.percent(5) ? [whole, message] : whole, chance)
}

type Parsed = { readonly isJson: false } | { readonly isJson: true; readonly value: unknown }

function parsed(text: string): Parsed {
  try {
    return { isJson: true, value: JSON.parse(text) }
  } catch {
    return { isJson: false }
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const PEEK: Target = {
  name: 'peek',
  few: 700,
  seeds: SEEDS,
  tokens: TOKENS,
  make: makeMessage,
  check(text) {
    const bytes = bytesOf(text)
    const decoded = textOf(bytes)
    const json = parsed(decoded)
    const peeked = peek(bytes)
    assert.equal(peeked.kind !== 'invalid', json.isJson, 'not of the mind of JSON.parse')
    const at = (span: { start: number; end: number }): unknown =>
      JSON.parse(textOf(bytes.subarray(span.start, span.end)))
    if (peeked.kind === 'invalid') {
      for (const span of Object.values(peeked.shape)) at(span)
    } else if (peeked.kind === 'array') {
      assert.deepEqual(peeked.elements.map(at), json.isJson && json.value, 'other elements')
    } else if (peeked.kind === 'object') {
      const value = (json.isJson && json.value) as Readonly<Record<string, unknown>>
      for (const name of NAMES) assertSame(peeked.shape[name] && at(peeked.shape[name]), value, name)
      assert.equal(peeked.hasNewline, /[\r\n]/.test(decoded), 'a newline is not seen')
      assert.deepEqual(JSON.parse(textOf(oneLine(bytes))), value, 'as one line it is another')
      const inner = peeked.shape.params
      for (const name of inner && isObject(value.params) ? ['name', 'a', '_meta', 'requestId'] : []) {
        const span = find(bytes, inner!, name)
        assertSame(span && at(span), value.params as Readonly<Record<string, unknown>>, name)
      }
    }
    checkReading(bytes, json)
  },
  parse: (text) => read(bytesOf(text)),
}

/** What a `~` stands for: more than a skeleton keeps of a string. */
const FILLER = `${'x'.repeat(700)}\\"é\\u00e9漢\\\\😀${'y'.repeat(700)}`

/** A message that came in pieces, cut anywhere and as parts.ts would, is read as the same message in one. */
export const PIECES: Target = {
  name: 'pieces',
  few: 200,
  seeds: SEEDS.map((seed) => seed.replace('"text":"', '"text":"~').replace('"message":"', '"message":"~~')),
  tokens: TOKENS.concat('~', '"~"', '"~', '~"', '"id":"~",', '"i~d":1,', '~\n', '~\\x'),
  make: (chance) =>
    makeMessage(chance)
      .replace(/"(?=[a-zé\\])/g, (quote) => (chance.percent(30) ? `${quote}~` : quote))
      .replace(/"[a-z2](?=[a-z.]+")/g, (start) => (chance.percent(5) ? `${start}~` : start)),
  check(text) {
    const full = text.replaceAll('~', FILLER)
    const chance = createChance(numberOf(text))
    const whole = told(read(bytesOf(full)))
    const units = full.match(/\\u[0-9a-f]{4}|\\.|./gisu) ?? []
    for (let times = 0; times < 3; times++) {
      const pieces: Uint8Array[] = []
      for (let from = 0; from < units.length; ) {
        const to = from + 1 + chance.number(times * 1500 + 5)
        pieces.push(bytesOf(units.slice(from, to).join('')))
        from = to
      }
      assert.deepEqual(told(readText(pieces)), whole, 'another message')
    }
    const parts = text.split(/(~)/).filter((part) => part !== '')
    const around = parts.map((part) => bytesOf(part === '~' ? FILLER : part))
    assert.deepEqual(told(readText(around)), whole, 'another message when cut around what is long')
    const torn = bytesOf(full)
    const at = chance.number(torn.length + 1)
    const cut = [torn.slice(0, at), torn.slice(at)].filter(({ length }) => length > 0)
    assert.deepEqual(told(readText(cut)), whole, 'another message when torn')
  },
  parse: (text) => readText([bytesOf(text)]),
}

/** All that is known of a text, by values. */
function told(reading: Reading): unknown {
  if (reading.kind !== 'message') return reading
  const { kind, id, method, shape, hasNewline, bytes } = reading.envelope
  return { kind, id, method, shape, hasNewline, bytes: textOf(bytes) }
}

function assertSame(found: unknown, object: Readonly<Record<string, unknown>>, name: string): void {
  assert.deepEqual(found, Object.hasOwn(object, name) ? object[name] : undefined, `another ${name}`)
}

/** What JSON-RPC says of such a value. */
function checkReading(bytes: Uint8Array, json: Parsed): void {
  const reading = read(bytes)
  if (!json.isJson) return assert.equal(reading.kind, 'not-json', 'it is no JSON')
  const { value } = json
  if (Array.isArray(value)) return assert.equal(reading.kind, 'batch', 'it is a batch')
  if (!isObject(value)) return assert.equal(reading.kind, 'not-a-message', 'it is no object')
  const { jsonrpc, id, method } = value
  const hasId = typeof id === 'string' || typeof id === 'number'
  const isAnswer = !('method' in value) && ('result' in value || 'error' in value)
  const isMessage =
    jsonrpc === '2.0' &&
    (typeof method === 'string'
      ? hasId || !('id' in value)
      : isAnswer && (hasId || id === null || id === undefined))
  assert.equal(reading.kind, isMessage ? 'message' : 'not-a-message', 'not of the kind that it is')
  if (reading.kind !== 'message') return
  const { envelope } = reading
  const kind = typeof method !== 'string' ? 'response' : hasId ? 'request' : 'notification'
  assert.equal(envelope.kind, kind, 'another kind of message')
  assert.equal(envelope.method, method, 'another method')
  if (!hasId) return assert.equal(envelope.id, undefined, 'an id that is none')
  assert.deepEqual(JSON.parse(envelope.id!.raw), id, 'another id')
  if (typeof id === 'string') assert.equal(envelope.id!.key, `"${id}`, 'another key')
  else assert.equal(Number(envelope.id!.key), id, 'another key')
}

function textAt(bytes: Uint8Array, span: Span | undefined): string | undefined {
  return span && textOf(bytes.subarray(span.start, span.end))
}

const OPTIONAL: ReadonlySet<string> = new Set(['_meta', 'params'])

export const REWRITE: Target = {
  name: 'rewrite',
  few: 600,
  seeds: SEEDS,
  tokens: TOKENS,
  make: makeMessage,
  check(text) {
    const bytes = bytesOf(text)
    const peeked = peek(bytes)
    const chance = createChance(numberOf(text))
    if (peeked.kind === 'array') checkElements(bytes, chance)
    if (peeked.kind !== 'object') return
    const before = JSON.parse(textOf(bytes)) as Readonly<Record<string, unknown>>
    const changes = changesFor(before, chance)
    const span = { start: bytes.indexOf(0x7b), end: bytes.length }
    const after = splice(bytes, editsOf(bytes, span, changes))
    assert.deepEqual(
      JSON.parse(textOf(after)),
      changedBy(before, changes),
      `after ${JSON.stringify(changes, shown)}`,
    )
    const shape = (peek(after) as { shape: Shape }).shape
    for (const name of NAMES.filter((name) => !Object.hasOwn(changes, name)))
      assert.equal(textAt(after, shape[name]), textAt(bytes, peeked.shape[name]), 'other bytes')
  },
  parse(text) {
    const bytes = bytesOf(text)
    const span = { start: bytes.indexOf(0x7b), end: bytes.length }
    return (
      peek(bytes).kind === 'object' &&
      splice(bytes, editsOf(bytes, span, { a: '1', params: { b: '2' }, _meta: undefined }))
    )
  },
}

function shown(_name: string, change: unknown): unknown {
  return change === undefined ? 'taken out' : change
}

function changesFor(before: Readonly<Record<string, unknown>>, chance: Chance, depth = 0): Changes {
  const known = Object.keys(before).filter((name) => name !== '__proto__')
  const count = chance.number(4)
  const changes: Record<string, Changes[string]> = {}
  for (let times = 0; times < count; times++) {
    const name = chance.pick([...known, 'params', '_meta', 'new', 'é"\\'])
    const inner = before[name]
    if (chance.percent(30)) changes[name] = undefined
    else if (chance.percent(50) && depth < 3)
      changes[name] = changesFor(
        isObject(inner) && Object.hasOwn(before, name) ? inner : {},
        chance,
        depth + 1,
      )
    else changes[name] = chance.pick(['1', '"x"', '{"y":[]}', 'null'])
  }
  return changes
}

/** What the words in rewrite.ts say, with objects. */
function changedBy(before: Readonly<Record<string, unknown>>, changes: Changes): Record<string, unknown> {
  const after = new Map(Object.entries(before))
  for (const [name, change] of Object.entries(changes)) {
    const known = after.get(name)
    if (change === undefined) after.delete(name)
    else if (typeof change === 'string') after.set(name, JSON.parse(change))
    else if (!(change instanceof Uint8Array)) {
      const made = changedBy({}, change as Changes)
      const isNothing = !setsAnything(change as Changes)
      if (!after.has(name)) {
        if (!isNothing) after.set(name, made)
        continue
      }
      const inner = isObject(known) ? changedBy(known, change as Changes) : made
      if (OPTIONAL.has(name) && isNothing && Object.keys(inner).length === 0) after.delete(name)
      else after.set(name, inner)
    }
  }
  return Object.fromEntries(after)
}

function setsAnything(changes: Changes): boolean {
  return Object.values(changes).some(
    (change) => change !== undefined && (typeof change === 'string' || setsAnything(change as Changes)),
  )
}

function checkElements(bytes: Uint8Array, chance: Chance): void {
  const start = bytes.indexOf(0x5b)
  const span = { start, end: bytes.length }
  const unwanted = elementsOf(bytes, span).map(() => chance.percent(40))
  const after = splice(
    bytes,
    withoutElements(bytes, span, (_element, at) => unwanted[at]!),
  )
  const before = JSON.parse(textOf(bytes)) as unknown[]
  assert.deepEqual(
    JSON.parse(textOf(after)),
    before.filter((_, at) => !unwanted[at]),
    'other elements stay',
  )
}
