// Sign-ins that mcp-remote has left: told of by login, taken over with --import-mcp-remote, and used only if the remote
// takes them. protocol.md G, peers.md 1.4.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Account, Grant } from '../../src/auth/kept/account.ts'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import { test } from './harness.ts'
import {
  assertNoSecret,
  NO_FAKE_BROWSER,
  type Person,
  type Protected,
  person,
  serveProtected,
  signedIn,
  start,
} from './signing-in.ts'

const FLAG = '--import-mcp-remote'

/** What somebody has who has signed in with mcp-remote: a real sign-in, in its files. `without`: what it did not write. */
async function leftByMcpRemote(t: TestContext, url: string, without?: 'issuer'): Promise<Person> {
  const before = await signedIn(t, url)
  const file = before.kept().find((name) => name.endsWith('.json')) ?? ''
  const { account } = JSON.parse(readFileSync(file, 'utf8')) as { account: Account }
  const { issuer, tokens, client } = account.grants[account.current ?? ''] as Required<Grant>
  const user = person(t)
  const folder = join(user.env.HOME ?? '', '.mcp-auth', 'mcp-remote-0.1.37')
  mkdirSync(folder, { recursive: true })
  const stem = join(folder, createHash('md5').update(url).digest('hex'))
  const named = without === 'issuer' ? {} : { issuer }
  const leave = (what: string, content: object) =>
    writeFileSync(`${stem}_${what}.json`, JSON.stringify(content, undefined, 2))
  leave('tokens', {
    access_token: tokens.access,
    token_type: 'Bearer',
    refresh_token: tokens.refresh,
    expires_in: 3600,
    scope: tokens.scope,
    ...named,
  })
  leave('client_info', { client_id: client.id, redirect_uris: client.redirectUris, ...named })
  return user
}

async function taken(user: Person, { server, issuer }: Protected): Promise<string> {
  const login = await user.run(['login', server.url, FLAG])
  assert.equal(login.code, 0, login.stderr)
  assert.match(login.stderr, /took over the sign-in in /)
  assert.match(login.stdout, /signed in/)
  const host = await start(user, server.url)
  await host.finish({ stderr: 'any' })
  assert.equal(user.browser.opened().length, 0)
  assertNoSecret(user.everythingWritten(), issuer)
  return login.stderr
}

test(
  'what mcp-remote has left is not taken by itself, and login tells of it',
  async (t) => {
    const { server } = await serveProtected(t)
    const user = await leftByMcpRemote(t, server.url)
    const { code, stderr } = await user.run(['login', server.url])
    assert.equal(code, 0, stderr)
    assert.match(stderr, /mcp-remote has left a sign-in .*: npx mcp-ferry login --import-mcp-remote http/)
    assert.equal(user.browser.opened().length, 1)
    assert.doesNotMatch((await user.run(['login', server.url])).stderr, /mcp-remote/)
  },
  NO_FAKE_BROWSER,
)

for (const without of [undefined, 'issuer'] as const)
  test(
    `it is taken over and used, ${without ?? 'nothing'} not written down`,
    async (t) => {
      const both = await serveProtected(t)
      const user = await leftByMcpRemote(t, both.server.url, without)
      await taken(user, both)
      assert.equal(both.issuer.to('token').length, 1)
    },
    NO_FAKE_BROWSER,
  )

test(
  'it is renewed where its token is over, for the client that mcp-remote was',
  async (t) => {
    const both = await serveProtected(t)
    const user = await leftByMcpRemote(t, both.server.url, 'issuer')
    both.issuer.expireAll()
    assert.match(await taken(user, both), /, and renewed it/)
    assert.equal(both.issuer.to('token', GRANT.refresh).length, 1)
    assert.equal(both.issuer.to('register').length, 1)
  },
  NO_FAKE_BROWSER,
)

test(
  'what is of no use is not kept, nor does it replace what is',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await leftByMcpRemote(t, server.url)
    await issuer.revokeAll()
    const { code, stderr } = await user.run(['login', server.url, FLAG])
    assert.equal(code, 1)
    assert.match(stderr, /is of no use: .*; to sign in, run: npx mcp-ferry login /)
    assert.deepEqual(user.kept(), [])
    assert.equal((await user.run(['login', server.url])).code, 0)
    const read = (): unknown => JSON.parse(readFileSync(user.kept()[0] ?? '', 'utf8'))
    const kept = read()
    assert.equal((await user.run(['login', server.url, FLAG])).code, 1)
    assert.deepEqual(read(), kept)
  },
  NO_FAKE_BROWSER,
)

test(
  'what another authorization server has issued is shown to no other',
  async (t) => {
    const { server } = await serveProtected(t)
    const other = await serveProtected(t)
    const user = await leftByMcpRemote(t, server.url)
    server.issuer = other.issuer
    const { code, stderr } = await user.run(['login', server.url, FLAG])
    assert.equal(code, 1)
    assert.match(stderr, /is not of .*, where .* sends to sign in/)
    assert.deepEqual(other.issuer.to('token'), [])
  },
  NO_FAKE_BROWSER,
)

test('where mcp-remote has left nothing, that is said', async (t) => {
  const { server } = await serveProtected(t)
  const { code, stderr } = await person(t).run(['login', server.url, FLAG])
  assert.equal(code, 1)
  assert.match(stderr, /mcp-remote has left no sign-in to /)
})
