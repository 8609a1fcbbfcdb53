// SECURITY.md is true of the tests: each line of its tables names one that is there.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const ROOT = new URL('../../', import.meta.url)
const page = readFileSync(new URL('SECURITY.md', ROOT), 'utf8')

/** The lines of the tables, without their heads: threat, what stops it, tests, what remains. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| threat |'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )

const NAMED = /^`([\w/-]+)`: `([^`]+)`$/
/** The beginning of a test, with its name as it is written. */
const TESTS = /\b(?:test|it|nodeTest)\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g

function testsIn(file: string): ReadonlySet<string> {
  const url = new URL(`test/${file}.test.ts`, ROOT)
  if (!existsSync(url)) return new Set()
  const names = [...readFileSync(url, 'utf8').matchAll(TESTS)].map(([, a, b, c]) => a ?? b ?? c ?? '')
  return new Set(names.map((name) => name.replace(/\\(['"])/g, '$1')))
}

test('each line of the tables has four cells, and names a test at least', () => {
  assert.ok(rows.length > 40, `only ${rows.length} lines were found`)
  for (const cells of rows) {
    assert.equal(cells.length, 4, `cells of: ${cells.join(' | ')}`)
    for (const named of (cells[2] ?? '').split('<br>')) assert.match(named, NAMED, `in: ${cells[0]}`)
  }
})

test('each test that the page names is there, under that very name', () => {
  const known = new Map<string, ReadonlySet<string>>()
  const gone = rows
    .flatMap((cells) => (cells[2] ?? '').split('<br>'))
    .filter((named) => {
      const [, file = '', name = ''] = NAMED.exec(named) ?? []
      if (!known.has(file)) known.set(file, testsIn(file))
      return known.get(file)?.has(name) !== true
    })
  assert.deepEqual(gone, [])
})

test('the page names no address that nobody has: reports go to the repository', () => {
  assert.match(page, /Report a vulnerability/)
  assert.equal(/[\w.]+@[\w-]+\.\w+|https?:\/\//.exec(page)?.[0], undefined)
})
