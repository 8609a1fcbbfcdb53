// --schema-compat: what the host is told of the tools is what its models take, and the remote gets what it can use. users.md 35.
import assert from 'node:assert/strict'
import { check } from '../fixtures/schemas/checker.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { startEverything } from '../fixtures/servers/started-program.ts'
import {
  bridge,
  call,
  connected,
  discovered,
  freePort,
  modern,
  modernCall,
  request,
  resultOf,
  test,
} from './harness.ts'

interface Tool {
  readonly name: string
  readonly inputSchema: Readonly<Record<string, unknown>>
  readonly outputSchema?: unknown
}

const CHOICES = ['gemini', 'openai', 'strict'] as const
const SCHEMA =
  '{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"n":{"type":"integer","maximum":9007199254740993},"s":{"type":["string","null"]},"o":{"type":"object","properties":{"in":{"type":"string"}}},"l":{"type":"array","items":{"$ref":"#/properties/o"}}},"required":["n"],"additionalProperties":false}'
const OUTPUT = '{"$schema":"http://json-schema.org/draft-07/schema#","type":"object"}'
const tool = (name: string): string =>
  `{"name":"${name}","inputSchema":${SCHEMA},"outputSchema":${OUTPUT},"x":1.0}`
const PAGES: Readonly<Record<string, string>> = {
  '': `{"tools":[${tool('echo')}],"nextCursor":"2"}`,
  2: `{"tools":[${tool('other')},{"name":"fine","inputSchema":{"type":"object","properties":{}}}]}`,
}
const list = (x: Exchange): void => {
  const params = x.message.params as { readonly cursor?: string } | undefined
  x.result(PAGES[params?.cursor ?? '']!)
}

for (const choice of CHOICES)
  test(`${choice}: each page of the list has schemas that its models take`, async (t) => {
    const { host } = await connected(t, { on: { 'tools/list': list } }, ['--schema-compat', choice])
    host.send(request(1, 'tools/list', {}))
    host.send(request(2, 'tools/list', { cursor: '2' }))
    const pages = [await host.answer(1), await host.answer(2)]
    const tools = pages.flatMap((page) => resultOf(page).tools as Tool[])
    assert.deepEqual(
      tools.map(({ name }) => name),
      ['echo', 'other', 'fine'],
    )
    for (const { name, inputSchema } of tools) assert.deepEqual(check(inputSchema, choice), [], name)
    assert.match(pages[0]!.raw, /"maximum":9007199254740993[,}]/)
    assert.match(pages[0]!.raw, /"x":1\.0/)
    assert.ok(pages[0]!.raw.includes(`"outputSchema":${OUTPUT}`), 'the output is described as it was')
    await host.finish()
  })

test('without the option nothing is changed', async (t) => {
  const { host } = await connected(t, { on: { 'tools/list': list } })
  host.send(request(1, 'tools/list', {}))
  assert.ok((await host.answer(1)).raw.includes(`"inputSchema":${SCHEMA}`), 'as it came')
  await host.finish()
})

test('the variable is as good as the option', async (t) => {
  const { server, host: first } = await connected(t, { on: { 'tools/list': list } })
  await first.finish()
  const host = bridge(t, { url: server.url, env: { MCP_FERRY_SCHEMA_COMPAT: 'Gemini' } })
  await host.initialize()
  host.send(request(1, 'tools/list', {}))
  const [echo] = resultOf(await host.answer(1)).tools as Tool[]
  assert.deepEqual(check(echo!.inputSchema, 'gemini'), [])
  await host.finish()
})

/** What the remote gets of these arguments, as text. */
const SENT: readonly (readonly [what: string, args: string, got: string])[] = [
  ['a null that the server takes', '{"n":1,"s":null}', '{"n":1,"s":null}'],
  ['one that it does not', '{"n":1.0,"o":null, "l":null}', '{"n":1.0}'],
  [
    'one within',
    '{"n":1,"o":{"in":null},"l":[{"in":null},{"in":"x"}]}',
    '{"n":1,"o":{},"l":[{},{"in":"x"}]}',
  ],
  ['one that is required', '{"n":null}', '{"n":null}'],
  ['one that nobody knows', '{"n":1,"z":null}', '{"n":1,"z":null}'],
]

test('strict: a null that only stands for nothing does not reach the remote, not even before a list', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/list': list } }, ['--schema-compat', 'strict'])
  for (const [at, [what, args, got]] of SENT.entries()) {
    host.send(
      `{"jsonrpc":"2.0","id":"c${at}","method":"tools/call","params":{"name":"echo","arguments":${args}}}`,
    )
    await host.answer(`c${at}`)
    const { body } = await server.request(({ message }) => message.id === `c${at}`)
    assert.ok(body.toString().includes(`"arguments":${got}}`), `${what}: ${body}`)
  }
  await host.finish()
})

for (const choice of ['gemini', 'openai'] as const)
  test(`${choice}: calls pass as they are`, async (t) => {
    const { host, server } = await connected(t, { on: { 'tools/list': list } }, ['--schema-compat', choice])
    const sent = call('c', { n: null, o: null, l: [{ in: null }] })
    host.send(sent)
    await host.answer('c')
    const { body } = await server.request(({ message }) => message.id === 'c')
    assert.equal(body.toString(), sent)
    await host.finish()
  })

test('a modern remote and a modern host', async (t) => {
  const { host } = await discovered(t, { on: { 'tools/list': list } }, ['--schema-compat', 'strict'])
  host.send(modern(1, 'tools/list'))
  const [echo] = resultOf(await host.answer(1)).tools as Tool[]
  assert.deepEqual(check(echo!.inputSchema, 'strict'), [])
  host.send(modernCall(2, { n: 1, o: null }))
  const answer = await host.answer(2)
  assert.match(answer.raw, /"n":1/)
  assert.ok(!answer.raw.includes('"o":null'), answer.raw)
  await host.finish()
})

test('a name that models refuse is warned about once, with what to do', async (t) => {
  const odd = (x: Exchange): void =>
    x.result(
      '{"tools":[{"name":"odd","inputSchema":{"type":"object","properties":{"filter[id]":{"type":"string"}}}}]}',
    )
  const { host } = await connected(t, { on: { 'tools/list': odd } }, ['--schema-compat', 'gemini'])
  host.send(request(1, 'tools/list'))
  await host.answer(1)
  host.send(request(2, 'tools/list'))
  await host.answer(2)
  await host.finish({ stderr: 'some' })
  assert.equal(host.stderr.split('filter[id]').length, 2, host.stderr)
  assert.match(host.stderr, /hide the tool with --deny-tool odd/)
})

test('all tools of the reference server, for each family of models', async (t) => {
  const { url, close } = await startEverything(await freePort())
  t.after(close)
  for (const choice of CHOICES) {
    const host = bridge(t, { url, args: ['--schema-compat', choice] })
    await host.initialize()
    host.send(request(1, 'tools/list', {}))
    const tools = resultOf(await host.answer(1)).tools as Tool[]
    assert.ok(tools.length >= 10, `${tools.length} tools`)
    for (const { name, inputSchema } of tools) assert.deepEqual(check(inputSchema, choice), [], name)
    host.send(call(2, { a: 1, b: 2 }, 'get-sum'))
    assert.match((await host.answer(2)).raw, /\b3\b/)
    await host.finish()
  }
})
