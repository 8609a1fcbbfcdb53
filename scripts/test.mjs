// Runs the test folders named on the command line (unit, integration, e2e) with Node's own test runner.
// The end-to-end tests drive the packed and installed package, so it is packed first; what they need beside npm is installed.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { provide } from './needs.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const folders = process.argv.slice(2)
const list = (folder) =>
  readdirSync(join(root, 'test', folder), { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('test', folder, name))
    .sort()

const run = (args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

if (folders.includes('e2e')) {
  provide()
  run(['scripts/pack.mjs'])
}
run([
  '--import',
  'tsx',
  '--test',
  '--test-reporter=spec',
  `--test-concurrency=${Math.max(2, cpus().length)}`,
  ...folders.flatMap(list),
])
