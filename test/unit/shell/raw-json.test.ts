// JSON that is cut out and set out without being written anew: what comes out means the same, to the last digit.
import assert from 'node:assert/strict'
import test from 'node:test'
import { elementsOf, fieldsOf, memberOf, rawOf, setOut, textOfRaw } from '../../../src/shell/raw-json.ts'

const TEXT = ' {"a":[9007199254740993, 1e400,{"x" :"é\\"}]"},[]],"b":{ },"c":1.0,"a\\u0062":null} '

test('members and elements are the text that they were', () => {
  const raw = rawOf(TEXT)
  const elements = elementsOf(memberOf(raw, 'a')!)!
  assert.deepEqual(elements.map(textOfRaw), ['9007199254740993', '1e400', '{"x" :"é\\"}]"}', '[]'])
  assert.equal(textOfRaw(memberOf(raw, 'c')!), '1.0')
  assert.equal(textOfRaw(memberOf(raw, 'ab')!), 'null')
  assert.equal(memberOf(raw, 'a', 'x'), undefined)
  assert.equal(elementsOf(memberOf(raw, 'b')!), undefined)
  assert.deepEqual(fieldsOf(memberOf(raw, 'a')!), {})
  for (const text of ['null', '7', '"a"', '[]']) {
    assert.equal(memberOf(rawOf(text), 'a'), undefined)
    assert.deepEqual(fieldsOf(rawOf(text)), {})
  }
})

test('what is set out has each member on a line, and every token as it was', () => {
  assert.equal(
    setOut('{"a":[1.0,{"b":"x,{\\\\\\":"}],"c":{ },"d":[\n]}'),
    '{\n  "a": [\n    1.0,\n    {\n      "b": "x,{\\\\\\":"\n    }\n  ],\n  "c": {},\n  "d": []\n}',
  )
  assert.equal(setOut(' 1e400 '), '1e400')
  assert.equal(setOut('"a b"'), '"a b"')
  const value = { a: [1, [2, { b: 'é\u2028 "quoted" \\' }], {}], c: '', d: null, e: true }
  assert.equal(setOut(JSON.stringify(value)), JSON.stringify(value, undefined, 2))
})

test('what is deep or long is set out in time and space', () => {
  const deep = `${'['.repeat(9000)}1${']'.repeat(9000)}`
  assert.equal(setOut(deep).replace(/\s/g, ''), deep)
  assert.ok(setOut(deep).length < 3_000_000, 'it grows with the square of its depth')
  const long = JSON.stringify('\\"'.repeat(2_000_000))
  assert.equal(setOut(long), long)
})
