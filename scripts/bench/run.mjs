// `npm run bench`: measures mcp-ferry as installed against the bare bridge, and mcp-remote where it is installed, in
// one run, and prints one table. Trust the ratios and the CPU: all targets share the machine, the rounds and the
// server, while times alone say as much about what else the machine was doing (its load is printed).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { large } from './cells/large.mjs'
import { latency } from './cells/latency.mjs'
import { memory } from './cells/memory.mjs'
import { progress } from './cells/progress.mjs'
import { slowReader } from './cells/slow-reader.mjs'
import { start } from './cells/start.mjs'
import { throughput } from './cells/throughput.mjs'
import { tabulate } from './table.mjs'
import { bare, findFerry, findRemote, installPeers, packFerry } from './targets.mjs'

// What is measured. A cell notes raw samples for each target; its rows say how the table's numbers are made of them.
const cells = [start, latency, throughput, large, progress, memory, slowReader]

const HELP = `npm run bench -- [options]
  --quick              under a minute instead of three, and coarser
  --only a,b           only these: ${cells.map(({ name }) => name).join(', ')}
  --no-pack            measure what scripts/pack.mjs installed last, do not build
  --mcp-remote <path>  the folder of an installed mcp-remote package
  --install-peers      first install mcp-remote into .bench/
  --no-peers           leave mcp-remote out
  --also <file>        one more bridge, a script that takes the URL; the bare bridge once more shows the noise
  --json <file>        write the numbers and their samples there too
  --check              exit with 1 if a limit is missed or a cell failed`

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    'no-pack': { type: 'boolean', default: false },
    'mcp-remote': { type: 'string' },
    'install-peers': { type: 'boolean', default: false },
    'no-peers': { type: 'boolean', default: false },
    also: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const say = (line) => process.stderr.write(`${line}\n`)

function chooseTargets() {
  if (!options['no-pack'])
    try {
      packFerry()
    } catch {
      say('mcp-ferry did not build; measuring what was installed before, if anything')
    }
  if (options['install-peers']) installPeers()
  const ferry = findFerry()
  if (!ferry) say('mcp-ferry is not installed in .cache, so it is left out')
  const remote = options['no-peers'] ? undefined : findRemote(options['mcp-remote'])
  if (!remote && !options['no-peers']) say('mcp-remote is not installed (--install-peers), so it is left out')
  const also = options.also.map((file, at) => ({ name: `${at + 1}: ${basename(file)}`, file: resolve(file) }))
  return [bare, ferry, ...also, remote].filter(Boolean)
}

function chooseCells() {
  if (options.only === undefined) return cells
  const wanted = options.only.split(',')
  const unknown = wanted.find((name) => !cells.some((cell) => cell.name === name))
  if (unknown !== undefined) throw new Error(`no cell is called ${unknown}`)
  return cells.filter(({ name }) => wanted.includes(name))
}

async function startServer() {
  const file = fileURLToPath(new URL('server.mjs', import.meta.url))
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const [url] = await once(child.stdout, 'data')
  return { url: String(url).trim(), stop: () => child.disconnect() }
}

async function measure({ name, run, rows }, { targets, url }) {
  const startedAt = performance.now()
  const samples = new Map()
  const failures = new Map()
  const note = (target, values) => {
    if (!samples.has(target.name)) samples.set(target.name, {})
    const known = samples.get(target.name)
    for (const [key, value] of Object.entries(values)) {
      known[key] ??= []
      known[key].push(value)
    }
  }
  try {
    await run({ targets, url, quick: options.quick, failures, note })
  } catch (error) {
    for (const target of targets) failures.set(target.name, error.message)
  }
  say(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  return { name, rows, samples, failures }
}

async function main() {
  if (options.help) return console.log(HELP)
  const chosen = chooseCells()
  const targets = chooseTargets()
  const names = targets.map(({ name }) => name)
  const loadBefore = loadavg()[0]
  const server = await startServer()
  const results = []
  for (const cell of chosen) results.push(await measure(cell, { targets, url: server.url }))
  server.stop()

  const { text, data } = tabulate(results, names)
  const machine = `Node ${process.versions.node}, ${process.platform}, ${cpus().length} cores, load ${loadBefore.toFixed(1)} before and ${loadavg()[0].toFixed(1)} after`
  console.log(
    `${machine}. (1.20x) is 1.2 times worse than the bare bridge, whether more or less is better.\n\n${text}`,
  )
  const failures = results.flatMap(({ name, failures }) =>
    [...failures].map(([target, reason]) => ({ cell: name, target, reason })),
  )
  for (const { cell, target, reason } of failures) console.log(`\n${cell}, ${target}: failed: ${reason}`)

  if (options.json) {
    const samples = results.map(({ name, samples }) => [name, Object.fromEntries(samples)])
    writeFileSync(
      options.json,
      JSON.stringify({ machine, rows: data, failures, samples: Object.fromEntries(samples) }, null, 1),
    )
  }
  if (options.check && (failures.length > 0 || data.some(({ met }) => met === false))) process.exitCode = 1
}

await main()
