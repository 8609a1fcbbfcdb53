// Who does not want an answer any more is heard at once, also while all of it lies here and waits for a host that does not
// keep up. Straight to the remote and by a proxy. protocol.md 0.13.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { BridgeError } from '../../src/errors.ts'
import { createFlow } from '../../src/lane.ts'
import { createHttp } from '../../src/remote/http/choice.ts'
import type { Http, HttpRequest } from '../../src/remote/http/http.ts'
import { createStop, stopNow } from '../../src/remote/stop.ts'
import { httpProxy } from '../fixtures/servers/http-proxy.ts'
import { startTcpServer } from '../fixtures/servers/tcp-server.ts'

const REASON = new BridgeError('shutdown', 'not wanted any more')
const ZIPPED = gzipSync('{"all":"of it"}')
const PLAIN = Buffer.from('{"all":"of it"}')

function asked(http: Http, url: string, more: Pick<HttpRequest, 'stop' | 'onResponse'>): Promise<never> {
  return new Promise((_, reject) =>
    http.request({
      method: 'GET',
      url: new URL(url),
      headers: [],
      body: undefined,
      onWritten: undefined,
      onFailure: reject,
      ...more,
    }),
  )
}

for (const isProxied of [false, true])
  for (const [coding, body] of [
    ['identity', PLAIN],
    ['gzip', ZIPPED],
  ] as const)
    test(`a stop is heard while a whole answer lies unread (${coding}${isProxied ? ', by a proxy' : ''})`, async (t) => {
      const server = await startTcpServer(({ socket }) => {
        socket.write(
          `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`,
        )
        socket.end(body)
      })
      const proxy = isProxied ? await httpProxy() : undefined
      const flow = createFlow()
      const found = proxy && { url: new URL(proxy.url), from: 'HTTP_PROXY' }
      const network = found && { proxyFor: () => found }
      const http = createHttp(network, { flow, connectTimeoutMs: 30_000 })
      t.after(async () => {
        http.close()
        await proxy?.close()
        await server.close()
      })
      const url = isProxied ? `http://remote.test:${server.port}/` : server.origin
      const stop = createStop()
      const heard: unknown[] = []
      flow.set(true)
      await new Promise<void>((resolve, reject) =>
        asked(http, url, {
          stop,
          onResponse(response) {
            response.read({
              data: () => heard.push('data'),
              end: () => heard.push('end'),
              fail: (error) => heard.push(error),
            })
            resolve()
          },
        }).catch(reject),
      )
      const { socket } = server.requests[0]!
      if (!socket.closed) await once(socket, 'close')
      // By the time that another one has an answer, the end of this connection is known here, too.
      await new Promise<void>((resolve, reject) =>
        asked(http, url, { stop: createStop(), onResponse: () => resolve() }).catch(reject),
      )
      assert.deepEqual(heard, [])
      stopNow(stop, REASON)
      assert.deepEqual(heard, [REASON])
      flow.set(false)
      await new Promise(setImmediate)
      assert.deepEqual(heard, [REASON], 'and nothing of it is told afterwards')
    })
