// The demo's server over real HTTP, byte by byte and with the SDK's own client; and the demo command, with the
// real bridge between a host in memory and that server.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import { after, before, describe, it, type TestContext } from 'node:test'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { LoggingMessageNotificationSchema, type Progress } from '@modelcontextprotocol/sdk/types.js'
import { runBridge } from '../../src/bridge.ts'
import { createLog } from '../../src/log.ts'
import { parseCommandLine } from '../../src/options/program.ts'
import { runDemo } from '../../src/shell/commands/demo.ts'
import { type DemoServer, startDemoServer } from '../../src/shell/demo-server.ts'

const POST = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' }

interface Reply {
  readonly status: number
  readonly type: string | undefined
  readonly sessionId: string | undefined
  readonly text: string
}

let server: DemoServer
before(async () => {
  server = await startDemoServer()
})
after(() => server.close())

/** An HTTP exchange up to the headers of the answer. node:http, because fetch does not let a test set Host. */
async function start(
  method: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<IncomingMessage> {
  const sent = httpRequest(server.url, { method, headers })
  sent.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return response.setEncoding('utf8')
}

async function readRest(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response) text += chunk
  return text
}

async function send(method: string, headers: Record<string, string>, body?: unknown): Promise<Reply> {
  const response = await start(method, headers, body)
  const { 'content-type': type, 'mcp-session-id': sessionId } = response.headers
  return {
    status: response.statusCode!,
    type,
    sessionId: sessionId?.toString(),
    text: await readRest(response),
  }
}

function request(method: string, params: object = {}, id: string | number = 1): object {
  return { jsonrpc: '2.0', id, method, params }
}

const INITIALIZE = request('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '0' },
})

const SLOW = request(
  'tools/call',
  { name: 'slow', arguments: { seconds: 60 }, _meta: { progressToken: 'p' } },
  'long',
)

/** Headers of a session that is open. */
async function openSession(version = '2025-11-25'): Promise<Record<string, string>> {
  const opening = request('initialize', { protocolVersion: version, capabilities: {}, clientInfo: {} })
  const { status, sessionId } = await send('POST', POST, opening)
  assert.equal(status, 200)
  assert.match(sessionId ?? '', /^[\x21-\x7e]+$/)
  return { ...POST, 'Mcp-Session-Id': sessionId!, 'MCP-Protocol-Version': version }
}

describe('the demo server over HTTP', () => {
  it('agrees on the version that the host asks for, else on the newest', async () => {
    for (const [asked, given] of [
      ['2025-03-26', '2025-03-26'],
      ['2025-06-18', '2025-06-18'],
      ['2025-11-25', '2025-11-25'],
      ['2024-11-05', '2025-11-25'],
      ['2099-01-01', '2025-11-25'],
    ] as const) {
      const { text } = await send('POST', POST, request('initialize', { protocolVersion: asked }))
      assert.equal(JSON.parse(text).result.protocolVersion, given)
    }
  })

  it('answers with the id as it was written', async () => {
    const headers = await openSession()
    for (const id of ['9007199254740993', '"\\u00e9"', '0', '-1.0']) {
      const { text } = await send('POST', headers, `{"method":"ping","id":${id},"jsonrpc":"2.0"}`)
      assert.equal(text, `{"jsonrpc":"2.0","id":${id},"result":{}}`)
    }
  })

  it('accepts notifications and answers with 202 and no body', async () => {
    const headers = await openSession()
    const { status, text } = await send('POST', headers, {
      jsonrpc: '2.0',
      method: 'notifications/initialized',
    })
    assert.deepEqual({ status, text }, { status: 202, text: '' })
    const answer = await send('POST', headers, { jsonrpc: '2.0', id: 9, result: {} })
    assert.equal(answer.status, 202)
  })

  it('answers an unknown method with -32601', async () => {
    const { status, text } = await send('POST', await openSession(), request('constructor'))
    assert.equal(status, 200)
    assert.equal(JSON.parse(text).error.code, -32601)
  })

  it('refuses what the spec says to refuse', async () => {
    const open = await openSession()
    const { 'Mcp-Session-Id': _id, ...sessionless } = open
    const ping = request('ping')
    const cases: readonly [string, number, string, Record<string, string>, unknown?][] = [
      ['a web page', 403, 'POST', { ...open, Origin: 'http://localhost' }, ping],
      ['a rebound name', 403, 'POST', { ...open, Host: 'evil.example' }, ping],
      ['no session', 400, 'POST', sessionless, ping],
      ['an unknown session', 404, 'POST', { ...open, 'Mcp-Session-Id': 'gone' }, ping],
      ['an unknown version', 400, 'POST', { ...open, 'MCP-Protocol-Version': '1999-01-01' }, ping],
      ['no JSON', 400, 'POST', open, '{'],
      ['no message', 400, 'POST', open, { id: 1 }],
      ['a batch, which 2025-11-25 does not have', 400, 'POST', open, [ping]],
      ['another type', 415, 'POST', { ...open, 'Content-Type': 'text/plain' }, ping],
      ['a client that cannot read SSE', 406, 'POST', { ...open, Accept: 'application/json' }, ping],
      ['a body that is too large', 413, 'POST', open, request('ping', { pad: 'x'.repeat(1_100_000) })],
      ['a GET that cannot read SSE', 406, 'GET', { ...open, Accept: 'text/html' }],
      ['a GET without a session', 400, 'GET', { Accept: 'text/event-stream' }],
      ['a DELETE of an unknown session', 404, 'DELETE', { 'Mcp-Session-Id': 'gone' }],
      ['PUT', 405, 'PUT', open, ping],
    ]
    for (const [name, status, method, headers, body] of cases) {
      const reply = await send(method, headers, body)
      assert.equal(reply.status, status, name)
      assert.equal(typeof JSON.parse(reply.text).error.message, 'string', name)
    }
  })

  it('ends a session, its streams and its work on DELETE', async () => {
    const headers = await openSession()
    const stream = await start('GET', headers)
    const slow = await start('POST', headers, SLOW)
    assert.match(String(await once(slow, 'data')), /notifications\/progress/)
    assert.equal((await send('DELETE', headers)).status, 200)
    assert.equal(await readRest(stream), '')
    assert.ok(!(await readRest(slow)).includes('"id"'))
    assert.equal((await send('POST', headers, request('ping'))).status, 404)
  })

  it('takes batches in a session of 2025-03-26', async () => {
    const headers = await openSession('2025-03-26')
    const batch = [
      request('ping', {}, 'a'),
      { jsonrpc: '2.0', method: 'x' },
      request('tools/call', { name: 'slow', arguments: { seconds: 0.01 } }, 'b'),
    ]
    const { type, text } = await send('POST', headers, batch)
    assert.equal(type, 'text/event-stream')
    const ids = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!).id)
    assert.deepEqual(ids, ['a', 'b'])
    assert.equal((await send('POST', headers, [INITIALIZE])).status, 400)
  })

  it('closes with work under way and streams open', async () => {
    const headers = await openSession()
    const stream = await start('GET', headers)
    const slow = await start('POST', headers, SLOW)
    const cut = Promise.allSettled([readRest(stream), readRest(slow)])
    await server.close()
    await cut
    await assert.rejects(fetch(server.url))
    server = await startDemoServer()
  })
})

describe('the demo server and the client of the SDK', () => {
  async function connect(t: TestContext): Promise<Client> {
    const client = new Client({ name: 'test', version: '0' })
    t.after(() => client.close())
    await client.connect(new StreamableHTTPClientTransport(server.url))
    return client
  }

  it('has four tools, each described', async (t) => {
    const { tools } = await (await connect(t)).listTools()
    assert.deepEqual(
      tools.map(({ name }) => name),
      ['echo', 'add', 'slow', 'fail'],
    )
    for (const tool of tools) {
      assert.ok(tool.description)
      assert.equal(tool.inputSchema.type, 'object')
      assert.equal(tool.annotations?.readOnlyHint, true)
    }
  })

  it('runs echo, add and fail', async (t) => {
    const client = await connect(t)
    const text = 'Ünï\n"quoted" \u2028 😀'
    assert.deepEqual((await client.callTool({ name: 'echo', arguments: { text } })).content, [
      { type: 'text', text },
    ])
    const sum = await client.callTool({ name: 'add', arguments: { a: 1.5, b: 2 } })
    assert.deepEqual(sum, { content: [{ type: 'text', text: '3.5' }] })
    assert.equal((await client.callTool({ name: 'fail' })).isError, true)
  })

  it('tells the model about wrong input, and the host about a wrong name', async (t) => {
    const client = await connect(t)
    for (const call of [
      { name: 'echo' },
      { name: 'add', arguments: { a: '1', b: 2 } },
      { name: 'slow', arguments: { seconds: 1e9 } },
    ]) {
      assert.equal((await client.callTool(call)).isError, true, call.name)
    }
    await assert.rejects(client.callTool({ name: 'toString' }), { code: -32602 })
  })

  it('reports progress of slow in order, then answers', async (t) => {
    const seen: Progress[] = []
    const onprogress = (progress: Progress): void => void seen.push(progress)
    const client = await connect(t)
    const result = await client.callTool({ name: 'slow', arguments: { seconds: 0.6 } }, undefined, {
      onprogress,
    })
    assert.deepEqual(result.content, [{ type: 'text', text: 'done after 0.6 s' }])
    assert.deepEqual(
      seen.map(({ progress, total }) => [progress, total]),
      [
        [1, 3],
        [2, 3],
        [3, 3],
      ],
    )
  })

  it('stops slow when it is cancelled, and owes no answer', async () => {
    const headers = await openSession()
    const response = await start('POST', headers, SLOW)
    assert.match(String(await once(response, 'data')), /"method":"notifications\/progress"/)
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'long' } }
    assert.equal((await send('POST', headers, cancelled)).status, 202)
    assert.ok(!(await readRest(response)).includes('"id"'))
  })

  it('lets the client cancel slow, and goes on', async (t) => {
    const client = await connect(t)
    const stop = new AbortController()
    const slow = client.callTool({ name: 'slow', arguments: { seconds: 60 } }, undefined, {
      signal: stop.signal,
      onprogress: () => stop.abort('enough'),
    })
    await assert.rejects(slow, /enough/)
    assert.deepEqual(await client.ping(), {})
  })

  it('tells a client whose session is gone with 404', async (t) => {
    const transport = new StreamableHTTPClientTransport(server.url)
    const client = new Client({ name: 'test', version: '0' })
    t.after(() => client.close())
    await client.connect(transport)
    await send('DELETE', { 'Mcp-Session-Id': transport.sessionId! })
    await assert.rejects(client.ping(), { code: 404 })
  })

  it('serves its resource and its prompt', async (t) => {
    const client = await connect(t)
    const { resources } = await client.listResources()
    assert.deepEqual(
      resources.map(({ uri }) => uri),
      ['demo://readme'],
    )
    const { contents } = await client.readResource({ uri: 'demo://readme' })
    assert.equal(contents[0]?.mimeType, 'text/markdown')
    assert.deepEqual((await client.listResourceTemplates()).resourceTemplates, [])
    await assert.rejects(client.readResource({ uri: 'demo://other' }), { code: -32002 })

    const { prompts } = await client.listPrompts()
    assert.deepEqual(
      prompts.map(({ name }) => name),
      ['greet'],
    )
    const { messages } = await client.getPrompt({ name: 'greet', arguments: { name: 'Ada' } })
    const { content } = messages[0]!
    assert.match(content.type === 'text' ? content.text : '', /Ada/)
    await assert.rejects(client.getPrompt({ name: 'greet' }), { code: -32602 })
    await assert.rejects(client.getPrompt({ name: 'other' }), { code: -32602 })
  })

  it('logs over the GET stream once it is asked to', async () => {
    const headers = await openSession()
    const stream = await start('GET', headers)
    const call = (name: string, args: object) =>
      send('POST', headers, request('tools/call', { name, arguments: args }))
    await call('add', { a: 1, b: 2 })
    await send('POST', headers, request('logging/setLevel', { level: 'debug' }))
    const heard = once(stream, 'data')
    await call('echo', { text: '' })
    const [event] = await heard
    const message = LoggingMessageNotificationSchema.parse(JSON.parse(/^data: (.*)$/m.exec(event)![1]!))
    assert.equal(message.params.data, 'echo was called')
    const wrong = await send('POST', headers, request('logging/setLevel', { level: 'loud' }))
    assert.equal(JSON.parse(wrong.text).error.code, -32602)
    stream.destroy()
  })
})

describe('the demo command', () => {
  const stopped = new Promise<void>(() => {})

  /** The bridge, as main.ts runs it for `mcp-ferry <url>`. */
  function bridge(url: URL, input: Readable, output: Writable): Promise<number> {
    const world = {
      env: {},
      platform: process.platform,
      version: '0',
      home: () => '/',
      readFile: () => new Uint8Array(),
    }
    const door = parseCommandLine({ argv: [String(url)], ...world })
    assert.ok(door.kind === 'bridge')
    const write = (line: string): void => assert.fail(`logged: ${line}`)
    const log = createLog({ level: 'warn', json: false, secrets: [], write })
    return runBridge({
      options: door.options,
      input,
      output: () => output,
      log,
      version: '0',
      stopped,
      isOrphan: () => false,
      memory: {
        recall: async () => undefined,
        remember() {},
        recallEra: async () => undefined,
        rememberEra() {},
        flush: async () => {},
      },
    })
  }

  async function play(settings: { isTTY?: boolean; env?: Record<string, string>; bridge?: typeof bridge }) {
    const input = Object.assign(new PassThrough(), { isTTY: true })
    const output = Object.assign(new PassThrough(), settings.isTTY ? { isTTY: true } : {})
    const { env = {}, bridge: own = bridge } = settings
    const code = await runDemo({ input, output, env, bridge: own, stopped })
    return { code, text: output.end().setEncoding('utf8').read() as string }
  }

  it('plays a session to a person at a terminal and ends by itself', async () => {
    const { code, text } = await play({})
    assert.equal(code, 0)
    const lines = text.split('\n').filter((line) => /^(host|remote) /.test(line))
    assert.deepEqual(lines, [
      'host   → initialize',
      'remote ← mcp-ferry-demo 1.0.0, MCP 2025-11-25',
      'host   → notifications/initialized',
      'host   → tools/list',
      'remote ← 4 tools: echo, add, slow, fail',
      'host   → tools/call echo {"text":"Hello, remote!"}',
      'remote ← Hello, remote!',
      'host   → tools/call add {"a":19,"b":23}',
      'remote ← 42',
      'host   → tools/call slow {"seconds":1}',
      'remote … 25 %, step 1 of 4',
      'remote … 50 %, step 2 of 4',
      'remote … 75 %, step 3 of 4',
      'remote … 100 %, step 4 of 4',
      'remote ← done after 1 s',
      'host   → tools/call fail {}',
      'remote ← error: this tool always fails',
    ])
    const config = JSON.parse(/^\{[\s\S]*?^\}$/m.exec(text)?.[0] ?? '')
    assert.deepEqual(config.mcpServers['my-server'].args, ['-y', 'mcp-ferry', 'https://example.com/mcp'])
    assert.ok(!text.includes('\u001b'))
  })

  it('colours only where somebody sees it, and as FORCE_COLOR and NO_COLOR say', async () => {
    const cases: readonly { isTTY: boolean; env: Record<string, string>; coloured: boolean }[] = [
      { isTTY: true, env: {}, coloured: true },
      { isTTY: true, env: { NO_COLOR: '1' }, coloured: false },
      { isTTY: true, env: { TERM: 'dumb' }, coloured: false },
      { isTTY: false, env: { FORCE_COLOR: '1' }, coloured: true },
      { isTTY: true, env: { FORCE_COLOR: '0' }, coloured: false },
      { isTTY: true, env: { FORCE_COLOR: '1', NO_COLOR: '1' }, coloured: false },
    ]
    const check = async ({ coloured, ...settings }: (typeof cases)[number]): Promise<void> => {
      const { text } = await play(settings)
      assert.equal(text.includes('\u001b['), coloured, JSON.stringify(settings))
    }
    await Promise.all(cases.map(check))
  })

  it('says so when the bridge ends early', async () => {
    await assert.rejects(play({ bridge: async () => 1 }), { kind: 'internal' })
  })

  it('is a bridge to the demo server when an editor starts it', async () => {
    const input = new PassThrough()
    const output = new PassThrough().setEncoding('utf8')
    const ended = runDemo({ input, output, env: {}, bridge, stopped })
    input.write(`${JSON.stringify(INITIALIZE)}\n`)
    const [line] = await once(output, 'data')
    assert.equal(JSON.parse(line).result.serverInfo.name, 'mcp-ferry-demo')
    input.end()
    assert.equal(await ended, 0)
  })

  it('ends when it is told to, also before an editor has said anything', async () => {
    const input = new PassThrough()
    const output = new PassThrough()
    assert.equal(await runDemo({ input, output, env: {}, bridge, stopped: Promise.resolve() }), 0)
    assert.equal(output.read(), null)
  })

  it('a session ends when it is told to, without a word about it', async () => {
    const input = Object.assign(new PassThrough(), { isTTY: true })
    const output = new PassThrough()
    const said = once(output, 'data').then(() => {})
    const ending = () => said.then(() => 0)
    assert.equal(await runDemo({ input, output, env: {}, bridge: ending, stopped: said }), 0)
  })
})
