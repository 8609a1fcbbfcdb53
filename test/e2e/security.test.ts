// Secrets: sent with every request to the remote, shown nowhere. Protocol headers are ours. protocol.md 0.6, 0.8, A.10.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { echo, type McpOptions } from '../fixtures/servers/mcp-server.ts'
import { run } from './at-shell.ts'
import { bridge, call, connected, notify, ownError, request, serve, test } from './harness.ts'

const KEY = 'key-5ecret/+=&value'
const TOKEN = 'tok-5ecret.abc~def'
const QUERY = 'query-5ecret-value'
const USER = 'user-5ecret-name'
const PASSWORD = 'pass-5ecret-word'
const SESSION = 'session-5ecret-id'
const ARGS = ['-H', `X-Api-Key: ${KEY}`, '--header-env', 'Authorization=AUTH']
const ENV = { AUTH: `Bearer ${TOKEN}` }

test('user headers go with every request: POST, GET and DELETE', async (t) => {
  const server = await serve(t, { getStream: true })
  const host = bridge(t, { url: server.url, args: ARGS, env: ENV })
  await host.initialize()
  host.send(request(1, 'tools/list'))
  host.send(notify('notifications/roots/list_changed'))
  await host.answer(1)
  await server.request(({ method }) => method === 'GET')
  await host.finish()
  assert.deepEqual(new Set(server.requests.map(({ method }) => method)), new Set(['POST', 'GET', 'DELETE']))
  for (const x of server.requests) {
    assert.equal(x.header('x-api-key'), KEY)
    assert.equal(x.header('authorization'), `Bearer ${TOKEN}`)
  }
})

for (const header of [
  'Accept: text/plain',
  'Content-Type: text/plain',
  'Content-Length: 5',
  'Host: evil.example',
  'Mcp-Session-Id: evil',
  'MCP-Protocol-Version: 1999-01-01',
  'Mcp-Method: evil',
  'Last-Event-ID: evil',
])
  test(`the protocol header ${header.split(':')[0]} cannot be overridden by a user header`, async (t) => {
    const server = await serve(t)
    const host = bridge(t, { url: server.url, args: ['-H', header] })
    host.send(initializeLine('i'))
    const answer = await host.answer('i')
    if (answer.value.error !== undefined) {
      ownError(answer, 'usage')
      assert.equal(server.connections, 0)
      await host.finish({ code: 2, stderr: 'some' })
      return
    }
    host.send(request(1, 'tools/list'))
    await host.answer(1)
    await host.finish({ stderr: 'any' })
    const [name = '', value = ''] = header.split(': ')
    for (const x of server.requests) assert.notEqual(x.header(name), value)
    assert.equal(server.sent('tools/list')[0]?.header('mcp-session-id'), server.sessionId)
  })

/** A remote that fails in many ways and repeats every secret it has been told. */
const GOSSIP: McpOptions = {
  sessionId: SESSION,
  getStream: true,
  on: {
    'tools/call': (x) => {
      const told = `${x.url} ${x.rawHeaders.join(' ')} ${SESSION}`
      if (x.message.params?.name === 'text') x.reply(500, told, { 'Content-Type': 'text/plain' })
      else if (x.message.params?.name === 'page')
        x.reply(410, `<b>${told}</b>`, { 'Content-Type': 'text/html' })
      else if (x.message.params?.name === 'away')
        x.reply(302, undefined, { Location: `http://u:${PASSWORD}@127.0.0.1:9/x?k=${QUERY}` })
      else if (x.message.params?.name === 'cut') x.cut()
      else if (x.message.params?.name === 'denied') x.reply(401, told)
      else echo(x)
    },
    'notifications/x': (x) => x.reply(400, `${x.rawHeaders.join(' ')}`),
  },
}

for (const level of ['error', 'warn', 'info', 'debug', 'trace'])
  for (const form of ['text', 'json', 'file'])
    test(`no secret in any output at --log-level ${level} as ${form}`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'ferry-log-'))
      t.after(() => rmSync(folder, { recursive: true, force: true }))
      const file = join(folder, 'bridge.log')
      const more = { text: [], json: ['--log-json'], file: ['--log-file', file] }[form] ?? []
      const server = await serve(t, GOSSIP)
      const url = `${server.url}?api_key=${QUERY}`
      const host = bridge(t, { url, args: [...ARGS, '--log-level', level, ...more], env: ENV })
      await host.initialize()
      assert.ok(server.requests[0]?.url.endsWith(`?api_key=${QUERY}`), 'the query belongs to the URL')
      host.send(notify('notifications/x'))
      host.send(call('good'))
      await host.answer('good')
      for (const name of ['text', 'page', 'away', 'cut', 'denied']) {
        host.send(call(name, {}, name))
        ownError(await host.answer(name))
      }
      await server.request(({ message }) => message.method === 'notifications/x')
      await host.finish({ stderr: 'unchecked' })
      const log = form === 'file' ? readFileSync(file, 'utf8') : ''
      const output = `${host.lines.map(({ raw }) => raw).join('\n')}\n${host.stderr}\n${log}`
      assertNoSecret(output)
      if (level === 'debug') assert.notEqual(host.stderr + log, '')
    })

for (const level of ['warn', 'trace'])
  test(`userinfo in the URL appears in no output at ${level}, whether the remote is there or not`, async (t) => {
    const server = await serve(t, { on: { 'tools/call': (x) => x.reply(500) } })
    for (const port of [server.port, 1]) {
      const url = `http://${USER}:${PASSWORD}@127.0.0.1:${port}/mcp?api_key=${QUERY}`
      const host = bridge(t, { url, args: ['--log-level', level] })
      host.send(initializeLine('i'))
      if (port === 1) host.endInput()
      const answer = await host.answer('i', 30_000)
      const refused = answer.value.error?.data?.kind === 'usage'
      if (answer.value.result !== undefined) {
        host.send(call(1))
        ownError(await host.answer(1), 'http')
      }
      await host.finish({ stderr: 'unchecked', code: refused ? 2 : 0 })
      assertNoSecret(`${host.lines.map(({ raw }) => raw).join('\n')}\n${host.stderr}`)
    }
  })

test('401 names the headers that were sent, never a value, and says what to do', async (t) => {
  const server = await serve(t, {
    on: { initialize: (x) => x.reply(401, `bad token ${x.header('authorization')}`) },
  })
  const host = bridge(t, { url: server.url, args: ARGS, env: ENV })
  host.send(initializeLine('i'))
  const answer = await host.answer('i')
  const data = ownError(answer, /^auth-/)
  assert.equal(data.httpStatus, 401)
  const { message = '' } = answer.value.error ?? {}
  assert.match(message, /401/)
  assert.match(message, /x-api-key/i)
  assert.match(message, /authorization/i)
  assert.match(message, /check|give|set|add|renew|replace|use|header/i)
  assertNoSecret(answer.raw)
  assert.equal(server.sent('initialize').length, 1)
  await host.finish({ stderr: 'some' })
  assertNoSecret(host.stderr)
})

test('401 without any header of the user says how to give one', async (t) => {
  const server = await serve(t, { on: { initialize: (x) => x.reply(401) } })
  const host = bridge(t, { url: server.url })
  host.send(initializeLine('i'))
  const answer = await host.answer('i')
  ownError(answer, /^auth-/)
  assert.match(answer.value.error?.message ?? '', /--header/)
  await host.finish({ stderr: 'some' })
})

test('the session id is in no output when a session is refused or lost', async (t) => {
  const { host } = await connected(
    t,
    { sessionId: SESSION, on: { 'tools/call': (x) => x.reply(500, `no session ${SESSION}`) } },
    ['--log-level', 'trace'],
  )
  host.send(call(1))
  ownError(await host.answer(1))
  await host.finish({ stderr: 'some' })
  assertNoSecret(`${host.lines.map(({ raw }) => raw).join('\n')}\n${host.stderr}`)
})

const CRASHING = fileURLToPath(new URL('../fixtures/hosts/crash-while-sending.cjs', import.meta.url))

test('a defect of ours is told without the headers that are in its text, of the bridge and in a shell', async (t) => {
  const server = await serve(t)
  const env = { ...ENV, NODE_OPTIONS: `--require ${CRASHING}` }
  const host = bridge(t, { url: server.url, args: ARGS, env })
  host.send(initializeLine('i'))
  await host.finish({ code: 1, stderr: 'some', unanswered: 'any' })
  const command = await run(t, ['tools', server.url, ...ARGS], { env })
  assert.equal(command.code, 1)
  for (const stderr of [host.stderr, command.stderr]) {
    assert.match(stderr, /^mcp-ferry: internal error: no place for .*"X-Api-Key","\[redacted\]"/m)
    assertNoSecret(stderr)
  }
})

function assertNoSecret(output: string): void {
  const basic = Buffer.from(`${USER}:${PASSWORD}`).toString('base64')
  for (const secret of [KEY, encodeURIComponent(KEY), TOKEN, QUERY, PASSWORD, SESSION, basic, '5ecret']) {
    const at = output.indexOf(secret)
    assert.ok(at < 0, `${secret} is in the output: …${output.slice(Math.max(0, at - 200), at + 100)}`)
  }
}
