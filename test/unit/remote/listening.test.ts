// The stream on which the remote speaks unasked, where no test can wait for it: how long it is left alone. protocol.md A.5.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '../../../src/log.ts'
import { keepListening } from '../../../src/remote/listening.ts'
import { createStop } from '../../../src/remote/stop.ts'

test('a stream that has ended at once five times in a row is left alone for a minute', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
  let opened = 0
  const pass = (timeMs: number): Promise<unknown> => {
    t.mock.timers.tick(timeMs)
    return new Promise(setImmediate)
  }
  keepListening({
    transport: {
      post() {},
      listen(_, { onOpen, onEnd }) {
        opened++
        onOpen()
        onEnd({ kind: 'ended', error: undefined })
      },
      end: () => Promise.resolve(),
    },
    session: { epoch: 0 },
    life: createStop(),
    log: createLog({ level: 'error', json: false, secrets: [], write() {} }),
    onMessage() {},
    onChange() {},
    onRefused: () => assert.fail('it is offered'),
    isGone: () => Promise.resolve(false),
    onLost: () => assert.fail('the session is there'),
  })
  await pass(0)
  for (let life = 1; life < 5; life++) await pass(10_000)
  assert.equal(opened, 5)
  await pass(59_999)
  assert.equal(opened, 5)
  await pass(1)
  assert.equal(opened, 6)
})
