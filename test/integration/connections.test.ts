// Bytes behind a complete answer belong to nobody: the connection that they came on serves no further request. Straight to the
// remote and by a proxy. protocol.md 0.6.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { BridgeError } from '../../src/errors.ts'
import { createFlow } from '../../src/lane.ts'
import type { NetworkOptions } from '../../src/options/network.ts'
import { createHttp } from '../../src/remote/http/choice.ts'
import type { Http } from '../../src/remote/http/http.ts'
import { createStop } from '../../src/remote/stop.ts'
import { httpProxy } from '../fixtures/servers/http-proxy.ts'
import { httpAnswer, startTcpServer, type TcpServer } from '../fixtures/servers/tcp-server.ts'

interface World {
  readonly http: Http
  readonly server: TcpServer
  /** The body that comes from this path. */
  get(path?: string): Promise<string>
}

/** What is answered: the path of the request. */
const told = (path: string): string => httpAnswer('200 OK', HINTS.get(path) ?? [], path)

/** How long a connection may stand idle: too short for another request. */
const HINTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['/one-hint', ['Keep-Alive: timeout=1']],
  ['/capitals', ['Keep-Alive: Timeout=1']],
  ['/shortest-first', ['Keep-Alive: timeout=1', 'Keep-Alive: timeout=60']],
  ['/shortest-last', ['Keep-Alive: timeout=60', 'keep-alive: max=9, timeout=1']],
  ['/shortest-in-a-list', ['Keep-Alive: timeout=60, timeout=1']],
])

async function world(t: TestContext, network?: NetworkOptions): Promise<World> {
  // However long a busy machine takes: no connection grows too old for another request.
  t.mock.timers.enable({ apis: ['Date'] })
  const server = await startTcpServer(({ path, socket }) =>
    socket.write(path === '/unreadable' ? 'garbage\r\n\r\n' : told(path)),
  )
  const http = createHttp(network, { flow: createFlow(), connectTimeoutMs: 30_000 })
  t.after(async () => {
    http.close()
    await server.close()
  })
  return { http, server, get: (path = '/') => get(http, `${server.origin}${path}`) }
}

function get(http: Http, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    http.request({
      method: 'GET',
      url: new URL(url),
      headers: [],
      body: undefined,
      stop: createStop(),
      onWritten: undefined,
      onResponse: (response) =>
        response.read({
          data: (chunk) => void chunks.push(chunk),
          end: () => resolve(Buffer.concat(chunks).toString()),
          fail: reject,
        }),
      onFailure: reject,
    })
  })
}

/** Writes, and returns when whoever is at the other end of it, in this process, has read: what came first is read first. */
async function writeThrough(socket: Socket, text: string): Promise<void> {
  await new Promise<void>((resolve) => socket.write(text, () => resolve()))
  const other = createServer((one) => one.end('x'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const reader = connect((other.address() as AddressInfo).port, '127.0.0.1').resume()
  await once(reader, 'end')
  other.close()
}

const BEHIND = ['garbage\r\n\r\n', 'x', told('/another'), 'HTTP/1.1 408 Request Timeout\r\n\r\n']

for (const text of BEHIND)
  test(`a connection is not used again on which ${JSON.stringify(text)} has come unasked`, async (t) => {
    const { server, get } = await world(t)
    await get()
    await get()
    assert.equal(server.connections, 1, 'it is used again where nothing has come')
    await writeThrough(server.requests[0]!.socket, text)
    assert.equal(await get('/next'), '/next')
    assert.equal(server.connections, 2)
  })

for (const path of HINTS.keys())
  test(`a connection is not used again that stands for the shortest time that is named only: ${path}`, async (t) => {
    const { server, get } = await world(t)
    await get(path)
    await get()
    assert.equal(server.connections, 2)
  })

test('nor one by a proxy', async (t) => {
  const proxy = await httpProxy()
  t.after(() => proxy.close())
  const found = { url: new URL(proxy.url), from: 'HTTP_PROXY' }
  const { http, server } = await world(t, { proxyFor: () => found })
  const url = `http://remote.test:${server.port}`
  for (const text of BEHIND) {
    const before = server.connections
    await get(http, `${url}/`)
    await writeThrough(server.requests.at(-1)!.socket, text)
    assert.equal(await get(http, `${url}/next`), '/next')
    assert.ok(server.connections > before, text)
  }
})

test('what cannot be read counts as the answer on a new connection alone', async (t) => {
  const { get } = await world(t)
  const kindOf = (): Promise<unknown> =>
    get('/unreadable').then(
      () => 'none',
      (error: BridgeError) => error.kind,
    )
  assert.equal(await kindOf(), 'protocol')
  await get()
  assert.equal(await kindOf(), 'stream-lost', 'it may have been left behind by what was answered before')
})
