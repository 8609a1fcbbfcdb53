// The time that a sign-in is waited for.
import assert from 'node:assert/strict'
import test from 'node:test'
import { createBounded } from '../../../src/auth/ground.ts'
import { BridgeError } from '../../../src/errors.ts'
import { createStop, stopNow } from '../../../src/remote/stop.ts'

const LATE = new BridgeError('auth-required', 'late')

test('work that is done in time, and work that is not', async () => {
  const bounded = createBounded(createStop(), () => LATE)
  assert.equal(await bounded(Promise.resolve(1), 1000), 1)
  await assert.rejects(bounded(new Promise(() => {}), 1), LATE)
})

test('more time than a timer can take is not none', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const stop = createStop()
  const waited = createBounded(stop, () => LATE)(new Promise(() => {}), 2 ** 31)
  t.mock.timers.tick(1000)
  const ended = new BridgeError('shutdown', 'ended')
  stopNow(stop, ended)
  await assert.rejects(waited, ended)
})
