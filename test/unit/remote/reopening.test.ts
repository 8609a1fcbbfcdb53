// How long a new session is waited for, where no test can wait for it. protocol.md A.6.2.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { restarted } from '../../../src/errors.ts'
import { createLog } from '../../../src/log.ts'
import { own } from '../../../src/message/message.ts'
import type { Exchanges } from '../../../src/remote/exchange.ts'
import { createReopening, type ReopeningSettings } from '../../../src/remote/reopening.ts'
import { createStop } from '../../../src/remote/stop.ts'

const INITIALIZE = own('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}')
const turn = (): Promise<unknown> => new Promise(setImmediate)

test('the time of a reopening that the host has ended by a new start is not that of the next one', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
  let session = { epoch: 0 }
  /** Takes everything and answers nothing. */
  const exchanges = {
    request: () => createStop(),
    dropQuestions() {},
    abandon() {},
  } as unknown as Exchanges
  const reopening = createReopening({
    exchanges,
    log: createLog({ level: 'silent', json: false, secrets: [], write() {} }),
    transports: { ready: () => undefined },
    mostReopens: 3,
    session: () => session,
    initialize: () => INITIALIZE,
    result: () => undefined,
    onBegin() {
      session = { epoch: session.epoch + 1 }
    },
    onFailed() {},
  } as unknown as ReopeningSettings)
  const ended: string[] = []
  const reopen = (name: string): void => {
    void reopening.reopen(session).then((why) => ended.push(`${name}: ${why?.kind}`))
  }
  reopen('first')
  await turn()
  t.mock.timers.tick(20_000)
  reopening.stop(restarted())
  await turn()
  reopen('second')
  await turn()
  t.mock.timers.tick(29_999)
  await turn()
  assert.deepEqual(ended, ['first: session-lost'])
  t.mock.timers.tick(1)
  await turn()
  assert.deepEqual(ended, ['first: session-lost', 'second: timeout'])
})
