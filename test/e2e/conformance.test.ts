// The official conformance suite through the installed bridge, in the cells of `npm run conformance`. protocol.md 0, A, B.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CELLS } from '../../scripts/conformance/cells.ts'
import { suiteNode } from '../../scripts/conformance/suite.ts'
import { ownProgram } from '../fixtures/programs/own-program.ts'
import { test } from './harness.ts'
import { NO_FAKE_BROWSER } from './signing-in.ts'

const RUN = fileURLToPath(new URL('../../scripts/conformance/run.ts', import.meta.url))
/** How many scenarios the suite has for a revision, with those of extensions. */
const SCENARIOS = {
  others: { '2025-11-25': 9, '2026-07-28': 12 },
  'signing-in': { '2025-11-25': 22, '2026-07-28': 31 },
}
/** Only for a run that hangs: the scenarios have their own limits. */
const TIMEOUT_MS = 900_000

/** Why there is no Node to run the suite on. In CI that is a failure. */
async function missing(): Promise<string | false> {
  try {
    await suiteNode()
    return false
  } catch (error) {
    if (process.env.CI !== undefined && process.platform === 'linux' && process.arch === 'x64') throw error
    return String(error)
  }
}

async function conformance(t: TestContext, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [...ownProgram(RUN), '--no-pack', ...args], {
    env: { ...process.env, ...env },
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  const take = (chunk: Buffer): void => {
    output += chunk.toString()
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, output, passed: /^passed +(.*)$/m.exec(output)?.[1] }
}

const skip = await missing()

for (const { name: cell, revision, usual } of CELLS)
  for (const group of usual) {
    const count = SCENARIOS[group][revision]
    const run = async (t: TestContext): Promise<void> => {
      const { code, output, passed } = await conformance(t, ['--cell', cell, '--group', group])
      assert.equal(code, 0, output)
      assert.equal(passed, `${count} of ${count}`, output)
    }
    const whyNot = skip || (group === 'signing-in' && NO_FAKE_BROWSER)
    test(`all scenarios of ${group} pass in the cell ${cell}`, run, whyNot, TIMEOUT_MS)
  }

const DEAD_BRIDGE = `
  const seen = JSON.stringify({ args: process.argv.slice(2), env: process.env })
  require('node:fs').writeFileSync(__filename + '.seen', seen)
  process.exit(1)
`

interface Seen {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Runs scenarios with a bridge that does nothing, none of which passes; what it has been started with. */
async function withDeadBridge(t: TestContext, cell: string, scenarios: readonly string[]): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-dead-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'bridge.cjs')
  writeFileSync(file, DEAD_BRIDGE)
  const args = ['--cell', cell, '--scenario', scenarios.join()]
  const { code, output, passed } = await conformance(t, args, { FERRY_BIN: file })
  assert.equal(code, 1, output)
  assert.equal(passed, `0 of ${scenarios.length}`, output)

  const seen = JSON.parse(readFileSync(`${file}.seen`, 'utf8')) as Seen
  assert.match(seen.args[0] ?? '', /^http:\/\/localhost:\d+\/\S*$/)
  const names = Object.keys(seen.env).filter((name) => name.includes('CONFORMANCE'))
  assert.deepEqual(names, [])
  const texts = JSON.stringify(seen)
  assert.ok(!scenarios.some((name) => texts.includes(name)), 'the bridge does not learn the scenario')
  return seen
}

const dead = async (t: TestContext): Promise<void> => {
  // The suite itself finds nothing wrong in the second scenario when nothing is sent.
  const scenarios = ['initialize', 'sep-2640-client-verify-digest']
  const { args, env } = await withDeadBridge(t, 'v1/2025-11-25', scenarios)
  assert.equal(args.length, 1, 'the bridge gets the URL alone')
  const home = env.HOME ?? env.USERPROFILE ?? ''
  assert.notEqual(home, homedir(), 'the bridge does not share the home of who runs the suite')
  for (const name of ['MCP_FERRY_CACHE_DIR', 'MCP_FERRY_CONFIG_DIR'])
    assert.ok(env[name]?.startsWith(home), 'what the bridge keeps, it keeps for this scenario')
}
test('a dead bridge passes nothing, and a bridge is told nothing of the suite', dead, skip, TIMEOUT_MS)

const deadSignIn = async (t: TestContext): Promise<void> => {
  // All but the last want that something is refused, which who does nothing does too.
  const refused = ['resource-mismatch', 'metadata-issuer-mismatch', 'iss-wrong-issuer', 'iss-normalized']
  const scenarios = [...refused, 'pre-registration'].map((name) => `auth/${name}`)
  await withDeadBridge(t, 'v2/2026-07-28', scenarios)
  const { args, env } = await withDeadBridge(t, 'v2/2026-07-28', ['auth/pre-registration'])
  assert.deepEqual(
    args.slice(1).filter((word) => word.startsWith('--')),
    ['--client-id', '--client-secret-env'],
  )
  const secret = env[args.at(-1) ?? ''] ?? ''
  assert.ok(secret !== '' && !args.includes(secret), 'the secret is in a variable, and not in the arguments')
}
test(
  'a dead bridge cannot sign in, and a bridge gets what a user would give it',
  deadSignIn,
  skip,
  TIMEOUT_MS,
)
