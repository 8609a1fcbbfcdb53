// Servers of 2025-03-26 that say nothing about signing in, authorization servers that change or forget, and refusals that
// must be told in their own words. protocol.md G.1 rows 8, 17, 22, 29, 34.
import assert from 'node:assert/strict'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import { authServer } from '../fixtures/servers/auth-server.ts'
import { type HostileOptions, PATHS } from '../fixtures/servers/hostile-auth-server.ts'
import type { Handler } from '../fixtures/servers/raw-server.ts'
import { call, resultOf, test } from './harness.ts'
import {
  FOR_EVER,
  forget,
  NO_FAKE_BROWSER,
  PATIENCE_MS,
  person,
  refusedStart,
  serveHostile,
  serveProtected,
  signedIn,
  start,
} from './signing-in.ts'

/** The MCP server is its own authorization server, and everything of that is at its origin. */
function ofMarch(more: Readonly<Record<string, Handler>> = {}, secret = 'given-in-march'): HostileOptions {
  const on: Record<string, Handler> = {
    [PATHS.resource]: (x) => x.reply(404),
    [PATHS.register]: (x) =>
      x.reply(201, { ...(JSON.parse(x.text) as object), client_id: 'client-of-march' }),
    [PATHS.authorize](x) {
      const asked = new URL(x.url, 'http://127.0.0.1').searchParams
      const back = new URL(asked.get('redirect_uri') ?? '')
      back.searchParams.set('code', 'code-of-march')
      back.searchParams.set('state', asked.get('state') ?? '')
      x.reply(302, undefined, { Location: back.href })
    },
    [PATHS.token]: (x) => x.reply(200, { access_token: secret, token_type: 'Bearer' }),
    '/mcp'(x) {
      if (x.header('authorization') !== `Bearer ${secret}`) return x.reply(401)
      if (x.method !== 'POST') return x.reply(405)
      if (x.message.method !== 'initialize') return x.rawId === undefined ? x.reply(202) : x.result({})
      const serverInfo = { name: 'march', version: '1' }
      x.result({ protocolVersion: '2025-03-26', capabilities: {}, serverInfo })
    },
    ...more,
  }
  return { challenge: () => null, on }
}

test(
  'row 8: a server without any metadata is signed in to at its own origin, with PKCE and resource',
  async (t) => {
    const server = await serveHostile(t, ofMarch())
    const host = await start(person(t), server.url)
    await host.finish({ stderr: 'any' })
    const at = (path: string) => server.mcp.requests.filter((request) => request.path === path)
    const asked = new URL(at(PATHS.authorize)[0]?.url ?? '', server.url).searchParams
    assert.equal(asked.get('code_challenge_method'), 'S256')
    assert.equal(asked.get('resource'), server.url)
    assert.equal(asked.get('client_id'), 'client-of-march')
    assert.match(at(PATHS.token)[0]?.text ?? '', /code_verifier=[\w-]{43}/)
    assert.equal(server.auth.requests.length, 0)
    server.assertNobodyElseAsked()
  },
  NO_FAKE_BROWSER,
)

for (const slash of ['', '/'])
  test(
    `row 8: metadata at the origin of such a server counts, its issuer ${slash === '' ? 'without' : 'with'} a slash`,
    async (t) => {
      const describe: Handler = (x) => {
        const origin = `http://${x.header('host')}`
        x.reply(200, {
          issuer: `${origin}${slash}`,
          authorization_endpoint: `${origin}/elsewhere/authorize`,
          token_endpoint: `${origin}${PATHS.token}`,
          registration_endpoint: `${origin}${PATHS.register}`,
          response_types_supported: ['code'],
          code_challenge_methods_supported: ['S256'],
        })
      }
      const options = ofMarch({ [PATHS.metadata]: describe })
      const authorize = options.on?.[PATHS.authorize]
      const server = await serveHostile(t, {
        ...options,
        on: { ...options.on, '/elsewhere/authorize': authorize! },
      })
      const host = await start(person(t), server.url)
      await host.finish({ stderr: 'any' })
      assert.equal(server.mcp.requests.filter(({ path }) => path === '/elsewhere/authorize').length, 1)
      assert.equal(server.mcp.requests.filter(({ path }) => path === PATHS.authorize).length, 0)
    },
    NO_FAKE_BROWSER,
  )

test(
  'row 8: where the resource is not known there, the sentence says what to add, and with that it works',
  async (t) => {
    const options = ofMarch()
    const token = options.on?.[PATHS.token]
    const on: Record<string, Handler> = {
      ...options.on,
      [PATHS.token]: (x) =>
        x.text.includes('resource=') ? x.reply(400, { error: 'invalid_target' }) : token!(x),
    }
    const server = await serveHostile(t, { ...options, on })
    const line = await (async () => {
      const host = person(t).bridge(server.url, FOR_EVER)
      const refused = await refusedStart(host, 'auth-failed')
      await host.finish({ stderr: 'some' })
      return refused
    })()
    assert.match(line.value.error?.message ?? '', /invalid_target.*--disable-resource-parameter/)
    const host = await start(person(t), server.url, ['--disable-resource-parameter'])
    await host.finish({ stderr: 'any' })
    const asked = server.mcp.requests.filter(({ path }) => path === PATHS.authorize)
    assert.ok(!asked.at(-1)?.url.includes('resource='), 'no resource is sent')
  },
  NO_FAKE_BROWSER,
)

test(
  'row 17: a registration that is refused is told in the words of the server, with what to do',
  async (t) => {
    const server = await serveHostile(t, {
      on: {
        [PATHS.register]: (x) =>
          x.reply(
            401,
            { error: 'access_denied', error_description: 'only approved <b>clients</b>' },
            { 'WWW-Authenticate': 'Bearer' },
          ),
      },
    })
    const user = person(t)
    const host = user.bridge(server.url, FOR_EVER)
    const message = (await refusedStart(host, 'auth-failed')).value.error?.message ?? ''
    assert.match(message, /did not register.*access_denied \(only approved clients ?\).*--client-id/)
    await host.finish({ stderr: 'some' })
    assert.equal(server.to('register').length, 1)
    assert.equal(user.browser.opened().length, 0)
  },
  NO_FAKE_BROWSER,
)

test(
  'row 22: another authorization server is signed in to anew, and sees nothing of the first one',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    const other = await authServer()
    t.after(() => other.close())
    server.issuer = other
    const before = issuer.requests.length
    const host = await start(user, server.url)
    await host.finish({ stderr: 'any' })
    assert.equal(other.to('register').length, 1)
    assert.equal(other.to('token', GRANT.code).length, 1)
    assert.equal(other.to('token', GRANT.refresh).length, 0)
    const seen = JSON.stringify(other.requests)
    for (const secret of issuer.secrets)
      assert.ok(!seen.includes(secret), 'the other server has seen a secret')
    assert.deepEqual(
      issuer.requests.slice(before).map(({ endpoint }) => endpoint),
      [],
    )
  },
  NO_FAKE_BROWSER,
)

const CLIENT = {
  client_id: 'of-the-user',
  client_secret: 'secret-of-the-user',
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
}

test('row 22: the client of the user is not shown to another authorization server', async (t) => {
  const { server } = await serveProtected(t, { scope: 'mcp:read' }, { clients: [CLIENT] })
  const user = person(t)
  const args = [
    ...FOR_EVER,
    '--client-credentials',
    '--client-id',
    CLIENT.client_id,
    '--client-secret-env',
    'S',
  ]
  const first = user.bridge(server.url, args, { S: CLIENT.client_secret })
  await first.initialize()
  await first.finish()
  const other = await authServer()
  t.after(() => other.close())
  server.issuer = other
  const host = user.bridge(server.url, args, { S: CLIENT.client_secret })
  const line = await refusedStart(host, 'auth-failed')
  assert.match(line.value.error?.message ?? '', /now sends to another authorization server.*mcp-ferry logout/)
  await host.finish({ stderr: 'some' })
  assert.equal(other.to('token').length, 0)
})

test(
  'row 29: a client that the server has forgotten is registered anew, once',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    const forgotten = issuer.to('authorize')[0]?.params.client_id
    await forget(issuer.provider.Client, String(forgotten))
    issuer.expireAll()
    const host = await start(user, server.url)
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1, PATIENCE_MS)).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
    assert.deepEqual(
      issuer.to('token', GRANT.refresh).map(({ status }) => status),
      [401],
    )
    assert.equal(issuer.to('register').length, 2)
    assert.notEqual(issuer.to('authorize')[1]?.params.client_id, forgotten)
    assert.equal(user.browser.opened().length, 2)
  },
  NO_FAKE_BROWSER,
)

test(
  'row 34: an error that comes with 200 is an error, in its own words',
  async (t) => {
    const server = await serveHostile(t, {
      on: {
        [PATHS.token]: (x) =>
          x.reply(200, { error: 'bad_verification_code', error_description: 'The code is old' }),
      },
    })
    const host = person(t).bridge(server.url, FOR_EVER)
    const line = await refusedStart(host, 'auth-failed')
    assert.match(line.value.error?.message ?? '', /bad_verification_code \(The code is old\)/)
    await host.finish({ stderr: 'some' })
    assert.equal(server.to('token').length, 1)
  },
  NO_FAKE_BROWSER,
)
