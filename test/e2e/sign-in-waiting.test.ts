// What the host sees while a person is waited for, and what ends the waiting. protocol.md 0.12, G.
import assert from 'node:assert/strict'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { allRead, call, notify, ownError, PLATFORM_HAS_SIGNALS, request, resultOf, test } from './harness.ts'
import {
  FOR_EVER,
  NO_FAKE_BROWSER,
  PATIENCE_MS,
  person,
  refusedStart,
  serveProtected,
  signedIn,
  start,
} from './signing-in.ts'

/** Where the machine is too slow to come to the sign-in within the first, there is more. */
const BUDGETS = ['300ms', '3s', '30s']

test(
  'while a person is waited for, initialize is answered provisionally; when they have come, what was held is sent',
  async (t) => {
    const tell = async (budget: string) => {
      const { issuer, server } = await serveProtected(t, {}, { person: 'slow' })
      const host = person(t).bridge(server.url, ['--start-budget', budget])
      host.send(initializeLine('i'))
      const result = resultOf(await host.answer('i', PATIENCE_MS))
      return { issuer, server, host, result }
    }
    let told = await tell(BUDGETS[0]!)
    for (const budget of BUDGETS.slice(1)) {
      if (!/has not answered yet/.test(String(told.result.instructions))) break
      await told.host.finish({ stderr: 'any' })
      told = await tell(budget)
    }
    const { issuer, server, host } = told
    const { serverInfo, instructions } = told.result
    assert.deepEqual(serverInfo, { name: '127.0.0.1', version: '0' })
    assert.match(String(instructions), /sign/i)
    host.send(INITIALIZED)
    host.send(call('held', { n: 7 }))
    host.send(request('p', 'ping'))
    assert.deepEqual(resultOf(await host.answer('p')), {})
    await issuer.asked(1)
    issuer.approve()
    assert.deepEqual(resultOf(await host.answer('held', PATIENCE_MS)).structuredContent, { n: 7 })
    await host.notification('notifications/tools/list_changed')
    await host.finish({ stderr: 'any' })
    assert.equal(server.used('tools/call').length, 1)
    assert.equal(server.used('ping').length, 0)
  },
  NO_FAKE_BROWSER,
)

test(
  'a request that is cancelled while a person is waited for is not sent; the sign-in goes on',
  async (t) => {
    const { issuer, server } = await serveProtected(t, {}, { person: 'slow' })
    const host = person(t).bridge(server.url, ['--start-budget', '300ms'])
    host.send(initializeLine('i'))
    resultOf(await host.answer('i', PATIENCE_MS))
    host.send(INITIALIZED)
    host.send(call('gone', { n: 1 }))
    host.send(call('kept', { n: 2 }))
    host.send(notify('notifications/cancelled', { requestId: 'gone' }))
    await allRead(host)
    await issuer.asked(1)
    issuer.approve()
    assert.deepEqual(resultOf(await host.answer('kept', PATIENCE_MS)).structuredContent, { n: 2 })
    await host.finish({ stderr: 'any' })
    assert.deepEqual(
      server.used('tools/call').map(({ exchange }) => exchange.message.id),
      ['kept'],
    )
  },
  NO_FAKE_BROWSER,
)

test(
  'a call that is cancelled while its token is renewed is not sent again',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    const host = await start(await signedIn(t, server.url), server.url)
    host.send(call('first'))
    resultOf(await host.answer('first'))
    const { token: old } = server.used('tools/call')[0]!
    server.refuses = (_, token) => token === old
    const renewal = issuer.hold('token')
    host.send(call('gone'))
    await renewal.held(1)
    host.send(notify('notifications/cancelled', { requestId: 'gone' }))
    await allRead(host)
    renewal.release()
    host.send(call('kept'))
    resultOf(await host.answer('kept'))
    await host.finish({ stderr: 'any' })
    const taken = server.used('tools/call').filter(({ verdict }) => verdict === 'good')
    assert.deepEqual(
      taken.map(({ exchange }) => exchange.message.id),
      ['first', 'kept'],
    )
    assert.equal(server.used('notifications/cancelled').length, 0)
  },
  NO_FAKE_BROWSER,
)

test(
  'a call whose stream is taken up when its token is over: a person signs in again, and its answer comes',
  async (t) => {
    const { server } = await serveProtected(
      t,
      {
        legacy: {
          on: {
            async 'tools/call'(x) {
              const old = /^Bearer (.+)$/.exec(x.header('authorization') ?? '')?.[1]
              server.refuses = (_, token) => token === old
              const stream = x.sse()
              await stream.raw('id: p0\nretry: 100\ndata:\n\n')
              stream.end()
            },
            GET(x) {
              if (x.header('last-event-id') !== 'p0') return x.reply(405)
              x.sse().message({ jsonrpc: '2.0', id: 'long', result: { content: [], n: 1 } })
            },
          },
        },
      },
      { without: ['refresh'] },
    )
    const user = await signedIn(t, server.url)
    const host = await start(user, server.url)
    host.send(call('long'))
    assert.equal(resultOf(await host.answer('long', PATIENCE_MS)).n, 1)
    await host.finish({ stderr: 'any' })
    assert.equal(server.used('tools/call').length, 1)
    assert.equal(user.browser.opened().length, 2)
  },
  NO_FAKE_BROWSER,
)

for (const end of ['EOF', 'SIGTERM', 'SIGINT'] as const)
  test(
    `${end} ends the bridge while a person is waited for`,
    async (t) => {
      const { issuer, server } = await serveProtected(t, {}, { person: 'slow' })
      const user = person(t)
      const host = user.bridge(server.url, FOR_EVER)
      host.send(initializeLine('i'))
      await issuer.asked(1)
      if (end === 'EOF') host.endInput()
      else host.kill(end)
      const { code, signal } = await host.exit
      assert.deepEqual({ code, signal }, { code: 0, signal: null })
      // It is told what it has waited for, and how to do without it.
      const { kind } = ownError(await host.answer('i'))
      assert.equal(kind, 'auth-required')
      assert.match(String(host.lines.at(-1)?.value.error?.message), /mcp-ferry login http/)
      await host.finish({ stderr: 'any' })
      issuer.approve()
      assert.equal(issuer.to('token').length, 0)
    },
    NO_FAKE_BROWSER || (end !== 'EOF' && !PLATFORM_HAS_SIGNALS && 'no such signals here'),
  )

test(
  'a person who does not come is waited for as long as --auth-timeout says',
  async (t) => {
    const { server } = await serveProtected(t)
    const user = person(t, 'stay')
    const host = user.bridge(server.url, [...FOR_EVER, '--auth-timeout', '2'])
    await refusedStart(host, 'auth-required')
    await host.finish({ stderr: 'some' })
    await user.browser.url()
    assert.equal(user.browser.opened().length, 1)
  },
  NO_FAKE_BROWSER,
)
