// Several editors start several bridges, and kill them when they like: one tab, one sign-in, one refresh for all of
// them, and what one has begun another one finishes. protocol.md G.2, G.9; T68.
import assert from 'node:assert/strict'
import { type Host, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { call, PLATFORM_HAS_SIGNALS, resultOf, test } from './harness.ts'
import {
  FOR_EVER,
  listens,
  NO_FAKE_BROWSER,
  onStderr,
  type Person,
  person,
  refusedStart,
  serveProtected,
  signedIn,
  start,
} from './signing-in.ts'

/** Ten processes on two cores take their time to start. */
const LONG_MS = 100_000
const NO_KILLING = NO_FAKE_BROWSER || (!PLATFORM_HAS_SIGNALS && 'no such signals here')

/** So many bridges of one person, all of which have been told to initialize. */
function startTogether(user: Person, url: string, count: number): Host[] {
  return Array.from({ length: count }, () => {
    const host = user.bridge(url, FOR_EVER)
    host.send(initializeLine('i'))
    return host
  })
}

/** That each of them works: initialized, and a call answered. */
async function allWork(hosts: readonly Host[]): Promise<void> {
  await Promise.all(
    hosts.map(async (host, n) => {
      resultOf(await host.answer('i', LONG_MS))
      host.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
      host.send(call('c', { n }))
      assert.deepEqual(resultOf(await host.answer('c', LONG_MS)).structuredContent, { n })
      await host.finish({ stderr: 'any', withinMs: 30_000 })
    }),
  )
}

/** Where the browser will come back to. */
async function redirectUri({ browser }: Person): Promise<URL> {
  return new URL((await browser.url()).searchParams.get('redirect_uri') ?? '')
}

test(
  'T68 five requests of two processes that are refused together lead to one refresh',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    const [one, two] = [await start(user, server.url), await start(user, server.url)]
    issuer.expireAll()
    // All five are there before the first one is refused.
    const isCall = ({ message }: Exchange) => message.method === 'tools/call'
    const allThere = server.several(5, isCall, LONG_MS)
    server.waits = (x) => (isCall(x) ? allThere : undefined)
    for (const n of [0, 1, 2]) one.send(call(n, { n }))
    for (const n of [3, 4]) two.send(call(n, { n }))
    for (const n of [0, 1, 2]) resultOf(await one.answer(n, LONG_MS))
    for (const n of [3, 4]) resultOf(await two.answer(n, LONG_MS))
    await one.finish({ stderr: 'any' })
    await two.finish({ stderr: 'any' })
    assert.equal(issuer.to('token', GRANT.refresh).length, 1)
    assert.equal(user.browser.opened().length, 1)
  },
  NO_FAKE_BROWSER,
)

test(
  'ten bridges started together by somebody who has never signed in: one tab, one registration, ten sessions',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = person(t)
    await allWork(startTogether(user, server.url, 10))
    for (const counted of ['register', 'authorize', 'token'] as const)
      assert.equal(issuer.to(counted).length, 1, counted)
    assert.equal(user.browser.opened().length, 1)
  },
  NO_FAKE_BROWSER,
)

test(
  'ten bridges started together on a token that is over: one refresh, no tab, ten sessions',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    issuer.expireAll()
    await allWork(startTogether(user, server.url, 10))
    assert.equal(issuer.to('token', GRANT.refresh).length, 1)
    assert.equal(user.browser.opened().length, 1)
  },
  NO_FAKE_BROWSER,
)

test(
  'ten bridges started together on a sign-in that is over: one refresh in vain, one tab, ten sessions',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    await issuer.revokeAll()
    await allWork(startTogether(user, server.url, 10))
    assert.equal(issuer.to('token', GRANT.refresh).length, 1)
    assert.equal(issuer.to('authorize').length, 2)
    assert.equal(user.browser.opened().length, 2)
  },
  NO_FAKE_BROWSER,
)

test(
  'ten bridges, and the one that has opened the tab is killed: another one finishes, no second tab',
  async (t) => {
    const { issuer, server } = await serveProtected(t, {}, { person: 'slow' })
    const user = person(t)
    const hosts = startTogether(user, server.url, 10)
    await issuer.asked(1)
    const [owner] = user.browser.parents()
    const killed = hosts.find(({ pid }) => pid === owner)
    assert.ok(killed, 'the browser was opened by none of the bridges')
    killed.kill('SIGKILL')
    await killed.exit
    await listens(await redirectUri(user))
    issuer.approve()
    await allWork(hosts.filter((host) => host !== killed))
    assert.equal(issuer.to('token', GRANT.code).length, 1)
    assert.equal(user.browser.opened().length, 1)
  },
  NO_KILLING,
)

test(
  'a bridge that is killed while a person is waited for: the next one takes the sign-in over, without a tab',
  async (t) => {
    const { issuer, server } = await serveProtected(t, {}, { person: 'slow' })
    const user = person(t)
    const [first] = startTogether(user, server.url, 1)
    await issuer.asked(1)
    first?.kill('SIGKILL')
    await first?.exit
    const hosts = startTogether(user, server.url, 1)
    await listens(await redirectUri(user))
    issuer.approve()
    await allWork(hosts)
    assert.equal(issuer.to('authorize').length, 1)
    assert.equal(issuer.to('register').length, 1)
    assert.equal(user.browser.opened().length, 1)
  },
  NO_KILLING,
)

test(
  'a bridge that is killed in the middle of a refresh blocks nobody',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    issuer.expireAll()
    const gate = issuer.hold('token')
    const [first] = startTogether(user, server.url, 1)
    await gate.held(1)
    first?.kill('SIGKILL')
    await first?.exit
    const hosts = startTogether(user, server.url, 1)
    await server.several(4, ({ message }) => message.method === 'initialize')
    await gate.held(2)
    gate.release()
    await allWork(hosts)
  },
  NO_KILLING,
)

test(
  'a person who does not come gets one tab, however many bridges are started one after the other',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = person(t, 'stay')
    for (const _ of [1, 2, 3]) {
      const [host] = startTogether(user, server.url, 1)
      // Whoever waits for the person listens for the browser; a bridge that has only just started would open no tab yet.
      await listens(await redirectUri(user))
      await host?.finish({ stderr: 'any' })
    }
    assert.equal(user.browser.opened().length, 1)
    assert.equal(issuer.to('register').length, 1)
  },
  NO_FAKE_BROWSER,
)

test(
  'a person who has said no is not asked again until they ask to be: login',
  async (t) => {
    const { issuer, server } = await serveProtected(t, {}, { person: 'refusing' })
    const user = person(t)
    for (let n = 0; n < 2; n++) {
      const host = user.bridge(server.url, FOR_EVER)
      await refusedStart(host, 'auth-required')
      await host.finish({ stderr: 'some' })
    }
    assert.equal(user.browser.opened().length, 1)
    issuer.person = 'willing'
    const login = await user.run(['login', server.url])
    assert.equal(login.code, 0, login.stderr)
    assert.equal(user.browser.opened().length, 2)
    const host = await start(user, server.url)
    await host.finish({ stderr: 'any' })
    assert.equal(user.browser.opened().length, 2)
  },
  NO_FAKE_BROWSER,
)

test(
  'two profiles are two sign-ins',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = await signedIn(t, server.url)
    const host = await start(user, server.url, ['--profile', 'work'])
    await host.finish({ stderr: 'any' })
    assert.equal(issuer.to('authorize').length, 2)
  },
  NO_FAKE_BROWSER,
)

for (const how of ['still there', 'gone'])
  test(`where no browser can be opened a second bridge does not wait for the first, which is ${how}`, async (t) => {
    const { issuer, server } = await serveProtected(t)
    const user = person(t)
    const refusedOne = async () => {
      const host = user.bridge(server.url, [...FOR_EVER, '--no-browser'])
      await refusedStart(host, 'auth-required')
      const [, address] = await onStderr(host, /open this address on this machine: (\S+)/)
      return { host, address }
    }
    const first = await refusedOne()
    if (how === 'gone') await first.host.finish({ stderr: 'some' })
    const second = await refusedOne()
    assert.equal(second.address, first.address)
    await user.browser.visit(first.address ?? '')
    await issuer.nth(1, 'token', GRANT.code)
    if (how === 'still there') await first.host.finish({ stderr: 'some' })
    await second.host.finish({ stderr: 'some' })
  })
