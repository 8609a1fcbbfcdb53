// The whole quick gate: format and lint, types, build, the rules of the house, unit and integration tests.
// Stops at the first step that fails; prints what each step took.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name) => join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name)
const steps = [
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['types of message/', bin('tsc'), ['-p', 'src/message/tsconfig.json']],
  ['build', process.execPath, ['scripts/build.mjs']],
  ['rules', process.execPath, ['scripts/rules.mjs']],
  ['README', process.execPath, ['--import', 'tsx', 'scripts/readme.mjs', '--check']],
  ['docs', process.execPath, ['--import', 'tsx', 'scripts/docs/check.ts']],
  ['unit and integration tests', process.execPath, ['scripts/test.mjs', 'unit', 'integration']],
]

for (const [name, command, args] of steps) {
  const start = performance.now()
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  process.stdout.write(`${status === 0 ? '✔' : '✘'} ${name} (${seconds} s)\n`)
  if (status !== 0) process.exit(1)
}
