// Redirects: followed within the origin with everything the request had, never to another origin, never from https
// to http, never as a GET for a POST. protocol.md 0.6; T36.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { mcpBehaviour } from '../fixtures/servers/mcp-server.ts'
import {
  type Handler,
  type RawServer,
  type SseStream,
  startRawServer,
} from '../fixtures/servers/raw-server.ts'
import { certificate, openSslMissing } from './certificate.ts'
import { bridge, call, ownError, request, serve, test } from './harness.ts'

const SECRETS = ['-H', 'X-Api-Key: key-s3cret-value', '--header-env', 'Authorization=AUTH']
const ENV = { AUTH: 'Bearer auth-s3cret-value' }

/** A server whose MCP endpoint is /real; every other path is answered by `elsewhere`. */
async function withRoutes(t: TestContext, elsewhere: Handler, getStream = false): Promise<RawServer> {
  const real = mcpBehaviour({ sessionId: 'session-s3cret', getStream })
  const server = await startRawServer((x) => (x.path === '/real' ? real.handle(x) : elsewhere(x)))
  t.after(() => server.close())
  return server
}

const to =
  (status: number, location: string): Handler =>
  (x) =>
    x.reply(status, undefined, { Location: location })

for (const status of [307, 308])
  for (const location of ['/real', '//HOST/real', 'http://HOST/real', 'real?x=1', '../real#there'])
    test(`T36 ${status} to ${location} is followed with method, body and headers`, async (t) => {
      const server = await withRoutes(
        t,
        (x) => to(status, location.replace('HOST', x.header('host') ?? ''))(x),
        true,
      )
      const host = bridge(t, { url: `${server.origin}/mcp`, args: SECRETS, env: ENV })
      await host.initialize()
      host.send(call(1, { n: 1 }))
      assert.ok((await host.answer(1)).value.result)
      await server.request(({ method, path }) => method === 'GET' && path === '/real')
      await host.finish()
      const arrived = server.requests.filter(({ path }) => path === '/real')
      for (const method of ['POST', 'GET', 'DELETE'])
        assert.ok(
          arrived.some((x) => x.method === method),
          method,
        )
      assert.equal(
        arrived.filter(({ message }) => message.method === 'tools/call').map(({ text }) => text)[0],
        call(1, { n: 1 }),
      )
      for (const x of arrived) {
        assert.equal(x.header('x-api-key'), 'key-s3cret-value')
        assert.equal(x.header('authorization'), 'Bearer auth-s3cret-value')
        if (x.message.method !== 'initialize') assert.equal(x.header('mcp-session-id'), 'session-s3cret')
      }
    })

test('a 308 on initialize is remembered: later requests go to the new place at once', async (t) => {
  const server = await withRoutes(t, to(308, '/real'))
  const host = bridge(t, { url: `${server.origin}/mcp` })
  await host.initialize()
  host.send(request(1, 'tools/list'))
  await host.answer(1)
  await host.finish()
  assert.equal(server.requests.filter(({ path }) => path === '/mcp').length, 1)
})

for (const status of [301, 302, 303])
  test(`T36 ${status} on a POST of the same scheme is an error that names the target, nothing is fetched`, async (t) => {
    const server = await withRoutes(t, to(status, '/real?token=s3cret-in-target'))
    const host = bridge(t, { url: `${server.origin}/mcp`, args: SECRETS, env: ENV })
    host.send(initializeLine('i'))
    const answer = await host.answer('i')
    ownError(answer, 'redirect')
    assert.ok(answer.value.error?.message.includes(`${server.origin}/real`), answer.raw)
    assert.doesNotMatch(answer.raw, /s3cret/)
    await host.finish({ stderr: 'some' })
    assert.doesNotMatch(host.stderr, /s3cret/)
    assert.ok(!server.requests.some(({ path }) => path === '/real'))
  })

const HOSTS: Readonly<Record<string, (port: number) => string>> = {
  'another port': (port) => `http://127.0.0.1:${port}/mcp?token=s3cret-in-target`,
  'another name for the same machine': (port) => `http://localhost:${port}/mcp?token=s3cret-in-target`,
  'another scheme': (port) => `https://127.0.0.1:${port}/mcp?token=s3cret-in-target`,
}
for (const [name, target] of Object.entries(HOSTS))
  for (const status of [301, 302, 303, 307, 308])
    test(`T36 ${status} to ${name} is not followed, nothing leaks, the error names the target`, async (t) => {
      const other = await serve(t)
      const server = await withRoutes(t, to(status, target(other.port)))
      const host = bridge(t, { url: `${server.origin}/mcp`, args: SECRETS, env: ENV })
      host.send(initializeLine('i'))
      const answer = await host.answer('i')
      ownError(answer, 'redirect')
      const named = target(other.port).split('?')[0] ?? ''
      assert.ok(answer.value.error?.message.includes(named), answer.raw)
      await host.finish({ stderr: 'some' })
      assert.equal(other.connections, 0)
      assert.doesNotMatch(answer.raw + host.stderr, /s3cret/)
    })

test(
  'T36 a redirect from https to http is not followed, and nothing leaks',
  async (t) => {
    const plain = await serve(t)
    const tls = certificate(t)
    const server = await serve(t, { tls, on: { initialize: to(307, plain.url) } })
    const env = { ...ENV, NODE_EXTRA_CA_CERTS: tls.certFile }
    const host = bridge(t, { url: server.url, args: SECRETS, env })
    host.send(initializeLine('i'))
    ownError(await host.answer('i'), 'redirect')
    await host.finish({ stderr: 'some' })
    assert.equal(plain.connections, 0)
  },
  openSslMissing(),
)

test('a redirect of a later request to another origin takes no session and no header along', async (t) => {
  const other = await serve(t)
  const real = mcpBehaviour({ on: { 'tools/call': to(307, `${other.origin}/mcp`) } })
  const server = await startRawServer(real.handle)
  t.after(() => server.close())
  const host = bridge(t, { url: `${server.origin}/mcp`, args: SECRETS, env: ENV })
  await host.initialize()
  host.send(call(1))
  ownError(await host.answer(1), 'redirect')
  await host.finish({ stderr: 'some' })
  assert.equal(other.connections, 0)
})

for (const status of [301, 302, 303, 307, 308])
  test(`a GET stream that is redirected with ${status} within the origin is opened there`, async (t) => {
    const streams: SseStream[] = []
    const real = mcpBehaviour({ on: { GET: to(status, '/events') } })
    const server = await startRawServer((x) =>
      x.path === '/events' ? void streams.push(x.sse()) : real.handle(x),
    )
    t.after(() => server.close())
    const host = bridge(t, { url: `${server.origin}/mcp`, args: SECRETS, env: ENV })
    await host.initialize()
    const x = await server.request(({ path }) => path === '/events')
    assert.equal(x.method, 'GET')
    assert.equal(x.header('x-api-key'), 'key-s3cret-value')
    assert.equal(x.header('accept'), 'text/event-stream')
    streams[0]?.message({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
    await host.notification('notifications/tools/list_changed')
    host.send(call(1))
    assert.ok((await host.answer(1)).value.result, 'a redirected GET does not move the POSTs')
    await host.finish()
  })

test('a Location with userinfo in it adds no credentials', async (t) => {
  const server = await withRoutes(t, (x) => to(307, `http://eve:pw@${x.header('host')}/real`)(x))
  const host = bridge(t, { url: `${server.origin}/mcp` })
  host.send(initializeLine('i'))
  await host.answer('i')
  await host.finish({ stderr: 'any' })
  for (const x of server.requests) assert.equal(x.header('authorization'), undefined)
})

for (const [hops, followed] of [
  [5, true],
  [6, false],
] as const)
  test(`a chain of ${hops} redirects is ${followed ? 'followed' : 'an error'}`, async (t) => {
    const server = await withRoutes(t, (x) => {
      const left = Number(x.path.slice(1))
      to(307, left === 1 ? '/real' : `/${left - 1}`)(x)
    })
    const host = bridge(t, { url: `${server.origin}/${hops}` })
    host.send(initializeLine('i'))
    const answer = await host.answer('i')
    if (followed) assert.ok(answer.value.result, answer.raw)
    else ownError(answer, 'redirect')
    await host.finish({ stderr: followed ? 'empty' : 'some' })
  })

test('a redirect to itself ends as an error', async (t) => {
  const server = await withRoutes(t, to(307, '/mcp'))
  const host = bridge(t, { url: `${server.origin}/mcp` })
  host.send(initializeLine('i'))
  ownError(await host.answer('i'), 'redirect')
  await host.finish({ stderr: 'some' })
  assert.ok(server.requests.length <= 6, `${server.requests.length} requests`)
})

for (const [name, location] of [
  ['without a Location', undefined],
  ['to something that is no URL', 'http://['],
  ['to a file', 'file:///etc/passwd'],
  ['to javascript', 'javascript:alert(1)'],
] as const)
  test(`a redirect ${name} is an error`, async (t) => {
    const server = await withRoutes(t, (x) =>
      x.reply(307, undefined, location === undefined ? {} : { Location: location }),
    )
    const host = bridge(t, { url: `${server.origin}/mcp` })
    host.send(initializeLine('i'))
    ownError(await host.answer('i'), 'redirect')
    await host.finish({ stderr: 'some' })
  })
