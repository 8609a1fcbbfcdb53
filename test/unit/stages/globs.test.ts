// Patterns, and the spellings of a URI that count as the same.
import assert from 'node:assert/strict'
import test from 'node:test'
import { createGlob } from '../../../src/stages/globs.ts'
import { formsOf } from '../../../src/stages/uri-forms.ts'

const FITS: readonly [string, readonly string[], readonly string[]][] = [
  ['', [''], ['a']],
  ['*', ['', 'a', 'a\nb', '*'], []],
  ['?', ['a', '🙂', '?'], ['', 'ab']],
  ['a*', ['a', 'ab', 'a*'], ['', 'ba', 'A']],
  ['*a', ['a', 'ba', 'aaa'], ['ab']],
  ['a*b*c', ['abc', 'aXbYc', 'abbcc', 'abcbc'], ['ab', 'acb', 'abcd']],
  ['a.c', ['a.c'], ['abc']],
  ['[ab]', ['[ab]'], ['a']],
  ['a\\*', ['a\\', 'a\\b'], ['a*']],
  ['é', ['é'], ['e\u0301', 'É']],
]

test('a glob fits what it says, and nothing else', () => {
  for (const [pattern, yes, no] of FITS) {
    const glob = createGlob(pattern)
    for (const text of yes) assert.equal(glob.fits(text), true, `${pattern} fits ${text}`)
    for (const text of no) assert.equal(glob.fits(text), false, `${pattern} does not fit ${text}`)
  }
})

test('loosely it fits other cases, normal forms and spaces around as well', () => {
  for (const [pattern, text] of [
    ['delete*', 'DELETE_ALL'],
    ['É', 'e\u0301'],
    ['e\u0301*', 'Éa'],
    ['straße', 'STRASSE'],
    ['kill', '\u212aill'],
    ['run', ' run\n'],
    ['*run?', 'A\ud835\uddb1un!'],
    ['ﬁle', 'file'],
  ] as const)
    assert.equal(createGlob(pattern).fitsLoosely(text), true, `${pattern} ${text}`)
  assert.equal(createGlob('a?').fitsLoosely('a'), false)
})

test('many stars over a long text cost no more than a moment', () => {
  const glob = createGlob(`${'*a'.repeat(50)}b`)
  assert.equal(glob.fits('a'.repeat(20_000)), false)
})

for (const [uri, forms] of [
  ['a:b', ['a:b']],
  ['http://h/a%20b', ['http://h/a%20b', 'http://h/a b']],
  ['x:%2561', ['x:%2561', 'x:%61', 'x:a']],
  ['x:%ff%zz%', ['x:%ff%zz%']],
  ['file:///a/../b', ['file:///a/../b', 'file:///b']],
  ['file:///a/./b/', ['file:///a/./b/', 'file:///a/b/']],
  ['file:///../../b', ['file:///../../b', 'file:///b']],
  ['file:///a/..', ['file:///a/..', 'file:///']],
  ['http://h/a/..?q=/../x', ['http://h/a/..?q=/../x', 'http://h/?q=/../x']],
  ['a/../b', ['a/../b', 'b']],
] as const)
  test(`a URI and what it may be read as: ${uri}`, () => {
    assert.deepEqual(formsOf(uri), forms)
  })
