// Signing in where everything is behind a proxy, under names that this machine does not know: the proxy resolves them.
// protocol.md 0.6, G.8.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { mcpBehaviour } from '../fixtures/servers/mcp-server.ts'
import { type RawServer, startRawServer } from '../fixtures/servers/raw-server.ts'
import { openSslMissing } from './certificate.ts'
import { call, resultOf, test } from './harness.ts'
import { identity, REMOTE, serveProxy } from './proxying.ts'
import { person, refusedStart, start } from './signing-in.ts'

const ISSUER = 'sign-in.test'
const TOKEN = 'token-of-the-tests-1234567890'

/** A remote and its authorization server under two names at one port. */
async function serveBoth(t: TestContext): Promise<RawServer & { readonly caFile: string }> {
  const own = identity(t, `DNS:${REMOTE},DNS:${ISSUER}`)
  const { handle } = mcpBehaviour()
  const server = await startRawServer(
    (x) => {
      const [remote, issuer] = [REMOTE, ISSUER].map((name) => `https://${name}:${server.port}`)
      if (x.path.startsWith('/.well-known/oauth-protected-resource'))
        return x.reply(200, { resource: `${remote}/mcp`, authorization_servers: [issuer] })
      if (x.path.startsWith('/.well-known/'))
        return x.reply(200, {
          issuer,
          token_endpoint: `${issuer}/token`,
          authorization_endpoint: `${issuer}/authorize`,
          response_types_supported: ['code'],
          grant_types_supported: ['client_credentials'],
          code_challenge_methods_supported: ['S256'],
        })
      if (x.path === '/token')
        return x.reply(200, { access_token: TOKEN, token_type: 'Bearer', expires_in: 3600 })
      if (x.header('authorization') === `Bearer ${TOKEN}`) return handle(x)
      x.reply(401, undefined, {
        'WWW-Authenticate': `Bearer resource_metadata="${remote}/.well-known/oauth-protected-resource/mcp"`,
      })
    },
    { tls: own },
  )
  t.after(() => server.close())
  return Object.assign(server, { caFile: own.caFile })
}

const FLAGS = ['--client-credentials', '--client-id', 'me', '--client-secret-env', 'CLIENT_SECRET']

test(
  'the remote refuses, its authorization server is found and asked, all by the proxy',
  async (t) => {
    const server = await serveBoth(t)
    const proxy = await serveProxy(t)
    const user = person(t)
    Object.assign(user.env, {
      CLIENT_SECRET: 'secret-of-the-client',
      NODE_EXTRA_CA_CERTS: server.caFile,
      HTTPS_PROXY: proxy.url,
    })
    const host = await start(user, `https://${REMOTE}:${server.port}/mcp`, FLAGS)
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
    const targets = new Set(proxy.connects.map(({ target }) => target))
    assert.deepEqual(targets, new Set([`${REMOTE}:${server.port}`, `${ISSUER}:${server.port}`]))
  },
  openSslMissing(),
)

test(
  'a proxy that lets us through to the remote alone: the error names the proxy and what was asked',
  async (t) => {
    const server = await serveBoth(t)
    const proxy = await serveProxy(t, {
      onConnect: (asked) => (asked.target.startsWith(REMOTE) ? asked.carry() : asked.refuse(403)),
    })
    const user = person(t)
    Object.assign(user.env, {
      CLIENT_SECRET: 'secret-of-the-client',
      NODE_EXTRA_CA_CERTS: server.caFile,
      MCP_FERRY_PROXY: proxy.url,
    })
    const host = user.bridge(`https://${REMOTE}:${server.port}/mcp`, ['--start-budget', '0', ...FLAGS])
    const { value } = await refusedStart(host, 'auth-failed')
    assert.match(
      value.error?.message ?? '',
      new RegExp(
        `the proxy 127\\.0\\.0\\.1:\\d+ \\(MCP_FERRY_PROXY\\) does not let you through to ${ISSUER}:\\d+ \\(HTTP 403\\)`,
      ),
    )
    await host.finish({ stderr: 'any' })
    assert.ok(proxy.connects.length < 20, `CONNECTs: ${proxy.connects.length}`)
  },
  openSslMissing(),
)
