// Which of the two transports is spoken: what leads from HTTP to HTTP+SSE and what does not, what is told when neither
// will do, and what `--transport` says to it. protocol.md B.2; T41.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { mcpBehaviour } from '../fixtures/servers/mcp-server.ts'
import type { Handler } from '../fixtures/servers/raw-server.ts'
import { bridge, call, ownError, resultOf, serve, serveSse, test } from './harness.ts'

/** A server that speaks both at one path. */
const both = (t: TestContext, path = '/mcp') => serveSse(t, { path, post: mcpBehaviour().handle })

const MODERN: Handler = (x) =>
  x.error(-32022, 'Unsupported protocol version', { supported: ['2026-07-28'] }, 400)

const NO_FALLBACK: Readonly<Record<string, Handler>> = {
  'T41 400 with −32022': MODERN,
  '400 that complains of Accept': (x) => x.error(-32000, 'Not Acceptable: Accept must list both', {}, 400),
  '400 that complains of the version': (x) =>
    x.error(-32000, 'Bad Request: Unsupported protocol version', {}, 400),
  '415 that complains of Content-Type': (x) =>
    x.error(-32000, 'Content-Type must be application/json', {}, 415),
  '401': (x) => x.reply(401),
  '403': (x) => x.reply(403),
  '500': (x) => x.reply(500),
}
for (const [name, post] of Object.entries(NO_FALLBACK))
  test(`POST answered ${name}: no GET, and it is told`, async (t) => {
    const server = await serveSse(t, { post })
    const host = bridge(t, { url: server.url })
    host.send(initializeLine('init'))
    const { value } = await host.answer('init')
    assert.ok(value.error, 'an error was expected')
    if (post === MODERN) assert.deepEqual(value.error.data, { supported: ['2026-07-28'] })
    await host.finish({ stderr: 'any' })
    // Where one can sign in is asked elsewhere.
    assert.deepEqual(
      server.with('GET').filter(({ url }) => !url.startsWith('/.well-known/')),
      [],
    )
  })

const GET_REFUSALS: Readonly<Record<string, readonly [Handler, RegExp]>> = {
  '405': [(x) => x.reply(405), /GET answered HTTP 405/],
  '404': [(x) => x.reply(404), /GET answered HTTP 404/],
  '500': [(x) => x.reply(500), /GET answered HTTP 500/],
  HTML: [(x) => x.reply(200, '<h1>Hello</h1>', { 'Content-Type': 'text/html' }), /GET answered .*200/],
  'a stream that ends at once': [(x) => x.sse().end(), /GET failed: .*ended before it named an endpoint/],
  'a stream that names no endpoint': [
    (x) => x.sse().message({ jsonrpc: '2.0', method: 'notifications/message' }),
    /GET failed: .*named no endpoint within 10 s/,
  ],
}
for (const [name, [get, words]] of Object.entries(GET_REFUSALS))
  test(`POST answered 404 and GET answered ${name}: the POST’s failure is told, with a word about the GET`, async (t) => {
    const server = await serveSse(t, { post: (x) => x.reply(404), opening: (x) => void get(x) })
    const host = bridge(t, { url: server.url, args: ['--start-budget', '0'] })
    host.send(initializeLine('init'))
    const line = await host.answer('init', 30_000)
    const data = ownError(line, 'http')
    assert.equal(data.httpStatus, 404)
    assert.match(line.value.error?.message ?? '', /404/)
    assert.match(line.value.error?.message ?? '', words)
    assert.ok(server.with('GET').length > 0, 'there was a GET')
    await host.finish({ stderr: 'some' })
  })

test('after neither would do, the host’s next initialize begins with POST again', async (t) => {
  let isUp = false
  const http = mcpBehaviour()
  const server = await serveSse(t, {
    post: (x) => (isUp ? http.handle(x) : x.reply(404)),
    opening: (x) => x.reply(404),
  })
  const host = bridge(t, { url: server.url })
  host.send(initializeLine('first'))
  ownError(await host.answer('first'), 'http')
  isUp = true
  host.send(initializeLine('second'))
  resultOf(await host.answer('second'))
  await host.finish({ stderr: 'some' })
})

const OLD = ['http+sse', 'sse-only', 'sse']
for (const choice of [...OLD, 'http', 'http-only', 'auto', 'http-first', 'sse-first'])
  test(`--transport ${choice} with a remote that speaks both`, async (t) => {
    const server = await both(t)
    const host = bridge(t, { url: server.url, args: ['--transport', choice] })
    await host.initialize()
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
    const isOld = OLD.includes(choice)
    assert.equal(server.postsToStream().length === 0, isOld)
    assert.equal(server.sessions[0]?.posts.length ?? 0, isOld ? 3 : 0)
  })

test('--transport http never tries the other', async (t) => {
  const server = await serveSse(t)
  const host = bridge(t, { url: server.url, args: ['--transport', 'http'] })
  host.send(initializeLine('init'))
  assert.equal(ownError(await host.answer('init'), 'http').httpStatus, 405)
  await host.finish({ stderr: 'some' })
  assert.equal(server.with('GET').length, 0)
})

test('--transport http+sse never tries the other', async (t) => {
  const server = await serve(t)
  const host = bridge(t, { url: server.url, args: ['--transport', 'http+sse'] })
  host.send(initializeLine('init'))
  assert.equal(ownError(await host.answer('init'), 'http').httpStatus, 405)
  await host.finish({ stderr: 'some' })
  assert.equal(server.with('POST').length, 0)
})

for (const path of ['/sse', '/v1/sse/'])
  test(`a path that ends in sse (${path}) is asked by GET first`, async (t) => {
    const server = await both(t, path)
    const host = bridge(t, { url: server.url })
    await host.initialize()
    await host.finish()
    assert.equal(server.requests[0]?.method, 'GET')
    assert.equal(server.postsToStream().length, 0)
  })

test('a path that ends in /sse where HTTP is spoken after all', async (t) => {
  const http = mcpBehaviour()
  const server = await serveSse(t, {
    path: '/sse',
    post: http.handle,
    opening: (x) => x.reply(405),
  })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
  assert.equal(server.requests[0]?.method, 'GET')
  assert.equal(server.requests[1]?.message.method, 'initialize')
})

test('a path that ends in /sse where nothing is: the GET’s failure is not lost', async (t) => {
  const server = await serveSse(t, { path: '/sse', opening: (x) => x.reply(404), post: (x) => x.reply(404) })
  const host = bridge(t, { url: server.url })
  host.send(initializeLine('init'))
  assert.equal(ownError(await host.answer('init'), 'http').httpStatus, 404)
  await host.finish({ stderr: 'some' })
})
