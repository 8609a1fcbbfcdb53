// A tool that a legacy server runs as a task, which may take days. protocol.md E.3.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LegacySession } from '../../../src/era/to-legacy/legacy-session.ts'
import { startTask } from '../../../src/era/to-legacy/legacy-tasks.ts'
import type { Envelope, Id } from '../../../src/message/envelope.ts'
import { own } from '../../../src/message/message.ts'

test('of a task that is asked after again and again, only the question that is open is kept', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const owned = new Set<Id>()
  let answer: (result: string) => void = () => {}
  let count = 1
  const ask = (answered: (response: Envelope) => void): Id => {
    const id = { raw: `${++count}`, key: `${count}` }
    answer = (result) => answered(own(`{"jsonrpc":"2.0","id":${id.raw},"result":${result}}`))
    return id
  }
  const results: Envelope[] = []
  startTask({
    session: {
      ask: (_request, answered) => void ask(answered),
      askFor: (_method, _params, answered) => ask(answered),
    } as Partial<LegacySession> as LegacySession,
    request: own('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow"}}'),
    own: (id) => void owned.add(id),
    disown: (id) => void owned.delete(id),
    answered: (response) => void results.push(response),
  })
  answer('{"task":{"taskId":"t","status":"working"}}')
  for (let polls = 0; polls < 100; polls++) {
    t.mock.timers.tick(1000)
    assert.equal(owned.size, 1, 'the question that is open')
    answer('{"taskId":"t","status":"working"}')
    assert.equal(owned.size, 0, 'it is answered')
  }
  t.mock.timers.tick(1000)
  answer('{"taskId":"t","status":"completed"}')
  assert.equal(owned.size, 1, 'its result is asked for')
  answer('{"content":[]}')
  assert.deepEqual([owned.size, results.length], [0, 1])
})
