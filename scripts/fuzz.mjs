// Plays 100,000 generated and mutated messages through all the stages at once; test/integration/fuzz has the players. A failure
// names the seed that shows it again: npm run fuzz -- <seed> 1.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const [seed = '1', worlds = '2400'] = process.argv.slice(2)
const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-reporter=spec', 'test/integration/fuzz/stages.test.ts'],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, FUZZ_SEED: seed, FUZZ_WORLDS: worlds },
    stdio: 'inherit',
  },
)
process.exit(status ?? 1)
