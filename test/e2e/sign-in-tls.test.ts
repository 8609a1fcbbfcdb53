// What signs in, behind a certificate of a private authority: --ca holds for it too, and --insecure does not. protocol.md 0.6, G.8.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { protectedServer } from '../fixtures/servers/protected-server.ts'
import { startRawServer } from '../fixtures/servers/raw-server.ts'
import { openSslMissing } from './certificate.ts'
import { call, ownError, resultOf, test } from './harness.ts'
import { CLIENT, FLAGS, serveBoth } from './https-sign-in.ts'
import { privateCa } from './private-ca.ts'
import { FOR_EVER, PATIENCE_MS, person, refusedStart, start } from './signing-in.ts'

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

test(
  'a whole sign-in where remote and authorization server have certificates of a private authority: with --ca; --insecure lets nothing be asked but the remote',
  async (t) => {
    const ca = privateCa(t)
    const server = await serveBoth(t, ca.issue('server'), { remote: '127.0.0.1', issuer: 'localhost' })
    const url = `https://127.0.0.1:${server.port}/mcp`
    const user = person(t)
    Object.assign(user.env, CLIENT)
    const insecure = user.bridge(url, [...FOR_EVER, '--insecure', ...FLAGS])
    const { value } = await refusedStart(insecure, 'auth-failed')
    assert.match(
      value.error?.message ?? '',
      /127\.0\.0\.1:\d+ is issued by "Corp Root CA", which neither Node nor this system knows/,
    )
    await insecure.finish({ stderr: 'some' })
    assert.deepEqual(new Set(server.requests.map(({ path }) => path)), new Set(['/mcp']))
    const host = await start(user, url, ['--ca', ca.file, ...FLAGS])
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
    assert.equal(server.requests.filter(({ path }) => path === '/token').length, 1)
  },
  openSslMissing(),
)
