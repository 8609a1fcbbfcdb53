// One phase from its beginning to its end: a lap to warm up, then laps that are all alike, and after each a look at what
// the bridge holds once it has come to rest.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, type Look, startChild } from './child.ts'
import { filesUnder, homeEnv } from './homes.ts'
import { type Phase, type World, walk } from './phases.ts'
import type { Census } from './snapshot.ts'
import type { Lap, Laps } from './verdict.ts'

export interface LapSettings {
  readonly laps: number
  /** Of the units that the phase itself wants in a lap. */
  readonly share: number
  readonly bin?: string | undefined
  readonly say: (line: string) => void
  /** How often it is looked at after a lap before what is held then counts as held; many times if left out. */
  readonly looks?: number
}

export interface Outcome extends Laps {
  readonly seconds: number
  readonly exitCode: number | null
  readonly stderr: string
}

/** What is loaded late, and what V8 keeps for a program that has run for a while, is there then. */
const FIRST_COUNTED = 1

/** How much faster the bridge's clock runs; what it forgets after a while it forgets in the phase. */
export const RATE = 20
const RESTING_RATE = 2000
const MOST_LOOKS = 30
const LOOK_MS = 100
/** The bridge waits for nobody: its clock is fast, and the machine may be slow. */
const PATIENT = '--start-budget 0 --connect-timeout 60m --max-reopens 1000000'.split(' ')

export async function runPhase(phase: Phase, settings: LapSettings): Promise<Outcome> {
  const startedAt = Date.now()
  const home = mkdtempSync(join(tmpdir(), 'ferry-soak-'))
  const children: Child[] = []
  const start: Parameters<Phase['open']>[0]['start'] = async (options, era) => {
    const env = { ...homeEnv(home), ...options.env }
    const args = [...PATIENT, ...options.args]
    const child = await startChild(
      { rate: phase.rate ?? RATE, bin: settings.bin, ...options, args, env },
      era,
    )
    children.push(child)
    return child
  }
  const unitsPerLap = Math.max(phase.unitsPerStep ?? 1, Math.round(phase.unitsPerLap * settings.share))
  try {
    const world = await phase.open({ start, home })
    const laps: Lap[] = []
    const counted: Census[] = []
    const last = FIRST_COUNTED + settings.laps
    for (let lap = 0; lap <= last; lap++) {
      await walk(world, phase, lap * unitsPerLap, unitsPerLap)
      laps.push({
        ...(await rest(world, phase.rate ?? RATE, laps.at(-1), settings.looks)),
        ...filesUnder(home),
      })
      settings.say(describe(phase.name, lap, laps.at(-1)!))
      if (lap === FIRST_COUNTED || lap === last)
        counted.push(await world.child.census(join(home, `${lap}.heapsnapshot`)))
    }
    world.child.endInput()
    const exitCode = await world.child.exit
    await world.close()
    const { stderr } = world.child
    const { name, unit, hasGrowingFiles = false } = phase
    const seconds = (Date.now() - startedAt) / 1000
    return {
      name,
      unit,
      unitsPerLap,
      hasGrowingFiles,
      laps: laps.slice(FIRST_COUNTED + 1),
      counted,
      seconds,
      exitCode,
      stderr,
    }
  } finally {
    for (const child of children) child.kill()
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Looks until it is as little as after the lap before; after the first lap, until it becomes no less any more. */
async function rest(world: World, rate: number, before: Lap | undefined, looks = MOST_LOOKS): Promise<Look> {
  await world.child.run(RESTING_RATE)
  world.quiet()
  let last: Look | undefined
  let best: Look | undefined
  for (let count = 0; count < looks; count++) {
    const now = await world.child.look()
    best = now
    const isStill = last !== undefined && !isLess(now, last)
    if (before === undefined ? isStill : !isMore(now, before)) break
    last = now
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  await world.child.run(rate)
  return best!
}

function isLess(now: Look, before: Look): boolean {
  return now.timers < before.timers || now.sockets < before.sockets || now.objects < before.objects - 10
}

function isMore(now: Look, before: Lap): boolean {
  return now.timers > before.timers || now.sockets > before.sockets || now.objects > before.objects + 30
}

export const COLUMNS = `${'phase'.padEnd(44)}lap  heap kB  RSS MB  objects  timers  sockets  fds  listeners  files`

function describe(name: string, lap: number, look: Lap): string {
  const { heapBytes, rssBytes, objects, timers, sockets, descriptors, listeners, files } = look
  const cells: readonly [unknown, number][] = [
    [lap <= FIRST_COUNTED ? 'w' : lap - FIRST_COUNTED, 3],
    [(heapBytes / 1000).toFixed(0), 9],
    [(rssBytes / 1e6).toFixed(1), 8],
    [objects, 9],
    [timers, 8],
    [sockets, 9],
    [descriptors ?? '?', 5],
    [listeners, 11],
    [files, 7],
  ]
  return name.padEnd(44) + cells.map(([value, width]) => String(value).padStart(width)).join('')
}
