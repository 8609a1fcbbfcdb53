// What the system trusts, without a flag: a server whose certificate Node refuses is asked once more with it, and it is
// remembered; where the system does not know the signer either, it is told who that is. By files of the test in the place of
// those that the system has. protocol.md 0.6.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { BridgeError } from '../../src/errors.ts'
import { createHttp } from '../../src/remote/http/choice.ts'
import type { Http } from '../../src/remote/http/http.ts'
import { trustMore } from '../../src/remote/http/trust.ts'
import { createStop } from '../../src/remote/stop.ts'
import { openSslMissing } from '../e2e/certificate.ts'
import { privateCa } from '../e2e/private-ca.ts'

const skip = openSslMissing()
const flow = { isPaused: false, set: () => {}, onChange: () => () => {} }

interface Served {
  readonly url: URL
  requests: number
  /** TLS handshakes that came about. */
  handshakes: number
  failures: number
}

async function served(t: TestContext, tls: { readonly cert: Buffer; readonly key: Buffer }): Promise<Served> {
  const server = createServer(tls, (_, response) => {
    seen.requests++
    response.end('hello')
  })
  server.on('secureConnection', () => seen.handshakes++)
  server.on('tlsClientError', () => seen.failures++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const seen: Served = {
    url: new URL(`https://127.0.0.1:${port}/mcp`),
    requests: 0,
    handshakes: 0,
    failures: 0,
  }
  return seen
}

/** Resolves to the status, or rejects with the failure. */
function get(http: Http, url: URL): Promise<number> {
  return new Promise((resolve, reject) => {
    http.request({
      method: 'POST',
      url,
      headers: [],
      body: Buffer.from('{}'),
      stop: createStop(),
      onWritten: undefined,
      onResponse(response) {
        response.read({ data: () => {}, end: () => resolve(response.status), fail: reject })
      },
      onFailure: reject,
    })
  })
}

function client(t: TestContext, systemFiles: readonly string[]): Http {
  const http = createHttp(undefined, { connectTimeoutMs: 30_000, flow, systemFiles })
  t.after(() => http.close())
  return http
}

test('a signer that the system knows is trusted, at the second handshake, and then at once', {
  skip,
}, async (t) => {
  const ca = privateCa(t)
  const server = await served(t, ca.issue('server'))
  const http = client(t, ['/nowhere/at/all.pem', ca.file])
  assert.equal(await get(http, server.url), 200)
  assert.deepEqual([server.requests, server.handshakes], [1, 1])
  const failures = server.failures
  http.dropIdle()
  assert.equal(await get(http, server.url), 200)
  assert.deepEqual([server.requests, server.failures], [2, failures])
})

test('several requests that fail at once are all sent again', { skip }, async (t) => {
  const ca = privateCa(t)
  const server = await served(t, ca.issue('server'))
  const http = client(t, [ca.file])
  const all = await Promise.all([1, 2, 3, 4].map(() => get(http, server.url)))
  assert.deepEqual(all, [200, 200, 200, 200])
  assert.equal(server.requests, 4)
})

test('it is added to the certificate authorities of --ca', { skip }, async (t) => {
  const [corp, system] = [privateCa(t), privateCa(t, 'System CA')]
  const [a, b] = [await served(t, corp.issue('a')), await served(t, system.issue('b'))]
  const network = { tls: { ca: [readFileSync(corp.file, 'utf8')] } }
  const http = createHttp(network, { connectTimeoutMs: 30_000, flow, systemFiles: [system.file] })
  t.after(() => http.close())
  assert.equal(await get(http, a.url), 200)
  assert.equal(await get(http, b.url), 200)
})

test('a signer whom nobody knows is named, and nothing was sent', { skip }, async (t) => {
  const server = await served(t, privateCa(t).issue('server'))
  const says = (pattern: RegExp) => (error: BridgeError) => {
    assert.equal(error.kind, 'tls')
    assert.equal(error.facts.maybeDelivered, false)
    assert.match(error.message, pattern)
    return true
  }
  const other = privateCa(t, 'Another')
  await assert.rejects(
    get(client(t, [other.file]), server.url),
    says(/issued by "Corp Root CA", which neither Node nor this system knows/),
  )
  await assert.rejects(
    get(client(t, []), server.url),
    says(/issued by "Corp Root CA", which Node does not know, and this Node cannot read .*22\.15/),
  )
  assert.equal(server.requests, 0)
})

test('what is no matter of trust is not tried again', () => {
  const ended = Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' })
  assert.equal(trustMore(ended, undefined), undefined)
})
