// Credentials that change while the bridge runs: printed by a command, in a file, in the keychain. A 401 makes each of them
// once more, for one request or for a burst of them; what cannot be had is told, and no value is ever shown.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Host, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { mcpBehaviour } from '../fixtures/servers/mcp-server.ts'
import { type Exchange, type RawServer, startRawServer } from '../fixtures/servers/raw-server.ts'
import { bridge, call, ownError, request, resultOf, test } from './harness.ts'

const PROGRAM = fileURLToPath(new URL('../fixtures/programs/token-command.mjs', import.meta.url))
const jwt = (exp: number): string =>
  `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.s5ecret`

interface Command {
  /** As it is written behind --bearer-command. */
  readonly line: string
  readonly runs: () => number
  /** What the next run does: `out`, `err`, `code`, `port`. */
  set(name: string, text: string): void
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ferry-changing-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function command(t: TestContext, out: string): Command {
  const path = folder(t)
  const runs = join(path, 'runs')
  const set = (name: string, text: string): void => writeFileSync(join(path, name), text)
  set('out', out)
  return {
    line: `'${process.execPath}' '${PROGRAM}' '${path}'`,
    runs: () => (existsSync(runs) ? readFileSync(runs, 'utf8').length : 0),
    set,
  }
}

interface Guarded {
  readonly url: string
  readonly server: RawServer
  /** What is let in: each must be there as `name: value`. */
  wants: string[]
}

/** A server that answers 401 to whatever lacks a header, in the middle of a session too. */
async function guard(t: TestContext, ...wants: string[]): Promise<Guarded> {
  const { handle } = mcpBehaviour({ sessionId: null })
  const at: { wants: string[] } = { wants }
  const isWanted = (x: Exchange): boolean =>
    at.wants.every((want) => {
      const [name = '', value = ''] = want.split(/: (.*)/)
      return x.header(name) === value
    })
  const server = await startRawServer((x) =>
    isWanted(x) ? handle(x) : x.reply(401, { error: 'no' }, { 'WWW-Authenticate': 'Bearer realm="x"' }),
  )
  t.after(() => server.close())
  return Object.assign(at, { url: `${server.origin}/mcp`, server })
}

/** The handshake, to the end: what it sends last is not refused by what a test does next. */
async function shakeHands(host: Host, { server }: Guarded): Promise<void> {
  await host.initialize()
  const last = await server.request(({ message }) => message.method === 'notifications/initialized')
  await last.over
}

const bearer = (token: string): string => `authorization: Bearer ${token}`

test('a bearer command is run once for a whole session', async (t) => {
  const token = command(t, 'token-1\n')
  const guarded = await guard(t, bearer('token-1'))
  const host = bridge(t, { url: guarded.url, args: ['--bearer-command', token.line] })
  await shakeHands(host, guarded)
  for (let id = 1; id <= 3; id++) {
    host.send(call(id))
    resultOf(await host.answer(id))
  }
  await host.finish()
  assert.equal(token.runs(), 1)
  for (const x of guarded.server.requests) assert.equal(x.header('authorization'), 'Bearer token-1')
})

test('after a 401 the command is run again, once for a burst of twenty requests', async (t) => {
  const token = command(t, 'token-1')
  const guarded = await guard(t, bearer('token-1'))
  const host = bridge(t, { url: guarded.url, args: ['--bearer-command', token.line] })
  await shakeHands(host, guarded)
  token.set('out', 'token-2')
  guarded.wants = [bearer('token-2')]
  const ids = Array.from({ length: 20 }, (_, index) => index + 1)
  for (const id of ids) host.send(call(id, { id }))
  for (const id of ids) assert.deepEqual(resultOf(await host.answer(id)).structuredContent, { id })
  await host.finish()
  assert.equal(token.runs(), 2)
})

test('the same value again is an error that tells its shape', async (t) => {
  const value = jwt(Date.now() / 1000 - 3 * 3600)
  const token = command(t, value)
  const guarded = await guard(t, bearer('another'))
  const host = bridge(t, { url: guarded.url, args: ['--bearer-command', token.line] })
  host.send(initializeLine('i'))
  const answer = await host.answer('i')
  assert.equal(ownError(answer, 'auth-failed').httpStatus, 401)
  const text = answer.value.error?.message ?? ''
  assert.match(text, /Authorization \(Bearer, \d+ characters, expired 3 h ago\)/)
  assert.match(text, /the command node(\.exe)? was run again, and the same value came; it asks for Bearer/)
  await host.finish({ stderr: 'any' })
  assert.equal(token.runs(), 2)
  assert.ok(!`${host.stderr}${answer.raw}`.includes(value.slice(0, 30)), 'the token is shown')
})

test('a new value that is refused as well ends it', async (t) => {
  const token = command(t, 'token-1')
  const guarded = await guard(t, bearer('token-1'))
  const host = bridge(t, { url: guarded.url, args: ['--bearer-command', token.line] })
  await shakeHands(host, guarded)
  guarded.wants = [bearer('another')]
  token.set('out', 'token-2')
  host.send(call(1))
  const answer = await host.answer(1)
  ownError(answer, 'auth-failed')
  assert.match(answer.value.error?.message ?? '', /run again, and what came then is refused as well/)
  assert.equal(guarded.server.sent('tools/call').length, 2)
  await host.finish({ stderr: 'any' })
})

test('a token is used until it ends: by its time to live, or by the JWT itself', async (t) => {
  for (const [out, runs] of [
    ['token-1', 4],
    [jwt(Date.now() / 1000 + 3600), 1],
  ] as const) {
    const token = command(t, out)
    const guarded = await guard(t, bearer(out))
    const args = ['--bearer-command', token.line, '--credential-ttl', '1ms']
    const host = bridge(t, { url: guarded.url, args })
    host.send(initializeLine('i'))
    resultOf(await host.answer('i'))
    for (let id = 1; id <= 3; id++) {
      host.send(call(id))
      resultOf(await host.answer(id))
    }
    await host.finish()
    if (runs === 1) assert.equal(token.runs(), 1)
    else assert.ok(token.runs() >= runs, `${token.runs()} runs`)
  }
})

test('a command that fails is told with its complaint, without secrets, and nothing is sent', async (t) => {
  const token = command(t, '')
  token.set('err', 'ERROR: log in first\nrefresh_token=s5ecret-value at eyJhbGciOiJub25lIn0.e30.x')
  token.set('code', '3')
  const guarded = await guard(t)
  const host = bridge(t, { url: guarded.url, args: ['--bearer-command', `${token.line} s5ecret-argument`] })
  host.send(initializeLine('i'))
  const answer = await host.answer('i')
  ownError(answer, 'auth-failed')
  const text = answer.value.error?.message ?? ''
  assert.match(text, /the command node(\.exe)? failed with exit code 3: ERROR: log in first .*terminal/)
  await host.finish({ stderr: 'any' })
  assert.doesNotMatch(`${text}${host.stderr}`, /s5ecret|eyJ/)
  assert.equal(guarded.server.requests.length, 0)
})

test('a command that is not there, and one that prints nothing', async (t) => {
  const guarded = await guard(t)
  const nothing = command(t, '\n')
  for (const [line, says] of [
    ['no-such-program --token', /the command no-such-program was not found/],
    [nothing.line, /printed nothing/],
  ] as const) {
    const host = bridge(t, { url: guarded.url, args: ['--header-command', `X-Key=${line}`] })
    host.send(initializeLine('i'))
    const answer = await host.answer('i')
    ownError(answer, 'auth-failed')
    assert.match(answer.value.error?.message ?? '', says)
    await host.finish({ stderr: 'any' })
  }
})

test('a JSON object of headers is sent as all of them, beside and in place of fixed ones', async (t) => {
  const helper = command(t, '{"Authorization": "Bearer abc", "X-Tenant": "7", "X-Fixed": "from the helper"}')
  const guarded = await guard(t, bearer('abc'), 'x-tenant: 7', 'x-fixed: from the helper', 'x-other: 1')
  const args = ['--header-command', helper.line, '-H', 'X-Fixed: mine', '-H', 'X-Other: 1']
  const host = bridge(t, { url: guarded.url, args })
  await shakeHands(host, guarded)
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
})

test('a header file that changes is read again, whole or not at all', async (t) => {
  const file = join(folder(t), 'headers')
  const write = (text: string): void => {
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
  }
  write('Authorization: Bearer one\nX-Gone: 1\n')
  const guarded = await guard(t, bearer('one'), 'x-gone: 1')
  const host = bridge(t, { url: guarded.url, args: ['--header-file', file] })
  await shakeHands(host, guarded)
  write('Authorization: Bearer two\n')
  guarded.wants = [bearer('two')]
  host.send(call(1))
  resultOf(await host.answer(1))
  assert.equal(guarded.server.sent('tools/call').length, 1, 'it was read before it was refused')
  assert.equal(guarded.server.sent('tools/call')[0]?.header('x-gone'), undefined)
  assert.equal(host.stderr, '')
  write('no header s5ecret\n')
  for (const id of [2, 3]) {
    host.send(call(id))
    resultOf(await host.answer(id))
  }
  await host.finish({ stderr: 'some' })
  assert.match(host.stderr, /line 1 of the header file .* no colon .*still used/)
  assert.equal(host.stderr.split('\n').length, 2, 'told once')
  assert.ok(!host.stderr.includes('s5ecret'), 'the line is shown')
})

test('a header file that is gone or empty for a moment keeps its headers', async (t) => {
  const file = join(folder(t), 'headers')
  writeFileSync(file, 'Authorization: Bearer one\n')
  const guarded = await guard(t, bearer('one'))
  const host = bridge(t, { url: guarded.url, args: ['--header-file', file] })
  await shakeHands(host, guarded)
  rmSync(file)
  host.send(call(1))
  resultOf(await host.answer(1))
  writeFileSync(file, '')
  host.send(call(2))
  resultOf(await host.answer(2))
  writeFileSync(file, 'Authorization: Bearer two\n')
  guarded.wants = [bearer('two')]
  host.send(call(3))
  resultOf(await host.answer(3))
  await host.finish({ stderr: 'some' })
})

test('a header file that is empty at the start is told, and the bridge goes on without it', async (t) => {
  const file = join(folder(t), 'headers')
  writeFileSync(file, '')
  const guarded = await guard(t)
  const host = bridge(t, { url: guarded.url, args: ['--header-file', file] })
  host.send(initializeLine('i'))
  resultOf(await host.answer('i'))
  await host.finish({ stderr: 'some' })
  assert.match(
    host.stderr,
    /^mcp-ferry: the header file .* has no header in it; write one "Name: value" per line\n$/,
  )
})

test('the shape of what a header file holds is told when it is refused', async (t) => {
  const file = join(folder(t), 'headers')
  writeFileSync(file, `Authorization: Bearer ${jwt(Date.now() / 1000 - 600)}\n`)
  const guarded = await guard(t, bearer('one'))
  const host = bridge(t, { url: guarded.url, args: ['--header-file', file] })
  host.send(initializeLine('i'))
  const answer = await host.answer('i')
  ownError(answer, 'auth-failed')
  const text = answer.value.error?.message ?? ''
  assert.match(text, /expired 1\d min ago\); the header file was read again, and the same value came/)
  await host.finish({ stderr: 'any' })
})

test(
  'a value in the keychain is looked up when it is needed, and again after a 401',
  async (t) => {
    const tools = folder(t)
    const tool = join(tools, 'secret-tool')
    const hold = (secret: string): void => {
      writeFileSync(
        tool,
        `#!/bin/sh\n[ "$*" = "lookup service my svc account me" ] && printf %s '${secret}'\n`,
      )
      chmodSync(tool, 0o755)
    }
    hold('kept-1')
    const guarded = await guard(t, 'x-api-key: kept-1', bearer('kept-1'))
    const args = ['-H', 'X-Api-Key: keychain:my svc/me', '-H', 'Authorization: Bearer keychain:my svc/me']
    const env = { PATH: `${tools}${delimiter}${process.env.PATH ?? ''}` }
    const host = bridge(t, { url: guarded.url, args, env })
    await shakeHands(host, guarded)
    hold('kept-2')
    guarded.wants = ['x-api-key: kept-2', bearer('kept-2')]
    host.send(call(1))
    resultOf(await host.answer(1))
    await host.finish()
  },
  process.platform === 'linux' ? false : 'the fake keychain is a script',
)

test(
  'where there is no keychain a header has another way than a sign-in has',
  async (t) => {
    const host = bridge(t, {
      url: 'http://127.0.0.1:9/mcp',
      args: ['-H', 'X-Api-Key: keychain:my svc/me'],
      env: { PATH: folder(t) },
    })
    host.send(request(1, 'initialize'))
    const { error } = (await host.answer(1)).value
    assert.match(error?.message ?? '', /there is no secret-tool: install it .*, or use --header-env$/)
    await host.finish({ stderr: 'some' })
  },
  process.platform === 'linux' ? false : 'the tool is one of Linux',
)

test('a command line that cannot be read is refused at the start', async (t) => {
  for (const [args, says] of [
    [['--bearer-command', 'get s5ecret | tail -1'], /has \| in it, and no shell reads it/],
    [['--header-command', 'X-A=x', '-H', 'X-A: s5ecret'], /X-A comes from --header-command and from another/],
    [['-H', 'X-A: keychain:s5ecret'], /keychain:service\/account/],
  ] as const) {
    const host = bridge(t, { url: 'https://127.0.0.1:1/mcp', args })
    host.send(initializeLine('i'))
    const answer = await host.answer('i')
    ownError(answer, 'usage')
    assert.match(answer.value.error?.message ?? '', says)
    await host.finish({ code: 2, stderr: 'some' })
    assert.ok(!`${host.stderr}${answer.raw}`.includes('s5ecret'), 'a value is shown')
  }
})

test('a command that is still running ends with the bridge', async (t) => {
  let take: (socket: Socket) => void = () => {}
  const connected = new Promise<Socket>((resolve) => {
    take = resolve
  })
  const listener = createServer(take)
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  t.after(() => listener.close())
  const address = listener.address()
  const token = command(t, 'token-1')
  token.set('port', String(typeof address === 'object' && address !== null ? address.port : 0))
  const guarded = await guard(t)
  const args = ['--bearer-command', token.line, '--drain-timeout', '0']
  const host = bridge(t, { url: guarded.url, args })
  host.send(initializeLine('i'))
  const socket = await connected
  const gone = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve))
  socket.resume()
  await host.finish({ stderr: 'any' })
  await gone
})
