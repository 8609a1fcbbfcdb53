// The judge of the chaos run: what it calls an answer, a lie, and nothing wrong.
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Answer, type Asked, type Evidence, judge } from '../../../scripts/chaos/verdict.ts'

const RESULT: Answer = { kind: 'result', key: 'a', isOwn: false, errorKind: '', maybeDelivered: undefined }
const own = (errorKind: string, maybeDelivered?: boolean): Answer => ({
  kind: 'error',
  key: undefined,
  isOwn: true,
  errorKind,
  maybeDelivered,
})
const remotes = (key?: string): Answer => ({
  kind: 'error',
  key,
  isOwn: false,
  errorKind: 'No valid session',
  maybeDelivered: undefined,
})

function verdict(
  answers: readonly Answer[],
  runs: number,
  other: Partial<Asked> = {},
  also: Partial<Evidence> = {},
) {
  const asked: Asked = { key: 'a', method: 'tools/call', isCancelled: false, answers, ...other }
  const executions = new Map(runs > 0 ? [['a', runs]] : [])
  const none = {
    rounds: new Map(),
    strayChanges: 0,
    strayLines: [],
    questionsMixedUp: 0,
    questionIdsReused: 0,
  }
  return judge({ asked: [asked], executions, ...none, ...also })
}

test('one result for one execution is as it should be', () => {
  const { answeredTwice, neverAnswered, ranTwice, lies, results } = verdict([RESULT], 1)
  assert.deepEqual([answeredTwice, neverAnswered, ranTwice, lies, results], [[], [], [], [], 1])
})

test('no answer is missed unless the host cancelled; an answer made at shutdown is none', () => {
  assert.equal(verdict([], 1).neverAnswered.length, 1)
  assert.equal(verdict([own('shutdown', true)], 1).neverAnswered.length, 1)
  assert.equal(verdict([], 1, { isCancelled: true }).neverAnswered.length, 0)
})

test('two answers are one too many, cancelled or not', () => {
  assert.equal(verdict([RESULT, RESULT], 1).answeredTwice.length, 1)
  assert.equal(verdict([RESULT, own('timeout', true)], 1, { isCancelled: true }).answeredTwice.length, 1)
})

test('a tool that ran twice is told even when the answer was right', () => {
  assert.equal(verdict([RESULT], 2).ranTwice.length, 1)
})

test('an error must say that a tool may have run when it has', () => {
  assert.equal(verdict([own('stream-lost', true)], 1).lies.length, 0)
  assert.equal(verdict([own('stream-lost', true)], 0).lies.length, 0)
  assert.equal(verdict([own('refused', false)], 0).lies.length, 0)
  assert.equal(verdict([own('refused', false)], 1).lies.length, 1)
  assert.equal(verdict([own('http')], 1).lies.length, 1, 'silence says that it did not run')
})

test("the remote's own error is true when the tool reported it, and a lie when it is a refusal of what ran", () => {
  assert.equal(verdict([remotes('a')], 1).lies.length, 0)
  assert.equal(verdict([remotes()], 0).lies.length, 0)
  assert.equal(verdict([remotes()], 1).lies.length, 1)
})

test("a result must be the request's own, and of something that ran", () => {
  assert.equal(verdict([{ ...RESULT, key: 'b' }], 1).lies.length, 1)
  assert.equal(verdict([{ ...RESULT, key: undefined }], 1).lies.length, 1)
  assert.equal(verdict([RESULT], 0).lies.length, 1)
  assert.equal(verdict([RESULT], 0, { method: 'ping' }).lies.length, 0, 'only tools are in the ledger')
})

test('a call that asks first need not have run, and must ask its own question', () => {
  const question: Answer = { ...RESULT, kind: 'question' }
  for (const key of ['a', undefined]) assert.equal(verdict([{ ...question, key }], 0).lies.length, 0)
  assert.equal(verdict([{ ...question, key: 'b' }], 0).lies.length, 1)
  assert.equal(verdict([question], 0).results, 0)
  assert.equal(verdict([question], 0).questions, 1)
})

test("what the bridge answers itself is nobody's, and must not be somebody else's", () => {
  const method = 'server/discover'
  assert.equal(verdict([{ ...RESULT, key: undefined }], 0, { method, isOwn: true }).lies.length, 0)
  assert.equal(verdict([{ ...RESULT, key: 'b' }], 0, { method, isOwn: true }).lies.length, 1)
})

test('a round that came twice is told although the call ran once', () => {
  assert.equal(verdict([RESULT], 1, {}, { rounds: new Map([['a, round 0', 2]]) }).ranTwice.length, 1)
  assert.equal(verdict([RESULT], 1, {}, { rounds: new Map([['a, round 0', 1]]) }).ranTwice.length, 0)
})

test('stray lines, stray changes and mixed-up questions are lies', () => {
  for (const also of [
    { strayLines: ['{'] },
    { strayChanges: 1 },
    { questionsMixedUp: 1 },
    { questionIdsReused: 1 },
  ])
    assert.equal(verdict([RESULT], 1, {}, also).lies.length, 1)
})
