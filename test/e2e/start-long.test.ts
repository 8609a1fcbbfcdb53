// The part of a provisional start that takes a minute: a call that nobody comes to answer. protocol.md 0.12; T32.
import assert from 'node:assert/strict'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { bridge, call, freePort, ownError, request, resultOf, test } from './harness.ts'

test('T32 with the remote absent for good and nothing said on the command line: initialize is answered within the budget, lists are empty, a call is an error of kind refused', async (t) => {
  const host = bridge(t, { url: `http://127.0.0.1:${await freePort()}/mcp` })
  host.send(initializeLine('i'))
  resultOf(await host.answer('i', 30_000))
  host.send(INITIALIZED)
  host.send(call(1))
  host.send(request(2, 'tools/list'))
  host.send(request(3, 'resources/templates/list'))
  assert.deepEqual(resultOf(await host.answer(2, 60_000)), { tools: [] })
  assert.deepEqual(resultOf(await host.answer(3)), { resourceTemplates: [] })
  const data = ownError(await host.answer(1, 100_000), 'refused')
  assert.notEqual(data.maybeDelivered, true)
  await host.finish({ stderr: 'some' })
})
