// A server that refuses everything, each time in other words: as many requests as there are calls, a tab, and an end.
// protocol.md G.1 row 32, G.2, G.6.
import assert from 'node:assert/strict'
import { flood, PATHS } from '../fixtures/servers/hostile-auth-server.ts'
import { mcpBehaviour } from '../fixtures/servers/mcp-server.ts'
import { bridge, call, serve, test } from './harness.ts'
import { NO_FAKE_BROWSER, PATIENCE_MS, person, serveHostile, start } from './signing-in.ts'

const CALLS = 20
/** Once as it is, once with what a sign-in has brought, and once more. */
const MOST_TIMES = 3

for (const [status, what] of [
  [401, 'asks for a sign-in'],
  [403, 'asks for more scopes'],
] as const)
  test(
    `a server that ${what} at each call, in ever new words, is asked few times and opens few tabs`,
    async (t) => {
      const behind = mcpBehaviour()
      let challenges = 0
      let token: string | undefined
      const server = await serveHostile(t, {
        on: {
          '/mcp': (x) => {
            token = x.header('authorization')
            const isCall = x.message.method === 'tools/call'
            if (!isCall && token !== undefined) return behind.handle(x)
            const n = ++challenges
            const error = isCall && status === 403 ? 'insufficient_scope' : 'invalid_token'
            const place = `${new URL(x.url, server.url).origin}${PATHS.resource}?n=${n}`
            const words = `Bearer realm="r${n}", error="${error}", scope="s${n}", resource_metadata="${place}"`
            x.reply(isCall ? status : 401, `no ${n}`, { 'WWW-Authenticate': words })
          },
        },
      })
      const user = person(t)
      const host = await start(user, server.url)
      for (const round of ['a', 'b']) {
        const ids = Array.from({ length: CALLS }, (_, n) => `${round}${n}`)
        for (const id of ids) host.send(call(id))
        for (const id of ids) {
          const { error } = (await host.answer(id, PATIENCE_MS)).value
          assert.ok(error !== undefined, `${id} has an answer that is none`)
        }
      }
      await host.finish({ stderr: 'any' })
      assert.ok(challenges <= 2 * CALLS * MOST_TIMES + 1, `${challenges} requests were refused`)
      assert.ok(user.browser.opened().length <= 6, `${user.browser.opened().length} tabs were opened`)
      assert.ok(server.to('token').length <= 2 * 6, `${server.to('token').length} tokens were asked for`)
    },
    NO_FAKE_BROWSER,
  )

test(
  'a renewal that is answered with 100 MB is cut off, and the call has one clear error',
  async (t) => {
    const behind = mcpBehaviour()
    const flooding = flood(1e8)
    let isRefused = false
    const server = await serveHostile(t, {
      on: {
        [PATHS.token]: (x) => {
          const tokens = {
            access_token: 'tok-of-before',
            token_type: 'Bearer',
            refresh_token: 'ref-of-before',
          }
          return isRefused ? flooding(x) : x.reply(200, { ...tokens, expires_in: 3600 })
        },
        '/mcp': (x) => {
          const isFine = !isRefused && x.header('authorization') !== undefined
          const place = new URL(PATHS.resource, server.url).href
          return isFine
            ? behind.handle(x)
            : x.reply(401, undefined, { 'WWW-Authenticate': `Bearer resource_metadata="${place}"` })
        },
      },
    })
    const user = person(t)
    const host = await start(user, server.url)
    isRefused = true
    host.send(call('late'))
    const { error } = (await host.answer('late', PATIENCE_MS)).value
    assert.match(error?.message ?? '', /^mcp-ferry: .*more than 1048576 bytes came/)
    await host.finish({ stderr: 'any' })
    assert.ok(!/(?:tok|ref)-of-before/.test(user.everythingWritten()), 'a secret is told')
  },
  NO_FAKE_BROWSER,
)

test('headers that are too large are told as that', async (t) => {
  const server = await serve(t, {
    on: { 'tools/call': (x) => x.reply(200, '{}', { 'X-Long': 'x'.repeat(20_000) }) },
  })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send(call(1))
  const { error } = (await host.answer(1)).value
  assert.match(error?.message ?? '', / answered with headers that are too large \(HPE_HEADER_OVERFLOW\)/)
  await host.finish({ stderr: 'some' })
})
