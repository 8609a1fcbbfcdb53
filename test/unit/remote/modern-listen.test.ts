// A subscription at a modern remote where no test can wait for it: one that is away for long. protocol.md C.5, 0.9.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BridgeError } from '../../../src/errors.ts'
import { createLog } from '../../../src/log.ts'
import { own, ownId } from '../../../src/message/message.ts'
import { createListen } from '../../../src/remote/modern/listen.ts'
import { createStop } from '../../../src/remote/stop.ts'

test('a remote that is away is asked again for ten minutes, and then no more', (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
  const listen = createListen({
    request: own('{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{}}'),
    toHost() {},
    log: createLog({ level: 'error', json: false, secrets: [], write() {} }),
    nextId: () => ownId('again'),
    renew() {},
  })
  const refused = new BridgeError('refused', 'nobody is there')
  const acknowledge = (): void =>
    listen.take(own('{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{}}'))
  for (const round of ['first', 'second']) {
    acknowledge()
    assert.ok(listen.isRetried(refused, false), `the ${round} time it is lost`)
    void listen.broken(createStop())
    t.mock.timers.tick(10 * 60_000 - 1)
    assert.ok(listen.isRetried(refused, false), `just before the end, the ${round} time`)
    if (round === 'second') t.mock.timers.tick(1)
  }
  assert.ok(!listen.isRetried(refused, false), 'ten minutes later')
})
