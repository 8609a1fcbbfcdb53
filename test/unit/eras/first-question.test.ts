// The modern era first, for a legacy host that begins anew on the same pipe while the remote is still being asked.
// protocol.md F.5, 0.12.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askFirst } from '../../../src/eras/first-question.ts'
import { createLog } from '../../../src/log.ts'
import type { Envelope } from '../../../src/message/envelope.ts'
import { notification, own } from '../../../src/message/message.ts'
import type { ModernRemote } from '../../../src/remote/modern/modern-remote.ts'

const INITIALIZE = own(
  '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"h","version":"1"}}}',
)

test('of a question that is given up nothing is kept, and nothing that waited is answered later', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const toHost: Envelope[] = []
  const weight = { messages: 0, bytes: 0 }
  const question = askFirst({
    initialize: INITIALIZE,
    ownExtensions: [],
    isAnswered: true,
    isFixed: true,
    modern: { ask: () => new Promise(() => {}) } as Partial<ModernRemote> as ModernRemote,
    toHost: (envelope) => void toHost.push(envelope),
    log: createLog({ level: 'error', json: false, secrets: [], write: () => {} }),
    weigh(messages, bytes) {
      weight.messages += messages
      weight.bytes += bytes
    },
    host: 'h',
    startBudgetMs: 0,
    recall: () => Promise.resolve(undefined),
    waitsFor: () => undefined,
    onModern: () => assert.fail('nothing is known of the remote'),
    onOther: () => assert.fail('nothing is known of the remote'),
  })
  question.hold(notification('notifications/initialized'))
  question.hold(own('{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"x:y"}}'))
  assert.equal(weight.messages, 1, 'a notification waits')
  question.stop()
  assert.deepEqual(weight, { messages: 0, bytes: 0 })
  t.mock.timers.tick(10 * 60_000)
  assert.equal(toHost.length, 0, 'its id may stand for a request of the new session by now')
})
