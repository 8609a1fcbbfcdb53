// How long a stream of the old transport may take to name its endpoint. The clock and the requests are made up.
import assert from 'node:assert/strict'
import test from 'node:test'
import { BridgeError } from '../../../src/errors.ts'
import { createLog } from '../../../src/log.ts'
import { read } from '../../../src/message/envelope.ts'
import type { BodySink, HttpRequest, HttpResponse } from '../../../src/remote/http/http.ts'
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

test('a request whose POST breaks off has left then, and not once more when its answer is not waited for any longer', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const asked: HttpRequest[] = []
  const sending = {
    send: (wanted: HttpRequest) => void asked.push(wanted),
    always: [],
    shown: () => 'https://h.example/sse',
    endpoint: new URL('https://h.example/sse'),
    waitsFor: undefined,
  } as unknown as Sending
  const log = createLog({ level: 'silent', json: false, secrets: [], write: () => {} })
  const transport = createHttpSse({ sending, log, eventLimitBytes: 1000 })
  const told: string[] = []
  const post = (text: string): void => {
    const message = read(Buffer.from(text)) as Extract<ReturnType<typeof read>, { kind: 'message' }>
    transport.post(message.envelope, {
      session: { epoch: 1 },
      stop: createStop(),
      onWritten: () => told.push('has left'),
      onMessage: () => {},
      onDone: ({ kind }) => told.push(kind),
      isCancelled: false,
      reconnect: undefined,
    })
  }
  post('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}')
  let stream: BodySink | undefined
  asked[0]!.onResponse({
    status: 200,
    header: () => 'text/event-stream',
    read(sink: BodySink) {
      stream = sink
    },
  } as unknown as HttpResponse)
  stream!.data(Buffer.from('event: endpoint\ndata: /messages\n\n'))
  told.length = 0
  post('{"jsonrpc":"2.0","id":2,"method":"tools/list"}')
  const broken = new BridgeError('stream-lost', 'it broke off', { maybeDelivered: true })
  asked.at(-1)!.onFailure(broken)
  assert.deepEqual(told, ['has left'])
  t.mock.timers.tick(4999)
  assert.deepEqual(told, ['has left'], 'the answer may still come')
  t.mock.timers.tick(1)
  assert.deepEqual(told, ['has left', 'failed'])
})
