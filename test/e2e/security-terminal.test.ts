// What a terminal would obey or nobody would see, in all that others have written and people come to read: log lines, error
// sentences, the listings of commands. users.md 1 row 51, protocol.md 0.8.
import assert from 'node:assert/strict'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { type Ran, runToEnd } from '../fixtures/hosts/run-to-end.ts'
import type { Handler } from '../fixtures/servers/raw-server.ts'
import { home } from './doctor-editor.ts'
import { bridge, request, serve, test } from './harness.ts'
import { NO_FAKE_BROWSER, person, serveHostile, start } from './signing-in.ts'

/** A title, a colour, 8 bit control sequences, and what turns the direction of a text or has no width. */
const EVIL = '\x1b]0;title\x07\x1b[2Jname\x9b2J\x9d0;x\x9c\u202eturned\u200b'
const OBEYED =
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/

function assertHarmless(text: string, what: string): void {
  assert.equal(OBEYED.exec(text)?.[0], undefined, `${what}: ${JSON.stringify(text)}`)
}

/** By the name of a tool. */
const ANSWERS: Readonly<Record<string, Handler>> = {
  body: (x) => x.reply(500, { error: { message: EVIL } }),
  page: (x) => x.reply(410, `<b>${EVIL}</b>`, { 'Content-Type': 'text/html' }),
  type: (x) => x.reply(200, 'x', { 'Content-Type': 'text/\x9b2Jhtml' }),
  place: (x) => x.reply(307, undefined, { Location: 'http://evil.example/\x9b2J' }),
  refusal: (x) => x.reply(401, EVIL, { 'WWW-Authenticate': 'Basic realm="\x9b2J"' }),
}

for (const form of ['text', 'JSON'])
  test(`no log line and no error brings an escape of the remote into a terminal, as ${form}`, async (t) => {
    const server = await serve(t, {
      on: { 'tools/call': (x) => ANSWERS[x.message.params?.name as string]?.(x) },
    })
    const json = form === 'JSON' ? ['--log-json'] : []
    const host = bridge(t, {
      url: server.url,
      args: ['--log-level', 'debug', '--no-oauth', '--retries', '0', ...json],
    })
    await host.initialize()
    for (const name of Object.keys(ANSWERS)) {
      host.send(request(name, 'tools/call', { name, arguments: {} }))
      const { error } = (await host.answer(name)).value
      if (name !== 'type') assertHarmless(String(error?.message), `the error that a ${name} leads to`)
    }
    await host.finish({ stderr: 'unchecked' })
    assert.match(host.stderr, /turned/)
    assertHarmless(host.stderr, 'the log')
  })

test('a message that the remote must not send is told without its escapes', async (t) => {
  const evil = JSON.stringify({ jsonrpc: '2.0', id: 'r', method: `${EVIL}/list` })
  const server = await serve(t, {
    on: { 'tools/call': (x) => x.reply(200, `data: ${evil}\n\n`, { 'Content-Type': 'text/event-stream' }) },
  })
  const host = bridge(t, { url: server.url, args: ['--log-level', 'trace'] })
  await host.initialize()
  host.send(request(1, 'tools/call', { name: 'x', arguments: {} }))
  await host.answer(1)
  await host.finish({ stderr: 'unchecked', unanswered: 'any' })
  assertHarmless(host.stderr, 'the log')
})

test('config shows no escape of a file that came with a project', async (t) => {
  const user = home(t)
  const args = ['-y', 'mcp-remote', 'https://mcp.example.com/', EVIL]
  const entries = {
    [EVIL]: { command: 'npx', args },
    [`${EVIL}2`]: { command: 'npx', args: args.slice(0, 3) },
  }
  const file = user.file('.cursor/mcp.json', { mcpServers: entries })
  const env = { ...bareEnv(), HOME: user.folder, USERPROFILE: user.folder }
  for (const words of [['--list'], ['--list', '--json'], ['--from', file], ['--from', file, '--json']]) {
    const ran = await runToEnd([BIN, 'config', ...words], { env, cwd: user.folder })
    assert.match(ran.stdout, /turned/)
    assertOf(ran, words)
  }
})

test(
  'status and login show no escape of an authorization server',
  async (t) => {
    const server = await serveHostile(t, { tokens: (document) => ({ ...document, scope: EVIL }) })
    const user = person(t)
    await (await start(user, server.url)).finish({ stderr: 'any' })
    for (const words of [
      ['status'],
      ['status', '--json'],
      ['login', server.url],
      ['login', server.url, '--json'],
    ]) {
      const ran = await user.run(words)
      assert.match(ran.stdout, /turned/)
      assertOf(ran, words)
    }
  },
  NO_FAKE_BROWSER,
)

function assertOf({ stdout, stderr }: Ran, words: readonly string[]): void {
  assertHarmless(stdout, `stdout of ${words.join(' ')}`)
  assertHarmless(stderr, `stderr of ${words.join(' ')}`)
}
