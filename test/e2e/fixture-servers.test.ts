// The fixture servers run by themselves, to be poked at by hand: `npm run fixture -- <name>` prints where.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ownProgram } from '../fixtures/programs/own-program.ts'
import { bridge, call, ownError, test } from './harness.ts'

const RUN = fileURLToPath(new URL('../fixtures/servers/run.ts', import.meta.url))

for (const [name, count] of [
  ['mcp', 1],
  ['stateless', 1],
  ['faults', 50],
  ['tcp', 15],
] as const)
  test(`the fixture server ${name} starts, prints its URLs and can be used`, async (t) => {
    const child = spawn(process.execPath, [...ownProgram(RUN), name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => child.kill('SIGKILL'))
    let text = ''
    for await (const chunk of child.stdout) {
      text += String(chunk)
      if (text.endsWith('\n')) break
    }
    const urls = text.trimEnd().split('\n')
    assert.ok(urls.length >= count, `${urls.length} URLs`)
    const url = urls.find((known) => !/\/initialize\//.test(known)) ?? ''
    const host = bridge(t, { url })
    await host.initialize()
    host.send(call(1))
    const answer = await host.answer(1)
    if (count === 1) assert.ok(answer.value.result)
    else ownError(answer)
    await host.finish({ stderr: 'any' })
  })
