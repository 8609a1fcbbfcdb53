// The chaos run in short: whatever the network does, each request is answered once and truthfully, whoever speaks to
// whom. The long one is `npm run chaos`. protocol.md 0.1, 0.5, A.4–A.6, B.1, C, D, E, F.6.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { hasTransport, PAIRS } from '../../scripts/chaos/pairs.ts'
import { ownProgram } from '../fixtures/programs/own-program.ts'
import { test } from './harness.ts'

const RUN = fileURLToPath(new URL('../../scripts/chaos/run.ts', import.meta.url))
const SHORT = '--seed 11 --requests 500 --in-flight 60 --rounds 1 --patience 30 --no-pack'.split(' ')
const LEAST_KINDS = 20
/** It gives up by itself when nothing comes any more; this is only for a machine on which it does not even start. */
const LIMIT_MS = 600_000

// Much of a run is waiting for things to come to rest.
describe('a small chaos run', { concurrency: 3 }, () => {
  for (const pair of PAIRS)
    for (const transport of ['http', 'http+sse'] as const) {
      if (!hasTransport(pair, transport)) continue
      const name = `${pair} over ${transport}: nothing is lost, doubled or untrue`
      const body = async (t: TestContext): Promise<void> => {
        const args = [...SHORT, '--pair', pair, '--transport', transport]
        const child = spawn(process.execPath, [...ownProgram(RUN), ...args])
        t.after(() => child.kill('SIGKILL'))
        let output = ''
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (chunk: Buffer) => {
            output += chunk.toString()
          })
        const code = await new Promise((resolve) => child.on('close', resolve))
        assert.equal(code, 0, output)
        const kinds = Number(/^kinds of fault +(\d+)$/m.exec(output)?.[1])
        assert.ok(kinds >= LEAST_KINDS, `only ${kinds} kinds of fault came`)
      }
      test(name, body, false, LIMIT_MS)
    }
})
