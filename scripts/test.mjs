// Runs test folders (unit, integration, e2e) or single files, named on the command line, with Node's own test runner.
// The end-to-end tests drive the packed and installed package, so it is packed first; what they need beside npm is installed.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { provide } from './needs.mjs'
import { TRANSPILED, transpile } from './transpile.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const wanted = process.argv.slice(2)
// Without a file Node's runner looks for some of its own, and does not transpile them.
if (wanted.length === 0)
  throw new Error('name folders or files: node scripts/test.mjs unit test/e2e/ids.test.ts')
const list = (folder) =>
  readdirSync(join(root, 'test', folder), { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('test', folder, name))
    .sort()

const run = (args, env = process.env) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env })
  if (status !== 0) process.exit(status ?? 1)
}

if (wanted.includes('e2e')) {
  provide()
  run(['scripts/pack.mjs'])
}
const files = await transpile(wanted.flatMap((name) => (name.endsWith('.ts') ? name : list(name))))
run(
  [
    '--enable-source-maps',
    '--test',
    '--test-reporter=spec',
    // Tests wait a third of their time.
    `--test-concurrency=${Math.max(2, cpus().length) + 2}`,
    ...files,
  ],
  { ...process.env, FERRY_TRANSPILED: TRANSPILED },
)
