// What came of a request, whatever a remote writes into its errors.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { own } from '../../../src/message/message.ts'
import { codeOf, OUTCOME } from '../../../src/shell/outcome.ts'
import { replyOf } from '../../../src/shell/replies.ts'

const failed = (data: unknown) =>
  own(JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'mcp-ferry: no', data } }))

test('a failure of the bridge keeps its kind', () => {
  const reply = replyOf(failed({ origin: 'mcp-ferry', kind: 'auth-required' }))
  assert.ok(reply.kind === 'failed', `it is ${reply.kind}`)
  assert.deepEqual([reply.error.kind, reply.error.message], ['auth-required', 'no'])
})

test('a kind that there is not, by a remote that writes as the bridge does, is an internal failure', () => {
  for (const kind of ['constructor', '__proto__', 'nothing', 7, undefined]) {
    const reply = replyOf(failed({ origin: 'mcp-ferry', kind }))
    assert.ok(reply.kind === 'failed', `${kind} is ${reply.kind}`)
    assert.equal(reply.error.kind, 'internal')
    assert.equal(codeOf(reply.error), OUTCOME.internal)
  }
})

test('the error of a remote keeps what it has said', () => {
  assert.deepEqual(replyOf(failed({ n: 1 })), {
    kind: 'refused',
    code: -32603,
    message: 'mcp-ferry: no',
    data: '{"n":1}',
  })
})
