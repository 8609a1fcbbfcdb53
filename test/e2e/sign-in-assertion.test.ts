// Signing in by what somebody else has issued: a workload's assertion (RFC 7523), and an employee's ID token that the
// company's identity provider exchanges for one (SEP-990). The requests are looked at byte for byte. protocol.md G.1 rows
// 36 and 38.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HostileOptions, type HostileServer, PATHS } from '../fixtures/servers/hostile-auth-server.ts'
import type { Handler } from '../fixtures/servers/raw-server.ts'
import { call, resultOf, test } from './harness.ts'
import { FOR_EVER, type Person, person, refusedStart, serveHostile } from './signing-in.ts'

const ASSERTION = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ3b3JrbG9hZCJ9.signature'
const ID_TOKEN = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJlbXBsb3llZSJ9.signature'
const JAG = 'eyJhbGciOiJub25lIn0.eyJ0eXAiOiJqYWcifQ.signature'
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** The bodies that an endpoint got, as they came. */
function bodies({ auth }: HostileServer, path: string): string[] {
  return auth.requests.filter((request) => request.path === path).map(({ text }) => text)
}

function form(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString()
}

async function served(user: Person, url: string, args: readonly string[], env = {}): Promise<void> {
  const host = user.bridge(url, [...FOR_EVER, ...args], env)
  await host.initialize()
  host.send(call(1, { n: 1 }))
  assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
  await host.finish()
  assert.equal(user.browser.opened().length, 0)
}

const SOURCES = {
  '--assertion-file': (user: Person) => {
    const file = join(user.env.HOME ?? '', 'assertion')
    writeFileSync(file, `${ASSERTION}\n`, { mode: 0o600 })
    return file
  },
  '--assertion-env': () => 'THE_ASSERTION',
  '--assertion-command': () => `"${process.execPath}" -e "console.log('${ASSERTION}')"`,
} as const

for (const [flag, value] of Object.entries(SOURCES))
  test(`a workload signs in by its assertion from ${flag}, and needs no client`, async (t) => {
    const server = await serveHostile(t)
    const user = person(t)
    await served(user, server.url, [flag, value(user), '--scope', 'a b'], { THE_ASSERTION: ASSERTION })
    assert.deepEqual(bodies(server, PATHS.token), [
      form({ assertion: ASSERTION, resource: server.url, scope: 'a b', grant_type: JWT_BEARER }),
    ])
    assert.equal(server.to('register').length, 0)
    assert.ok(!user.everythingWritten().includes(ASSERTION), 'the assertion was shown')
  })

test('with --client-id the workload says which client it is', async (t) => {
  const server = await serveHostile(t)
  await served(person(t), server.url, ['--assertion-env', 'A', '--client-id', 'the client'], { A: ASSERTION })
  assert.deepEqual(bodies(server, PATHS.token), [
    form({ assertion: ASSERTION, resource: server.url, grant_type: JWT_BEARER, client_id: 'the client' }),
  ])
})

test('the file is read anew for each token', async (t) => {
  const server = await serveHostile(t, {
    tokens: (d) => ({ ...d, expires_in: 2, refresh_token: 'not-for-us' }),
  })
  const user = person(t)
  const file = join(user.env.HOME ?? '', 'assertion')
  writeFileSync(file, 'the-first-assertion', { mode: 0o600 })
  const host = user.bridge(server.url, [...FOR_EVER, '--assertion-file', file])
  await host.initialize()
  writeFileSync(file, 'the-second-assertion', { mode: 0o600 })
  for (let n = 1; server.to('token').length < 2; n++) {
    host.send(call(n))
    resultOf(await host.answer(n))
  }
  await host.finish()
  const asked = server.to('token').map(({ params }) => params)
  assert.equal(asked[0]?.assertion, 'the-first-assertion')
  assert.equal(asked.at(-1)?.assertion, 'the-second-assertion')
  for (const { grant_type } of asked) assert.equal(grant_type, JWT_BEARER)
})

const REFUSED: Handler = (x) =>
  x.reply(400, { error: 'invalid_grant', error_description: 'the audience is wrong' })

test('an assertion that is refused is one clear error: nothing else is tried', async (t) => {
  const server = await serveHostile(t, { on: { [PATHS.token]: REFUSED } })
  const user = person(t)
  const host = user.bridge(server.url, [...FOR_EVER, '--assertion-env', 'A'], { A: ASSERTION })
  const line = await refusedStart(host, 'auth-failed')
  assert.match(
    line.value.error?.message ?? '',
    /did not give a token: invalid_grant \(the audience is wrong\); check what issues the assertion/,
  )
  await host.finish({ stderr: 'some' })
  assert.equal(server.to('token').length, 1)
  assert.equal(server.to('register').length, 0)
  assert.equal(user.browser.opened().length, 0)
})

/** With an identity provider of the company at the same origin. */
function company(answer?: unknown): HostileOptions {
  const usual = {
    access_token: JAG,
    issued_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
    token_type: 'N_A',
    expires_in: 300,
  }
  return { on: { '/idp/token': (x) => x.reply(200, answer ?? usual) } }
}

function employee({ issuer }: HostileServer): string[] {
  const idp = [
    '--idp-token-endpoint',
    `${issuer}/idp/token`,
    '--id-token-env',
    'ID',
    '--idp-client-id',
    'at-idp',
  ]
  return [...idp, '--client-id', 'at-as', '--client-secret-env', 'SECRET', '--scope', 'mcp:read']
}

const SECRETS = { ID: ID_TOKEN, SECRET: 'secret-at-the-as' }

test('an employee signs in: the ID token is exchanged, and what comes of it is redeemed', async (t) => {
  const metadata = (d: object) => ({ ...d, token_endpoint_auth_methods_supported: ['client_secret_post'] })
  const server = await serveHostile(t, { ...company(), metadata })
  const user = person(t)
  await served(user, server.url, employee(server), SECRETS)
  assert.deepEqual(bodies(server, '/idp/token'), [
    form({
      requested_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
      subject_token: ID_TOKEN,
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      audience: server.issuer,
      resource: server.url,
      scope: 'mcp:read',
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: 'at-idp',
    }),
  ])
  assert.deepEqual(bodies(server, PATHS.token), [
    form({
      assertion: JAG,
      resource: server.url,
      scope: 'mcp:read',
      grant_type: JWT_BEARER,
      client_id: 'at-as',
      client_secret: SECRETS.SECRET,
    }),
  ])
  for (const secret of [ID_TOKEN, JAG, SECRETS.SECRET])
    assert.ok(!user.everythingWritten().includes(secret), 'a secret was shown')
})

test('a secret for the identity provider goes there and nowhere else', async (t) => {
  const server = await serveHostile(t, company())
  const args = [...employee(server), '--idp-client-secret-env', 'IDP']
  await served(person(t), server.url, args, { ...SECRETS, IDP: 'secret-at-the-idp' })
  assert.ok(
    bodies(server, '/idp/token')[0]?.endsWith('client_id=at-idp&client_secret=secret-at-the-idp'),
    'it is there',
  )
  assert.ok(!bodies(server, PATHS.token).join().includes('secret-at'), 'it is in the other request')
})

const WRONG: Readonly<Record<string, unknown>> = {
  'an access token': { access_token: JAG, token_type: 'Bearer', expires_in: 300 },
  'another kind of token': {
    access_token: JAG,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'N_A',
  },
  'an error with 200': { error: 'access_denied', error_description: 'not for you' },
}

for (const [name, answer] of Object.entries(WRONG))
  test(`an identity provider that answers with ${name} ends it: nothing is redeemed`, async (t) => {
    const server = await serveHostile(t, company(answer))
    const user = person(t)
    const host = user.bridge(server.url, [...FOR_EVER, ...employee(server)], SECRETS)
    const line = await refusedStart(host, 'auth-failed')
    assert.match(line.value.error?.message ?? '', /did not exchange the ID token.*check the ID token/)
    if (name.startsWith('an error'))
      assert.match(line.value.error?.message ?? '', /access_denied \(not for you\)/)
    await host.finish({ stderr: 'some' })
    assert.equal(bodies(server, '/idp/token').length, 1)
    assert.equal(server.to('token').length, 0)
    assert.equal(user.browser.opened().length, 0)
  })
