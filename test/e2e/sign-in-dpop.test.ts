// Tokens that are bound to a key: each request has a proof of its own, and nonces are taken up as they come, from the remote
// and from the authorization server. RFC 9449; protocol.md G.1 row 37. The server checks every proof strictly.
import assert from 'node:assert/strict'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import { call, modernCall, resultOf, test } from './harness.ts'
import {
  assertNoSecret,
  NO_FAKE_BROWSER,
  PATIENCE_MS,
  type Protected,
  person,
  serveProtected,
  start,
} from './signing-in.ts'

/** The thumbprints of all tokens that were taken. */
async function keysOf({ issuer, server }: Protected): Promise<(string | undefined)[]> {
  const tokens = new Set(
    server.uses.filter(({ verdict }) => verdict === 'good').map(({ token = '' }) => token),
  )
  const found = await Promise.all([...tokens].map((token) => issuer.look(token)))
  return [...new Set(found.map((facts) => facts?.jkt))]
}

test(
  'a server that asks for DPoP gets a bound token and a new proof with each request',
  async (t) => {
    const pair = await serveProtected(t, { dpop: 'key' })
    const { issuer, server } = pair
    const user = person(t)
    const host = await start(user, server.url)
    for (let n = 0; n < 5; n++) host.send(call(n, { n }))
    for (let n = 0; n < 5; n++) assert.deepEqual(resultOf(await host.answer(n)).structuredContent, { n })
    await host.finish({ stderr: 'any' })
    const verdicts = server.uses.map(({ verdict }) => verdict)
    assert.deepEqual(
      verdicts.filter((verdict) => verdict !== 'good'),
      ['absent'],
    )
    assert.equal((await keysOf(pair)).length, 1)
    assert.ok(server.with('DELETE').length === 1, 'the session was ended, with a proof of its own')
    assertNoSecret(user.everythingWritten(), issuer)
  },
  NO_FAKE_BROWSER,
)

test(
  'where each request is led on by a redirect, the proof is for where it leads',
  async (t) => {
    const { server } = await serveProtected(t, {
      dpop: 'key',
      first(x) {
        if (x.path !== '/mcp/there') return false
        x.reply(307, undefined, { Location: '/mcp' })
        return true
      },
    })
    const host = await start(person(t), `${server.url}/there`)
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1, PATIENCE_MS)).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
    assert.deepEqual(
      server.uses.map(({ verdict }) => verdict).filter((verdict) => verdict !== 'good'),
      ['absent'],
    )
  },
  NO_FAKE_BROWSER,
)

test(
  'the key is kept: a later bridge proves itself by it, and renews with it',
  async (t) => {
    const pair = await serveProtected(t, { dpop: 'key' })
    const { issuer, server } = pair
    const user = person(t)
    const first = await start(user, server.url)
    await first.finish({ stderr: 'any' })
    const [key] = await keysOf(pair)
    const host = await start(user, server.url)
    issuer.expireAll()
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1, PATIENCE_MS)).structuredContent, { n: 1 })
    const last = server.used('tools/call').at(-1)
    await host.finish({ stderr: 'any' })
    assert.equal(issuer.to('token', GRANT.refresh).length, 1)
    assert.equal((await issuer.look(last?.token ?? ''))?.jkt, key)
    assert.ok(key !== undefined, 'the token is bound')
    assert.equal(user.browser.opened().length, 1)
  },
  NO_FAKE_BROWSER,
)

test(
  'a modern host is served with proofs as well',
  async (t) => {
    const { server } = await serveProtected(t, { dpop: 'nonce', era: 'modern' })
    const host = person(t).bridge(server.url)
    host.send(modernCall(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1, PATIENCE_MS)).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
    assert.equal(server.uses.filter(({ verdict }) => verdict === 'nonce').length, 1)
    assert.equal(server.uses.filter(({ verdict }) => verdict === 'proof').length, 0)
  },
  NO_FAKE_BROWSER,
)

test(
  'a new nonce is taken up by all requests that were refused together, without a token or a tab more',
  async (t) => {
    const { issuer, server } = await serveProtected(t, { dpop: 'nonce' })
    const user = person(t)
    const host = await start(user, server.url)
    for (let round = 2; round < 5; round++) {
      const arrived: (() => void)[] = []
      const together = new Promise<void>((resolve) => {
        server.waits = () => {
          const mine = new Promise<void>((go) => arrived.push(go))
          if (arrived.length === 4) resolve()
          return mine
        }
      })
      server.nonce = `nonce-${round}`
      for (let n = 0; n < 4; n++) host.send(call(`${round}.${n}`, { n }))
      await together
      server.waits = () => undefined
      for (const go of arrived) go()
      for (let n = 0; n < 4; n++)
        assert.deepEqual(resultOf(await host.answer(`${round}.${n}`, PATIENCE_MS)).structuredContent, { n })
    }
    await host.finish({ stderr: 'any' })
    assert.equal(issuer.to('token').length, 1, 'the sign-in was the only one to ask for a token')
    assert.equal(user.browser.opened().length, 1)
    assert.equal(server.uses.filter(({ verdict }) => verdict === 'proof').length, 0)
  },
  NO_FAKE_BROWSER,
)

test(
  'the nonce that comes with an answer is the one for the next request',
  async (t) => {
    const { server } = await serveProtected(t, { dpop: 'rotating', legacy: { getStream: false } })
    const host = await start(person(t), server.url)
    await server.request(({ message }) => message.method === 'notifications/initialized')
    await server.request(({ method }) => method === 'GET')
    for (let n = 0; n < 5; n++) {
      host.send(call(n, { n }))
      assert.deepEqual(resultOf(await host.answer(n)).structuredContent, { n })
    }
    await host.finish({ stderr: 'any' })
    // Requests that overlap may have to be sent twice; these do not.
    const calls = server.used('tools/call').map(({ verdict }) => verdict)
    assert.deepEqual(calls.slice(-4), ['good', 'good', 'good', 'good'])
    assert.ok(calls.length <= 6, calls.join())
  },
  NO_FAKE_BROWSER,
)

test(
  'a server that is never content with a nonce is given up',
  async (t) => {
    const { issuer, server } = await serveProtected(t, { dpop: 'nonce' })
    const user = person(t)
    const host = await start(user, server.url)
    server.waits = (x) => {
      server.nonce = `nonce-of-${server.uses.length}`
      return x.message.method === 'tools/call' ? Promise.resolve() : undefined
    }
    host.send(call(1))
    const line = await host.answer(1, PATIENCE_MS)
    server.waits = () => undefined
    assert.equal(line.value.error?.data?.kind, 'auth-failed', line.raw)
    await host.finish({ stderr: 'some' })
    assert.ok(server.used('tools/call').length <= 8, `${server.used('tools/call').length} times`)
    assert.ok(issuer.to('token').length <= 2, 'at most one token more')
  },
  NO_FAKE_BROWSER,
)

test(
  'an authorization server that wants nonces gets them, for the code and for each renewal',
  async (t) => {
    const { issuer, server } = await serveProtected(t, { dpop: 'nonce' }, { dpopNonce: true })
    const user = person(t)
    const host = await start(user, server.url)
    issuer.expireAll()
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1, PATIENCE_MS)).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
    assert.deepEqual(
      issuer.to('token', GRANT.code).map(({ status }) => status),
      [400, 200],
    )
    assert.equal(issuer.to('token', GRANT.refresh).at(-1)?.status, 200)
    assert.equal(user.browser.opened().length, 1)
  },
  NO_FAKE_BROWSER,
)

test(
  'metadata that says so is enough: tokens are bound though the challenge speaks of Bearer',
  async (t) => {
    const metadata = (d: Readonly<Record<string, unknown>>) => ({
      ...d,
      dpop_bound_access_tokens_required: true,
    })
    const pair = await serveProtected(t, { metadata })
    const host = await start(person(t), pair.server.url)
    await host.finish({ stderr: 'any' })
    assert.equal(typeof (await keysOf(pair))[0], 'string')
  },
  NO_FAKE_BROWSER,
)

test('a client without a person has bound tokens too, and renews them early', async (t) => {
  const client = {
    client_id: 'service',
    client_secret: 'secret-of-the-service',
    token_endpoint_auth_method: 'client_secret_basic' as const,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  }
  const pair = await serveProtected(t, { dpop: 'nonce' }, { clients: [client], lifeSeconds: 30 })
  const { issuer, server } = pair
  const args = [
    '--client-credentials',
    '--client-id',
    'service',
    '--client-secret-env',
    'S',
    '--scope',
    'mcp:read',
  ]
  const host = person(t).bridge(server.url, args, { S: client.client_secret })
  await host.initialize()
  issuer.lifeSeconds = 3600
  host.send(call(1))
  resultOf(await host.answer(1, PATIENCE_MS))
  await host.finish()
  assert.deepEqual(
    server.uses.map(({ verdict }) => verdict).filter((verdict) => verdict !== 'good'),
    ['absent', 'nonce'],
  )
})
