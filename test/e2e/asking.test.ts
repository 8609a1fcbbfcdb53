// What a person or a script asks a remote: each command with the reference server, what goes to stdout, what to stderr, and how
// it ends. The lines of the table are those of a pipe.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before } from 'node:test'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { type Everything, startEverything } from '../fixtures/servers/started-program.ts'
import { run, shell } from './at-shell.ts'
import { freePort, PLATFORM_HAS_SIGNALS, serve, serveModern, test } from './harness.ts'

let everything: Everything
before(async () => {
  everything = await startEverything(await freePort())
})
after(() => everything.close())

const NOTES = 'demo://resource/static/document/architecture.md'

test('tools lists names, arguments and the first line of what is said of them', async (t) => {
  const { code, stdout, stderr } = await run(t, ['tools', everything.url])
  assert.deepEqual([code, stderr], [0, ''])
  const rows = stdout.trimEnd().split('\n')
  assert.ok(rows.includes('echo\tmessage\tEchoes back the input string'), stdout)
  assert.ok(rows.includes('get-sum\ta b\tReturns the sum of two numbers'), stdout)
  assert.ok(
    rows.some((row) => row.startsWith('get-annotated-message\tmessageType [includeImage]\t')),
    stdout,
  )
})

test('tools --json is the array, and --schema the schemas', async (t) => {
  const json = await run(t, ['tools', everything.url, '--json'])
  assert.deepEqual([json.code, json.stderr], [0, ''])
  const tools = JSON.parse(json.stdout) as { name: string; inputSchema: unknown }[]
  assert.ok(tools.length > 10, `${tools.length} tools`)
  const schemas = await run(t, ['tools', everything.url, '--schema'])
  assert.deepEqual(
    JSON.parse(schemas.stdout),
    Object.fromEntries(tools.map(({ name, inputSchema }) => [name, inputSchema])),
  )
  const one = await run(t, ['tools', everything.url, 'echo', '--schema'])
  assert.deepEqual(JSON.parse(one.stdout), tools.find(({ name }) => name === 'echo')?.inputSchema)
})

test('tools with a name tells all of that one, and with a wrong one which was meant', async (t) => {
  const { code, stdout } = await run(t, ['tools', everything.url, 'get-sum'])
  assert.equal(code, 0)
  assert.match(stdout, /^get-sum {2}Get Sum Tool\n\nReturns the sum of two numbers\n/)
  assert.match(stdout, /^ {2}a {2}number {2}First number\n {2}b {2}number {2}Second number\n/m)
  const wrong = await run(t, ['tools', everything.url, 'get-sun'])
  assert.deepEqual([wrong.code, wrong.stdout], [2, ''])
  assert.equal(wrong.stderr, 'mcp-ferry: the server has no tool get-sun; did you mean get-sum?\n')
})

test('resources, templates and prompts are listed', async (t) => {
  const resources = await run(t, ['resources', everything.url])
  assert.equal(resources.code, 0)
  assert.match(
    resources.stdout,
    /^demo:\/\/\S+\/architecture\.md\tarchitecture\.md\ttext\/markdown\tStatic /m,
  )
  const templates = await run(t, ['templates', everything.url])
  assert.match(
    templates.stdout,
    /^demo:\/\/resource\/dynamic\/text\/\{resourceId\}\tDynamic Text Resource\ttext\/plain\t/m,
  )
  const prompts = await run(t, ['prompts', everything.url])
  assert.match(prompts.stdout, /^args-prompt\tcity \[state\]\tA prompt with two arguments/m)
  for (const command of ['resources', 'templates', 'prompts']) {
    const { code, stdout, stderr } = await run(t, [command, everything.url, '--json'])
    assert.deepEqual([code, stderr], [0, ''])
    assert.ok(JSON.parse(stdout).length > 1, stdout)
  }
})

test('read writes a text as it is, and bytes as bytes', async (t) => {
  const text = await run(t, ['read', everything.url, NOTES])
  assert.deepEqual([text.code, text.stderr], [0, ''])
  const json = JSON.parse((await run(t, ['read', everything.url, NOTES, '--json'])).stdout)
  assert.equal(text.stdout, json.contents[0].text)
  const blob = 'demo://resource/dynamic/blob/7'
  const bytes = await run(t, ['read', everything.url, blob])
  assert.match(bytes.stdout, /^Resource 7: This is a base64 blob/)
  const folder = mkdtempSync(join(tmpdir(), 'ferry-read-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'notes.md')
  const saved = await run(t, ['read', everything.url, NOTES, '--output', file])
  assert.deepEqual([saved.code, saved.stdout, saved.stderr], [0, '', ''])
  assert.equal(readFileSync(file, 'utf8'), text.stdout)
  const nowhere = await run(t, ['read', everything.url, NOTES, '-o', join(file, 'x')])
  assert.equal(nowhere.code, 2)
  assert.match(
    nowhere.stderr,
    /^mcp-ferry: the file of --output .* cannot be written \(ENOTDIR\); write another path\n$/,
  )
})

test('what the server refuses has the exit code of the protocol, and its words', async (t) => {
  const { code, stdout, stderr } = await run(t, ['read', everything.url, 'demo://nothing'])
  assert.deepEqual([code, stdout], [7, ''])
  assert.match(stderr, /^mcp-ferry: the server refuses resources\/read \(-32602: .*demo:\/\/nothing.*\)\n$/)
})

test('prompt prints the messages, and complete one value a line', async (t) => {
  const filled = await run(t, ['prompt', everything.url, 'args-prompt', 'city=Rome', 'state=Lazio'])
  assert.deepEqual([filled.code, filled.stderr], [0, ''])
  assert.equal(filled.stdout, "user:\nWhat's weather in Rome, Lazio?\n")
  const json = await run(t, ['prompt', everything.url, 'args-prompt', 'city=a=b', '--json'])
  assert.equal(JSON.parse(json.stdout).messages[0].content.text, "What's weather in a=b?")
  const refused = await run(t, ['prompt', everything.url, 'args-prompt'])
  assert.deepEqual([refused.code, refused.stdout], [7, ''])
  const bad = await run(t, ['prompt', everything.url, 'args-prompt', 'Rome'])
  assert.equal(bad.code, 2)
  assert.match(bad.stderr, /argument 1 behind the name is not of the form name=value/)
  const values = await run(t, ['complete', everything.url, 'completable-prompt', 'department=E'])
  assert.deepEqual(values, { code: 0, stdout: 'Engineering\n', stderr: '' })
  const inContext = await run(t, [
    'complete',
    everything.url,
    'completable-prompt',
    'name=',
    'department=Sales',
  ])
  assert.match(inContext.stdout, /^David$/m)
  const template = await run(t, [
    'complete',
    everything.url,
    'demo://resource/dynamic/text/{resourceId}',
    'resourceId=1',
    '--json',
  ])
  assert.deepEqual(JSON.parse(template.stdout).values, ['1'])
})

test('the URL may be in a variable, and a URL is then what is read', async (t) => {
  const env = { MCP_FERRY_URL: everything.url }
  assert.match((await run(t, ['tools'], { env })).stdout, /^echo\t/)
  assert.match((await run(t, ['tools', 'echo'], { env })).stdout, /^echo {2}Echo Tool\n/)
  const read = await run(t, ['read', 'https://example.com/none'], { env })
  assert.match(read.stderr, /resources\/read .*https:\/\/example\.com\/none/)
})

test('a command line that cannot be used is told in one sentence', async (t) => {
  for (const [args, sentence] of [
    [
      ['tools'],
      /^mcp-ferry: there is no URL; write https:\/\/host\/path behind the command, or set MCP_FERRY_URL\n$/,
    ],
    [
      ['tools', 'example.com/mcp'],
      /^mcp-ferry: behind the command stands no URL; if it is the server, write https:\/\/ in front/,
    ],
    [
      ['call', 'echo', everything.url, 'message=hi'],
      /^mcp-ferry: the URL is not the first word; write it directly behind the command\n$/,
    ],
    [['read', everything.url], /^mcp-ferry: something is missing; write mcp-ferry read <url> <uri>\n$/],
    [
      ['tools', everything.url, 'a', 'b'],
      /^mcp-ferry: there are too many arguments; write mcp-ferry tools <url> \[name\]\n$/,
    ],
    [
      ['ping', everything.url, '--count', 'many'],
      /^mcp-ferry: --count cannot be "many"; write a whole number/,
    ],
    [['ping', everything.url, '-n'], /^mcp-ferry: -n is not followed by a value; write -n <n>\n$/],
    [
      ['watch', everything.url, '--level', 'loud'],
      /^mcp-ferry: --level does not know that level; write one of debug, /,
    ],
    [['tools', everything.url, '--json=1'], /^mcp-ferry: --json takes no value; write --json alone\n$/],
    [
      ['tools', everything.url, '--verbose'],
      /^mcp-ferry: --verbose does not exist; write --log-level debug\n$/,
    ],
  ] as const) {
    const { code, stdout, stderr } = await run(t, args)
    assert.deepEqual([code, stdout], [2, ''], args.join(' '))
    assert.match(stderr, sentence)
  }
})

test('an absent remote is tried a few times, and told once', async (t) => {
  const url = `http://127.0.0.1:${await freePort()}/mcp`
  for (const args of [
    ['tools', url],
    ['read', url, 'a:b'],
    ['ping', url],
    ['watch', url],
    ['complete', url, 'a', 'b=c'],
  ]) {
    const { code, stdout, stderr } = await run(t, args)
    assert.deepEqual([code, stdout], [3, ''])
    assert.match(stderr, /^mcp-ferry: 127\.0\.0\.1:\d+ refused the connection \(ECONNREFUSED\).*\n$/)
    assert.equal(stderr.split('\n').length, 2, stderr)
  }
})

test('a remote that hangs is given up after --request-timeout, or with Ctrl-C, and its session is ended', async (t) => {
  if (!PLATFORM_HAS_SIGNALS) return t.skip('no such signals here')
  const server = await serve(t, { on: { 'tools/list': (x) => x.hang() } })
  const timed = await run(t, ['tools', server.url, '--request-timeout', '5s'])
  assert.deepEqual([timed.code, timed.stdout], [3, ''])
  assert.match(timed.stderr, /^mcp-ferry: the remote did not answer tools\/list within 5 s .*\n$/)
  const asking = shell(t, ['tools', server.url])
  const asked = (await server.several(2, ({ message }) => message.method === 'tools/list'))[1]!
  asking.kill('SIGINT')
  assert.deepEqual(await asking.ended, { code: 130, stdout: '', stderr: '' })
  assert.equal(await asked.over, 'aborted')
  const cancelled = await server.request(
    (x) =>
      x.message.method === 'notifications/cancelled' &&
      server.requests.indexOf(x) > server.requests.indexOf(asked),
  )
  assert.equal(cancelled.message.params?.requestId, asked.message.id)
  await server.several(2, ({ method }) => method === 'DELETE')
  assert.equal(server.with('DELETE').length, 2)
  const deaf = await serve(t, { on: { initialize: (x) => x.hang() } })
  const opening = shell(t, ['tools', deaf.url])
  await deaf.request(({ message }) => message.method === 'initialize')
  opening.kill('SIGINT')
  assert.deepEqual(await opening.ended, { code: 130, stdout: '', stderr: '' })
})

test('a remote of the modern era is asked the same', async (t) => {
  const server = await serveModern(t, {
    on: {
      'resources/read': (x) => x.result('{"resultType":"complete","contents":[{"uri":"a:b","text":"é\\n"}]}'),
    },
  })
  assert.deepEqual(await run(t, ['tools', server.url]), {
    code: 0,
    stdout: 'echo\t\tSays it again\n',
    stderr: '',
  })
  assert.deepEqual(await run(t, ['read', server.url, 'a:b', '--remote-era', 'modern']), {
    code: 0,
    stdout: 'é\n',
    stderr: '',
  })
})

test(
  'what cannot be written is no success: a full disk, and not a reader that has gone',
  async () => {
    for (const args of [
      ['tools', everything.url],
      ['call', everything.url, 'echo', 'message=hi'],
      ['read', everything.url, 'demo://resource/static/document/features.md'],
      ['ping', everything.url, '-n', '1'],
      ['completion', 'bash'],
      ['--help'],
    ]) {
      const child = spawn('sh', ['-c', '"$@" > /dev/full', 'sh', process.execPath, BIN, ...args], {
        env: bareEnv(),
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      const stderr = await text(child.stderr)
      assert.equal(
        stderr,
        'mcp-ferry: what is printed cannot be written (ENOSPC); it is not whole\n',
        args[0],
      )
      assert.equal(child.exitCode ?? (await once(child, 'exit'))[0], 1, args[0])
    }
  },
  !existsSync('/dev/full') && 'there is no disk that is always full',
)
