// The soak in short: messages leave nothing behind in the bridge, and of a bridge that keeps one small object for each
// message the soak says so. The long one, with all else that happens in a day, is `npm run soak`.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FURTHER_PHASES } from '../../scripts/soak/further-phases.ts'
import { type LapSettings, runPhase } from '../../scripts/soak/laps.ts'
import { LEGACY_PHASES } from '../../scripts/soak/legacy-phases.ts'
import { growth } from '../../scripts/soak/verdict.ts'
import { BIN } from '../fixtures/hosts/raw-host.ts'
import { test } from './harness.ts'

const SHORT = { laps: 2, share: 0.1 }
/** What is kept for good is so at the first look. */
const FEW_LOOKS = 2

async function soaked(name: string, bin?: string, looks?: number): Promise<string[]> {
  const phase = [...LEGACY_PHASES, ...FURTHER_PHASES].find((each) => each.name === name)
  if (phase === undefined) throw new Error('there is no such phase')
  const settings: LapSettings = { ...SHORT, bin, say: () => {}, ...(looks === undefined ? {} : { looks }) }
  const outcome = await runPhase(phase, settings)
  assert.equal(outcome.exitCode, 0, outcome.stderr)
  return growth(outcome)
}

// The last is a new session for each stream.
for (const name of ['messages', 'HTTP+SSE: streams cut'])
  test(`${name}: nothing is left behind`, async () => {
    assert.deepEqual(await soaked(name), [])
  })

/** A program that keeps an object for each line that the bridge writes. */
const LEAKING = `
  globalThis.kept = []
  const { write } = process.stdout
  process.stdout.write = function (...args) {
    for (const _ of String(args[0]).matchAll(/\\n/g)) globalThis.kept.push({ line: true })
    return write.apply(this, args)
  }
  require(${JSON.stringify(BIN)})
`

test('one object that is kept for each message is found', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-leaking-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const bin = join(folder, 'leaking.cjs')
  writeFileSync(bin, LEAKING)
  const found = (await soaked('messages', bin, FEW_LOOKS)).join('\n')
  assert.match(found, /^messages: (0\.9\d*|1\.0\d*) objects more for each message/m)
})
