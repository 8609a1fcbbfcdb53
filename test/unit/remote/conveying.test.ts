// Notifications to a remote that never answers them: what follows goes past, and no more of them hang than so many.
// protocol.md A.2, 0.13.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createLog } from '../../../src/log.ts'
import { notification } from '../../../src/message/message.ts'
import { createExchanges } from '../../../src/remote/exchanges.ts'
import { onStop } from '../../../src/remote/stop.ts'
import type { Transport } from '../../../src/remote/transport.ts'

const MANY = 300

test('each notification goes when the one before has hung for three seconds; the oldest are given up', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let waiting = 0
  const posted: string[] = []
  const hanging = new Set<string>()
  const warnings: string[] = []
  /** Takes everything and answers nothing. */
  const silent: Pick<Transport, 'post'> = {
    post({ method = '' }, { stop, onDone, onWritten }) {
      posted.push(method)
      hanging.add(method)
      onWritten()
      onStop(stop, (error) => {
        hanging.delete(method)
        onDone({ kind: 'failed', error })
      })
    },
  }
  const exchanges = createExchanges({
    transport: () => silent as Transport,
    log: createLog({ level: 'warn', json: false, secrets: [], write: (line) => void warnings.push(line) }),
    toHost: () => assert.fail('nothing is for the host'),
    limits: { retries: 0, retryWaitMs: 0 },
    session: () => ({ epoch: 0 }),
    isListening: () => false,
    reopen: () => assert.fail('the session is not lost'),
    isGone: () => assert.fail('the session is not in doubt'),
    forward: () => false,
    weigh(messages) {
      waiting += messages
    },
  })
  const all = Array.from({ length: MANY }, (_, n) => exchanges.convey(notification(`notifications/${n}`)))
  assert.equal(waiting, MANY)
  for (let n = 0; n < MANY; n++) {
    while (posted.length <= n) await turn()
    t.mock.timers.tick(3000)
  }
  await Promise.all(all)
  assert.equal(waiting, 0)
  assert.deepEqual(
    posted,
    Array.from({ length: MANY }, (_, n) => `notifications/${n}`),
  )
  assert.ok(hanging.size <= 64, `${hanging.size} hang`)
  assert.ok(hanging.has(`notifications/${MANY - 1}`), 'the last still may be taken')
  assert.match(warnings[0] ?? '', /notifications\/0 was not taken/)
})
