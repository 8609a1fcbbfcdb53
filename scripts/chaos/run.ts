// `npm run chaos`: many requests of all kinds through the installed bridge, with a proxy before the remote that does
// all that networks do, by a plan that its seed fixes. Ends with 1 if an answer was lost, doubled or untrue.
import { createWriteStream, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { provideBridge } from '../installed-bridge.ts'
import { numberOf } from '../numbers.ts'
import { bridgeArgs } from './bridge-args.ts'
import { type ChaosSettings, runChaos } from './chaos.ts'
import { FAULTS } from './faults.ts'
import { hasTransport, PAIRS, type Pair, type Transport } from './pairs.ts'
import { failures, report } from './report.ts'

const HELP = `npm run chaos -- [options]
  --seed <n>           the plan; the same seed is the same plan (default: 1)
  --requests <n>       default 100000
  --in-flight <n>      default 300
  --pair <host-remote> ${PAIRS.join(', ')}; default: one after the other
  --transport <name>   http or http+sse, which only a legacy remote has; default: first one, then the other
  --faults <a,b>       only these: ${FAULTS.map(({ name }) => name).join(', ')}
  --rounds <n>         quiet and a look at memory between them (default: 5)
  --patience <s>       how long nothing may come before what is open was never answered (default: 90)
  --bridge-args <text> the bridge's arguments instead of ours
  --no-pack            take what scripts/pack.mjs installed last
  --trace              write what the plan drew into a file`

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    requests: { type: 'string', default: '100000' },
    'in-flight': { type: 'string', default: '300' },
    pair: { type: 'string' },
    transport: { type: 'string' },
    faults: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    patience: { type: 'string', default: '90' },
    'bridge-args': { type: 'string' },
    'no-pack': { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
/** Fewer cannot show what the long run is to show: all faults, and memory that stays flat. */
const LONG = 50_000

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(): Promise<number> {
  if (values.help) {
    say(HELP)
    return 0
  }
  provideBridge(values['no-pack'])
  const names = values.faults.split(',').filter((name) => name !== '')
  const unknown = names.find((name) => !FAULTS.some((fault) => fault.name === name))
  if (unknown !== undefined) throw new Error(`there is no fault "${unknown}"; see --help`)
  let status = 0
  for (const [pair, transport] of wanted()) if (!(await one(pair, transport, names))) status = 1
  return status
}

function wanted(): (readonly [Pair, Transport])[] {
  const fits = (given: string | undefined, name: string): boolean => given === undefined || given === name
  const all = PAIRS.flatMap((pair) => (['http', 'http+sse'] as const).map((name) => [pair, name] as const))
  const found = all.filter(
    ([pair, name]) => hasTransport(pair, name) && fits(values.pair, pair) && fits(values.transport, name),
  )
  if (found.length === 0) throw new Error('there is no such pair with this transport; see --help')
  return found
}

async function one(pair: Pair, transport: Transport, faults: readonly string[]): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-chaos-'))
  const logFile = join(folder, 'bridge.log')
  const traceFile = values.trace ? createWriteStream(join(folder, 'trace.log')) : undefined
  const given = values['bridge-args']?.split(' ').filter((word) => word !== '')
  const settings: ChaosSettings = {
    seed: numberOf('seed', values.seed, 0),
    requests: numberOf('requests', values.requests),
    inFlight: numberOf('in-flight', values['in-flight']),
    pair,
    transport,
    faults,
    rounds: numberOf('rounds', values.rounds, 0),
    bridgeArgs: given ?? bridgeArgs({ transport, logFile }),
    patienceMs: numberOf('patience', values.patience) * 1000,
    trace: (line) => traceFile?.write(`${line}\n`),
    say,
  }
  say(`\n${pair}, ${transport}, seed ${settings.seed}; log of the bridge: ${logFile}`)
  const outcome = await runChaos(settings)
  const isLong = settings.requests >= LONG && faults.length === 0
  const failed = failures(outcome, isLong)
  say(`\n${report(outcome, settings)}\n`)
  for (const text of failed) say(`✘ ${text}`)
  if (failed.length > 0) {
    const only = values.faults === '' ? '' : ` --faults "${values.faults}"`
    say(
      `seed ${settings.seed} fails; to replay: npm run chaos -- --seed ${settings.seed} --requests ${settings.requests}` +
        ` --in-flight ${settings.inFlight} --rounds ${settings.rounds} --pair ${pair} --transport ${transport}${only} --trace`,
    )
    say(
      `what the plan drew${values.trace ? '' : ' (with --trace)'} and the log of the bridge are in ${folder}`,
    )
  } else say('✔ passed')
  traceFile?.end()
  return failed.length === 0
}

// Not when the last timer of a remote that is no longer wanted has fired: it has all been told.
const status = await main()
process.stdout.write('', () => process.exit(status))
