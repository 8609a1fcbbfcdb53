// Which connection a request goes out on: one that stands is used again, and none that may be gone. protocol.md 0.6.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { httpProxy } from '../fixtures/servers/http-proxy.ts'
import type { Exchange, Headers } from '../fixtures/servers/raw-server.ts'
import { afterHandshake, answer, httpAnswer, JSON_TYPE } from '../fixtures/servers/tcp-server.ts'
import { bridge, call, connected, PLATFORM_HAS_SIGNALS, request, serveTcp, test } from './harness.ts'

const MB = 1024 * 1024
const LIST = '{"tools":[]}'
/** An answer that says for how long its connection may stand idle. */
const hinting = (hint: string) => (x: Exchange) =>
  x.reply(200, `{"jsonrpc":"2.0","id":${x.rawId},"result":${LIST}}`, {
    'Content-Type': 'application/json',
    Connection: 'keep-alive',
    'Keep-Alive': hint,
  } satisfies Headers)
/** No GET stream, and no session to end: all that follows the handshake can go out on one connection. */
const PLAIN = { sessionId: null, protocolVersion: '2025-06-18' }

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

async function socketsOf(t: Parameters<Parameters<typeof test>[1]>[0], hint: string): Promise<number[]> {
  const { host, server } = await connected(t, { ...PLAIN, on: { 'tools/list': hinting(hint) } })
  for (const id of [1, 2, 3]) {
    host.send(request(id, 'tools/list'))
    await host.answer(id)
  }
  await host.finish()
  return server.sent('tools/list').map(({ socket }) => socket)
}

test('requests that follow each other share a connection', async (t) => {
  assert.equal(new Set(await socketsOf(t, 'timeout=30')).size, 1)
})

test('a connection that the server keeps for a second only is not used again', async (t) => {
  assert.equal(new Set(await socketsOf(t, 'timeout=1, max=100')).size, 3)
})

test(
  'after sleep no request goes out on a connection that the server has meanwhile forgotten',
  async (t) => {
    const { host, server } = await connected(t, { ...PLAIN, on: { 'tools/list': hinting('timeout=2') } })
    host.send(request(1, 'tools/list'))
    await host.answer(1)
    // A stopped process is a sleeping laptop: its clock goes on, its timers do not.
    host.kill('SIGSTOP')
    host.send(request(2, 'tools/list'))
    await pause(1200)
    host.kill('SIGCONT')
    await host.answer(2)
    const [first, second] = server.sent('tools/list')
    assert.notEqual(first?.socket, second?.socket)
    await host.finish()
  },
  PLATFORM_HAS_SIGNALS ? false : 'no signals here',
)

test(
  'a call does not go out on a connection that the server has closed, though nobody has noticed yet',
  async (t) => {
    const { host, server } = await connected(t, PLAIN)
    for (let id = 1; id <= 10; id++) {
      host.send(call(id))
      await host.answer(id)
      const x = await server.request(({ rawId }) => rawId === String(id))
      // The bridge learns of both at once: that the connection is closed, and that there is a call.
      host.kill('SIGSTOP')
      await new Promise<void>((resolve) => x.response.req.socket.end(resolve))
      host.send(call(id + 100))
      await pause(20)
      host.kill('SIGCONT')
      assert.ok((await host.answer(id + 100)).value.result)
    }
    await host.finish()
  },
  PLATFORM_HAS_SIGNALS ? false : 'no signals here',
)

test('while the handshake is answered the connection is made that its stream and what follows will need', async (t) => {
  const handshake = afterHandshake((asked) =>
    asked.socket.write(httpAnswer('200 OK', [JSON_TYPE], answer(asked, LIST))),
  )
  const server = await serveTcp(t, (asked) => {
    if (asked.method === 'GET')
      return asked.socket.write(
        'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
      )
    if (asked.message.method !== 'initialize') return handshake(asked)
    // Not answered before there are two.
    server.connected(2).then(
      () => handshake(asked),
      () => {},
    )
  })
  const host = bridge(t, { url: `${server.origin}/mcp` })
  await host.initialize()
  host.send(request(1, 'tools/list'))
  await host.answer(1)
  await host.finish()
  assert.ok(
    server.requests.some(({ method }) => method === 'GET'),
    'the stream',
  )
  assert.equal(server.connections, 2, 'and no other one')
})

test('an idle connection that the server closes costs no request', async (t) => {
  const { host, server } = await connected(t, PLAIN)
  for (let id = 1; id <= 5; id++) {
    host.send(request(id, 'tools/list'))
    await host.answer(id)
    const x = await server.request(({ rawId }) => rawId === String(id))
    const { socket } = x.response.req
    socket.end()
    if (!socket.destroyed) await once(socket, 'close')
  }
  await host.finish()
})

test('a body that cannot be decompressed gives its connection back, however long the server goes on', async (t) => {
  const { host, server } = await connected(t, {
    on: {
      'tools/call': (x) => {
        x.response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': 'gzip' })
        x.response.write('this is no gzip')
      },
    },
  })
  host.send(call(1))
  assert.ok((await host.answer(1)).value.error)
  const x = await server.request(({ message }) => message.method === 'tools/call')
  assert.equal(await x.over, 'aborted')
  await host.finish({ stderr: 'some' })
})

for (const way of ['', ', nor by a proxy'])
  test(`what follows the end of a compressed body is not read for ever${way}`, async (t) => {
    const proxy = await httpProxy()
    t.after(() => proxy.close())
    let readAll: (how: string) => void = () => {}
    const wasRead = new Promise<string>((resolve) => {
      readAll = resolve
    })
    const { host, server } = await connected(
      t,
      {
        on: {
          async 'tools/call'(x) {
            x.response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
            x.response.write(gzipSync(`{"jsonrpc":"2.0","id":${x.rawId},"result":{}}`))
            const nothing = Buffer.alloc(MB)
            for (let times = 0; times < 64; times++)
              await new Promise<void>((resolve) => x.response.write(nothing, () => resolve()))
            if (!x.response.destroyed) readAll('all was read')
          },
        },
      },
      way === '' ? [] : ['--proxy', proxy.url],
    )
    host.send(call(1))
    assert.ok((await host.answer(1)).value.result)
    const x = await server.request(({ message }) => message.method === 'tools/call')
    assert.equal(await Promise.race([x.over, wasRead]), 'aborted')
    await host.finish()
  })

test('an answer to a notification that never ends is dropped with the bridge', async (t) => {
  const { host, server } = await connected(t, {
    on: {
      'notifications/progress': (x) => {
        x.response.writeHead(202, { 'Content-Type': 'text/plain' })
        x.response.write('and so on')
      },
    },
  })
  host.send('{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}')
  const x = await server.request(({ message }) => message.method === 'notifications/progress')
  host.send(request(1, 'tools/list'))
  await host.answer(1)
  await host.finish()
  assert.equal(await x.over, 'aborted')
})

test('a complete answer counts, whatever comes behind it in the same packet', async (t) => {
  const ways: ((body: string) => string)[] = [
    (body) => `${httpAnswer('200 OK', [JSON_TYPE], body)}garbage\r\n\r\n`,
    (body) =>
      `HTTP/1.1 200 OK\r\n${JSON_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(body)}0\r\n\r\nXXXX`,
    (body) =>
      `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(`data: ${body}\n\n`)}no size\r\n`,
  ]
  const server = await serveTcp(
    t,
    afterHandshake((asked) => {
      const way = ways[Number(asked.rawId) - 1]!
      asked.socket.write(way(answer(asked, '{"content":[]}')))
    }),
  )
  const host = bridge(t, { url: `${server.origin}/mcp` })
  await host.initialize()
  for (const id of ways.keys()) {
    host.send(call(id + 1))
    assert.ok((await host.answer(id + 1)).value.result, String(ways[id]))
  }
  await host.finish()
})

test('what a server sends behind a complete answer is no answer to the next request', async (t) => {
  const server = await serveTcp(
    t,
    afterHandshake((asked) => {
      const whole = httpAnswer('200 OK', [JSON_TYPE], answer(asked, `{"for":${asked.rawId}}`))
      const twice =
        asked.rawId === '1'
          ? httpAnswer('200 OK', [JSON_TYPE], '{"jsonrpc":"2.0","id":2,"result":{"for":1}}')
          : ''
      asked.socket.write(whole + twice)
    }),
  )
  const host = bridge(t, { url: `${server.origin}/mcp` })
  await host.initialize()
  for (const id of [1, 2]) {
    host.send(request(id, 'tools/list'))
    const { value } = await host.answer(id)
    assert.deepEqual(value.result, { for: id })
  }
  await host.finish({ stderr: 'any' })
})
