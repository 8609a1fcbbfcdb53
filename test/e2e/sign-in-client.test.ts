// Signing in without a person, as a client by its own secret or private key. protocol.md G.1 rows 23, 32 and 35, G.6.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import type { AuthServerOptions } from '../fixtures/servers/auth-server.ts'
import { PATHS } from '../fixtures/servers/hostile-auth-server.ts'
import { call, ownError, resultOf, test } from './harness.ts'
import {
  assertNoSecret,
  FOR_EVER,
  PATIENCE_MS,
  type Person,
  person,
  refusedStart,
  serveHostile,
  serveProtected,
  start,
} from './signing-in.ts'

const ID = 'service one'
/** What must be encoded before it goes into HTTP Basic (RFC 6749 2.3.1). */
const SECRET = 'a secret: with+odd/characters%20&~'

type Method = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'

function known(method: Method, more: Readonly<Record<string, unknown>> = {}): AuthServerOptions {
  const client = {
    client_id: ID,
    token_endpoint_auth_method: method,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    ...(method === 'private_key_jwt' ? {} : { client_secret: SECRET }),
    ...more,
  }
  return { clients: [client] }
}

/** A bridge that signs in by itself. */
function secretly(user: Person, url: string, args: readonly string[] = [], secret = SECRET) {
  const all = ['--client-credentials', '--client-id', ID, '--client-secret-env', 'THE_SECRET', ...args]
  return user.bridge(url, [...FOR_EVER, ...all], { THE_SECRET: secret })
}

async function opened(host: ReturnType<typeof secretly>) {
  await host.initialize()
  return host
}

for (const [method, metadata] of [
  ['client_secret_basic', undefined],
  ['client_secret_post', { token_endpoint_auth_methods_supported: ['client_secret_post'] }],
] as const)
  test(`a client signs in by its secret, with ${method}, and no person is asked`, async (t) => {
    const { issuer, server } = await serveProtected(
      t,
      { scope: 'mcp:read' },
      {
        ...known(method),
        ...(metadata && { metadata: (document) => ({ ...document, ...metadata }) }),
      },
    )
    const user = person(t)
    const host = await opened(secretly(user, server.url))
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
    await host.finish()
    const [asked, ...more] = issuer.to('token')
    assert.deepEqual(more, [])
    assert.equal(asked?.params.grant_type, GRANT.client)
    assert.equal(asked?.params.scope, 'mcp:read')
    assert.equal(asked?.params.resource, server.url)
    if (method === 'client_secret_basic') {
      const encoded = 'service+one:a+secret%3A+with%2Bodd%2Fcharacters%2520%26%7E'
      assert.equal(asked?.headers.authorization, `Basic ${Buffer.from(encoded).toString('base64')}`)
      assert.equal(asked?.params.client_secret, undefined)
    } else {
      assert.equal(asked?.headers.authorization, undefined)
      assert.equal(asked?.params.client_secret, SECRET)
    }
    assert.equal(issuer.to('register').length, 0)
    assert.equal(user.browser.opened().length, 0)
    assertNoSecret(user.everythingWritten(), issuer)
  })

const KEYS = {
  'an EC key as PEM': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'an EC key as the PEM of its own': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'an RSA key as PEM': () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'an EC key as JWK': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'an RSA key as JWK that names its algorithm': () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
} as const

for (const [name, make] of Object.entries(KEYS))
  test(`a client signs in by ${name}`, async (t) => {
    const { privateKey, publicKey } = make()
    const named = { kid: 'key-1', ...(name.includes('algorithm') && { alg: 'PS256' }) }
    const alg = name.includes('RSA') ? (named.alg ?? 'RS256') : 'ES256'
    const text = name.includes('JWK')
      ? JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...named })
      : String(
          privateKey.export({
            format: 'pem',
            type: name.includes('of its own') ? ('sec1' as 'pkcs8') : 'pkcs8',
          }),
        )
    const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg }] }
    const { issuer, server } = await serveProtected(
      t,
      {},
      known('private_key_jwt', { jwks, token_endpoint_auth_signing_alg: alg }),
    )
    const user = person(t)
    const file = join(user.env.HOME ?? '', 'key')
    writeFileSync(file, text, { mode: 0o600 })
    const args = [
      '--client-credentials',
      '--client-id',
      ID,
      '--private-key-file',
      file,
      '--scope',
      'mcp:read',
    ]
    const host = await start(user, server.url, args)
    await host.finish()
    const [asked] = issuer.to('token', GRANT.client)
    const assertion = String(asked?.params.client_assertion)
    const [head, body] = assertion.split('.').map((part) => Buffer.from(part, 'base64url').toString())
    assert.equal(JSON.parse(head ?? '').alg, alg)
    assert.equal(JSON.parse(body ?? '').aud, issuer.issuer)
    assert.equal(asked?.headers.authorization, undefined)
    assertNoSecret(user.everythingWritten(), issuer)
    assert.ok(!user.everythingWritten().includes('PRIVATE KEY'), 'the key was shown')
  })

test('a token that is over is asked for again, before and after it is refused, with the scope of before', async (t) => {
  const { issuer, server } = await serveProtected(
    t,
    { scope: 'mcp:read' },
    { ...known('client_secret_basic'), lifeSeconds: 12 },
  )
  const host = await opened(secretly(person(t), server.url))
  const early = issuer.to('token').length
  issuer.lifeSeconds = 3600
  for (let n = 0; issuer.to('token').length === early; n++) {
    host.send(call(n))
    resultOf(await host.answer(n))
  }
  issuer.expireAll()
  host.send(call('late'))
  resultOf(await host.answer('late'))
  await host.finish()
  assert.equal(issuer.to('token').length, early + 2)
  assert.equal(issuer.to('token', GRANT.client).length, early + 2)
  for (const { params } of issuer.to('token')) assert.equal(params.scope, 'mcp:read')
  const verdicts = server.used('tools/call').map(({ verdict }) => verdict)
  assert.deepEqual(verdicts.slice(-2), ['unknown', 'good'])
  assert.ok(
    verdicts.slice(0, -2).every((verdict) => verdict === 'good'),
    verdicts.join(),
  )
})

test('bridges that start together share one token', async (t) => {
  const { issuer, server } = await serveProtected(t, { scope: 'mcp:read' }, known('client_secret_basic'))
  const user = person(t)
  const hosts = await Promise.all(Array.from({ length: 4 }, async () => opened(secretly(user, server.url))))
  for (const host of hosts) await host.finish()
  assert.equal(issuer.to('token').length, 1)
})

test('a wrong secret is one clear error, for each request once, and nobody is asked', async (t) => {
  const { issuer, server } = await serveProtected(t, {}, known('client_secret_basic'))
  const user = person(t)
  const host = secretly(user, server.url, [], 'a-wrong-secret-0123')
  const line = await refusedStart(host, 'auth-failed')
  assert.match(line.value.error?.message ?? '', /did not give a token: invalid_client.*check --client-id/)
  await host.finish({ stderr: 'some' })
  assert.equal(issuer.to('token').length, 1)
  assert.equal(issuer.to('register').length, 0)
  assert.equal(user.browser.opened().length, 0)
  assert.ok(!user.everythingWritten().includes('a-wrong-secret-0123'), 'the secret was shown')
})

test('a token that is refused right after it was given is not asked for for ever', async (t) => {
  const { issuer, server } = await serveProtected(t, {}, known('client_secret_basic'))
  const host = secretly(person(t), server.url, ['--scope', 'mcp:read'])
  server.refuses = () => true
  const line = await refusedStart(host, 'auth-failed')
  assert.doesNotMatch(line.value.error?.message ?? '', /mcp-ferry login/)
  await host.finish({ stderr: 'some' })
  assert.ok(issuer.to('token').length <= 2, `${issuer.to('token').length} tokens were asked for`)
})

test('a tool that needs more is refused: a client is not stepped up', async (t) => {
  const { issuer, server } = await serveProtected(
    t,
    { scope: 'mcp:read', toolScopes: { echo: 'mcp:write' } },
    known('client_secret_basic'),
  )
  const user = person(t)
  const host = await opened(secretly(user, server.url))
  host.send(call(1))
  const line = await host.answer(1, PATIENCE_MS)
  ownError(line, 'auth-failed')
  assert.match(line.value.error?.message ?? '', /mcp:write.*--scope$/)
  assert.doesNotMatch(line.value.error?.message ?? '', /mcp-ferry login/)
  await host.finish({ stderr: 'some' })
  assert.equal(issuer.to('token').length, 1)
  assert.equal(server.used('tools/call').length, 1)
  assert.equal(user.browser.opened().length, 0)
})

test('--token-endpoint is where the secret goes, whatever the metadata says', async (t) => {
  const server = await serveHostile(t, {
    metadata: (d, p) => ({ ...d, token_endpoint: `${p.elsewhere}/token` }),
    on: { '/of-the-user': (x) => x.reply(200, { access_token: 'unknown', token_type: 'bearer' }) },
  })
  const host = secretly(person(t), server.url, ['--token-endpoint', `${server.issuer}/of-the-user`])
  await refusedStart(host, 'auth-failed')
  await host.finish({ stderr: 'some' })
  const asked = server.auth.requests.filter(({ path }) => path === '/of-the-user')
  assert.ok(asked.length >= 1, 'the endpoint was asked')
  assert.equal(server.to('token').length, 0)
  server.assertNobodyElseAsked()
})

for (const [name, on] of [
  ['has no metadata', { [PATHS.metadata]: 404, [PATHS.openid]: 404 }],
  ['has metadata that fails', { [PATHS.metadata]: 503, [PATHS.openid]: 503 }],
] as const)
  test(`--token-endpoint is enough where the authorization server ${name}`, async (t) => {
    const handlers = Object.entries(on).map(([path, status]) => [
      path,
      (x: { reply(status: number): void }) => x.reply(status),
    ])
    const server = await serveHostile(t, { on: Object.fromEntries(handlers) })
    const args = ['--token-endpoint', `${server.issuer}${PATHS.token}`]
    const host = await opened(secretly(person(t), server.url, args))
    await host.finish()
    assert.equal(server.to('token', GRANT.client).length, 1)
  })

test('to a remote of the modern era the bridge says that it signs in as a client, which the host does not know', async (t) => {
  const { server } = await serveProtected(t, { era: 'modern' }, known('client_secret_basic'))
  const host = await opened(secretly(person(t), server.url))
  host.send(call(1, { n: 1 }))
  resultOf(await host.answer(1))
  await host.finish()
  const [discovered] = server.used('server/discover').slice(-1)
  const [called] = server.used('tools/call')
  for (const use of [discovered, called])
    assert.match(
      String(use?.exchange.body),
      /clientCapabilities":\{.*"io\.modelcontextprotocol\/oauth-client-credentials":\{\}/,
    )
})
