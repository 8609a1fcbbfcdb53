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
import { test } from './harness.ts'

const RUN = fileURLToPath(new URL('../../scripts/conformance/run.ts', import.meta.url))
/** How many scenarios the suite has for a revision, with those of extensions and without those of signing in. */
const SCENARIOS = { '2025-11-25': 9, '2026-07-28': 12 }
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
  const child = spawn(process.execPath, ['--import', 'tsx', RUN, '--no-pack', ...args], {
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

for (const { name: cell, revision } of CELLS.filter(({ always }) => always)) {
  const count = SCENARIOS[revision]
  const run = async (t: TestContext): Promise<void> => {
    const { code, output, passed } = await conformance(t, ['--cell', cell])
    assert.equal(code, 0, output)
    assert.equal(passed, `${count} of ${count}`, output)
  }
  test(`all scenarios pass in the cell ${cell}`, run, skip, TIMEOUT_MS)
}

const DEAD_BRIDGE = `
  const seen = JSON.stringify({ args: process.argv.slice(2), env: process.env })
  require('node:fs').writeFileSync(__filename + '.seen', seen)
  process.exit(1)
`

const dead = async (t: TestContext): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-dead-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'bridge.cjs')
  writeFileSync(file, DEAD_BRIDGE)
  // The suite itself finds nothing wrong in the second scenario when nothing is sent.
  const scenarios = 'initialize,sep-2640-client-verify-digest'
  const { code, output, passed } = await conformance(
    t,
    ['--cell', 'v1/2025-11-25', '--scenario', scenarios],
    { FERRY_BIN: file },
  )
  assert.equal(code, 1, output)
  assert.equal(passed, '0 of 2', output)

  const { args, env } = JSON.parse(readFileSync(`${file}.seen`, 'utf8'))
  assert.equal(args.length, 1, 'the bridge gets the URL alone')
  assert.match(args[0], /^http:\/\/localhost:\d+\/\S*$/)
  assert.deepEqual(
    Object.keys(env).filter((name) => name.includes('CONFORMANCE')),
    [],
  )
  assert.ok(!JSON.stringify(env).includes('initialize'), 'the bridge does not learn the scenario')
  const home = env.HOME ?? env.USERPROFILE
  assert.notEqual(home, homedir(), 'the bridge does not share the home of who runs the suite')
  assert.ok(env.MCP_FERRY_CACHE_DIR.startsWith(home), 'what the bridge keeps, it keeps for this scenario')
}
test('a dead bridge passes nothing, and a bridge is told nothing of the suite', dead, skip, TIMEOUT_MS)
