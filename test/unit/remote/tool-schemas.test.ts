// What is kept of a remote's tools, however many it says it has. protocol.md C.2.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '../../../src/log.ts'
import { own } from '../../../src/message/message.ts'
import { createToolSchemas } from '../../../src/remote/modern/tool-schemas.ts'

test('of ten thousand tools the headers are known, of more they are not', () => {
  const schemas = createToolSchemas(createLog({ level: 'error', json: false, secrets: [], write() {} }))
  const inputSchema = { type: 'object', properties: { a: { type: 'string', 'x-mcp-header': 'A' } } }
  const tools = Array.from({ length: 10_001 }, (_, at) => ({ name: `t${at}`, inputSchema }))
  const list = (page: readonly unknown[]) =>
    own(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools: page } }))
  const request = own('{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
  schemas.learn(request, list(tools))
  const known = [{ path: ['a'], header: 'A' }]
  assert.deepEqual(schemas.of('t9999'), known)
  assert.deepEqual(schemas.of('t10000'), [])
  // A new first page makes room.
  schemas.learn(request, list(tools.slice(-1)))
  schemas.learn(request, list(tools.slice(-1)))
  assert.deepEqual(schemas.of('t10000'), known)
})
