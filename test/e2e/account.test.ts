// login, logout and status as a person types them, with a browser, without one, and beside bridges that run. protocol.md G.
import assert from 'node:assert/strict'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import { call, PLATFORM_HAS_SIGNALS, resultOf, serve, test } from './harness.ts'
import {
  assertNoSecret,
  FOR_EVER,
  NO_FAKE_BROWSER,
  PATIENCE_MS,
  person,
  refusedStart,
  serveProtected,
  signedIn,
  start,
} from './signing-in.ts'
import { signInElsewhere, typing } from './typing.ts'

const NO_BROWSER = { BROWSER: 'none' }
const ADDRESS = /^ {2}(http:\S+)$/m

test(
  'login opens the browser, tells the address too, and the bridge that starts after it is signed in',
  async (t) => {
    const { issuer, server } = await serveProtected(t, { scope: 'mcp:read' })
    const user = person(t)
    const { code, stdout, stderr } = await user.run(['login', server.url])
    assert.equal(code, 0, stderr)
    assert.equal(user.browser.opened().length, 1)
    assert.equal(ADDRESS.exec(stderr)?.[1], (await user.browser.url()).href)
    assert.match(stdout, /signed in/)
    for (const part of [server.url, issuer.issuer, 'mcp:read', 'renewed by itself', user.kept()[0] ?? '-'])
      assert.ok(stdout.includes(part), `${part} is not told: ${stdout}`)
    assertNoSecret(stdout, issuer)
    const host = await start(user, server.url)
    await host.finish({ stderr: 'any' })
    assert.equal(user.browser.opened().length, 1)
    assert.equal(issuer.to('authorize').length, 1)
  },
  NO_FAKE_BROWSER,
)

test('without a browser the address that one ended at elsewhere is pasted, and nothing else is taken', async (t) => {
  const { issuer, server } = await serveProtected(t, {}, { without: ['device'] })
  const login = typing(t, person(t), ['login', server.url], NO_BROWSER)
  const [, address = ''] = await login.told(ADDRESS)
  login.type('https://example.com/\n')
  await login.told(/has no code in it/)
  const redirect = await signInElsewhere(address)
  const other = new URL(redirect)
  other.searchParams.set('state', 'of-another-sign-in')
  login.type(`${other}\n`)
  await login.told(/address of another sign-in/)
  assert.equal(issuer.to('token').length, 0)
  // As a terminal or a mail wraps it.
  login.type(`"${redirect.slice(0, 40)}\n${redirect.slice(40)}"\n`)
  const { code, stdout, stderr } = await login.ended
  assert.equal(code, 0, stderr)
  assert.match(stdout, /signed in/)
  assert.equal(issuer.to('token', GRANT.code).length, 1)
})

test('without a browser and with a server that can do that, login is by a code for another device', async (t) => {
  const { issuer, server } = await serveProtected(t)
  const login = typing(t, person(t), ['login', server.url, '--json'], NO_BROWSER)
  const [, userCode = ''] = await login.told(/enter the code (\S+):/)
  await issuer.approveDevice(userCode)
  const { code, stdout, stderr } = await login.ended
  assert.equal(code, 0, stderr)
  assert.equal(JSON.parse(stdout).state, 'signed-in')
  assert.ok(issuer.to('token', GRANT.device).length >= 1, 'the tokens are of the device grant')
  assert.equal(issuer.to('authorize').length, 0)
})

test(
  'the client that a browser was registered with is not used for a device code, nor the other way round',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    const login = typing(t, user, ['login', server.url, '--device-code'])
    const [, userCode = ''] = await login.told(/enter the code (\S+):/)
    await issuer.approveDevice(userCode)
    assert.equal((await login.ended).code, 0, login.stderr)
    const again = await user.run(['login', server.url])
    assert.equal(again.code, 0, again.stderr)
    assert.equal(issuer.to('register').length, 3)
  },
  NO_FAKE_BROWSER,
)

test('a person who says no at the other device gets one sentence', async (t) => {
  const { issuer, server } = await serveProtected(t)
  const login = typing(t, person(t), ['login', server.url], NO_BROWSER)
  const [, userCode = ''] = await login.told(/enter the code (\S+):/)
  await issuer.denyDevice(userCode)
  const { code, stdout, stderr } = await login.ended
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /^mcp-ferry: signing in to .* has failed: access_denied/m)
})

test('login by the client alone needs nobody', async (t) => {
  const client = {
    client_id: 'machine',
    client_secret: 'the secret of the machine',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [] as [],
  }
  const { issuer, server } = await serveProtected(t, { scope: 'mcp:read' }, { clients: [client] })
  const user = person(t)
  const flags = ['--client-credentials', '--client-id', 'machine', '--client-secret-env', 'S']
  const login = typing(t, user, ['login', server.url, ...flags], { S: client.client_secret })
  const { code, stdout, stderr } = await login.ended
  assert.equal(code, 0, stderr)
  assert.match(stdout, /mcp:read/)
  assert.equal(issuer.to('token', GRANT.client).length, 1)
  assert.equal(user.browser.opened().length, 0)
})

test('a person who does not come is waited for as long as --auth-timeout says', async (t) => {
  const { server } = await serveProtected(t, {}, { without: ['device'] })
  const login = typing(t, person(t), ['login', server.url, '--auth-timeout', '1', '--json'], NO_BROWSER)
  const { code, stdout, stderr } = await login.ended
  assert.equal(code, 1)
  assert.match(stderr, /^mcp-ferry: signing in to .* was not completed in time; run: npx mcp-ferry login /m)
  assert.equal(JSON.parse(stdout).error.kind, 'auth-required')
})

test(
  'Ctrl-C ends a login',
  async (t) => {
    const { server } = await serveProtected(t, {}, { without: ['device'] })
    const login = typing(t, person(t), ['login', server.url], NO_BROWSER)
    await login.told(ADDRESS)
    login.kill()
    assert.equal((await login.ended).code, 1)
  },
  !PLATFORM_HAS_SIGNALS && 'no such signals here',
)

test('a server that asks for no sign-in needs none', async (t) => {
  const server = await serve(t)
  const { code, stdout } = await person(t).run(['login', server.url])
  assert.equal(code, 0)
  assert.match(stdout, /asks for no sign-in/)
})

test('a sign-in that nothing would use is not begun', async (t) => {
  const { issuer, server } = await serveProtected(t)
  const user = person(t)
  for (const [flags, why] of [
    [['--no-oauth'], /--no-oauth/],
    [['-H', 'Authorization: Bearer some-token'], /Authorization header is given/],
    [['--store', 'memory'], /--store memory/],
  ] as const) {
    const { code, stderr } = await user.run(['login', server.url, ...flags])
    assert.equal(code, 1, stderr)
    assert.match(stderr, why)
  }
  assert.equal(issuer.requests.length, 0)
})

test(
  'a bridge that could open no browser and has refused goes on with what login has got beside it',
  async (t) => {
    const { issuer, server } = await serveProtected(t, {}, { without: ['device'] })
    const user = person(t)
    const host = user.bridge(server.url, FOR_EVER, NO_BROWSER)
    await refusedStart(host, 'auth-required')
    const login = await user.run(['login', server.url])
    assert.equal(login.code, 0, login.stderr)
    const told = /open this address on this machine: (\S+)/.exec(host.stderr)?.[1]
    assert.equal(told, ADDRESS.exec(login.stderr)?.[1], 'the bridge has told another address')
    host.send(initializeLine('again'))
    resultOf(await host.answer('again', PATIENCE_MS))
    host.send(INITIALIZED)
    host.send(call('c', { n: 1 }))
    assert.deepEqual(resultOf(await host.answer('c', PATIENCE_MS)).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
    assert.equal(issuer.to('token', GRANT.code).length, 1)
  },
  NO_FAKE_BROWSER,
)

test(
  'a bridge that has answered provisionally sends what it holds when login is done beside it',
  async (t) => {
    const { server } = await serveProtected(t)
    const user = person(t, 'stay')
    const host = user.bridge(server.url, ['--start-budget', '300ms'])
    host.send(initializeLine('i'))
    resultOf(await host.answer('i', PATIENCE_MS))
    host.send(INITIALIZED)
    host.send(call('held', { n: 7 }))
    const login = typing(t, user, ['login', server.url], { FAKE_BROWSER_MODE: 'follow' })
    assert.equal((await login.ended).code, 0, login.stderr)
    assert.deepEqual(resultOf(await host.answer('held', PATIENCE_MS)).structuredContent, { n: 7 })
    await host.finish({ stderr: 'any' })
  },
  NO_FAKE_BROWSER,
)

test(
  'login beside a bridge that waits for the person shows the sign-in of that one, and ends with it',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = person(t, 'stay')
    const host = user.bridge(server.url, FOR_EVER)
    host.send(initializeLine('i'))
    const address = (await user.browser.url()).href
    const login = typing(t, user, ['login', server.url], NO_BROWSER)
    const [, shown = ''] = await login.told(ADDRESS)
    assert.equal(shown, address)
    login.type(`${await signInElsewhere(shown)}\n`)
    assert.equal((await login.ended).code, 0, login.stderr)
    resultOf(await host.answer('i', PATIENCE_MS))
    await host.finish({ stderr: 'any' })
    assert.equal(issuer.to('token', GRANT.code).length, 1)
    assert.equal(issuer.to('register').length, 1)
  },
  NO_FAKE_BROWSER,
)

test(
  'login gets a new sign-in where there is one already, and one with other scopes',
  async (t) => {
    const { issuer, server } = await serveProtected(t, { scope: 'mcp:read' })
    const user = await signedIn(t, server.url)
    const { code, stdout, stderr } = await user.run(['login', server.url, '--scope', 'mcp:read mcp:write'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /mcp:read mcp:write/)
    assert.equal(issuer.to('authorize').length, 2)
  },
  NO_FAKE_BROWSER,
)

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
    assert.match(text.stdout, /in 60 minutes|in 59 minutes/)
    assert.ok(!text.stdout.includes('\x1b'), 'what is no terminal gets no colours')
    assertNoSecret(`${json.stdout}${text.stdout}${json.stderr}${text.stderr}`, issuer)
  },
  NO_FAKE_BROWSER,
)

test(
  'status tells that nobody is asked again, and login of another profile changes nothing there',
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

test(
  'a bridge whose sign-in was taken back by logout is refused, and told what to do',
  async (t) => {
    const { issuer, server } = await serveProtected(t, {}, { without: ['device'] })
    const user = await signedIn(t, server.url)
    const host = user.bridge(server.url, [...FOR_EVER, '--no-browser'])
    host.send(initializeLine('i'))
    resultOf(await host.answer('i', PATIENCE_MS))
    host.send(INITIALIZED)
    assert.equal((await user.run(['logout', server.url])).code, 0)
    await issuer.revokeAll()
    host.send(call('c'))
    const { message } = (await host.answer('c', PATIENCE_MS)).value.error ?? {}
    assert.match(message ?? '', /mcp-ferry login /)
    await host.finish({ stderr: 'any' })
    assert.equal(issuer.to('token', GRANT.refresh).length, 0)
  },
  NO_FAKE_BROWSER,
)
