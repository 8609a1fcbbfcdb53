// A remote and its authorization server under two names at one port, by https, for whom signing in is for programs: no browser
// has to trust the authority of a test. protocol.md G.
import type { TestContext } from 'node:test'
import { mcpBehaviour } from '../fixtures/servers/mcp-server.ts'
import { type RawServer, startRawServer } from '../fixtures/servers/raw-server.ts'

const TOKEN = 'token-of-the-tests-1234567890'

export const FLAGS = ['--client-credentials', '--client-id', 'me', '--client-secret-env', 'CLIENT_SECRET']
export const CLIENT = { CLIENT_SECRET: 'secret-of-the-client' }

export interface Names {
  readonly remote: string
  readonly issuer: string
}

/** `own`: a certificate for both names. */
export async function serveBoth(
  t: TestContext,
  own: { readonly key: Buffer; readonly cert: Buffer },
  names: Names,
): Promise<RawServer> {
  const { handle } = mcpBehaviour()
  const server = await startRawServer(
    (x) => {
      const [remote, issuer] = [names.remote, names.issuer].map((name) => `https://${name}:${server.port}`)
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
  return server
}
