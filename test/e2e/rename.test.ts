// Other names for the host: --tool-prefix, --rename, --max-tool-name and the same for prompts, in both directions and both eras.
// A name that the host was never told leads nowhere. users.md 18, 34.
import assert from 'node:assert/strict'
import type { Host, Line } from '../fixtures/hosts/raw-host.ts'
import type { McpOptions } from '../fixtures/servers/mcp-server.ts'
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

const LONG = `search-all-the-repositories-of-the-organization-${'x'.repeat(40)}`

interface Tool {
  readonly name: string
}

/** Pages of tools, each as JSON text: what is not the name stays as it is. */
function paged(...pages: readonly (readonly string[])[]): NonNullable<McpOptions['on']> {
  return {
    'tools/list': (x) => {
      const at = Number(x.message.params?.cursor ?? 0)
      const next = at + 1 < pages.length ? `,"nextCursor":"${at + 1}"` : ''
      x.result(`{"tools":[${(pages[at] ?? []).map(toolText).join(',')}]${next}}`)
    },
  }
}

function toolText(name: string): string {
  return `{"title": "${name}", "name": ${JSON.stringify(name)}, "inputSchema": {"type":"object","default":{"name":"${name}","n":9007199254740993}}}`
}

async function namesOf(host: Host, id: unknown, params?: unknown): Promise<string[]> {
  host.send(request(id, 'tools/list', params))
  const { tools } = resultOf(await host.answer(id as string)) as { tools?: readonly Tool[] }
  return (tools ?? []).map(({ name }) => name)
}

function assertUnknown(line: Line, name: string, what = 'tool'): void {
  assert.equal(errorOf(line, -32602).message, `Unknown ${what}: ${name}`)
}

/** The names of the tools that the remote was asked to call. */
function called(sent: readonly Exchange[]): unknown[] {
  return sent.map(({ message }) => message.params?.name)
}

test('a prefix and new names: the host sees them, the remote sees its own, and all else stays as it is', async (t) => {
  const args = ['--tool-prefix', 'gh_', '--rename', 'search=find']
  const { host, server } = await connected(t, { on: paged(['echo', 'search']) }, args)
  host.send(request(1, 'tools/list'))
  const { raw } = await host.answer(1)
  const expected = [
    ['echo', 'gh_echo'],
    ['search', 'find'],
  ].map(([old = '', shown = '']) => toolText(old).replace(`"name": "${old}"`, `"name": "${shown}"`))
  assert.ok(raw.includes(`"tools":[${expected.join(',')}]`), raw)
  host.send(call(2, { name: 'search' }, 'gh_echo'))
  assert.deepEqual(resultOf(await host.answer(2)).structuredContent, { name: 'search' })
  host.send(call(3, {}, 'find'))
  resultOf(await host.answer(3))
  for (const name of ['echo', 'search', 'gh_search', 'GH_echo', '']) {
    host.send(call(name === '' ? 'none' : name, {}, name))
    assertUnknown(await host.answer(name === '' ? 'none' : name), name)
  }
  await host.finish()
  assert.deepEqual(called(server.sent('tools/call')), ['echo', 'search'])
})

test('the variables say the same, one rename per line or with commas', async (t) => {
  const server = await serve(t, { on: paged(['one', 'two', 'three', 'four']) })
  const env = {
    MCP_FERRY_TOOL_PREFIX: 'p.',
    MCP_FERRY_RENAME: 'one=eins\n two = zwei,three=drei\n',
  }
  const host = bridge(t, { url: server.url, env })
  await host.initialize()
  assert.deepEqual(await namesOf(host, 1), ['eins', 'zwei', 'drei', 'p.four'])
  await host.finish()
})

test('long names are shortened: the same after a restart, from any page, and for a call before any list', async (t) => {
  const names = [LONG, `${LONG}y`, 'short']
  const args = ['--max-tool-name', '40', '--tool-prefix', 'gh_']
  const server = await serve(t, { on: paged([LONG, 'short'], [`${LONG}y`]) })
  const first = bridge(t, { url: server.url, args })
  await first.initialize()
  const page1 = await namesOf(first, 1)
  const [page2 = ''] = await namesOf(first, 2, { cursor: '1' })
  await first.finish()
  const [long = '', short] = page1
  assert.equal(short, 'gh_short')
  for (const name of [long, page2])
    assert.match(name, /^gh_search-all-the-repositories-_?[\w-]*_[0-9a-f]{6}$/)
  assert.equal(long.length, 40)
  assert.notEqual(long, page2)

  const second = bridge(t, { url: server.url, args })
  await second.initialize()
  second.send(call(1, {}, page2))
  second.send(call(2, {}, long))
  second.send(call(3, {}, 'gh_short'))
  for (const id of [1, 2, 3]) resultOf(await second.answer(id))
  assert.deepEqual(new Set(called(server.sent('tools/call'))), new Set(names))
  second.send(call(4, {}, `gh_${LONG}`))
  assertUnknown(await second.answer(4), `gh_${LONG}`)
  // Nothing of that name is listed, but by the rule it is no short name: the remote knows what it does with it.
  second.send(call(5, {}, 'gh_search-all_123456'))
  resultOf(await second.answer(5))
  await second.finish()
})

test('a call that waits for the names may be cancelled, and the remote hears nothing of it', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/list': (x) => x.hang() } }, [
    '--max-tool-name',
    '20',
  ])
  const long = 'abcdefghijklmnopqrstuvwxyz'
  const short = 'abcdefghijklm_d79ca8'
  host.send(call('cancelled', {}, short))
  const asked = await server.request(({ message }) => message.method === 'tools/list')
  host.send(notify('notifications/cancelled', { requestId: 'cancelled' }))
  host.send(call(2, {}, short))
  host.send(call(3, {}, 'echo'))
  resultOf(await host.answer(3))
  asked.result(`{"tools":[{"name":"${long}","inputSchema":{"type":"object"}}]}`)
  // They go in their order: the first would have gone before.
  resultOf(await host.answer(2))
  await host.finish({ unanswered: 'any' })
  assert.equal(server.sent('notifications/cancelled').length, 0)
  assert.deepEqual(called(server.sent('tools/call')), ['echo', long])
})

test('a remote that does not tell its tools: what may be a short name leads nowhere', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/list': (x) => x.error(-32603, 'not today') } }, [
    '--max-tool-name',
    '20',
  ])
  host.send(call(1, {}, 'abcdefghijklm_123456'))
  const refused = await host.answer(1)
  assert.equal(ownError(refused, 'protocol').retryable, true)
  assert.match(refused.raw, /it is not known which tool this name stands for: .*\(not today\); try again/)
  host.send(call(2, {}, 'echo'))
  resultOf(await host.answer(2))
  await host.finish({ stderr: 'some' })
  assert.deepEqual(called(server.sent('tools/call')), ['echo'])
})

test('a remote that says itself that it has no such tool: the host is told by the name that it knows', async (t) => {
  const { host } = await connected(
    t,
    { on: { 'tools/call': (x) => x.error(-32602, `Unknown tool: ${x.message.params?.name}`) } },
    ['--tool-prefix', 'p_'],
  )
  for (const name of ['p_gone', 'p_p_gone', 'p_']) {
    host.send(call(name, {}, name))
    assertUnknown(await host.answer(name), name)
  }
  await host.finish()
})

test('the list changes: the names of new tools are known at once', async (t) => {
  let names = [LONG]
  const on = { 'tools/list': (x: Exchange) => paged(names)['tools/list']!(x) }
  const { host, server } = await connected(t, { on, getStream: true }, ['--max-tool-name', '40'])
  const [first = ''] = await namesOf(host, 1)
  names = [`${LONG}-new`]
  await server.request(({ method }) => method === 'GET')
  server.push({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
  await host.notification('notifications/tools/list_changed')
  host.send(call(2, {}, first))
  assertUnknown(await host.answer(2), first)
  const [second = ''] = await namesOf(host, 3)
  assert.notEqual(first, second)
  host.send(call(4, {}, second))
  resultOf(await host.answer(4))
  await host.finish()
  assert.deepEqual(called(server.sent('tools/call')), [`${LONG}-new`])
})

test('a rename to a name that another has: it keeps it, the other gets digits, and that is told', async (t) => {
  const { host, server } = await connected(t, { on: paged(['a', 'b']) }, ['--rename', 'a=b'])
  const names = await namesOf(host, 1)
  assert.equal(names[0], 'b')
  assert.match(names[1] ?? '', /^b_[0-9a-f]{6}$/)
  host.send(call(2, {}, 'b'))
  resultOf(await host.answer(2))
  host.send(call(3, {}, names[1]))
  resultOf(await host.answer(3))
  host.send(call(4, {}, 'a'))
  assertUnknown(await host.answer(4), 'a')
  await host.finish({ stderr: 'some' })
  assert.match(
    host.stderr,
    /^mcp-ferry: the remote's own tool "b" is shown as "b_[0-9a-f]{6}", since --rename gives its name to another\n$/,
  )
  assert.deepEqual(called(server.sent('tools/call')), ['a', 'b'])
})

test('a made name that the remote has already, on another page: both lead to their own', async (t) => {
  const on = paged(['old', 'echo_f3ce7f'], ['echo'])
  const { host, server } = await connected(t, { on }, ['--rename', 'old=echo'])
  assert.deepEqual(await namesOf(host, 1), ['echo', 'echo_f3ce7f'])
  const [made = ''] = await namesOf(host, 2, { cursor: '1' })
  assert.match(made, /^echo_f3ce7f[0-9a-f]{6}$/)
  for (const name of ['echo', 'echo_f3ce7f', made]) {
    host.send(call(name, {}, name))
    resultOf(await host.answer(name))
  }
  await host.finish({ stderr: 'some' })
  assert.deepEqual(called(server.sent('tools/call')), ['old', 'echo_f3ce7f', 'echo'])
})

test('a rename of a tool that is not there is told once, with the nearest name', async (t) => {
  const args = ['--rename', 'serach=find']
  const on = paged(['search', 'x'], ['y'])
  const { host: hasHalf } = await connected(t, { on }, args)
  await namesOf(hasHalf, 1)
  // Not before the list is whole.
  await hasHalf.finish({ stderr: 'empty' })
  const { host } = await connected(t, { on }, args)
  await namesOf(host, 1)
  await namesOf(host, 2, { cursor: '1' })
  await namesOf(host, 3)
  await namesOf(host, 4, { cursor: '1' })
  await host.finish({ stderr: 'some' })
  assert.equal(
    host.stderr,
    'mcp-ferry: the remote has no tool "serach", which --rename renames; did you mean "search"?\n',
  )
})

test('a name that is said twice leads nowhere: the remote might take the other one', async (t) => {
  const { host, server } = await connected(t, {}, ['--tool-prefix', 'p_'])
  const lines = [
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","name":"p_echo"}}',
    '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"Name":"echo","name":"p_echo"}}',
    '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"echo"},"params":{"name":"p_echo"}}',
  ]
  for (const line of lines) host.send(line)
  for (const [at] of lines.entries())
    assert.match(
      errorOf(await host.answer(at + 1), -32602).message,
      /^mcp-ferry: tools\/call says (name|params) twice$/,
    )
  const nameless = [{}, { name: 7 }, { name: ['echo'] }, undefined]
  for (const [at, params] of nameless.entries()) {
    host.send(request(`nameless ${at}`, 'tools/call', params))
    assert.equal(errorOf(await host.answer(`nameless ${at}`), -32602).message, 'Unknown tool')
  }
  host.send(notify('tools/call', { name: 'echo' }))
  host.send('{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"\\u006eame":"\\u0070_echo"}}')
  resultOf(await host.answer(4))
  await host.finish()
  assert.deepEqual(called(server.sent('tools/call')), ['echo'])
})

test('prompts have other names as well: in the list, when they are got, and for completions', async (t) => {
  const on: NonNullable<McpOptions['on']> = {
    'prompts/list': (x) =>
      x.result('{"prompts":[{"name":"review","title":"review"},{"name":"plan"},{"name":"draft"}]}'),
    'prompts/get': (x) => x.result('{"messages":[]}'),
    'completion/complete': (x) => x.result('{"completion":{"values":[]}}'),
  }
  const args = ['--prompt-prefix', 'p-', '--rename-prompt', 'plan=p-draft', '--rename-prompt', 'paln=x']
  const { host, server } = await connected(t, { on }, args)
  // By the rule alone, before any list.
  const made = 'p-draft_6c2371'
  for (const name of ['p-review', 'p-draft', made]) {
    host.send(request(`get ${name}`, 'prompts/get', { name, arguments: { name } }))
    resultOf(await host.answer(`get ${name}`))
    host.send(
      request(`complete ${name}`, 'completion/complete', {
        ref: { name, type: 'ref/prompt' },
        argument: { name },
      }),
    )
    resultOf(await host.answer(`complete ${name}`))
  }
  host.send(request(1, 'prompts/list'))
  assert.deepEqual(resultOf(await host.answer(1)).prompts, [
    { name: 'p-review', title: 'review' },
    { name: 'p-draft' },
    { name: made },
  ])
  host.send(request(2, 'completion/complete', { ref: { type: 'ref/resource', uri: 'x:{a}' }, argument: {} }))
  resultOf(await host.answer(2))
  for (const name of ['review', 'plan', 'p-plan', 'draft']) {
    host.send(request(`get ${name}`, 'prompts/get', { name }))
    assertUnknown(await host.answer(`get ${name}`), name, 'prompt')
    host.send(request(`complete ${name}`, 'completion/complete', { ref: { name, type: 'ref/prompt' } }))
    assertUnknown(await host.answer(`complete ${name}`), name, 'prompt')
  }
  // Tools keep their names.
  host.send(call(3))
  resultOf(await host.answer(3))
  await host.finish({ stderr: 'some' })
  assert.match(host.stderr, /no prompt "paln", which --rename-prompt renames; did you mean "plan"\?/)
  const names = server.sent('prompts/get').map(({ message }) => message.params)
  assert.deepEqual(names, [
    { name: 'review', arguments: { name: 'p-review' } },
    { name: 'plan', arguments: { name: 'p-draft' } },
    { name: 'draft', arguments: { name: made } },
  ])
  const refs = server.sent('completion/complete').map(({ message }) => message.params?.ref)
  assert.deepEqual(refs, [
    ...['review', 'plan', 'draft'].map((name) => ({ name, type: 'ref/prompt' })),
    { type: 'ref/resource', uri: 'x:{a}' },
  ])
})

test('the modern era: the header Mcp-Name is made from the name that the remote knows', async (t) => {
  const tools = `{"resultType":"complete","tools":[${toolText('echo')},${toolText(LONG)}],"ttlMs":0,"cacheScope":"private"}`
  const { host, server } = await discovered(t, { on: { 'tools/list': (x) => x.result(tools) } }, [
    ...['--tool-prefix', 'gh_', '--max-tool-name', '30'],
  ])
  const [long = ''] = await (async () => {
    host.send(modern(1, 'tools/list'))
    const list = resultOf(await host.answer(1)).tools as readonly Tool[]
    assert.equal(list[0]?.name, 'gh_echo')
    return [list[1]?.name]
  })()
  host.send(modernCall(2, {}, 'gh_echo'))
  host.send(modernCall(3, {}, long))
  for (const id of [2, 3]) resultOf(await host.answer(id))
  host.send(modernCall(4))
  assertUnknown(await host.answer(4), 'echo')
  await host.finish()
  const names = server.sent('tools/call').map((x) => [x.message.params?.name, x.header('mcp-name')])
  assert.deepEqual(
    new Map(names as [string, string][]),
    new Map([
      ['echo', 'echo'],
      [LONG, LONG],
    ]),
  )
})

test('the modern era: a short name before any list', async (t) => {
  const tools = `{"resultType":"complete","tools":[${toolText(LONG)}],"ttlMs":0,"cacheScope":"private"}`
  const args = ['--max-tool-name', '30']
  const { host, server } = await discovered(t, { on: { 'tools/list': (x) => x.result(tools) } }, args)
  host.send(modernCall(1, {}, 'search-all-the-reposito_c159c8'))
  resultOf(await host.answer(1))
  await host.finish()
  assert.deepEqual(called(server.sent('tools/call')), [LONG])
})
