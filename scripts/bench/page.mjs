// docs/bench.md, and the short table for the README: all that was measured, as Markdown.
import { cellText, headOf, noiseText, textsOf, verdictText } from './wording.mjs'

const plain = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ')
const markdownTable = (head, lines) =>
  [head, head.map((_, at) => (at === 0 ? '---' : '---:')), ...lines]
    .map((line) => `| ${line.map(plain).join(' | ')} |`)
    .join('\n')

export const machineText = ({ cpu, cores, system, node, npm, date, load }) =>
  `${date}, ${cpu}, ${cores} cores, ${system}, Node ${node}, npm ${npm}; the load of the machine was ${load[0]} before and ${load[1]} after`

const picture = (path) =>
  `![Bars: the start, memory, calls per second, a large result and the size of each bridge](${path})`

const INTRO = `# Measured

Written by \`npm run bench\`; not by hand. The bare bridge is the least that a bridge on Node's own HTTP can be
(\`scripts/bench/bare-bridge.cjs\`, a hundred lines that know no error, no sign-in and no retry): it is the floor. mcp-ferry
is the packed package, installed. The others are from npm, each started as its README says.

Each has run once before, for five seconds. All share one machine, one server and one run, in interleaved rounds, so that a busy minute falls on all alike; the numbers are medians
(peaks are the highest of all rounds). In brackets stands how many times worse than the bare bridge a number is, whether more or less is better:
trust these more than the times. *Noise* is what the bare bridge differs by from itself, measured twice, or what medians of so few rounds differ by
by chance, whichever is more. What a bridge never finished stands as the time that it was given.

${picture('bench.svg')}
`

const NOTES = {
  start:
    'From spawning the process to the first answers on its stdout. The server 50 ms away stands behind a proxy in which each byte takes 25 ms either way, and a new connection 50 ms to come about.',
  nodes: 'The same start, by each version of Node.',
  memory: 'Resident memory (VmRSS) one second after the handshake.',
  latency:
    'Added: the time of a call through the bridge, less that of the same bytes sent straight to the server over a bare socket, once V8 has compiled what runs often (4,000 calls), each bridge on the same processor. The first calls of a process are counted from its handshake, the way to the server and back included.',
  progress:
    'mcp-ferry keeps an answer that comes right behind progress back for 4 ms: hosts lose progress that they read together with it.',
  large:
    'Text with newlines, quotes and letters of three bytes; the peak is the highest resident memory (VmHWM) of any round, less what was there before the first result.',
  requests: 'Calls whose argument is a long text; the peak is as above.',
  size: 'Bytes of files. What mcp-ferry is made of is in its one package.',
  npx: 'From a registry on this machine that has the packages and nothing else, so that the network costs nothing; where it is far, each package costs more than here. Memory is that of npx, its shell and the bridge together; what they share is counted for each.',
}

function section({ name, title, rows, failures }, names) {
  const lines = rows.map(textsOf)
  const reasons = failures.map((one) => `- ${one.name}${one.part && `, ${one.part}`}: ${plain(one.reason)}`)
  const note = NOTES[name] === undefined ? [] : [NOTES[name]]
  const table = lines.length > 0 ? [markdownTable(headOf('', names), lines)] : []
  return [`## ${title}`, ...note, ...table, ...(reasons.length > 0 ? [reasons.join('\n')] : [])].join('\n\n')
}

const LIMITS = `## Limits

✔ is met, ✘ is missed, – was not measured. \`npm run bench\` ends with 1 when one is missed.
`

export function page({ machine, names, tables }) {
  const judged = tables.flatMap(({ rows }) => rows.filter((row) => row.judged.length > 0))
  const limits = judged.map((row) => {
    const { failed, value, worse } = row.cells.find(({ name }) => name === 'mcp-ferry') ?? {}
    return [
      row.label,
      cellText({ failed, value, worse }, row.digits),
      noiseText(row.noise),
      verdictText(row.judged),
    ]
  })
  const overview = markdownTable(['', 'mcp-ferry', 'noise', 'limit'], limits)
  const sections = tables.map((table) => section(table, names))
  return `${[INTRO, `Measured on ${machineText(machine)}.`, `${LIMITS}\n${overview}`, ...sections].join('\n\n').replace(/\n{3,}/g, '\n\n')}\n`
}

// What the README shows of it, by the ids of rows.
const SUMMARY = [
  ['start', 'start until the server’s first answer, ms'],
  ['farList', 'the same until the list of tools, server 50 ms away, ms'],
  ['memory', 'memory while idle, MB'],
  ['latency', 'added to a call, µs'],
  ['throughput64', 'calls per second, 64 at once'],
  ['json50', 'a result of 50 MB: MB per second'],
  ['sse50', 'the same as an event stream'],
  ['progress', '10,000 progress notifications, ms'],
  ['coldMs', '`npx` with an empty cache, ms'],
  ['warmMs', '`npx` once more, ms'],
  ['warmMb', 'memory with `npx`, all processes, MB'],
  ['packages', 'packages that `npx` fetches'],
  ['size', 'installed, MB'],
]

export function summary({ machine, names, tables }) {
  const rows = new Map(tables.flatMap((table) => table.rows).map((row) => [row.id, row]))
  const lines = SUMMARY.filter(([id]) => rows.has(id)).map(([id, label]) => {
    const { cells, digits } = rows.get(id)
    return [label, ...cells.map((cell) => cellText({ ...cell, worse: undefined }, digits))]
  })
  const { date, cpu, cores, node } = machine
  const when = `Measured ${date} on ${cpu}, ${cores} cores, Node ${node}; [all numbers](docs/bench.md).`
  return `${markdownTable(['', ...names.map((name) => (name === 'bare' ? 'bare bridge' : name))], lines)}\n\n${when}\n\n${picture('docs/bench.svg')}`
}

const [START, END] = ['<!-- bench -->\n', '<!-- /bench -->']

/** The README with the table between its markers; undefined where it has none. */
export function withSummary(readme, text) {
  const from = readme.indexOf(START) + START.length
  const to = readme.indexOf(END)
  if (from < START.length || to < from) return undefined
  return `${readme.slice(0, from)}\n${text}\n\n${readme.slice(to)}`
}
