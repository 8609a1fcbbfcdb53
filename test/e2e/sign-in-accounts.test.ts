// Which of several sign-ins at one server is used: by profile, by client, by the kind of token that is sent, and by where they
// are kept. protocol.md G.1 rows 22 and 33; peers.md 1.1.
import assert from 'node:assert/strict'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import { call, freePort, resultOf, test } from './harness.ts'
import { assertNoSecret, NO_FAKE_BROWSER, PATIENCE_MS, person, serveProtected, start } from './signing-in.ts'

test(
  '--use-id-token sends the ID token, asked for by the scope openid',
  async (t) => {
    const { issuer, server } = await serveProtected(t, { scope: 'mcp:read' })
    const seen: string[] = []
    const look = issuer.look
    issuer.look = async (token) => {
      seen.push(token)
      const isIdToken = token.split('.').length === 3
      if (!isIdToken) return look(token)
      return { audience: [server.url], scopes: ['mcp:read'], clientId: '', jkt: undefined }
    }
    const user = person(t)
    const host = await start(user, server.url, ['--use-id-token'])
    await host.finish({ stderr: 'any' })
    assert.ok(
      String(issuer.to('authorize')[0]?.params.scope).split(' ').includes('openid'),
      'openid is asked for',
    )
    assert.ok(
      seen.length > 0 && seen.every((token) => token.split('.').length === 3),
      'another token was sent',
    )
    assertNoSecret(user.everythingWritten(), issuer)
  },
  NO_FAKE_BROWSER,
)

test(
  'an ID token that is not given with a renewal is asked for by a new sign-in',
  async (t) => {
    const { issuer, server } = await serveProtected(t, { scope: 'mcp:read' })
    const look = issuer.look
    const over = new Set<string>()
    issuer.look = async (token) => {
      // One of the same second may be the same.
      if (over.has(token) && issuer.to('authorize').length < 2) return undefined
      if (token.split('.').length !== 3) return look(token)
      return { audience: [server.url], scopes: ['mcp:read'], clientId: '', jkt: undefined }
    }
    const host = await start(person(t), server.url, ['--use-id-token'])
    over.add(server.used('initialize').at(-1)?.token ?? '')
    issuer.break('token', (response) => {
      issuer.break('token')
      response.setHeader('Content-Type', 'application/json')
      response.end(JSON.stringify({ access_token: 'alone', token_type: 'Bearer', expires_in: 3600 }))
    })
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1, PATIENCE_MS)).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
    assert.equal(issuer.to('authorize').length, 2)
  },
  NO_FAKE_BROWSER,
)

test(
  '--profile: two accounts at one server know nothing of each other',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = person(t)
    const profiles = [
      ['--profile', 'work'],
      ['--profile', 'home'],
      ['--profile', 'work'],
    ]
    for (const args of profiles) {
      const host = await start(user, server.url, args)
      await host.finish({ stderr: 'any' })
    }
    const tokens = server.used('initialize').map(({ token }) => token)
    assert.equal(issuer.to('authorize').length, 2)
    assert.equal(
      tokens.at(-1),
      tokens.find((token) => token !== undefined),
    )
    assert.equal(new Set(tokens.filter(Boolean)).size, 2)
  },
  NO_FAKE_BROWSER,
)

test(
  '--store memory: nothing is left, and the next bridge signs in anew',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = person(t)
    for (const _ of [1, 2]) {
      const host = await start(user, server.url, ['--store', 'memory'])
      await host.finish({ stderr: 'any' })
    }
    assert.deepEqual(user.kept(), [])
    assert.equal(issuer.to('authorize').length, 2)
  },
  NO_FAKE_BROWSER,
)

test(
  'another client, given by the user, is not served with the tokens of the one before',
  async (t) => {
    const port = await freePort()
    const client = {
      client_id: 'the client',
      token_endpoint_auth_method: 'none' as const,
      redirect_uris: [`http://127.0.0.1:${port}/oauth/callback`],
      application_type: 'native' as const,
    }
    const { issuer, server } = await serveProtected(t, {}, { clients: [client] })
    const user = person(t)
    const first = await start(user, server.url)
    await first.finish({ stderr: 'any' })
    const host = await start(user, server.url, ['--client-id', 'the client', '--callback-port', String(port)])
    await host.finish({ stderr: 'any' })
    const facts = await issuer.look(server.used('initialize').at(-1)?.token ?? '')
    assert.equal(facts?.clientId, 'the client')
    assert.equal(issuer.to('token', GRANT.refresh).length, 0)
  },
  NO_FAKE_BROWSER,
)
