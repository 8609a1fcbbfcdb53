// What is read, filled in and completed where the server's answers are not what they should be, and servers that answer with
// something else than MCP: an exit code, a sentence, and no crash.
import assert from 'node:assert/strict'
import type { Handler } from '../fixtures/servers/raw-server.ts'
import { run } from './at-shell.ts'
import { serve, test } from './harness.ts'

const ALL = { tools: {}, resources: {}, prompts: {}, completions: {} }

test('an answer that lacks what it is about is an error of the protocol', async (t) => {
  let result = ''
  const answer: Handler = (x) => x.result(result)
  const server = await serve(t, {
    capabilities: ALL,
    on: { 'resources/read': answer, 'prompts/get': answer, 'completion/complete': answer },
  })
  const commands = [
    ['read', server.url, 'a:b'],
    ['prompt', server.url, 'a'],
    ['complete', server.url, 'a', 'b='],
  ] as const
  for (result of ['{}', 'null', '[]', '{"contents":{},"messages":7,"completion":{"values":"a"}}'])
    for (const args of commands) {
      const { code, stdout, stderr } = await run(t, args)
      assert.deepEqual([code, stdout], [7, ''], `${args[0]} ${result}`)
      assert.match(stderr, /^mcp-ferry: the server's answer to \S+ has no \w+ in it\n$/)
    }
  result = '{"contents":[7,{"uri":"a:b"}]}'
  assert.match((await run(t, commands[0])).stderr, /contents that are neither text nor blob/)
  result = '{"contents":[{"uri":{"toString":1},"text":"c"}]}'
  assert.deepEqual(await run(t, commands[0]), { code: 0, stdout: 'c', stderr: '' })
  result = '{"contents":[],"messages":[],"completion":{"values":[]}}'
  for (const [args, words] of [
    [commands[0], 'the resource has no contents'],
    [commands[1], 'the prompt has no messages'],
    [commands[2], 'the server knows nothing that b may become'],
  ] as const)
    assert.deepEqual(await run(t, args), { code: 0, stdout: '', stderr: `mcp-ferry: ${words}\n` })
})

test('what a server does not know at all it does not have', async (t) => {
  const server = await serve(t)
  for (const [args, words] of [
    [['read', server.url, 'a:b'], 'resources: it does not know resources/read'],
    [['prompt', server.url, 'a'], 'prompts: it does not know prompts/get'],
    [['complete', server.url, 'a', 'b='], 'completions: it does not know completion/complete'],
  ] as const)
    assert.deepEqual(await run(t, args), {
      code: 7,
      stdout: '',
      stderr: `mcp-ferry: the server has no ${words}\n`,
    })
})

test('every kind of content of a prompt is shown, and its text as it is', async (t) => {
  const messages = [
    { role: 'user', content: { type: 'text', text: 'one\n\u001b[1mtwo' } },
    { role: 'assistant', content: { type: 'image', mimeType: 'image/png', data: 'AAAA' } },
    { role: 'user', content: { type: 'resource_link', name: 'n', uri: 'a:b' } },
    {
      role: 'user',
      content: { type: 'resource', resource: { uri: 'a:c', mimeType: 'text/x', text: 'held' } },
    },
    { role: 'user', content: { type: 'resource', resource: { uri: 'a:d', blob: 'AAAAAAAA' } } },
    { role: 7, content: [{ type: 'text', text: 'x' }, null, { type: 'new' }] },
    null,
  ]
  const server = await serve(t, { capabilities: ALL, on: { 'prompts/get': (x) => x.result({ messages }) } })
  const { code, stdout } = await run(t, ['prompt', server.url, 'p'])
  assert.equal(code, 0)
  assert.equal(
    stdout,
    [
      'user:\none\n\u001b[1mtwo\n',
      'assistant:\n[image, image/png, 3 bytes]\n',
      'user:\n[n a:b]\n',
      'user:\n[a:c text/x]\nheld\n',
      'user:\n[a:d]\n6 bytes\n',
      'message:\nx\n[content of no known kind]\n[new]\n',
      'message:\n[content of no known kind]\n',
    ].join('\n'),
  )
})

test('of many completions the rest is told on stderr', async (t) => {
  const server = await serve(t, {
    capabilities: ALL,
    on: {
      'completion/complete': (x) =>
        x.result('{"completion":{"values":["a\\u001b[1mb",1.0,null],"total":120,"hasMore":true}}'),
    },
  })
  assert.deepEqual(await run(t, ['complete', server.url, 'p', 'a=', 'b=c', '--', 'd=--e']), {
    code: 0,
    stdout: 'ab\n1\nnull\n',
    stderr: 'mcp-ferry: there are more, 120 in all; write more of the beginning\n',
  })
  assert.deepEqual(server.sent('completion/complete')[0]?.message.params, {
    ref: { type: 'ref/prompt', name: 'p' },
    argument: { name: 'a', value: '' },
    context: { arguments: { b: 'c', d: '--e' } },
  })
  const json = await run(t, ['complete', server.url, 'a:{b}', 'b=', '--json'])
  assert.equal(json.stdout, '{"values":["a\\u001b[1mb",1.0,null],"total":120,"hasMore":true}\n')
})

test('a server that speaks something else, or refuses the handshake, has its exit code', async (t) => {
  for (const [on, expected] of [
    [{ initialize: (x) => x.reply(404, 'no such page') }, 3],
    [{ initialize: (x) => x.reply(500, 'broken') }, 3],
    [{ initialize: (x) => x.reply(200, '<html>', { 'Content-Type': 'text/html' }) }, 3],
    [{ initialize: (x) => x.error(-32602, 'you are too old') }, 7],
    [{ 'tools/list': (x) => x.cut() }, 3],
    [{ 'tools/list': (x) => x.reply(200, '{"jsonrpc"', { 'Content-Type': 'application/json' }) }, undefined],
  ] as readonly (readonly [on: Readonly<Record<string, Handler>>, code: number | undefined])[]) {
    const server = await serve(t, { on })
    const { code, stdout, stderr } = await run(t, ['tools', server.url, '--retries', '0'])
    if (expected === undefined) assert.ok(code === 3 || code === 7, `it ended with ${code}`)
    else assert.equal(code, expected, stderr)
    assert.equal(stdout, '')
    assert.match(stderr, /^mcp-ferry: .+\n$/)
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
  }
})

test('a server may ask while it answers: a ping is answered, what nobody can answer is refused', async (t) => {
  const answers: unknown[] = []
  const server = await serve(t, {
    on: {
      response(x) {
        answers.push([x.message.id, x.message.result, x.message.error?.code])
        x.reply(202)
      },
      async 'tools/list'(x) {
        const stream = x.sse()
        stream.message({ jsonrpc: '2.0', id: 'p', method: 'ping' })
        stream.message({ jsonrpc: '2.0', id: 'r', method: 'roots/list' })
        await server.several(2, ({ message }) => message.method === undefined && message.id !== undefined)
        stream.result('{"tools":[]}')
        stream.end()
      },
    },
  })
  assert.deepEqual((await run(t, ['tools', server.url, '--json'])).stdout, '[]\n')
  assert.deepEqual(answers.sort(), [
    ['p', {}, undefined],
    ['r', undefined, -32601],
  ])
})

test('a remote that asks for an hour is not waited for: the error comes at once, and says so', async (t) => {
  const server = await serve(t, { on: { initialize: (x) => x.reply(429, '', { 'Retry-After': '3600' }) } })
  const { code, stdout, stderr } = await run(t, ['tools', server.url])
  assert.deepEqual([code, stdout], [3, ''], stderr)
  assert.match(stderr, /^mcp-ferry: HTTP 429 from \S+: too many requests \(Retry-After: 3600 s\)/)
  assert.equal(server.sent('initialize').length, 1)
})

const NO_KEY = JSON.stringify({ error: 'An API key is needed' })
for (const [how, headers, asks] of [
  ['with a challenge of its own', { 'WWW-Authenticate': 'Api-Key' }, '; it asks for Api-Key'],
  ['without a challenge', {}, ''],
] as const)
  test(`where a 401 ${how} tells of no sign-in, a header is advised first`, async (t) => {
    const server = await serve(t, { on: { initialize: (x) => x.reply(401, NO_KEY, headers) } })
    const { code, stdout, stderr } = await run(t, ['tools', server.url])
    assert.deepEqual([code, stdout], [6, ''], stderr)
    const said = stderr.replaceAll(server.url, '<url>')
    assert.equal(
      said,
      `mcp-ferry: HTTP 401 from <url>: no header was sent${asks} (the server says: An API key is needed); give it a credential, e.g. --header-env Authorization=MY_VAR with MY_VAR in "env", or try: npx mcp-ferry login <url>\n`,
    )
  })
