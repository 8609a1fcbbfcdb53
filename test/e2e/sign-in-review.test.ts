// What a sign-in must cost nobody: tabs for what nobody waits for, tabs without end, a renewed sign-in that is lost when the
// bridge is ended, answers of a kind that the library does not know. protocol.md G.2, G.6, G.1 rows 28 and 32.
import assert from 'node:assert/strict'
import { openStore } from '../../src/auth/kept/open-store.ts'
import { createSignIn } from '../../src/auth/sign-in.ts'
import { createLog } from '../../src/log.ts'
import { DEFAULT_SIGN_IN } from '../../src/options/sign-in.ts'
import { credentialsFolder } from '../../src/paths.ts'
import { createStop } from '../../src/remote/stop.ts'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { call, ownError, PLATFORM_HAS_SIGNALS, request, resultOf, test } from './harness.ts'
import {
  FOR_EVER,
  NO_FAKE_BROWSER,
  onStderr,
  PATIENCE_MS,
  person,
  refusedStart,
  serveHostile,
  serveProtected,
  signedIn,
  start,
} from './signing-in.ts'

const isGet = ({ method }: Exchange): boolean => method === 'GET'
const isCall = ({ message }: Exchange): boolean => message.method === 'tools/call'

test(
  'a remote that refuses its stream opens no second tab, and is asked for it no more',
  async (t) => {
    const { issuer, server } = await serveProtected(t)
    server.refuses = isGet
    const user = person(t)
    const host = await start(user, server.url, ['--log-level', 'debug'])
    await onStderr(host, /the stream of the remote has ended, or is not offered/)
    host.send(call(1, { n: 1 }))
    resultOf(await host.answer(1, PATIENCE_MS))
    await host.finish({ stderr: 'any' })
    assert.equal(user.browser.opened().length, 1, 'tabs')
    assert.equal(issuer.to('token', GRANT.refresh).length, 1, 'renewals')
    assert.equal(server.uses.filter(({ exchange }) => isGet(exchange)).length, 2, 'requests for the stream')
  },
  NO_FAKE_BROWSER,
)

test(
  'a modern remote that refuses the subscription opens no second tab',
  async (t) => {
    const { server } = await serveProtected(t, { era: 'modern' })
    const isListen = ({ message }: Exchange): boolean => message.method === 'subscriptions/listen'
    server.refuses = isListen
    const user = person(t)
    const host = await start(user, server.url)
    await server.several(2, isListen, PATIENCE_MS)
    for (let n = 0; n < 20; n++) {
      host.send(call(n, { n }))
      resultOf(await host.answer(n, PATIENCE_MS))
    }
    await host.finish({ stderr: 'any' })
    assert.equal(user.browser.opened().length, 1, 'tabs')
  },
  NO_FAKE_BROWSER,
)

test(
  'a remote that takes the token for everything but calls opens no tab for each call',
  async (t) => {
    const { server } = await serveProtected(t)
    server.refuses = isCall
    const user = person(t)
    const host = await start(user, server.url)
    for (let n = 1; n <= 4; n++) {
      host.send(call(n))
      const { error } = (await host.answer(n, PATIENCE_MS)).value
      assert.match(error?.message ?? '', /mcp-ferry login /, 'the sentence says what to do')
      // By this the token is shown to be good.
      host.send(request(`list ${n}`, 'tools/list'))
      resultOf(await host.answer(`list ${n}`, PATIENCE_MS))
    }
    await host.finish({ stderr: 'some' })
    assert.ok(user.browser.opened().length <= 2, `${user.browser.opened().length} tabs were opened`)
  },
  NO_FAKE_BROWSER,
)

test(
  'a remote that wants yet another scope each time asks the person once for one call',
  async (t) => {
    let count = 0
    const { server } = await serveProtected(t, {
      first(x) {
        if (!isCall(x)) return false
        const scope = `mcp:more${++count}`
        x.reply(403, undefined, {
          'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scope}"`,
        })
        return true
      },
    })
    const user = person(t)
    const host = await start(user, server.url)
    for (let n = 1; n <= 5; n++) {
      host.send(call(n))
      ownError(await host.answer(n, PATIENCE_MS), 'auth-failed')
      if (n === 1) assert.equal(user.browser.opened().length, 2, 'tabs for the first call')
    }
    await host.finish({ stderr: 'some' })
    assert.equal(user.browser.opened().length, 4, 'one to sign in, and three for all calls')
  },
  NO_FAKE_BROWSER,
)

test(
  'what is under way at the authorization server when the bridge is ended is kept: the next one is signed in',
  async (t) => {
    const isKept = async (): Promise<boolean> => {
      const { issuer, server } = await serveProtected(t)
      const user = await signedIn(t, server.url)
      issuer.expireAll()
      const gate = issuer.hold('token')
      const host = user.bridge(server.url, FOR_EVER)
      host.send(initializeLine('i'))
      await gate.held(1)
      host.kill('SIGTERM')
      ownError(await host.answer('i'), 'shutdown')
      gate.release()
      await host.finish({ stderr: 'any', unanswered: 'any' })
      const asked = issuer.to('token').length
      const next = await start(user, server.url)
      await next.finish({ stderr: 'any' })
      return issuer.to('token').length === asked && user.browser.opened().length === 1
    }
    // The bridge that ends waits for a second; a machine that is busy takes longer for the answer, though not each time.
    let tries = 0
    while (!(await isKept())) assert.ok(++tries < 5, 'the next one does not have what was got')
  },
  NO_FAKE_BROWSER || (!PLATFORM_HAS_SIGNALS && 'no such signals here'),
)

for (const [end, signal] of [
  ['ended', 'SIGTERM'],
  ['killed', 'SIGKILL'],
] as const)
  test(
    `a bridge that is ${end} while the code is redeemed leaves nobody signed out: the next one asks again`,
    async (t) => {
      const { issuer, server } = await serveProtected(t)
      const user = person(t)
      const gate = issuer.hold('token')
      const host = user.bridge(server.url, FOR_EVER)
      host.send(initializeLine('i'))
      await gate.held(1)
      host.kill(signal)
      if (signal === 'SIGTERM') ownError(await host.answer('i'), 'auth-required')
      await (signal === 'SIGTERM' ? host.finish({ stderr: 'any', unanswered: 'any' }) : host.exit)
      gate.release()
      const next = await start(user, server.url)
      await next.finish({ stderr: 'any' })
      assert.equal(user.browser.opened().length, 2, 'tabs')
    },
    NO_FAKE_BROWSER || (!PLATFORM_HAS_SIGNALS && 'no such signals here'),
  )

for (const [what, expires_in] of [
  ['0, which is said of what never ends,', 0],
  ['null', null],
] as const)
  test(
    `a token whose expires_in is ${what} is used until it is refused`,
    async (t) => {
      const nothing = { refresh_token: null, scope: null, id_token: null }
      const server = await serveHostile(t, {
        tokens: (d) => ({ ...d, ...(expires_in === null && nothing), expires_in }),
      })
      const host = await start(person(t), server.url)
      host.send(call(1, { n: 1 }))
      assert.deepEqual(resultOf(await host.answer(1, PATIENCE_MS)).structuredContent, { n: 1 })
      await host.finish({ stderr: 'any' })
      assert.equal(server.to('token').length, 1)
    },
    NO_FAKE_BROWSER,
  )

test(
  'a person who gives no more scopes has not signed out: what else was refused meanwhile is renewed and answered',
  async (t) => {
    const { issuer, server } = await serveProtected(t, { toolScopes: { more: 'mcp:write' } })
    const host = await start(person(t), server.url)
    issuer.person = 'slow'
    host.send(call(1, {}, 'more'))
    await issuer.asked(2)
    issuer.expireAll()
    const refusedCall = server.several(2, isCall, PATIENCE_MS)
    host.send(call(2, { n: 2 }))
    await refusedCall
    host.send(request('p', 'ping'))
    await server.several(1, ({ message }) => message.method === 'ping', PATIENCE_MS)
    issuer.deny()
    ownError(await host.answer(1, PATIENCE_MS), /^auth-/)
    assert.deepEqual(resultOf(await host.answer(2, PATIENCE_MS)).structuredContent, { n: 2 })
    resultOf(await host.answer('p', PATIENCE_MS))
    await host.finish({ stderr: 'some' })
  },
  NO_FAKE_BROWSER,
)

test(
  'who wants to sign in while a bridge waits for that is shown what it has begun, and signed in by it',
  async (t) => {
    const { server } = await serveProtected(t)
    const user = person(t, 'stay')
    const host = user.bridge(server.url, [...FOR_EVER, '--auth-timeout', '1'])
    await refusedStart(host, 'auth-required')
    const url = new URL(server.url)
    const log = createLog({ level: 'silent', json: false, secrets: [], write: () => {} })
    const { env } = user
    const folder = await credentialsFolder(env)
    const stop = createStop()
    const shown: string[] = []
    const signIn = createSignIn({
      url,
      signIn: DEFAULT_SIGN_IN,
      store: openStore({ choice: 'file', folder, url, profile: '', platform: process.platform, env, log }),
      log,
      userAgent: 'test',
      platform: process.platform,
      env,
      stop,
      loginCommand: 'mcp-ferry login',
      onWait: () => {},
      show: {
        async url(address) {
          shown.push(address)
          await user.browser.visit(address)
        },
        code: () => Promise.resolve(),
      },
    })
    await signIn.obtain({ isWished: true })
    await signIn.idle()
    assert.deepEqual(shown, [String(await user.browser.url())])
    host.send(initializeLine('again'))
    resultOf(await host.answer('again', PATIENCE_MS))
    await host.finish({ stderr: 'some' })
    assert.equal(user.browser.opened().length, 1, 'tabs')
  },
  NO_FAKE_BROWSER,
)
