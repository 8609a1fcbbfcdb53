// A proxy that refuses, hangs, hangs up or talks nonsense: one sentence that names it and who has set it, soon, and without asking
// again and again. protocol.md 0.5, 0.8.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { TestContext } from 'node:test'
import { BIN, type Host, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { copyPackage } from '../fixtures/programs/package-copy.ts'
import type { Asked, HttpProxy } from '../fixtures/servers/http-proxy.ts'
import { openSslMissing } from './certificate.ts'
import {
  bridge,
  call,
  freePort,
  ownError,
  request,
  resultOf,
  serve,
  serveTcp,
  test,
  UNHURRIED,
} from './harness.ts'
import { behind, identity, REMOTE, SECONDS_FOR_RETRIES, serveProxy } from './proxying.ts'

const URL_BEHIND = `https://${REMOTE}/mcp`
/** So many times is asked for what may come back: at once, and five times after a while; GET streams and the like aside. */
const FEW = 8

/** A bridge with nothing to reach but this proxy, asked for one thing. */
async function told(
  t: TestContext,
  proxy: string,
  args: readonly string[] = [],
): Promise<{
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
  readonly host: Host
}> {
  const host = bridge(t, { url: URL_BEHIND, args: [...UNHURRIED, ...args], env: { HTTPS_PROXY: proxy } })
  host.send(initializeLine('i'))
  host.endInput()
  const answer = await host.answer('i', SECONDS_FOR_RETRIES)
  const data = ownError(answer, 'proxy')
  await host.finish({ stderr: 'some' })
  const message = answer.value.error?.message ?? ''
  assert.doesNotMatch(message + host.stderr, /s3cret/)
  assert.equal(data.maybeDelivered, false)
  assert.equal(data.url, URL_BEHIND)
  return { message, data, host }
}

const named = ({ port }: { readonly port: number }) => `the proxy 127.0.0.1:${port} (HTTPS_PROXY)`

const refusals: readonly [what: string, how: (asked: Asked) => void, sentence: string, most: number][] = [
  [
    'hangs up',
    ({ socket }) => socket.destroy(),
    'closed the connection when it was asked for remote.test:443 (ECONNRESET); ',
    FEW,
  ],
  [
    'ends the connection',
    ({ socket }) => socket.end(),
    'closed the connection when it was asked for remote.test:443 (ECONNRESET); ',
    FEW,
  ],
  [
    'talks nonsense',
    ({ socket }) => socket.end('220 smtp ready\r\n'),
    'answers with something that is not HTTP (HPE_INVALID_CONSTANT); ',
    1,
  ],
  [
    'answers 403',
    (asked) => asked.refuse(403),
    'does not let you through to remote.test:443 (HTTP 403); ',
    1,
  ],
  [
    'answers 404',
    (asked) => asked.refuse(404),
    'answered HTTP 404 when it was asked for remote.test:443; ',
    1,
  ],
  [
    'answers 405',
    (asked) => asked.refuse(405),
    'answered HTTP 405 when it was asked for remote.test:443; ',
    1,
  ],
  [
    'answers 502',
    (asked) => asked.refuse(502),
    'cannot reach remote.test:443 (HTTP 502); is the server running?',
    FEW,
  ],
  [
    'answers 503',
    (asked) => asked.refuse(503),
    'cannot reach remote.test:443 (HTTP 503); is the server running?',
    FEW,
  ],
]

for (const [what, onConnect, sentence, most] of refusals)
  test(`a proxy that ${what}: one sentence, and few attempts`, async (t) => {
    const proxy = await serveProxy(t, { onConnect })
    const { message, data } = await told(t, proxy.url)
    assert.ok(message.startsWith(`mcp-ferry: ${named(proxy)} ${sentence}`), message)
    assert.ok(proxy.connects.length <= most, `CONNECTs: ${proxy.connects.length}`)
    assert.equal(data.retryable, most > 1)
  })

const challenges: readonly [what: string, user: string, lines: readonly string[], sentence: RegExp][] = [
  [
    'Basic',
    '',
    ['Proxy-Authenticate: Basic realm="corp, inc"'],
    /wants a user and a password \(HTTP 407\); write them into HTTPS_PROXY in front of its host: user:password@127/,
  ],
  ['nothing in particular', '', [], /wants a user and a password \(HTTP 407\); /],
  [
    'Basic, and refuses what is given',
    'al:s3cret-password@',
    ['Proxy-Authenticate: Negotiate', 'Proxy-Authenticate: Basic realm="x"'],
    /does not take the user and password that stand in its URL \(HTTP 407\); /,
  ],
  [
    'NTLM or Negotiate',
    'al:s3cret-password@',
    ['Proxy-Authenticate: Negotiate', 'Proxy-Authenticate: NTLM'],
    /wants NTLM or Negotiate \(HTTP 407\), and mcp-ferry can only say user and password \(Basic\); /,
  ],
]
for (const [what, user, lines, sentence] of challenges)
  test(`a proxy that answers 407 and wants ${what}`, async (t) => {
    const proxy = await serveProxy(t, { onConnect: (asked) => asked.refuse(407, ...lines) })
    const { message, data } = await told(t, proxy.url.replace('//', `//${user}`))
    assert.ok(message.startsWith(`mcp-ferry: ${named(proxy)} `), message)
    assert.match(message, sentence)
    assert.equal(data.httpStatus, 407)
    assert.equal(proxy.connects.length, 1)
  })

test('407 to a request by its whole URL is told the same way', async (t) => {
  const proxy = await serveProxy(t, {
    onRequest: (_incoming, response) => response.writeHead(407, { 'Proxy-Authenticate': 'Basic' }).end('no'),
  })
  const { host, server } = await behind(t, { env: { HTTP_PROXY: proxy.url }, args: UNHURRIED })
  host.send(initializeLine('i'))
  host.endInput()
  const answer = await host.answer('i', SECONDS_FOR_RETRIES)
  ownError(answer, 'proxy')
  assert.match(answer.value.error?.message ?? '', /\(HTTP_PROXY\) wants a user and a password \(HTTP 407\); /)
  assert.equal(server.requests.length, 0)
  assert.equal(proxy.requests.length, 1)
  await host.finish({ stderr: 'some' })
})

test('what squid itself says to a request by its whole URL is told of the proxy; what it hands on is told of the remote', async (t) => {
  let own: Readonly<Record<string, string>> = {}
  const proxy = await serveProxy(t, {
    onRequest: (_incoming, response) => response.writeHead(403, own).end('<html>forbidden</html>'),
  })
  const says = async (kind: string): Promise<string> => {
    const { host, server } = await behind(t, { env: { HTTP_PROXY: proxy.url }, args: UNHURRIED })
    host.send(initializeLine('i'))
    host.endInput()
    const answer = await host.answer('i', SECONDS_FOR_RETRIES)
    ownError(answer, kind)
    await host.finish({ stderr: 'some' })
    assert.equal(server.requests.length, 0)
    return answer.value.error?.message ?? ''
  }
  assert.match(await says('auth-failed'), /^mcp-ferry: HTTP 403 from http:\/\/remote\.test/)
  own = { 'X-Squid-Error': 'ERR_ACCESS_DENIED 0' }
  assert.match(
    await says('proxy'),
    /^mcp-ferry: the proxy 127\.0\.0\.1:\d+ \(HTTP_PROXY\) does not let you through to remote\.test:\d+ \(HTTP 403\); /,
  )
})

test('what speaks to proxies is gone, as it is while the program is updated: told as that', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-updated-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  copyPackage(folder)
  rmSync(join(folder, 'dist/proxied.cjs'))
  const host = bridge(t, {
    url: URL_BEHIND,
    command: [process.execPath, join(folder, 'bin', basename(BIN))],
    env: { HTTPS_PROXY: 'http://127.0.0.1:1' },
  })
  host.send(initializeLine('i'))
  const answer = await host.answer('i', SECONDS_FOR_RETRIES)
  ownError(answer, 'internal')
  assert.equal(
    answer.value.error?.message,
    'mcp-ferry: a file of mcp-ferry is gone, as it is while that is updated; start it anew',
  )
  await host.finish({ stderr: 'some' })
})

test('nobody listens where the proxy should be', async (t) => {
  const port = await freePort()
  const { message } = await told(t, `http://al:s3cret-password@127.0.0.1:${port}`)
  assert.ok(
    message.startsWith(`mcp-ferry: ${named({ port })} refused the connection (ECONNREFUSED); `),
    message,
  )
})

test('a proxy without an address of the only family that is allowed is not asked', async (t) => {
  const proxy = await serveProxy(t)
  const { message, data } = await told(t, proxy.url, ['--ipv6'])
  assert.ok(
    message.startsWith(
      `mcp-ferry: ${named(proxy)} cannot be used: 127.0.0.1 has no IPv6 address, and --ipv6 allows no other; remove --ipv6`,
    ),
    message,
  )
  assert.equal(data.retryable, false)
  assert.equal(proxy.connections, 0)
})

test('the name of the proxy does not exist', async (t) => {
  const { message } = await told(t, 'nope.invalid')
  assert.match(
    message,
    /the proxy nope\.invalid:80 \(HTTPS_PROXY\) has a name that cannot be resolved \(\w+\); /,
  )
})

test('a proxy that never answers the wish for a tunnel: told after --connect-timeout, and asked once', async (t) => {
  const proxy = await serveProxy(t, { onConnect: () => {} })
  const { message } = await told(t, proxy.url, ['--connect-timeout', '2s'])
  assert.ok(message.startsWith(`mcp-ferry: ${named(proxy)} does not answer when it is asked for`), message)
  assert.ok(proxy.connects.length <= FEW, `CONNECTs: ${proxy.connects.length}`)
})

test(
  'a proxy that never shakes hands, or shows a certificate that nobody vouches for',
  async (t) => {
    const silent = await serveTcp(t, () => {})
    const hangs = await told(t, `https://127.0.0.1:${silent.port}`, ['--connect-timeout', '2s'])
    assert.ok(hangs.message.startsWith(`mcp-ferry: ${named(silent)} does not answer; `), hangs.message)
    const proxy = await serveProxy(t, { tls: identity(t, 'IP:127.0.0.1') })
    const { message } = await told(t, proxy.url)
    assert.ok(message.startsWith(`mcp-ferry: ${named(proxy)} cannot be spoken to over TLS: `), message)
    assert.match(message, /certificate/i)
    assert.equal(proxy.connects.length, 0)
  },
  openSslMissing(),
)

test(
  'a tunnel that ends before TLS stands, and a remote behind it with another name, are told of the remote and name the proxy',
  async (t) => {
    const broken = await serveProxy(t, {
      onConnect: ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.once('data', () => socket.destroy())
      },
    })
    const host = bridge(t, { url: URL_BEHIND, args: UNHURRIED, env: { HTTPS_PROXY: broken.url } })
    host.send(initializeLine('i'))
    host.endInput()
    const answer = await host.answer('i', SECONDS_FOR_RETRIES)
    ownError(answer, 'refused')
    const { message = '' } = answer.value.error ?? {}
    assert.ok(
      message.startsWith(`mcp-ferry: through ${named(broken)}: the connection to remote.test failed`),
      message,
    )
    assert.ok(broken.connects.length <= FEW, `CONNECTs: ${broken.connects.length}`)
    await host.finish({ stderr: 'some' })
  },
  openSslMissing(),
)

test(
  'a proxy that hangs up for as long as it likes is not asked in a loop, also when the start does not wait for it',
  async (t) => {
    let isBad = true
    const proxy: HttpProxy = await serveProxy(t, {
      onConnect: (asked) => (isBad ? asked.socket.destroy() : asked.carry()),
    })
    const { host } = await behind(t, {
      isHttps: true,
      env: { HTTPS_PROXY: proxy.url },
      args: ['--start-budget', '2s'],
    })
    host.send(initializeLine('i'))
    const answer = await host.answer('i', SECONDS_FOR_RETRIES)
    const { instructions } = resultOf(answer)
    assert.match(String(instructions), /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) closed the connection/)
    assert.ok(proxy.connects.length <= FEW, `CONNECTs: ${proxy.connects.length}`)
    isBad = false
    host.send(request(1, 'tools/list'))
    resultOf(await host.answer(1, SECONDS_FOR_RETRIES))
    await host.finish({ stderr: 'any' })
  },
  openSslMissing(),
)

test(
  'a proxy that cuts everything while a call is running: it may have been done; what comes next goes on',
  async (t) => {
    const proxy = await serveProxy(t)
    const { host, server } = await behind(t, {
      isHttps: true,
      sessionId: null,
      env: { HTTPS_PROXY: proxy.url },
      on: {
        'tools/call': (x) => (x.message.params?.name === 'hang' ? x.hang() : x.result('{"content":[]}')),
      },
    })
    await host.initialize()
    host.send(call(1, {}, 'hang'))
    await server.request(({ message }) => message.method === 'tools/call')
    proxy.cut()
    const answer = await host.answer(1, SECONDS_FOR_RETRIES)
    assert.equal(ownError(answer, 'stream-lost').maybeDelivered, true)
    assert.match(
      answer.value.error?.message ?? '',
      /through the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\): the connection to remote\.test/,
    )
    host.send(call(2))
    resultOf(await host.answer(2, SECONDS_FOR_RETRIES))
    await host.finish({ stderr: 'some' })
  },
  openSslMissing(),
)

test('what cannot be used is said at once, with the exit code of usage; where it does not apply it does not matter', async (t) => {
  for (const [env, args, sentence] of [
    [
      { HTTPS_PROXY: 'socks5h://al:s3cret-password@127.0.0.1:1080' },
      [],
      /HTTPS_PROXY names a SOCKS proxy, which mcp-ferry cannot use; /,
    ],
    [{ MCP_FERRY_PROXY: 'http://al:s3cret-password@' }, [], /MCP_FERRY_PROXY is not the URL of a proxy; /],
    [{ MCP_FERRY_PROXY: 'p:1' }, ['--no-proxy'], /--no-proxy and MCP_FERRY_PROXY are both given; /],
  ] as const) {
    const host = bridge(t, { url: URL_BEHIND, args, env })
    host.send(initializeLine('i'))
    const answer = await host.answer('i', SECONDS_FOR_RETRIES)
    ownError(answer, 'usage')
    assert.match(answer.value.error?.message ?? '', sentence)
    assert.doesNotMatch(answer.raw + host.stderr, /s3cret/)
    await host.finish({ stderr: 'some', code: 2 })
  }
  const server = await serve(t)
  const host = bridge(t, { url: server.url, env: { http_proxy: 'socks5://127.0.0.1:1' } })
  await host.initialize()
  await host.finish()
})
