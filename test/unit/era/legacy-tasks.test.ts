// A tool that a legacy server runs as a task, which may take days. protocol.md E.3.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LegacySession } from '../../../src/era/to-legacy/legacy-session.ts'
import { startTask } from '../../../src/era/to-legacy/legacy-tasks.ts'
import type { Envelope, Id } from '../../../src/message/envelope.ts'
import { own } from '../../../src/message/message.ts'

const LOST = '"error":{"code":-32603,"message":"gone","data":{"origin":"mcp-ferry","kind":"stream-lost"}}'
const TOO_LARGE =
  '"error":{"code":-32603,"message":"large","data":{"origin":"mcp-ferry","kind":"too-large","maybeDelivered":true}}'
const WORKING = '"result":{"taskId":"t","status":"working"}'
const COMPLETED = '"result":{"taskId":"t","status":"completed"}'
const RESULT = '"result":{"content":[]}'

/** A task that has begun, and the questions that are asked about it. */
function started() {
  const owned = new Set<Id>()
  const asked: string[] = []
  const answers: Envelope[] = []
  let reply: ((response: Envelope) => void) | undefined
  const ask = (method: string, answered: (response: Envelope) => void): Id => {
    const raw = `${asked.push(method)}`
    reply = answered
    return { raw, key: raw }
  }
  startTask({
    session: {
      ask: (_request, answered) => void ask('tools/call', answered),
      askFor: (method, _params, answered) => ask(method, answered),
    } as Partial<LegacySession> as LegacySession,
    request: own('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow"}}'),
    own: (id) => void owned.add(id),
    disown: (id) => void owned.delete(id),
    answered: (response) => void answers.push(response),
  })
  const answer = (member: string): void => {
    const answered = reply
    reply = undefined
    assert.ok(answered, `something is asked that ${member} answers`)
    answered(own(`{"jsonrpc":"2.0","id":${asked.length},${member}}`))
  }
  answer('"result":{"task":{"taskId":"t","status":"working"}}')
  return { owned, asked, answers, answer }
}

test('of a task that is asked after again and again, only the question that is open is kept', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { owned, answers, answer } = started()
  for (let polls = 0; polls < 100; polls++) {
    t.mock.timers.tick(1000)
    assert.equal(owned.size, 1, 'the question that is open')
    answer(WORKING)
    assert.equal(owned.size, 0, 'it is answered')
  }
  t.mock.timers.tick(1000)
  answer(COMPLETED)
  assert.equal(owned.size, 1, 'its result is asked for')
  answer(RESULT)
  assert.deepEqual([owned.size, answers.length], [0, 1])
})

test('a task outlives a remote that is gone for a while: it is asked after less and less often', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { asked, answers, answer } = started()
  t.mock.timers.tick(1000)
  for (let failures = 1; failures <= 8; failures++) {
    answer(LOST)
    const waitMs = Math.min(1000 * 2 ** failures, 120_000)
    t.mock.timers.tick(waitMs - 1)
    assert.equal(asked.length, failures + 1, 'not yet')
    t.mock.timers.tick(1)
  }
  answer(WORKING)
  t.mock.timers.tick(1000)
  answer(LOST)
  t.mock.timers.tick(2000)
  answer(COMPLETED)
  answer(RESULT)
  assert.deepEqual(
    answers.map(({ bytes }) => Buffer.from(bytes).toString()),
    ['{"jsonrpc":"2.0","id":13,"result":{"content":[]}}'],
  )
})

test('a remote that does not come back ends the call, and so does one that refuses to tell', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const lost = started()
  t.mock.timers.tick(1000)
  for (let failures = 0; failures < 8; failures++) {
    lost.answer(LOST)
    t.mock.timers.tick(120_000)
  }
  assert.equal(lost.answers.length, 0)
  lost.answer(LOST)
  assert.equal(lost.answers.length, 1)
  const refused = started()
  t.mock.timers.tick(1000)
  refused.answer('"error":{"code":-32602,"message":"no such task"}')
  assert.equal(refused.answers.length, 1)
})

test('a result that is lost on its way is asked for again, one that cannot be had is not', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { asked, answers, answer } = started()
  t.mock.timers.tick(1000)
  // Each time the remote is there, and its result is lost: that is borne no more often.
  for (let failures = 1; failures <= 8; failures++) {
    answer(COMPLETED)
    answer(LOST)
    t.mock.timers.tick(120_000)
  }
  assert.deepEqual([answers.length, asked.at(-1)], [0, 'tasks/get'])
  answer(COMPLETED)
  answer(LOST)
  assert.equal(answers.length, 1)
  const large = started()
  t.mock.timers.tick(1000)
  large.answer(COMPLETED)
  large.answer(TOO_LARGE)
  assert.equal(large.answers.length, 1)
})
