// The chaos run in short: whatever the network does, each request is answered once and truthfully. The long one is
// `npm run chaos`. protocol.md 0.1, 0.5, A.4–A.6, B.1.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bridgeArgs } from '../../scripts/chaos/bridge-args.ts'
import { runChaos } from '../../scripts/chaos/chaos.ts'
import { failures, report } from '../../scripts/chaos/report.ts'
import { test } from './harness.ts'

for (const transport of ['http', 'http+sse'] as const) {
  test(`over ${transport} nothing is lost, doubled or untrue in a small chaos run`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'ferry-chaos-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const settings = {
      seed: 11,
      requests: 2400,
      inFlight: 60,
      transport,
      faults: [],
      rounds: 1,
      bridgeArgs: bridgeArgs({ transport, logFile: join(folder, 'bridge.log') }),
      patienceMs: 30_000,
      trace: () => {},
      say: () => {},
    }
    const outcome = await runChaos(settings)
    assert.deepEqual(failures(outcome, false), [], report(outcome, settings))
    assert.ok(outcome.plan.injected.size >= 20, `only ${outcome.plan.injected.size} kinds of fault came`)
  })
}
