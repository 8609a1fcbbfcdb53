// `mcp-ferry call` with the reference server and with one that wants a sign-in: each kind of tool as a person and as a script
// calls it.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { type Everything, startEverything } from '../fixtures/servers/started-program.ts'
import { caller, NO_TERMINAL } from './calling.ts'
import { freePort, test } from './harness.ts'
import { NO_FAKE_BROWSER, person, serveProtected } from './signing-in.ts'

let server: Everything
let url = ''

before(async () => {
  server = await startEverything(await freePort())
  url = server.url
})
after(() => server.close())

/** What is written behind the URL, how it ends, and what is on stdout and stderr. */
const CALLS: readonly (readonly [words: readonly string[], code: number, stdout: RegExp, stderr: RegExp])[] =
  [
    [['echo', 'message=a "b" é漢😀'], 0, /^Echo: a "b" é漢😀\n$/, /^$/],
    [['get-sum', 'a=0.1', 'b=2'], 0, /^The sum of 0\.1 and 2 is 2\.1\.\n$/, /^$/],
    [['get-sum', 'a=one', 'b=2'], 2, /^$/, /^mcp-ferry: get-sum wants a number for a; [^\n]+\n$/],
    [['get-sum', '--args', '{"a":1}', 'b=2'], 0, /sum of 1 and 2 is 3/, /^$/],
    [['get-structured-content', 'location=Chicago'], 0, /^\{"temperature":[^\n]+\}\n$/, /^$/],
    [
      ['get-tiny-image'],
      0,
      /^Here's the image you requested:\nThe image above is the MCP logo\.\n$/,
      /^mcp-ferry: the image is in get-tiny-image-1\.png \(image\/png, \d+ bytes\)\n$/,
    ],
    [
      ['get-annotated-message', 'messageType=sucess'],
      2,
      /^$/,
      /wants one of error, success, debug for messageType; did you mean success\?/,
    ],
    [
      ['get-annotated-message', 'messageType=error', 'includeImage=true'],
      0,
      /^Error: /,
      /annotated-message-1\.png/,
    ],
    [
      ['get-resource-links', 'count=2'],
      0,
      /\nBlob Resource 1 demo:\/\/resource\/dynamic\/blob\/1\nText Resource 2 demo:/,
      /^$/,
    ],
    [['get-resource-reference', 'resourceType=Text', 'resourceId=1'], 0, /\nResource 1: This is/, /^$/],
    [['trigger-long-running-operation', 'duration=1', 'steps=2'], 0, /^Long running .*completed/, /^$/],
    [
      ['trigger-sampling-request', 'prompt=x'],
      2,
      /^$/,
      /has no tool trigger-sampling-request; it has echo, /,
    ],
  ]

test('a script calls each tool of the reference server', async (t) => {
  for (const [words, code, stdout, stderr] of CALLS) {
    const ran = await caller(t).run([url, ...words])
    const what = `${words.join(' ')}: ${JSON.stringify(ran)}`
    assert.equal(ran.code, code, what)
    assert.match(ran.stdout, stdout, what)
    assert.match(ran.stderr, stderr, what)
  }
})

test(
  'a person sees how far it is, and is asked',
  async (t) => {
    const user = caller(t)
    // So many steps that one of them is drawn wherever the machine stands still.
    const long = user.atTerminal([url, 'trigger-long-running-operation', 'duration=3', 'steps=30'])
    await long.shows(/\[#+-+\] +\d+%/)
    assert.equal((await long.ended).code, 0)
    const sampling = user.atTerminal([url, 'trigger-sampling-request', 'prompt=hello'])
    await sampling.shows(/user: .*hello[\s\S]*\[Y\/n\]/)
    sampling.type('\r')
    await sampling.shows(/ends it\.\r\n.*> /)
    sampling.type('hello yourself\r.\r')
    assert.match((await sampling.ended).screen, /LLM sampling result:[\s\S]*hello yourself/)
    const form = user.atTerminal([url, 'trigger-elicitation-request'])
    await form.shows(/Answer\?/)
    form.type('\x04')
    const { code, screen } = await form.ended
    assert.equal(code, 0, screen)
    assert.match(screen, /cancel/i)
  },
  NO_TERMINAL,
)

test('a script is not led through a sign-in; it is told what to run', async (t) => {
  const user = person(t)
  const { server: closed } = await serveProtected(t)
  const ran = await user.run(['call', closed.url, 'echo'])
  assert.deepEqual([ran.code, ran.stdout], [6, ''], ran.stderr)
  assert.match(ran.stderr, /^mcp-ferry: [^\n]*mcp-ferry login [^\n]*\n$/)
  assert.deepEqual(user.browser.opened(), [], 'no browser is opened')
})

test(
  'a person at a terminal signs in, and the call goes on',
  async (t) => {
    const user = person(t)
    const { server: closed } = await serveProtected(t)
    const { code, screen } = await caller(t).atTerminal([closed.url, 'echo', 'n:=1'], { env: user.env }).ended
    assert.equal(code, 0, screen)
    assert.match(screen, /"n": 1/)
  },
  NO_TERMINAL || NO_FAKE_BROWSER,
)
