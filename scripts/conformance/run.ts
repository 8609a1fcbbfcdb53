// `npm run conformance`: the official conformance suite through the installed bridge, in the cells that CI runs too.
// Ends with 1 if a scenario failed.
import { parseArgs } from 'node:util'
import { provideBridge } from '../installed-bridge.ts'
import { numberOf } from '../numbers.ts'
import { CELLS, type Cell } from './cells.ts'
import { buildPrograms } from './programs.ts'
import {
  belongs,
  groupOf,
  listScenarios,
  type Outcome,
  runScenario,
  type Scenario,
  suiteNode,
} from './suite.ts'
import { table } from './table.ts'

const HELP = `npm run conformance -- [options]
  --all              all scenarios in all cells
  --cell <a,b>       only these: ${CELLS.map(({ name }) => name).join(', ')}
  --scenario <a,b>   only these
  --group <group>    only those of signing-in, or only the others
  --direct           without the bridge, in the cells whose host speaks the revision: shows that the hosts are right, which
                     cannot sign in
  --jobs <n>         scenarios at a time (default: 2)
  --verbose          all that the suite and the host said, whether it passed or not
  --no-pack          take what scripts/pack.mjs installed last`

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    cell: { type: 'string' },
    scenario: { type: 'string' },
    group: { type: 'string' },
    direct: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
    verbose: { type: 'boolean', default: false },
    'no-pack': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** Whoever names a cell wants it whole. */
const isAll = values.all || values.cell !== undefined

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(): Promise<number> {
  if (values.help) {
    say(HELP)
    return 0
  }
  const atATime = numberOf('jobs', values.jobs)
  if (!values.direct) provideBridge(values['no-pack'])
  const node = await suiteNode()
  const scenarios = chosen('scenario', await listScenarios(node))
  const cells = chosenCells()
  const jobs = cells.flatMap((cell) =>
    scenarios.filter((scenario) => isWanted(scenario, cell)).map((scenario) => ({ cell, scenario })),
  )
  if (jobs.length === 0) throw new Error('none of the scenarios belongs to one of the cells')
  const results = new Map<Cell, Outcome[]>(cells.map((cell) => [cell, []]))
  const queue = jobs.values()
  const programs = await buildPrograms(cells)
  const worker = async (): Promise<void> => {
    for (const { cell, scenario } of queue) {
      const host = programs.of(cell)
      const outcome = await runScenario({ node, cell, scenario, host, direct: values.direct })
      results.get(cell)?.push(outcome)
      tell(cell, outcome)
    }
  }
  await Promise.all(Array.from({ length: atATime }, worker)).finally(programs.close)
  say(`\n${table(results, scenarios)}`)
  return [...results.values()].flat().every(({ passed }) => passed) ? 0 : 1
}

function chosenCells(): readonly Cell[] {
  const cells = chosen('cell', CELLS).filter(({ usual }) => usual.length > 0 || isAll)
  return values.direct ? cells.filter(({ speaks }) => speaks) : cells
}

function isWanted(scenario: Scenario, cell: Cell): boolean {
  const group = groupOf(scenario)
  if (values.direct && group === 'signing-in') return false
  if (values.group !== undefined && values.group !== group) return false
  return belongs(scenario, cell) && (isAll || cell.usual.includes(group))
}

function chosen<T extends Cell | Scenario>(option: 'cell' | 'scenario', all: readonly T[]): readonly T[] {
  const names = values[option]?.split(',')
  if (names === undefined) return all
  const unknown = names.find((name) => !all.some((one) => one.name === name))
  if (unknown !== undefined) throw new Error(`there is no ${option} "${unknown}"`)
  return all.filter(({ name }) => names.includes(name))
}

function tell(cell: Cell, { scenario, passed, checks, tries, seconds, output }: Outcome): void {
  const again = tries === 1 ? '' : `, ${tries} tries`
  say(`${passed ? '✔' : '✘'} ${cell.name} ${scenario} ${checks} (${seconds.toFixed(1)} s${again})`)
  if (values.verbose) say(output)
  else if (!passed) say(indented(reasons(output)))
}

/** Leaves out the suite's log of all that went over the wire. */
function reasons(output: string): string {
  const start = output.search(/^(Client exited|Client timed out|Test Results:)/m)
  return output
    .slice(Math.max(0, start))
    .replace(/^Checks:\n.*?(?=^Test Results:)/ms, '')
    .trim()
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, '    ')

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
