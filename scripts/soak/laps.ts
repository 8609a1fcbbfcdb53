// One phase from its beginning to its end: a lap to warm up, then laps that are all alike, and after each a look at what
// the bridge holds once it has come to rest.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, type Look, startChild } from './child.ts'
import { filesUnder, homeEnv } from './homes.ts'
import { type Ground, type Phase, type World, walk } from './phases.ts'
import { lapLine } from './report.ts'
import type { Census } from './snapshot.ts'
import { unlessStill } from './standstill.ts'
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
const MOST_LOOKS = 5
/** By the bridge's clock: between looks it forgets what it keeps for a while. */
const REST_MS = 20 * 60_000
/** The bridge waits for nobody: its clock is fast, and the machine may be slow. */
const PATIENT = '--start-budget 0 --connect-timeout 60m --max-reopens 1000000'.split(' ')

/** Rejects if a step fails, or if nothing moves any more. */
export async function runPhase(phase: Phase, settings: LapSettings): Promise<Outcome> {
  const startedAt = Date.now()
  const home = mkdtempSync(join(tmpdir(), 'ferry-soak-'))
  const children: Child[] = []
  let world: World | undefined
  const start: Ground['start'] = async (options, era) => {
    const child = await startChild(
      {
        rate: phase.rate ?? RATE,
        bin: settings.bin,
        ...options,
        args: [...PATIENT, ...options.args],
        env: { ...homeEnv(home), ...options.env },
      },
      era,
    )
    children.push(child)
    return child
  }
  const work = async (moves: () => void): Promise<Omit<Outcome, 'seconds'>> => {
    world = await phase.open({ start, home })
    const round = await goRound({ world, phase, home, settings, moves })
    world.child.endInput()
    return { ...round, exitCode: await world.child.exit, stderr: world.child.stderr }
  }
  try {
    const outcome = await unlessStill(work, () => world?.now?.() ?? `a ${phase.unit}`)
    return { ...outcome, seconds: (Date.now() - startedAt) / 1000 }
  } finally {
    for (const child of children) child.kill()
    await world?.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

interface Round {
  readonly world: World
  readonly phase: Phase
  readonly home: string
  readonly settings: LapSettings
  /** Called whenever something is done. */
  readonly moves: () => void
}

async function goRound({ world, phase, home, settings, moves }: Round): Promise<Laps> {
  const { name, unit, hasGrowingFiles = false, rate = RATE } = phase
  const unitsPerLap = Math.max(phase.unitsPerStep ?? 1, Math.round(phase.unitsPerLap * settings.share))
  const laps: Lap[] = []
  const counted: Census[] = []
  const last = FIRST_COUNTED + settings.laps
  for (let number = 0; number <= last; number++) {
    await walk(world, phase, { from: number * unitsPerLap, units: unitsPerLap, moves })
    const look = await rest(world, rate, laps.at(-1), settings.looks)
    const lap = { ...look, ...filesUnder(home) }
    laps.push(lap)
    settings.say(lapLine(name, number <= FIRST_COUNTED ? 'w' : number - FIRST_COUNTED, lap))
    if (number === FIRST_COUNTED || number === last)
      counted.push(await world.child.census(join(home, `${number}.heapsnapshot`)))
    moves()
  }
  return { name, unit, unitsPerLap, hasGrowingFiles, laps: laps.slice(FIRST_COUNTED + 1), counted }
}

/** Looks until it is as little as after the lap before; after the first lap, until it becomes no less any more. */
async function rest(world: World, rate: number, before: Lap | undefined, looks = MOST_LOOKS): Promise<Look> {
  await world.child.run(RESTING_RATE)
  world.quiet()
  let now = await world.child.look()
  for (let count = 1; count < looks; count++) {
    if (before !== undefined && !isMore(now, before)) break
    const last = now
    await world.child.idle(REST_MS)
    now = await world.child.look()
    if (before === undefined && !isLess(now, last)) break
  }
  await world.child.run(rate)
  return now
}

function isLess(now: Look, before: Look): boolean {
  return now.timers < before.timers || now.sockets < before.sockets || now.objects < before.objects - 10
}

function isMore(now: Look, before: Lap): boolean {
  return now.timers > before.timers || now.sockets > before.sockets || now.objects > before.objects + 30
}
