// `ping` and `watch`: what takes its time, and ends when the person says so.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Handler } from '../fixtures/servers/raw-server.ts'
import { restartable } from '../fixtures/servers/restartable.ts'
import { run, shell } from './at-shell.ts'
import { freePort, PLATFORM_HAS_SIGNALS, serve, serveModern, serveSse, test } from './harness.ts'

const LINES =
  /^connected to 127\.0\.0\.1:\d+ in [\d.]+ ms\nping 1: [\d.]+ ms\nping 2: [\d.]+ ms\n2 pings, 0 lost; min [\d.]+ ms, p50 [\d.]+ ms, p99 [\d.]+ ms, max [\d.]+ ms\n$/

test('ping measures what the remote answers, and nothing else', async (t) => {
  const server = await serve(t)
  const { code, stdout, stderr } = await run(t, ['ping', server.url, '-n', '2', '--interval', '0'])
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, LINES)
  assert.equal(server.sent('ping').length, 2)
  const json = await run(t, ['ping', server.url, '--count=3', '--interval', '0', '--json'])
  const told = JSON.parse(json.stdout)
  assert.deepEqual([told.method, told.count, told.lost, told.timesMs.length], ['ping', 3, 0, 3])
  assert.ok(told.minMs <= told.p50Ms && told.p50Ms <= told.p99Ms && told.p99Ms <= told.maxMs, json.stdout)
  assert.equal((await run(t, ['ping', server.url, '--interval', '0'])).stdout.match(/^ping /gm)?.length, 5)
})

test('a remote of the modern era is asked what it is, since it knows no ping', async (t) => {
  for (const args of [[], ['--remote-era', 'modern'], ['--remote-era', 'prefer-modern']]) {
    const server = await serveModern(t)
    const before = () => server.sent('server/discover').length
    const { code, stdout, stderr } = await run(t, ['ping', server.url, '-n', '3', '--interval', '0', ...args])
    assert.deepEqual([code, stderr], [0, ''])
    assert.equal(stdout.match(/^server\/discover \d: /gm)?.length, 3)
    assert.ok(before() >= 4, `asked ${before()} times`)
  }
})

test("over HTTP+SSE the ping is the remote's as well, and one that it does not know still reaches it", async (t) => {
  const old = await serveSse(t)
  const { code, stdout } = await run(t, ['ping', old.url, '-n', '2', '--interval', '0'])
  assert.equal(code, 0)
  assert.match(stdout, LINES)
  const refusing = await serve(t, { on: { ping: (x) => x.error(-32601, 'no such method') } })
  assert.match((await run(t, ['ping', refusing.url, '-n', '2', '--interval', '0'])).stdout, LINES)
})

test('a ping that is lost is counted, told, and has its exit code', async (t) => {
  let count = 0
  const server = await serve(t, { on: { ping: (x) => (++count === 2 ? x.hang() : x.result('{}')) } })
  const args = ['ping', server.url, '-n', '3', '--interval', '0', '--request-timeout', '5s']
  const { code, stdout, stderr } = await run(t, args)
  assert.equal(code, 3)
  assert.match(stdout, /^3 pings, 1 lost; min /m)
  assert.match(stderr, /^mcp-ferry: ping 2: the remote did not answer ping within 5 s .*\n$/)
})

test('Ctrl-C ends a ping without end, and it tells what it came to', async (t) => {
  if (!PLATFORM_HAS_SIGNALS) return t.skip('no such signals here')
  const server = await serve(t)
  const pinging = shell(t, ['ping', server.url, '-n', '0', '--interval', '0'])
  await pinging.shows(/^ping 3: /m)
  pinging.kill('SIGINT')
  const { code, stdout, stderr } = await pinging.ended
  assert.deepEqual([code, stderr], [130, ''])
  assert.match(stdout, /\d+ pings, 0 lost; min .*\n$/)
  const waiting = shell(t, ['ping', server.url, '--interval', '30m'])
  await waiting.shows(/^ping 1: /m)
  waiting.kill('SIGINT')
  assert.equal((await waiting.ended).code, 130)
})

const note = (method: string, params: unknown) => ({ jsonrpc: '2.0', method, params })
const event = (data: string) =>
  `data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"${data}"}}\n\n`
const LOGGED = note('notifications/message', {
  level: 'warning',
  logger: 'disk',
  data: 'almost\u001b[2J full',
})

test('watch prints a line for each notification', async (t) => {
  const capabilities = { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} }
  const server = await serve(t, {
    getStream: true,
    capabilities,
    on: { 'resources/subscribe': (x) => x.result('{}') },
  })
  const watching = shell(t, [
    'watch',
    server.url,
    '--level',
    'WARNING',
    '--subscribe',
    'a:b',
    '--subscribe',
    'c:d',
    '-n',
    '6',
  ])
  await watching.shows(/^mcp-ferry: watching 127\.0\.0\.1:\d+; Ctrl-C ends it\n$/)
  await server.request(({ method }) => method === 'GET')
  assert.equal(server.sent('logging/setLevel')[0]?.message.params?.level, 'warning')
  assert.deepEqual(
    server.sent('resources/subscribe').map(({ message }) => message.params?.uri),
    ['a:b', 'c:d'],
  )
  server.push(note('notifications/tools/list_changed', undefined))
  server.push(LOGGED)
  server.push(
    '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":{"free":9007199254740993}}}',
  )
  server.push('{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a:b"}}')
  // What no text can be made of.
  server.push('{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":{"toString":1}}}')
  server.push('{"jsonrpc":"2.0","method":"notifications/own","params":{"x":1.0}}')
  const { code, stdout } = await watching.ended
  assert.equal(code, 0)
  assert.deepEqual(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} {2}/, '')),
    [
      'the list of tools has changed',
      'warning  disk: almost full',
      'info  {"free":9007199254740993}',
      'the resource has changed: a:b',
      'the resource has changed: ',
      'notifications/own {"x":1.0}',
    ],
  )
})

test('what comes with the handshake stands in front of what comes behind it', async (t) => {
  const opened =
    '{"protocolVersion":"2025-11-25","capabilities":{"logging":{}},"serverInfo":{"name":"s","version":"1"}}'
  const telling =
    (data: string, result: string): Handler =>
    (x) => {
      const stream = x.sse()
      stream.message(note('notifications/message', { level: 'error', data }))
      stream.result(result)
      stream.end()
    }
  const server = await serve(t, {
    sessionId: null,
    on: { initialize: telling('first', opened), 'logging/setLevel': telling('second', '{}') },
  })
  const { stdout } = await run(t, ['watch', server.url, '--level', 'error', '-n', '2'])
  assert.deepEqual(stdout.match(/first|second/g), ['first', 'second'])
})

test('watch --json passes on each as it came, until Ctrl-C', async (t) => {
  if (!PLATFORM_HAS_SIGNALS) return t.skip('no such signals here')
  const server = await serve(t, { getStream: true })
  const watching = shell(t, ['watch', server.url, '--json'])
  await server.request(({ method }) => method === 'GET')
  const text =
    '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":{"n":9007199254740993}}}'
  server.push(text)
  await watching.shows(/9007199254740993/)
  watching.kill('SIGINT')
  const { code, stdout, stderr } = await watching.ended
  assert.deepEqual([code, stdout], [130, `${text}\n`])
  assert.match(stderr, /^mcp-ferry: watching .*\n$/)
})

test('watch hears a remote of the modern era', async (t) => {
  const server = await serveModern(t, {
    capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} },
  })
  const args = ['--count', '2', '--subscribe', 'a:b', '--level', 'info']
  const watching = shell(t, ['watch', server.url, ...args])
  await watching.shows(/sends log messages only while it answers a request: none may come\n.*watching/)
  const listens = [await server.listen(1), await server.listen(2)]
  listens[0]!.notify('notifications/tools/list_changed')
  listens[1]!.notify('notifications/resources/updated', { uri: 'a:b' })
  const { code, stdout } = await watching.ended
  assert.equal(code, 0)
  assert.match(stdout, /the list of tools has changed\n/)
  assert.match(stdout, /the resource has changed: a:b\n/)
})

test('a subscription that is refused, and a level that nobody knows, are told', async (t) => {
  if (!PLATFORM_HAS_SIGNALS) return t.skip('no such signals here')
  const server = await serve(t, { capabilities: { resources: {} } })
  const refused = await run(t, ['watch', server.url, '--subscribe', 'a:b'])
  assert.deepEqual([refused.code, refused.stdout], [7, ''])
  assert.match(refused.stderr, /^mcp-ferry: the server refuses resources\/subscribe \(-32601: .*\)\n$/)
  const watching = shell(t, ['watch', server.url, '--level', 'debug'])
  await watching.shows(/^mcp-ferry: the server sends no log messages\nmcp-ferry: watching /)
  watching.kill('SIGINT')
  assert.equal((await watching.ended).code, 130)
})

test('a server without a stream for notifications is told of, since it will hardly have any', async (t) => {
  if (!PLATFORM_HAS_SIGNALS) return t.skip('no such signals here')
  const server = await serve(t, { keepAliveMs: 100 })
  const watching = shell(t, ['watch', server.url])
  await watching.shows(/^mcp-ferry: the server offers no stream for notifications \(HTTP 405\): /m)
  // Nothing is open any more, between it and the server, that would keep a program alive.
  await server.unconnected()
  assert.equal((await run(t, ['ping', server.url])).code, 0)
  assert.equal(watching.child.exitCode, null, 'it has ended by itself')
  watching.kill('SIGINT')
  assert.equal((await watching.ended).code, 130)
})

test(
  'a hundred thousand notifications go through watch, and it does not grow with them',
  async (t) => {
    const server = await serve(t, { getStream: true })
    const watching = shell(t, ['watch', server.url, '--json'], { isRead: false })
    await server.request(({ method }) => method === 'GET')
    await watching.shows(/watching/)
    let lines = 0
    const all = new Promise<void>((resolve) => {
      watching.child.stdout!.on('data', (chunk: Buffer) => {
        for (const byte of chunk) if (byte === 10) lines++
        if (lines === 100_000) resolve()
      })
    })
    const block = event('x'.repeat(1000)).repeat(1000)
    for (let turn = 0; turn < 100; turn++) await server.streams[0]!.raw(block)
    await all
    const status = readFileSync(`/proc/${watching.child.pid}/status`, 'utf8')
    const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1])
    watching.kill('SIGINT')
    assert.equal((await watching.ended).code, 130)
    assert.ok(peak < 300_000, `it needed ${peak} kB for 100 MB`)
  },
  process.platform !== 'linux' && 'only Linux tells how much a process has needed',
)

test('a notification that is called what every object has is a line like any other', async (t) => {
  const server = await serve(t, { getStream: true })
  const watching = shell(t, ['watch', server.url, '-n', '2'])
  await watching.shows(/watching/)
  await server.request(({ method }) => method === 'GET')
  server.push(note('constructor', { x: 1 }))
  server.push(note('__proto__', undefined))
  const { code, stdout, stderr } = await watching.ended
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^[\d:.]+ {2}constructor \{"x":1\}\n[\d:.]+ {2}__proto__\n$/)
})

test('a server that dies is told of, and that it is there again', async (t) => {
  const server = restartable('SDK v1', await freePort())
  t.after(() => server.close())
  await server.start()
  const watching = shell(t, ['watch', server.url, '--log-level', 'debug'])
  await watching.shows(/^mcp-ferry: GET stream status=200/m)
  await server.kill()
  await watching.shows(/^mcp-ferry: 127\.0\.0\.1:\d+ is lost; it is tried again and again, until Ctrl-C\n/m)
  await server.start()
  await watching.shows(/^mcp-ferry: 127\.0\.0\.1:\d+ is there again; .*\n/m)
  watching.kill('SIGINT')
  const { code, stderr } = await watching.ended
  assert.equal(code, 130)
  assert.equal(stderr.match(/ is lost; it is tried/g)?.length, 1, stderr)
})

test('a stream that is lost while watch has not begun yet is told of', async (t) => {
  if (!PLATFORM_HAS_SIGNALS) return t.skip('no such signals here')
  let opened = 0
  let lose: () => void = () => {}
  const isLost = new Promise<void>((resolve) => {
    lose = resolve
  })
  const server = await serve(t, {
    capabilities: { resources: { subscribe: true } },
    on: {
      GET(x) {
        // Two have failed by then.
        if (++opened === 3) lose()
        x.reply(500)
      },
      'resources/subscribe': (x) => void isLost.then(() => x.result('{}')),
    },
  })
  const watching = shell(t, ['watch', server.url, '--subscribe', 'a:b'])
  await watching.shows(/^mcp-ferry: watching .*\nmcp-ferry: 127\.0\.0\.1:\d+ is lost; it is tried again/m)
  watching.kill('SIGINT')
  const { code, stderr } = await watching.ended
  assert.equal(code, 130)
  assert.equal(stderr.match(/ is lost; it is tried/g)?.length, 1, stderr)
})

test('watch ends when nobody reads it any more', async (t) => {
  const server = await serve(t, { getStream: true })
  const watching = shell(t, ['watch', server.url])
  await watching.shows(/watching/)
  await server.request(({ method }) => method === 'GET')
  server.push(LOGGED)
  await watching.shows(/almost/)
  watching.closeOutput()
  for (let turn = 0; turn < 100; turn++) server.push(LOGGED)
  const { code, stderr } = await watching.ended
  assert.equal(code, 0, stderr)
})
