// A remote that cannot be reached: each request is answered with an error that names host and cause, the bridge
// stays, and goes on when the remote comes. protocol.md 0.5, 0.8, 0.10.
import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { mcpServer } from '../fixtures/servers/mcp-server.ts'
import { certificate, openSslMissing } from './certificate.ts'
import {
  bridge,
  call,
  connected,
  freePort,
  ownError,
  request,
  serve,
  serveTcp,
  test,
  UNHURRIED,
} from './harness.ts'

const SECONDS_FOR_RETRIES = 60_000

test('connection refused: every request gets an error that names host and cause, and none waits for long when no more can come', async (t) => {
  const port = await freePort()
  const host = bridge(t, { url: `http://127.0.0.1:${port}/mcp?key=s3cret-key`, args: UNHURRIED })
  host.send(initializeLine('i'))
  host.send(request(1, 'tools/list'))
  host.endInput()
  const answer = await host.answer('i', SECONDS_FOR_RETRIES)
  const data = ownError(answer, 'refused')
  assert.match(answer.value.error?.message ?? '', /127\.0\.0\.1/)
  assert.match(JSON.stringify(answer.value.error), /ECONNREFUSED|refused/)
  assert.equal(data.url, `http://127.0.0.1:${port}/mcp`)
  assert.notEqual(data.maybeDelivered, true)
  ownError(await host.answer(1, SECONDS_FOR_RETRIES), 'refused')
  await host.finish({ stderr: 'some' })
})

test('a remote that goes away and comes back: an error for the call in between, then answers again', async (t) => {
  const port = await freePort()
  const { host, server } = await connected(t, { port, sessionId: null })
  await server.close()
  host.send(call(1))
  ownError(await host.answer(1, SECONDS_FOR_RETRIES))
  const again = await mcpServer({ port, sessionId: null })
  t.after(() => again.close())
  host.send(call(2))
  assert.ok((await host.answer(2, SECONDS_FOR_RETRIES)).value.result)
  await host.finish({ stderr: 'some' })
})

test('a remote that hangs up at initialize: it is said once what was running', async (t) => {
  const { port } = await serveTcp(t, ({ socket }) => void socket.destroy())
  const host = bridge(t, { url: `http://127.0.0.1:${port}/mcp`, args: UNHURRIED })
  host.send(initializeLine('i'))
  host.endInput()
  const answer = await host.answer('i', SECONDS_FOR_RETRIES)
  ownError(answer, 'stream-lost')
  assert.match(
    answer.value.error?.message ?? '',
    /was lost \(ECONNRESET\) while initialize was running \(3 attempts\)$/,
  )
  await host.finish({ stderr: 'some' })
})

test('a name that does not exist is a dns error', async (t) => {
  const host = bridge(t, {
    url: 'http://nope.invalid/mcp',
    args: ['--allow-http', ...UNHURRIED],
  })
  host.send(initializeLine('i'))
  host.endInput()
  const answer = await host.answer('i', SECONDS_FOR_RETRIES)
  ownError(answer, 'dns')
  assert.match(answer.value.error?.message ?? '', /nope\.invalid/)
  await host.finish({ stderr: 'some' })
})

test('https to a port that speaks plain HTTP is a tls error', async (t) => {
  const server = await serve(t)
  const host = bridge(t, { url: `https://127.0.0.1:${server.port}/mcp` })
  host.send(initializeLine('i'))
  ownError(await host.answer('i', SECONDS_FOR_RETRIES), 'tls')
  assert.equal(server.requests.length, 0)
  await host.finish({ stderr: 'some' })
})

test(
  'plain HTTP to a port that speaks TLS is one error',
  async (t) => {
    const server = await serve(t, { tls: certificate(t) })
    const host = bridge(t, { url: `http://127.0.0.1:${server.port}/mcp`, args: UNHURRIED })
    host.send(initializeLine('i'))
    host.endInput()
    ownError(await host.answer('i', SECONDS_FOR_RETRIES))
    await host.finish({ stderr: 'some' })
  },
  openSslMissing(),
)

test(
  'a self-signed certificate is a tls error that says so; nothing is sent',
  async (t) => {
    const server = await serve(t, { tls: certificate(t) })
    const host = bridge(t, { url: server.url })
    host.send(initializeLine('i'))
    const answer = await host.answer('i', SECONDS_FOR_RETRIES)
    ownError(answer, 'tls')
    assert.match(answer.value.error?.message ?? '', /certificate|self-signed/i)
    assert.equal(server.requests.length, 0)
    await host.finish({ stderr: 'some' })
  },
  openSslMissing(),
)

test(
  'a certificate named by NODE_EXTRA_CA_CERTS is trusted',
  async (t) => {
    const tls = certificate(t)
    const server = await serve(t, { tls })
    const host = bridge(t, { url: server.url, env: { NODE_EXTRA_CA_CERTS: tls.certFile } })
    await host.initialize()
    host.send(request(1, 'tools/list'))
    assert.ok((await host.answer(1)).value.result)
    await host.finish()
  },
  openSslMissing(),
)

test('a remote that accepts and never shakes hands is a timeout after --connect-timeout', async (t) => {
  const server = await serveTcp(t, () => {})
  const host = bridge(t, {
    url: `https://127.0.0.1:${server.port}/mcp`,
    args: ['--connect-timeout', '500ms', ...UNHURRIED],
  })
  host.send(initializeLine('i'))
  host.endInput()
  ownError(await host.answer('i', SECONDS_FOR_RETRIES), 'timeout')
  await host.finish({ stderr: 'some' })
})

test('a remote that hangs up in the handshake is tried again: it has seen nothing yet', async (t) => {
  const server = await serveTcp(t, () => {}, {
    onConnection: (socket) => socket.once('data', () => socket.end()),
  })
  const host = bridge(t, {
    url: `https://127.0.0.1:${server.port}/mcp`,
    args: ['--log-level', 'debug', ...UNHURRIED],
  })
  host.send(initializeLine('i'))
  host.endInput()
  const data = ownError(await host.answer('i', SECONDS_FOR_RETRIES), 'refused')
  assert.equal(data.maybeDelivered, false)
  await host.finish({ stderr: 'some' })
  assert.equal(host.stderr.match(/initialize is tried again/g)?.length, 2)
})

for (const [name, host] of [
  ['localhost', 'localhost'],
  ['[::1]', '::1'],
] as const)
  test(
    `plain HTTP to ${name} needs no permission: it stays on this machine`,
    async (t) => {
      const server = await serve(t, { host })
      const it = bridge(t, { url: `http://${name}:${server.port}/mcp` })
      await it.initialize()
      await it.finish()
    },
    host === '::1' && !hasIpv6() && 'no IPv6 here',
  )

test('a slow answer is no connect timeout: there is no limit on how long a request may run', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => x.hang() } }, [
    '--connect-timeout',
    '1s',
  ])
  host.send(call(1))
  const x = await server.request(({ message }) => message.method === 'tools/call')
  const quiet = new Promise((resolve) => setTimeout(resolve, 2500))
  await quiet
  assert.ok(!host.lines.some(({ value }) => value.id === 1))
  x.result('{"content":[]}')
  assert.ok((await host.answer(1)).value.result)
  await host.finish()
})

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  )
}
