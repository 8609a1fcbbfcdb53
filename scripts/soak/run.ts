// `npm run soak`: a working day of an editor in some minutes, and each thing that happens in it thousands of times: the
// bridge must hold no more after it than before. Ends with 1 if it does.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { BIN } from '../../test/fixtures/hosts/raw-host.ts'
import { FURTHER_PHASES } from './further-phases.ts'
import { COLUMNS, runPhase } from './laps.ts'
import { LEGACY_PHASES } from './legacy-phases.ts'
import { TRANSLATED_PHASES } from './translated-phases.ts'
import { growth } from './verdict.ts'

const PHASES = [...LEGACY_PHASES, ...TRANSLATED_PHASES, ...FURTHER_PHASES]

const HELP = `npm run soak -- [options] [beginnings of names]
  --laps <n>    laps of each phase that count, after one to warm up (default: 5)
  --share <x>   of the units of a lap: 0.1 is a tenth (default: 1)
  --no-pack     take what scripts/pack.mjs installed last
The phases: ${PHASES.map(({ name }) => name).join('; ')}`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    laps: { type: 'string', default: '5' },
    share: { type: 'string', default: '1' },
    'no-pack': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(): Promise<boolean> {
  if (!values['no-pack'] && process.env.FERRY_BIN === undefined)
    spawnSync(process.execPath, ['scripts/pack.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] })
  if (!existsSync(BIN)) throw new Error(`${BIN} is not there`)
  const isWanted = (name: string): boolean => positionals.some((beginning) => name.startsWith(beginning))
  const chosen = PHASES.filter(({ name }) => positionals.length === 0 || isWanted(name))
  const complaints: string[] = []
  say(COLUMNS)
  for (const phase of chosen) {
    const outcome = await runPhase(phase, { laps: Number(values.laps), share: Number(values.share), say })
    say(`${''.padEnd(44)}${outcome.seconds.toFixed(1)} s`)
    const found = growth(outcome)
    for (const complaint of found) say(`✘ ${complaint}`)
    complaints.push(...found)
    if (outcome.exitCode !== 0) complaints.push(`${phase.name}: the bridge ended with ${outcome.exitCode}`)
  }
  for (const complaint of complaints) say(`✘ ${complaint}`)
  if (complaints.length === 0) say('✔ nothing has grown')
  return complaints.length === 0
}

if (values.help) say(HELP)
else process.exitCode = (await main()) ? 0 : 1
