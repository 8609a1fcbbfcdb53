// doctor and credentials: what was sent, what the server asks for, where one signs in, what is kept; nobody is signed in by
// it, no tab opens, and no secret is shown. protocol.md 0.8, G.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BIN } from '../fixtures/hosts/raw-host.ts'
import { doctor, examine, failedFirst } from './doctoring.ts'
import { serve, test } from './harness.ts'
import { logFile, NO_FAKE_BROWSER, person, serveProtected, signedIn, start } from './signing-in.ts'

const HOUR_MS = 60 * 60 * 1000

/** A JWT that nobody has signed. */
function tokenUntil(ms: number): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub: 'somebody', exp: Math.floor(ms / 1000) })}.c2lnbmF0dXJl`
}

test('a server that wants a key and says nothing about signing in', async (t) => {
  const server = await serve(t, { on: { '*': (x) => x.reply(401, { error: 'no key' }) } })
  const { code, steps, step } = await examine(t, [server.url])
  assert.equal(code, 6)
  assert.match(step('http').sees, /^HTTP 401, application\/json: the server wants a credential/)
  const { sees, advice } = failedFirst(steps, 'sign-in')
  assert.match(sees, /wants a credential, and it cannot be told where to sign in/)
  assert.match(advice ?? '', /--header-env Authorization=MY_VAR/)
  assert.equal(step('handshake').sees, 'because one has to sign in first')
})

test('a header that is refused: which, how long, that it has expired, and the sentence that the editor gets', async (t) => {
  const token = tokenUntil(Date.now() - 3 * HOUR_MS)
  const server = await serve(t, {
    on: {
      '*': (x) =>
        x.reply(401, undefined, { 'WWW-Authenticate': 'Basic realm="x", Bearer error="invalid_token"' }),
    },
  })
  const args = [server.url, '--bearer-env', 'MCP_TOKEN']
  const { code, steps, step } = await examine(t, args, { MCP_TOKEN: token })
  assert.equal(code, 6)
  const { sees, facts, details } = failedFirst(steps, 'sign-in')
  assert.ok(sees.includes(`Authorization (Bearer, ${token.length} characters, expired 3 h ago)`), sees)
  assert.deepEqual([facts?.schemes, facts?.error], [['basic', 'bearer'], 'invalid_token'])
  assert.ok(details?.includes('the server asks for basic, bearer (invalid_token)'), details?.join('\n'))
  assert.match(
    step('handshake').sees,
    /^the editor is told: HTTP 401 from .*the server refused what was sent/,
  )
  assert.match(
    step('arguments').details?.join('\n') ?? '',
    /header: Authorization \(Bearer, .*\), from --bearer-env/,
  )
})

test('a header that is let in although it says that it is over', async (t) => {
  const server = await serve(t)
  const token = tokenUntil(Date.now() - 3 * HOUR_MS)
  const { code, step } = await examine(t, [server.url, '--bearer-env', 'MCP_TOKEN'], { MCP_TOKEN: token })
  assert.equal(code, 0)
  assert.equal(step('sign-in').state, 'warn')
  const fresh = { MCP_TOKEN: tokenUntil(Date.now() + HOUR_MS) }
  assert.equal(
    (await examine(t, [server.url, '--bearer-env', 'MCP_TOKEN'], fresh)).step('sign-in').state,
    'ok',
  )
})

test('a server with OAuth, and nobody has signed in: where, and the command; no tab opens, nothing is registered or kept', async (t) => {
  const { issuer, server } = await serveProtected(t, { scopesSupported: ['mcp:read'] })
  const user = person(t)
  const { code, steps, step } = await examine(t, [server.url], {}, user)
  assert.equal(code, 6)
  const { sees, advice, facts } = failedFirst(steps, 'sign-in')
  assert.equal(sees, 'one has to sign in, and nobody is signed in here')
  assert.equal(advice, `run: npx mcp-ferry login ${server.url}`)
  assert.deepEqual(facts?.place, {
    kind: 'found',
    issuer: issuer.issuer,
    registers: true,
    hasPkce: true,
    scopes: ['mcp:read'],
  })
  assert.equal(step('handshake').sees, 'because one has to sign in first')
  assert.equal(user.browser.opened().length, 0)
  assert.equal(issuer.to('register').length, 0)
  assert.deepEqual(user.kept(), [])
})

test('a server with OAuth that lets no program register itself', async (t) => {
  const { server } = await serveProtected(t, {}, { without: ['registration'] })
  const { code, steps } = await examine(t, [server.url])
  assert.equal(code, 6)
  assert.match(failedFirst(steps, 'sign-in').advice ?? '', /--client-id ID/)
})

test(
  'somebody has signed in: until when, and all the way through the bridge',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    const { code, step } = await examine(t, [server.url, ...logFile(user, 'doctor.log')], {}, user)
    assert.equal(code, 0)
    assert.equal(step('sign-in').sees, 'signed in, and let in')
    const stored = step('sign-in').facts?.stored as Readonly<Record<string, unknown>>
    assert.deepEqual([stored.state, stored.issuer, stored.renewable], ['signed-in', issuer.issuer, true])
    assert.match(
      step('sign-in').details?.join('\n') ?? '',
      /kept: signed in at .*, until: .* in \d+ minutes, then renewed/,
    )
    assert.match(step('handshake').sees, /^raw-server/)
    assert.equal(user.browser.opened().length, 1, 'doctor has opened no tab')
  },
  NO_FAKE_BROWSER,
)

test(
  'a token that is over is renewed; a sign-in that has been taken back is told, and nobody is asked',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    issuer.expireAll()
    const renewed = await examine(t, [server.url], {}, user)
    assert.equal(renewed.code, 0, renewed.text)
    assert.match(renewed.step('handshake').sees, /^raw-server/)
    await issuer.revokeAll()
    const { code, stdout } = await user.run(['doctor', server.url])
    assert.equal(code, 6, stdout)
    assert.match(stdout, /^✘ handshake {2}the editor is told: .*run: npx mcp-ferry login /m)
    assert.equal(user.browser.opened().length, 1, 'doctor has opened no tab')
  },
  NO_FAKE_BROWSER,
)

test('a client that signs in by itself does so here too', async (t) => {
  const client = {
    client_id: 'machine',
    client_secret: 'machine-secret-123456',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  }
  const { server } = await serveProtected(t, {}, { clients: [client] })
  const args = [server.url, '--client-credentials', '--client-id', 'machine', '--client-secret-env', 'SECRET']
  const { code, step, text } = await examine(t, args, { SECRET: client.client_secret })
  assert.equal(code, 0, text)
  assert.match(step('handshake').sees, /^raw-server/)
})

test('no secret is shown, whatever way it was given, and whatever the server makes of it', async (t) => {
  const key = 'k3y-that-nobody-may-see'
  const server = await serve(t, {
    on: {
      '*': (x) => x.reply(500, `you sent ${x.header('x-api-key')} to ${x.url}`, { Server: `said ${key}` }),
    },
  })
  const url = new URL(server.url)
  url.username = 'user-s3cret'
  url.password = 'pass-s3cret'
  url.search = `?key=${key}`
  const ways = [
    [url.href, '--header', `X-Api-Key: ${key}`],
    [url.href, '--header', 'X-Api-Key:', key],
    [url.href, `-HX-Api-Key=${key}`],
    [server.url, '--header-env', 'X-Api-Key=KEY'],
    [server.url, key],
    [server.url, `--no-such-option=${key}`],
    [server.url, '--header', key],
    [`${server.url}/\${KEY}`, '--header', 'X-Api-Key: ${KEY}'],
  ]
  for (const args of ways)
    for (const more of [[], ['--json']]) {
      const { stdout, stderr } = await doctor([...args, ...more], { ...person(t).env, KEY: key })
      const written = stdout + stderr
      assert.match(written, /arguments/)
      for (const secret of [
        key,
        'user-s3cret',
        'pass-s3cret',
        encodeURIComponent(key),
        btoa('user-s3cret:pass-s3cret'),
      ])
        assert.ok(!written.includes(secret), `shown with ${args.join(' ')}:\n${written}`)
    }
})

test('headers that a command prints are sent, and made anew where they are refused', async (t) => {
  const user = person(t)
  const folder = user.env.HOME ?? ''
  const script = join(folder, 'token.mjs')
  writeFileSync(
    script,
    `import { existsSync, writeFileSync } from 'node:fs'
const again = existsSync(${JSON.stringify(join(folder, 'again'))})
writeFileSync(${JSON.stringify(join(folder, 'again'))}, '')
process.stdout.write(again ? 'new-t0ken-of-the-command' : 'old-t0ken-of-the-command')
`,
  )
  const server = await serve(t, {
    on: {
      '*': (x) => {
        if (x.header('authorization') !== 'Bearer new-t0ken-of-the-command')
          return x.reply(401, undefined, { 'WWW-Authenticate': 'Bearer' })
        if (x.rawId === undefined) return x.reply(202)
        x.result({
          protocolVersion: '2025-06-18',
          capabilities: {},
          serverInfo: { name: 'commanded', version: '1' },
        })
      },
    },
  })
  const { code, stdout } = await user.run([
    'doctor',
    server.url,
    '--bearer-command',
    `"${process.execPath}" "${script}"`,
  ])
  assert.match(stdout, /^✔ arguments .*, no header so far; commands, a file or the keychain may give more$/m)
  assert.equal(code, 0, stdout)
  assert.match(stdout, /^✔ sign-in {4}HTTP 401: the bridge makes the headers anew/m)
  assert.match(stdout, /^✔ handshake {2}commanded 1/m)
  assert.ok(!stdout.includes('t0ken'), stdout)
})

test('why it cannot be told where to sign in is in the sentence', async (t) => {
  const server = await serve(t, {
    on: {
      '*': (x) => x.reply(401, undefined, { 'WWW-Authenticate': 'Bearer' }),
      GET: (x) => x.reply(200, { resource: 'http://127.0.0.1:1/other', authorization_servers: [] }),
    },
  })
  const { code, steps } = await examine(t, [server.url])
  assert.equal(code, 6)
  assert.match(failedFirst(steps, 'sign-in').sees, /cannot be told where to sign in: .*127\.0\.0\.1:1\/other/)
})

test(
  "an editor's entry is tried without asking anybody, and the editor's own bridge asks as if it had not been",
  async (t) => {
    const { server } = await serveProtected(t)
    const user = person(t)
    const file = join(user.env.HOME ?? '', 'mcp.json')
    const entry = { command: process.execPath, args: [BIN, server.url], env: user.env }
    writeFileSync(file, JSON.stringify({ mcpServers: { x: entry } }))
    const { code, stdout } = await user.run(['doctor', '--config', file])
    assert.equal(code, 2, stdout)
    assert.match(stdout, /^✘ start .*mcp-ferry login/ms)
    assert.equal(user.browser.opened().length, 0)
    await (await start(user, server.url)).finish({ stderr: 'any' })
    assert.equal(user.browser.opened().length, 1)
  },
  NO_FAKE_BROWSER,
)
