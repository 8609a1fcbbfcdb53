// The modern host's side where no process can show it: what is done when the bridge closes. protocol.md 0.10, F.3.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createModernHost } from '../../../src/eras/modern-host.ts'
import { BridgeError } from '../../../src/errors.ts'
import { createLog } from '../../../src/log.ts'
import { own } from '../../../src/message/message.ts'
import type { Stop } from '../../../src/remote/stop.ts'

const LIST = own(
  '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}',
)

test('a remote that is being asked for its era when the bridge closes is asked no more, and nobody is told', async () => {
  const stops: Stop[] = []
  const told: unknown[] = []
  let answer: (error: BridgeError) => void = () => {}
  const host = createModernHost({
    toHost: (envelope) => void told.push(envelope),
    log: createLog({ level: 'error', json: false, secrets: [], write: (line) => void told.push(line) }),
    weigh() {},
    host: 'example.com',
    startBudgetMs: 0,
    declines: false,
    expected: undefined,
    isFixed: true,
    makeModern: () => ({
      toRemote() {},
      ask(_request, stop) {
        stops.push(stop)
        return new Promise((resolve) => {
          answer = (error) => resolve({ error })
        })
      },
      idle: () => Promise.resolve(),
      inputEnded() {},
      close() {},
    }),
    makeTranslation: () => assert.fail('no session is opened'),
    recall: () => Promise.resolve(undefined),
    waitsFor: () => undefined,
    remember() {},
  })
  host.toRemote(LIST)
  assert.equal(stops.length, 1, 'the remote is asked')
  await host.close()
  assert.notEqual(stops[0]!.reason, undefined, 'the question is stopped')
  answer(new BridgeError('protocol', 'the bridge is closing'))
  await new Promise(setImmediate)
  assert.deepEqual(told, [])
})
