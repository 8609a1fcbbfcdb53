// The commands that ask, at a terminal: tables as wide as it is, colours, and nothing of the remote's that it would obey. And who
// is asked to sign in: a person there, and nobody in a script.
import assert from 'node:assert/strict'
import { NO_TERMINAL, run, shell } from './at-shell.ts'
import { serve, test } from './harness.ts'
import { NO_FAKE_BROWSER, person, serveProtected } from './signing-in.ts'

const LONG = 'Says it again and again '.repeat(10).trim()
const TOOLS = `{"tools":[{"name":"echo","description":"${LONG}","inputSchema":{"properties":{"é":{},"b":{}},"required":["b"]}},{"name":"漢字","description":"Two"}]}`
const PLAIN = { NO_COLOR: '1' }

function atTerminal(
  t: Parameters<typeof run>[0],
  args: readonly string[],
  env: Readonly<Record<string, string>> = PLAIN,
) {
  return run(t, args, { atTerminal: true, env })
}

test(
  'a table fits the terminal, has a head, and its colours can be turned off and on',
  async (t) => {
    const server = await serve(t, { on: { 'tools/list': (x) => x.result(TOOLS) } })
    const { code, stdout } = await atTerminal(t, ['tools', server.url])
    assert.equal(code, 0)
    const [head = '', first = '', second] = stdout.split('\r\n')
    assert.match(head, /^NAME {2}ARGUMENTS {2}DESCRIPTION$/)
    assert.match(first, /^echo {2}b \[é\] {6}Says it again .*…$/)
    assert.ok(first.length <= 80 && first.length > 60, `${first.length} columns`)
    assert.equal(second, '漢字             Two')
    const coloured = await atTerminal(t, ['tools', server.url], {})
    assert.ok(coloured.stdout.startsWith('\x1b[2mNAME'), coloured.stdout)
    const off = await atTerminal(t, ['tools', server.url], { FORCE_COLOR: '0' })
    assert.ok(!off.stdout.includes('\x1b'), off.stdout)
    const forced = await run(t, ['tools', server.url, 'echo'], { env: { FORCE_COLOR: '1' } })
    assert.ok(forced.stdout.startsWith('\x1b[1mecho'), forced.stdout)
    const none = await run(t, ['tools', server.url, 'echo'], { env: { FORCE_COLOR: '1', ...PLAIN } })
    assert.ok(!none.stdout.includes('\x1b'), none.stdout)
  },
  NO_TERMINAL,
)

test(
  'JSON is set out for a person, with each number as it is written',
  async (t) => {
    const server = await serve(t, {
      on: { 'tools/list': (x) => x.result('{"tools":[{"name":"a\u009b2J","n":1.0,"e":{},"l":[1e400,[]]}]}') },
    })
    const { stdout } = await atTerminal(t, ['tools', server.url, '--json'])
    assert.equal(
      stdout.replaceAll('\r', ''),
      '[\n  {\n    "name": "a\\u009b2J",\n    "n": 1.0,\n    "e": {},\n    "l": [\n      1e400,\n      []\n    ]\n  }\n]\n',
    )
  },
  NO_TERMINAL,
)

test(
  'a resource brings no escape and no bytes into the terminal, unless that is asked for',
  async (t) => {
    const text = JSON.stringify('one\u001b[2J\ttwo\nthree\u202e')
    const result = (contents: string) => `{"contents":[${contents}]}`
    const server = await serve(t, {
      capabilities: { resources: {} },
      on: {
        'resources/read': (x) =>
          x.result(
            result(
              x.message.params?.uri === 'a:text'
                ? `{"uri":"a:text","text":${text}}`
                : '{"uri":"a:blob","mimeType":"image/png","blob":"G1sySg=="}',
            ),
          ),
      },
    })
    assert.equal((await atTerminal(t, ['read', server.url, 'a:text'])).stdout, 'one    two\r\nthree \r\n')
    const blob = await atTerminal(t, ['read', server.url, 'a:blob'])
    assert.match(
      blob.stdout,
      /^mcp-ferry: a:blob is 4 bytes of image\/png, which are not shown in a terminal; write --output <file>, .*\r\n$/,
    )
    assert.equal((await atTerminal(t, ['read', server.url, 'a:blob', '-o', '-'])).stdout, '\x1b[2J')
    assert.equal((await run(t, ['read', server.url, 'a:blob'])).stdout, '\x1b[2J')
    assert.equal((await run(t, ['read', server.url, 'a:text'])).stdout, 'one\u001b[2J\ttwo\nthree\u202e')
  },
  NO_TERMINAL,
)

test(
  'what is watched brings no escape into the terminal, as a line or as JSON',
  async (t) => {
    const server = await serve(t, { getStream: true })
    for (const [more, line] of [
      [[], /^[\d:.]+ {2}info {2}ab\r\n/m],
      [['--json'], /^\{.*"data":"a\\u009b1mb"\}\}\r\n/m],
    ] as const) {
      const args = ['watch', server.url, '-n', '1', ...more]
      const watching = shell(t, args, { atTerminal: true, env: PLAIN })
      const [stream] = (await server.several(more.length + 1, ({ method }) => method === 'GET')).slice(-1)
      assert.ok(stream !== undefined, 'there is no stream')
      await watching.shows(/watching/)
      server.push(
        '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"a\u009b1mb"}}',
      )
      const { code, stdout } = await watching.ended
      assert.equal(code, 0)
      assert.match(stdout, line)
    }
  },
  NO_TERMINAL,
)

test(
  'Ctrl-C at the terminal ends it, and nothing is explained',
  async (t) => {
    const server = await serve(t, { on: { 'tools/list': (x) => x.hang() } })
    const asking = shell(t, ['tools', server.url], { atTerminal: true, env: PLAIN })
    await server.request(({ message }) => message.method === 'tools/list')
    asking.type('\x03')
    const { code, stdout } = await asking.ended
    assert.deepEqual([code, stdout], [130, '^C'])
  },
  NO_TERMINAL,
)

test(
  'a script is told to sign in, and no browser is opened',
  async (t) => {
    const { server } = await serveProtected(t)
    const user = person(t)
    for (const args of [
      ['tools', server.url],
      ['ping', server.url],
      ['watch', server.url],
    ]) {
      const { code, stdout, stderr } = await user.run(args)
      assert.deepEqual([code, stdout], [6, ''])
      assert.match(stderr, /^mcp-ferry: .*mcp-ferry login http:\/\/127\.0\.0\.1:\d+\/mcp.*\n$/)
      assert.equal(stderr.split('\n').length, 2, stderr)
    }
    assert.equal(user.browser.opened().length, 0)
    assert.equal((await user.run(['login', server.url])).code, 0)
    const signedIn = await user.run(['tools', server.url])
    assert.deepEqual([signedIn.code, signedIn.stderr], [0, ''])
    assert.match(signedIn.stdout, /^echo\t/)
  },
  NO_FAKE_BROWSER,
)

test(
  'a person at a terminal is led through the sign-in, and then has the answer',
  async (t) => {
    const { server } = await serveProtected(t)
    const user = person(t)
    const { code, stdout } = await atTerminal(t, ['tools', server.url], { ...user.env, ...PLAIN })
    assert.equal(code, 0, stdout)
    assert.equal(user.browser.opened().length, 1)
    assert.match(
      stdout,
      /^mcp-ferry: sign in to 127\.0\.0\.1:\d+ in the browser tab that has been opened; Ctrl-C gives it up\r\n/,
    )
    assert.match(stdout, /\r\necho /)
  },
  NO_TERMINAL || NO_FAKE_BROWSER,
)

test('a credential that is refused is told, with its exit code', async (t) => {
  const { server } = await serveProtected(t)
  const env = { MY_TOKEN: 'not-the-one-4711' }
  const { code, stdout, stderr } = await run(t, ['tools', server.url, '--bearer-env', 'MY_TOKEN'], { env })
  assert.deepEqual([code, stdout], [6, ''])
  assert.match(stderr, /^mcp-ferry: .*\n$/)
  assert.equal(stderr.split('\n').length, 2, stderr)
  assert.ok(!stderr.includes('not-the-one'), stderr)
})
