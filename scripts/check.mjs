// The whole quick gate: format and lint, types, build, the rules of the house, unit and integration tests.
// Stops at the first step that fails; prints what each step took.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
// By this Node: on Windows what lies in .bin needs a shell, which takes a path with a space for two.
const [BIOME, TSC] = ['@biomejs/biome/bin/biome', 'typescript/bin/tsc'].map((path) =>
  join(root, 'node_modules', path),
)
const steps = [
  ['format and lint', [BIOME, 'check', '--error-on-warnings', '.']],
  ['types', [TSC, '-p', 'tsconfig.json']],
  ['types of message/', [TSC, '-p', 'src/message/tsconfig.json']],
  ['build', ['scripts/build.mjs']],
  ['rules', ['scripts/rules.mjs']],
  ['README', ['--import', 'tsx', 'scripts/readme.mjs', '--check']],
  ['docs', ['--import', 'tsx', 'scripts/docs/check.ts']],
  ['unit and integration tests', ['scripts/test.mjs', 'unit', 'integration']],
]

for (const [name, args] of steps) {
  const start = performance.now()
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  process.stdout.write(`${status === 0 ? '✔' : '✘'} ${name} (${seconds} s)\n`)
  if (status !== 0) process.exit(1)
}
