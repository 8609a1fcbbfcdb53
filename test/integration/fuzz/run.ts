// The long form, by hand: npm run fuzz -- [parser] [seed] [cases, or minutes as 2m]. All parsers, seed 1 and 20,000 cases of each
// where nothing is said; all parsers share the minutes. Each failure is told with its seed and the shortest text that shows it.
import { createChance } from './chance.ts'
import { failureOf, pumpFor, tooSlow } from './running.ts'
import { play } from './script.ts'
import type { Target } from './target.ts'
import { TARGETS } from './targets.ts'
import { createWorld } from './world.ts'

interface Player {
  readonly name: string
  /** How many cases one of this is as much as. */
  readonly weight: number
  /** What is wrong with the case of that seed. */
  faultOf(seed: number): Promise<string | undefined>
}

const PUMPED = 32_768
/** Cases between two texts that grow. */
const BETWEEN = 200
const MOST_FAULTS = 3

function playerOf(target: Target): Player {
  return {
    name: target.name,
    weight: 1,
    async faultOf(seed) {
      const failure = await failureOf(target, seed)
      if (failure !== undefined) return `${JSON.stringify(failure.text)}\n${failure.why}`
      if (target.parse === undefined || seed % BETWEEN !== 0) return undefined
      const pump = pumpFor(target, createChance(seed))
      const slow = tooSlow(target, pump, PUMPED)
      return slow && `${JSON.stringify(pump)} takes too long: ${slow}`
    },
  }
}

/** All the stages at once, as in stages.test.ts: one case is a world. */
const STAGES: Player = {
  name: 'stages',
  weight: 10,
  async faultOf(seed) {
    const chance = createChance(seed)
    const world = createWorld(chance)
    try {
      await play(world, chance)
      world.check()
      return undefined
    } catch (thrown) {
      return thrown instanceof Error ? thrown.stack : String(thrown)
    }
  },
}

async function run(player: Player, seed: number, { cases, endsAt }: { cases: number; endsAt: number }) {
  let faults = 0
  let count = 0
  for (; count < cases && faults < MOST_FAULTS && performance.now() < endsAt; count++) {
    const fault = await player.faultOf(seed + count)
    if (fault === undefined) continue
    faults++
    console.log(`✘ ${player.name} ${seed + count}: ${fault}`)
  }
  console.log(`${faults === 0 ? '✔' : '✘'} ${player.name}: ${count} cases from seed ${seed}`)
  return faults
}

const players = [...TARGETS.map(playerOf), STAGES]
const [name = 'all', seedText = '1', amount = '20000'] = process.argv.slice(2)
const chosen = players.filter((player) => name === 'all' || player.name === name)
const [, number, unit] = /^(\d+(?:\.\d+)?)(m?)$/.exec(amount) ?? []
if (chosen.length === 0 || !/^\d{1,9}$/.test(seedText) || number === undefined) {
  const names = players.map((player) => player.name).join(', ')
  console.error(`write npm run fuzz -- [parser] [seed] [cases, or minutes as 2m]; the parsers are ${names}`)
  process.exit(2)
}
for (const player of chosen) {
  const shareMs = (Number(number) * 60_000) / chosen.length
  const limit =
    unit === 'm'
      ? { cases: Number.POSITIVE_INFINITY, endsAt: performance.now() + shareMs }
      : { cases: Math.ceil(Number(number) / player.weight), endsAt: Number.POSITIVE_INFINITY }
  if ((await run(player, Number(seedText), limit)) > 0) process.exitCode = 1
}
