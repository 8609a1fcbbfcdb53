// status and logout as a person types them: what is kept is told without its secrets, taken back and forgotten. protocol.md G.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PLATFORM_HAS_SIGNALS, test } from './harness.ts'
import {
  assertNoSecret,
  NO_FAKE_BROWSER,
  person,
  serveHostile,
  serveProtected,
  signedIn,
} from './signing-in.ts'
import { typing } from './typing.ts'

const FAKE_KEYCHAIN = fileURLToPath(new URL('../fixtures/auth/fake-keychain.cjs', import.meta.url))

test(
  'status tells of each sign-in what there is to know, and no secret',
  async (t) => {
    const { issuer, server } = await serveProtected(t, { scope: 'mcp:read' })
    const user = person(t)
    const none = await user.run(['status'])
    assert.deepEqual(none, { code: 0, stdout: 'not signed in to any server\n', stderr: '' })
    assert.equal((await user.run(['status', server.url])).code, 1)
    for (const flags of [[], ['--profile', 'work']])
      assert.equal((await user.run(['login', server.url, ...flags])).code, 0)
    const json = await user.run(['status', '--json'])
    const { accounts } = JSON.parse(json.stdout)
    assert.deepEqual(
      accounts.map(({ expiresAt, file, ...rest }: Record<string, string>) => {
        assert.ok(Date.parse(expiresAt ?? '') > Date.now(), `it ends at ${expiresAt}`)
        assert.ok(user.kept().includes(file ?? ''), `it is not kept in ${file}`)
        return rest
      }),
      ['', 'work'].map((profile) => ({
        url: server.url,
        profile,
        state: 'signed-in',
        issuer: issuer.issuer,
        renewable: true,
        scopes: ['mcp:read'],
        store: 'file',
        denied: [],
      })),
    )
    const text = await user.run(['status', server.url, '--profile', 'work'])
    assert.equal(text.code, 0)
    assert.match(text.stdout, /^ {2}profile +work$/m)
    assert.match(text.stdout, /in (?:60|5\d) minutes/)
    assert.ok(!text.stdout.includes('\x1b'), 'what is no terminal gets no colours')
    assertNoSecret(`${json.stdout}${text.stdout}${json.stderr}${text.stderr}`, issuer)
  },
  NO_FAKE_BROWSER,
)

test(
  'status tells of a person who has said no',
  async (t) => {
    const { server } = await serveProtected(t, {}, { person: 'refusing' })
    const user = person(t)
    const login = await user.run(['login', server.url])
    assert.equal(login.code, 1)
    assert.match(login.stderr, /was refused \(access_denied\)/)
    const { code, stdout } = await user.run(['status', server.url])
    assert.equal(code, 1)
    assert.match(stdout, /not signed in/)
    assert.match(stdout, /you said no .*; nothing asks again until mcp-ferry login/)
  },
  NO_FAKE_BROWSER,
)

test(
  'what is kept in the keychain is told so, and is gone from there after logout',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = person(t)
    const bin = join(user.env.HOME ?? '', 'bin')
    const entries = join(user.env.HOME ?? '', 'entries')
    const isMac = process.platform === 'darwin'
    mkdirSync(bin)
    const tool = join(bin, isMac ? 'security' : 'secret-tool')
    writeFileSync(tool, `#!/bin/sh\nexec '${process.execPath}' '${FAKE_KEYCHAIN}' "$0" "$@"\n`, {
      mode: 0o755,
    })
    const env = { PATH: `${bin}:${user.env.PATH}`, FAKE_KEYCHAIN: entries }
    const run = (...args: string[]) => typing(t, user, args, env).ended
    const login = await run('login', server.url, '--store', 'keychain')
    assert.equal(login.code, 0, login.stderr)
    assert.match(login.stdout, /^ {2}kept in +the keychain$/m)
    const [account = {}] = JSON.parse((await run('status', '--json')).stdout).accounts
    assert.deepEqual([account.store, account.state], ['keychain', 'signed-in'])
    assertNoSecret(
      user
        .kept()
        .map((file) => readFileSync(file, 'utf8'))
        .join(),
      issuer,
    )
    assert.match((await run('logout', server.url)).stdout, /its tokens are revoked/)
    assert.equal(readFileSync(entries, 'utf8'), '{}')
    assert.deepEqual(user.kept(), [])
  },
  NO_FAKE_BROWSER,
)

test(
  'logout has both tokens taken back, forgets them, and says when that could not be done',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    const { code, stdout } = await user.run(['logout', server.url])
    assert.equal(code, 0)
    assert.match(stdout, /its tokens are revoked/)
    assert.deepEqual(
      issuer.to('revoke').map(({ status, params }) => [status, params.token_type_hint]),
      [
        [200, 'refresh_token'],
        [200, 'access_token'],
      ],
    )
    assert.deepEqual(user.kept(), [])
    assert.match((await user.run(['logout', server.url])).stdout, /nothing to forget/)
    assert.equal((await user.run(['login', server.url])).code, 0)
    issuer.break('revoke', (response) => response.writeHead(500).end())
    const failing = await user.run(['logout', server.url])
    assert.equal(failing.code, 0)
    assert.match(failing.stdout, /could not be revoked: .*HTTP 500.*; the last one ends on /)
    assert.deepEqual(user.kept(), [])
  },
  NO_FAKE_BROWSER,
)

test(
  'an end that no calendar has, as some say of what never ends, keeps nobody from seeing it and from signing out',
  async (t) => {
    const server = await serveHostile(t, { tokens: (d) => ({ ...d, expires_in: 2 ** 63 }) })
    const user = person(t)
    const login = await user.run(['login', server.url])
    assert.equal(login.code, 0, login.stderr)
    assert.match((await user.run(['status'])).stdout, /the server has not said/)
    assert.match((await user.run(['logout', server.url])).stdout, /^signed out of /)
    assert.deepEqual(user.kept(), [])
  },
  NO_FAKE_BROWSER,
)

test(
  'logout --all forgets everything, also what is damaged or open to others',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    for (const profile of ['damaged', 'open'])
      assert.equal((await user.run(['login', server.url, '--profile', profile])).code, 0)
    const [damaged = '', open = ''] = ['damaged', 'open'].map((name) =>
      user.kept().find((file) => file.includes(name)),
    )
    writeFileSync(damaged, readFileSync(damaged, 'utf8').slice(0, 100))
    chmodSync(open, 0o644)
    const status = await user.run(['status'])
    assert.equal(status.code, 1)
    assert.match(status.stdout, /is damaged/)
    const { code, stdout } = await user.run(['logout', '--all', '--json'])
    assert.equal(code, 0)
    const { removed } = JSON.parse(stdout)
    assert.equal(removed.length, 3)
    assert.equal(removed.filter(({ revoked }: { revoked: boolean }) => revoked).length, 1)
    assert.deepEqual(user.kept(), [])
    assert.equal(issuer.to('revoke').length, 2)
  },
  NO_FAKE_BROWSER || (!PLATFORM_HAS_SIGNALS && 'no such modes here'),
)
