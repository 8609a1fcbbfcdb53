// A remote that is closed while the bridge goes on, as a session is that another has taken the place of: what waited in it
// waits no more. protocol.md 0.13, E.1.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '../../../src/log.ts'
import { notification, own } from '../../../src/message/message.ts'
import { createRemote } from '../../../src/remote/remote.ts'
import { onStop } from '../../../src/remote/stop.ts'
import { createTransports } from '../../../src/remote/transports.ts'

const INITIALIZE = own(
  '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"h","version":"1"}}}',
)

test('what waits in a remote that is closed does not count as under way for ever', async () => {
  const weight = { messages: 0, sizeBytes: 0 }
  const remote = createRemote({
    transports: createTransports({
      choice: 'http',
      url: new URL('https://h.example/mcp'),
      expectsOld: false,
      http: {
        /** Takes everything and answers nothing. */
        post(_, { stop, onDone, onWritten }) {
          onWritten?.()
          onStop(stop, (error) => onDone({ kind: 'failed', error }))
        },
        listen: () => assert.fail('there is no session'),
        end: () => assert.fail('there is no session'),
      },
      loadHttpSse: () => assert.fail('it is not asked for'),
    }),
    log: createLog({ level: 'silent', json: false, secrets: [], write: () => {} }),
    toHost: () => {},
    limits: {
      retries: 0,
      retryWaitMs: 0,
      deleteTimeoutMs: 0,
      startBudgetMs: 0,
      reopens: 0,
      pingIntervalMs: 0,
    },
    host: 'h.example',
    dropIdle() {},
    recall: () => Promise.resolve(undefined),
    remember() {},
    waitsFor: () => undefined,
    weigh(messages, sizeBytes) {
      weight.messages += messages
      weight.sizeBytes += sizeBytes
    },
  })
  remote.toRemote(INITIALIZE)
  remote.toRemote(notification('notifications/roots/list_changed'))
  assert.equal(weight.messages, 1, 'it waits for the session')
  await remote.close()
  assert.deepEqual(weight, { messages: 0, sizeBytes: 0 })
})
