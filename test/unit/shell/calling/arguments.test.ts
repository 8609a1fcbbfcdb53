// `name=value` and `--args` against a tool's schema: what is sent, to the letter, and the sentence where nothing is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Given, readArguments } from '../../../../src/shell/calling/arguments.ts'

const read = (inputSchema: unknown, words: readonly string[], args: readonly string[] = []): string => {
  const given: Given = { words, objects: args.map((text) => ({ text, from: '--args' })) }
  return readArguments(given, { name: 'tool', inputSchema })
}

const of = (properties: Readonly<Record<string, unknown>>, more: object = {}) => ({
  type: 'object',
  properties,
  ...more,
})

/** What one property takes: its schema, what is typed behind `x=`, and its JSON. */
const TYPED: readonly (readonly [schema: unknown, value: string, json: string])[] = [
  [{ type: 'string' }, 'hello world', '"hello world"'],
  [{ type: 'string' }, '5', '"5"'],
  [{ type: 'string' }, 'true', '"true"'],
  [{ type: 'string' }, '', '""'],
  [{ type: 'string' }, '@alice', '"@alice"'],
  [{ type: 'string' }, 'a=b', '"a=b"'],
  [{ type: 'string' }, '"q"\n', '"\\"q\\"\\n"'],
  [{ type: 'integer' }, '9007199254740993', '9007199254740993'],
  [{ type: 'integer' }, '1.0', '1.0'],
  [{ type: 'integer' }, '-12e2', '-12e2'],
  [{ type: 'integer' }, '1e400', '1e400'],
  [{ type: 'number' }, '1e400', '1e400'],
  [{ type: 'number' }, '-0.10', '-0.10'],
  [{ type: 'boolean' }, 'false', 'false'],
  [{ type: 'null' }, 'null', 'null'],
  [{ type: 'array', items: { type: 'string' } }, 'a', '["a"]'],
  [{ type: 'array', items: { type: 'string' } }, '["a", "b"]', '["a", "b"]'],
  [{ type: 'array', items: { type: 'string' } }, '[a', '["[a"]'],
  [{ type: 'array', items: { type: 'integer' } }, '007', ''],
  [{ type: 'array' }, '', '[]'],
  [{ type: 'object' }, '{"n": 9007199254740993}', '{"n": 9007199254740993}'],
  [{ type: ['string', 'null'] }, 'null', 'null'],
  [{ type: ['string', 'integer'] }, '5', '5'],
  [{ anyOf: [{ type: 'string' }, { type: 'boolean' }] }, 'true', 'true'],
  [{ oneOf: [{ type: 'string' }, { type: 'number' }] }, 'x', '"x"'],
  [{ anyOf: [{ type: 'string', enum: ['5'] }, { type: 'integer' }] }, '5', '"5"'],
  [{ enum: ['low', 'high', 3] }, 'low', '"low"'],
  [{ enum: ['low', 'high', 3] }, '3', '3'],
  [{ type: 'string', enum: ['3'] }, '3', '"3"'],
  [{ const: 'x' }, 'x', '"x"'],
  [{ type: 'integer', nullable: true }, 'null', 'null'],
  [{ allOf: [{ type: 'integer' }, { minimum: 1 }] }, '5', '5'],
  [{ $ref: '#/$defs/level' }, '4', '4'],
  [{ $ref: 'https://example.com/s.json' }, '4', '4'],
  [{}, '4', '4'],
  [{}, 'four', '"four"'],
  [{ type: 'colour' }, 'red', '"red"'],
  [true, 'x', '"x"'],
  [{ type: 'integer' }, '1.5', ''],
  [{ type: 'integer' }, '12e-1', ''],
  [{ type: 'integer' }, 'five', ''],
  [{ type: 'number' }, '0x10', ''],
  [{ type: 'number' }, 'NaN', ''],
  [{ type: 'boolean' }, 'yes', ''],
  [{ type: 'object' }, '[1]', ''],
  [{ enum: ['low', 'high'] }, 'middle', ''],
  [{ const: 1 }, '2', ''],
]

test('a value is what the schema takes, with its text', () => {
  for (const [schema, value, json] of TYPED) {
    const root = of({ x: schema }, { $defs: { level: { type: 'integer' } } })
    const what = `${JSON.stringify(schema)} ${value}`
    if (json === '') assert.throws(() => read(root, [`x=${value}`]), { kind: 'usage' }, what)
    else assert.equal(read(root, [`x=${value}`]), `{"x":${json}}`, what)
  }
})

test('a name that stands there several times makes an array', () => {
  const tags = of({ tags: { type: 'array', items: { type: 'string' } } })
  assert.equal(read(tags, ['tags=a', 'tags=b', 'tags=[']), '{"tags":["a","b","["]}')
  const numbers = of({ n: { anyOf: [{ type: 'null' }, { type: 'array', items: { type: 'number' } }] } })
  assert.equal(read(numbers, ['n=1', 'n=2.50']), '{"n":[1,2.50]}')
  assert.throws(() => read(of({ x: { type: 'string' } }), ['x=a', 'x=b']), {
    message: 'x is given 2 times, and tool wants a string; write it once',
  })
})

test('dots lead into objects, unless the name itself has them', () => {
  const schema = of({
    'a.b': { type: 'integer' },
    filter: of({ name: { type: 'string' }, size: of({ min: { type: 'integer' } }) }),
    headers: { type: 'object', additionalProperties: { type: 'string' } },
  })
  assert.equal(
    read(schema, ['a.b=1', 'filter.name=5', 'filter.size.min=5', 'headers.X=1']),
    '{"a.b":1,"filter":{"name":"5","size":{"min":5}},"headers":{"X":"1"}}',
  )
  assert.equal(
    read(schema, ['filter.name=x'], ['{"filter":{"name":"y","size":{"min":9007199254740993}}}']),
    '{"filter":{"name":"x","size":{"min":9007199254740993}}}',
  )
  const whole = 'filter:={"name":"y","size":{"min":1,"max":2}}'
  for (const words of [
    [whole, 'filter.name=x', 'filter.size.min=3'],
    ['filter.name=x', 'filter.size.min=3', whole],
  ])
    assert.equal(read(schema, words), '{"filter":{"name":"x","size":{"min":3,"max":2}}}', String(words))
  assert.throws(() => read(schema, ['filter.nome=x']), /has no argument filter\.nome/)
})

test('--args lies under name=value, keeps its text and fits on one line', () => {
  const schema = of({ a: { type: 'number' }, b: {} })
  assert.equal(
    read(schema, ['a=2'], ['{"a":1e400,\n"b":[1,\r\n 9007199254740993]}']),
    '{"a":2,"b":[1,  9007199254740993]}',
  )
  assert.equal(read(schema, [], ['{"a":1e400}', '{"c":1}']), '{"a":1e400,"c":1}')
  for (const text of ['', '[1]', '{a:1}', 'null'])
    assert.throws(() => read(schema, [], [text]), /^BridgeError: --args is no JSON object; write/)
  assert.throws(() => read(schema, [], ['{"a":"1"}']), { message: /^tool wants a number for a; / })
})

test('a name with a colon takes JSON, whatever the schema would make of it', () => {
  assert.equal(read({ type: 'object' }, ['x:="5"']), '{"x":"5"}')
  assert.equal(read(of({ 'x:': { type: 'string' } }), ['x:=5']), '{"x:":"5"}')
  assert.throws(() => read(of({ x: {} }), ['x:=five']), /behind x:= is no JSON/)
  assert.throws(() => read(of({ x: { type: 'string' } }), ['x:=5']), /wants a string for x/)
})

const SUM = of({ a: { type: 'number' }, b: { type: 'number' } }, { required: ['a', 'b'] })

/** A schema, what is written, and what is said. */
const REFUSED: readonly (readonly [schema: unknown, words: readonly string[], message: string])[] = [
  [SUM, [], 'tool needs the arguments a (a number) and b (a number); write a=<value> b=<value>'],
  [SUM, ['a=1'], 'tool needs the argument b (a number); write b=<value>'],
  [SUM, ['a=1', 'b=2', 'bee=3'], 'tool has no argument bee; it takes a, b'],
  [of({ message: {} }), ['mesage=x'], 'tool has no argument mesage; did you mean message?'],
  [of({}), ['x=1'], 'tool has no argument x; it takes none'],
  [
    of({ level: { type: 'string', enum: ['debug', 'error'] } }),
    ['level=eror'],
    'tool wants one of debug, error for level; did you mean error?',
  ],
  [
    of({ message: {} }, { required: ['message'] }),
    ['hello'],
    'argument 1 of tool has no name; write message=<value>, and quotes around the whole of it if there are blanks in it',
  ],
  [
    of({ x: { anyOf: [{ type: 'integer' }, { type: 'null' }] } }),
    ['x=secret'],
    'tool wants an integer or null for x; mcp-ferry tools <url> tool --schema shows all that it takes',
  ],
]

test('what the server would refuse is told in one sentence, without the value', () => {
  for (const [schema, words, message] of REFUSED) assert.throws(() => read(schema, words), { message })
})

test('what nobody can know is sent', () => {
  assert.equal(read(undefined, ['x=1']), '{"x":1}')
  assert.equal(read(of({ a: {} }, { additionalProperties: true }), ['x=1']), '{"x":1}')
  assert.equal(read(of({ a: {} }, { patternProperties: { '^x': {} } }), ['x=1']), '{"x":1}')
  assert.equal(read(of({ a: {} }, { additionalProperties: { type: 'string' } }), ['x=1']), '{"x":"1"}')
  assert.equal(read(of({ a: { default: 1 } }, { required: ['a'] }), []), '{}')
  const either = of({ a: {}, b: {} }, { anyOf: [{ required: ['a'] }, { required: ['b'] }] })
  assert.equal(read(either, ['b=1']), '{"b":1}')
  assert.equal(read(of({ a: {} }), [], ['{"b":1}']), '{"b":1}')
  assert.throws(() => read(of({ a: {} }, { additionalProperties: false }), [], ['{"b":1}']), /no argument b/)
  assert.equal(read(of({ __proto__: null, a: {} }), ['a=1']), '{"a":1}')
  assert.throws(() => read(of({ a: {} }), ['constructor=1']), /no argument constructor/)
})

test('a schema that leads round in a circle, or is very wide, is an open one', () => {
  assert.equal(read({ $ref: '#' }, ['x=1']), '{"x":1}')
  const round = of({ x: { $ref: '#/$defs/a' } }, { $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } } })
  assert.equal(read(round, ['x=1']), '{"x":1}')
  const wide = { anyOf: Array.from({ length: 40 }, () => ({ $ref: '#/$defs/w' })) }
  assert.equal(read(of({ x: wide }, { $defs: { w: wide } }), ['x=1']), '{"x":1}')
  const own = { type: 'array', items: { $ref: '#/$defs/own' } }
  assert.throws(() => read(of({ x: own }, { $defs: { own } }), ['x=1']), /wants an array, each an array/)
  let deep: unknown = { type: 'string' }
  for (let depth = 0; depth < 5000; depth++) deep = { type: 'array', items: deep }
  assert.equal(read(of({ x: deep }), ['x=[]']), '{"x":[]}')
})

test('whatever schema and words there are: JSON of an object in one line, or a sentence', () => {
  let seed = 4711
  const next = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return Math.floor((seed / 2147483648) * below)
  }
  const pick = <T>(all: readonly T[]): T => all[next(all.length)]!
  const odd = [null, 5, 'x', [], {}, true, false]
  const schema = (depth: number): unknown => {
    if (depth > 3 || next(12) === 0) return pick(odd)
    const within = (): unknown => schema(depth + 1)
    const made: Record<string, unknown> = {}
    for (const key of ['type', 'properties', 'items', 'anyOf', 'oneOf', 'allOf', '$ref', 'enum', 'const']) {
      if (next(4) > 0) continue
      const list = [within(), within()]
      const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null', 'odd', 7]
      if (key === 'type') made.type = next(3) === 0 ? [pick(types), pick(types)] : pick(types)
      else if (key === 'properties') made.properties = { a: within(), 'a.b': within(), '': within() }
      else if (key === '$ref') made.$ref = pick(['#', '#/$defs/d', '#/properties/a', '#/%', 'http://x/'])
      else if (key === 'enum') made.enum = [1, 'x', null, { a: 1 }]
      else made[key] = key === 'items' || key === 'const' ? within() : next(9) === 0 ? pick(odd) : list
    }
    if (next(3) === 0) made.required = pick([['a'], ['b', 5], 'a', null])
    if (next(3) === 0) made.additionalProperties = pick([true, false, { type: 'integer' }, within()])
    return made
  }
  const values = ['', '1', 'x', 'null', '[1', '[1]', '{"b":{"c":1}}', '1e400', '"', '\n', '\ud800', '-']
  for (let round = 0; round < 3_000; round++) {
    const top = schema(0)
    const root = typeof top === 'object' && top !== null ? { ...top, $defs: { d: schema(1) } } : top
    const words = Array.from(
      { length: next(4) },
      () => `${pick(['a', 'a.b', 'a.b.c', 'b', 'a:'])}=${pick(values)}`,
    )
    const args = next(3) === 0 ? [pick(['{"a":{"b":1}}', '{"a":1,\n"b":[]}', '{}'])] : []
    const what = `${JSON.stringify(root)} ${JSON.stringify(words)}`
    try {
      const json = read(root, words, args)
      assert.doesNotMatch(json, /\n/, what)
      assert.equal(typeof JSON.parse(json), 'object', what)
    } catch (thrown) {
      assert.equal((thrown as { kind?: unknown }).kind, 'usage', `${what}: ${thrown}`)
    }
  }
})
