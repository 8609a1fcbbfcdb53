// `mcp-ferry doctor <url>` against servers that mean harm, or are odd beyond what anybody would write: it tells what it sees,
// comes to an end, moves no terminal, and shows no secret. users.md 2.
import assert from 'node:assert/strict'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { run } from './at-shell.ts'
import { doctor, examine, failedFirst } from './doctoring.ts'
import { serve, test } from './harness.ts'
import { person } from './signing-in.ts'

/** JavaScript makes no text of it. */
const NO_TEXT = { toString: 1, valueOf: 2 }
const TERMINAL = '\x1b[31mred\x1b[0m\x9b2J\x1b]0;title\x07\u202eturned\u2066\u200b'

function introduce(info: unknown, more: Readonly<Record<string, unknown>> = {}) {
  return (x: Exchange) =>
    x.result({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: info, ...more })
}

test('names and versions that are no texts are told as none', async (t) => {
  const odd = introduce({ name: NO_TEXT, version: NO_TEXT }, { protocolVersion: NO_TEXT })
  const tools = [{ name: NO_TEXT }, { name: null }, 7]
  const server = await serve(t, { on: { initialize: odd, 'tools/list': (x) => x.result({ tools }) } })
  const { code, step } = await examine(t, [server.url])
  assert.equal(code, 0)
  assert.match(step('handshake').sees, /^a server without a name, no version of MCP over Streamable HTTP/)
  assert.match(step('offer').sees, /^3 tools/)
})

test('an error that is no text is told as what it is', async (t) => {
  const broken = (x: Exchange) =>
    x.reply(200, { jsonrpc: '2.0', id: x.message.id, error: { code: -32603, message: NO_TEXT } })
  const server = await serve(t, { on: { 'tools/list': broken } })
  const { code, steps } = await examine(t, [server.url])
  assert.equal(code, 7)
  assert.match(failedFirst(steps, 'offer').sees, /the server refuses tools\/list \(-32603/)
})

test('an error that pretends to be one of the bridge has an exit code like any other', async (t) => {
  for (const kind of ['constructor', '__proto__']) {
    const server = await serve(t, {
      on: { 'tools/list': (x) => x.error(-32603, 'no', { origin: 'mcp-ferry', kind }) },
    })
    const { code, steps } = await examine(t, [server.url])
    assert.equal(code, 7)
    assert.match(failedFirst(steps, 'offer').sees, /the editor is told: no/)
    const { code: ofTools, stderr } = await run(t, ['tools', server.url])
    assert.deepEqual([ofTools, stderr], [1, 'mcp-ferry: no\n'])
  }
  const server = await serve(t, {
    on: { initialize: (x) => x.error(-32603, 'no', { origin: 'mcp-ferry', kind: 'constructor' }) },
  })
  assert.equal((await examine(t, [server.url])).code, 7)
})

test('a server that says nothing of itself is not in order', async (t) => {
  const server = await serve(t, { on: { initialize: (x) => x.result({}) } })
  const { code, step } = await examine(t, [server.url])
  assert.equal(code, 0)
  assert.equal(step('handshake').state, 'warn')
  assert.match(step('handshake').advice ?? '', /does not tell its name and the version of MCP/)
})

test('what a terminal would obey is not written, neither for people nor as JSON', async (t) => {
  const user = person(t)
  const server = await serve(t, {
    on: {
      initialize: introduce(
        { name: TERMINAL, version: TERMINAL },
        { capabilities: { tools: {}, [TERMINAL]: {} } },
      ),
      'tools/list': (x) => x.result({ tools: [{ name: TERMINAL }, { name: TERMINAL }] }),
    },
  })
  for (const more of [[], ['--json']]) {
    const { stdout } = await user.run(['doctor', server.url, ...more])
    const raw = stdout.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/)
    assert.equal(raw, null, `in ${more.join() || 'lines'}: ${JSON.stringify(raw?.[0])}`)
    assert.match(stdout, more.length > 0 ? /\\u202eturned/ : /^. handshake {2}red/m)
  }
})

test('half a secret is a secret: what is cut is cut when it is out', async (t) => {
  const secret = 'sk-live-1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d'
  const at = (width: number) => `${'x'.repeat(width - 20)} ${secret}`
  const server = await serve(t, {
    on: {
      initialize: introduce({ name: at(60), version: at(60) }, { protocolVersion: at(60) }),
      'tools/list': (x) => x.result({ tools: [{ name: at(80) }, { name: at(80) }] }),
    },
  })
  const user = person(t)
  const args = [server.url, '--header-env', 'Authorization=KEY']
  for (const more of [[], ['--json']]) {
    const { stdout } = await doctor([...args, ...more], { ...user.env, KEY: secret })
    assert.ok(!stdout.includes(secret.slice(0, 12)), `half a secret was written:\n${stdout}`)
  }
})

test('no line goes on for ever', async (t) => {
  const long = `Bearer ${'a'.repeat(6000)}`
  const server = await serve(t, {
    on: { '*': (x) => x.reply(401, 'no', { 'WWW-Authenticate': long, Server: 's'.repeat(6000) }) },
  })
  const { code, text } = await examine(t, [server.url])
  assert.equal(code, 6)
  const longest = Math.max(...text.split('\n').map(({ length }) => length))
  assert.ok(longest <= 700, `a line has ${longest} characters`)
})

test('a list of two hundred thousand tools is counted', async (t) => {
  const tools = Array.from({ length: 200_000 }, (_, index) => ({ name: `t${index}` }))
  const server = await serve(t, { on: { 'tools/list': (x) => x.result({ tools }) } })
  const { code, step } = await examine(t, [server.url])
  assert.equal(code, 0)
  assert.equal(step('offer').facts?.tools, 200_000)
})

test('a list of tools that goes round in a circle is told', async (t) => {
  const server = await serve(t, {
    on: { 'tools/list': (x) => x.result({ tools: [{ name: 'one' }], nextCursor: 'again' }) },
  })
  const { code, step } = await examine(t, [server.url])
  assert.equal(code, 0)
  assert.equal(step('offer').state, 'warn')
  assert.equal(step('offer').facts?.toolPages, 2)
  assert.match(step('offer').details?.join() ?? '', /the list of tools has no end: 2 pages were read/)
})

test('an answer that says nothing of credentials is not taken for one that lets in', async (t) => {
  for (const status of [403, 404, 500]) {
    const server = await serve(t, { on: { '*': (x) => x.reply(status, 'no') } })
    const { step, steps } = await examine(t, [server.url])
    failedFirst(steps, 'http')
    assert.equal(step('sign-in').state, 'skipped', `HTTP ${status}: ${step('sign-in').sees}`)
  }
})

test('the page of a gateway that has failed is no wrong URL', async (t) => {
  const page = '<!doctype html><title>502 Bad Gateway</title>'
  const server = await serve(t, { on: { '*': (x) => x.reply(502, page, { 'Content-Type': 'text/html' }) } })
  const { steps, text } = await examine(t, [server.url, '--request-timeout', '6s'])
  assert.match(
    failedFirst(steps, 'http').advice ?? '',
    /^the server, or what stands in front of it, has failed/,
  )
  assert.match(
    text,
    /^what fails first is http \(exit code 5\): HTTP 502.*502 Bad Gateway.*\n→ the server, or/m,
  )
})

test('a schema that is nested without measure is told', async (t) => {
  const schema = `${'['.repeat(8000)}${']'.repeat(8000)}`
  const server = await serve(t, {
    on: { 'tools/list': (x) => x.result(`{"tools":[{"name":"deep","inputSchema":${schema}}]}`) },
  })
  const { code, step } = await examine(t, [server.url])
  assert.equal(code, 0)
  assert.equal(step('offer').facts?.tools, 1)
  assert.match(step('offer').details?.join() ?? '', /nested so deeply/)
})
