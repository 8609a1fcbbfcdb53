// Debian's squid between the bridge and the remote: with and without a user, tunnels and requests by the whole URL, streams and
// large bodies, and what squid says when it does not let one through. protocol.md 0.5, 0.6.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { missing, programPath } from '../../scripts/needs.mjs'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { type SquidOptions, startSquid } from '../fixtures/servers/squid.ts'
import { openSslMissing } from './certificate.ts'
import {
  bridge,
  call,
  freePort,
  modern,
  notify,
  ownError,
  test as plainTest,
  request,
  resultOf,
  serveModern,
} from './harness.ts'
import { behind, REMOTE, SECONDS_FOR_RETRIES } from './proxying.ts'

const binary = programPath('squid')
const skip = missing('squid') || openSslMissing()
const test = (name: string, body: (t: TestContext) => Promise<void>): void => plainTest(name, body, skip)

/** Where a new squid listens. */
async function squid(t: TestContext, options: Partial<SquidOptions> = {}): Promise<string> {
  const port = await freePort()
  const { close } = await startSquid({ binary: binary ?? '', port, names: [REMOTE], ...options })
  t.after(close)
  return `127.0.0.1:${port}`
}

const AL = { name: 'al', password: 'p@ss: word/1' }
const AL_IN_URL = 'al:p%40ss%3A%20word%2F1@'

for (const [isHttps, variable] of [
  [true, 'HTTPS_PROXY'],
  [false, 'HTTP_PROXY'],
] as const) {
  const scheme = isHttps ? 'https' : 'http'
  for (const user of [undefined, AL])
    test(`${scheme} by squid ${user === undefined ? 'that lets everybody through' : 'with user and password'}: calls, a stream, 5 MB, the end of the session`, async (t) => {
      const place = await squid(t, user && { user })
      const { host, server } = await behind(t, {
        isHttps,
        getStream: true,
        env: { [variable]: `http://${user ? AL_IN_URL : ''}${place}` },
        on: {
          'logging/setLevel': (x) => {
            const stream = x.sse()
            stream.message(notify('notifications/message', { level: 'info', data: 'on the way' }))
            stream.result({})
            stream.end()
          },
        },
      })
      await host.initialize()
      await server.request(({ method }) => method === 'GET')
      host.send(request(1, 'logging/setLevel', { level: 'info' }))
      await host.notification('notifications/message')
      resultOf(await host.answer(1))
      const text = 'x'.repeat(5_000_000)
      for (const id of [2, 3, 4]) {
        host.send(call(id, { text }))
        const { structuredContent } = resultOf(await host.answer(id, SECONDS_FOR_RETRIES))
        assert.equal((structuredContent as { text: string }).text.length, text.length)
      }
      server.push(notify('notifications/message', { level: 'info', data: 'pushed' }))
      await host.notification('notifications/message')
      const seen = server.sent('tools/call')[0]!
      assert.equal(seen.header('proxy-authorization'), undefined)
      assert.equal(seen.header('host'), `${REMOTE}:${server.port}`)
      // Squid adds this where it sees into the request.
      assert.equal(seen.header('via') === undefined, isHttps)
      await host.finish()
      await server.request(({ method }) => method === 'DELETE')
    })
}

test('a remote of the modern era by squid', async (t) => {
  const place = await squid(t)
  const server = await serveModern(t)
  const host = bridge(t, {
    url: `http://${REMOTE}:${server.port}/mcp`,
    args: ['--allow-http'],
    env: { http_proxy: place },
  })
  host.send(modern('d', 'server/discover'))
  resultOf(await host.answer('d'))
  host.send(modern('l', 'tools/list'))
  resultOf(await host.answer('l'))
  await host.finish()
})

const refusals: readonly [what: string, isHttps: boolean, user: string, sentence: RegExp][] = [
  [
    'wants a user, and there is none',
    true,
    '',
    /wants a user and a password \(HTTP 407\); write them into ALL_PROXY/,
  ],
  [
    'wants a user, and there is none',
    false,
    '',
    /wants a user and a password \(HTTP 407\); write them into ALL_PROXY/,
  ],
  [
    'wants another password',
    true,
    'al:s3cret-and-wrong@',
    /does not take the user and password that stand in its URL \(HTTP 407\); /,
  ],
  [
    'wants another password',
    false,
    'al:s3cret-and-wrong@',
    /does not take the user and password that stand in its URL \(HTTP 407\); /,
  ],
]
for (const [what, isHttps, user, sentence] of refusals)
  test(`squid ${what} (${isHttps ? 'https' : 'http'})`, async (t) => {
    const place = await squid(t, { user: AL })
    const { host, server } = await behind(t, { isHttps, env: { ALL_PROXY: `http://${user}${place}` } })
    host.send(initializeLine('i'))
    host.endInput()
    const answer = await host.answer('i', SECONDS_FOR_RETRIES)
    assert.equal(ownError(answer, 'proxy').httpStatus, 407)
    assert.match(answer.value.error?.message ?? '', sentence)
    assert.equal(server.requests.length, 0)
    await host.finish({ stderr: 'some' })
    assert.doesNotMatch(answer.raw + host.stderr, /s3cret/)
  })

test('squid does not allow that port, and does not reach the remote', async (t) => {
  const env = { HTTPS_PROXY: await squid(t, { connectPorts: [443] }) }
  const { host } = await behind(t, { isHttps: true, env })
  host.send(initializeLine('i'))
  host.endInput()
  const forbidden = await host.answer('i', SECONDS_FOR_RETRIES)
  assert.equal(ownError(forbidden, 'proxy').httpStatus, 403)
  assert.match(
    forbidden.value.error?.message ?? '',
    /does not let you through to remote\.test:\d+ \(HTTP 403\); /,
  )
  await host.finish({ stderr: 'some' })
  const nobody = bridge(t, {
    url: `https://${REMOTE}:${await freePort()}/mcp`,
    env: { HTTPS_PROXY: await squid(t) },
  })
  nobody.send(initializeLine('i'))
  nobody.endInput()
  const absent = await nobody.answer('i', SECONDS_FOR_RETRIES)
  assert.equal(ownError(absent, 'proxy').retryable, true)
  assert.match(
    absent.value.error?.message ?? '',
    /cannot reach remote\.test:\d+ \(HTTP 503\); is the server running\?/,
  )
  await nobody.finish({ stderr: 'some' })
})

test('squid does not reach a remote that is asked for by its whole URL: told of the proxy, and nothing has been delivered', async (t) => {
  const url = `http://${REMOTE}:${await freePort()}/mcp`
  const host = bridge(t, { url, args: ['--allow-http'], env: { HTTP_PROXY: await squid(t) } })
  host.send(initializeLine('i'))
  host.endInput()
  const answer = await host.answer('i', SECONDS_FOR_RETRIES)
  assert.equal(ownError(answer, 'proxy').maybeDelivered, false)
  assert.match(
    answer.value.error?.message ?? '',
    /the proxy 127\.0\.0\.1:\d+ \(HTTP_PROXY\) cannot reach remote\.test:\d+ \(HTTP 503\); is the server running\?/,
  )
  await host.finish({ stderr: 'some' })
})
