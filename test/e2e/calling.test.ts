// `mcp-ferry call` in a pipe: what is on stdout, what is told on stderr, how it ends; with servers of both eras, one that is
// not there, one that refuses, one that wants a sign-in, and one that hangs.
import assert from 'node:assert/strict'
import { members } from '../fixtures/hosts/raw-json.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { run } from './at-shell.ts'
import { caller, PNG, serveTool } from './calling.ts'
import { freePort, PLATFORM_HAS_SIGNALS, serve, serveModern, test } from './harness.ts'

const NO_SIGNALS = !PLATFORM_HAS_SIGNALS && 'there are no signals here'

const rawArguments = (x: Exchange): string | undefined =>
  members(members(x.text).get('params') ?? '{}').get('arguments')

const text = (content: string): object => ({ content: [{ type: 'text', text: content }] })

const SCHEMA = {
  type: 'object',
  properties: { n: { type: 'integer' }, s: { type: 'string' }, tags: { type: 'array', items: {} } },
  required: ['n'],
}

test('arguments arrive to the letter, and the text alone is on stdout', async (t) => {
  const user = caller(t)
  const server = await serveTool(t, (x) => x.result(text('é漢\u001b[31m\r\nred')), { inputSchema: SCHEMA })
  const ran = await user.run([server.url, 'tool', 'n=9007199254740993', 's=5', 'tags=1e400', 'tags=x'])
  assert.deepEqual(ran, { code: 0, stdout: 'é漢\u001b[31m\r\nred\n', stderr: '' })
  const [call] = server.sent('tools/call')
  assert.equal(rawArguments(call!), '{"n":9007199254740993,"s":"5","tags":[1e400,"x"]}')
  assert.equal(call!.message.params?._meta, undefined, 'nobody sees the progress')
  const [opened] = server.sent('initialize')
  assert.deepEqual(opened!.message.params?.capabilities, {}, 'nobody can be asked')
})

test('--args is JSON, a file or stdin, under what stands behind the tool', async (t) => {
  const user = caller(t)
  const server = await serveTool(t, (x) => x.result('{"content":[]}'), { inputSchema: SCHEMA })
  user.write('args.json', '\ufeff{"n": 1e400,\r\n "s": "file"}')
  const url = server.url
  assert.equal((await user.run([url, 'tool', '--args', '{"n":1}', 's=x'])).code, 0)
  assert.equal((await user.run([url, 'tool', '--args=@args.json', 's=x'])).code, 0)
  const ran = await user.run([url, 'tool', '--args', '-'], '{"n":2}\n')
  assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' })
  assert.deepEqual(server.sent('tools/call').map(rawArguments), [
    '{"n":1,"s":"x"}',
    '{"n":1e400,"s":"x"}',
    '{"n":2}',
  ])
  const missing = await user.run([url, 'tool', '--args', '@none.json'])
  assert.equal(missing.code, 2)
  assert.match(missing.stderr, /^mcp-ferry: the file of --args cannot be read \(ENOENT\); write --args @/)
})

test('what the schema does not take is told before anything is sent', async (t) => {
  const user = caller(t)
  const server = await serveTool(t, (x) => x.result('{"content":[]}'), { inputSchema: SCHEMA })
  const refused: readonly (readonly [words: readonly string[], stderr: RegExp])[] = [
    [['tool'], /^mcp-ferry: tool needs the argument n \(an integer\); write n=<value>\n$/],
    [['tool', 'n=secret'], /^mcp-ferry: tool wants an integer for n; /],
    [['tool', 'n=1', 'tagz=1'], /^mcp-ferry: tool has no argument tagz; did you mean tags\?\n$/],
    [['tol', 'n=1'], /^mcp-ferry: the server has no tool tol; did you mean tool\?\n$/],
    [[], /^mcp-ferry: no tool is named; write mcp-ferry call <url> <tool> /],
  ]
  for (const [words, stderr] of refused) {
    const ran = await user.run([server.url, ...words])
    assert.equal(ran.code, 2, ran.stderr)
    assert.equal(ran.stdout, '')
    assert.match(ran.stderr, stderr)
    assert.doesNotMatch(ran.stderr, /secret/)
  }
  assert.deepEqual(server.sent('tools/call'), [])
})

test('pages of tools are followed as far as needed, and not round in a circle', async (t) => {
  const user = caller(t)
  const pages: Readonly<Record<string, string>> = {
    '': '{"tools":[{"name":"a"}],"nextCursor":"\\u0062"}',
    b: '{"tools":[{"name":"tool","inputSchema":{"type":"object"}}],"nextCursor":"c"}',
    c: '{"tools":[],"nextCursor":"b"}',
  }
  const server = await serve(t, {
    on: { 'tools/list': (x) => x.result(pages[String(x.message.params?.cursor ?? '')]) },
  })
  assert.equal((await user.run([server.url, 'tool'])).code, 0)
  assert.equal(server.sent('tools/list').length, 2)
  const ran = await user.run([server.url, 'other'])
  // It may be on a page that nobody gets to.
  assert.deepEqual(
    [ran.code, ran.stderr],
    [7, 'mcp-ferry: the list of tools has no end; 3 pages were read, and the tool other is on none\n'],
  )
})

test('a tool that the server does not have is told as `tools` tells it', async (t) => {
  const server = await serveTool(t, (x) => x.result('{"content":[]}'))
  const none = await serve(t, { capabilities: {} })
  for (const [url, name, stderr] of [
    [server.url, 'tol', 'mcp-ferry: the server has no tool tol; did you mean tool?\n'],
    [server.url, 'other', 'mcp-ferry: the server has no tool other; it has tool\n'],
    [none.url, 'other', 'mcp-ferry: the server has no tools\n'],
  ] as const)
    for (const command of ['call', 'tools']) {
      const ran = await run(t, [command, url, name])
      assert.deepEqual([ran.code, ran.stdout, ran.stderr], [2, '', stderr], command)
    }
})

test('structured content is JSON once, however often the server says it', async (t) => {
  const user = caller(t)
  const same = '{"n":9007199254740993,"a":[1, 2]}'
  const results = [
    `{"content":[{"type":"text","text":"{\\"a\\":[1,2],\\"n\\":9007199254740993}"}],"structuredContent":${same}}`,
    `{"content":[{"type":"text","text":"in words"}],"structuredContent":${same}}`,
    `{"content":[],"structuredContent":${same}}`,
  ]
  let next = 0
  const server = await serveTool(t, (x) => x.result(results[next++]))
  assert.equal((await user.run([server.url, 'tool'])).stdout, `${same}\n`)
  assert.equal((await user.run([server.url, 'tool'])).stdout, `in words\n${same}\n`)
  assert.equal((await user.run([server.url, 'tool'])).stdout, `${same}\n`)
  next = 0
  assert.equal((await user.run([server.url, 'tool', '--json'])).stdout, `${results[0]}\n`)
})

test('what a library wraps around a plain value is no second result', async (t) => {
  const user = caller(t)
  const blocks = (...texts: string[]): object => ({
    content: texts.map((one) => ({ type: 'text', text: one })),
  })
  const cases: readonly (readonly [result: object, stdout: string])[] = [
    [{ ...blocks('5'), structuredContent: { result: 5 } }, '5\n'],
    [{ ...blocks('a', 'b'), structuredContent: { result: ['a', 'b'] } }, 'a\nb\n'],
    [{ ...blocks('five'), structuredContent: { result: 5 } }, 'five\n{"result":5}\n'],
    [{ ...blocks('5'), structuredContent: { result: 5, unit: 'm' } }, '5\n{"result":5,"unit":"m"}\n'],
    [{ content: [], structuredContent: { result: 5 } }, '{"result":5}\n'],
  ]
  let next = 0
  const server = await serveTool(t, (x) => x.result(cases[next++]?.[0]))
  for (const [, stdout] of cases) assert.equal((await user.run([server.url, 'tool'])).stdout, stdout)
})

test('every kind of content is shown; what is bytes is in a file that was not there', async (t) => {
  const user = caller(t)
  const content = [
    { type: 'text', text: 'one' },
    { type: 'image', data: PNG, mimeType: 'image/png' },
    { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
    { type: 'resource_link', uri: 'file:///a', name: 'a' },
    { type: 'resource', resource: { uri: 'file:///b', text: 'two\n' } },
    { type: 'resource', resource: { uri: 'file:///c', blob: 'AAAA', mimeType: 'application/x-sh' } },
    { type: 'hologram', depth: 3 },
  ]
  const server = await serveTool(t, (x) => x.result({ content }), { name: '../to/ol' })
  user.write('to-ol-1.png', 'mine')
  const ran = await user.run([server.url, '../to/ol'])
  assert.equal(ran.code, 0, ran.stderr)
  assert.equal(ran.stdout, 'one\na file:///a\ntwo\n{"type":"hologram","depth":3}\n')
  assert.deepEqual(user.files(), ['to-ol-1.png', 'to-ol-2.png', 'to-ol-3.wav', 'to-ol-4.bin'])
  assert.equal(user.read('to-ol-1.png').toString(), 'mine')
  assert.equal(user.read('to-ol-2.png').toString('base64'), PNG)
  assert.equal(
    ran.stderr,
    'mcp-ferry: the image is in to-ol-2.png (image/png, 70 bytes)\n' +
      'mcp-ferry: the audio is in to-ol-3.wav (audio/wav, 3 bytes)\n' +
      'mcp-ferry: file:///c is in to-ol-4.bin (application/x-sh, 3 bytes)\n',
  )
  const named = await user.run([server.url, '../to/ol', '--output', 'to-ol-1.png'])
  assert.equal(named.code, 0, named.stderr)
  assert.equal(user.read('to-ol-1.png').toString('base64'), PNG)
  assert.match(named.stderr, /the audio is in to-ol-1-2\.wav/)
  const nowhere = await user.run([server.url, '../to/ol', '--output', 'none/x.png'])
  assert.equal(nowhere.code, 2)
  assert.match(nowhere.stdout, /^one\n[\s\S]*hologram/)
  assert.match(nowhere.stderr, /none\/x\.png cannot be written \(ENOENT\); name another file or folder/)
})

test('a tool that has failed says so on stdout and by its exit code, the protocol on stderr by another', async (t) => {
  const user = caller(t)
  const failing = await serveTool(t, (x) => x.result({ ...text('no such city'), isError: true }))
  assert.deepEqual(await user.run([failing.url, 'tool']), {
    code: 8,
    stdout: 'no such city\n',
    stderr: 'mcp-ferry: the tool tool says that it has failed\n',
  })
  const refusing = await serveTool(t, (x) => x.error(-32603, 'broken'))
  assert.deepEqual(await user.run([refusing.url, 'tool']), {
    code: 7,
    stdout: '',
    stderr: 'mcp-ferry: the server refuses tools/call (-32603: broken)\n',
  })
})

test('an answer that is no result of a tool is no success', async (t) => {
  const user = caller(t)
  for (const answer of ['null', '[]', '"done"', '{}', '{"content":"done"}', '{"content":null}']) {
    const server = await serveTool(t, (x) => x.result(answer))
    for (const more of [[], ['--json']])
      assert.deepEqual(
        await user.run([server.url, 'tool', ...more]),
        {
          code: 7,
          stdout: '',
          stderr: "mcp-ferry: the server's answer to tools/call has no content in it\n",
        },
        answer,
      )
  }
  const structured = await serveTool(t, (x) => x.result('{"structuredContent":{"a":1}}'))
  assert.deepEqual(await user.run([structured.url, 'tool']), { code: 0, stdout: '{"a":1}\n', stderr: '' })
})

test('a remote that is not there, that wants a sign-in, or that breaks off, each has its exit code', async (t) => {
  const user = caller(t)
  const absent = await user.run([`http://127.0.0.1:${await freePort()}/mcp`, 'tool'])
  assert.deepEqual([absent.code, absent.stdout], [3, ''], absent.stderr)
  assert.match(absent.stderr, /^mcp-ferry: 127\.0\.0\.1:\d+ refused the connection[^\n]*\n$/)
  const closed = await serve(t, {
    on: { '*': (x) => x.reply(401, undefined, { 'WWW-Authenticate': 'Bearer' }) },
  })
  const signedOut = await user.run([closed.url, 'tool'])
  assert.deepEqual([signedOut.code, signedOut.stdout], [6, ''], signedOut.stderr)
  const breaking = await serveTool(t, (x) => x.cut())
  const lost = await user.run([breaking.url, 'tool'])
  assert.deepEqual([lost.code, lost.stdout], [3, ''], lost.stderr)
  assert.match(lost.stderr, /^mcp-ferry: [^\n]+\n$/)
})

test('a server of the modern era is called as any other', async (t) => {
  const user = caller(t)
  const server = await serveModern(t)
  const ran = await user.run([server.url, 'echo', 'n:=9007199254740993'])
  assert.deepEqual(ran, { code: 0, stdout: '{"n":9007199254740993}\n', stderr: '' })
})

test('log messages of the server are on stderr, as loud as the log', async (t) => {
  const user = caller(t)
  const say = (level: string, data: unknown): object => ({
    jsonrpc: '2.0',
    method: 'notifications/message',
    params: { level, logger: 'db', data },
  })
  const server = await serveTool(t, (x) => {
    const stream = x.sse()
    stream.message(say('info', 'quiet'))
    stream.message(say('error', { a: '\u001b[31m' }))
    stream.result('{"content":[]}')
    stream.end()
  })
  const usual = await user.run([server.url, 'tool'])
  assert.equal(usual.stderr, 'error db: {"a":"\\u001b[31m"}\n')
  assert.deepEqual(server.sent('logging/setLevel'), [])
  const loud = await user.run([server.url, 'tool', '--log-level', 'info'])
  assert.match(loud.stderr, /^info db: quiet$/m)
  assert.equal(server.sent('logging/setLevel')[0]?.message.params?.level, 'info')
})

test('what the server logs of a secret is not on stderr', async (t) => {
  const user = caller(t)
  const server = await serveTool(t, (x) => {
    const key = x.header('x-api-key')
    const stream = x.sse()
    const params = { level: 'error', logger: key, data: { key } }
    stream.message({ jsonrpc: '2.0', method: 'notifications/message', params })
    stream.result('{"content":[]}')
    stream.end()
  })
  const ran = await user.run([server.url, 'tool', '--header', 'X-Api-Key: s3cret-4711'])
  assert.deepEqual(ran, { code: 0, stdout: '', stderr: 'error [redacted]: {"key":"[redacted]"}\n' })
})

test('a form is answered by its defaults with --yes, and declined without; nobody is asked otherwise', async (t) => {
  const user = caller(t)
  const asked = (properties: object, required: readonly string[]) => (x: Exchange) => {
    const stream = x.sse()
    const params = { message: 'Sure?', requestedSchema: { type: 'object', properties, required } }
    stream.message({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params })
    answer = (reply) => {
      stream.result({ content: [{ type: 'text', text: reply }] })
      stream.end()
    }
  }
  let answer = (_reply: string): void => {}
  const response = (x: Exchange): void => {
    x.reply(202)
    answer(JSON.stringify(x.message.result))
  }
  const one = await serveTool(
    t,
    asked({ n: { type: 'integer', default: 5 }, s: {} }, ['n']),
    {},
    { response },
  )
  const ran = await user.run([one.url, 'tool', '--yes'])
  assert.equal(ran.stdout, '{"action":"accept","content":{"n":5}}\n', ran.stderr)
  assert.match(ran.stderr, /asks: Sure\? \(answered by its defaults\)/)
  assert.deepEqual(one.sent('initialize')[0]?.message.params?.capabilities, { elicitation: { form: {} } })
  const other = await serveTool(t, asked({ n: { type: 'integer' } }, ['n']), {}, { response })
  assert.equal((await user.run([other.url, 'tool', '--yes'])).stdout, '{"action":"decline"}\n')
})

test(
  'Ctrl-C cancels the call: the remote is told, and 130 is the exit code',
  async (t) => {
    const user = caller(t)
    const server = await serveTool(t, (x) => x.hang())
    const running = user.start([server.url, 'tool'])
    const call = await server.request(({ message }) => message.method === 'tools/call')
    running.child.kill('SIGINT')
    const cancelled = await server.request(({ message }) => message.method === 'notifications/cancelled')
    assert.equal(cancelled.message.params?.requestId, call.message.id)
    assert.deepEqual(await running.ended, { code: 130, stdout: '', stderr: 'mcp-ferry: cancelled\n' })
    await server.request(({ method }) => method === 'DELETE')
    assert.equal(server.with('DELETE').length, 1, 'the session is given back')
  },
  NO_SIGNALS,
)

test(
  'Ctrl-C leaves a remote that has not even answered the handshake, or the list',
  async (t) => {
    const user = caller(t)
    for (const method of ['initialize', 'tools/list']) {
      const server = await serve(t, { on: { [method]: (x) => x.hang() } })
      const running = user.start([server.url, 'tool'])
      await server.request(({ message }) => message.method === method)
      running.child.kill('SIGINT')
      assert.deepEqual(await running.ended, { code: 130, stdout: '', stderr: 'mcp-ferry: cancelled\n' })
    }
  },
  NO_SIGNALS,
)

test(
  'the second Ctrl-C leaves at once',
  async (t) => {
    const user = caller(t)
    const server = await serveTool(t, (x) => x.hang(), {}, { 'notifications/cancelled': (x) => x.hang() })
    const running = user.start([server.url, 'tool'])
    await server.request(({ message }) => message.method === 'tools/call')
    running.child.kill('SIGINT')
    await running.told(/cancelled/)
    // What comes within a moment is the same press.
    const again = setInterval(() => running.child.kill('SIGINT'), 20)
    t.after(() => clearInterval(again))
    assert.equal((await running.ended).code, 130)
  },
  NO_SIGNALS,
)
