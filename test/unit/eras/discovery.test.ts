// A remote that is asked what it is, and does not say. protocol.md D.1, 0.9.
import assert from 'node:assert/strict'
import test from 'node:test'
import { discover } from '../../../src/eras/discovery.ts'
import { BridgeError } from '../../../src/errors.ts'
import type { ModernRemote } from '../../../src/remote/modern/modern-remote.ts'
import { createStop, onStop, stopNow } from '../../../src/remote/stop.ts'
import { initialize } from '../era/modern-line.ts'

/** Answers nothing, and notices that it is left. */
const SILENT = {
  ask: (_, stop) => new Promise((resolve) => onStop(stop, (error) => resolve({ error }))),
} as Pick<ModernRemote, 'ask'> as ModernRemote

test('a remote that is silent is waited for half a minute', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const outcome = discover(SILENT, { initialize: initialize(), ownExtensions: [] }, createStop())
  t.mock.timers.tick(30_000)
  const { kind, ...rest } = await outcome
  assert.equal(kind, 'unreachable')
  assert.match(String('error' in rest && rest.error?.message), /server\/discover within 30000 ms/)
})

test('who does not want to know any more does not wait', async () => {
  const stop = createStop()
  const outcome = discover(SILENT, { initialize: initialize(), ownExtensions: [] }, stop)
  stopNow(stop, new BridgeError('shutdown', 'the bridge is closing'))
  assert.equal((await outcome).kind, 'refused')
})
