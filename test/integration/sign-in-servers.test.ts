// Whether the servers that signing in is tested against are right: clients of both SDKs and plain requests sign in to
// them, without the bridge.
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { OAuthClientInformationFull, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { JWK } from 'oidc-provider'
import { makeBrowser } from '../fixtures/programs/browser.ts'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import { type AuthServer, type AuthServerOptions, authServer } from '../fixtures/servers/auth-server.ts'
import {
  type ProtectedOptions,
  type ProtectedServer,
  protectedServer,
} from '../fixtures/servers/protected-server.ts'
import { startRawServer } from '../fixtures/servers/raw-server.ts'

const INFO = { name: 'plain', version: '1' }

async function servers(
  t: TestContext,
  options: ProtectedOptions = {},
  issuing: AuthServerOptions = {},
): Promise<{ readonly issuer: AuthServer; readonly server: ProtectedServer }> {
  const issuer = await authServer(issuing)
  t.after(() => issuer.close())
  const server = await protectedServer(issuer, options)
  t.after(() => server.close())
  return { issuer, server }
}

/** What the SDKs ask of an application, with a browser that does everything by itself. */
async function application(t: TestContext) {
  const callback = await startRawServer((x) => x.reply(200, 'thank you', { 'Content-Type': 'text/plain' }))
  t.after(() => callback.close())
  const browser = makeBrowser()
  t.after(() => browser.close())
  let client: OAuthClientInformationFull | undefined
  let tokens: OAuthTokens | undefined
  let verifier = ''
  let answer = new URLSearchParams()
  const redirectUrl = `${callback.origin}/callback`
  const provider = {
    redirectUrl,
    clientMetadata: {
      client_name: 'plain',
      application_type: 'native',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () => client,
    saveClientInformation: (given: unknown) => {
      client = given as OAuthClientInformationFull
    },
    tokens: () => tokens,
    saveTokens: (given: unknown) => {
      tokens = given as OAuthTokens
    },
    codeVerifier: () => verifier,
    saveCodeVerifier: (text: string) => {
      verifier = text
    },
    async redirectToAuthorization(url: URL) {
      const page = await browser.visit(url)
      assert.equal(page.text, 'thank you', JSON.stringify(page))
      answer = new URL(callback.requests.at(-1)?.url ?? '', callback.origin).searchParams
    },
  }
  return { provider, answer: () => answer, tokens: () => tokens }
}

test('a client of SDK v1 signs in, refreshes when the token is over, and the refresh token has rotated', async (t) => {
  const { issuer, server } = await servers(t, { scope: 'mcp:read' })
  const app = await application(t)
  const connect = async (): Promise<Client> => {
    const client = new Client(INFO)
    const transport = new StreamableHTTPClientTransport(new URL(server.url), { authProvider: app.provider })
    // The SDK's own class does not fit its own interface under exactOptionalPropertyTypes.
    const known = transport as unknown as Transport
    await client.connect(known).catch(async () => {
      await transport.finishAuth(app.answer().get('code') ?? '')
      throw new Error('signed in')
    })
    return client
  }
  await assert.rejects(connect(), /signed in/)
  assert.equal(app.answer().get('iss'), issuer.issuer)
  const client = await connect()
  t.after(() => client.close())
  assert.equal((await client.listTools()).tools.length, 1)
  const first = app.tokens()?.refresh_token
  assert.ok(first, 'there is a refresh token')
  issuer.expireAll()
  assert.equal((await client.listTools()).tools.length, 1)
  assert.notEqual(app.tokens()?.refresh_token, first)
  assert.equal(issuer.to('token', GRANT.code).length, 1)
  assert.equal(issuer.to('token', GRANT.refresh).length, 1)
  assert.equal(issuer.to('register').length, 1)
  const [authorize] = issuer.to('authorize')
  assert.equal(authorize?.params.resource, server.url)
  assert.equal(authorize?.params.code_challenge_method, 'S256')
  for (const secret of [first, app.tokens()?.access_token, app.answer().get('code')])
    assert.ok(issuer.secrets.has(secret ?? ''), 'a secret has been missed')
  assert.equal(server.uses[0]?.verdict, 'absent')
  assert.ok(
    server.used('tools/list').some(({ verdict }) => verdict === 'unknown'),
    'no token was refused',
  )
})

test('a client of SDK v2 signs in to a server of the modern era', async (t) => {
  const { issuer, server } = await servers(t, { era: 'modern', scope: 'mcp:read' })
  const app = await application(t)
  const connect = async (): Promise<ClientV2> => {
    const client = new ClientV2(INFO, { versionNegotiation: { mode: { pin: '2026-07-28' } } })
    const transport = new TransportV2(new URL(server.url), { authProvider: app.provider })
    await client.connect(transport).catch(async (error: unknown) => {
      if (app.answer().get('code') === null) throw error
      await transport.finishAuth(app.answer())
      throw new Error('signed in')
    })
    return client
  }
  await assert.rejects(connect(), /signed in/)
  const client = await connect()
  t.after(() => client.close())
  assert.equal((await client.listTools()).tools.length, 1)
  assert.equal(issuer.to('token', GRANT.code).length, 1)
})

/** Plain requests of a client that is known already. */
function plain(issuer: AuthServer, client: Readonly<Record<string, string>>) {
  const post = async (path: string, params: Readonly<Record<string, string>>) => {
    const body = new URLSearchParams({ ...client, ...params })
    const answer = await fetch(`${issuer.issuer}${path}`, { method: 'POST', body })
    return { status: answer.status, body: (await answer.json().catch(() => ({}))) as Record<string, string> }
  }
  return post
}

const DEVICE = {
  client_id: 'device',
  token_endpoint_auth_method: 'none' as const,
  application_type: 'native' as const,
  grant_types: [GRANT.device, GRANT.refresh],
  redirect_uris: [],
  response_types: [],
}

test('a device is signed in once the person has confirmed its code; refused ones are told so', async (t) => {
  const { issuer, server } = await servers(t, { scope: 'mcp:read' }, { clients: [DEVICE] })
  const post = plain(issuer, { client_id: 'device' })
  const start = () => post('/device/auth', { scope: 'mcp:read', resource: server.url })
  const { body: asked } = await start()
  const redeem = (code = '') => post('/token', { grant_type: GRANT.device, device_code: code })
  assert.equal((await redeem(asked.device_code)).body.error, 'authorization_pending')
  await issuer.approveDevice(asked.user_code ?? '')
  const { body: tokens } = await redeem(asked.device_code)
  const facts = await issuer.look(tokens.access_token ?? '')
  assert.deepEqual(facts?.audience, [server.url])
  assert.deepEqual(facts?.scopes, ['mcp:read'])
  assert.ok(tokens.refresh_token, 'there is a refresh token')
  const { body: second } = await start()
  await issuer.denyDevice(second.user_code ?? '')
  assert.equal((await redeem(second.device_code)).body.error, 'access_denied')
  assert.equal(issuer.to('device').length, 2)
  const { body: third } = await start()
  const page = await fetch(third.verification_uri_complete ?? '')
  assert.match(await page.text(), /signed in/)
  assert.ok((await redeem(third.device_code)).body.access_token, 'opening the complete URL confirms the code')
})

test('client credentials with a secret and with a signed assertion', async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const machine = { grant_types: [GRANT.client], redirect_uris: [], response_types: [] }
  const jwk = { ...publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }
  const secret = randomBytes(24).toString('hex')
  const { issuer, server } = await servers(
    t,
    {},
    {
      clients: [
        {
          ...machine,
          client_id: 'secret',
          client_secret: secret,
          token_endpoint_auth_method: 'client_secret_post',
        },
        {
          ...machine,
          client_id: 'key',
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: [jwk as JWK] },
        },
      ],
    },
  )
  const ask = { grant_type: GRANT.client, scope: 'mcp:read', resource: server.url }
  const bySecret = await plain(issuer, { client_id: 'secret', client_secret: secret })('/token', ask)
  assert.deepEqual((await issuer.look(bySecret.body.access_token ?? ''))?.audience, [server.url])
  assert.ok(issuer.secrets.has(secret), 'the client secret has been seen')
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'key', sub: 'key', aud: issuer.issuer, jti: secret, iat: now, exp: now + 60 }
  const head = `${part({ alg: 'ES256' })}.${part(claims)}`
  const signature = sign('sha256', Buffer.from(head), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const byKey = await plain(issuer, {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${head}.${signature.toString('base64url')}`,
  })('/token', ask)
  assert.equal(
    (await issuer.look(byKey.body.access_token ?? ''))?.clientId,
    'key',
    JSON.stringify(byKey.body),
  )
})

test('a tool can want more scopes, a token can be refused, and revoked tokens are gone for good', async (t) => {
  const { issuer, server } = await servers(
    t,
    { scope: 'mcp:read', toolScopes: { echo: 'mcp:write' } },
    { clients: [DEVICE] },
  )
  const post = plain(issuer, { client_id: 'device' })
  const { body: asked } = await post('/device/auth', { scope: 'mcp:read', resource: server.url })
  await issuer.approveDevice(asked.user_code ?? '')
  const { body: tokens } = await post('/token', {
    grant_type: GRANT.device,
    device_code: asked.device_code ?? '',
  })
  const send = (method: string, params: unknown) =>
    fetch(server.url, {
      method: 'POST',
      headers: { Authorization: `Bearer ${tokens.access_token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
  const open = () => send('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: INFO })
  assert.equal((await open()).status, 200)
  const refused = await send('tools/call', { name: 'echo' })
  assert.equal(refused.status, 403)
  assert.match(refused.headers.get('www-authenticate') ?? '', /error="insufficient_scope", scope="mcp:write"/)
  server.refuses = () => true
  assert.equal((await open()).status, 401)
  server.refuses = () => false
  await issuer.revokeAll()
  assert.equal((await open()).status, 401)
  const again = await post('/token', { grant_type: GRANT.refresh, refresh_token: tokens.refresh_token ?? '' })
  assert.equal(again.body.error, 'invalid_grant')
  assert.deepEqual(
    server.uses.map(({ verdict }) => verdict),
    ['good', 'scope', 'refused', 'unknown'],
  )
})

test('the person can say no, or take time', async (t) => {
  const { issuer, server } = await servers(t)
  const app = await application(t)
  issuer.person = 'slow'
  const client = new Client(INFO)
  const transport = new StreamableHTTPClientTransport(new URL(server.url), { authProvider: app.provider })
  const connecting = client.connect(transport as unknown as Transport)
  const failed = assert.rejects(connecting)
  await issuer.asked(1)
  assert.equal(app.answer().size, 0)
  issuer.deny()
  await failed
  assert.equal(app.answer().get('error'), 'access_denied')
  assert.equal(app.answer().get('iss'), issuer.issuer)
})

test('an endpoint can be held and broken', async (t) => {
  const { issuer } = await servers(t)
  const gate = issuer.hold('discovery')
  const url = `${issuer.issuer}/.well-known/oauth-authorization-server`
  const asking = fetch(url)
  await gate.held(1)
  assert.equal(issuer.to('discovery').length, 0)
  gate.release()
  assert.equal((await asking).status, 200)
  issuer.break('discovery', (response) => response.writeHead(503).end())
  assert.equal((await fetch(url)).status, 503)
  issuer.break('discovery')
  assert.equal((await fetch(url)).status, 200)
})
