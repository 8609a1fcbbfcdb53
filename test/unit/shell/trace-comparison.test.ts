// Two answers compared: what differs, by its path, and what does not matter.
import assert from 'node:assert/strict'
import test from 'node:test'
import { own } from '../../../src/message/message.ts'
import { compare, ignoring } from '../../../src/shell/traces/comparison.ts'

const answer = (result: string) => own(`{"jsonrpc":"2.0","id":1,"result":${result}}`)
const failure = (error: string) => own(`{"jsonrpc":"2.0","id":1,"error":${error}}`)
const paths = (before: string, after: string, ...ignored: string[]): string[] =>
  compare(answer(before), answer(after), ignoring(ignored)).map(({ path }) => path)

const PAIRS: readonly (readonly [before: string, after: string, differs: readonly string[]])[] = [
  ['{"a":1,"b":2}', '{ "b": 2, "a": 1 }', []],
  ['{"a":"\\u0041"}', '{"a":"A"}', []],
  ['{"a":1.0}', '{"a":1}', []],
  ['{"a":9007199254740992}', '{"a":9007199254740993}', ['result.a']],
  ['{"a":1e400}', '{"a":2e400}', ['result.a']],
  ['{"a":1}', '{"a":"1"}', ['result.a']],
  ['{"a":null}', '{}', ['result.a']],
  ['{"a":0}', '{"a":false}', ['result.a']],
  ['{"a":null}', '{"a":0}', ['result.a']],
  ['{"a":[1,2]}', '{"a":[2,1]}', ['result.a[0]', 'result.a[1]']],
  ['{"a":[1]}', '{"a":[1,{}]}', ['result.a[1]']],
  ['{"a":{}}', '{"a":[]}', ['result.a']],
  ['{"a.b":1}', '{"a.b":2}', ['result["a.b"]']],
  ['{"a":1,"a":2}', '{"a":2}', []],
  ['{"__proto__":1}', '{"__proto__":2}', ['result.__proto__']],
]

for (const [before, after, differs] of PAIRS)
  test(`${before} and ${after} differ in ${differs.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(paths(before, after), differs)
    assert.equal(paths(after, before).length, differs.length)
  })

test('a result and an error differ in both; the same failure of the bridge does not, whatever it says', () => {
  const data = '{"origin":"mcp-ferry","kind":"refused"}'
  const never = ignoring([])
  assert.deepEqual(
    compare(answer('1'), failure('{"code":1}'), never).map(({ path }) => path),
    ['result', 'error'],
  )
  assert.deepEqual(
    compare(
      failure(`{"code":-32603,"message":"port 1","data":${data}}`),
      failure(`{"code":-32603,"message":"port 2","data":${data}}`),
      never,
    ),
    [],
  )
})

const IGNORED: readonly (readonly [pattern: string, differs: readonly string[]])[] = [
  ['result.a', ['result.b[0].at', 'result.b[1].at']],
  ['result.b[0].at', ['result.a', 'result.b[1].at']],
  ['result.b[*].at', ['result.a']],
  ['result.*.*.at', ['result.a']],
  ['result.**.at', ['result.a']],
  ['**.at', ['result.a']],
  ['result.**', []],
  ['**', []],
  ['result', []],
  ['result.b', ['result.a']],
  ['result.b.at', ['result.a', 'result.b[0].at', 'result.b[1].at']],
  ['at', ['result.a', 'result.b[0].at', 'result.b[1].at']],
]

for (const [pattern, differs] of IGNORED)
  test(`--ignore ${pattern} leaves ${differs.join(', ') || 'nothing'}`, () => {
    const before = '{"a":1,"b":[{"at":1},{"at":2}]}'
    const after = '{"a":2,"b":[{"at":3},{"at":4}]}'
    assert.deepEqual(paths(before, after, pattern), differs)
  })

test('answers without measure are compared in the time that they take to read', () => {
  const deep = (value: number): string => `${'['.repeat(5000)}${value}${']'.repeat(5000)}`
  assert.equal(paths(deep(1), deep(1)).length, 0)
  assert.equal(paths(deep(1), deep(2)).length, 1)
  const many = (value: number): string => JSON.stringify(Array.from({ length: 1000 }, () => value))
  assert.equal(paths(many(1), many(2)).length, 20)
})
