// Runs scenarios of @modelcontextprotocol/conformance: the suite's server ← the bridge ← a host that the suite starts.
// The verdict is the suite's own last line, for which a warning is a failure; there are no expected failures.
import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { BIN } from '../../test/fixtures/hosts/raw-host.ts'
import { type Browser, makeBrowser } from '../../test/fixtures/programs/browser.ts'
import { nodeBinary, SUPPORTED } from '../nodes.mjs'
import type { Cell, Group } from './cells.ts'
import { STATE_VARIABLES } from './hosts/main.ts'
import { SIGNING_IN } from './hosts/work.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SUITE = join(ROOT, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')
/** What the suite's program needs, and no host and no bridge. */
const OLDEST_MAJOR = 22
/** For a host that hangs. The longest scenario takes two seconds; a busy machine may need many times that. */
const HOST_TIMEOUT_MS = 120_000
/** It measures to 200 ms when the stream is asked for again, which a busy machine cannot always keep. */
const TIMED = new Map([['sse-retry', 3]])

export interface Scenario {
  readonly name: string
  /** The revisions it belongs to; an extension belongs to none and is run on all. */
  readonly revisions: readonly string[]
  readonly isExtension: boolean
}

export interface Outcome {
  readonly scenario: string
  readonly passed: boolean
  /** `2/2`, or what happened instead. */
  readonly checks: string
  readonly tries: number
  readonly seconds: number
  /** What the suite and the host said. */
  readonly output: string
}

/** A Node on which the suite's program runs. Rejects with a reason when there is none for this platform. */
export async function suiteNode(): Promise<string> {
  const majorOf = (version: string): number => Number(version.split('.')[0])
  if (majorOf(process.versions.node) >= OLDEST_MAJOR) return process.execPath
  const version = SUPPORTED.find((candidate) => majorOf(candidate) >= OLDEST_MAJOR)
  if (version === undefined) throw new Error(`scripts/nodes.mjs names no Node ${OLDEST_MAJOR}`)
  return nodeBinary(version)
}

/** All scenarios for clients. */
export async function listScenarios(node: string): Promise<readonly Scenario[]> {
  const { stdout } = await promisify(execFile)(node, [SUITE, 'list', '--client'])
  const found = [...stdout.matchAll(/^ +- (\S+) \[([^\]]*)\]$/gm)].map(([, name = '', tags = '']) => {
    const isExtension = tags === 'extension'
    return { name, isExtension, revisions: isExtension ? [] : tags.split(',') }
  })
  if (found.length === 0) throw new Error(`the suite lists no scenarios:\n${stdout}`)
  return found
}

export const groupOf = ({ name }: Scenario): Group => (name.startsWith(SIGNING_IN) ? 'signing-in' : 'others')

/** What servers of the first revision did without is met with hosts of the last legacy one. */
const FIRST_REVISION = '2025-03-26'

export const belongs = ({ isExtension, revisions }: Scenario, { revision }: Cell): boolean =>
  isExtension ||
  revisions.includes(revision) ||
  (revision === '2025-11-25' && revisions.includes(FIRST_REVISION))

export interface Run {
  /** The suite's. */
  readonly node: string
  readonly cell: Cell
  readonly scenario: Scenario
  /** What starts the host. */
  readonly host: readonly string[]
  readonly direct: boolean
}

export async function runScenario(wanted: Run): Promise<Outcome> {
  const { scenario } = wanted
  const start = performance.now()
  const mayTry = TIMED.get(scenario.name) ?? 1
  for (let tries = 1; ; tries++) {
    const { output, verdict } = await once(wanted)
    const overall = /OVERALL: (PASSED|FAILED)\s*$/.exec(verdict)?.[1]
    const counted = /^Passed: (\d+)\/(\d+), .*?(\d+) warnings$/m.exec(verdict)
    const [, good = '0', all = '0', warnings = '0'] = counted ?? []
    // The suite finds nothing wrong where nothing was sent.
    const passed = overall === 'PASSED' && all !== '0'
    if (!passed && tries < mayTry) continue
    const checks =
      counted === null ? 'no verdict' : `${good}/${all}${warnings === '0' ? '' : ` w${warnings}`}`
    const seconds = (performance.now() - start) / 1000
    return { scenario: scenario.name, passed, checks, tries, seconds, output }
  }
}

async function once({ node, cell, scenario, host, direct }: Run) {
  const home = mkdtempSync(join(tmpdir(), 'ferry-conformance-'))
  const command = ['node', '--enable-source-maps', ...host, ...(direct ? ['--direct'] : [])].join(' ')
  const args = ['client', '--command', command, '--scenario', scenario.name, '--spec-version', cell.revision]
  const isOfRevision = scenario.revisions.includes(cell.revision)
  args.push('--timeout', String(HOST_TIMEOUT_MS), ...(isOfRevision ? [] : ['--force']))
  const browser = makeBrowser()
  try {
    return await run(node, [SUITE, ...args], suiteEnv(home, browser.env))
  } finally {
    browser.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** A home of its own for each run. `node`, by which the suite starts the host, is the Node that runs this script. */
function suiteEnv(home: string, browser: Browser['env']): NodeJS.ProcessEnv {
  const state = STATE_VARIABLES.map((name) => {
    const folder = join(home, name.toLowerCase())
    mkdirSync(folder)
    return [name, folder]
  })
  const [browserFolder = '', ...folders] = (browser.PATH ?? '').split(delimiter)
  return {
    ...process.env,
    ...Object.fromEntries(state),
    ...browser,
    FERRY_BIN: BIN,
    PATH: [browserFolder, dirname(process.execPath), ...folders].join(delimiter),
    HOME: home,
    USERPROFILE: home,
    APPDATA: home,
    LOCALAPPDATA: home,
  }
}

interface Said {
  /** Both outputs, in the order of their coming, which is that of two pipes: any. */
  readonly output: string
  /** Its stderr: there the suite says it. */
  readonly verdict: string
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let verdict = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
      verdict += text
    })
    child.on('error', reject)
    child.on('close', () => resolve({ output, verdict }))
  })
}
