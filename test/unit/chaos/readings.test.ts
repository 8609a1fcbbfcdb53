// How the host of the chaos run reads answers and comes back with what it was asked.
import assert from 'node:assert/strict'
import test from 'node:test'
import { isOfOtherEra, readAnswer, retryOf } from '../../../scripts/chaos/readings.ts'

const asking = {
  resultType: 'input_required',
  requestState: 'st"ate',
  inputRequests: {
    x: { method: 'elicitation/create', params: { _meta: { chaos: { key: 'q1', of: 'k1' } } } },
    y: { method: 'roots/list', params: { _meta: { chaos: { key: 'q2' } } } },
  },
}

test('an answer that asks is a question, and says whose where its questions do', () => {
  const { kind, key } = readAnswer({ result: asking })
  assert.deepEqual([kind, key], ['question', 'k1'])
  assert.equal(readAnswer({ result: { ...asking, inputRequests: {} } }).key, undefined)
})

test('the retry is the same request with another id, the state as it was, and each answer for its question', () => {
  const line = JSON.stringify({ jsonrpc: '2.0', id: 4, method: 'tools/call', params: { name: 'work' } })
  const retry = JSON.parse(retryOf(line, 'leg-1', asking))
  const { inputResponses, ...rest } = retry.params
  assert.deepEqual(
    [retry.id, retry.method, rest],
    ['leg-1', 'tools/call', { name: 'work', requestState: 'st"ate' }],
  )
  assert.equal(inputResponses.x.action, 'accept')
  assert.deepEqual(inputResponses.y.roots, [])
  assert.deepEqual(
    [inputResponses.x, inputResponses.y].map((each) => each._meta.chaos.key),
    ['q1', 'q2'],
  )
})

test('results and errors of the other era are recognised', () => {
  assert.equal(isOfOtherEra({ result: { resultType: 'complete' } }, false), true)
  assert.equal(isOfOtherEra({ result: {} }, false), false)
  assert.equal(isOfOtherEra({ result: {} }, true), true)
  assert.equal(isOfOtherEra({ result: { resultType: 'complete' } }, true), false)
  assert.equal(isOfOtherEra({ error: { code: -32022, message: '' } }, false), true)
  assert.equal(isOfOtherEra({ error: { code: -32022, message: '' } }, true), false)
})
