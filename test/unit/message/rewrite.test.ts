// Changing a message by its text: what is named changes, and not one other byte.
import assert from 'node:assert/strict'
import test from 'node:test'
import { read } from '../../../src/message/envelope.ts'
import { applied, type Changes, rewrite, withoutElements } from '../../../src/message/rewrite.ts'

function envelope(text: string) {
  const reading = read(Buffer.from(text))
  if (reading.kind !== 'message') throw new TypeError(`no message: ${text}`)
  return reading.envelope
}

function rewritten(text: string, changes: Changes): string {
  return Buffer.from(rewrite(envelope(text), changes).bytes).toString()
}

const CASES: readonly [string, string, Changes, string][] = [
  [
    'sets a value',
    '{"jsonrpc":"2.0", "id" : 1,"method":"m"}',
    { id: '"x"' },
    '{"jsonrpc":"2.0", "id" : "x","method":"m"}',
  ],
  [
    'adds a member behind the last',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"a" : 1.0 }}',
    { params: { b: '2' } },
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"a" : 1.0,"b":2 }}',
  ],
  [
    'makes what is not there',
    '{"jsonrpc":"2.0","id":1,"method":"m"}',
    { params: { _meta: { 'a/b': '{}' } } },
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"a/b":{}}}}',
  ],
  [
    'takes out the first, a middle and the last member',
    '{"jsonrpc":"2.0","id":1,"result":{ "a":1 , "b":2, "c":3,"d":4 }}',
    { result: { a: undefined, c: undefined, d: undefined } },
    '{"jsonrpc":"2.0","id":1,"result":{ "b":2 }}',
  ],
  [
    'takes out all',
    '{"jsonrpc":"2.0","id":1,"result":{"a":1,"b":2}}',
    { result: { a: undefined, b: undefined } },
    '{"jsonrpc":"2.0","id":1,"result":{}}',
  ],
  [
    'replaces all members by another',
    '{"jsonrpc":"2.0","id":1,"result":{"a":1,"b":2}}',
    { result: { a: undefined, b: undefined, c: '3' } },
    '{"jsonrpc":"2.0","id":1,"result":{"c":3}}',
  ],
  [
    'an emptied _meta goes, and with it params',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"x":1}}}',
    { params: { _meta: { x: undefined } } },
    '{"jsonrpc":"2.0","id":1,"method":"m"}',
  ],
  [
    'a _meta that was empty before and is not named stays',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{},"a":1}}',
    { params: { a: undefined } },
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{}}}',
  ],
  [
    'of duplicates the last is set, and all are taken out',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1,"a":2,"b":3,"b":4}}',
    { params: { a: '9', b: undefined } },
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1,"a":9}}',
  ],
  [
    'a name written with escapes is the same name',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"\\u0061":1,"c":2}}',
    { params: { a: undefined } },
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"c":2}}',
  ],
  [
    'where no object stands, one is put',
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":null}}',
    { params: { _meta: { x: '1' } } },
    '{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"x":1}}}',
  ],
]

for (const [name, before, changes, after] of CASES)
  test(`rewrite ${name}`, () => {
    assert.equal(rewritten(before, changes), after)
  })

test('elements are taken out of an array, the rest stays byte for byte', () => {
  const message = envelope('{"jsonrpc":"2.0","id":1,"result":{"tools":[ {"n":1.0} , {"n":2},{"n":3e0} ]}}')
  const at = Buffer.from(message.bytes).indexOf('[')
  const span = { start: at, end: Buffer.from(message.bytes).indexOf(']') + 1 }
  const kept = (unwanted: readonly number[]): string =>
    Buffer.from(
      applied(
        message,
        withoutElements(message.bytes, span, (_, index) => unwanted.includes(index)),
      ).bytes,
    ).toString()
  assert.equal(kept([1]), '{"jsonrpc":"2.0","id":1,"result":{"tools":[ {"n":1.0},{"n":3e0} ]}}')
  assert.equal(kept([0]), '{"jsonrpc":"2.0","id":1,"result":{"tools":[ {"n":2},{"n":3e0} ]}}')
  assert.equal(kept([1, 2]), '{"jsonrpc":"2.0","id":1,"result":{"tools":[ {"n":1.0} ]}}')
  assert.equal(kept([0, 1, 2]), '{"jsonrpc":"2.0","id":1,"result":{"tools":[  ]}}')
  assert.equal(kept([]), Buffer.from(message.bytes).toString())
})

test('generated messages: the result is what the changes say, and values that are not named keep their text', () => {
  const random = generator(20260728)
  for (let round = 0; round < 3000; round++) {
    const object = randomObject(random, 3)
    const text = `{"jsonrpc":"2.0","id":1,"result":${write(object, random)}}`
    const changes = randomChanges(object, random)
    const after = rewritten(text, { result: changes })
    const parsed = members(after)
    assert.deepEqual(parsed, changed(object, changes), `${text}\n${after}`)
  }
})

/** A JSON value whose numbers are texts, so that nothing is rounded. */
type Value = { readonly number: string } | { readonly text: string } | Tree
interface Tree {
  [name: string]: Value
}

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const NUMBERS = [
  '0',
  '-0',
  '1.0',
  '1e400',
  '9007199254740993',
  '-12.50',
  '4.2e1',
  '123456789012345678901234567890',
]
const NAMES = ['a', 'b', 'io.x/y', 'é', 'with "quote"', '_meta', '']

function randomObject(random: () => number, depth: number): Tree {
  const tree: Tree = {}
  for (const name of NAMES) {
    if (random() < 0.5) continue
    const kind = random()
    if (kind < 0.4) tree[name] = { number: NUMBERS[Math.floor(random() * NUMBERS.length)]! }
    else if (kind < 0.6 || depth === 0) tree[name] = { text: 'line "1"\n\u2028é' }
    else tree[name] = randomObject(random, depth - 1)
  }
  return tree
}

function isLeaf(value: Value): value is { number: string } | { text: string } {
  return (
    typeof (value as { number?: unknown }).number === 'string' ||
    typeof (value as { text?: unknown }).text === 'string'
  )
}

function write(value: Value, random: () => number): string {
  if (isLeaf(value)) return 'number' in value ? String(value.number) : JSON.stringify(value.text)
  const space = (): string => ['', ' ', '\n  ', '\t'][Math.floor(random() * 4)]!
  const all = Object.entries(value).map(
    ([name, each]) =>
      `${space()}${JSON.stringify(name)}${space()}:${space()}${write(each, random)}${space()}`,
  )
  return `{${all.join(',')}}`
}

function randomChanges(tree: Tree, random: () => number): Changes {
  const changes: Record<string, string | undefined | Changes> = {}
  for (const name of NAMES) {
    const kind = random()
    const known = tree[name]
    if (kind < 0.2) changes[name] = undefined
    else if (kind < 0.4) changes[name] = NUMBERS[Math.floor(random() * NUMBERS.length)]!
    else if (kind < 0.6 && known !== undefined && !isLeaf(known))
      changes[name] = randomChanges(known as Tree, random)
  }
  return changes
}

/** The same by the meaning of the changes. */
function changed(tree: Tree, changes: Changes): Tree {
  const result: Tree = { ...tree }
  for (const [name, change] of Object.entries(changes)) {
    if (change === undefined) delete result[name]
    else if (typeof change === 'string') result[name] = { number: change }
    else if (!(change instanceof Uint8Array)) {
      const within = changed(tree[name] as Tree, change)
      const isEmptied = name === '_meta' && Object.keys(within).length === 0
      if (isEmptied) delete result[name]
      else result[name] = within
    }
  }
  return result
}

/** A parser that keeps numbers as they are written. */
function members(text: string): Tree {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify({ number: token }),
  )
  const whole = JSON.parse(marked) as { result: unknown }
  return fromParsed(whole.result) as Tree
}

function fromParsed(value: unknown): Value {
  if (typeof value === 'string') return { text: value }
  const entries = Object.entries(value as Record<string, unknown>)
  if (entries.length === 1 && entries[0]![0] === 'number') return { number: entries[0]![1] as string }
  return Object.fromEntries(entries.map(([name, each]) => [name, fromParsed(each)]))
}
