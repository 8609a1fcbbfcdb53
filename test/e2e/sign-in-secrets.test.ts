// Everything that is written while signing in, by bridges and commands, at the loudest level, into files and to stderr:
// no token, code, verifier, state or secret is in it. What is kept is readable for its owner only. protocol.md 0.8, G.
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import { call, PLATFORM_HAS_SIGNALS, resultOf, test } from './harness.ts'
import {
  assertNoSecret,
  FOR_EVER,
  logFile,
  NO_FAKE_BROWSER,
  PATIENCE_MS,
  type Person,
  person,
  serveProtected,
  start,
} from './signing-in.ts'

const FORMS: Readonly<Record<string, (user: Person, name: string) => readonly string[]>> = {
  'text on stderr': () => ['--log-level', 'trace'],
  'JSON on stderr': () => ['--log-level', 'trace', '--log-json'],
  'a file': (user, name) => ['--log-level', 'trace', ...logFile(user, name)],
}

for (const [form, args] of Object.entries(FORMS))
  test(
    `a life of signing in shows no secret as ${form}`,
    async (t) => {
      const { issuer, server } = await serveProtected(t, {
        scope: 'mcp:read',
        toolScopes: { echo: 'mcp:write', more: 'mcp:everything' },
      })
      const user = person(t)
      const host = await start(user, server.url, args(user, 'one.log'))
      host.send(call('step-up'))
      resultOf(await host.answer('step-up', PATIENCE_MS))
      host.send(call('denied', {}, 'more'))
      await host.answer('denied', PATIENCE_MS)
      issuer.expireAll()
      host.send(call('refreshed'))
      resultOf(await host.answer('refreshed', PATIENCE_MS))
      issuer.expireAll()
      // What failed repeats what it was asked with.
      issuer.break('token', (response) => {
        const repeated = [...issuer.secrets].join(' ')
        response.writeHead(400, { 'Content-Type': 'application/json' })
        response.end(JSON.stringify({ error: 'invalid_request', error_description: repeated }))
      })
      host.send(call('failing'))
      await host.answer('failing', PATIENCE_MS)
      issuer.break('token')
      await host.finish({ stderr: 'unchecked' })
      for (const command of [['status'], ['status', '--json'], ['logout', server.url]])
        await user.run(command)
      assert.ok(issuer.to('token', GRANT.refresh).length >= 1, 'there was a refresh')
      assertNoSecret(user.everythingWritten(), issuer)
    },
    NO_FAKE_BROWSER,
  )

for (const says of ['refusing', 'slow'] as const)
  test(
    `a sign-in that comes to nothing, as the person is ${says}, shows no secret`,
    async (t) => {
      const { issuer, server } = await serveProtected(t, {}, { person: says })
      const user = person(t)
      const host = user.bridge(server.url, [...FOR_EVER, '--log-level', 'trace'])
      host.send(initializeLine('i'))
      await issuer.asked(1)
      if (says === 'refusing') await host.answer('i', PATIENCE_MS)
      await host.finish({ stderr: 'unchecked' })
      const state = (await user.browser.url()).searchParams.get('state') ?? ''
      assertNoSecret(user.everythingWritten(), { secrets: new Set([...issuer.secrets, state]) })
    },
    NO_FAKE_BROWSER,
  )

test(
  'what is kept is for its owner only, and nothing is left of it after logout',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = person(t)
    const host = await start(user, server.url)
    await host.finish({ stderr: 'any' })
    const kept = user.kept()
    assert.ok(kept.length > 0, 'nothing is kept where MCP_FERRY_CONFIG_DIR says')
    for (const file of kept) {
      assert.equal(statSync(file).mode & 0o777, 0o600, file)
      assert.equal(statSync(dirname(file)).mode & 0o777, 0o700, dirname(file))
    }
    const logout = await user.run(['logout', server.url])
    assert.equal(logout.code, 0, logout.stderr)
    assert.ok(issuer.to('revoke').length >= 1, 'the tokens are revoked')
    const status = await user.run(['status', '--json'])
    assert.ok(!status.stdout.includes(server.url), 'there is still an account')
  },
  NO_FAKE_BROWSER || (!PLATFORM_HAS_SIGNALS && 'no such modes here'),
)
