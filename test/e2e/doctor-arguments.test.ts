// doctor and what reaches it: the arguments as the editor passed them, how each was read, and the variables around it.
// arguments.md 2 and 4, users.md 1 rows 1, 13 and 14.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { doctor, examine, failedFirst } from './doctoring.ts'
import { PLATFORM_HAS_SIGNALS, serve, serveTcp, test } from './harness.ts'
import { person } from './signing-in.ts'

test('a header in pieces is read, and warned of; the pieces are numbered, the value is hidden', async (t) => {
  const server = await serve(t)
  const { code, step } = await examine(t, [
    '--header',
    'Authorization:',
    'Bearer',
    's3cret-token-of-mine',
    server.url,
  ])
  assert.equal(code, 0)
  const { state, facts, details } = step('arguments')
  assert.equal(state, 'warn')
  assert.deepEqual(facts?.received, [
    '1  --header',
    '2  Authorization:',
    '3  Bearer',
    '4  … (20 characters)',
    `5  ${server.url}`,
  ])
  const lines = details?.join('\n') ?? ''
  assert.match(lines, /header: Authorization \(Bearer, 20 characters\), from --header/)
  assert.match(lines, /a header came in 3 arguments and was joined with blanks/)
  assert.equal(server.sent('initialize')[0]?.header('authorization'), 'Bearer s3cret-token-of-mine')
})

test('a variable that is not set: the sentence that the editor gets, and where it is looked up', async (t) => {
  const server = await serve(t)
  const { code, steps, step } = await examine(t, [server.url, '--header', 'X-Api-Key: ${MY_KEY}'])
  assert.equal(code, 2)
  assert.match(failedFirst(steps, 'arguments').sees, /uses the variable MY_KEY, which is not set/)
  assert.deepEqual(step('variables').facts?.used, [
    { name: 'MY_KEY', by: '--header', state: 'missing', isOptional: false },
  ])
  assert.match(step('variables').advice ?? '', /"env" block/)
  assert.equal(step('handshake').sees, 'because the arguments cannot be used')
  assert.equal(server.connections, 0)
})

test('variables that are set, in whichever way they are used, are found', async (t) => {
  const server = await serve(t)
  const args = ['--url-env', 'MY_URL', '--header-env', 'X-A=MY_KEY', '--header', 'X-B: ${NOT_SET:-none}']
  const env = { ...person(t).env, MY_URL: server.url, MY_KEY: 's3cret-value-of-mine' }
  const { code, stdout } = await doctor(args, env)
  assert.equal(code, 0, stdout)
  assert.match(stdout, /^✔ variables {2}3 variables are used, none is lacking$/m)
  assert.match(stdout, /^ +MY_URL \(--url-env\): set$/m)
  assert.match(stdout, /^ +MY_KEY \(--header-env\): set$/m)
  assert.match(stdout, /^ +NOT_SET \(--header\): not set, may be missing$/m)
  assert.match(stdout, /^ +URL: from --url-env$/m)
  assert.doesNotMatch(stdout, /^ +options:/m)
  assert.match(stdout, /header: X-A \(20 characters\), from --header-env/)
  assert.ok(!stdout.includes('s3cret'), stdout)
})

test('variables of ours are named; one with a slip in its name means nothing, and is warned of', async (t) => {
  const server = await serve(t)
  const user = person(t)
  const env = {
    ...user.env,
    MCP_FERRY_URL: server.url,
    MCP_FERRY_LOGLEVEL: 'info',
    MCP_FERRY_START_BUDGET: '5s',
  }
  const { code, stdout } = await doctor([], env)
  assert.equal(code, 0, stdout)
  assert.match(stdout, /^✔ arguments {2}.*\/mcp, no header$/m)
  assert.match(stdout, /^ +options: MCP_FERRY_START_BUDGET$/m)
  assert.match(stdout, /^! variables {2}/m)
  assert.match(stdout, /MCP_FERRY_LOGLEVEL means nothing to mcp-ferry; did you mean MCP_FERRY_LOG_LEVEL\?/)
})

test('TLS that is not checked is warned of', async (t) => {
  const server = await serve(t)
  const { code, stdout } = await doctor([server.url], { ...person(t).env, NODE_TLS_REJECT_UNAUTHORIZED: '0' })
  assert.equal(code, 0, stdout)
  assert.match(stdout, /^! variables /m)
  assert.match(stdout, /NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody on the way read and change everything/)
})

test('an option of its own that is wrong is one sentence on stderr', async (t) => {
  const { code, stdout, stderr } = await doctor(['https://x.invalid/mcp', '--json=yes'], person(t).env)
  assert.deepEqual([code, stdout], [2, ''])
  assert.equal(stderr, 'mcp-ferry: --json takes no value; write --json alone\n')
})

test('the help tells the exit codes', async (t) => {
  const { code, stdout } = await doctor(['--help'], person(t).env)
  assert.equal(code, 0)
  assert.match(stdout, /Exit codes, by the first step that fails:/)
  for (const number of [0, 1, 2, 3, 4, 5, 6, 7])
    assert.match(stdout, new RegExp(`^ {2}${number} {2}\\S`, 'm'))
})

test(
  'a person who has enough presses Ctrl-C: it ends at once',
  async (t) => {
    const server = await serveTcp(t, () => {})
    const child = spawn(process.execPath, [BIN, 'doctor', `${server.origin}/mcp`], {
      env: { ...bareEnv(), ...person(t).env },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    t.after(() => child.kill('SIGKILL'))
    const ended = new Promise((resolve) => child.on('close', resolve))
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    // One looks whether it can connect, the other one asks.
    await server.connected(2)
    child.kill('SIGINT')
    assert.equal(await ended, 1)
    assert.match(stdout, /^✔ connection /m)
    assert.doesNotMatch(stdout, / http /)
  },
  !PLATFORM_HAS_SIGNALS && 'no such signals here',
)

test('without a URL and without an editor it is told what to write; and so for an editor that stands by itself', async () => {
  const alone = await doctor([], {})
  assert.deepEqual([alone.code, alone.stdout], [2, ''])
  assert.match(
    alone.stderr,
    /^mcp-ferry: there is no URL; write mcp-ferry doctor https:.* or mcp-ferry doctor --editor/,
  )
  const named = await doctor(['cursor'], {})
  assert.deepEqual([named.code, named.stdout], [2, ''])
  assert.match(named.stderr, /^mcp-ferry: .*write mcp-ferry doctor --editor cursor\n$/)
})

test('beside an editor stands the name of a server, and no URL and no option of the bridge', async (t) => {
  for (const more of [['https://x.invalid/mcp'], ['one', 'two'], ['--retries', '3']]) {
    const { code, stdout, stderr } = await doctor(['--editor', 'cursor', ...more], person(t).env)
    assert.deepEqual([code, stdout], [2, ''], more.join(' '))
    assert.match(stderr, /^mcp-ferry: beside --editor or --config stands nothing but the name of a server/)
  }
})
