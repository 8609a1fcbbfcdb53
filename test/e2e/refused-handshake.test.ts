// A server that refuses `initialize` in its own words: they are what the host is told, whatever else is tried before it is
// certain that the server speaks neither HTTP+SSE nor the modern era. protocol.md B.2, F.1, F.3.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import type { Exchange, Handler } from '../fixtures/servers/raw-server.ts'
import {
  bridge,
  call,
  errorOf,
  freePort,
  modern,
  modernCall,
  ownError,
  request,
  resultOf,
  serveModern,
  serveSessions,
  serveSse,
  test,
} from './harness.ts'

const WORDS = 'Your plan ended on 1 May'
const DATA = { renew: 'by mail' }

const own =
  (code: number, status: number): Handler =>
  (x) =>
    x.error(code, WORDS, DATA, status)

const foreign =
  (code: number, status: number, id: unknown): Handler =>
  (x) =>
    x.reply(status, { jsonrpc: '2.0', id, error: { code, message: WORDS, data: DATA } })

const REFUSALS: Readonly<Record<string, readonly [number, Handler]>> = {
  'HTTP 200': [-32601, own(-32601, 200)],
  'HTTP 400 under the id of the request': [-32600, own(-32600, 400)],
  'HTTP 400 under the id null': [-32000, foreign(-32000, 400, null)],
  'HTTP 400 under an id of the server’s own': [-32600, foreign(-32600, 400, 'server-error')],
  'HTTP 404': [-32601, own(-32601, 404)],
  'HTTP 501': [-32601, own(-32601, 501)],
  'HTTP 200, as an event': [
    -32601,
    (x) => {
      const stream = x.sse()
      stream.message({
        jsonrpc: '2.0',
        id: x.message.id,
        error: { code: -32601, message: WORDS, data: DATA },
      })
      stream.end()
    },
  ],
}
const GETS: Readonly<Record<string, Handler>> = {
  'HTTP 405': (x) => x.reply(405),
  HTML: (x) => x.reply(200, '<h1>Hello</h1>', { 'Content-Type': 'text/html' }),
}

for (const [name, [code, post]] of Object.entries(REFUSALS))
  for (const [got, get] of Object.entries(GETS))
    test(`initialize refused in ${name}, and GET answered with ${got}: the server’s words are told`, async (t) => {
      const server = await serveSse(t, { post, opening: (x) => void get(x) })
      const host = bridge(t, { url: server.url })
      host.send(initializeLine('init'))
      assert.deepEqual((await host.answer('init')).value.error, { code, message: WORDS, data: DATA })
      await host.finish({ stderr: 'any' })
      assert.equal(server.with('GET').length, 1, 'HTTP+SSE was tried')
      assert.ok(server.sent('server/discover').length <= 1, 'the modern era was tried once at most')
    })

test('a request behind the refused initialize is told the words too, and the next initialize begins anew', async (t) => {
  const server = await serveSse(t, { post: own(-32600, 400), opening: (x) => x.reply(405) })
  const host = bridge(t, { url: server.url })
  host.sendRaw(`${initializeLine('init')}\n${request(1, 'tools/list')}\n`)
  errorOf(await host.answer('init'), -32600)
  const line = await host.answer(1)
  ownError(line, 'protocol')
  assert.match(line.value.error?.message ?? '', new RegExp(WORDS))
  host.send(initializeLine('again'))
  assert.equal(errorOf(await host.answer('again'), -32600).message, WORDS)
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('initialize').length, 2)
})

for (const [era, line] of [
  ['legacy', `${initializeLine('first')}\n${request(1, 'tools/list')}\n`],
  ['modern', `${modernCall('first')}\n${modern(1, 'tools/list')}\n`],
] as const)
  test(`words that hold a secret in escapes, for a ${era} host: no sentence of ours has a part of it`, async (t) => {
    const secret = 'qz8-secret-of-the-user'
    const escaped = `\\u0071${secret.slice(1)}`
    const error = `{"code":-32600,"message":"${'No. '.repeat(37)}\\n${escaped}"}`
    const server = await serveSse(t, {
      post: (x) => x.reply(400, `{"jsonrpc":"2.0","id":null,"error":${error}}`),
      opening: (x) => x.reply(405),
    })
    const host = bridge(t, { url: server.url, args: ['--header', `X-Key: ${secret}`] })
    host.sendRaw(line)
    errorOf(await host.answer('first'), -32600)
    const second = await host.answer(1)
    ownError(second, 'protocol')
    assert.match(second.value.error?.message ?? '', /No\. No\./)
    await host.finish({ stderr: 'any' })
    assert.doesNotMatch(second.raw + host.stderr, /z8-/)
  })

test('a server of the old transport refuses on its stream: its words are told, not the status of the POST before', async (t) => {
  const server = await serveSse(t, {
    on: {
      initialize(x, session) {
        x.reply(202)
        session.say({ jsonrpc: '2.0', id: x.message.id, error: { code: -32602, message: WORDS, data: DATA } })
      },
    },
  })
  const host = bridge(t, { url: server.url })
  host.sendRaw(`${initializeLine('init')}\n${request(1, 'tools/list')}\n`)
  assert.deepEqual((await host.answer('init')).value.error, { code: -32602, message: WORDS, data: DATA })
  const line = await host.answer(1)
  ownError(line, 'protocol')
  assert.match(line.value.error?.message ?? '', new RegExp(WORDS))
  await host.finish({ stderr: 'any' })
  assert.equal(server.postsToStream().length > 0, true, 'HTTP was tried before')
})

test('an absent server that refuses when it is there: what waits is told the words', async (t) => {
  const port = await freePort()
  const host = bridge(t, { url: `http://127.0.0.1:${port}/mcp`, args: ['--start-budget', '300ms'] })
  await host.initialize()
  host.send(call(1))
  await serveSse(t, { port, post: own(-32600, 400), opening: (x) => x.reply(405) })
  const line = await host.answer(1, 40_000)
  ownError(line, 'protocol')
  assert.match(line.value.error?.message ?? '', new RegExp(WORDS))
  await host.finish({ stderr: 'some' })
  assert.match(host.stderr, new RegExp(WORDS))
})

test('a lost session that the server refuses to open anew: its words are told', async (t) => {
  const server = await serveSessions(t, {
    opening(x, accept, count) {
      if (count === 1) accept()
      else own(-32600, 400)(x)
    },
    lost: (x) => x.reply(x.method === 'GET' ? 405 : 404),
  })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  server.forget()
  host.send(call(1))
  const line = await host.answer(1)
  ownError(line, 'session-lost')
  assert.match(line.value.error?.message ?? '', new RegExp(WORDS))
  await host.finish({ stderr: 'some' })
})

for (const [name, first] of [
  ['server/discover', modern(1, 'server/discover')],
  ['a call', modernCall(1)],
  ['a list', modern(1, 'tools/list')],
] as const)
  for (const id of ['own', 'null'])
    test(`a modern host that begins with ${name}, all refused in HTTP 400 under the id ${id}: the server’s words are told`, async (t) => {
      const post = id === 'own' ? own(-32600, 400) : foreign(-32600, 400, null)
      const server = await serveSse(t, { post, opening: (x) => x.reply(405) })
      const host = bridge(t, { url: server.url })
      host.send(first)
      assert.deepEqual((await host.answer(1)).value.error, { code: -32600, message: WORDS, data: DATA })
      await host.finish({ stderr: 'some' })
      assert.equal(server.with('GET').length, 1, 'HTTP+SSE was tried')
      assert.deepEqual(server.sent('tools/call'), [], 'nothing was called')
    })

for (const status of [405, 500])
  test(`initialize answered 404 without words, and GET ${status}: the modern era is tried all the same`, async (t) => {
    const server = await serveModern(t, {
      first(x: Exchange) {
        if (x.method === 'GET') x.reply(status)
        else if (x.message.method === 'initialize') x.reply(404)
        else return false
        return true
      },
    })
    const host = bridge(t, { url: server.url })
    resultOf(await host.initialize())
    await host.finish({ stderr: 'any' })
    assert.ok(server.with('GET').length > 0, 'HTTP+SSE was tried')
  })
