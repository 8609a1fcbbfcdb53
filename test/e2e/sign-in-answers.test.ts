// Answers that a sign-in must not be taken in by: what the browser brings back to us, and what the token endpoint says.
// protocol.md G.1 rows 20, 21, 27, 34; G.5; T66.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import {
  type Document,
  flood,
  type HostileOptions,
  PATHS,
  type Places,
  page,
  without,
} from '../fixtures/servers/hostile-auth-server.ts'
import { call, resultOf, test } from './harness.ts'
import {
  assertNoSecret,
  FOR_EVER,
  NO_FAKE_BROWSER,
  person,
  refusedStart,
  serveHostile,
  start,
} from './signing-in.ts'

/** What the browser brings back, and is not redeemed for anything. */
const CALLBACKS: Readonly<Record<string, (answer: Document, place: Places) => Document>> = {
  'the issuer is missing though it was promised': (answer) => ({ ...answer, iss: undefined }),
  'the issuer is another one': (answer) => ({ ...answer, iss: 'https://honest.example' }),
  'the issuer has a slash more': (answer, { issuer }) => ({ ...answer, iss: `${issuer}/` }),
  'an error comes with another issuer': ({ state }) => ({
    state,
    iss: 'https://honest.example',
    error: 'access_denied',
    error_description: 'visit evil.example',
  }),
  'there is neither code nor error': ({ state, iss }) => ({ state, iss }),
}

for (const [name, callback] of Object.entries(CALLBACKS))
  test(
    `T66 ${name}: no code is sent`,
    async (t) => {
      const server = await serveHostile(t, { callback })
      const user = person(t)
      const host = user.bridge(server.url, FOR_EVER)
      await refusedStart(host, 'auth-failed')
      await host.finish({ stderr: 'some' })
      const { status, text = '' } = await user.browser.page()
      assert.ok(Number(status) >= 400, `the page says so: ${status}`)
      assert.ok(!`${text}${user.everythingWritten()}`.includes('evil.example'), 'a text of a liar is shown')
      assert.equal(server.to('token').length, 0, 'a token was asked for')
    },
    NO_FAKE_BROWSER,
  )

test(
  'an issuer that comes although it was not promised is checked all the same',
  async (t) => {
    const server = await serveHostile(t, {
      metadata: (d) => without(d, 'authorization_response_iss_parameter_supported'),
      callback: (answer) => ({ ...answer, iss: 'https://honest.example' }),
    })
    const host = person(t).bridge(server.url, FOR_EVER)
    await refusedStart(host, 'auth-failed')
    await host.finish({ stderr: 'some' })
    assert.equal(server.to('token').length, 0)
  },
  NO_FAKE_BROWSER,
)

for (const [name, state] of [
  ['a wrong state', 'not-the-state-that-was-sent'],
  ['no state', undefined],
] as const)
  test(
    `T66 ${name} changes nothing: the right one is still waited for`,
    async (t) => {
      const server = await serveHostile(t, {
        callback: (answer) => (server.to('authorize').length > 1 ? answer : { ...answer, state }),
      })
      const user = person(t)
      const host = user.bridge(server.url, FOR_EVER)
      host.send(initializeLine('i'))
      const { status } = await user.browser.page()
      assert.ok(Number(status) >= 400, `the page says that it was not that: ${status}`)
      assert.equal(server.to('token').length, 0)
      await user.browser.visit(await user.browser.url())
      resultOf(await host.answer('i', 30_000))
      await host.finish({ stderr: 'any' })
      assert.equal(server.to('token', 'authorization_code').length, 1)
    },
    NO_FAKE_BROWSER,
  )

const bare = (d: Document): Document => without(d, 'expires_in', 'refresh_token')
const TAKEN: Readonly<Record<string, (tokens: Document) => unknown>> = {
  'without expires_in': (d) => without(d, 'expires_in'),
  'with nothing but the token': bare,
  'whose type is written bEaReR': (d) => ({ ...d, token_type: 'bEaReR' }),
  'whose expires_in is text': (d) => ({ ...d, expires_in: '3600' }),
}

for (const [name, tokens] of Object.entries(TAKEN))
  test(
    `a token response ${name} is taken`,
    async (t) => {
      const server = await serveHostile(t, { tokens })
      const host = await start(person(t), server.url)
      host.send(call(1, { n: 1 }))
      assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
      await host.finish({ stderr: 'any' })
      assert.equal(server.to('token').length, 1)
    },
    NO_FAKE_BROWSER,
  )

const NOT_TAKEN: Readonly<Record<string, HostileOptions>> = {
  'that is an error with 200': {
    tokens: () => ({ error: 'bad_verification_code', error_description: 'expired' }),
  },
  'without a type': { tokens: (d) => without(d, 'token_type') },
  'of the type mac': { tokens: (d) => ({ ...d, token_type: 'mac' }) },
  'without a token': { tokens: (d) => without(d, 'access_token') },
  'whose token has a line break': { tokens: (d) => ({ ...d, access_token: 'abc\r\nX-Evil: 1' }) },
  'that is a page': { on: { [PATHS.token]: page(200) } },
  'that is a page and a server error': { on: { [PATHS.token]: page(500) } },
  'that leads somewhere else': {
    on: { [PATHS.token]: (x) => x.reply(307, undefined, { Location: 'http://169.254.169.254/token' }) },
  },
  'that never ends': { on: { [PATHS.token]: flood(Number.POSITIVE_INFINITY) } },
}

for (const [name, options] of Object.entries(NOT_TAKEN))
  test(
    `a token response ${name} is refused, and nothing secret is in the sentence`,
    async (t) => {
      const server = await serveHostile(t, options)
      const user = person(t)
      const host = user.bridge(server.url, [...FOR_EVER, '--log-level', 'trace'])
      await refusedStart(host, 'auth-failed')
      await host.finish({ stderr: 'unchecked' })
      assertNoSecret(user.everythingWritten(), server)
      assert.equal(server.to('token').length, 1, 'a code is shown once')
      const good = server.mcp.requests.filter((x) => x.header('authorization') !== undefined)
      assert.equal(good.length, 0, 'no token was used')
    },
    NO_FAKE_BROWSER,
  )
