// docs/bench.svg: horizontal bars, a group for each question, one bar for each bridge, its number beside it. It takes the
// colours of the reader's mode and needs nothing from outside: no font, no script.
import { numeral } from './wording.mjs'

const WIDTH = 760
const LEFT = 150
const RIGHT = 110
const BAR = 16
const GAP = 6
const HEAD = 30
const BELOW = 16

// Which rows are shown, by their ids: what a bar's length means, and its unit. In a group the longest bar takes the width.
const GROUPS = [
  { id: 'start', title: 'Start to the first answer', unit: 'ms', digits: 0 },
  { id: 'memory', title: 'Memory while idle', unit: 'MB', digits: 0 },
  { id: 'throughput64', title: 'Calls per second, 64 at once', unit: '/s', digits: 0, more: true },
  { id: 'sse50', title: 'A result of 50 MB in an event stream', unit: 'MB/s', digits: 0, more: true },
  { id: 'size', title: 'Installed', unit: 'MB', digits: 1 },
]

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 13px }
  .note { fill: #59636e }
  .ferry { fill: #0969da }
  .other { fill: #afb8c1 }
  .bare { fill: none; stroke: #818b98; stroke-dasharray: 3 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .note { fill: #9198a1 }
    .ferry { fill: #4493f8 }
    .other { fill: #656c76 }
    .bare { stroke: #9198a1 }
  }`

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const classOf = (name) => (name === 'mcp-ferry' ? 'ferry' : name === 'bare' ? 'bare' : 'other')
const labelOf = (name) => (name === 'bare' ? 'bare bridge' : name)
const text = (x, y, words, more = '') => `<text x="${x}" y="${y}"${more}>${escaped(words)}</text>`

function bar({ name, value, failed }, { y, longest, unit, digits }) {
  const label = text(LEFT - 10, y + BAR - 4, labelOf(name), ' text-anchor="end"')
  if (value === undefined) return [label, text(LEFT, y + BAR - 4, failed ?? '-', ' class="note"')]
  const width = Math.max(1, Math.round(((WIDTH - LEFT - RIGHT) * value) / longest))
  return [
    label,
    `<rect class="${classOf(name)}" x="${LEFT}" y="${y}" width="${width}" height="${BAR}" rx="2"/>`,
    text(LEFT + width + 8, y + BAR - 4, `${numeral(value, value < 10 ? 1 : digits)} ${unit}`),
  ]
}

function group({ title, unit, digits, more }, cells, top) {
  // A bridge of which this is not known has no bar; one that failed says so.
  const shown = cells.filter(({ value, failed }) => value !== undefined || failed !== undefined)
  const longest = Math.max(...shown.map(({ value }) => value ?? 0))
  const better = more ? 'longer is better' : 'shorter is better'
  const bars = shown.flatMap((cell, at) =>
    bar(cell, { y: top + HEAD + at * (BAR + GAP), longest, unit, digits }),
  )
  const head = [
    text(0, top + 16, title, ' class="title"'),
    text(WIDTH, top + 16, better, ' class="note" text-anchor="end"'),
  ]
  return { lines: [...head, ...bars], height: HEAD + shown.length * (BAR + GAP) + BELOW }
}

export function picture({ machine, tables }) {
  const rows = new Map(tables.flatMap((table) => table.rows).map((row) => [row.id, row]))
  const lines = []
  let top = 0
  for (const one of GROUPS.filter(({ id }) => rows.has(id))) {
    const { lines: drawn, height } = group(one, rows.get(one.id).cells, top)
    lines.push(...drawn)
    top += height
  }
  const { date, cpu, cores, node } = machine
  const when = `${date}, ${cpu}, ${cores} cores, Node ${node}`
  const floor = 'bare bridge: the least that a bridge can be, without errors, sign-ins and retries'
  lines.push(text(0, top + 14, when, ' class="note"'), text(0, top + 32, floor, ' class="note"'))
  const size = `width="${WIDTH}" height="${top + 42}" viewBox="0 0 ${WIDTH} ${top + 42}"`
  const about = '<title>mcp-ferry beside other bridges, measured in one run</title>'
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">\n${about}\n<style>${STYLE}\n</style>\n${lines.join('\n')}\n</svg>\n`
}
