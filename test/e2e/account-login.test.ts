// login as a person types it: with a browser, by pasting where there is none, by a device, and without a person.
// protocol.md G.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import { PLATFORM_HAS_SIGNALS, serve, test } from './harness.ts'
import {
  assertNoSecret,
  forget,
  NO_FAKE_BROWSER,
  person,
  serveProtected,
  signedIn,
  start,
} from './signing-in.ts'
import { signInElsewhere, typing } from './typing.ts'

const NO_BROWSER = { BROWSER: 'none' }
const ADDRESS = /^ {2}(http:\S+)\n/m

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
  'a client that the server has forgotten, as only the person has seen, is registered anew by login',
  async (t) => {
    const { issuer, server } = await serveProtected(t, {}, { without: ['refresh'] })
    const user = await signedIn(t, server.url)
    const forgotten = String(issuer.to('authorize')[0]?.params.client_id)
    await forget(issuer.provider.Client, forgotten)
    issuer.expireAll()
    const host = user.bridge(server.url)
    host.send(initializeLine('i'))
    // The page says that there is no such client, and leads nowhere.
    await issuer.nth(2, 'authorize')
    await host.finish({ stderr: 'any' })
    const login = typing(t, user, ['login', server.url])
    const { params } = await issuer.nth(3, 'authorize')
    assert.notEqual(params.client_id, forgotten)
    assert.equal((await login.ended).code, 0, login.stderr)
  },
  NO_FAKE_BROWSER,
)

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
