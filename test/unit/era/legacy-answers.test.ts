// Results and errors of a modern remote as a legacy host reads them. protocol.md D.5.
import assert from 'node:assert/strict'
import test from 'node:test'
import { legacyError, legacyResult } from '../../../src/era/to-modern/legacy-answers.ts'
import { envelope, textOf } from './modern-line.ts'

function result(method: string, before: string, version = '2025-11-25'): string {
  const { response } = legacyResult(envelope(`{"jsonrpc":"2.0","id":1,"result":${before}}`), {
    method,
    version,
  })
  return textOf(response).slice('{"jsonrpc":"2.0","id":1,"result":'.length, -1)
}

const RESULTS: readonly [what: string, method: string, before: string, after: string, version?: string][] = [
  [
    'loses what came with the modern era',
    'x',
    '{"resultType":"complete","a":1.0,"ttlMs":5,"cacheScope":"private"}',
    '{"a":1.0}',
  ],
  [
    'becomes an empty object',
    'x',
    '{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{}}}',
    '{}',
  ],
  [
    'keeps the rest of _meta',
    'x',
    '{"_meta":{"io.modelcontextprotocol/serverInfo":{"a":1},"b":2}}',
    '{"_meta":{"b":2}}',
  ],
  ['stays as it is', 'x', '{ "a" : [1e400, 9007199254740993] }', '{ "a" : [1e400, 9007199254740993] }'],
  [
    'keeps structured content that is an object',
    'tools/call',
    '{"resultType":"complete","content":[],"structuredContent":{"n":1.0}}',
    '{"content":[],"structuredContent":{"n":1.0}}',
  ],
  [
    'shows an array as text where there is no content',
    'tools/call',
    '{"content":[],"structuredContent":[1.0, "é"]}',
    '{"content":[{"type":"text","text":"[1.0, \\"é\\"]"}]}',
  ],
  [
    'shows null as text where content is missing',
    'tools/call',
    '{"structuredContent":null}',
    '{"content":[{"type":"text","text":"null"}]}',
  ],
  [
    'leaves content that is there alone when an array goes',
    'tools/call',
    '{"content":[{"type":"text","text":"x"}],"structuredContent":[1]}',
    '{"content":[{"type":"text","text":"x"}]}',
  ],
  ['has content', 'tools/call', '{"structuredContent":{}}', '{"structuredContent":{},"content":[]}'],
  [
    'shows links as text to a host of 2025-03-26',
    'tools/call',
    '{"content":[{"type":"resource_link","name":"n","uri":"u:1"},{"type":"audio","data":"AAAA","mimeType":"a/b"}]}',
    '{"content":[{"type":"text","text":"n — u:1"},{"type":"audio","data":"AAAA","mimeType":"a/b"}]}',
    '2025-03-26',
  ],
  [
    'shows sound as text to a host of 2024-11-05',
    'prompts/get',
    '{"messages":[{"role":"user","content":{"type":"audio","data":"AAAA","mimeType":"a/b"}}]}',
    '{"messages":[{"role":"user","content":{"type":"text","text":"[audio a/b, 3 bytes]"}}]}',
    '2024-11-05',
  ],
  [
    'shows links to a host of 2025-06-18',
    'tools/call',
    '{"content":[{"type":"resource_link","name":"n","uri":"u:1"}]}',
    '{"content":[{"type":"resource_link","name":"n","uri":"u:1"}]}',
    '2025-06-18',
  ],
]
for (const [what, method, before, after, version] of RESULTS)
  test(`a result of ${method} ${what}`, () => {
    assert.equal(result(method, before, version), after)
  })

test('tools are made digestible one by one, and the bytes of the others stay', () => {
  const kept = '{ "name":"a","inputSchema":{"type":"object","properties":{"n":{"default":1.0}}} }'
  const list = `{"resultType":"complete","tools":[${[
    kept,
    '{"name":"no-object","inputSchema":{"type":"array"}}',
    '{"name":"b","inputSchema":{"type":"object","properties":{"x":true,"y":false,"z":{"items":true}}},"outputSchema":{"type":"array"}}',
    '{"name":"c","inputSchema":{"type":"object"},"outputSchema":{"type":"object","properties":{"x":true}}}',
    '{"name":"no-type","inputSchema":{}}',
  ].join(',')}],"ttlMs":0}`
  const { response, removed } = legacyResult(envelope(`{"jsonrpc":"2.0","id":1,"result":${list}}`), {
    method: 'tools/list',
    version: '2025-11-25',
  })
  assert.deepEqual(removed, ['no-object', 'no-type'])
  assert.equal(
    textOf(response),
    `{"jsonrpc":"2.0","id":1,"result":{"tools":[${[
      kept,
      '{"name":"b","inputSchema":{"type":"object","properties":{"x":{},"y":{"not":{}},"z":{"items":true}}}}',
      '{"name":"c","inputSchema":{"type":"object"},"outputSchema":{"type":"object","properties":{"x":{}}}}',
    ].join(',')}]}}`,
  )
})

const ERRORS: readonly [what: string, method: string, before: string, after: string][] = [
  [
    'is forwarded',
    'tools/call',
    '{"code":-32000,"message":"m","data":{"n":1.0}}',
    '{"code":-32000,"message":"m","data":{"n":1.0}}',
  ],
  [
    'of an unknown resource',
    'resources/read',
    '{"code":-32602,"message":"m","data":{"uri":"u:\\u0031"}}',
    '{"code":-32002,"message":"m","data":{"uri":"u:\\u0031"}}',
  ],
  [
    'of another uri',
    'resources/read',
    '{"code":-32602,"message":"m","data":{"uri":"u:2"}}',
    '{"code":-32602,"message":"m","data":{"uri":"u:2"}}',
  ],
  ['of headers', 'tools/call', '{"code":-32020,"message":"m"}', '{"code":-32603,"message":"m"}'],
  ['of the version', 'tools/call', '{"code":-32022,"message":"m"}', '{"code":-32603,"message":"m"}'],
  [
    'of capabilities names them',
    'tools/call',
    '{"code":-32021,"message":"m","data":{"requiredCapabilities":{"elicitation":{"url":{}},"sampling":{}}}}',
    '{"code":-32021,"message":"m (the client does not offer: elicitation.url, sampling)","data":{"requiredCapabilities":{"elicitation":{"url":{}},"sampling":{}}}}',
  ],
]
for (const [what, method, before, after] of ERRORS)
  test(`an error ${what}`, () => {
    const request = envelope(`{"jsonrpc":"2.0","id":1,"method":"${method}","params":{"uri":"u:1"}}`)
    const response = legacyError(envelope(`{"jsonrpc":"2.0","id":1,"error":${before}}`), request)
    assert.equal(textOf(response), `{"jsonrpc":"2.0","id":1,"error":${after}}`)
  })
