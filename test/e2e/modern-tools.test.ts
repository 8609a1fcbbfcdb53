// Tools whose annotations no client may follow are taken out of tools/list, and not a byte else is changed.
// protocol.md C.6; T45.
import assert from 'node:assert/strict'
import { elements, members } from '../fixtures/hosts/raw-json.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { discovered, modern, test } from './harness.ts'

/** An annotated schema. */
const A = '{"type":"string","x-mcp-header":"Region"}'
const withProperty = (schema: string) => `{"type":"object","properties":{"p":${schema}}}`
const annotated = (value: string) => withProperty(`{"type":"string","x-mcp-header":${value}}`)

/** What is wrong → the input schema. */
const INVALID: Readonly<Record<string, string>> = {
  empty: annotated('""'),
  'no string': annotated('7'),
  null: annotated('null'),
  'a space in it': annotated('"My Region"'),
  'a colon': annotated('"Region:"'),
  'a line end': annotated('"Region\\r\\nX-Evil"'),
  'a control character': annotated('"a\\u0001"'),
  'other than ASCII': annotated('"Région"'),
  'written as an escape': annotated('"R\\u00e9gion"'),
  'the same twice': `{"type":"object","properties":{"a":${A},"b":${A}}}`,
  'the same in other letters': `{"type":"object","properties":{"a":${A},"b":{"type":"object","properties":{"c":{"type":"string","x-mcp-header":"rEGION"}}}}}`,
  'on a number': withProperty('{"type":"number","x-mcp-header":"N"}'),
  'on an object': withProperty('{"type":"object","x-mcp-header":"N"}'),
  'on an array': withProperty('{"type":"array","x-mcp-header":"N"}'),
  'without a type': withProperty('{"x-mcp-header":"N"}'),
  'on the root': `{"type":"object","x-mcp-header":"Root","properties":{}}`,
  'the key written with an escape': withProperty('{"type":"number","x-mcp-h\\u0065ader":"N"}'),
  'under items': withProperty(`{"type":"array","items":${A}}`),
  'under properties below items': withProperty(`{"type":"array","items":${withProperty(A)}}`),
  'under prefixItems': withProperty(`{"type":"array","prefixItems":[{"type":"string"},${A}]}`),
  'under contains': withProperty(`{"type":"array","contains":${A}}`),
  'under additionalProperties': `{"type":"object","additionalProperties":${A}}`,
  'under patternProperties': `{"type":"object","patternProperties":{"^x":${A}}}`,
  'under propertyNames': `{"type":"object","propertyNames":${A}}`,
  'under oneOf': withProperty(`{"oneOf":[${A},{"type":"integer"}]}`),
  'under anyOf': withProperty(`{"anyOf":[{"type":"integer"},${A}]}`),
  'under allOf': `{"type":"object","allOf":[${withProperty(A)}]}`,
  'under not': `{"type":"object","not":${withProperty(A)}}`,
  'under if': `{"type":"object","if":${withProperty(A)}}`,
  'under then': `{"type":"object","then":${withProperty(A)}}`,
  'under else': `{"type":"object","else":${withProperty(A)}}`,
  'under $defs': `{"type":"object","$defs":{"r":${A}},"properties":{"p":{"$ref":"#/$defs/r"}}}`,
  'under definitions': `{"type":"object","definitions":{"r":${A}}}`,
  'under dependentSchemas': `{"type":"object","dependentSchemas":{"p":${withProperty(A)}}}`,
}

const VALID: Readonly<Record<string, string>> = {
  'all three types': `{"type":"object","properties":{"a":${A},"b":{"type":"integer","x-mcp-header":"B"},"c":{"x-mcp-header":"C","type":"boolean"}}}`,
  'every character of a token': annotated('"!#$%&\'*+-.^_`|~09azAZ"'),
  'nested properties': withProperty(withProperty(withProperty(A))),
  'properties named like keywords': `{"type":"object","properties":{"items":${A},"properties":{"type":"object","properties":{"oneOf":{"type":"string","x-mcp-header":"One"}}}}}`,
  'a property named like the annotation': `{"type":"object","properties":{"x-mcp-header":{"type":"string"}}}`,
  'no annotation, odd numbers': `{"type":"object","properties":{"n":{"type":"number","maximum":1e400,"default":1.0}},"x":9007199254740993}`,
  'a reference to elsewhere': withProperty('{"$ref":"https://schemas.invalid/never.json"}'),
}

/** A tool, spaced as nobody would. */
const tool = (name: string, schema: string) =>
  `{ "inputSchema" : ${schema} ,"unknown":1.0, "name":${JSON.stringify(name)} }`
const FIRST = tool('first', '{"type":"object"}')
const LAST = tool('last', annotated('"Fine"'))

function answer(x: Exchange, tools: readonly string[]): string {
  return `{"result" : {"ttlMs":1e3,"tools":[ ${tools.join(' ,\t')} ] ,"nextCursor":"n","big":12345678901234567890,"resultType":"complete"}, "id":${x.rawId},"jsonrpc":"2.0"}`
}

/** The raw tools of an answer, and all the other members of its result. */
function taken(raw: string): { readonly tools: string[]; readonly rest: Map<string, string> } {
  const rest = members(members(raw).get('result') ?? '')
  const tools = elements(rest.get('tools') ?? '')
  rest.delete('tools')
  return { tools, rest }
}

/** Long enough to come in many pieces. */
const LONG = tool('long', `{"type":"object","description":"${'long '.repeat(100_000)}"}`)

for (const how of ['JSON', 'SSE', 'long JSON', 'long SSE'])
  test(`T45 a tool with an invalid annotation is missing from the list, all else is as it came, by ${how}`, async (t) => {
    const kinds = Object.keys(INVALID)
    const sent = new Map<string, string>()
    const { host } = await discovered(t, {
      on: {
        'tools/list': (x) => {
          const kind = String(x.message.params?.cursor)
          const first = how.startsWith('long') ? LONG : FIRST
          const text = answer(x, [first, tool(`[${kind}]`, INVALID[kind] ?? ''), LAST])
          sent.set(kind, text)
          if (how.endsWith('JSON')) return x.reply(200, text)
          const stream = x.sse()
          stream.message(text)
          stream.end()
        },
      },
    })
    for (const kind of kinds) {
      host.send(modern(kind, 'tools/list', { cursor: kind }))
      const { raw } = await host.answer(kind)
      const { tools, rest } = taken(raw)
      assert.deepEqual(tools, [how.startsWith('long') ? LONG : FIRST, LAST], kind)
      assert.deepEqual(rest, taken(sent.get(kind) ?? '').rest, kind)
    }
    await host.finish({ stderr: 'some' })
    const warnings = host.stderr.split('\n')
    for (const kind of kinds)
      assert.ok(
        warnings.some((warning) => warning.includes(`[${kind}]`)),
        `no warning names the tool ${kind}`,
      )
  })

test('T45 the invalid one may be first, last, several or all: what is left is a list', async (t) => {
  const bad = (name: string) => tool(name, INVALID['on a number'] ?? '')
  const lists: Readonly<Record<string, readonly string[]>> = {
    first: [bad('a'), FIRST, LAST],
    last: [FIRST, LAST, bad('z')],
    'two beside each other': [FIRST, bad('b'), bad('c'), LAST],
    'two apart': [bad('a'), FIRST, bad('c'), LAST, bad('z')],
    'the only one': [bad('a')],
    all: [bad('a'), bad('b'), bad('c')],
  }
  const { host } = await discovered(t, {
    on: { 'tools/list': (x) => x.reply(200, answer(x, lists[String(x.message.params?.cursor)] ?? [])) },
  })
  for (const [where, tools] of Object.entries(lists)) {
    host.send(modern(where, 'tools/list', { cursor: where }))
    const { raw } = await host.answer(where)
    const good = tools.filter((text) => text === FIRST || text === LAST)
    assert.deepEqual(taken(raw).tools, good, where)
  }
  await host.finish({ stderr: 'some' })
})

test('T45 a list without an invalid annotation passes byte for byte, without a word', async (t) => {
  const tools = Object.entries(VALID).map(([name, schema]) => tool(name, schema))
  const { host, server } = await discovered(t, {
    on: { 'tools/list': (x) => x.reply(200, answer(x, tools)) },
  })
  host.send(modern(1, 'tools/list'))
  const { raw } = await host.answer(1)
  assert.equal(raw, answer(server.sent('tools/list')[0] as Exchange, tools))
  await host.finish()
})

test('T45 what only looks like a list of tools is not touched: another method, an error, tools that are no array', async (t) => {
  const bad = tool('bad', INVALID['on a number'] ?? '')
  const { host, server } = await discovered(t, {
    on: {
      'tools/call': (x) => x.reply(200, answer(x, [bad])),
      'tools/list': (x) =>
        x.message.params?.cursor === 'error'
          ? x.error(-32602, 'no such cursor', { tools: [1] }, 400)
          : x.result('{"resultType":"complete","tools":{"x-mcp-header":[""]}}'),
    },
  })
  host.send(modern(1, 'tools/call', { name: 'x' }))
  assert.equal((await host.answer(1)).raw, answer(server.sent('tools/call')[0] as Exchange, [bad]))
  host.send(modern(2, 'tools/list', { cursor: 'error' }))
  assert.deepEqual((await host.answer(2)).value.error, {
    code: -32602,
    message: 'no such cursor',
    data: { tools: [1] },
  })
  host.send(modern(3, 'tools/list'))
  const odd = '{"jsonrpc":"2.0","id":3,"result":{"resultType":"complete","tools":{"x-mcp-header":[""]}}}'
  assert.equal((await host.answer(3)).raw, odd)
  await host.finish({ stderr: 'any' })
})
