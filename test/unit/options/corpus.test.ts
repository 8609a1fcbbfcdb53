// Every command line that is known to reach the bridge (arguments.md), and the ones we thought of ourselves.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { repairArgv } from '../../../src/options/argv.ts'
import { COMMANDS, type Command } from '../../../src/options/command-names.ts'
import { FLAGS } from '../../../src/options/flag-list.ts'
import { type Read, readPlainly } from '../../../src/options/plain-words.ts'
import { readWithCommander } from '../../../src/options/words.ts'
import type { Case, Expectation } from './command-lines.ts'
import { describe, readCases, runWhole } from './command-lines.ts'

const corpus = readCases('argv-corpus.json')
const own = readCases('argv-own.json')
const runnable = [...corpus, ...own].filter((one) => one.argv !== null)

test('the corpus has 167 cases, of which 5 never reach the bridge', () => {
  assert.equal(corpus.length, 167)
  assert.equal(corpus.filter((one) => one.argv === null).length, 5)
  assert.ok(own.length >= 80)
  assert.equal(new Set(own.map(({ id }) => id)).size, own.length)
})

for (const one of runnable)
  test(`argv ${one.id}`, async () => {
    const outcome = await runWhole(one)
    const { says, flags, ...wanted } = one.expect
    const expected: Expectation =
      wanted.error !== undefined
        ? { error: wanted.error }
        : { ...wanted, warnings: [...(wanted.warnings ?? [])].sort() }
    assert.deepEqual(describe(outcome, one.expect), expected)
    if (says !== undefined)
      assert.ok(outcome.sentences.join('\n').includes(says), outcome.sentences.join('\n'))
    for (const flag of Object.keys(flags ?? {})) assert.ok(repairArgv(one.argv ?? []).argv.includes(flag))
  })

test('what is read without commander is what commander reads, and it reads nothing else', () => {
  const commands: Command[] = ['bridge', ...COMMANDS.filter((name) => name !== 'help')]
  const everyFlag = FLAGS.map(({ name, kind }) => (kind === 'switch' ? [name] : [name, 'a=b --c']))
  const lists = [
    ...runnable.map(({ argv }) => argv!),
    ...everyFlag,
    ...everyFlag.map((flag) => [...flag, ...flag]),
  ]
  for (const list of lists)
    for (const command of commands) {
      const { argv } = repairArgv(list)
      // These two are asked for before anything is read.
      if (argv.includes('--help') || argv.includes('--version')) continue
      assert.deepEqual(readPlainly(command, argv), byCommander(command, argv), `${command} ${argv}`)
    }
})

function byCommander(command: Command, argv: readonly string[]): Read | undefined {
  try {
    return readWithCommander(command, argv)
  } catch {
    return undefined
  }
}

test('no sentence contains a value', async () => {
  for (const one of runnable) {
    const said = (await runWhole(one)).sentences.join('\n')
    for (const secret of secretsOf(one))
      assert.ok(!said.includes(secret), `${one.id} tells ${secret}: ${said}`)
  }
})

test('no sentence contains a token that stands where a case has its token', async () => {
  const swap = (text: string) => text.replace(/\btok\b/g, 'Zq7Kx')
  for (const one of runnable) {
    const env = Object.fromEntries(Object.entries(one.env ?? {}).map(([name, text]) => [name, swap(text)]))
    const { sentences } = await runWhole({ ...one, argv: (one.argv ?? []).map(swap), env })
    const said = sentences.join('\n')
    assert.ok(!said.includes('Zq7Kx'), `${one.id}: ${said}`)
  }
})

test('every sentence is one line, and a sentence', async () => {
  for (const one of runnable)
    for (const said of (await runWhole(one)).sentences) {
      assert.match(said, /^[^\x00-\x1f]{20,400}$/, one.id)
      assert.doesNotMatch(said, /undefined(?! )|\[object/, one.id)
    }
})

/** What a case has where values stand: of variables, of headers, of files, and words that are no plain names. */
function secretsOf(one: Case): string[] {
  const values = [
    ...(one.secrets ?? []),
    ...Object.entries(one.env ?? {}).flatMap(([name, text]) =>
      /_ENV$/.test(name) || /^[a-z]+$|^https?:|^\$\{/.test(text) ? [] : [text],
    ),
    ...Object.entries(one.expect.headers ?? {}).map(([, value]) => value),
  ]
  const placeholders = ['Bearer $TOK', 'Bearer $env:TOK']
  return values.filter((value) => value.trim().length >= 5 && !placeholders.includes(value))
}
