// `mcp-ferry call` at a real terminal: progress that comes and goes, images, questions of the server's and what a person does
// with them, and Ctrl-C as a key and as a signal.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { startAskingServer } from '../fixtures/servers/asking-server.ts'
import type { Exchange, Handler, SseStream } from '../fixtures/servers/raw-server.ts'
import { caller, NO_TERMINAL, PNG, serveTool } from './calling.ts'
import { test as anyTest, serveModern } from './harness.ts'

const test = (name: string, body: (t: TestContext) => Promise<void>): void => anyTest(name, body, NO_TERMINAL)

interface Asked {
  readonly call: Handler
  readonly on: Readonly<Record<string, Handler>>
}

/** A tool that asks the host, and says what it was answered. */
function asking(method: string, params: unknown): Asked {
  let stream: SseStream | undefined
  return {
    call(x) {
      stream = x.sse()
      stream.message({ jsonrpc: '2.0', id: 'q', method, params })
    },
    on: {
      response(x: Exchange) {
        x.reply(202)
        const { result, error } = x.message
        stream?.result({ content: [{ type: 'text', text: JSON.stringify(result ?? error) }] })
        stream?.end()
      },
    },
  }
}

const form = (properties: object, required: readonly string[] = []): Asked =>
  asking('elicitation/create', {
    message: 'Where to?\u001b[2J',
    requestedSchema: { type: 'object', properties, required },
  })

test('progress is a bar on stderr that is gone at the end; stdout has the result alone', async (t) => {
  const user = caller(t)
  let finish = (): void => {}
  const server = await serveTool(t, (x) => {
    const stream = x.sse()
    const meta = x.message.params?._meta as Readonly<Record<string, unknown>> | undefined
    const progressToken = meta?.progressToken
    const params = { progressToken, progress: 1, total: 4, message: 'packing\u001b[2J' }
    stream.message({ jsonrpc: '2.0', method: 'notifications/progress', params })
    finish = () => {
      stream.result({ content: [{ type: 'text', text: 'packed' }] })
      stream.end()
    }
  })
  const terminal = user.atTerminal([server.url, 'tool'], { around: '"$0" "$@" > out.txt' })
  await terminal.shows(/\[#{6}-{18}\] {2}25% {2}\d+ s {2}packing/)
  finish()
  const { code, screen } = await terminal.ended
  assert.equal(code, 0, screen)
  assert.ok(screen.endsWith('\r\u001b[K'), JSON.stringify(screen))
  assert.doesNotMatch(screen, /\u001b\[2J/)
  assert.equal(user.read('out.txt').toString(), 'packed\n')
})

test('a dumb terminal has no bar, and the server is not asked for progress', async (t) => {
  const user = caller(t)
  const server = await serveTool(t, (x) => x.result('{"content":[]}'))
  const { code, screen } = await user.atTerminal([server.url, 'tool'], { env: { TERM: 'dumb' } }).ended
  assert.deepEqual([code, screen], [0, ''])
  assert.equal(server.sent('tools/call')[0]?.message.params?._meta, undefined)
})

test('a result has its lines, and nothing that the terminal would obey', async (t) => {
  const user = caller(t)
  const content = [
    { type: 'text', text: 'one\n\ttwo\u001b]0;title\u0007\u001b[31m red\u009b2J' },
    { type: 'resource_link', uri: 'file:///a\u001b[2J', name: 'a' },
  ]
  const server = await serveTool(t, (x) => x.result({ content, structuredContent: { n: ['\u001b', {}] } }))
  const { code, screen } = await user.atTerminal([server.url, 'tool']).ended
  assert.equal(code, 0, screen)
  const shown = screen.replaceAll('\r\n', '\n')
  assert.ok(
    shown.includes('one\n    two red\na file:///a\n{\n  "n": [\n    "\\u001b",\n    {}\n  ]\n}\n'),
    shown,
  )
})

test('an image is drawn where the terminal can, and saved where it cannot', async (t) => {
  const user = caller(t)
  const image = { type: 'image', data: PNG, mimeType: 'image/png' }
  const server = await serveTool(t, (x) => x.result({ content: [image] }))
  const iterm = await user.atTerminal([server.url, 'tool'], { env: { TERM_PROGRAM: 'iTerm.app' } }).ended
  assert.ok(iterm.screen.includes(`\u001b]1337;File=inline=1;size=70:${PNG}\u0007`), iterm.screen)
  const kitty = await user.atTerminal([server.url, 'tool'], { env: { TERM: 'xterm-kitty' } }).ended
  assert.ok(kitty.screen.includes(`\u001b_Ga=T,f=100,m=0;${PNG}\u001b\\`), kitty.screen)
  assert.deepEqual(user.files(), [])
  const plain = await user.atTerminal([server.url, 'tool']).ended
  assert.match(plain.screen, /the image is in tool-1\.png/)
  assert.deepEqual(user.files(), ['tool-1.png'])
})

test('a form is filled in field by field, looked over and sent', async (t) => {
  const user = caller(t)
  const { call, on } = form(
    {
      name: { type: 'string', title: 'Your name', minLength: 2 },
      age: { type: 'integer', minimum: 18 },
      mail: { type: 'string', format: 'email' },
      sure: { type: 'boolean', default: true },
      deck: {
        type: 'string',
        oneOf: [
          { const: 'a', title: 'Upper' },
          { const: 'b', title: 'Lower' },
        ],
      },
      meals: { type: 'array', items: { enum: ['fish', 'soup', 'cake'] } },
      big: { type: 'integer', default: 5 },
    },
    ['name', 'age'],
  )
  const server = await serveTool(t, call, {}, on)
  const terminal = user.atTerminal([server.url, 'tool'], { around: '"$0" "$@" > out.txt' })
  await terminal.shows(/127\.0\.0\.1:\d+ asks: Where to\?/)
  await terminal.shows(/Answer\? .*\[Y\/n\]/)
  terminal.type('\r')
  await terminal.shows(/Your name\r\n.*text, required> /)
  terminal.type('\r')
  await terminal.shows(/it is required/)
  terminal.type('x\r')
  await terminal.shows(/type 2 characters or more/)
  terminal.type('Änne\r')
  await terminal.shows(/age\r\n/)
  terminal.type('17\r')
  await terminal.shows(/type 18 or more/)
  terminal.type('9007199254740993\r')
  await terminal.shows(/Enter leaves it out> /)
  terminal.type('nobody\r')
  await terminal.shows(/type an e-mail address/)
  terminal.type('\r')
  await terminal.shows(/yes or no, Enter: true> /)
  terminal.type('no\r')
  await terminal.shows(/2 {2}b \(Lower\)/)
  terminal.type('2\r')
  await terminal.shows(/some of these, with commas/)
  terminal.type('soup, 3\r')
  await terminal.shows(/whole number, Enter: 5> /)
  terminal.type('\r')
  await terminal.shows(/Send it\?/)
  terminal.type('e\r')
  for (const times of [3, 4, 5, 6, 7, 8]) {
    await terminal.shows(/> /, 9 + times)
    terminal.type('\r')
  }
  await terminal.shows(/> /, 18)
  terminal.type('6\r')
  await terminal.shows(/Send it\?/, 2)
  terminal.type('y\r')
  const { code, screen } = await terminal.ended
  assert.equal(code, 0, screen)
  assert.deepEqual(JSON.parse(user.read('out.txt').toString()), {
    action: 'accept',
    content: {
      name: 'Änne',
      age: 9007199254740992,
      sure: false,
      deck: 'b',
      meals: ['soup', 'cake'],
      big: 6,
    },
  })
  const [reply] = server.requests.filter(({ text }) => text.includes('"action"'))
  assert.match(reply!.text, /"age":9007199254740993/)
  assert.doesNotMatch(screen, /\u001b\[2J/)
  const capabilities = { elicitation: { form: {}, url: {} }, sampling: {} }
  assert.deepEqual(server.sent('initialize')[0]?.message.params?.capabilities, capabilities)
})

test('a form is declined by n and cancelled by Ctrl-D', async (t) => {
  const user = caller(t)
  const { call, on } = form({ name: { type: 'string' } })
  const server = await serveTool(t, call, {}, on)
  for (const [keys, action] of [
    ['n\r', 'decline'],
    ['\x04', 'cancel'],
  ] as const) {
    const terminal = user.atTerminal([server.url, 'tool'])
    await terminal.shows(/Answer\?/)
    terminal.type(keys)
    const { code, screen } = await terminal.ended
    assert.equal(code, 0, screen)
    assert.ok(screen.includes(`{"action":"${action}"}`), screen)
  }
  const terminal = user.atTerminal([server.url, 'tool'])
  await terminal.shows(/Answer\?/)
  terminal.type('\r')
  await terminal.shows(/text, Enter leaves it out> /)
  terminal.type('\x04')
  assert.match((await terminal.ended).screen, /\{"action":"cancel"\}/)
})

test('keys that were pressed before the question consent to nothing', async (t) => {
  const user = caller(t)
  const { call, on } = form({ name: { type: 'string' } })
  let ask = (): void => {}
  const server = await serveTool(
    t,
    (x) => {
      ask = () => void call(x)
    },
    {},
    on,
  )
  const terminal = user.atTerminal([server.url, 'tool'], { env: { TERM: 'dumb' } })
  await server.request(({ message }) => message.method === 'tools/call')
  terminal.type('\r\ry\r\r')
  await terminal.shows(/\r\n/, 4)
  ask()
  await terminal.shows(/Answer\?/)
  terminal.type('n\r')
  const { code, screen } = await terminal.ended
  assert.equal(code, 0, screen)
  assert.match(screen, /\{"action":"decline"\}/)
})

test('a page is opened only when the person says so, and one that is no web page never', async (t) => {
  const user = caller(t)
  const page = (url: string): Asked =>
    asking('elicitation/create', { mode: 'url', elicitationId: '1', url, message: 'Pay.' })
  const good = page('https://pay.example.com/x?y=1')
  const server = await serveTool(t, good.call, {}, good.on)
  for (const [keys, action] of [
    ['y\r', 'accept'],
    ['\r', 'decline'],
  ] as const) {
    const terminal = user.atTerminal([server.url, 'tool'])
    await terminal.shows(/a page on pay\.example\.com:\s+https:\/\/pay\.example\.com\/x\?y=1/)
    await terminal.shows(/\[y\/N\]/)
    terminal.type(keys)
    const { screen } = await terminal.ended
    assert.ok(screen.includes(`{"action":"${action}"}`), screen)
  }
  const bad = page('file:///etc/passwd')
  const other = await serveTool(t, bad.call, {}, bad.on)
  const { screen } = await user.atTerminal([other.url, 'tool']).ended
  assert.match(screen, /none that is safe to open/)
  assert.match(screen, /\{"action":"decline"\}/)
})

test('a call that wants a page visited first is sent again when the person has been there', async (t) => {
  const user = caller(t)
  let calls = 0
  const server = await serveTool(t, (x) => {
    calls++
    const data = {
      elicitations: [{ mode: 'url', elicitationId: '1', url: 'https://a.example/', message: 'Go.' }],
    }
    if (calls === 1) x.error(-32042, 'visit first', data)
    else x.result({ content: [{ type: 'text', text: 'welcome' }] })
  })
  const terminal = user.atTerminal([server.url, 'tool'])
  await terminal.shows(/\[y\/N\]/)
  terminal.type('y\r')
  await terminal.shows(/Press Enter when you are done/)
  terminal.type('\r')
  const { code, screen } = await terminal.ended
  assert.equal(code, 0, screen)
  assert.match(screen, /welcome/)
  assert.equal(calls, 2)
})

test('what a model is to write is written by the person, or declined', async (t) => {
  const user = caller(t)
  const { call, on } = asking('sampling/createMessage', {
    systemPrompt: 'Be kind.',
    messages: [
      { role: 'user', content: { type: 'text', text: 'Say\u001b[2J hello' } },
      { role: 'user', content: { type: 'image', data: PNG, mimeType: 'image/png' } },
    ],
    maxTokens: 50,
  })
  const server = await serveTool(t, call, {}, on)
  const terminal = user.atTerminal([server.url, 'tool'], { around: '"$0" "$@" > out.txt' })
  await terminal.shows(/system: Be kind\.\r\nuser: Say hello\r\nuser: \[image \(image\/png\)\]/)
  await terminal.shows(/at most 50 tokens\?/)
  terminal.type('y\r')
  await terminal.shows(/ends it\.\r\n.*> /)
  terminal.type('hello\rthere\r.\r')
  assert.equal((await terminal.ended).code, 0)
  assert.deepEqual(JSON.parse(user.read('out.txt').toString()), {
    role: 'assistant',
    content: { type: 'text', text: 'hello\nthere' },
    model: 'a person',
    stopReason: 'endTurn',
  })
  const declined = user.atTerminal([server.url, 'tool'])
  await declined.shows(/at most 50 tokens\?/)
  declined.type('n\r')
  assert.match((await declined.ended).screen, /"code":-1,"message":"the person has declined"/)
})

test('with --no-input and with --yes nobody is asked, and the server knows', async (t) => {
  const user = caller(t)
  const server = await serveTool(t, (x) => x.result('{"content":[]}'))
  for (const flag of ['--no-input', '--yes'])
    assert.equal((await user.atTerminal([server.url, 'tool', flag]).ended).code, 0)
  assert.deepEqual(
    server.sent('initialize').map(({ message }) => message.params?.capabilities),
    [{}, { elicitation: { form: {} } }],
  )
})

test('a question is asked at the terminal also where stdin has brought the arguments', async (t) => {
  const user = caller(t)
  const { call, on } = form({ name: { type: 'string' } }, ['name'])
  const server = await serveTool(t, call, {}, on)
  const terminal = user.atTerminal([server.url, 'tool', '--args', '-'], {
    around: 'echo "{}" | "$0" "$@" > out.txt',
  })
  await terminal.shows(/Answer\?/)
  terminal.type('\r')
  await terminal.shows(/required> /)
  terminal.type('x\r')
  await terminal.shows(/Send it\?/)
  terminal.type('\r')
  assert.equal((await terminal.ended).code, 0)
  assert.equal(user.read('out.txt').toString(), '{"action":"accept","content":{"name":"x"}}\n')
})

test('Ctrl-C cancels a call at the terminal, also in the middle of a question', async (t) => {
  const user = caller(t)
  const hanging = await serveTool(t, (x) => x.hang())
  const alone = user.atTerminal([hanging.url, 'tool'])
  await hanging.request(({ message }) => message.method === 'tools/call')
  alone.type('\x03')
  await hanging.request(({ message }) => message.method === 'notifications/cancelled')
  const first = await alone.ended
  assert.equal(first.code, 130, first.screen)
  const { call } = form({ name: { type: 'string' } })
  const server = await serveTool(t, call)
  const asked = user.atTerminal([server.url, 'tool'])
  await asked.shows(/Answer\?/)
  asked.type('\x03')
  await server.request(({ message }) => message.method === 'notifications/cancelled')
  const second = await asked.ended
  assert.equal(second.code, 130, second.screen)
  assert.match(second.screen, /mcp-ferry: cancelled/)
})

test('a question that the server takes back is gone, and the result is shown', async (t) => {
  const user = caller(t)
  let finish = (): void => {}
  const server = await serveTool(t, (x) => {
    const stream = x.sse()
    const params = { message: 'Quick?', requestedSchema: { type: 'object', properties: {} } }
    stream.message({ jsonrpc: '2.0', id: 7, method: 'elicitation/create', params })
    finish = () => {
      stream.message({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } })
      stream.result({ content: [{ type: 'text', text: 'too late' }] })
      stream.end()
    }
  })
  const terminal = user.atTerminal([server.url, 'tool'])
  await terminal.shows(/Accept\?/)
  finish()
  const { code, screen } = await terminal.ended
  assert.equal(code, 0, screen)
  assert.match(screen, /too late/)
})

test('servers of both eras ask the same person, one question after another', async (t) => {
  const user = caller(t)
  const legacy = await startAskingServer()
  t.after(() => legacy.close())
  const twice = user.atTerminal([legacy.url, 'ask-twice'])
  for (const [at, message] of ['First', 'Second'].entries()) {
    await twice.shows(new RegExp(`asks: ${message}\\?`))
    await twice.shows(/Answer\?/, at + 1)
    twice.type('\r')
    await twice.shows(/leaves it out> /, at + 1)
    twice.type(`${message}\r`)
    await twice.shows(/Send it\?/, at + 1)
    twice.type('\r')
  }
  assert.match((await twice.ended).screen, /accept First, accept Second/)
  const params = {
    message: 'Who?',
    requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
  }
  const inputRequests = { who: { method: 'elicitation/create', params: { mode: 'form', ...params } } }
  const modern = await serveModern(t, {
    on: {
      'tools/call'(x) {
        const answers = x.message.params?.inputResponses
        if (answers === undefined)
          x.result({ resultType: 'input_required', inputRequests, requestState: 's' })
        else x.result({ resultType: 'complete', content: [{ type: 'text', text: JSON.stringify(answers) }] })
      },
    },
  })
  const terminal = user.atTerminal([modern.url, 'echo'])
  await terminal.shows(/Answer\?/)
  terminal.type('\r')
  await terminal.shows(/leaves it out> /)
  terminal.type('Ada\r')
  await terminal.shows(/Send it\?/)
  terminal.type('\r')
  assert.match((await terminal.ended).screen, /"name":"Ada"/)
})
