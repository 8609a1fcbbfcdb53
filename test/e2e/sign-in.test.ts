// Signing in with a browser, from the 401 to the answer, and staying signed in. protocol.md G; T65.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import { bridge, call, modern, resultOf, test } from './harness.ts'
import {
  FOR_EVER,
  NO_FAKE_BROWSER,
  PATIENCE_MS,
  person,
  refusedStart,
  serveProtected,
  signedIn,
  start,
} from './signing-in.ts'

const SCOPES = (text: unknown): string[] => String(text).split(' ').sort()

test(
  'T65 a 401 leads to a sign-in, and the request that was refused is answered',
  async (t) => {
    const { issuer, server } = await serveProtected(t, { scope: 'mcp:read' })
    const user = person(t)
    const host = await start(user, server.url)
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
    const [registered] = issuer.to('register')
    assert.equal(registered?.params.application_type, 'native')
    assert.deepEqual(registered?.params.grant_types, ['authorization_code', 'refresh_token'])
    const [authorize] = issuer.to('authorize')
    const { params = {} } = authorize ?? {}
    assert.equal(params.code_challenge_method, 'S256')
    assert.match(String(params.code_challenge), /^[\w-]{43}$/)
    assert.ok(String(params.state).length >= 43, 'the state has 256 bits')
    assert.equal(params.resource, server.url)
    assert.deepEqual(SCOPES(params.scope), ['mcp:read', 'offline_access'])
    assert.equal(params.prompt, 'consent')
    assert.match(String(params.redirect_uri), /^http:\/\/127\.0\.0\.1:\d+\//)
    const [redeemed] = issuer.to('token', GRANT.code)
    assert.equal(redeemed?.params.resource, server.url)
    assert.equal(redeemed?.params.redirect_uri, params.redirect_uri)
    assert.deepEqual(
      server.used('initialize').map(({ verdict }) => verdict),
      ['absent', 'good'],
    )
    assert.deepEqual(
      server.used('tools/call').map(({ verdict }) => verdict),
      ['good'],
    )
    for (const { exchange } of server.uses) assert.ok(!exchange.url.includes('?'), 'nothing is in the query')
    for (const asked of issuer.to('discovery')) assert.ok(asked.headers['mcp-protocol-version'], 'row 9')
    for (const counted of ['register', 'authorize', 'token'] as const)
      assert.equal(issuer.to(counted).length, 1)
  },
  NO_FAKE_BROWSER,
)

test(
  'the browser gets one argument, and the page at its end is static and says where one has signed in',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = person(t)
    const host = await start(user, server.url)
    const [args = []] = user.browser.opened()
    assert.equal(args.length, 1)
    const page = await user.browser.page()
    assert.equal(page.status, 200)
    assert.match(page.headers?.['content-type'] ?? '', /^text\/html/)
    assert.match(page.headers?.['content-security-policy'] ?? '', /default-src 'none'/)
    assert.match(page.text ?? '', /127\.0\.0\.1/)
    for (const secret of issuer.secrets)
      assert.ok(!(page.text ?? '').includes(secret), 'the page shows a secret')
    assert.equal(user.browser.opened().length, 1)
    await host.finish({ stderr: 'any' })
  },
  NO_FAKE_BROWSER,
)

test(
  'who has signed in once is signed in for the next bridge, which asks nobody',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    const before = issuer.requests.length
    const uses = server.uses.length
    const host = await start(user, server.url)
    await host.finish({ stderr: 'any' })
    assert.equal(server.uses[uses]?.verdict, 'good')
    assert.equal(issuer.requests.length, before)
    assert.equal(user.browser.opened().length, 1)
  },
  NO_FAKE_BROWSER,
)

test(
  'a host of the modern era waits for the sign-in and gets its answer',
  async (t) => {
    const { issuer, server } = await serveProtected(t, { era: 'modern', scope: 'mcp:read' })
    const user = person(t)
    const host = user.bridge(server.url, FOR_EVER)
    host.send(modern('d', 'server/discover'))
    resultOf(await host.answer('d', PATIENCE_MS))
    host.send(modern('l', 'tools/list'))
    resultOf(await host.answer('l'))
    await host.finish({ stderr: 'any' })
    assert.equal(issuer.to('token', GRANT.code).length, 1)
  },
  NO_FAKE_BROWSER,
)

test(
  'a host of the legacy era signs in to a server of the modern era',
  async (t) => {
    const { issuer, server } = await serveProtected(t, { era: 'modern' })
    const host = await start(person(t), server.url)
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
    assert.equal(issuer.to('authorize').length, 1)
  },
  NO_FAKE_BROWSER,
)

for (const metadataAt of ['challenge', 'well-known'] as const)
  test(
    `the metadata of the resource is found when only the ${metadataAt} leads to it`,
    async (t) => {
      const { issuer, server } = await serveProtected(t, { metadataAt, scopesSupported: ['mcp:write'] })
      const host = await start(person(t), server.url)
      await host.finish({ stderr: 'any' })
      assert.deepEqual(SCOPES(issuer.to('authorize')[0]?.params.scope), ['mcp:write', 'offline_access'])
    },
    NO_FAKE_BROWSER,
  )

for (const without of ['oauth-metadata', 'openid-metadata'] as const)
  test(
    `the authorization server is found without its ${without}`,
    async (t) => {
      const { server } = await serveProtected(t, {}, { without: [without] })
      const host = await start(person(t), server.url)
      await host.finish({ stderr: 'any' })
    },
    NO_FAKE_BROWSER,
  )

test(
  'scope is left out when nobody names one and there are no refresh scopes',
  async (t) => {
    const { issuer, server } = await serveProtected(t, {}, { without: ['refresh'] })
    const host = await start(person(t), server.url)
    await host.finish({ stderr: 'any' })
    assert.equal(issuer.to('authorize')[0]?.params.scope, undefined)
  },
  NO_FAKE_BROWSER,
)

test(
  'many requests that are refused together lead to one sign-in',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    const host = await start(user, server.url)
    await issuer.revokeAll()
    for (let n = 0; n < 20; n++) host.send(call(n, { n }))
    for (let n = 0; n < 20; n++)
      assert.deepEqual(resultOf(await host.answer(n, PATIENCE_MS)).structuredContent, { n })
    await host.finish({ stderr: 'any' })
    assert.equal(issuer.to('authorize').length, 2)
    assert.equal(issuer.to('token', GRANT.refresh).length, 1)
    assert.equal(user.browser.opened().length, 2)
  },
  NO_FAKE_BROWSER,
)

test(
  'tokens are renewed without a person when they are over, each time with the newest refresh token',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    const host = await start(user, server.url)
    for (let round = 0; round < 3; round++) {
      issuer.expireAll()
      for (let n = 0; n < 5; n++) host.send(call(`${round}.${n}`))
      for (let n = 0; n < 5; n++) resultOf(await host.answer(`${round}.${n}`, PATIENCE_MS))
    }
    await host.finish({ stderr: 'any' })
    assert.equal(issuer.to('token', GRANT.refresh).length, 3)
    const tokens = issuer.to('token', GRANT.refresh).map(({ params }) => params.refresh_token)
    assert.equal(new Set(tokens).size, 3)
    assert.equal(user.browser.opened().length, 1)
  },
  NO_FAKE_BROWSER,
)

test(
  'a token that is about to end is renewed before it is refused',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    const [kept = ''] = user.kept()
    const now = Date.now()
    const text = readFileSync(kept, 'utf8')
      .replace(/"expiresAt":\d+/, `"expiresAt":${now + 30_000}`)
      .replace(/"obtainedAt":\d+/, `"obtainedAt":${now - 3_600_000}`)
    writeFileSync(kept, text)
    const host = await start(user, server.url)
    await host.finish({ stderr: 'any' })
    assert.equal(issuer.to('token', GRANT.refresh).length, 1)
    assert.deepEqual(
      server.uses.filter(({ verdict }) => verdict !== 'good').map(({ verdict }) => verdict),
      ['absent'],
    )
  },
  NO_FAKE_BROWSER,
)

test(
  'a token that is refused again right after it was renewed ends in an error, not in a loop',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    const host = await start(user, server.url)
    server.refuses = () => true
    host.send(call(1))
    const answer = await host.answer(1, PATIENCE_MS)
    assert.match(String(answer.value.error?.data?.kind), /^auth-/, answer.raw)
    server.refuses = () => false
    await host.finish({ stderr: 'any' })
    assert.ok(issuer.to('token', GRANT.refresh).length <= 1, 'one refresh at most')
    assert.ok(issuer.to('authorize').length <= 2, 'one sign-in at most')
    assert.ok(server.used('tools/call').length <= 3, 'the call is sent three times at most')
  },
  NO_FAKE_BROWSER,
)

for (const [name, args] of [
  ['an Authorization header', ['-H', 'Authorization: Bearer of-the-user-123456']],
  ['--no-oauth', ['--no-oauth']],
] as const)
  test(`with ${name} a 401 is a 401: nobody is asked`, async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = person(t)
    const host = user.bridge(server.url, [...FOR_EVER, ...args])
    host.send(initializeLine('i'))
    const { error } = (await host.answer('i', PATIENCE_MS)).value
    assert.equal(error?.data?.httpStatus, 401)
    await host.finish({ stderr: 'some' })
    assert.equal(issuer.requests.length, 0)
    assert.equal(user.browser.opened().length, 0)
    assert.ok(!user.everythingWritten().includes('of-the-user-123456'), 'the header was shown')
  })

test('--no-browser prints the URL and fails requests with the command that signs in', async (t) => {
  const { issuer, server } = await serveProtected(t)
  const user = person(t)
  const host = user.bridge(server.url, [...FOR_EVER, '--no-browser'])
  await refusedStart(host, 'auth-required')
  await host.finish({ stderr: 'some' })
  assert.ok(host.stderr.includes(`${issuer.issuer}/auth?`), 'the URL is printed')
  assert.equal(user.browser.opened().length, 0)
})

test('a server that needs no sign-in costs nothing of it', async (t) => {
  const { issuer, server } = await serveProtected(t, {
    first: (x) => {
      if (x.message.method !== 'initialize') return false
      x.result({
        protocolVersion: '2025-06-18',
        capabilities: {},
        serverInfo: { name: 'open', version: '1' },
      })
      return true
    },
  })
  const user = person(t)
  const host = bridge(t, { url: server.url, env: user.env })
  host.send(initializeLine('i'))
  resultOf(await host.answer('i'))
  await host.finish({ stderr: 'any' })
  assert.equal(issuer.requests.length, 0)
  assert.deepEqual(user.kept(), [])
})
