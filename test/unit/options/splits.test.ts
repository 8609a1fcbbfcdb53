// Whatever a launcher does to a header that keeps its characters, the same header comes out (arguments.md 4.1–4.3).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from './command-lines.ts'

const URL_TEXT = 'https://h.example/mcp'
const NAME_FIRST = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#&*+.^_|~'
const NAME_REST = `${NAME_FIRST}-`
const WORD = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join('')
const random = seeded(20251122)

const FORMS: Readonly<Record<string, (pieces: readonly string[]) => string[]>> = {
  '--header X': (pieces) => ['--header', ...pieces],
  '-H X': (pieces) => ['-H', ...pieces],
  '--header=X': ([first, ...rest]) => [`--header=${first}`, ...rest],
  '-H=X': ([first, ...rest]) => [`-H=${first}`, ...rest],
  '-HX': ([first, ...rest]) => [`-H${first}`, ...rest],
}
const PLACES: Readonly<Record<string, (header: readonly string[]) => string[]>> = {
  'after the URL': (header) => [URL_TEXT, ...header],
  'after URL and port': (header) => [URL_TEXT, '8080', ...header],
  'before the URL': (header) => [...header, URL_TEXT],
  'before URL and port': (header) => [...header, URL_TEXT, '8080'],
  'before a flag': (header) => [URL_TEXT, ...header, '--allow-http'],
  'before --': (header) => [...header, '--', URL_TEXT],
  'between headers': (header) => ['--header', 'X-Before:', 'a b', ...header, '-H', 'X-After: c', URL_TEXT],
}
const QUOTES: Readonly<Record<string, (text: string) => string>> = {
  none: (text) => text,
  double: (text) => `"${text}"`,
  single: (text) => `'${text}'`,
  escaped: (text) => `\\"${text}\\"`,
}

for (const [form, write] of Object.entries(FORMS))
  for (const [place, put] of Object.entries(PLACES))
    test(`a random header as ${form} ${place} survives every split and every quoting`, () => {
      for (let round = 0; round < 12; round++) {
        const name = `X-${pick(NAME_FIRST)}${letters(NAME_REST, 6)}`
        const words = Array.from({ length: 1 + Math.floor(random() * 4) }, randomWord)
        check({ name, value: words.join(' '), write, put })
      }
    })

test('a credential survives every split, and quotes round all of it or round its value', () => {
  for (let round = 0; round < 60; round++) {
    const token = letters('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=', 24)
    const value = `Bearer ${token.replace(/^-+/, 'x')}`
    for (const quote of Object.values(QUOTES))
      for (const text of [
        quote(`Authorization: ${value}`),
        `Authorization: ${quote(value)}`,
        `Authorization:${quote(value)}`,
      ])
        for (const pieces of splits(text)) {
          const { options, error } = run({ argv: [URL_TEXT, '--header', ...pieces] })
          assert.equal(error, undefined, JSON.stringify(pieces))
          assert.deepEqual(options?.headers, [{ name: 'Authorization', value }], JSON.stringify(pieces))
        }
  }
})

test('a header from a variable is the header that is written out', () => {
  for (let round = 0; round < 60; round++) {
    const value = `${randomWord()} ${randomWord()}`
    const written = run({ argv: [URL_TEXT, '--header', `X-A: ${value}`] })
    for (const argv of [
      ['--header', `X-A: $\{V}`],
      ['--header', 'X-A:', `$\{env:V}`],
      ['--header-env', 'X-A=V'],
      ['--header', `$\{WHOLE}`],
    ]) {
      const read = run({ argv: [URL_TEXT, ...argv], env: { V: value, WHOLE: `X-A: ${value}` } })
      assert.deepEqual(read.options?.headers, written.options?.headers, `${argv} ${value}`)
    }
  }
})

interface Sample {
  readonly name: string
  readonly value: string
  readonly write: (pieces: readonly string[]) => string[]
  readonly put: (header: readonly string[]) => string[]
}

function check({ name, value, write, put }: Sample): void {
  for (const quote of Object.values(QUOTES))
    for (const separator of [': ', ':', ' : '])
      for (const pieces of splits(quote(`${name}${separator}${value}`))) {
        const argv = put(write(pieces))
        const { options, error } = run({ argv })
        assert.equal(error, undefined, JSON.stringify(argv))
        const found = options?.headers.filter(
          (header) => header.name !== 'X-Before' && header.name !== 'X-After',
        )
        assert.deepEqual(found, [{ name, value }], JSON.stringify(argv))
        assert.equal(options?.url.href, URL_TEXT)
        assert.equal(options?.signIn.callbackPort, argv.includes('8080') ? 8080 : undefined)
      }
}

/** Every way to cut a text at its blanks. */
function splits(text: string): string[][] {
  const words = text.split(' ')
  return Array.from({ length: 2 ** (words.length - 1) }, (_, mask) => {
    const pieces = [words[0]!]
    words.slice(1).forEach((word, index) => {
      if (mask & (1 << index)) pieces.push(word)
      else pieces.push(`${pieces.pop()} ${word}`)
    })
    return pieces
  })
}

/** Visible ASCII that nothing is read into: no option, no URL, no variable, no quote at an end. */
function randomWord(): string {
  for (;;) {
    const word = letters(WORD, 1 + Math.floor(random() * 8))
    if (!/^[-"'\\]|["'\\]$|\$\{|^https?:|^:/i.test(word)) return word
  }
}

function letters(alphabet: string, length: number): string {
  return Array.from({ length }, () => pick(alphabet)).join('')
}

function pick(alphabet: string): string {
  return alphabet[Math.floor(random() * alphabet.length)]!
}

/** mulberry32: the same numbers in every run, so that a failure comes again. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
