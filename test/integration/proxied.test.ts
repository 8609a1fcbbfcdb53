// The HTTP by a proxy as its callers have it: each request ends once, can be stopped at any moment, obeys the flow, and leaves its
// connection to the next one or closes it. protocol.md 0.5, 0.6, 0.13.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { BridgeError } from '../../src/errors.ts'
import { createFlow, type Flow } from '../../src/lane.ts'
import type { Http, HttpResponse } from '../../src/remote/http/http.ts'
import { createNetworked } from '../../src/remote/http/networked.ts'
import { createStop, type Stop, stopNow } from '../../src/remote/stop.ts'
import { type HttpProxy, type HttpProxyOptions, httpProxy } from '../fixtures/servers/http-proxy.ts'
import { type Handler, type RawServer, startRawServer } from '../fixtures/servers/raw-server.ts'

interface World {
  readonly http: Http
  readonly server: RawServer
  readonly proxy: HttpProxy
  readonly flow: Flow
  readonly url: URL
}

async function world(t: TestContext, handler: Handler, options: HttpProxyOptions = {}): Promise<World> {
  const server = await startRawServer(handler)
  const proxy = await httpProxy(options)
  const flow = createFlow()
  const found = { url: new URL(proxy.url), from: 'HTTP_PROXY' }
  const http = createNetworked({ proxyFor: () => found }, { flow, connectTimeoutMs: 30_000 })
  t.after(async () => {
    http.close()
    await Promise.all([server.close(), proxy.close()])
  })
  return { http, server, proxy, flow, url: new URL(`http://remote.test:${server.port}/x`) }
}

interface Wish {
  readonly url: URL
  readonly stop?: Stop
  readonly body?: string
  readonly onWritten?: () => void
  readonly headers?: readonly string[]
}

function respond(
  http: Http,
  { url, stop = createStop(), body, onWritten, headers = [] }: Wish,
  read: (response: HttpResponse) => void = () => {},
): Promise<HttpResponse> {
  return new Promise((resolve, onFailure) =>
    http.request({
      method: body === undefined ? 'GET' : 'POST',
      url,
      headers,
      body: body === undefined ? undefined : Buffer.from(body),
      stop,
      onWritten,
      onResponse(response) {
        read(response)
        resolve(response)
      },
      onFailure,
    }),
  )
}

/** The whole body. */
function whole(http: Http, wish: Wish, onData: (chunk: Uint8Array) => void = () => {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    http.request({
      method: 'GET',
      url: wish.url,
      headers: wish.headers ?? [],
      body: undefined,
      stop: wish.stop ?? createStop(),
      onWritten: undefined,
      onFailure: reject,
      onResponse: (response) =>
        response.read({
          data(chunk) {
            chunks.push(chunk)
            onData(chunk)
          },
          end: () => resolve(Buffer.concat(chunks).toString()),
          fail: reject,
        }),
    })
  })
}

const failed = async (promise: Promise<unknown>): Promise<BridgeError> => {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.ok(thrown instanceof BridgeError, `a BridgeError was expected, and not ${String(thrown)}`)
  return thrown
}

/** However long a busy machine takes: no connection grows too old for another request. */
function standStill(t: TestContext): void {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
}

test('one connection serves one request after the other; dropIdle closes it', async (t) => {
  standStill(t)
  const { http, proxy, url } = await world(t, (x) => x.reply(200, 'fine'))
  for (let n = 0; n < 3; n++) assert.equal(await whole(http, { url }), 'fine')
  assert.equal(proxy.connections, 1)
  http.dropIdle()
  assert.equal(await whole(http, { url }), 'fine')
  assert.equal(proxy.connections, 2)
})

test('several at once have a connection each', async (t) => {
  const { http, proxy, url } = await world(t, (x) => x.reply(200, 'fine'))
  await Promise.all([1, 2, 3].map(() => whole(http, { url })))
  assert.equal(proxy.connections, 3)
})

test('an idle connection that is cut costs the next request nothing', async (t) => {
  const { http, proxy, server, url } = await world(t, (x) => x.reply(200, 'fine'))
  await whole(http, { url })
  proxy.cut()
  // Until it has come about that nobody is there any more.
  await fetch(`http://127.0.0.1:${server.port}/other`).then((answer) => answer.text())
  assert.equal(await whole(http, { url }), 'fine')
  assert.equal(server.requests.length, 3)
})

test('a request that is stopped while the proxy is silent ends at once with the reason, and its connection is closed', async (t) => {
  const { http, proxy, server } = await world(t, (x) => x.reply(200), { onConnect: () => {} })
  const stop = createStop()
  const asked = failed(respond(http, { url: new URL('https://remote.test/'), stop }))
  await proxy.asked(1)
  const { socket } = proxy.connects[0]!
  const closed = once(socket.resume(), 'end')
  const reason = new BridgeError('shutdown', 'no more')
  stopNow(stop, reason)
  assert.equal(await asked, reason)
  await closed
  assert.equal(server.requests.length, 0)
})

test('one that has been stopped before is not sent', async (t) => {
  const { http, proxy, url } = await world(t, (x) => x.reply(200))
  const stop = createStop()
  const reason = new BridgeError('shutdown', 'no more')
  stopNow(stop, reason)
  assert.equal(await failed(respond(http, { url, stop })), reason)
  assert.equal(proxy.connections, 0)
})

test('a body that is stopped fails once with the reason', async (t) => {
  const { http, server, url } = await world(t, (x) => x.sse().message('{}'))
  const stop = createStop()
  const reason = new BridgeError('shutdown', 'no more')
  assert.equal(await failed(whole(http, { url, stop }, () => stopNow(stop, reason))), reason)
  assert.equal(await server.requests[0]?.over, 'aborted')
})

test('the flow stops a body, and lets it go on', async (t) => {
  const text = 'x'.repeat(8_000_000)
  const { http, server, flow, url } = await world(t, (x) => x.reply(200, x.path === '/x' ? text : 'small'))
  let got = 0
  let paused: (() => void) | undefined
  const isPaused = new Promise<void>((resolve) => {
    paused = resolve
  })
  const body = whole(http, { url }, ({ length }) => {
    got += length
    if (flow.isPaused) return
    flow.set(true)
    paused?.()
  })
  await isPaused
  const before = got
  // Others come and go meanwhile.
  for (let n = 0; n < 20; n++) await fetch(`http://127.0.0.1:${server.port}/small`).then((r) => r.text())
  assert.ok(got - before <= 128 * 1024, `came while it was paused: ${got - before}`)
  // Each chunk from here on pauses it again.
  const again = setInterval(() => flow.set(false), 1)
  t.after(() => clearInterval(again))
  assert.equal((await body).length, text.length)
})

test('an answer that is discarded leaves its connection to the next one', async (t) => {
  const { http, proxy, server, url } = await world(t, (x) => x.reply(200, 'y'.repeat(200_000)))
  for (let n = 0; n < 10; n++) {
    const response = await respond(http, { url })
    assert.equal(response.status, 200)
    response.discard()
    // While it is read to nowhere.
    await fetch(`http://127.0.0.1:${server.port}/other`).then((answer) => answer.text())
  }
  assert.ok(proxy.connections < 10, `connections: ${proxy.connections}`)
})

test('an answer that is aborted closes its connection', async (t) => {
  const { http, server, url } = await world(t, (x) => void x.sse())
  const response = await respond(http, { url })
  response.abort()
  assert.equal(await server.requests[0]?.over, 'aborted')
})

test('what is written is told, and the body arrives with its length and the headers as they are', async (t) => {
  const { http, server, url } = await world(t, (x) => x.reply(200, 'fine'))
  let isWritten = false
  const response = await respond(http, {
    url,
    body: 'ä',
    headers: ['X-Mixed-Case', 'kept'],
    onWritten: () => {
      isWritten = true
    },
  })
  response.discard()
  assert.ok(isWritten, 'nobody has told')
  const [seen] = server.requests
  assert.equal(seen?.header('content-length'), '2')
  assert.ok(seen?.rawHeaders.includes('X-Mixed-Case'), String(seen?.rawHeaders))
})

test('nonsense instead of an answer is `protocol`, and a body that breaks off `stream-lost`; both may have been done', async (t) => {
  const { http, url } = await world(t, (x) => x.reply(200), {
    onRequest: ({ url: asked = '', socket }, response) => {
      if (asked.endsWith('/cut')) {
        response.writeHead(200, { 'Content-Length': '1000' })
        response.write('half', () => socket.destroy())
      } else socket.end('no http at all\r\n\r\n')
    },
  })
  const nonsense = await failed(whole(http, { url }))
  assert.equal(nonsense.kind, 'protocol')
  assert.match(nonsense.message, /^through the proxy 127\.0\.0\.1:\d+ \(HTTP_PROXY\): remote\.test/)
  const cut = await failed(whole(http, { url: new URL('/cut', url) }))
  assert.equal(cut.kind, 'stream-lost')
  for (const { facts } of [nonsense, cut]) assert.equal(facts.maybeDelivered, true)
})

test('close ends what is under way, and what is asked later', async (t) => {
  const { http, server, url } = await world(t, (x) => x.hang())
  const asked = failed(respond(http, { url }))
  await server.request(() => true)
  http.close()
  assert.equal((await asked).kind, 'stream-lost')
})

test('an idle connection that is too old is closed, and the next one serves one request and not two', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
  const { http, proxy, server, url } = await world(t, (x) => {
    if (x.path === '/x') x.reply(200, 'y')
  })
  const at = (path: string): Wish => ({ url: new URL(path, url) })
  const long = whole(http, at('/long'))
  const early = await server.request(({ path }) => path === '/long')
  t.mock.timers.setTime(1_003_000)
  await whole(http, { url })
  t.mock.timers.setTime(1_003_200)
  early.reply(200, 'long')
  assert.equal(await long, 'long')
  assert.equal(proxy.connections, 2)
  // The one that was given back last is too old by now, and the other one is not.
  t.mock.timers.setTime(1_004_000)
  const held = whole(http, at('/held'))
  const late = await server.request(({ path }) => path === '/held')
  assert.equal(proxy.connections, 2)
  const meanwhile = whole(http, at('/meanwhile'))
  const between = await server.request(({ path }) => path === '/meanwhile')
  between.reply(200, 'z')
  assert.equal(await meanwhile, 'z')
  http.dropIdle()
  late.reply(200, 'held')
  assert.equal(await held, 'held')
})

test("a compressed answer that is given up when all of it has come closes nothing that is another one's by now", async (t) => {
  standStill(t)
  const packed = gzipSync('x'.repeat(2_000_000))
  const { http, proxy, server, flow, url } = await world(t, (x) => {
    if (x.path === '/x') x.reply(200, packed, { 'Content-Encoding': 'gzip' })
  })
  const response = await respond(http, { url }, (opened) =>
    opened.read({ data: () => flow.set(true), end: () => {}, fail: () => {} }),
  )
  assert.equal(await server.requests[0]?.over, 'answered')
  // While the end of it arrives.
  for (let n = 0; n < 5; n++) await fetch(`http://127.0.0.1:${server.port}/x`).then((r) => r.text())
  const other = whole(http, { url: new URL('/other', url) })
  const exchange = await server.request(({ path }) => path === '/other')
  assert.equal(proxy.connections, 1)
  response.abort()
  flow.set(false)
  exchange.reply(200, 'y')
  assert.equal(await other, 'y')
})
