// `npm run bench`: measures mcp-ferry as installed against the bare bridge and against its peers in one run, prints one
// table, and writes docs/bench.md, docs/bench.svg and the README's short table. Trust the ratios and the CPU: all
// targets share the machine, the rounds and the server, while times alone say as much about what else the machine did.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { large } from './cells/large.mjs'
import { latency } from './cells/latency.mjs'
import { memory } from './cells/memory.mjs'
import { nodes } from './cells/nodes.mjs'
import { npx } from './cells/npx.mjs'
import { progress } from './cells/progress.mjs'
import { requests } from './cells/requests.mjs'
import { size } from './cells/size.mjs'
import { slowReader } from './cells/slow-reader.mjs'
import { start } from './cells/start.mjs'
import { throughput } from './cells/throughput.mjs'
import { loadNow, machineOf } from './machine.mjs'
import { writePages } from './pages.mjs'
import { createFailures, runOnce } from './rounds.mjs'
import { bare, findFerry, findPeers, openOld, PEER_COUNT, packFerry, twin } from './targets.mjs'
import { missed, tabulate } from './verdicts.mjs'
import { plainText } from './wording.mjs'

// What is measured. A cell notes raw samples for each target; its rows say how the table's numbers are made of them.
const cells = [start, nodes, memory, latency, throughput, large, requests, progress, slowReader, size, npx]

const HELP = `npm run bench -- [options]
  --quick         coarser, in two minutes or three; writes nothing
  --cells a,b     only these, writes nothing: ${cells.map(({ name }) => name).join(', ')}
  --old <path>    compare with another mcp-ferry too: a tarball, or a folder with its bin/ and dist/; writes nothing
  --also <file>   one more bridge, a script that takes the URL; writes nothing
  --no-peers      leave mcp-remote and supergateway out; writes nothing
  --no-pack       measure what scripts/pack.mjs installed last, do not build
  --no-fail       end with 0 even if a limit is missed
  --json <file>   write the numbers there too
  --from <file>   measure nothing: write the pages from the numbers that --json wrote`

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    cells: { type: 'string' },
    old: { type: 'string' },
    also: { type: 'string', multiple: true, default: [] },
    'no-peers': { type: 'boolean', default: false },
    'no-pack': { type: 'boolean', default: false },
    'no-fail': { type: 'boolean', default: false },
    json: { type: 'string' },
    from: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const { quick } = options
const isPartial =
  quick ||
  options.cells !== undefined ||
  options.old !== undefined ||
  options.also.length > 0 ||
  options['no-peers']

// Interrupted, it still takes its folders away.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

const say = (line) => process.stderr.write(`${line}\n`)

function chooseTargets() {
  if (!options['no-pack']) packFerry()
  const ferry = findFerry()
  if (!ferry) throw new Error('mcp-ferry is not installed in .cache: run without --no-pack')
  const old = options.old === undefined ? [] : [openOld(options.old)]
  const also = options.also.map((file, at) => ({
    name: `${at + 1}: ${basename(file)}`,
    file: resolve(file),
    argsOf: (url) => [url],
  }))
  const peers = options['no-peers'] ? [] : findPeers(say)
  return [bare, ferry, ...old, ...also, ...peers, twin]
}

function chooseCells() {
  if (options.cells === undefined) return cells
  const wanted = options.cells.split(',')
  const unknown = wanted.find((name) => !cells.some((cell) => cell.name === name))
  if (unknown !== undefined) throw new Error(`no cell is called ${unknown}`)
  return cells.filter(({ name }) => wanted.includes(name))
}

async function startServer() {
  const file = fileURLToPath(new URL('server.mjs', import.meta.url))
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const [url, farUrl] = [(await lines.next()).value, (await lines.next()).value]
  const exited = once(child, 'exit')
  const stop = async () => {
    child.disconnect()
    await exited
  }
  return { url, farUrl, stop }
}

async function measure({ name, title, run, rows, twin: again = true }, { targets, url, farUrl }) {
  const startedAt = performance.now()
  const samples = new Map()
  const failures = createFailures()
  const note = (target, values) => {
    if (!samples.has(target.name)) samples.set(target.name, {})
    const known = samples.get(target.name)
    for (const [key, value] of Object.entries(values)) {
      known[key] ??= []
      known[key].push(value)
    }
  }
  const taking = targets.filter((target) => again || !target.twin)
  try {
    await run({ targets: taking, url, farUrl, quick, failures, note })
  } catch (error) {
    for (const target of taking) failures.add(target.name, '', error)
  }
  say(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  return { name, title, rows, samples, failures }
}

async function measureAll() {
  const chosen = chooseCells()
  const seconds = chosen.reduce((sum, cell) => sum + cell.seconds[quick ? 1 : 0], 0)
  say(`This takes about ${Math.max(1, Math.round(seconds / 60))} minutes on a quiet machine.`)
  const targets = chooseTargets()
  const loadBefore = loadNow()
  const server = await startServer()
  await runOnce(targets, server.url)
  const results = []
  for (const cell of chosen) results.push(await measure(cell, { targets, ...server }))
  await server.stop()
  const names = targets.filter((target) => !target.twin).map(({ name }) => name)
  const machine = { ...machineOf(), load: [loadBefore, loadNow()] }
  const lacksPeer = targets.filter(({ slow }) => slow).length < PEER_COUNT
  return { machine, names, tables: tabulate(results, names), isPartial: isPartial || lacksPeer }
}

const readResult = (file) => JSON.parse(readFileSync(file, 'utf8'))

async function main() {
  if (options.help) return console.log(HELP)
  const result = options.from === undefined ? await measureAll() : readResult(options.from)
  console.log(plainText(result.tables, result.names))
  if (options.json) writeFileSync(options.json, `${JSON.stringify(result, null, 1)}\n`)
  if (!result.isPartial) for (const file of writePages(result)) say(`wrote ${file}`)
  const misses = missed(result.tables)
  for (const miss of misses) say(`✘ ${miss}`)
  if (misses.length > 0 && !options['no-fail']) process.exitCode = 1
}

await main()
