// How a page is read: anchors by GitHub's rules, blocks with their marks, links outside of code.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPage, slugOf } from '../../../scripts/docs/page.ts'

test('headings become anchors as on GitHub', () => {
  const slugs = [
    'Cursor, Windsurf, Claude Desktop',
    'What `cmd` does',
    "The editor's side",
    '[Eras](eras.md) — old',
  ]
  assert.deepEqual(slugs.map(slugOf), [
    'cursor-windsurf-claude-desktop',
    'what-cmd-does',
    'the-editors-side',
    'eras--old',
  ])
  const { anchors } = readPage('a.md', '# A\n## B\n## B\n<a id="c"></a>\n```\n# D\n```\n')
  assert.deepEqual([...anchors], ['a', 'b', 'b-1', 'c'])
})

test('a block has its language, its line, its mark and its headings', () => {
  const text = '# A\n## B\n\n<!-- exit 2 -->\n```console\n$ x\n```\n\n# C\n```\nz\n```'
  assert.deepEqual(readPage('a.md', text).blocks, [
    { language: 'console', text: '$ x', line: 5, mark: 'exit 2', under: ['A', 'B'] },
    { language: '', text: 'z', line: 10, mark: '', under: ['C'] },
  ])
})

test('links are those outside of code', () => {
  const text = '[a](b.md#c) `[d](e.md)` ![f](g.svg)\n<img src="h.svg">\n[i]: j.md\n```\n[k](l.md)\n```'
  assert.deepEqual(
    readPage('a.md', text).links.map((link) => link.text),
    ['b.md#c', 'g.svg', 'h.svg', 'j.md'],
  )
})

test('code between backticks is read without the escapes of a table', () => {
  const spans = readPage('a.md', '| `--a <x\\|y>` | ``b`c`` |').spans.map(({ text }) => text)
  assert.deepEqual(spans, ['--a <x|y>', 'b`c'])
})
