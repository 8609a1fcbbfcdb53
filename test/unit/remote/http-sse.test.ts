// How long a stream of the old transport may take to name its endpoint. The clock and the requests are made up.
import assert from 'node:assert/strict'
import test from 'node:test'
import { BridgeError } from '../../../src/errors.ts'
import { createLog } from '../../../src/log.ts'
import { read } from '../../../src/message/envelope.ts'
import { createHttpSse } from '../../../src/remote/http-sse.ts'
import type { Sending } from '../../../src/remote/sending.ts'
import { createStop } from '../../../src/remote/stop.ts'
import type { Posted } from '../../../src/remote/transport.ts'

test('while a person is waited for, a remote that names no endpoint is not late', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const signIn = new BridgeError('auth-required', 'sign in')
  const sending: Sending & { waitsFor: BridgeError | undefined } = {
    send() {},
    always: [],
    shown: () => 'https://h.example/sse',
    endpoint: new URL('https://h.example/sse'),
    waitsFor: signIn,
  }
  const log = createLog({ level: 'silent', json: false, secrets: [], write: () => {} })
  const transport = createHttpSse({ sending, log, eventLimitBytes: 1000 })
  const initialize = read(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}'))
  assert.equal(initialize.kind, 'message')
  const done: Posted[] = []
  transport.post((initialize as Extract<typeof initialize, { kind: 'message' }>).envelope, {
    session: { epoch: 1 },
    stop: createStop(),
    onWritten: () => {},
    onMessage: () => {},
    onDone: (posted) => done.push(posted),
    isCancelled: false,
    reconnect: undefined,
  })
  t.mock.timers.tick(60_000)
  assert.deepEqual(done, [], 'it is waited for')
  sending.waitsFor = undefined
  t.mock.timers.tick(10_000)
  assert.equal(done.length, 1, 'the remote has had its time')
})
