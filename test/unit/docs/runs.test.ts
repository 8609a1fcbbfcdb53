// Which commands of a page are run, and when what they print is what the docs say.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPage } from '../../../scripts/docs/page.ts'
import { difference, type Run, runsOf } from '../../../scripts/docs/runs.ts'

const fenced = (language: string, text: string, mark = ''): string =>
  `${mark}\n\`\`\`${language}\n${text}\n\`\`\`\n`
const runs = (text: string): readonly Run[] => runsOf(readPage('a.md', text)).runs

test('each command of a session is a run with its output; the mark tells its exit code', () => {
  const [first, second, ...others] = runs(
    fenced('console', '$ mcp-ferry a \\\n  b\nx\ny\n$ mcp-ferry c', '<!-- exit 2, varies -->'),
  )
  assert.deepEqual(others, [])
  const same = { exitCode: 2, varies: true }
  assert.deepEqual(first, {
    script: 'mcp-ferry a \\\n  b',
    line: 3,
    ...same,
    output: ['x', 'y'],
    isBridge: false,
  })
  assert.deepEqual(second, { script: 'mcp-ferry c', line: 7, ...same, output: [], isBridge: false })
})

test('a block is run unless it says why not, is of those who have the repository, or is no command', () => {
  const page = readPage(
    'a.md',
    [
      fenced('sh', 'mcp-ferry a'),
      fenced('sh', 'mcp-ferry b', '<!-- not run: no sea -->'),
      fenced('sh', 'npm ci && npm test\ngit pull # now'),
      fenced('sh', 'npm ci && mcp-ferry c'),
      fenced('', 'mcp-ferry d'),
      fenced('json', '{ "command": "npx", "args": ["mcp-ferry"] }'),
      fenced('json', '{ "result": {} }'),
    ].join('\n'),
  )
  const found = runsOf(page)
  assert.deepEqual(
    found.runs.map(({ script }) => script),
    ['mcp-ferry a', 'npm ci && mcp-ferry c'],
  )
  assert.deepEqual(
    found.skipped.map(({ text }) => text),
    ['mcp-ferry b'],
  )
  assert.equal(found.configs.length, 1)
})

test('what starts the bridge itself is told so: it gets a message to read', () => {
  const scripts = [
    'npx -y mcp-ferry https://x.example',
    'mcp-ferry tools https://x.example',
    'mcp-ferry --help',
  ]
  assert.deepEqual(
    scripts.map((script) => runs(fenced('sh', script))[0]?.isBridge),
    [true, false, false],
  )
  assert.equal(runs(fenced('sh', 'printf x |\n  mcp-ferry https://x.example'))[0]?.isBridge, false)
})

const run = (output: readonly string[], varies = false): Run => ({
  script: '',
  line: 1,
  exitCode: 0,
  output,
  varies,
  isBridge: false,
})

test('output is the same but for times, sizes, versions, ids and what … stands for', () => {
  const same: readonly (readonly [docs: readonly string[], actual: string])[] = [
    [['ping 1: 5.3 ms'], 'ping 1: 12 ms\n'],
    [
      ['a, run 8683f7ca', '', 'until 2026-11-27 22:04 UTC'],
      'a, run 00c1d9e2\n\nuntil 2027-01-02 03:04 UTC\n',
    ],
    [['mcp-ferry@0.1.0', '    0.014  host'], 'mcp-ferry@1.22.3\n   10.200  host\n'],
    [['…', 'b … d', '…'], 'x\ny\nb c d\ne\n'],
    [[], ''],
  ]
  for (const [docs, actual] of same) assert.equal(difference(run(docs), actual), undefined)
  const other: readonly (readonly [docs: readonly string[], actual: string])[] = [
    [['The sum is 42.'], 'The sum is 43.\n'],
    [['a', 'b'], 'a\n'],
    [['a'], 'a\nb\n'],
    [['a', '…', 'c'], 'a\nb\n'],
    [['a.c'], 'abc\n'],
    [[], 'mcp-ferry: something is wrong\n'],
  ]
  for (const [docs, actual] of other)
    assert.match(difference(run(docs), actual) ?? 'no difference', /^the docs say:/, `${docs} and ${actual}`)
})

test('of output that varies the first two words are compared', () => {
  assert.equal(difference(run(['✔ program on Linux', 'x'], true), '✔ program  on macOS\ny\nz\n'), undefined)
  assert.notEqual(difference(run(['✔ program on Linux'], true), '✘ program on Linux\n'), undefined)
})
