// Smaller readers: patterns, spellings of URIs, JSON set out or read for schemas, values as headers.
import assert from 'node:assert/strict'
import { encodeHeader, headerText } from '../../../../src/remote/modern/param-value.ts'
import { isInteger, isJson, isNumber, kindOf, membersIn } from '../../../../src/shell/calling/json-text.ts'
import { escaped, printable } from '../../../../src/shell/foreign-text.ts'
import { setOut } from '../../../../src/shell/raw-json.ts'
import { createGlob } from '../../../../src/stages/globs.ts'
import { parseJson, writeJson } from '../../../../src/stages/schema/json.ts'
import { formsOf } from '../../../../src/stages/uri-forms.ts'
import { bytesOf, type Target, textOf } from '../target.ts'
import { isObject, makeMessage, PEEK } from './messages.ts'

/** Between a pattern and a text. */
const NUL = '\0'

export const GLOBS: Target = {
  name: 'globs',
  few: 400,
  seeds: [`get_*${NUL}get_issue`, `*a*b?${NUL}xaxbx`, `file:///*${NUL}file:///a/../b`],
  tokens: [
    '*',
    '?',
    '**',
    'a',
    'A',
    '\u00df',
    '\u0130',
    'e\u0301',
    '\u{1f600}',
    NUL,
    '.',
    '\\',
    '[',
    ']',
    '_',
    ' ',
  ],
  make: (chance) => {
    const text = Array.from({ length: chance.number(8) }, () => chance.pick(['a', 'b', '_', '\u00e9'])).join(
      '',
    )
    return `${text.replace(/./gu, (one) => (chance.percent(30) ? chance.pick(['*', '?']) : one))}${NUL}${text}`
  },
  check(whole) {
    const [pattern = '', text = ''] = whole.split(NUL)
    const glob = createGlob(pattern)
    const fits = glob.fits(text)
    if (pattern.length < 12) {
      const words = [...pattern].map((one) =>
        one === '*' ? '[\\s\\S]*' : one === '?' ? '[\\s\\S]' : literal(one),
      )
      assert.equal(fits, new RegExp(`^${words.join('')}$`, 'u').test(text), 'not what the pattern says')
    }
    if (fits) assert.ok(glob.fitsLoosely(text), 'what fits fits loosely')
  },
}

function literal(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`
}

export const URI_FORMS: Target = {
  name: 'uri-forms',
  few: 300,
  seeds: ['file:///public/../secret', 'file:///%2e%2e/%252e%252e/x', 'a:b/../c?d#e', 'x://h\\..\\y'],
  tokens: ['/', '..', '.', '%2e', '%2F', '%25', '%', '%c3%a9', '\\', '?', '#', ':', 'file://', 'a', '\n'],
  make: (chance) =>
    `file://${Array.from({ length: chance.number(6) }, () => `/${chance.pick(['a', '..', '.', '%2e%2e', ''])}`).join('')}`,
  check(text) {
    const forms = formsOf(text)
    assert.equal(forms[0], text, 'the first is as it is written')
    assert.equal(new Set(forms).size, forms.length, 'each once')
    for (const form of forms.slice(1)) assert.ok(form.length <= text.length + 1, 'a form is longer')
    const plain = /^file:\/\/((?:\/(?:[a-z]+|\.\.?))*)$/.exec(text)?.[1]
    if (plain === undefined || plain === '') return
    const standard = new URL(text).href
    assert.ok(
      forms.includes(standard) || forms.includes(standard.replace(/\/$/, '')),
      `not as URLs have it: ${standard}`,
    )
  },
  parse: formsOf,
}

export const JSON_TEXTS: Target = {
  name: 'json-texts',
  few: 350,
  seeds: PEEK.seeds,
  tokens: PEEK.tokens,
  make: makeMessage,
  check(given) {
    // As a text that has come as UTF-8.
    const text = textOf(bytesOf(given))
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return assert.equal(isJson(text), false, 'it is no JSON')
    }
    const bytes = bytesOf(text)
    assert.equal(isJson(text), true, 'it is JSON')
    assert.deepEqual(JSON.parse(setOut(text)), value, 'set out it is another')
    const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
    assert.equal(kindOf(text), kind, 'another kind')
    const members = membersIn(text)
    assert.equal(members !== undefined, isObject(value), 'members of what is no object')
    for (const [name, inner] of members ?? [])
      assert.deepEqual(JSON.parse(inner), (value as Record<string, unknown>)[name], `another ${name}`)
    if (!/\[{100}/.test(text))
      assert.deepEqual(JSON.parse(writeJson(parseJson(text))), value, 'written anew it is another')
    if (typeof value === 'number') {
      assert.ok(isNumber(text.trim()), 'it is a number')
      if (Number.isSafeInteger(value) && !/[eE]/.test(text))
        assert.equal(isInteger(text.trim()), /^-?\d+(?:\.0*)?$/.test(text.trim()), 'an integer')
    }
    const start = text.length - text.trimStart().length
    headerText(bytes, { start, end: start + bytesOf(text.trim()).length })
  },
  parse: (text) => isJson(text) && [setOut(text), membersIn(text)],
}

export const PARAM_VALUES: Target = {
  name: 'param-values',
  few: 300,
  seeds: ['us-west1', ' padded ', '=?base64?eA==?=', 'Hello, \u4e16\u754c'],
  tokens: [' ', '=?base64?', '?=', '=', '\t', '\u00e9', '\u{1f600}', '\ud800', '\x7f', 'a'],
  make: (chance) => chance.pick(['a', ' a', 'é', '=?base64?x?=', '']),
  check(text) {
    const header = encodeHeader(text)
    if (typeof header === 'symbol') return assert.match(text, /\p{Surrogate}/u, 'it can be said')
    assert.match(header, /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'no value of a header')
    const [, inner] = /^=\?base64\?(.*)\?=$/.exec(header) ?? []
    assert.equal(
      inner === undefined ? header : Buffer.from(inner, 'base64').toString('utf8'),
      text,
      'read it is another',
    )
  },
  parse: encodeHeader,
}

export const TERMINAL_TEXTS: Target = {
  name: 'terminal-texts',
  few: 250,
  seeds: ['\x1b[31mred\x1b[0m', '\x1b]0;title\x07', '\x9b2J', 'a\u202eb'],
  tokens: [
    '\x1b',
    '\x1b[',
    '\x1b]',
    '\x9b',
    '\x9d',
    '\x07',
    '\x1b\\',
    '31',
    ';',
    'm',
    'K',
    '\u202e',
    '\u200b',
    ' ',
    'a',
  ],
  make: (chance) =>
    `\x1b[${chance.number(99)}${chance.pick(['m', ';', 'J'])}${chance.pick(['a', '\x9b', ''])}`,
  check(text) {
    const unseen = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/
    assert.doesNotMatch(printable(text), unseen, 'a terminal would obey it')
    const json = escaped(JSON.stringify([text]))
    assert.doesNotMatch(json, unseen, 'a terminal would obey it')
    assert.deepEqual(JSON.parse(json), [text], 'it is not what it was')
  },
  parse: (text) => [printable(text), escaped(text)],
}
