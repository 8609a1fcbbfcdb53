// How an editor's entry gets to a bridge: by npx with an empty cache, by npx with all there, and as an installed program.
// From spawn to the answer to initialize, npm's own work included; memory is that of npx, its shell and the bridge, one
// idle second later. All come from a registry on this machine (registry.mjs): where that is far, each package more
// costs more than here.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { descendants, treeMb } from '../meter.mjs'
import { readJson, weigh } from '../packages.mjs'
import { openRegistry } from '../registry.mjs'
import { interleave, runOnce, withBridge } from '../rounds.mjs'
import { middle } from '../statistics.mjs'

const LONG = 120_000
const WAYS = ['cold', 'warm', 'installed']
const runFile = promisify(execFile)
const nameOf = ({ spec }) => spec.slice(0, spec.indexOf('@'))

// Nothing of this user's npm takes part but the program.
function npmEnvOf({ home, shelf }) {
  const nobody = join(home, 'npmrc')
  writeFileSync(nobody, '')
  return {
    PATH: process.env.PATH,
    HOME: home,
    npm_config_registry: shelf,
    npm_config_cache: join(home, 'cache'),
    npm_config_prefix: join(home, 'prefix'),
    npm_config_userconfig: nobody,
  }
}

// One start; `way` is the first part of the names of its numbers.
async function startOnce(cell, target, way) {
  await withBridge(target, cell.url, async (bridge) => {
    const { initializeMs } = await bridge.handshake(LONG)
    await sleep(1000)
    const processes = descendants(bridge.pid).length
    cell.note(target, { [`${way}Ms`]: initializeMs, [`${way}Mb`]: treeMb(bridge.pid) })
    if (treeMb(bridge.pid) !== undefined) cell.note(target, { [`${way}Processes`]: processes })
  })
}

// What npx has fetched: packages, the cache they came into, and the folder it unpacked them to.
function noteFetched(cell, target, cache) {
  const unpacked = join(cache, '_npx')
  const [name] = readdirSync(unpacked)
  const { packages } = readJson(join(unpacked, name, 'node_modules', '.package-lock.json'))
  const { mb, files } = weigh(unpacked)
  const cacheMb = weigh(join(cache, '_cacache')).mb
  cell.note(target, { packages: Object.keys(packages).length, unpackedMb: mb, files, cacheMb })
}

async function measure(cell, places) {
  // As slow as they are, nobody gets fewer rounds here.
  const own = { ...cell, targets: cell.targets.map((target) => ({ ...target, slow: false })) }
  const placeOf = (target) => places.get(target.name)
  const envOf = (target) => npmEnvOf(placeOf(target))
  const byNpx = (target) => ({
    name: target.name,
    program: 'npx',
    argsOf: (url) => ['-y', target.spec, ...target.argsOf(url)],
    env: envOf(target),
  })
  const cold = async (target) => {
    const cache = join(placeOf(target).home, 'cache')
    rmSync(cache, { recursive: true, force: true })
    await startOnce(cell, byNpx(target), 'cold')
    noteFetched(cell, target, cache)
  }
  await interleave(own, cell.quick ? 1 : 3, cold, 'cold')
  await runOnce(own.targets.map(byNpx), cell.url)
  await interleave(own, cell.quick ? 2 : 7, (target) => startOnce(cell, byNpx(target), 'warm'), 'warm')

  const installed = async (target) => {
    const home = placeOf(target).home
    const env = envOf(target)
    const program = join(home, 'prefix', 'bin', nameOf(target))
    const asInstalled = { name: target.name, program, argsOf: target.argsOf }
    if (!existsSync(program)) {
      // Not synchronously: the registry that npm asks is in this process.
      await runFile('npm', ['install', '-g', target.spec], { env, timeout: LONG })
      await runOnce([asInstalled], cell.url)
    }
    await startOnce(cell, asInstalled, 'installed')
  }
  await interleave(own, cell.quick ? 2 : 9, installed, 'installed')
}

// A target that is no package takes no part; one that npm cannot provide has failed.
function fillShelves({ targets, failures }) {
  const shelves = new Map()
  for (const { name, shelf } of targets.filter((target) => target.shelf))
    try {
      shelves.set(name, shelf())
    } catch {
      for (const way of WAYS) failures.add(name, way, new Error('npm could not provide its packages'))
    }
  return shelves
}

async function run(cell) {
  if (process.platform === 'win32') return
  const shelves = fillShelves(cell)
  const registry = await openRegistry(shelves)
  const folder = mkdtempSync(join(tmpdir(), 'bench-npx-'))
  const placeOf = ({ name }, at) => {
    const home = join(folder, String(at))
    mkdirSync(home)
    return [name, { home, shelf: `${registry.url}/${encodeURIComponent(name)}/` }]
  }
  try {
    const targets = cell.targets.filter(({ name }) => shelves.has(name))
    await measure({ ...cell, targets }, new Map(targets.map(placeOf)))
  } finally {
    registry.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const rowsOf = (way, title) => [
  {
    id: `${way}Ms`,
    part: way,
    label: `${title}: → initialize answer, ms`,
    of: middle(`${way}Ms`),
    digits: 0,
  },
  { id: `${way}Mb`, part: way, label: `${title}: idle RSS of the process tree, MB`, of: middle(`${way}Mb`) },
  { part: way, label: `${title}: processes`, of: middle(`${way}Processes`), digits: 0, plain: true },
]

const fetched = [
  { id: 'packages', label: 'packages', of: middle('packages'), digits: 0 },
  { label: 'files', of: middle('files'), digits: 0 },
  { label: 'MB unpacked', of: middle('unpackedMb'), digits: 2 },
  { label: "MB in npm's cache", of: middle('cacheMb'), digits: 2 },
].map((row) => ({ ...row, plain: true, part: 'cold', label: `npx, empty cache: ${row.label}` }))

export const npx = {
  name: 'npx',
  title: 'By npx, and installed',
  seconds: [190, 80],
  twin: false,
  run,
  rows: [
    ...rowsOf('cold', 'npx, empty cache'),
    ...fetched,
    ...rowsOf('warm', 'npx, all in its cache'),
    ...rowsOf('installed', 'installed (npm install -g)'),
  ],
}
