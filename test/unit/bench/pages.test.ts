// What the bench writes: the page, the README's table and the picture.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Found, page, summary, withSummary } from '../../../scripts/bench/page.mjs'
import { picture } from '../../../scripts/bench/picture.mjs'
import type { Cell, Row } from '../../../scripts/bench/verdicts.mjs'

const machine: Found['machine'] = {
  date: '2026-01-02',
  cpu: 'A <processor> & Co',
  cores: 2,
  system: 'Linux 6.1',
  node: '20.20.2',
  npm: '10.8.2',
  load: ['0.1', '1.0'],
}
const names = ['bare', 'mcp-ferry', 'peer 1.0.0']

const row = (id: string, cells: readonly Partial<Cell>[], more: Partial<Row> = {}): Row => ({
  id,
  label: `the ${id}`,
  digits: 0,
  more: false,
  noise: 0.021,
  cells: cells.map((cell, at) => ({ name: names[at] ?? '', ...cell })),
  judged: [],
  ...more,
})

const found: Found = {
  machine,
  names,
  tables: [
    {
      name: 'start',
      title: 'Start',
      rows: [
        row('start', [{ value: 40 }, { value: 50, worse: 1.25 }, { value: 400, worse: 10 }], {
          judged: [{ text: '≤ 1.25 × bare', met: true }],
        }),
        row('sse50', [{ value: 500 }, { value: 450, worse: 1.11 }, { failed: '> 60 s' }], {
          more: true,
          judged: [{ text: '≥ 95 % of bare', met: false }],
        }),
      ],
      failures: [{ name: 'peer 1.0.0', part: 'SSE', text: '> 60 s', reason: 'no | answer <yet>' }],
    },
  ],
}

const barsOf = (svg: string) =>
  [...svg.matchAll(/<rect class="(\w+)"[^>]* width="(\d+)"/g)].map(([, name, width]) => [name, Number(width)])

test('the page has each number with what it is beside the bare bridge, the noise and the verdict', () => {
  const text = page(found)
  assert.match(text, /\| the start \| 40 \| 50 \(1\.25×\) \| 400 \(10×\) \| ± 2\.1 % \| ✔ ≤ 1\.25 × bare \|/)
  assert.match(text, /\| the sse50 \| 500 \| 450 \(1\.11×\) \| > 60 s \| ± 2\.1 % \| ✘ ≥ 95 % of bare \|/)
  assert.match(text, /2026-01-02, A <processor> & Co, 2 cores, Linux 6\.1, Node 20\.20\.2/)
})

test('what a bridge said as it failed cannot break the page', () => {
  assert.match(page(found), /^- peer 1\.0\.0, SSE: no \\\| answer &lt;yet>$/m)
})

test('the short table has the numbers alone, the date and the machine', () => {
  const text = summary(found)
  assert.match(text, /\| 40 \| 50 \| 400 \|\n/)
  assert.match(text, /\| 500 \| 450 \| > 60 s \|\n/)
  assert.match(text, /Measured 2026-01-02 on A <processor> & Co, 2 cores, Node 20\.20\.2/)
})

test('the README is changed between the markers only, and again by the next run', () => {
  const readme = 'before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n'
  const once = withSummary(readme, 'new')
  assert.equal(once, 'before\n<!-- bench -->\n\nnew\n\n<!-- /bench -->\nafter\n')
  assert.equal(withSummary(once ?? '', 'new'), once)
  assert.equal(withSummary('a README without a place for it\n', 'new'), undefined)
})

test('a bar is as long as its number says, the longest of a group takes the width', () => {
  assert.deepEqual(barsOf(picture(found)), [
    ['bare', 50],
    ['ferry', 63],
    ['other', 500],
    ['bare', 500],
    ['ferry', 450],
  ])
})

test('each bar has its number, and who never finished has that instead', () => {
  const svg = picture(found)
  for (const words of ['40 ms', '50 ms', '400 ms', '450 MB/s', '&gt; 60 s'])
    assert.ok(svg.includes(`>${words}</text>`), `${words} is in the picture`)
})

test('the picture needs nothing from outside, and names are no markup in it', () => {
  const svg = picture(found)
  assert.doesNotMatch(svg.replace('http://www.w3.org/2000/svg', ''), /https?:|<script|@import|url\(|<image/)
  assert.match(svg, /A &lt;processor&gt; &amp; Co/)
})
