// `npm run soak`: a working day of an editor in some minutes, and each thing that happens in it thousands of times: the
// bridge must hold no more after it than before. Ends with 1 if it does.
import { parseArgs } from 'node:util'
import { provideBridge } from '../installed-bridge.ts'
import { numberOf } from '../numbers.ts'
import { runJobs } from './jobs.ts'
import { phasesWith } from './phase-list.ts'
import type { Job } from './phase-runner.ts'
import { closing, countOf, LAP_COLUMNS } from './report.ts'

const NAMES = phasesWith({ seed: 1, idleRate: 1 }).map(({ name }) => name)

const HELP = `npm run soak -- [options] [beginnings of names]
  --seed <n>    the day of the editor; the same seed is the same day (default: 1)
  --hours <n>   how long that day is, after two hours to warm up; 0 for none (default: 8)
  --idle <x>    how much faster its clock runs while nobody works (default: 600)
  --laps <n>    laps of each phase that count, after two to warm up (default: 5)
  --jobs <n>    how many phases are under way together, each with processes of its own (default: 6)
  --share <x>   of the units of a lap: 0.1 is a tenth (default: 1)
  --no-pack     take what scripts/pack.mjs installed last
The phases: ${NAMES.join('; ')}`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    hours: { type: 'string', default: '8' },
    idle: { type: 'string', default: '600' },
    laps: { type: 'string', default: '5' },
    jobs: { type: 'string', default: '6' },
    share: { type: 'string', default: '1' },
    'no-pack': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
/** Less is one unit in a lap, whatever it is. */
const LEAST_SHARE = 0.001

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** The day and each phase by itself, with the number of laps it is to have. */
function wanted(): Job[] {
  const hours = numberOf('hours', values.hours, 0)
  const day = { seed: numberOf('seed', values.seed, 0), idleRate: numberOf('idle', values.idle) }
  const laps = numberOf('laps', values.laps)
  const share = numberOf('share', values.share, LEAST_SHARE)
  const isWanted = (name: string): boolean =>
    positionals.length === 0 || positionals.some((beginning) => name.startsWith(beginning))
  const jobs = phasesWith(day)
    .map(({ name }, index) => ({
      name,
      index,
      day,
      laps: index === 0 ? hours : laps,
      share,
    }))
    .filter(({ name, laps }) => laps > 0 && isWanted(name))
  if (jobs.length === 0) throw new Error('there is no such phase; see --help')
  return jobs
}

async function main(): Promise<boolean> {
  const jobs = wanted()
  const processes = numberOf('jobs', values.jobs)
  provideBridge(values['no-pack'])
  const startedAt = Date.now()
  say(LAP_COLUMNS)
  const ended = await runJobs(jobs, { processes, say })
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
else process.exitCode = (await main()) ? 0 : 1
