// --set: an argument that every call has and that the host does not see. It is in the call whatever the host says, or there is no
// call. users.md 18, 34.
import assert from 'node:assert/strict'
import type { Host } from '../fixtures/hosts/raw-host.ts'
import type { McpOptions } from '../fixtures/servers/mcp-server.ts'
import { param } from '../fixtures/servers/modern-server.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import {
  bridge,
  call,
  connected,
  discovered,
  errorOf,
  modern,
  modernCall,
  notify,
  ownError,
  request,
  resultOf,
  serve,
  test,
} from './harness.ts'

/** The list, with this tool or these. */
function listing(...tools: readonly string[]): NonNullable<McpOptions['on']> {
  return { 'tools/list': (x) => x.result(`{"tools":[${tools.join(',')}]}`) }
}

function tool(name: string, properties: string, rest = ''): string {
  return `{"name":"${name}","inputSchema":{"type":"object","properties":{${properties}}${rest}}}`
}

/** The arguments that the remote got, as they stand there. */
function got(sent: readonly Exchange[]): string[] {
  return sent.map((x) => param(x, 'arguments'))
}

async function listed(host: Host, id = 1): Promise<string> {
  host.send(request(id, 'tools/list'))
  const line = await host.answer(id)
  resultOf(line)
  return line.raw
}

const SEARCH = tool(
  'search',
  '"q": {"type":"string","default":1.0}, "limit":{"type":"integer"}, "repo":{"type":"string"}',
  ',"required":["q","limit", "repo"],"dependentRequired":{"q":["limit"]},"additionalProperties":false',
)

test('it is out of the schema and in each call, and what the host says of it does not count', async (t) => {
  const args = ['--set', 'search.limit=9007199254740993', '--set', 'search.repo=a=b']
  const { host, server } = await connected(t, { on: listing(SEARCH) }, args)
  const raw = await listed(host)
  const rest =
    '"properties":{"q": {"type":"string","default":1.0}},"required":["q"],"dependentRequired":{"q":["limit"]},"additionalProperties":false'
  assert.ok(raw.includes(rest), raw)
  const calls = [
    '{"name":"search","arguments":{"q":1e400, "x": 0}}',
    '{"name":"search","arguments":{"repo":"mine","q":1.0,"limit":7,"\\u006cimit":8}}',
    '{"name":"search"}',
    '{"name":"search","arguments":{"limit":1}}',
  ]
  for (const [at, params] of calls.entries())
    host.send(`{"jsonrpc":"2.0","id":"${at}","method":"tools/call","params":${params}}`)
  for (const [at] of calls.entries()) resultOf(await host.answer(`${at}`))
  host.send(call(9, { q: 1 }, 'other'))
  resultOf(await host.answer(9))
  await host.finish()
  const set = '"limit":9007199254740993,"repo":"a=b"'
  const expected = [`{"q":1e400, "x": 0,${set}}`, `{"q":1.0,${set}}`, `{${set}}`, `{${set}}`, '{"q":1}']
  assert.deepEqual(got(server.sent('tools/call')).sort(), expected.sort())
})

test('what other arguments refer to stays as a definition, as zod writes what it uses twice', async (t) => {
  const other = '"b":{"$ref":"#/properties/a~1b"},"c":{"items":{"$ref":"#/properties/a~1b/items"}}'
  const reuse = tool('reuse', `"a/b":{"items":{"minimum":1.0}},"d":{},${other}`, ',"required":["a/b"]')
  const args = ['--set', 'reuse.a/b=1', '--set', 'reuse.d=1']
  const { host } = await connected(t, { on: listing(reuse) }, args)
  const raw = await listed(host)
  const kept = other.replaceAll('#/properties/', '#/$defs/')
  const schema = `{"type":"object","properties":{${kept}},"$defs":{"a/b":{"items":{"minimum":1.0}},"d":{}}}`
  assert.ok(raw.includes(`"inputSchema":${schema}}`), raw)
  await host.finish()
})

test('what other arguments refer to stands beside the definitions that there are, and takes the place of none', async (t) => {
  const properties = '"a":{},"b":{"$ref":"#/properties/a"},"c":{"$ref":"#/$defs/x"}'
  const spaced = tool('spaced', properties, ',"$defs" : {"x":{}}')
  const taken = tool('taken', properties, ',"$defs":{"a":{},"x":{}}')
  const args = ['--set', 'spaced.a=1', '--set', 'taken.a=1']
  const { host } = await connected(t, { on: listing(spaced, taken) }, args)
  const raw = await listed(host)
  const rest = ',"c":{"$ref":"#/$defs/x"}}'
  assert.ok(raw.includes(`{"b":{"$ref":"#/$defs/a"}${rest},"$defs" : {"x":{},"a":{}}}`), raw)
  const second = `{"b":{"$ref":"#/definitions/a"}${rest},"$defs":{"a":{},"x":{}},"definitions":{"a":{}}}`
  assert.ok(raw.includes(second), raw)
  await host.finish()
})

test('a call before any list waits for the schema, which says what is text and what is a number', async (t) => {
  const properties = [
    '"s":{"type":"string"},"n":{"type":"number"},"b":{"type":"boolean"},"a":{"type":"array"},"o":{"type":"object"}',
    '"u":{"anyOf":[{"type":"string"},{"type":"null"}]},"v":{"type":["integer","null"]},"r":{"$ref":"#/$defs/R"}',
    '"e":{"enum":["1","2"]},"any":{},"word":{"description":"whatever"}',
  ]
  const on = listing(tool('t', properties.join(','), ',"$defs":{"R":{"type":"string"}}'))
  const pairs = {
    s: ['12', '"12"'],
    n: ['1.50', '1.50'],
    b: ['true', 'true'],
    a: ['[1, 2.0]', '[1, 2.0]'],
    o: ['{"x":1e400}', '{"x":1e400}'],
    u: ['5', '"5"'],
    v: ['null', 'null'],
    r: ['true', '"true"'],
    e: ['1', '"1"'],
    any: ['[]', '[]'],
    word: ['a word', '"a word"'],
  }
  const server = await serve(t, { on })
  const lines = Object.entries(pairs).map(([name, [text]]) => `t.${name}=${text}`)
  const host = bridge(t, { url: server.url, env: { MCP_FERRY_SET: lines.join('\n') } })
  await host.initialize()
  host.send(call(1, {}, 't'))
  resultOf(await host.answer(1))
  await host.finish()
  const expected = Object.entries(pairs).map(([name, [, json]]) => `"${name}":${json}`)
  assert.deepEqual(got(server.sent('tools/call')), [`{${expected.join(',')}}`])
})

test('a variable’s text is filled in, not looked into, and told nowhere', async (t) => {
  const server = await serve(t, {
    on: listing(tool('login', '"token":{"type":"string"},"n":{"type":"number"}')),
  })
  const env = {
    TOKEN: 's3cr3t=${X}.y',
    MCP_FERRY_SET: 'login.token=${TOKEN}\nlogin.n=${NUMBER}',
    NUMBER: 's3cr3t-number',
  }
  const host = bridge(t, { url: server.url, env, args: ['--log-level', 'trace'] })
  await host.initialize()
  await listed(host)
  host.send(call(2, { token: 'mine' }, 'login'))
  resultOf(await host.answer(2))
  await host.finish({ stderr: 'some' })
  assert.deepEqual(got(server.sent('tools/call')), ['{"token":"s3cr3t=${X}.y","n":"s3cr3t-number"}'])
  assert.match(host.stderr, /--set gives "n" of the tool "login" a value that is no number/)
  assert.match(host.stderr, /the host has set an argument that --set sets/)
  assert.doesNotMatch(host.stderr, /s3cr3t/)
})

test('names with dots: the longest tool that the remote has', async (t) => {
  const on = listing(
    tool('a', '"b.c":{"type":"string"}'),
    tool('x.y', '"z":{"type":"string"}'),
    tool('x', '"y.z":{}'),
  )
  const { host, server } = await connected(t, { on }, ['--set', 'a.b.c=1', '--set', 'x.y.z=2'])
  const raw = await listed(host)
  assert.ok(raw.includes(`${tool('a', '')},${tool('x.y', '')},${tool('x', '"y.z":{}')}`), raw)
  for (const name of ['a', 'x.y', 'x', 'a.b']) {
    host.send(call(name, {}, name))
    resultOf(await host.answer(name))
  }
  await host.finish()
  assert.deepEqual(got(server.sent('tools/call')), ['{"b.c":"1"}', '{"z":"2"}', '{}', '{}'])
})

test('a call that cannot have it does not happen', async (t) => {
  const { host, server } = await connected(t, { on: listing(SEARCH) }, ['--set', 'search.limit=7'])
  const calls = [
    '{"name":"search","arguments":[1]}',
    '{"name":"search","arguments":null}',
    '{"name":"search","arguments":"x"}',
    '{"name":"search","arguments":{},"arguments":{"limit":8}}',
    '{"name":"search","arguments":{},"Arguments":{"limit":8}}',
    '{"name":"search","name":"other","arguments":{}}',
    '{"name":["search"],"arguments":{}}',
    '{"name":"search"},"params":{"name":"other"}',
  ]
  for (const [at, params] of calls.entries()) {
    host.send(`{"jsonrpc":"2.0","id":"${at}","method":"tools/call","params":${params}}`)
    assert.match(errorOf(await host.answer(`${at}`), -32602).message, /^mcp-ferry: /)
  }
  host.send(notify('tools/call', { name: 'search', arguments: {} }))
  host.send(call('last', {}, 'search'))
  resultOf(await host.answer('last'))
  await host.finish()
  assert.deepEqual(got(server.sent('tools/call')), ['{"limit":7}'])
})

test('an argument that the tool does not have: set where it takes others, refused where it does not or another is meant', async (t) => {
  const on = listing(
    tool('lax', '"dryRun":{"type":"boolean"}'),
    tool('strict', '"q":{}', ',"additionalProperties":false'),
    tool('typo', '"dryRun":{"type":"boolean"}'),
  )
  const args = ['lax.hidden=1', 'strict.other=1', 'typo.dryrun=true', 'sarch.q=1'].flatMap((text) => [
    '--set',
    text,
  ])
  const { host, server } = await connected(t, { on }, args)
  host.send(call(1, {}, 'lax'))
  resultOf(await host.answer(1))
  host.send(call(2, {}, 'strict'))
  assert.equal(ownError(await host.answer(2), 'usage').code, 'set-argument')
  host.send(call(3, {}, 'typo'))
  const refused = await host.answer(3)
  ownError(refused, 'usage')
  assert.equal(
    refused.value.error?.message,
    'mcp-ferry: the tool "typo" has no argument "dryrun", which --set sets; did you mean "dryRun"?',
  )
  await host.finish({ stderr: 'some' })
  assert.deepEqual(got(server.sent('tools/call')), ['{"hidden":1}'])
  for (const sentence of [
    'the tool "lax" has no argument "hidden", which --set sets',
    'the tool "strict" has no argument "other", which --set sets',
    'the remote has no tool "sarch", of which --set sets "q"',
  ])
    assert.ok(host.stderr.includes(`mcp-ferry: ${sentence}\n`), `${sentence} is told: ${host.stderr}`)
})

test('a remote that does not tell its tools: it is in the call all the same, as JSON if it is that', async (t) => {
  const on = { 'tools/list': (x: Exchange) => x.error(-32603, 'not today') }
  const { host, server } = await connected(t, { on }, [
    '--set',
    'echo.n=7',
    '--set',
    'echo.s=seven',
    '--set',
    'a.b.c=1',
  ])
  host.send(call(1))
  resultOf(await host.answer(1))
  for (const name of ['a', 'a.b']) {
    host.send(call(name, {}, name))
    resultOf(await host.answer(name))
  }
  await host.finish({ stderr: 'any' })
  assert.deepEqual(got(server.sent('tools/call')), ['{"n":7,"s":"seven"}', '{"b.c":1}', '{"c":1}'])
})

test('the list changes, and with it the type', async (t) => {
  let type = 'string'
  const on = { 'tools/list': (x: Exchange) => x.result(`{"tools":[${tool('t', `"n":{"type":"${type}"}`)}]}`) }
  const { host, server } = await connected(t, { on, getStream: true }, ['--set', 't.n=5'])
  host.send(call(1, {}, 't'))
  resultOf(await host.answer(1))
  type = 'integer'
  await server.request(({ method }) => method === 'GET')
  server.push({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
  await host.notification('notifications/tools/list_changed')
  host.send(call(2, {}, 't'))
  resultOf(await host.answer(2))
  await host.finish()
  assert.deepEqual(got(server.sent('tools/call')), ['{"n":"5"}', '{"n":5}'])
})

test('a call that waits for the schema and is cancelled is not sent', async (t) => {
  const on = { 'tools/list': (x: Exchange) => x.hang() }
  const { host, server } = await connected(t, { on }, ['--set', 'echo.n=7'])
  host.send(call('cancelled', { first: true }))
  const asked = await server.request(({ message }) => message.method === 'tools/list')
  host.send(notify('notifications/cancelled', { requestId: 'cancelled' }))
  host.send(call(2))
  host.send(call(3, {}, 'free'))
  resultOf(await host.answer(3))
  asked.result('{"tools":[{"name":"echo","inputSchema":{"type":"object","properties":{"n":{}}}}]}')
  // They go in their order: the first would have gone before.
  resultOf(await host.answer(2))
  await host.finish({ unanswered: 'any' })
  assert.deepEqual(got(server.sent('tools/call')), ['{}', '{"n":7}'])
  assert.equal(server.sent('notifications/cancelled').length, 0)
})

test('the modern era: an argument that goes into a header gets there, by another name of the tool too', async (t) => {
  const schema =
    '{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"q":{"type":"string"}},"required":["region"]}'
  const tools = `{"resultType":"complete","tools":[{"name":"query","inputSchema":${schema}}],"ttlMs":0,"cacheScope":"private"}`
  const args = ['--set', 'query.region=us west', '--rename', 'query=ask']
  const { host, server } = await discovered(t, { on: { 'tools/list': (x) => x.result(tools) } }, args)
  host.send(modernCall(1, { q: 'x', region: 'mine' }, 'ask'))
  assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { q: 'x', region: 'us west' })
  host.send(modern(2, 'tools/list'))
  const line = await host.answer(2)
  assert.ok(
    line.raw.includes('"inputSchema":{"type":"object","properties":{"q":{"type":"string"}}}'),
    line.raw,
  )
  await host.finish()
  const [sent] = server.sent('tools/call')
  assert.equal(sent?.header('mcp-param-region'), 'us west')
  assert.equal(sent?.header('mcp-name'), 'query')
})
