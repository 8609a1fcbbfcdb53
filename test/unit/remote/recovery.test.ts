// The decisions by which trouble is got over: how long to wait, where to go on, what to tell. protocol.md 0.7, 0.9, 0.12,
// A.3, A.6, B.2.
import assert from 'node:assert/strict'
import test from 'node:test'
import { BridgeError } from '../../../src/errors.ts'
import { type Envelope, read } from '../../../src/message/envelope.ts'
import { decode, encode } from '../../../src/message/utf8.ts'
import { backoff } from '../../../src/remote/backoff.ts'
import { createCursor, takeId, takeRetry } from '../../../src/remote/cursor.ts'
import { provisionalAnswer } from '../../../src/remote/provisional-answer.ts'
import { createQuestions } from '../../../src/remote/questions.ts'
import { createRestorable } from '../../../src/remote/restorable.ts'
import { isTransient } from '../../../src/remote/retry.ts'
import { listKinds, patienceMs } from '../../../src/remote/start.ts'
import { createTold } from '../../../src/remote/told.ts'
import type { Transport } from '../../../src/remote/transport.ts'
import { createTransports } from '../../../src/remote/transports.ts'

function message(value: unknown): Envelope {
  const reading = read(encode(JSON.stringify(value)))
  assert.ok(reading.kind === 'message', 'a message')
  return reading.envelope
}
const parse = ({
  bytes,
}: Envelope): {
  id?: unknown
  method?: string
  params?: Record<string, unknown>
  result?: Record<string, unknown>
} => JSON.parse(decode(bytes))
const ask = (id: unknown, method = 'ping', params: unknown = {}): Envelope =>
  message({ jsonrpc: '2.0', id, method, params })

test('waits grow from one second to thirty, by half at a time, and never in step', () => {
  for (const [failures, waitMs] of [
    [1, 1000],
    [2, 1500],
    [3, 2250],
    [50, 30_000],
  ] as const) {
    const waits = Array.from({ length: 200 }, () => backoff(failures))
    for (const each of waits) assert.ok(Math.abs(each - waitMs) <= waitMs * 0.2 + 1, `${failures}: ${each}`)
    assert.ok(new Set(waits).size > 20, 'they differ')
  }
})

test('a cursor takes the ids that a header can carry, and asked times within bounds', () => {
  const cursor = createCursor()
  for (const [id, header] of [
    ['a7', 'a7'],
    ['é', 'Ã©'],
    ['', undefined],
    ['a\u0001', undefined],
    [' a', undefined],
    ['x'.repeat(5000), undefined],
  ] as const) {
    takeId(cursor, id)
    assert.equal(cursor.lastEventId, header)
  }
  for (const [asked, taken] of [
    [0, 100],
    [700, 700],
    [Number.POSITIVE_INFINITY, 60_000],
  ] as const) {
    takeRetry(cursor, asked)
    assert.equal(cursor.retryMs, taken)
  }
})

test('a question keeps its id in the first session; in later ones it gets one of ours, and answers find their way back', () => {
  const questions = createQuestions()
  const [first, second] = [{ epoch: 0 }, { epoch: 1 }]
  assert.equal(questions.ask(ask(5), first)?.id?.raw, '5')
  assert.equal(questions.ask(ask(5), first), undefined, 'a stream that is resumed may repeat it')
  const [cancelled, ...none] = questions.forget('gone')
  assert.equal(none.length, 0)
  assert.deepEqual(parse(cancelled!).params, { requestId: 5, reason: 'gone' })
  const shown = questions.ask(ask(5), second)
  assert.match(String(parse(shown!).id), /^e1:\d+$/)
  const withdrawal = message({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 6 } })
  assert.equal(questions.withdraw(withdrawal, second), withdrawal, 'of something else')
  const answer = questions.answer(message({ jsonrpc: '2.0', id: parse(shown!).id, result: {} }))
  assert.equal(answer?.response.id?.raw, '5')
  assert.equal(questions.answer(message({ jsonrpc: '2.0', id: parse(shown!).id, result: {} })), undefined)
})

test('a new session is told the last log level and the subscriptions that stand', () => {
  const restorable = createRestorable()
  const level = (name: string): Envelope => ask(1, 'logging/setLevel', { level: name })
  const about = (verb: string, uri: string): Envelope => ask(1, `resources/${verb}`, { uri })
  const all = [
    level('info'),
    about('subscribe', 'a'),
    about('subscribe', 'b'),
    about('unsubscribe', 'a'),
    level('debug'),
  ]
  const told: Envelope[] = []
  const result = message({ jsonrpc: '2.0', id: 1, result: {} })
  const error = message({ jsonrpc: '2.0', id: 1, error: { code: -32000, message: 'x' } })
  for (const request of all) restorable.noting(request, (answer) => told.push(answer))?.(result)
  restorable.noting(about('subscribe', 'refused'), (answer) => told.push(answer))?.(error)
  assert.deepEqual(told, [...all.map(() => result), error])
  assert.deepEqual(
    restorable.requests().map((request) => parse(request).params),
    [{ level: 'debug' }, { uri: 'b' }],
  )
  assert.equal(
    restorable.noting(ask(1, 'tools/call'), () => {}),
    undefined,
  )
})

test('a stand-in says why, and what the remote said at an earlier start', () => {
  const initialize = ask('i', 'initialize', { protocolVersion: '2025-06-18' })
  const fresh = parse(provisionalAnswer(initialize, { host: 'h', why: 'it sleeps', remembered: undefined }))
  assert.equal(fresh.id, 'i')
  assert.equal(fresh.result?.protocolVersion, '2025-06-18')
  assert.deepEqual(fresh.result?.serverInfo, { name: 'h', version: '0' })
  assert.match(String(fresh.result?.instructions), /it sleeps/)
  const remembered =
    '{"protocolVersion":"2025-03-26","capabilities":{"tools":{}},"serverInfo":{"name":"n","version":"3"}}'
  const known = parse(provisionalAnswer(initialize, { host: 'h', why: 'w', remembered }))
  assert.deepEqual(known.result?.serverInfo, { name: 'n', version: '3' })
  assert.deepEqual(known.result?.capabilities, { tools: {} })
  assert.equal(known.result?.protocolVersion, '2025-06-18', "the host's")
  for (const damaged of ['{', '[]', '{"capabilities":1}'])
    assert.ok(
      parse(provisionalAnswer(initialize, { host: 'h', why: 'w', remembered: damaged })).result?.serverInfo,
    )
})

test('lists wait 20 s for a remote that is absent, the rest 60 s; what was told empty is told again', () => {
  assert.equal(patienceMs('tools/list'), 20_000)
  assert.equal(patienceMs('tools/call'), 60_000)
  assert.deepEqual(listKinds('{"capabilities":{"tools":{"listChanged":true},"prompts":{}}}'), {
    offered: ['tools', 'prompts'],
    changing: ['tools'],
  })
  const told = createTold()
  assert.deepEqual(parse(told.asEmpty(ask(1, 'resources/templates/list'))!).result, { resourceTemplates: [] })
  assert.equal(told.asEmpty(ask(1, 'tools/call')), undefined)
  told.result = message({ jsonrpc: '2.0', id: 1, result: { capabilities: { tools: {} } } })
  const methods = (): (string | undefined)[] => told.changes().map(({ method }) => method)
  assert.deepEqual(methods(), ['notifications/resources/list_changed', 'notifications/tools/list_changed'])
  assert.deepEqual(methods(), [], 'once')
})

test('a remote that is not there yet is waited for; one that has answered for good is not', () => {
  const error = (kind: BridgeError['kind'], httpStatus?: number): BridgeError =>
    new BridgeError(kind, 'x', httpStatus === undefined ? {} : { httpStatus })
  for (const kind of ['dns', 'refused', 'timeout', 'stream-lost'] as const)
    assert.ok(isTransient(error(kind)), kind)
  for (const status of [429, 502, 503, 504]) assert.ok(isTransient(error('http', status)), String(status))
  for (const kind of ['tls', 'redirect', 'content', 'protocol', 'auth-failed'] as const)
    assert.ok(!isTransient(error(kind)), kind)
  for (const status of [400, 404, 500, 501]) assert.ok(!isTransient(error('http', status)), String(status))
})

const NOWHERE = new Error('not in this test')
const unused = (): Transport => ({
  post: () => assert.fail(NOWHERE),
  listen: () => assert.fail(NOWHERE),
  end: () => Promise.reject(NOWHERE),
})

test('HTTP+SSE comes second where the remote seems old, first for a path that ends in /sse, and never where it is not wanted', async () => {
  const [http, old] = [unused(), unused()]
  const make = (choice: 'auto' | 'http' | 'http+sse', path = '/mcp') =>
    createTransports({
      expectsOld: false,
      choice,
      url: new URL(`https://h.example${path}`),
      http,
      loadHttpSse: async () => old,
    })
  const refused = (status: number): BridgeError => new BridgeError('http', 'x', { httpStatus: status })
  for (const status of [400, 404, 405, 406, 410, 415, 422, 501]) {
    const transports = make('auto')
    assert.equal(await transports.next(refused(status), undefined), 'again')
    assert.equal(transports.current(), old)
    const told = await transports.next(refused(405), undefined)
    assert.ok(told !== 'again' && told !== undefined)
    assert.match(told.message, /GET answered HTTP 405/)
    assert.equal(transports.current(), http)
  }
  for (const status of [401, 403, 429, 500, 503])
    assert.equal(await make('auto').next(refused(status), undefined), undefined)
  assert.equal(await make('http').next(refused(404), undefined), undefined)
  const words = (code: number, text: string): Envelope =>
    message({ jsonrpc: '2.0', id: 1, error: { code, message: text } })
  assert.equal(await make('auto').next(undefined, words(-32601, 'x')), 'again')
  for (const answer of [
    words(-32000, 'Unsupported protocol version'),
    words(-32022, 'x'),
    words(-32600, 'bad Accept'),
  ])
    assert.equal(await make('auto').next(undefined, answer), undefined)
  const first = make('auto', '/sse')
  await first.ready()
  assert.equal(first.current(), old)
  assert.equal(await first.next(refused(405), undefined), 'again')
  assert.equal(first.current(), http)
})
