// A command line that cannot be used: one sentence on stderr, the same as the answer to the host's first request,
// exit code 2, nothing on the network. protocol.md 0.8, architecture.md 6.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { members } from '../fixtures/hosts/raw-json.ts'
import { NO_TERMINAL, run, shell } from './at-shell.ts'
import { bridge, notify, ownError, request, serve, test } from './harness.ts'

const BAD: Readonly<Record<string, (url: string) => readonly string[]>> = {
  'no URL': () => [],
  'an unknown option': (url) => [url, '--no-such-option'],
  'something that is no URL': () => ['not a url'],
  'a scheme that is not http': () => ['ftp://127.0.0.1/mcp'],
  'plain http to another machine': () => ['http://mcp.example.com/mcp'],
  'a header without a colon': (url) => [url, '-H', 'Authorization'],
  'an empty header value': (url) => [url, '-H', 'Authorization: '],
  'a header with a line break in it': (url) => [url, '-H', 'X-A: one\r\nX-B: two'],
  'a header variable that is not set': (url) => [url, '--header-env', 'Authorization=NOT_SET_ANYWHERE'],
  'a duration that is none': (url) => [url, '--connect-timeout', 'soon'],
  'a size that is none': (url) => [url, '--max-line', 'big'],
  'a scope that is none, which a module of its own says': (url) => [url, '--scope', 'a"b'],
  'OAuth JSON that has lost its quotes': (url) => [url, '--static-oauth-client-info', '{client_id:x}'],
  'a log level that is none': (url) => [url, '--log-level', 'chatty'],
  'a log file that cannot be written': (url) => [url, '--log-file', '/no/such/folder/bridge.log'],
}

for (const [name, args] of Object.entries(BAD))
  test(`${name}: one sentence on stderr, the same for the host, exit 2`, async (t) => {
    const server = await serve(t)
    const host = bridge(t, { args: args(server.url) })
    host.send(initializeLine('i'))
    const answer = await host.answer('i')
    ownError(answer, 'usage')
    const { code } = await host.finish({ code: 2, stderr: 'some' })
    assert.equal(code, 2)
    assert.equal(host.stderr, `${answer.value.error?.message}\n`)
    assert.equal(server.connections, 0)
  })

test('the id of the first request comes back as it was written, notifications before it are passed over', async (t) => {
  const host = bridge(t, { args: ['--no-such-option'] })
  host.send('')
  host.send(notify('notifications/x'))
  host.send('{"jsonrpc":"2.0","method":"initialize","params":{"id":4},"id":9007199254740993}')
  const answer = await host.answer({ raw: '9007199254740993' })
  assert.equal(members(answer.raw).get('id'), '9007199254740993')
  await host.finish({ code: 2, stderr: 'some' })
})

test('without a request on stdin a usage error still ends the program: exit 2, nothing on stdout', async (t) => {
  const host = bridge(t, { args: ['--no-such-option'] })
  host.endInput()
  await host.finish({ code: 2, stderr: 'some' })
  assert.equal(host.lines.length, 0)
})

test('a host that never closes stdin is not waited for for ever after a usage error', async (t) => {
  const host = bridge(t, { args: ['--no-such-option'] })
  const { code } = await host.exit
  assert.equal(code, 2)
  await host.finish({ code: 2, stderr: 'some' })
})

test('a refused header is named, its value is not shown', async (t) => {
  const server = await serve(t)
  const host = bridge(t, { args: [server.url, '-H', 'X-Api-Key: s3cret\u0001value'] })
  host.send(request(1, 'initialize'))
  const answer = await host.answer(1)
  ownError(answer, 'usage')
  assert.match(answer.raw, /X-Api-Key/i)
  await host.finish({ code: 2, stderr: 'some' })
  assert.doesNotMatch(answer.raw + host.stderr, /s3cret/)
})

test('a variable without its braces is named in what is said of it, and the rest of the value is not', async (t) => {
  const server = await serve(t)
  for (const env of [{ MY_TOKEN: 's3cret-4711' }, {}]) {
    const host = bridge(t, { args: [server.url, '-H', 'Authorization: Bearer $MY_TOKEN'], env })
    await host.initialize()
    await host.finish({ stderr: 'some' })
    assert.equal(
      host.stderr,
      'mcp-ferry: the header Authorization from --header has MY_TOKEN with only a $, which is sent as it is; write ${MY_TOKEN} to have it filled in\n',
    )
  }
})

const FOR_EDITORS = `add NOT_SET to the "env" block of the editor's config\n`

test('a shell command that lacks a variable is told how a shell sets it', async (t) => {
  const server = await serve(t)
  for (const command of ['tools', 'login', 'status'])
    assert.deepEqual(await run(t, [command, server.url, '--header-env', 'X-A=NOT_SET']), {
      code: 2,
      stdout: '',
      stderr: `mcp-ferry: the header X-A from --header-env uses the variable NOT_SET, which is not set; in this shell write export NOT_SET=… first, or ${FOR_EDITORS}`,
    })
})

test('so is a shell command in a pipe whose writer stays, and it waits for nobody', async (t) => {
  const server = await serve(t)
  const host = bridge(t, { args: ['login', server.url, '--header-env', 'X-A=NOT_SET'] })
  host.send(request(1, 'initialize'))
  assert.equal((await host.exit).code, 2)
  await host.finish({ code: 2, stderr: 'some', unanswered: 'any' })
  assert.equal(host.lines.length, 0)
})

test('an editor is told of its config alone', async (t) => {
  const server = await serve(t)
  const { stderr } = await run(t, [server.url, '--header-env', 'X-A=NOT_SET'])
  assert.ok(stderr.endsWith(`which is not set; ${FOR_EDITORS}`), stderr)
})

test(
  'the bridge at a terminal that lacks a variable is told both',
  async (t) => {
    const { stdout } = await run(t, ['https://mcp.example.com/', '--header-env', 'X-A=NOT_SET'], {
      atTerminal: true,
    })
    assert.match(
      stdout,
      /is not set; in this shell write export NOT_SET=… first, or add NOT_SET to the "env"/,
    )
  },
  NO_TERMINAL,
)

test(
  'the bridge at a terminal says what it waits for, and how a person sees the server',
  async (t) => {
    const host = shell(t, ['http://127.0.0.1:9/mcp'], { atTerminal: true })
    await host.shows(/JSON-RPC lines .*; to see what the server has, write mcp-ferry tools <url>/)
    host.type('\x04')
    assert.equal((await host.ended).code, 0)
  },
  NO_TERMINAL,
)

test('no argument at all: what else there is, is told as well', async (t) => {
  const { code, stderr } = await run(t, [])
  assert.equal(code, 2)
  assert.equal(
    stderr,
    'mcp-ferry: there is no URL; write mcp-ferry https://host/path, or set MCP_FERRY_URL; mcp-ferry demo shows it at work, and mcp-ferry --help tells all the rest\n',
  )
  assert.match((await run(t, ['--log-level', 'error'])).stderr, /or set MCP_FERRY_URL\n$/)
})

test('a variable that is called like ours and is none is told of, with what it may have been meant to be', async (t) => {
  const server = await serve(t)
  const host = bridge(t, { args: [server.url], env: { MCP_FERRY_HEADERS: 'X-Key: s3cret' } })
  host.send(initializeLine('i'))
  assert.ok((await host.answer('i')).value.result)
  await host.finish({ stderr: 'some' })
  assert.equal(
    host.stderr,
    'mcp-ferry: the variable MCP_FERRY_HEADERS means nothing to mcp-ferry; did you mean MCP_FERRY_HEADER?\n',
  )
})

test('an option of another command is told as one, whatever asks', async (t) => {
  for (const args of [
    ['ping', 'http://127.0.0.1:9/mcp', '--all'],
    ['demo', '--allow-http'],
  ]) {
    const { code, stderr } = await run(t, args)
    assert.equal(code, 2)
    assert.match(stderr, /^mcp-ferry: that option is for another command; mcp-ferry (?:demo )?--help lists/)
  }
})

test('help for what is no command says so', async (t) => {
  assert.deepEqual(await run(t, ['help', 'nosuch']), {
    code: 2,
    stdout: '',
    stderr: 'mcp-ferry: there is no command nosuch; mcp-ferry --help lists them\n',
  })
  for (const args of [['help'], ['help', '--json'], ['--help'], ['help', 'help']])
    assert.match((await run(t, args)).stdout, /^Connects an editor/m)
  assert.match((await run(t, ['help', 'tools'])).stdout, /^ {2}mcp-ferry tools /m)
})
