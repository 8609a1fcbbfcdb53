// Authorization servers that lie, fail, or say what they must not: each is refused before a code, or anything else that
// is worth something, has been sent, and the browser is not opened for what is no web page. protocol.md G.1, G.8; T66,
// T69. Each test has its control in the first one: the same servers, with nothing replaced, are signed in to.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import {
  type Document,
  flood,
  type HostileOptions,
  type HostileServer,
  PATHS,
  page,
  without,
} from '../fixtures/servers/hostile-auth-server.ts'
import { test } from './harness.ts'
import {
  FOR_EVER,
  NO_FAKE_BROWSER,
  type Person,
  person,
  refusedStart,
  serveHostile,
  start,
} from './signing-in.ts'

test(
  'the scripted servers are signed in to as long as nothing of them is replaced',
  async (t) => {
    const server = await serveHostile(t)
    const host = await start(person(t), server.url)
    await host.finish({ stderr: 'any' })
    assert.equal(server.to('token', 'authorization_code').length, 1)
  },
  NO_FAKE_BROWSER,
)

/** What is wrong before a browser could be opened. */
const BEFORE: Readonly<Record<string, HostileOptions>> = {
  'the metadata names another issuer': { metadata: (d) => ({ ...d, issuer: 'https://honest.example' }) },
  'the metadata names the issuer with a slash more': {
    metadata: (d, p) => ({ ...d, issuer: `${p.issuer}/` }),
  },
  'the metadata has no issuer': { metadata: (d) => without(d, 'issuer') },
  'the metadata does not speak of PKCE': { metadata: (d) => without(d, 'code_challenge_methods_supported') },
  'the metadata knows plain PKCE only': {
    metadata: (d) => ({ ...d, code_challenge_methods_supported: ['plain'] }),
  },
  'the metadata has no token endpoint': { metadata: (d) => without(d, 'token_endpoint') },
  'the metadata is no object': { metadata: () => ['issuer'] },
  'the metadata is a page': { on: { [PATHS.metadata]: page(200), [PATHS.openid]: page(200) } },
  'the metadata is a server error': { on: { [PATHS.metadata]: page(500), [PATHS.openid]: page(500) } },
  'the metadata is 100 MB': { on: { [PATHS.metadata]: flood(1e8), [PATHS.openid]: flood(1e8) } },
  'the metadata never ends': {
    on: {
      [PATHS.metadata]: flood(Number.POSITIVE_INFINITY),
      [PATHS.openid]: flood(Number.POSITIVE_INFINITY),
    },
  },
  'the metadata never begins': { on: { [PATHS.metadata]: (x) => x.hang(), [PATHS.openid]: (x) => x.hang() } },
  'the resource is another origin': { resource: (d, p) => ({ ...d, resource: `${p.elsewhere}/mcp` }) },
  'the resource is another path': { resource: (d, p) => ({ ...d, resource: `${p.url}-of-somebody-else` }) },
  'the resource is not named': { resource: (d) => without(d, 'resource') },
  'the resource names no authorization server': { resource: (d) => ({ ...d, authorization_servers: [] }) },
  'the metadata of the resource is a server error': { on: { [PATHS.resource]: page(500) } },
  'the metadata of the resource is a page': { on: { [PATHS.resource]: page(200) } },
  'the metadata of the resource never ends': { on: { [PATHS.resource]: flood(Number.POSITIVE_INFINITY) } },
  'the metadata of the resource has moved to the metadata service of a cloud': {
    on: { [PATHS.resource]: (x) => x.reply(302, undefined, { Location: 'http://169.254.169.254/latest/' }) },
  },
  'the metadata has moved to a private address': {
    on: { [PATHS.metadata]: (x) => x.reply(307, undefined, { Location: 'http://10.0.0.1/metadata' }) },
  },
  'the registration is refused': {
    on: {
      [PATHS.register]: (x) =>
        x.reply(400, { error: 'invalid_client_metadata', error_description: 'no thanks' }),
    },
  },
  'the registration is a page': { on: { [PATHS.register]: page(200) } },
  'the registration is a server error': { on: { [PATHS.register]: page(500) } },
  'the registration gives no client id': { registration: (d) => without(d, 'client_id') },
}

const URLS = [
  'file:///etc/passwd',
  'file:/c:/windows/system32/calc.exe',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:calc',
  'ms-settings:display',
  'http://10.0.0.1/authorize',
  'http://192.168.1.1/authorize',
  'http://169.254.169.254/latest/meta-data/',
  'http://[fe80::1]/authorize',
  'http://[fd00::1]/authorize',
  'http://[::ffff:10.0.0.1]/authorize',
  'http://0x0a000001/authorize',
  'http://example.com/authorize',
  'https://user:word@127.0.0.1/authorize',
  // The published payloads of CVE-2025-6514.
  'a:$(cmd.exe /c whoami > c:\\temp\\pwned.txt)?response_type=code',
  'http:$(calc.exe)',
  "file:/c:/windows/system32/calc.exe'&calc",
]

async function refusedBefore(user: Person, server: HostileServer): Promise<string> {
  const host = user.bridge(server.url, FOR_EVER)
  const line = await refusedStart(host, 'auth-failed')
  await host.finish({ stderr: 'some' })
  server.assertNoCodeSent()
  server.assertNobodyElseAsked()
  assert.deepEqual(user.browser.opened(), [], 'a browser was opened')
  const written = user.everythingWritten()
  assert.ok(!written.includes('<script'), 'a page of the server was repeated with its tags')
  return line.value.error?.message ?? ''
}

const AUTHORIZE: Readonly<Record<string, HostileOptions>> = Object.fromEntries(
  URLS.map((url) => [
    `the authorization endpoint is ${url}`,
    { metadata: (d: Document) => ({ ...d, authorization_endpoint: url }) },
  ]),
)
const TOKEN: Readonly<Record<string, HostileOptions>> = Object.fromEntries(
  ['http://10.0.0.1/token', 'http://example.com/token', 'file:///token'].flatMap((url) => [
    [`the token endpoint is ${url}`, { metadata: (d: Document) => ({ ...d, token_endpoint: url }) }],
    [
      `the registration endpoint is ${url}`,
      { metadata: (d: Document) => ({ ...d, registration_endpoint: url }) },
    ],
  ]),
)
const SERVERS: Readonly<Record<string, HostileOptions>> = Object.fromEntries(
  ['http://10.0.0.1', 'http://169.254.169.254', 'file:///etc', 'http://example.com', 'no URL'].map((url) => [
    `the authorization server is ${url}`,
    { resource: (d: Document) => ({ ...d, authorization_servers: [url] }) },
  ]),
)
const CHALLENGES: Readonly<Record<string, HostileOptions>> = Object.fromEntries(
  ['http://169.254.169.254/', 'file:///etc/passwd', 'http://10.0.0.1/x', 'http://example.com/x'].map(
    (url) => [`the challenge leads to ${url}`, { challenge: () => `Bearer resource_metadata="${url}"` }],
  ),
)

for (const [name, options] of Object.entries({
  ...BEFORE,
  ...AUTHORIZE,
  ...TOKEN,
  ...SERVERS,
  ...CHALLENGES,
}))
  test(
    `T66, T69 ${name}: refused, nothing opened, no code sent`,
    async (t) => {
      const server = await serveHostile(t, options)
      const message = await refusedBefore(person(t), server)
      const isLed = options.challenge === undefined
      assert.equal(
        server.mcp.requests.some(({ path }) => path === PATHS.resource),
        isLed,
        'it came to no lie',
      )
      if (name === 'the registration is refused') assert.match(message, /no thanks/)
      if (name.startsWith('the metadata does not speak of PKCE'))
        assert.match(message, /--allow-unadvertised-pkce/)
    },
    NO_FAKE_BROWSER,
  )

test(
  'with --allow-unadvertised-pkce a server that does not speak of PKCE is signed in to, with PKCE',
  async (t) => {
    const server = await serveHostile(t, { metadata: (d) => without(d, 'code_challenge_methods_supported') })
    const host = await start(person(t), server.url, ['--allow-unadvertised-pkce'])
    await host.finish({ stderr: 'any' })
    assert.equal(server.to('authorize')[0]?.params.code_challenge_method, 'S256')
  },
  NO_FAKE_BROWSER,
)

for (const extra of ['"&calc', "'&calc", '$(calc.exe)', '`calc`', '|calc', ' & calc', '\u0000', '%PATH%'])
  test(
    `T69 an authorization endpoint with ${JSON.stringify(extra)} reaches the browser as one harmless argument`,
    async (t) => {
      const server = await serveHostile(t, {
        metadata: (d) => ({ ...d, authorization_endpoint: `${String(d.authorization_endpoint)}?x=${extra}` }),
      })
      const user = person(t)
      const host = user.bridge(server.url, FOR_EVER)
      host.send(initializeLine('i'))
      await host.answer('i', 30_000)
      await host.finish({ stderr: 'any' })
      for (const args of user.browser.opened()) {
        assert.equal(args.length, 1)
        assert.match(args[0] ?? '', /^http:\/\/127\.0\.0\.1:\d+\/authorize\?[\w\-.~:/?#[\]@!$&'()*+,;=%]*$/)
      }
    },
    NO_FAKE_BROWSER,
  )

test(
  'a registration that repeats what it was sent shows no secret',
  async (t) => {
    const server = await serveHostile(t, { on: { [PATHS.register]: page(400) } })
    const user = person(t)
    await refusedBefore(user, server)
  },
  NO_FAKE_BROWSER,
)
