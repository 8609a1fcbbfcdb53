// --describe: what the host reads of a tool is what the user has written; the remote notices nothing. users.md 18, 34.
import assert from 'node:assert/strict'
import type { McpOptions } from '../fixtures/servers/mcp-server.ts'
import { bridge, call, connected, discovered, modern, request, resultOf, serve, test } from './harness.ts'

const TOOL = (name: string, rest: string) =>
  `{"name":"${name}", ${rest}"inputSchema":{"type":"object","properties":{"description":{"default":1.0}}}}`
const PAGES: NonNullable<McpOptions['on']> = {
  'tools/list': (x) =>
    x.message.params?.cursor === undefined
      ? x.result(`{"tools":[${TOOL('a', '"description":"old", ')},${TOOL('b', '')}],"nextCursor":"2"}`)
      : x.result(`{"tools":[${TOOL('c', '"description":"old", ')},${TOOL('d', '"description":"old", ')}]}`),
}

test('a description is replaced, added or taken away, and nothing else is touched', async (t) => {
  const args = ['--describe', 'a=says "hé" = 1\nand more', '--describe=b=new', '--describe', 'c=']
  const { host } = await connected(t, { on: PAGES }, args)
  host.send(request(1, 'tools/list'))
  host.send(request(2, 'tools/list', { cursor: '2' }))
  const first = await host.answer(1)
  const a = TOOL('a', '"description":"says \\"hé\\" = 1\\nand more", ')
  const b = TOOL('b', '').replace(/\}$/, ',"description":"new"}')
  assert.ok(first.raw.includes(`"tools":[${a},${b}]`), first.raw)
  const second = await host.answer(2)
  assert.ok(
    second.raw.includes(`"tools":[${TOOL('c', '')},${TOOL('d', '"description":"old", ')}]`),
    second.raw,
  )
  host.send(call(3, {}, 'a'))
  resultOf(await host.answer(3))
  await host.finish()
})

test('in the variable one per line; what looks like a line end in it stays; variables are filled in', async (t) => {
  const server = await serve(t, { on: PAGES })
  const env = { MCP_FERRY_DESCRIBE: 'a=in C:\\new, ${WHERE}\nb=second\n', WHERE: 'here' }
  const host = bridge(t, { url: server.url, env })
  await host.initialize()
  host.send(request(1, 'tools/list'))
  const { tools } = resultOf(await host.answer(1)) as { tools?: readonly { description?: string }[] }
  assert.deepEqual(
    tools?.map(({ description }) => description),
    ['in C:\\new, here', 'second'],
  )
  await host.finish()
})

test('the remote’s own name counts, and the name of a tool that is not there is told', async (t) => {
  const args = [
    '--tool-prefix',
    'p_',
    '--describe',
    'a=new',
    '--describe',
    'p_b=x',
    '--describe',
    'weather=y',
  ]
  const { host } = await connected(t, { on: PAGES }, args)
  host.send(request(1, 'tools/list'))
  assert.match((await host.answer(1)).raw, /"name":"p_a", "description":"new", .*"name":"p_b", "inputSchema"/)
  host.send(request(2, 'tools/list', { cursor: '2' }))
  await host.answer(2)
  await host.finish({ stderr: 'some' })
  const lines = [
    'mcp-ferry: the remote has no tool "p_b", which --describe describes',
    'mcp-ferry: the remote has no tool "weather", which --describe describes',
    '',
  ]
  assert.equal(host.stderr, lines.join('\n'))
})

test('the modern era: the same', async (t) => {
  const { host } = await discovered(t, {}, ['--describe', 'echo=new'])
  host.send(modern(1, 'tools/list'))
  const { tools } = resultOf(await host.answer(1)) as { tools?: readonly { description?: string }[] }
  assert.equal(tools?.[0]?.description, 'new')
  await host.finish()
})
