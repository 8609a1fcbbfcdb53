// Names with several addresses: one that refuses does not keep the others from being tried, and --ipv4 and --ipv6 leave
// those of one family. protocol.md 0.6.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { BridgeError } from '../../src/errors.ts'
import type { NetworkOptions } from '../../src/options/network.ts'
import { createHttp } from '../../src/remote/http/choice.ts'
import { createStop } from '../../src/remote/stop.ts'

const flow = { isPaused: false, set: () => {}, onChange: () => () => {} }

async function served(t: TestContext): Promise<number> {
  const server = createServer((_, response) => response.end('hello'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** As a name server tells it. */
function named(...addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  return (_host, options, callback) => {
    if (options.all) callback(null, found)
    else callback(null, found[0]!.address, found[0]!.family)
  }
}

function get(
  t: TestContext,
  port: number,
  lookup: LookupFunction,
  network?: NetworkOptions,
  host = 'h.example',
) {
  const http = createHttp(network, { connectTimeoutMs: 30_000, flow, lookup })
  t.after(() => http.close())
  return new Promise<number>((resolve, reject) => {
    http.request({
      method: 'GET',
      url: new URL(`http://${host}:${port}/mcp`),
      headers: [],
      body: undefined,
      stop: createStop(),
      onWritten: undefined,
      onResponse(response) {
        response.discard()
        resolve(response.status)
      },
      onFailure: reject,
    })
  })
}

test('an address that refuses comes first: the next one is tried', async (t) => {
  const port = await served(t)
  assert.equal(await get(t, port, named('::1', '127.0.0.1')), 200)
})

test('--ipv4 and --ipv6 leave the addresses of one family, and try each of them', async (t) => {
  const port = await served(t)
  assert.equal(await get(t, port, named('2001:db8::1', '127.0.0.1'), { family: 4 }), 200)
  await assert.rejects(get(t, port, named('127.0.0.1'), { family: 6 }), (error: BridgeError) => {
    assert.equal(error.kind, 'dns')
    assert.match(error.message, /^h\.example has no IPv6 address, and --ipv6 allows no other; remove --ipv6$/)
    return true
  })
})

test('an address in the URL is held to it as well', async (t) => {
  const port = await served(t)
  assert.equal(await get(t, port, named(), { family: 4 }, '127.0.0.1'), 200)
  await assert.rejects(get(t, port, named(), { family: 6 }, '127.0.0.1'), /127\.0\.0\.1 has no IPv6 address/)
  await assert.rejects(get(t, port, named(), { family: 4 }, '[::1]'), /\[::1\] has no IPv4 address/)
})
