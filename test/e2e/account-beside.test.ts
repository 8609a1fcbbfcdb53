// login and logout beside bridges that run: one sign-in at a time, and what it gives is for all. protocol.md G.9.
import assert from 'node:assert/strict'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import { call, PLATFORM_HAS_SIGNALS, resultOf, test } from './harness.ts'
import {
  FOR_EVER,
  NO_FAKE_BROWSER,
  PATIENCE_MS,
  person,
  refusedStart,
  serveProtected,
  signedIn,
} from './signing-in.ts'
import { signInElsewhere, typing } from './typing.ts'

const NO_BROWSER = { BROWSER: 'none' }
const ADDRESS = /^ {2}(http:\S+)\n/m

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

for (const end of ['killed', 'refused'] as const)
  test(
    `login beside a bridge that waits for the person, and is ${end}, ${end === 'killed' ? 'goes on alone' : 'is refused too'}`,
    async (t) => {
      const { issuer, server } = await serveProtected(t, {}, { person: 'slow', without: ['device'] })
      const user = person(t)
      const host = user.bridge(server.url, FOR_EVER)
      host.send(initializeLine('i'))
      await issuer.asked(1)
      const login = typing(t, user, ['login', server.url], NO_BROWSER)
      const [, shown = ''] = await login.told(ADDRESS)
      if (end === 'refused') {
        issuer.deny()
        const { code, stderr } = await login.ended
        assert.equal(code, 1)
        assert.match(stderr, /^mcp-ferry: signing in to .* was refused/m)
        await host.finish({ stderr: 'some' })
        return
      }
      host.kill('SIGKILL')
      await host.exit
      const [, , again = ''] = await login.told(/^ {2}(http:\S+)\n[\s\S]+^ {2}(http:\S+)\n/m)
      assert.notEqual(again, shown)
      issuer.person = 'willing'
      login.type(`${await signInElsewhere(again)}\n`)
      assert.equal((await login.ended).code, 0, login.stderr)
    },
    NO_FAKE_BROWSER || (end === 'killed' && !PLATFORM_HAS_SIGNALS && 'no such signals here'),
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
