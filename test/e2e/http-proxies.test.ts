// A proxy between the bridge and the remote: named by a variable or a flag, for https by a tunnel and for http by the whole URL;
// what holds of direct connections holds through it. protocol.md 0.5, 0.6, 0.13.
import assert from 'node:assert/strict'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { TOOLS } from '../fixtures/servers/mcp-server.ts'
import { openSslMissing } from './certificate.ts'
import {
  bridge,
  call,
  modern,
  notify,
  ownError,
  request,
  resultOf,
  serve,
  serveModern,
  test,
  UNHURRIED,
} from './harness.ts'
import { behind, identity, REMOTE, SECONDS_FOR_RETRIES, serveProxy } from './proxying.ts'

const noOpenSsl = openSslMissing()

test('http: the proxy is asked by the whole URL, and gets its credential, the remote does not', async (t) => {
  const proxy = await serveProxy(t)
  const { host, server, url } = await behind(t, {
    env: { HTTP_PROXY: proxy.url.replace('//', '//al:s3cret%21pw@') },
    args: ['--header', 'X-Own-Case: yes'],
  })
  await host.initialize()
  host.send(call(1, { text: 'through' }))
  assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { text: 'through' })
  assert.equal(proxy.connects.length, 0)
  assert.equal(proxy.requests[0]?.url, url)
  assert.equal(proxy.requests[0]?.headers['proxy-authorization'], `Basic ${btoa('al:s3cret!pw')}`)
  const seen = server.sent('tools/call')[0]!
  assert.equal(seen.header('host'), `${REMOTE}:${server.port}`)
  assert.equal(seen.header('proxy-authorization'), undefined)
  assert.ok(seen.rawHeaders.includes('X-Own-Case'), `as it is written: ${seen.rawHeaders.join(' ')}`)
  assert.equal(seen.header('content-length'), String(seen.body.length))
  await host.finish()
})

test(
  'https: a tunnel is asked for, and only that sees the credential; connections are used again',
  async (t) => {
    const proxy = await serveProxy(t)
    const { host, server } = await behind(t, {
      isHttps: true,
      env: { https_proxy: proxy.url.replace('//', '//al:s3cret%21pw@'), HTTPS_PROXY: 'http://127.0.0.1:9' },
    })
    await host.initialize()
    for (let id = 1; id <= 5; id++) {
      host.send(call(id))
      resultOf(await host.answer(id))
    }
    const { target, message } = proxy.connects[0]!
    assert.equal(target, `${REMOTE}:${server.port}`)
    assert.equal(message.headers['proxy-authorization'], `Basic ${btoa('al:s3cret!pw')}`)
    assert.match(message.headers['user-agent'] ?? '', /^mcp-ferry\//)
    assert.ok(proxy.connects.length <= 3, `tunnels: ${proxy.connects.length}`)
    assert.equal(server.sent('tools/call')[0]?.header('proxy-authorization'), undefined)
    await host.finish()
  },
  noOpenSsl,
)

for (const [what, how] of [
  ['ALL_PROXY', (url: string) => ({ env: { ALL_PROXY: url } })],
  ['MCP_FERRY_PROXY', (url: string) => ({ env: { MCP_FERRY_PROXY: url, NO_PROXY: '*' } })],
  ['--proxy', (url: string) => ({ env: { NO_PROXY: '*' }, args: ['--proxy', url] })],
  ['mcp-remote’s --enable-proxy', (url: string) => ({ env: { http_proxy: url }, args: ['--enable-proxy'] })],
  ['a proxy without a scheme', (url: string) => ({ env: { http_proxy: url.slice('http://'.length) } })],
] as const)
  test(`${what} leads through the proxy`, async (t) => {
    const proxy = await serveProxy(t)
    const { host } = await behind(t, how(proxy.url))
    await host.initialize()
    assert.ok(proxy.requests.length > 0, 'nothing came by the proxy')
    await host.finish()
  })

test('this machine, what NO_PROXY names, and everything with --no-proxy is reached directly', async (t) => {
  const proxy = await serveProxy(t)
  const server = await serve(t)
  const env = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, ALL_PROXY: proxy.url }
  for (const args of [[], ['--proxy', proxy.url]]) {
    const host = bridge(t, { url: server.url, args, env })
    await host.initialize()
    await host.finish()
  }
  for (const [more, args] of [
    [{ NO_PROXY: 'other.test, .test' }, []],
    [{}, ['--no-proxy']],
    [{ MCP_FERRY_NO_PROXY: '1' }, []],
  ] as const) {
    const host = bridge(t, {
      url: `http://${REMOTE}:${server.port}/mcp`,
      args: ['--allow-http', ...UNHURRIED, ...args],
      env: { ...env, ...more },
    })
    host.send(initializeLine('i'))
    host.endInput()
    ownError(await host.answer('i', SECONDS_FOR_RETRIES), 'dns')
    await host.finish({ stderr: 'any' })
  }
  assert.equal(proxy.connections, 0)
})

test(
  'a proxy is spoken to over TLS where its URL says https',
  async (t) => {
    const own = identity(t, 'IP:127.0.0.1')
    const proxy = await serveProxy(t, { tls: own })
    const server = await serve(t, { tls: own })
    const plain = await serve(t)
    const env = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: own.caFile }
    const open = bridge(t, { url: `http://${REMOTE}:${plain.port}/mcp`, args: ['--allow-http'], env })
    await open.initialize()
    await open.finish()
    // Both have the same certificate, which is not for the name of the remote.
    const host = bridge(t, { url: `https://${REMOTE}:${server.port}/mcp`, env })
    host.send(initializeLine('i'))
    const answer = await host.answer('i', SECONDS_FOR_RETRIES)
    ownError(answer, 'tls')
    const message = answer.value.error?.message ?? ''
    assert.match(
      message,
      /through the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\): the certificate of remote\.test:\d+ is for 127\.0\.0\.1, /,
    )
    assert.ok(proxy.connects.length > 0, 'no tunnel was asked for')
    await host.finish({ stderr: 'some' })
  },
  noOpenSsl,
)

test(
  '--ca holds for the remote behind a proxy, and for a proxy that is spoken to over TLS',
  async (t) => {
    const own = identity(t, `IP:127.0.0.1,DNS:${REMOTE}`)
    const proxy = await serveProxy(t, { tls: own })
    const server = await serve(t, { tls: own })
    const url = `https://${REMOTE}:${server.port}/mcp`
    const host = bridge(t, { url, args: ['--ca', own.caFile, '--proxy', proxy.url] })
    await host.initialize()
    assert.ok(proxy.connects.length > 0, 'no tunnel was asked for')
    await host.finish()
    const insecure = bridge(t, { url, args: ['--insecure', '--proxy', proxy.url] })
    insecure.send(initializeLine('i'))
    const answer = await insecure.answer('i', SECONDS_FOR_RETRIES)
    ownError(answer, 'proxy')
    assert.match(
      answer.value.error?.message ?? '',
      /cannot be spoken to over TLS: the certificate of .* is issued by "Test Root CA"/,
    )
    await insecure.finish({ stderr: 'some' })
  },
  noOpenSsl,
)

for (const isHttps of [true, false]) {
  const skip = isHttps ? noOpenSsl : false
  const scheme = isHttps ? 'https' : 'http'
  const variable = isHttps ? 'HTTPS_PROXY' : 'HTTP_PROXY'

  test(
    `${scheme}: an event stream comes as it is written, messages of the remote too`,
    async (t) => {
      const proxy = await serveProxy(t)
      const { host, server } = await behind(t, {
        isHttps,
        getStream: true,
        env: { [variable]: proxy.url },
        on: {
          'tools/call': async (x) => {
            const stream = x.sse()
            stream.message(notify('notifications/message', { level: 'info', data: 'first' }))
            await server.request(({ message }) => message.method === 'logging/setLevel')
            stream.result({ content: [] })
            stream.end()
          },
        },
      })
      await host.initialize()
      await server.request(({ method }) => method === 'GET')
      server.push(notify('notifications/message', { level: 'info', data: 'pushed' }))
      await host.notification('notifications/message')
      host.send(call(1))
      await host.notification('notifications/message')
      host.send(request(2, 'logging/setLevel', { level: 'info' }))
      resultOf(await host.answer(2))
      resultOf(await host.answer(1))
      await host.finish()
    },
    skip,
  )

  test(
    `${scheme}: 20 MB in both directions, a host that does not read, and compressed bodies`,
    async (t) => {
      const proxy = await serveProxy(t)
      const { host } = await behind(t, {
        isHttps,
        env: { [variable]: proxy.url },
        on: {
          'tools/list': (x) => {
            const body = `{"jsonrpc":"2.0","id":${x.rawId},"result":${TOOLS}}`
            const isGzip = x.rawId === '1'
            x.reply(200, isGzip ? gzipSync(body) : brotliCompressSync(body), {
              'Content-Type': 'application/json',
              'Content-Encoding': isGzip ? 'gzip' : 'br',
            })
          },
        },
      })
      await host.initialize()
      for (const id of [1, 2]) {
        host.send(request(id, 'tools/list'))
        assert.deepEqual(resultOf(await host.answer(id)), JSON.parse(TOOLS))
      }
      const text = 'x'.repeat(20_000_000)
      host.pauseOutput()
      for (const id of [3, 4]) host.send(call(id, { text }))
      host.resumeOutput()
      for (const id of [3, 4]) {
        const { structuredContent } = resultOf(await host.answer(id, 150_000))
        assert.equal((structuredContent as { text: string }).text.length, text.length)
      }
      await host.finish()
    },
    skip,
  )

  test(
    `${scheme}: a call that is cancelled lets go of its connection; a remote that hangs up is told as maybe done`,
    async (t) => {
      const proxy = await serveProxy(t)
      const { host, server } = await behind(t, {
        isHttps,
        env: { [variable]: proxy.url },
        on: { 'tools/call': (x) => (x.message.params?.name === 'cut' ? x.cut() : x.hang()) },
      })
      await host.initialize()
      host.send(call(1, {}, 'cut'))
      const data = ownError(await host.answer(1, SECONDS_FOR_RETRIES), 'stream-lost')
      assert.equal(data.maybeDelivered, true)
      assert.equal(server.sent('tools/call').length, 1)
      host.send(call(2, {}, 'hang'))
      const hanging = await server.request(({ message }) => message.params?.name === 'hang')
      host.endInput()
      await host.finish({ stderr: 'some', unanswered: 'any' })
      assert.equal(await hanging.over, 'aborted')
    },
    skip,
  )
}

test('a remote of the modern era is found by a proxy as well', async (t) => {
  const proxy = await serveProxy(t)
  const server = await serveModern(t)
  const host = bridge(t, {
    url: `http://${REMOTE}:${server.port}/mcp`,
    args: ['--allow-http'],
    env: { http_proxy: proxy.url },
  })
  host.send(modern('d', 'server/discover'))
  resultOf(await host.answer('d'))
  host.send(modern('l', 'tools/list'))
  resultOf(await host.answer('l'))
  assert.ok(proxy.requests.length >= 2, 'it went by the proxy')
  await host.finish()
})

test('a session that is lost is opened again through the proxy', async (t) => {
  const proxy = await serveProxy(t)
  let isLost = false
  const { host, server } = await behind(t, {
    env: { http_proxy: proxy.url },
    on: {
      'tools/list': (x) => {
        if (isLost) return x.result(TOOLS)
        isLost = true
        x.reply(404, { jsonrpc: '2.0', error: { code: -32001, message: 'Session not found' } })
      },
    },
  })
  await host.initialize()
  host.send(request(1, 'tools/list'))
  resultOf(await host.answer(1, SECONDS_FOR_RETRIES))
  assert.equal(server.sent('initialize').length, 2)
  await host.finish({ stderr: 'any' })
})
