// Plays generated and mutated texts with every parser, and messages with all the stages: test/integration/fuzz has the players.
//   npm run fuzz -- [parser] [seed] [cases, or minutes as 2m]
// All of them, seed 1 and 20,000 cases of each where nothing is said. A failure names what shows it again: npm run fuzz -- peek 17 1.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', 'test/integration/fuzz/run.ts', ...process.argv.slice(2)],
  { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'inherit' },
)
process.exit(status ?? 1)
