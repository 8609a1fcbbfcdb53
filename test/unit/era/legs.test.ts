// Who waits for the answers of a modern remote, where the one who waits has a defect. architecture.md 4.
import assert from 'node:assert/strict'
import test from 'node:test'
import { createLegs } from '../../../src/era/to-modern/legs.ts'
import { createLog } from '../../../src/log.ts'
import { own } from '../../../src/message/message.ts'
import { envelope, textOf } from './modern-line.ts'

test('an answer that cannot be handled becomes an error of ours, once, and is told', () => {
  const logged: string[] = []
  const log = createLog({ level: 'info', json: false, secrets: [], write: (text) => logged.push(text) })
  const legs = createLegs(
    () => {},
    () => ({}),
    log,
  )
  const got: string[] = []
  const request = envelope('{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"a"}}')
  const response = own('{"jsonrpc":"2.0","id":5,"result":{}}')
  legs.send(request, request.id!, (answer) => {
    got.push(textOf(answer))
    if (answer === response) throw new TypeError('a planted defect')
  })
  legs.take(response)
  legs.take(response)
  assert.deepEqual(got, [
    '{"jsonrpc":"2.0","id":5,"result":{}}',
    '{"jsonrpc":"2.0","id":5,"error":{"code":-32603,"message":"mcp-ferry: internal error: a planted defect","data":{"origin":"mcp-ferry","kind":"internal"}}}',
  ])
  assert.match(logged.join('\n'), /internal error: a planted defect/)
})
