// What the flags of signing in change in the requests that are really sent, and in where the browser comes back to.
// protocol.md G.1 rows 10, 14, 15, 19, 23 and 24; peers.md 1.1.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import type { AuthServer } from '../fixtures/servers/auth-server.ts'
import { call, freePort, resultOf, test } from './harness.ts'
import {
  assertNoSecret,
  FOR_EVER,
  NO_FAKE_BROWSER,
  PATIENCE_MS,
  person,
  refusedStart,
  serveHostile,
  serveProtected,
  start,
} from './signing-in.ts'

const SECRET = 'a secret: with+odd/characters%20&~'

function clients(method: 'client_secret_basic' | 'client_secret_post', redirectUri: string) {
  const client = {
    client_id: 'the client',
    token_endpoint_auth_method: method,
    redirect_uris: [redirectUri],
    application_type: 'native' as const,
    client_secret: SECRET,
  }
  return { clients: [client] }
}

/** The one authorization request, and the one that redeemed its code. */
function asked(issuer: AuthServer) {
  assert.equal(issuer.to('authorize').length, 1)
  assert.equal(issuer.to('token', GRANT.code).length, 1)
  return { authorize: issuer.to('authorize')[0]!.params, token: issuer.to('token', GRANT.code)[0]! }
}

for (const method of ['client_secret_basic', 'client_secret_post'] as const)
  test(
    `--client-id and --client-secret-env with a browser, ${method}, on a port of the user's`,
    async (t) => {
      const port = await freePort()
      const metadata = (d: object) => ({ ...d, token_endpoint_auth_methods_supported: [method] })
      const { issuer, server } = await serveProtected(
        t,
        {},
        { ...clients(method, `http://127.0.0.1:${port}/oauth/callback`), metadata },
      )
      const user = person(t)
      const args = [
        '--client-id',
        'the client',
        '--client-secret-env',
        'SECRET',
        '--callback-port',
        String(port),
      ]
      const host = user.bridge(server.url, [...FOR_EVER, ...args], { SECRET })
      await host.initialize()
      issuer.expireAll()
      host.send(call(1))
      resultOf(await host.answer(1, PATIENCE_MS))
      await host.finish({ stderr: 'any' })
      const { authorize, token } = asked(issuer)
      assert.equal(authorize.client_id, 'the client')
      const basic = `Basic ${Buffer.from('the+client:a+secret%3A+with%2Bodd%2Fcharacters%2520%26%7E').toString('base64')}`
      for (const { headers, params } of [token, issuer.to('token', GRANT.refresh)[0]!]) {
        assert.equal(headers.authorization, method === 'client_secret_basic' ? basic : undefined)
        assert.equal(params.client_secret, method === 'client_secret_basic' ? undefined : SECRET)
      }
      assert.equal(issuer.to('register').length, 0)
      assertNoSecret(user.everythingWritten(), issuer)
      const kept = user.kept().map((file) => readFileSync(file, 'utf8'))
      assert.ok(!kept.join().includes(SECRET), 'the secret of the user is kept')
    },
    NO_FAKE_BROWSER,
  )

test(
  'mcp-remote: a port behind the URL, --static-oauth-client-info, --callback-path; its host is localhost',
  async (t) => {
    const port = await freePort()
    const redirect = `http://localhost:${port}/back/here`
    const { issuer, server } = await serveProtected(t, {}, clients('client_secret_post', redirect))
    const info = {
      client_id: 'the client',
      client_secret: ['$', '{SECRET}'].join(''),
      token_endpoint_auth_method: 'client_secret_post',
    }
    const user = person(t)
    const args = ['--static-oauth-client-info', JSON.stringify(info), '--callback-path', '/back/here']
    const host = user.bridge(String(port), [...FOR_EVER, ...args, server.url], { SECRET })
    await host.initialize()
    await host.finish({ stderr: 'any' })
    assert.equal(asked(issuer).authorize.redirect_uri, redirect)
    assert.equal(asked(issuer).token.params.client_secret, SECRET)
    assertNoSecret(user.everythingWritten(), issuer)
  },
  NO_FAKE_BROWSER,
)

test(
  'a port that is the only one and is taken is an error that names it',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const port = Number(new URL(issuer.issuer).port)
    const host = person(t).bridge(server.url, [...FOR_EVER, '--callback-port', String(port)])
    const line = await refusedStart(host, 'auth-failed')
    assert.match(line.value.error?.message ?? '', new RegExp(String(port)))
    await host.finish({ stderr: 'some' })
    assert.equal(issuer.to('register').length, 0)
  },
  NO_FAKE_BROWSER,
)

test(
  '--host localhost, --scope, --resource and --authorize-param are in the request',
  async (t) => {
    const { issuer, server } = await serveProtected(t, { scope: 'mcp:read', ignoresAudience: true })
    const args = [
      '--host',
      'localhost',
      '--scope',
      'mcp:read mcp:write',
      '--resource',
      'https://named.example/Mcp/',
    ]
    const more = ['--authorize-param', 'login_hint=me@home', '--authorize-param', 'prompt=login consent']
    const host = await start(person(t), server.url, [...args, ...more])
    await host.finish({ stderr: 'any' })
    const { authorize, token } = asked(issuer)
    assert.match(String(authorize.redirect_uri), /^http:\/\/localhost:\d+\/oauth\/callback$/)
    assert.equal(authorize.scope, 'mcp:read mcp:write')
    assert.equal(authorize.resource, 'https://named.example/Mcp/')
    assert.equal(token.params.resource, 'https://named.example/Mcp/')
    assert.equal(authorize.login_hint, 'me@home')
    assert.equal(authorize.prompt, 'login consent')
  },
  NO_FAKE_BROWSER,
)

test(
  '--disable-resource-parameter: no request names a resource',
  async (t) => {
    const server = await serveHostile(t)
    const host = await start(person(t), server.url, ['--disable-resource-parameter'])
    await host.finish({ stderr: 'any' })
    for (const { params } of [...server.to('authorize'), ...server.to('token')])
      assert.ok(!('resource' in params), JSON.stringify(Object.keys(params)))
    assert.equal(server.to('token').length, 1)
  },
  NO_FAKE_BROWSER,
)

const DOCUMENT = 'https://client.example/metadata.json'

for (const isSupported of [true, false])
  test(
    `--client-metadata-url is ${isSupported ? 'the client' : 'not used'} where the server ${isSupported ? 'supports' : 'does not support'} it`,
    async (t) => {
      const metadata = (d: object) => ({ ...d, client_id_metadata_document_supported: isSupported })
      const server = await serveHostile(t, { metadata })
      const host = await start(person(t), server.url, ['--client-metadata-url', DOCUMENT])
      await host.finish({ stderr: 'any' })
      const id = isSupported ? DOCUMENT : 'client-1'
      assert.equal(server.to('authorize')[0]?.params.client_id, id)
      assert.equal(server.to('token')[0]?.params.client_id, id)
      assert.equal(server.to('register').length, isSupported ? 0 : 1)
    },
    NO_FAKE_BROWSER,
  )

test(
  '--static-oauth-client-metadata is merged over what we register with',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const more = { client_name: 'Mine', software_id: 'abc', client_uri: 'https://mine.example' }
    const args = ['--static-oauth-client-metadata', JSON.stringify(more)]
    const host = await start(person(t), server.url, args)
    await host.finish({ stderr: 'any' })
    const { params } = issuer.to('register')[0]!
    assert.equal(params.client_name, 'Mine')
    assert.equal(params.client_uri, 'https://mine.example')
    assert.equal(params.application_type, 'native')
  },
  NO_FAKE_BROWSER,
)

test(
  '--auth-success-url is where the browser ends',
  async (t) => {
    const { server } = await serveProtected(t)
    const user = person(t)
    const host = await start(user, server.url, [
      '--auth-success-url',
      `${new URL(server.url).origin}/welcome?a=b`,
    ])
    await host.finish({ stderr: 'any' })
    const page = await user.browser.page()
    assert.equal(page.at, `${new URL(server.url).origin}/welcome`)
    assert.equal(server.requests.find(({ path }) => path === '/welcome')?.url, '/welcome?a=b')
  },
  NO_FAKE_BROWSER,
)

test(
  '--auth-timeout is as long as a person is waited for',
  async (t) => {
    const { issuer, server } = await serveProtected(t, {}, { person: 'slow' })
    const host = person(t).bridge(server.url, [...FOR_EVER, '--auth-timeout', '1s'])
    const line = await refusedStart(host, 'auth-required')
    assert.match(line.value.error?.message ?? '', /not completed in time/)
    await host.finish({ stderr: 'some' })
    assert.equal(issuer.to('token').length, 0)
  },
  NO_FAKE_BROWSER,
)

test(
  '--non-interactive asks nobody and says what to do; what is kept is used; and nobody counts as asked',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = person(t)
    const alone = user.bridge(server.url, [...FOR_EVER, '--non-interactive'])
    await refusedStart(alone, 'auth-required')
    await alone.finish({ stderr: 'any' })
    assert.deepEqual([user.browser.opened().length, issuer.to('register').length], [0, 0])
    const login = await user.run(['login', server.url, '--non-interactive'])
    assert.equal(login.code, 1)
    assert.match(login.stderr, /remove --non-interactive/)
    await (await start(user, server.url)).finish({ stderr: 'any' })
    assert.equal(user.browser.opened().length, 1)
    issuer.expireAll()
    const later = await start(user, server.url, ['--non-interactive'])
    await later.finish({ stderr: 'any' })
    assert.equal(user.browser.opened().length, 1)
  },
  NO_FAKE_BROWSER,
)
