// Packs the tarball and runs the tests that need a Windows: on a real one, or in the test bed, or not at all where
// there can be neither. One file at a time: each keeps all processors busy by itself.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { provideWindows } from './bed.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { skip } = provideWindows()
if (skip !== false) {
  process.stdout.write(`${skip}; these tests are skipped\n`)
  process.exit(0)
}

const files = readdirSync(join(root, 'test/windows'))
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join('test/windows', name))
  .sort()
const run = (args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
run(['scripts/pack.mjs'])
run(['--import', 'tsx', '--test', '--test-reporter=spec', '--test-concurrency=1', ...files])
