// `npm run soak`: a working day of an editor in some minutes, and each thing that happens in it thousands of times: the
// bridge must hold no more after it than before. Ends with 1 if it does.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { BIN } from '../../test/fixtures/hosts/raw-host.ts'
import { dayPhase } from './day.ts'
import { FURTHER_PHASES } from './further-phases.ts'
import { runPhase } from './laps.ts'
import { LEGACY_PHASES } from './legacy-phases.ts'
import type { Phase } from './phases.ts'
import { closing, countOf, type Ended, LAP_COLUMNS } from './report.ts'
import { TRANSLATED_PHASES } from './translated-phases.ts'
import { growth } from './verdict.ts'

const PHASES: readonly Phase[] = [...LEGACY_PHASES, ...TRANSLATED_PHASES, ...FURTHER_PHASES]

const HELP = `npm run soak -- [options] [beginnings of names]
  --seed <n>    the day of the editor; the same seed is the same day (default: 1)
  --hours <n>   how long that day is, after two hours to warm up; 0 for none (default: 8)
  --idle <x>    how much faster its clock runs while nobody works (default: 600)
  --laps <n>    laps of each phase that count, after two to warm up (default: 5)
  --jobs <n>    how many phases are under way together, each with a bridge of its own (default: 4)
  --share <x>   of the units of a lap: 0.1 is a tenth (default: 1)
  --no-pack     take what scripts/pack.mjs installed last
The phases: ${PHASES.map(({ name }) => name).join('; ')}`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    hours: { type: 'string', default: '8' },
    idle: { type: 'string', default: '600' },
    laps: { type: 'string', default: '5' },
    jobs: { type: 'string', default: '4' },
    share: { type: 'string', default: '1' },
    'no-pack': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)

type Wanted = readonly [phase: Phase, laps: number]

/** The day and each phase by itself, with the number of laps it is to have. */
function wanted(): Wanted[] {
  const hours = Number(values.hours)
  const day = dayPhase({ seed: Number(values.seed), idleRate: Number(values.idle) })
  const all = [
    ...(hours > 0 ? [[day, hours] as const] : []),
    ...PHASES.map((each) => [each, Number(values.laps)] as const),
  ]
  const isWanted = (name: string): boolean => positionals.some((beginning) => name.startsWith(beginning))
  const chosen = all.filter(([{ name }]) => positionals.length === 0 || isWanted(name))
  if (chosen.length === 0) throw new Error('there is no such phase; see --help')
  return chosen
}

async function judged([phase, laps]: Wanted): Promise<Ended> {
  const { name } = phase
  try {
    const outcome = await runPhase(phase, { laps, share: Number(values.share), say })
    const complaints = growth(outcome)
    if (outcome.exitCode !== 0)
      complaints.push(`${name}: the bridge ended with ${outcome.exitCode}: ${outcome.stderr}`)
    return { name, outcome, complaints }
  } catch (error) {
    return { name, outcome: undefined, complaints: [`${name}: ${(error as Error).message}`] }
  }
}

/** So many at once as are wanted; in the order in which they were given. */
async function judgeAll(all: readonly Wanted[]): Promise<Ended[]> {
  const ended: Ended[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < all.length) {
      const at = next++
      ended[at] = await judged(all[at]!)
    }
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker))
  return ended
}

async function main(): Promise<boolean> {
  if (!values['no-pack'] && process.env.FERRY_BIN === undefined)
    spawnSync(process.execPath, ['scripts/pack.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] })
  if (!existsSync(BIN)) throw new Error(`${BIN} is not there`)
  const startedAt = Date.now()
  say(LAP_COLUMNS)
  const ended = await judgeAll(wanted())
  for (const line of closing(ended)) say(line)
  const hasHeld = ended.every(({ complaints }) => complaints.length === 0)
  const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1)
  say(
    hasHeld
      ? `✔ nothing has grown in ${minutes} minutes: ${countOf(ended)}`
      : `✘ the bridge has grown, or has not held; the seed was ${values.seed}`,
  )
  return hasHeld
}

if (values.help) say(HELP)
else {
  const hasHeld = await main()
  // What a phase without an end has left open would keep this from ending.
  process.stdout.write('', () => process.exit(hasHeld ? 0 : 1))
}
