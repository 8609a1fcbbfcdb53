// The doctor as a host: what it says of a remote that does not answer. protocol.md 0.8.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Run } from '../../../src/bridge.ts'
import { startHost } from '../../../src/shell/doctor/host.ts'

test('a bridge that tells only that it is closing is told to have given no answer in time', async () => {
  const run: Run = async (input, output) => {
    await once(input.resume(), 'end')
    const error = { code: -32603, message: 'mcp-ferry: the bridge is closing' }
    const data = { origin: 'mcp-ferry', kind: 'shutdown' }
    output().write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, error: { ...error, data } })}\n`)
    return 0
  }
  const host = startHost(run, 1)
  await assert.rejects(host.ask('initialize'), {
    kind: 'timeout',
    message: 'initialize was not answered within 0.001 s',
  })
  await host.end()
})

test('what is asked behind a request without an answer is told to be not asked, and not that a bridge is closing', async () => {
  const run: Run = async (input) => {
    await once(input.resume(), 'end')
    return 0
  }
  const host = startHost(run, 1)
  await assert.rejects(host.ask('prompts/list'), {
    kind: 'timeout',
    message: /^prompts\/list was not answered/,
  })
  await assert.rejects(host.ask('resources/list'), {
    kind: 'timeout',
    message: /^resources\/list is not asked for: what was before was not answered in time$/,
  })
  await host.end()
})
