// What an answer tells of the era of the remote: the tables of protocol.md F.2 and F.3.
import assert from 'node:assert/strict'
import test from 'node:test'
import { isOwnError } from '../../../src/era/own-errors.ts'
import { createFading } from '../../../src/eras/fading.ts'
import { isLegacyOnly, isModernError, judgeProbe, mayBeModern } from '../../../src/eras/verdict.ts'
import { BridgeError, type ErrorKind, type Facts } from '../../../src/errors.ts'
import type { Envelope } from '../../../src/message/envelope.ts'
import { readText } from '../../../src/message/long.ts'
import { own } from '../../../src/message/message.ts'

const error = (code: number, data?: unknown): Envelope =>
  own(JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message: 'no', data } }))
const result = (value: unknown): Envelope => own(JSON.stringify({ jsonrpc: '2.0', id: 1, result: value }))
const failure = (kind: ErrorKind, facts: Facts = {}): BridgeError => new BridgeError(kind, 'no', facts)

const MODERN: readonly [string, Envelope, boolean][] = [
  ['-32020', error(-32020), true],
  ['-32021', error(-32021, { requiredCapabilities: {} }), true],
  ['-32022 with a modern version', error(-32022, { supported: ['2025-11-25', '2026-07-28'] }), true],
  ['-32022 with a version to come', error(-32022, { supported: ['2027-01-01'] }), true],
  ['-32022 with legacy versions', error(-32022, { supported: ['2025-11-25'] }), false],
  ['-32022 with nothing', error(-32022), false],
  ['-32022 with a word', error(-32022, { supported: ['draft'] }), false],
  ['-32022 with what is no list', error(-32022, { supported: '2026-07-28' }), false],
  ['-32601', error(-32601), false],
  ['-32000', error(-32000), false],
]
for (const [name, answer, expected] of MODERN)
  test(`the error ${name} is ${expected ? '' : 'not '}one of a modern server alone`, () => {
    assert.equal(isModernError(answer), expected)
  })

test('a list of legacy versions is legacy; no list is nothing', () => {
  assert.equal(isLegacyOnly(error(-32022, { supported: ['2025-06-18'] })), true)
  assert.equal(isLegacyOnly(error(-32022, { supported: ['2025-06-18', '2026-07-28'] })), false)
  assert.equal(isLegacyOnly(error(-32022, { supported: [] })), false)
  assert.equal(isLegacyOnly(error(-32601, { supported: ['2025-06-18'] })), false)
})

test('what a refused initialize makes worth a question', () => {
  for (const code of [-32600, -32601, -32602, -32020, -32021])
    assert.equal(mayBeModern(error(code), undefined), true)
  assert.equal(mayBeModern(error(-32000), undefined), false)
  assert.equal(mayBeModern(undefined, failure('http', { httpStatus: 404 })), true)
  assert.equal(mayBeModern(undefined, failure('http', { httpStatus: 500 })), false)
  assert.equal(mayBeModern(undefined, failure('auth-required', { httpStatus: 401 })), false)
  assert.equal(mayBeModern(undefined, failure('refused')), false)
})

test('what came of the question', () => {
  const kindOf = (asked: Parameters<typeof judgeProbe>[0]): string => judgeProbe(asked).kind
  assert.equal(kindOf({ answer: result({ supportedVersions: ['2026-07-28'] }) }), 'modern')
  assert.equal(kindOf({ answer: error(-32022, { supported: ['2026-07-28'] }) }), 'modern')
  assert.equal(kindOf({ answer: result({ tools: [] }) }), 'legacy')
  assert.equal(kindOf({ answer: error(-32601) }), 'legacy')
  assert.equal(kindOf({ error: failure('http', { httpStatus: 404 }) }), 'legacy')
  assert.equal(kindOf({ error: failure('http', { httpStatus: 501 }) }), 'legacy')
  assert.equal(kindOf({ error: failure('protocol') }), 'legacy')
  for (const kind of ['dns', 'refused', 'timeout', 'stream-lost', 'rate-limited'] as const)
    assert.equal(kindOf({ error: failure(kind) }), 'unreachable', kind)
  for (const httpStatus of [500, 502, 503])
    assert.equal(kindOf({ error: failure('http', { httpStatus }) }), 'unreachable', String(httpStatus))
  for (const kind of ['auth-required', 'auth-failed', 'content', 'tls', 'redirect', 'too-large'] as const)
    assert.equal(kindOf({ error: failure(kind) }), 'refused', kind)
})

test('a long result is not joined to find out that it tells nothing of the era', () => {
  const text = `{"jsonrpc":"2.0","id":1,"result":{"text":"${'x'.repeat(10_000)}"}}`
  const reading = readText([Buffer.from(text.slice(0, 5000)), Buffer.from(text.slice(5000))])
  assert.ok(reading.kind === 'message')
  const { envelope } = reading
  assert.equal(createFading()(envelope), false)
  assert.equal(isModernError(envelope), false)
  assert.equal(isOwnError(envelope), false)
  assert.equal(envelope.pieces?.length, 2)
})
