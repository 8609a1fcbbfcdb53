// What is hidden is in no list, and a call of it gets no further than the filter.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { FilterOptions } from '../../../src/options/shaping.ts'
import { createCatalogue } from '../../../src/stages/catalogue.ts'
import { createFilter } from '../../../src/stages/filter.ts'
import { type Line, lineOf, notify, request, result, settled } from './line.ts'

const MODERN_META = { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } }

function filtering(settings: FilterOptions): Line {
  return lineOf((log) => {
    const catalogue = createCatalogue(log)
    return [createFilter(settings, catalogue, log), catalogue.stage]
  })
}

/** What the host gets of a list. */
function listed(line: Line, method: string, answer: string): string {
  line.fromHost(request('list', method))
  line.taken('remote')
  line.fromRemote(answer)
  return line.taken('host')
}

function errorOf(text: string): { code: number; message: string; data?: { uri?: string } } {
  return (JSON.parse(text) as { error: { code: number; message: string } }).error
}

const only = (allow: readonly string[], deny: readonly string[] = []): FilterOptions => ({
  tools: { allow, ...(deny.length > 0 && { deny }) },
})

test('a list loses what is hidden, and no other byte', () => {
  const line = filtering({ tools: { deny: ['del*'] } })
  const before =
    '{"jsonrpc":"2.0","id":"list", "result":{"tools":[ {"name":"delete_all"}, {"name":"read" , "n":9007199254740993},{"name":"del\\u0065te"} ] ,"nextCursor":"c", "x":1e400}}'
  assert.equal(
    listed(line, 'tools/list', before),
    '{"jsonrpc":"2.0","id":"list", "result":{"tools":[ {"name":"read" , "n":9007199254740993} ] ,"nextCursor":"c", "x":1e400}}',
  )
})

test('a page of which nothing is left stays a page, with its cursor', () => {
  const line = filtering(only(['read']))
  assert.equal(
    listed(line, 'tools/list', result('list', { tools: [{ name: 'a' }, { name: 'b' }], nextCursor: 'c' })),
    result('list', { tools: [], nextCursor: 'c' }),
  )
})

test('what nobody hides passes as it is: other answers, failed lists, empty lists', () => {
  const line = filtering(only(['read']))
  for (const answer of [
    '{"jsonrpc":"2.0","id":"list","error":{"code":-32601,"message":"tools"}}',
    result('list', { tools: [] }),
    result('list', {}),
  ])
    assert.equal(listed(line, 'tools/list', answer), answer)
  const call = request(1, 'tools/call', { name: 'read' })
  line.fromHost(call)
  assert.equal(line.taken('remote'), call)
  const answer = result(1, { tools: [{ name: 'own words of the remote' }], content: [] })
  line.fromRemote(answer)
  assert.equal(line.taken('host'), answer)
})

/** How lists look that are none, or not only. */
const ODD: readonly [string, string, string][] = [
  [
    'elements that are no objects',
    '{"tools":["secret",{"name":"read"},7,null,[]]}',
    '{"tools":[{"name":"read"}]}',
  ],
  [
    'names that cannot be read',
    '{"tools":[{"title":"secret"},{"name":{"secret":1}},{"name":"read"}]}',
    '{"tools":[{"name":"read"}]}',
  ],
  [
    'two names that differ',
    '{"tools":[{"name":"secret","name":"read"},{"name":"read","Name":"secret"}]}',
    '{"tools":[]}',
  ],
  [
    'two lists',
    '{"tools":[{"name":"secret"}],"tools":[{"name":"read"}]}',
    '{"tools":[],"tools":[{"name":"read"}]}',
  ],
  ['a list in another case', '{"Tools":[{"name":"secret"}],"tools":[]}', '{"Tools":[],"tools":[]}'],
  ['no list', '{"tools":{"secret":{"name":"secret"}}}', '{"tools":[]}'],
  ['text', '{"tools":"secret"}', '{"tools":[]}'],
]

for (const [what, before, after] of ODD)
  test(`a malformed list keeps only what can be read: ${what}`, () => {
    const line = filtering(only(['read']))
    const answer = (inner: string) => `{"jsonrpc":"2.0","id":"list","result":${inner}}`
    assert.equal(listed(line, 'tools/list', answer(before)), answer(after))
  })

test('two results: both lose what is hidden', () => {
  const line = filtering(only(['read']))
  const text = listed(
    line,
    'tools/list',
    '{"jsonrpc":"2.0","id":"list","result":{"tools":[{"name":"secret"}]},"result":{"tools":[{"name":"read"}]}}',
  )
  assert.doesNotMatch(text, /secret/)
})

test('a call of a hidden tool is answered as one of an unknown tool, and is not sent', () => {
  const line = filtering(only(['*'], ['secret']))
  line.fromHost(request(7, 'tools/call', { name: 'secret', arguments: {} }))
  assert.deepEqual(errorOf(line.taken('host')), { code: -32602, message: 'Unknown tool: secret' })
  line.fromHost(notify('tools/call', { name: 'secret' }))
  assert.deepEqual([...line.toHost, ...line.toRemote], [])
})

/** Params of a call that no reader may take for one of `secret`, which is denied, or that is not clear. */
const SECRET_CALLS: readonly string[] = [
  '{"name":"secret"}',
  '{"name":"\\u0073ecret"}',
  '{"n\\u0061me":"secret"}',
  '{"name":"SECRET"}',
  '{"name":"ſecret"}',
  '{"name":" secret "}',
  '{"name":"ｓｅｃｒｅｔ"}',
  '{"name":"read","name":"secret"}',
  '{"name":"secret","name":"read"}',
  '{"name":"read","Name":"secret"}',
  '{"name":"read","n\\u0041me":"secret"}',
  '{"name":["secret"]}',
  '{"name":null}',
  '{"name":1}',
  '{}',
  '["secret"]',
  '"secret"',
  'null',
]

for (const params of SECRET_CALLS)
  test(`a call that might be one of a hidden tool is not sent: ${params}`, () => {
    const line = filtering({ tools: { deny: ['secret'] } })
    line.fromHost(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`)
    assert.equal(errorOf(line.taken('host')).code, -32602)
    line.fromHost(`{"jsonrpc":"2.0","method":"tools/call","params":${params}}`)
    assert.deepEqual([...line.toRemote, ...line.toHost], [])
  })

/** Whole messages that somebody else might read as such a call. */
const TWOFOLD: readonly string[] = [
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"ping","params":{"name":"secret"}}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call","params":{"name":"secret"}}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"secret"},"params":{"name":"read"}}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read"},"Params":{"name":"secret"}}',
]

for (const text of TWOFOLD)
  test(`a message with two meanings is refused: ${text}`, () => {
    const line = filtering({ tools: { deny: ['secret'] } })
    line.fromHost(text)
    assert.match(line.taken('host'), /"code":-326(00|02)/)
    assert.deepEqual(line.toRemote, [])
  })

test('an answer that might be read as a call reaches the remote as an error', () => {
  const line = filtering({ tools: { deny: ['secret'] } })
  line.fromHost('{"jsonrpc":"2.0","id":1,"result":{},"Method":"tools/call","Params":{"name":"secret"}}')
  assert.equal(errorOf(line.taken('remote')).code, -32600)
  assert.deepEqual(line.toHost, [])
})

test('allowing is exact, denying is not, and beats it', () => {
  const line = filtering(only(['Get*', 'put?'], ['*SECRET*']))
  const names = ['Get', 'Get_x', 'get_x', 'put', 'puts', 'put🙂', 'putss', 'Get_Secret']
  const text = listed(line, 'tools/list', result('list', { tools: names.map((name) => ({ name })) }))
  const left = (JSON.parse(text) as { result: { tools: { name: string }[] } }).result.tools
  assert.deepEqual(
    left.map(({ name }) => name),
    ['Get', 'Get_x', 'puts', 'put🙂'],
  )
})

test('a name that is longer than any is hidden, also where nothing is allowed by name', () => {
  const line = filtering({ tools: { deny: ['secret'] } })
  const name = 'x'.repeat(100_001)
  assert.equal(
    listed(line, 'tools/list', result('list', { tools: [{ name }, { name: 'a' }] })),
    result('list', { tools: [{ name: 'a' }] }),
  )
})

test('prompts: lists, gets and completions', () => {
  const line = filtering({ prompts: { deny: ['secret'] } })
  assert.equal(
    listed(line, 'prompts/list', result('list', { prompts: [{ name: 'secret' }, { name: 'a' }] })),
    result('list', { prompts: [{ name: 'a' }] }),
  )
  line.fromHost(request(1, 'prompts/get', { name: 'secret' }))
  assert.deepEqual(errorOf(line.taken('host')), { code: -32602, message: 'Unknown prompt: secret' })
  const ref = { type: 'ref/prompt', name: 'secret' }
  line.fromHost(request(2, 'completion/complete', { ref, argument: { name: 'x', value: '' } }))
  assert.equal(errorOf(line.taken('host')).code, -32602)
  for (const odd of [{}, { ref: [] }, { ref: { type: 'ref/prompt', name: 7 } }]) {
    line.fromHost(request(3, 'completion/complete', odd))
    assert.equal(errorOf(line.taken('host')).code, -32602)
  }
  for (const [method, params] of [
    ['prompts/get', { name: 'a' }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'a' } }],
    ['completion/complete', { ref: { type: 'ref/resource', uri: 'secret' } }],
    ['tools/call', { name: 'secret' }],
    ['resources/read', { uri: 'secret' }],
  ] as const) {
    const text = request(4, method, params)
    line.fromHost(text)
    assert.equal(line.taken('remote'), text)
  }
})

test('resources: lists, templates, reads, subscriptions, completions and updates, in the words of each era', () => {
  const line = filtering({ resources: { deny: ['file:///secret*', 'db://{table}'] } })
  assert.equal(
    listed(
      line,
      'resources/list',
      result('list', { resources: [{ uri: 'file:///secret/a' }, { uri: 'a:b' }] }),
    ),
    result('list', { resources: [{ uri: 'a:b' }] }),
  )
  assert.equal(
    listed(
      line,
      'resources/templates/list',
      result('list', {
        resourceTemplates: [{ uriTemplate: 'db://{table}' }, { uriTemplate: 'x:{y}' }, { uriTemplate: 7 }],
      }),
    ),
    result('list', { resourceTemplates: [{ uriTemplate: 'x:{y}' }] }),
  )
  const uri = 'file:///secret/a'
  for (const method of ['resources/read', 'resources/subscribe', 'resources/unsubscribe']) {
    line.fromHost(request(1, method, { uri }))
    assert.deepEqual(errorOf(line.taken('host')), {
      code: -32002,
      message: 'Resource not found',
      data: { uri },
    })
  }
  line.fromHost(request(1, 'resources/read', { uri, ...MODERN_META }))
  assert.deepEqual(errorOf(line.taken('host')), {
    code: -32602,
    message: 'Resource not found',
    data: { uri },
  })
  line.fromHost(request(2, 'completion/complete', { ref: { type: 'ref/resource', uri: 'db://{table}' } }))
  assert.equal(errorOf(line.taken('host')).code, -32602)
  line.fromRemote(notify('notifications/resources/updated', { uri }))
  line.fromRemote(notify('notifications/resources/updated', {}))
  assert.deepEqual([...line.toHost, ...line.toRemote], [])
  line.fromRemote(notify('notifications/resources/updated', { uri: 'a:b' }))
  assert.match(line.taken('host'), /a:b/)
})

test('a subscription of the modern era loses the URIs that are hidden', () => {
  const line = filtering({ resources: { allow: ['a:*'] } })
  const listen = (resourceSubscriptions: unknown) =>
    request(1, 'subscriptions/listen', {
      notifications: { toolsListChanged: true, resourceSubscriptions },
      ...MODERN_META,
    })
  line.fromHost(listen(['b:1', 'a:1', 7, 'a:2']))
  assert.equal(line.taken('remote'), listen(['a:1', 'a:2']))
  line.fromHost(listen(['b:1']))
  assert.equal(line.taken('remote'), listen([]))
  line.fromHost(listen('b:1'))
  assert.equal(errorOf(line.taken('host')).code, -32602)
  assert.deepEqual(line.toRemote, [])
})

/** URIs that some remote takes for one that is hidden: those under /secret/ are denied, all but /public/ is not allowed. */
const SECRET_URIS = [
  'file:///public/../secret/a',
  'file:///public/%2e%2e/secret/a',
  'file:///public/%252e%252e/secret/a',
  'file:///public\\..\\secret\\a',
  'file:///public/..%2fsecret/a',
  'FILE:///SECRET/a',
  'file:///%73ecret/a',
  // As `new URL` reads them, by which the SDK finds a resource.
  'file:///public/.\t./secret/a',
  'file:///public/%2\ne%2e/secret/a',
  'file:///sec\tret/a',
  'file:/secret/a',
  'file://localhost/secret/a',
]

for (const uri of SECRET_URIS)
  test(`a URI that may be read as a hidden one is hidden: ${JSON.stringify(uri)}`, () => {
    for (const patterns of [{ allow: ['file:///public/*'] }, { deny: ['file:///secret/*'] }]) {
      const line = filtering({ resources: patterns })
      line.fromHost(request(1, 'resources/read', { uri }))
      assert.deepEqual(line.toRemote, [], JSON.stringify(patterns))
    }
  })

test('a URI that is allowed as it is written may be percent-encoded', () => {
  const line = filtering({ resources: { allow: ['file:///a%20b/*'] } })
  const read = request(1, 'resources/read', { uri: 'file:///a%20b/c%2fd' })
  line.fromHost(read)
  assert.equal(line.taken('remote'), read)
})

test('a list that was cancelled and comes after all is filtered, also under the id of another request', () => {
  const line = filtering(only(['read']))
  line.fromHost(request(1, 'tools/list'))
  line.fromHost(notify('notifications/cancelled', { requestId: 1 }))
  line.fromHost(request(1, 'tools/call', { name: 'read' }))
  line.fromRemote(result(1, { tools: [{ name: 'secret' }] }))
  assert.equal(line.taken('host'), result(1, { tools: [] }))
})

test('an id that stood for another list before: what either would hide is hidden', () => {
  const line = filtering({ tools: { allow: ['read'] }, prompts: { allow: ['read'] } })
  line.fromHost(request(1, 'prompts/list'))
  line.fromHost(notify('notifications/cancelled', { requestId: 1 }))
  line.fromHost(request(1, 'tools/list'))
  line.fromRemote(result(1, { prompts: [{ name: 'secret' }], tools: [{ name: 'secret' }] }))
  assert.equal(line.taken('host'), result(1, { prompts: [], tools: [] }))
})

test('an answer to nobody knows what does not pass', () => {
  const line = filtering(only(['read']))
  line.fromHost(request(1, 'tools/list'))
  line.fromRemote('{"jsonrpc":"2.0","result":{"tools":[{"name":"secret"}]}}')
  assert.deepEqual(line.toHost, [])
})

const hint = (name: string, readOnlyHint?: unknown) => ({ name, annotations: { readOnlyHint } })

test('--read-only hides what does not exactly say that it only reads', () => {
  const line = filtering({ isReadOnly: true })
  const tools = [hint('a', true), hint('b', 'true'), hint('c', false), hint('d'), { name: 'e' }, hint('f', 1)]
  const text = listed(line, 'tools/list', result('list', { tools }))
  assert.equal(text, result('list', { tools: [hint('a', true)] }))
  assert.deepEqual(line.logged, [
    'hidden by --read-only: 5 tools that do not say that they only read (b, c, d, e, f)',
  ])
  const call = request(1, 'tools/call', { name: 'a' })
  line.fromHost(call)
  assert.equal(line.taken('remote'), call)
  for (const name of ['b', 'c', 'd', 'e', 'f', 'unknown']) {
    line.fromHost(request(2, 'tools/call', { name }))
    assert.deepEqual(errorOf(line.taken('host')), { code: -32602, message: `Unknown tool: ${name}` })
  }
  assert.deepEqual(line.toRemote, [])
})

test('--read-only: hints that say two things, and names that stand for two tools, do not count', () => {
  const line = filtering({ isReadOnly: true })
  const text =
    '{"jsonrpc":"2.0","id":"list","result":{"tools":[' +
    '{"name":"a","annotations":{"readOnlyHint":false,"readOnlyHint":true}},' +
    '{"name":"b","annotations":{"readOnlyHint":false},"annotations":{"readOnlyHint":true}},' +
    '{"name":"c","annotations":{"readOnlyHint":false}},{"name":"c","annotations":{"readOnlyHint":true}}]}}'
  assert.doesNotMatch(listed(line, 'tools/list', text), /"[ab]"/)
  for (const name of ['a', 'b', 'c']) {
    line.fromHost(request(1, 'tools/call', { name }))
    assert.equal(errorOf(line.taken('host')).code, -32602)
  }
})

test('--read-only: a call before any list waits until the remote has told its tools', async () => {
  const line = filtering({ isReadOnly: true })
  const call = (id: number, name: string) => request(id, 'tools/call', { name, ...MODERN_META })
  line.fromHost(call(1, 'a'))
  line.fromHost(call(2, 'b'))
  line.fromHost(notify('tools/call', { name: 'a' }))
  const asked = JSON.parse(line.taken('remote')) as { id: string; method: string; params: unknown }
  assert.equal(asked.method, 'tools/list')
  assert.deepEqual(asked.params, MODERN_META)
  line.fromRemote(result(asked.id, { tools: [hint('a', true), hint('b')] }))
  await settled()
  assert.equal(line.taken('remote'), call(1, 'a'))
  assert.match(line.taken('host'), /"id":2,.*Unknown tool: b/)
})

test('--read-only: a call that is taken back while it waits is not sent, and neither is its end', async () => {
  const line = filtering({ isReadOnly: true })
  line.fromHost(request(1, 'tools/call', { name: 'a' }))
  const asked = JSON.parse(line.taken('remote')) as { id: string }
  line.fromHost(notify('notifications/cancelled', { requestId: 1 }))
  const other = notify('notifications/cancelled', { requestId: 2 })
  line.fromHost(other)
  line.fromRemote(result(asked.id, { tools: [hint('a', true)] }))
  await settled()
  assert.equal(line.taken('remote'), other)
  assert.deepEqual(line.toHost, [])
})

test('--read-only: what cannot be known is refused', async () => {
  const line = filtering({ isReadOnly: true })
  line.fromHost(request(1, 'tools/call', { name: 'a' }))
  const asked = JSON.parse(line.taken('remote')) as { id: string }
  line.fromRemote(`{"jsonrpc":"2.0","id":"${asked.id}","error":{"code":-32603,"message":"no"}}`)
  await settled()
  const { code, message } = errorOf(line.taken('host'))
  assert.equal(code, -32603)
  assert.match(
    message,
    /^mcp-ferry: it is not known whether .* \(--read-only\): the remote does not tell its tools \(no\); try again$/,
  )
  assert.deepEqual(line.toRemote, [])
})

test('--read-only: after list_changed nothing is known until the next list', async () => {
  const line = filtering({ isReadOnly: true })
  listed(line, 'tools/list', result('list', { tools: [hint('a', true)] }))
  line.fromRemote(notify('notifications/tools/list_changed'))
  line.taken('host')
  line.fromHost(request(1, 'tools/call', { name: 'a' }))
  const asked = JSON.parse(line.taken('remote')) as { id: string }
  line.fromRemote(result(asked.id, { tools: [hint('a', false)] }))
  await settled()
  assert.equal(errorOf(line.taken('host')).message, 'Unknown tool: a')
  assert.deepEqual(line.toRemote, [])
})
