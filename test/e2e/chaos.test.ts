// The chaos run in short: whatever the network does, each request is answered once and truthfully. The long one is
// `npm run chaos`. protocol.md 0.1, 0.5, A.4–A.6, B.1.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from './harness.ts'

const RUN = fileURLToPath(new URL('../../scripts/chaos/run.ts', import.meta.url))
const SHORT = '--seed 11 --requests 2400 --in-flight 60 --rounds 1 --patience 30 --no-pack --transport'.split(
  ' ',
)

for (const transport of ['http', 'http+sse']) {
  test(`over ${transport} nothing is lost, doubled or untrue in a small chaos run`, async (t) => {
    const child = spawn(process.execPath, ['--import', 'tsx', RUN, ...SHORT, transport])
    t.after(() => child.kill('SIGKILL'))
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    assert.equal(code, 0, output)
    const kinds = Number(/^kinds of fault +(\d+)$/m.exec(output)?.[1])
    assert.ok(kinds >= 20, `only ${kinds} kinds of fault came`)
  })
}
