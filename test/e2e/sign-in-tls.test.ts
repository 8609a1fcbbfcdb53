// What signs in, behind a certificate of a private authority: --ca holds for it too, and --insecure does not. protocol.md 0.6, G.8.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { protectedServer } from '../fixtures/servers/protected-server.ts'
import { startRawServer } from '../fixtures/servers/raw-server.ts'
import { openSslMissing } from './certificate.ts'
import { ownError, test } from './harness.ts'
import { privateCa } from './private-ca.ts'
import { FOR_EVER, PATIENCE_MS, person } from './signing-in.ts'

test(
  'an authorization server with a certificate of a private authority: asked with --ca, not with --insecure',
  async (t) => {
    const ca = privateCa(t)
    const { cert, key } = ca.issue('server')
    const issuer = await startRawServer((x) => x.reply(404, 'nothing'), { tls: { cert, key } })
    t.after(() => issuer.close())
    const server = await protectedServer({ issuer: issuer.origin, look: async () => undefined })
    t.after(() => server.close())
    const user = person(t)
    const tell = async (args: readonly string[]): Promise<string> => {
      const host = user.bridge(server.url, [...FOR_EVER, ...args])
      host.send(initializeLine('i'))
      const answer = await host.answer('i', PATIENCE_MS)
      ownError(answer, /^auth-/)
      await host.finish({ stderr: 'any' })
      return answer.raw
    }
    assert.match(
      await tell(['--insecure']),
      /issued by \\"Corp Root CA\\", which neither Node nor this system knows/,
    )
    assert.match(await tell([]), /issued by \\"Corp Root CA\\"/)
    assert.equal(issuer.requests.length, 0, 'nothing is asked of who cannot be trusted')
    assert.doesNotMatch(await tell(['--ca', ca.file]), /Corp Root CA/)
    assert.match(issuer.requests[0]?.path ?? '', /^\/\.well-known\//)
  },
  openSslMissing(),
)
