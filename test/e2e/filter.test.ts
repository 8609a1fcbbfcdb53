// --allow-tool, --deny-tool, --read-only and the same for prompts and resources: the host sees nothing of what is hidden, and
// nothing of it is reached, in each era, over each transport, with pages and with lists that change. users.md 18.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import type { Exchange, Handler } from '../fixtures/servers/raw-server.ts'
import {
  bridge,
  call,
  connected,
  connectedSse,
  discovered,
  errorOf,
  freePort,
  inSession,
  listen,
  modern,
  modernCall,
  notify,
  ownError,
  request,
  resultOf,
  serve,
  test,
} from './harness.ts'

const hint = (name: string, readOnlyHint = true) => ({
  name,
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint },
})
const bare = (name: string) => ({ name, inputSchema: { type: 'object' } })
const named = (result: Readonly<Record<string, unknown>>): string[] =>
  (result.tools as { name: string }[]).map(({ name }) => name)
const nameOf = (x: Exchange): unknown => x.message.params?.name

/** A list in two pages. */
const paged: Handler = (x) =>
  x.message.params?.cursor === '2'
    ? x.result({ tools: [bare('delete_b'), bare('read_b')] })
    : x.result({ tools: [bare('read_a'), bare('delete_a')], nextCursor: '2' })

test('--deny-tool: hidden tools are in no page, are not called, and the others are', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/list': paged } }, ['--deny-tool', 'delete*'])
  host.send(request(1, 'tools/list'))
  const first = resultOf(await host.answer(1))
  assert.deepEqual([named(first), first.nextCursor], [['read_a'], '2'])
  host.send(request(2, 'tools/list', { cursor: '2' }))
  assert.deepEqual(named(resultOf(await host.answer(2))), ['read_b'])
  host.send(call(3, {}, 'Delete_a'))
  assert.equal(errorOf(await host.answer(3), -32602).message, 'Unknown tool: Delete_a')
  host.send(notify('tools/call', { name: 'delete_b', arguments: {} }))
  host.send(call(4, {}, 'read_b'))
  resultOf(await host.answer(4))
  await host.finish()
  assert.deepEqual(server.sent('tools/call').map(nameOf), ['read_b'])
})

for (const [how, args, env] of [
  ['given several times', ['--allow-tool', 'read_a', '--allow-tool=delete_*', '--deny-tool', '*_b'], {}],
  ['with commas', ['--allow-tool', 'read_a, delete_*', '--ignore-tool', '*_b'], {}],
  ['in variables', [], { MCP_FERRY_ALLOW_TOOL: 'read_a\ndelete_*', MCP_FERRY_DENY_TOOL: '"*_b",' }],
] as const)
  test(`patterns ${how}`, async (t) => {
    const server = await serve(t, { on: { 'tools/list': paged } })
    const host = bridge(t, { url: server.url, args, env })
    await host.initialize()
    host.send(request(1, 'tools/list'))
    assert.deepEqual(named(resultOf(await host.answer(1))), ['read_a', 'delete_a'])
    host.send(request(2, 'tools/list', { cursor: '2' }))
    assert.deepEqual(named(resultOf(await host.answer(2))), [])
    await host.finish()
  })

test('--read-only: a call before any list waits for all its pages, and what is hidden is told', async (t) => {
  const pages: Handler = (x) =>
    x.message.params?.cursor === '2'
      ? x.result({ tools: [hint('look'), bare('odd')] })
      : x.result({ tools: [hint('change', false)], nextCursor: '2' })
  const { host, server } = await connected(t, { on: { 'tools/list': pages } }, ['--read-only'])
  host.send(call(1, { n: 1 }, 'look'))
  host.send(call(2, {}, 'change'))
  host.send(call(3, {}, 'odd'))
  assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
  for (const id of [2, 3]) errorOf(await host.answer(id), -32602)
  await host.finish({ stderr: 'some' })
  assert.equal(
    host.stderr,
    'mcp-ferry: hidden by --read-only: 2 tools that do not say that they only read (change, odd)\n',
  )
  assert.equal(server.sent('tools/list').length, 2)
  assert.equal(server.sent('tools/call').length, 1)
})

test('--read-only: while the remote does not tell its tools a call waits, and the host may take it back', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/list': (x) => x.hang() } }, ['--read-only'])
  host.send(call(1))
  await server.request(({ message }) => message.method === 'tools/list')
  host.send(notify('notifications/cancelled', { requestId: 1 }))
  host.send(request(2, 'ping'))
  resultOf(await host.answer(2))
  await host.finish({ unanswered: 'any' })
  assert.equal(server.sent('tools/call').length, 0)
  assert.equal(server.sent('notifications/cancelled').length, 0)
})

test('a list that changes: what is new is hidden like the rest', async (t) => {
  let isChanged = false
  const { host, server } = await connected(
    t,
    {
      getStream: true,
      on: {
        'tools/list': (x) => x.result({ tools: isChanged ? [hint('a', false), hint('b')] : [hint('a')] }),
      },
    },
    ['--read-only'],
  )
  host.send(request(1, 'tools/list'))
  assert.deepEqual(named(resultOf(await host.answer(1))), ['a'])
  host.send(call(2, {}, 'a'))
  resultOf(await host.answer(2))
  await server.request(({ method }) => method === 'GET')
  isChanged = true
  server.push({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
  await host.notification('notifications/tools/list_changed')
  host.send(call(3, {}, 'a'))
  errorOf(await host.answer(3), -32602)
  host.send(request(4, 'tools/list'))
  assert.deepEqual(named(resultOf(await host.answer(4))), ['b'])
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('tools/call').length, 1)
})

test('patterns that fit nothing are told once, with the nearest name', async (t) => {
  const { host } = await connected(
    t,
    { on: { 'tools/list': (x) => x.result({ tools: [bare('read_file'), bare('write_file')] }) } },
    ['--allow-tool', 'raed_file', '--deny-tool', 'zzzzzz*'],
  )
  for (const id of [1, 2]) {
    host.send(request(id, 'tools/list'))
    assert.deepEqual(named(resultOf(await host.answer(id))), [])
  }
  await host.finish({ stderr: 'some' })
  assert.deepEqual(host.stderr.split('\n').slice(0, -1), [
    'mcp-ferry: --allow-tool raed_file fits no tool of the remote; did you mean read_file?',
    'mcp-ferry: --deny-tool zzzzzz* fits no tool of the remote; compare it with: mcp-ferry tools <url>',
    'mcp-ferry: all 2 tools of the remote are hidden; change --allow-tool, --deny-tool to see some',
  ])
})

test('resources and prompts of a legacy remote', async (t) => {
  const { host, server } = await connected(
    t,
    {
      capabilities: { resources: { subscribe: true }, prompts: {} },
      on: {
        'resources/list': (x) => x.result({ resources: [{ uri: 'a:1' }, { uri: 'b:1' }] }),
        'prompts/list': (x) => x.result({ prompts: [{ name: 'p' }, { name: 'q' }] }),
        'resources/read': (x) =>
          x.result({ contents: [{ uri: 'b:linked', text: 'the remote’s own words' }] }),
      },
    },
    ['--allow-resource', 'a:*', '--deny-prompt', 'q'],
  )
  host.send(request(1, 'resources/list'))
  assert.deepEqual(resultOf(await host.answer(1)).resources, [{ uri: 'a:1' }])
  host.send(request(2, 'prompts/list'))
  assert.deepEqual(resultOf(await host.answer(2)).prompts, [{ name: 'p' }])
  host.send(request(3, 'resources/read', { uri: 'b:1' }))
  assert.deepEqual(errorOf(await host.answer(3), -32002).data, { uri: 'b:1' })
  host.send(request(4, 'prompts/get', { name: 'q' }))
  errorOf(await host.answer(4), -32602)
  host.send(request(5, 'resources/read', { uri: 'a:1' }))
  assert.deepEqual(resultOf(await host.answer(5)).contents, [
    { uri: 'b:linked', text: 'the remote’s own words' },
  ])
  await host.finish()
  assert.equal(server.sent('resources/read').length, 1)
  assert.equal(server.sent('prompts/get').length, 0)
})

test('the modern era: lists, calls, reads and subscriptions', async (t) => {
  const tools = [bare('read'), bare('secret')]
  const { host, server } = await discovered(
    t,
    {
      on: {
        'tools/list': (x) => x.result({ resultType: 'complete', tools, ttlMs: 0, cacheScope: 'private' }),
      },
    },
    ['--deny-tool', 'secret', '--deny-resource', 's:*'],
  )
  host.send(modern(1, 'tools/list'))
  assert.deepEqual(named(resultOf(await host.answer(1))), ['read'])
  host.send(modernCall(2, {}, 'secret'))
  errorOf(await host.answer(2), -32602)
  host.send(modernCall(3, {}, 'read'))
  resultOf(await host.answer(3))
  host.send(modern(4, 'resources/read', { uri: 's:1' }))
  assert.deepEqual(errorOf(await host.answer(4), -32602).data, { uri: 's:1' })
  host.send(listen(5, { toolsListChanged: true, resourceSubscriptions: ['s:1', 'r:1'] }))
  const { exchange, ...subscription } = await server.listen(1)
  assert.deepEqual(exchange.message.params?.notifications, {
    toolsListChanged: true,
    resourceSubscriptions: ['r:1'],
  })
  subscription.notify('notifications/resources/updated', { uri: 's:1/sub' })
  subscription.notify('notifications/resources/updated', { uri: 'r:1' })
  const updated = await host.notification('notifications/resources/updated')
  assert.equal(updated.value.params?.uri, 'r:1')
  subscription.end()
  resultOf(await host.answer(5))
  await host.finish()
  assert.deepEqual(server.sent('tools/call').map(nameOf), ['read'])
  assert.equal(server.sent('resources/read').length, 0)
})

test('--read-only of the modern era: what the host says of itself is said when its tools are asked for', async (t) => {
  const result = {
    resultType: 'complete',
    tools: [hint('look'), bare('odd')],
    ttlMs: 0,
    cacheScope: 'private',
  }
  const { host, server } = await discovered(t, { on: { 'tools/list': (x) => x.result(result) } }, [
    '--read-only',
  ])
  host.send(modernCall(1, {}, 'look'))
  resultOf(await host.answer(1))
  host.send(modernCall(2, {}, 'odd'))
  errorOf(await host.answer(2), -32602)
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('tools/call').length, 1)
})

test('a modern host with a legacy remote: read-only tools alone', async (t) => {
  const server = await serve(t, {
    on: { 'tools/list': (x) => x.result({ tools: [hint('look'), bare('odd')] }) },
  })
  const host = bridge(t, { url: server.url, args: ['--read-only'] })
  host.send(modernCall(1, {}, 'look'))
  resultOf(await host.answer(1))
  host.send(modern(2, 'tools/list'))
  assert.deepEqual(named(resultOf(await host.answer(2))), ['look'])
  host.send(modernCall(3, {}, 'odd'))
  errorOf(await host.answer(3), -32602)
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('tools/call').length, 1)
})

test('a legacy host with a modern remote: hidden tools stay hidden', async (t) => {
  const result = {
    resultType: 'complete',
    tools: [hint('look'), bare('odd')],
    ttlMs: 0,
    cacheScope: 'private',
  }
  const { server, host: probe } = await discovered(t, { on: { 'tools/list': (x) => x.result(result) } })
  await probe.finish()
  const host = bridge(t, { url: server.url, args: ['--read-only'] })
  await host.initialize('2025-11-25')
  host.send(call(1, {}, 'odd'))
  errorOf(await host.answer(1), -32602)
  host.send(call(2, {}, 'look'))
  resultOf(await host.answer(2))
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('tools/call').length, 1)
})

test('HTTP+SSE: hidden tools stay hidden', async (t) => {
  const { host, server } = await connectedSse(
    t,
    { on: { 'tools/list': (x, session) => session.result(x, { tools: [hint('look'), bare('odd')] }) } },
    ['--read-only'],
  )
  host.send(call(1, {}, 'odd'))
  errorOf(await host.answer(1), -32602)
  host.send(request(2, 'tools/list'))
  assert.deepEqual(named(resultOf(await host.answer(2))), ['look'])
  await host.finish({ stderr: 'some' })
  assert.equal(server.sent('tools/call').length, 0)
})

test('a call that comes with the handshake, before it is over, waits like the others', async (t) => {
  const server = await serve(t, { on: { 'tools/list': (x) => x.result({ tools: [hint('look')] }) } })
  const host = bridge(t, { url: server.url, args: ['--read-only'] })
  host.send(call(1, {}, 'look'))
  await host.initialize()
  resultOf(await host.answer(1))
  await host.finish()
})

for (const args of [['--allow-tool', ''], ['--allow-tool=,'], ['--allow-resource', '${NONE:-}']])
  test(`an allowing flag that names nothing is an error: ${args.join(' ')}`, async (t) => {
    const server = await serve(t)
    const host = bridge(t, { url: server.url, args })
    await host.finish({ code: 2, stderr: 'some', unanswered: 'any' })
    assert.match(host.stderr, /--allow-(tool|resource)/)
    assert.equal(server.requests.length, 0)
  })

test('a session that is lost and opened anew: what the tools say of themselves is asked anew', async (t) => {
  let isChanged = false
  const { host, server } = await inSession(
    t,
    { on: { 'tools/list': (x) => x.result({ tools: [hint('look', !isChanged), hint('see')] }) } },
    ['--read-only'],
  )
  host.send(call(1, {}, 'look'))
  resultOf(await host.answer(1))
  isChanged = true
  server.forget()
  host.send(call(2, {}, 'see'))
  resultOf(await host.answer(2))
  await host.notification('notifications/tools/list_changed')
  host.send(call(3, {}, 'look'))
  errorOf(await host.answer(3), -32602)
  await host.finish({ stderr: 'any' })
  assert.deepEqual(server.ran('tools/call').map(nameOf), ['look', 'see'])
})

test('a remote that is not there: the host has its start and an error, and no call is let through later', async (t) => {
  const port = await freePort()
  const host = bridge(t, {
    url: `http://127.0.0.1:${port}/mcp`,
    args: ['--read-only', '--start-budget', '100ms', '--retry-wait', '0'],
  })
  host.send(initializeLine('init'))
  resultOf(await host.answer('init'))
  host.send(call(1))
  host.send(notify('notifications/cancelled', { requestId: 1 }))
  host.send(call(2))
  host.send(request(3, 'ping'))
  resultOf(await host.answer(3))
  const exit = host.finish({ stderr: 'some', unanswered: 'any' })
  ownError(await host.answer(2))
  await exit
  assert.equal(
    host.lines.some(({ key }) => key === 'number 1'),
    false,
    'the call that was taken back has no answer',
  )
})

test('nobody hides anything: the stages are not loaded, and every byte passes', async (t) => {
  const odd = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Name":"b"}}'
  const { host, server } = await connected(t)
  host.send(odd)
  await host.answer(1)
  await host.finish()
  assert.equal(server.sent('tools/call')[0]?.text, odd)
})
