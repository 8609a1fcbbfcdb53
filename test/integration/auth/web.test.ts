// The HTTP of signing in against servers that mean no good: redirects to where we must not go, answers without an end,
// names that lead into private networks, and names that lead elsewhere the second time.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import * as oauth from 'oauth4webapi'
import { createWeb, type Web, type WebSettings } from '../../../src/auth/web.ts'
import { BridgeError } from '../../../src/errors.ts'
import { createLog } from '../../../src/log.ts'
import { createStop, stopNow } from '../../../src/remote/stop.ts'
import { type Handler, startRawServer } from '../../fixtures/servers/raw-server.ts'

const WHAT = 'the metadata of h'

async function started(t: TestContext, handler: Handler) {
  const server = await startRawServer(handler)
  t.after(() => server.close())
  return server
}

function webFor(t: TestContext, server: string, settings: Partial<WebSettings> = {}): Web {
  const web = createWeb({
    server: new URL(server),
    allowsPrivate: false,
    userAgent: 'mcp-ferry/0',
    log: createLog({ level: 'silent', json: false, secrets: [], write: () => {} }),
    stop: createStop(),
    ...settings,
  })
  t.after(() => web.close())
  return web
}

async function failure(promise: Promise<unknown>): Promise<BridgeError> {
  const error = await promise.then(
    () => assert.fail('it has not failed'),
    (thrown: unknown) => thrown as BridgeError,
  )
  assert.equal(error.name, 'BridgeError', String(error))
  return error
}

test('a document is asked for with our headers, and comes whole', async (t) => {
  const server = await started(t, ({ reply }) => reply(200, { issuer: 'x' }))
  const web = webFor(t, `${server.origin}/mcp`)
  const answer = await web.get(`${server.origin}/doc?a=1`, WHAT)
  assert.equal(answer.status, 200)
  assert.deepEqual(answer.headers('content-type'), ['application/json'])
  assert.equal(Buffer.from(answer.body).toString(), '{"issuer":"x"}')
  const [asked] = server.requests
  assert.equal(asked!.url, '/doc?a=1')
  assert.deepEqual(
    ['accept', 'mcp-protocol-version', 'user-agent', 'accept-encoding', 'origin', 'authorization'].map(
      asked!.header,
    ),
    ['application/json', '2025-11-25', 'mcp-ferry/0', 'identity', undefined, undefined],
  )
})

test('redirects are followed three times, each looked at anew', async (t) => {
  const server = await started(t, ({ path, reply }) => {
    const hops = Number(path.slice(1))
    if (hops === 0) return reply(200, 'there')
    reply(302, 'elsewhere', { Location: `/${hops - 1}` })
  })
  const web = webFor(t, server.origin)
  assert.equal((await web.get(`${server.origin}/3`, WHAT)).status, 200)
  assert.match((await failure(web.get(`${server.origin}/4`, WHAT))).message, /redirects more than 3 times/)
})

test('no redirect leads where the first URL might not', async (t) => {
  const targets = [
    'http://169.254.169.254/latest',
    'file:///etc/passwd',
    'http://a.example/',
    'https://u:p@h.example/',
  ]
  const server = await started(t, ({ path, reply }) =>
    reply(302, '', path === '/none' ? {} : { Location: targets[Number(path.slice(1))]! }),
  )
  const web = webFor(t, server.origin)
  for (const [index, why] of [
    /169\.254\.169\.254 is not encrypted/,
    /file:/,
    /not encrypted/,
    /user name/,
  ].entries()) {
    const error = await failure(web.get(`${server.origin}/${index}`, WHAT))
    assert.equal(error.kind, 'auth-failed')
    assert.match(
      error.message,
      /^the redirect that 127\.0\.0\.1:\d+ gave for the metadata of h cannot be used: /,
    )
    assert.match(error.message, why)
  }
  assert.match((await failure(web.get(`${server.origin}/none`, WHAT))).message, /not a URL/)
})

test('an answer may have a mebibyte, packed or not; after that it is cut off', async (t) => {
  const mebibyte = Buffer.alloc(1024 * 1024)
  const server = await started(t, ({ path, reply, response }) => {
    if (path === '/fits') return reply(200, mebibyte)
    const isPacked = path === '/packed'
    response.writeHead(200, isPacked ? { 'Content-Encoding': 'gzip' } : {})
    const more = Buffer.concat([mebibyte, Buffer.from('x')])
    response.write(isPacked ? gzipSync(more) : more)
  })
  const web = webFor(t, server.origin)
  assert.equal((await web.get(`${server.origin}/fits`, WHAT)).body.length, mebibyte.length)
  for (const path of ['/over', '/packed']) {
    const error = await failure(web.get(server.origin + path, WHAT))
    assert.equal(error.kind, 'auth-failed')
    assert.match(error.message, /the metadata of h is refused: more than 1048576 bytes came/)
    assert.equal(await server.requests.at(-1)!.over, 'aborted')
  }
})

test('an answer that never ends is given up, whether or not it has begun', async (t) => {
  const server = await started(t, ({ path, response }) => {
    if (path === '/begun') response.writeHead(200).write('{')
  })
  const web = webFor(t, server.origin, { timeoutMs: 100 })
  for (const path of ['/begun', '/silent']) {
    const error = await failure(web.get(`${server.origin}${path}`, WHAT))
    assert.equal(error.kind, 'auth-failed')
    assert.equal(error.facts.retryable, true)
    assert.match(error.message, /the metadata of h has not come within 0\.1 s/)
  }
  await server.unconnected()
})

test('what ends the sign-in ends what is asked, with its reason', async (t) => {
  const server = await started(t, () => {})
  const stop = createStop()
  const web = webFor(t, server.origin, { stop })
  const failed = failure(web.get(server.origin, WHAT))
  await server.request(() => true)
  const reason = new BridgeError('shutdown', 'the bridge ends')
  stopNow(stop, reason)
  assert.equal(await failed, reason)
  assert.equal(await failure(web.get(server.origin, WHAT)), reason)
  await server.unconnected()
  assert.equal(server.requests.length, 1)
})

test('a server that is not there is a failure that says which one', async (t) => {
  const server = await startRawServer(() => {})
  await server.close()
  const web = webFor(t, server.origin)
  const error = await failure(web.get(server.origin, WHAT))
  assert.equal(error.kind, 'auth-failed')
  assert.match(error.message, /^the metadata of h cannot be had: 127\.0\.0\.1:\d+ refused the connection/)
})

test('a name that leads into a private network is refused for a public server', async (t) => {
  const server = await started(t, ({ reply }) => reply(200, {}))
  const asked: string[] = []
  const lookup: WebSettings['lookup'] = async (host) => {
    asked.push(host)
    return [{ address: host === 'mcp.example' ? '8.8.8.8' : '127.0.0.1', family: 4 }]
  }
  const web = webFor(t, 'https://mcp.example/mcp', { lookup })
  const error = await failure(web.get(`https://auth.example:${server.port}/`, WHAT))
  assert.equal(error.kind, 'auth-failed')
  assert.match(
    error.message,
    /^the metadata of h cannot be had: auth\.example is in a private network .*--allow-private/,
  )
  assert.deepEqual(asked.sort(), ['auth.example', 'mcp.example'])
  for (const url of ['https://127.0.0.1/', 'https://[::ffff:a9fe:a9fe]/', 'https://localhost/'])
    assert.match((await failure(web.get(url, WHAT))).message, /private network/)
  assert.equal(server.connections, 0)
})

test('a name that was public when it was checked and is private afterwards is not connected to', async (t) => {
  const server = await started(t, ({ reply }) => reply(200, {}))
  const answers = ['8.8.8.8', '127.0.0.1']
  const lookup: WebSettings['lookup'] = async () => [{ address: answers.shift()!, family: 4 }]
  const url = `http://mcp.example:${server.port}/`
  const web = webFor(t, url, { lookup })
  assert.equal((await web.rules()).allowsPrivate, false)
  assert.match((await failure(web.get(url, WHAT))).message, /mcp\.example is in a private network/)
  assert.deepEqual(answers, [])
  assert.equal(server.connections, 0)
})

test('a server with one private address among public ones is not private', async (t) => {
  const lookup: WebSettings['lookup'] = async () =>
    ['8.8.8.8', '10.0.0.1'].map((address) => ({ address, family: 4 }))
  const web = webFor(t, 'https://mcp.example/mcp', { lookup })
  assert.equal((await web.rules()).allowsPrivate, false)
})

test('a private server may have what signs in to it in its network, and the address is looked up once', async (t) => {
  const server = await started(t, ({ reply }) => reply(200, { first: true }))
  const answers = ['192.168.7.7', '127.0.0.1', '127.0.0.99']
  const lookup: WebSettings['lookup'] = async () => [{ address: answers.shift()!, family: 4 }]
  const url = `http://mcp.example:${server.port}/`
  const web = webFor(t, url, { lookup })
  assert.equal((await web.get(url, WHAT)).status, 200)
  assert.deepEqual(answers, ['127.0.0.99'])
  assert.equal(server.requests[0]!.header('host'), `mcp.example:${server.port}`)
})

test('--allow-private needs no look at where the server is', async (t) => {
  const server = await started(t, ({ reply }) => reply(200, {}))
  const lookup: WebSettings['lookup'] = async () => [{ address: '127.0.0.1', family: 4 }]
  const url = `http://mcp.example:${server.port}/`
  assert.equal((await webFor(t, url, { lookup, allowsPrivate: true }).get(url, WHAT)).status, 200)
})

test('a form is posted as fetch would, with our name, and its answer can be read as one of fetch', async (t) => {
  const server = await started(t, ({ reply }) =>
    reply(400, { error: 'invalid_grant' }, { 'DPoP-Nonce': 'n1' }),
  )
  const ask = webFor(t, server.origin).fetchFor('the token endpoint of h')
  const response = await ask(`${server.origin}/token`, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'user-agent': 'a library',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ a: 'b c' }),
  })
  assert.equal(response.status, 400)
  assert.equal(response.headers.get('dpop-nonce'), 'n1')
  assert.deepEqual(await response.json(), { error: 'invalid_grant' })
  const [asked] = server.requests
  assert.equal(asked!.text, 'a=b+c')
  assert.equal(asked!.header('user-agent'), 'mcp-ferry/0')
  assert.equal(asked!.header('content-length'), '5')
  assert.equal(asked!.header('mcp-protocol-version'), undefined)
})

test('an answer without a body is one of fetch too', async (t) => {
  const server = await started(t, ({ reply }) => reply(204))
  const ask = webFor(t, server.origin).fetchFor('the revocation endpoint of h')
  assert.equal((await ask(server.origin, { method: 'POST', headers: {} })).status, 204)
  assert.equal(server.requests[0]!.header('content-length'), '0')
})

test('a post is never redirected, and its URL is looked at like any other', async (t) => {
  const server = await started(t, ({ reply }) => reply(307, '', { Location: '/elsewhere?code=s3cret' }))
  const ask = webFor(t, server.origin).fetchFor('the token endpoint of h')
  const request = { method: 'POST', headers: {}, body: 'x' }
  const error = await failure(ask(`${server.origin}/token`, request))
  assert.match(error.message, /^the token endpoint of h redirects to 127\.0\.0\.1:\d+, which is not followed/)
  assert.doesNotMatch(error.message, /s3cret/)
  assert.equal(server.requests.length, 1)
  assert.match((await failure(ask('http://auth.example/token', request))).message, /not encrypted/)
})

test('whoever asks may stop', async (t) => {
  const server = await started(t, () => {})
  const controller = new AbortController()
  const ask = webFor(t, server.origin).fetchFor('the token endpoint of h')
  const failed = failure(
    ask(server.origin, { method: 'POST', headers: {}, body: 'x', signal: controller.signal }),
  )
  await server.request(() => true)
  controller.abort()
  assert.match((await failed).message, /the token endpoint of h is not waited for any more/)
  await server.unconnected()
})

test('oauth4webapi can ask by it', async (t) => {
  const server = await started(t, ({ path, reply }) =>
    path === '/token'
      ? reply(200, { access_token: 'a', token_type: 'Bearer', expires_in: 60 })
      : reply(201, { client_id: 'c', client_secret: 's', client_secret_expires_at: 0 }),
  )
  const web = webFor(t, server.origin)
  const as: oauth.AuthorizationServer = {
    issuer: server.origin,
    token_endpoint: `${server.origin}/token`,
    registration_endpoint: `${server.origin}/register`,
  }
  const options = { [oauth.customFetch]: web.fetchFor('the server'), [oauth.allowInsecureRequests]: true }
  const registered = await oauth.dynamicClientRegistrationRequest(as, { client_name: 'é' }, options)
  const client = await oauth.processDynamicClientRegistrationResponse(registered)
  assert.equal(server.requests[0]!.text, '{"client_name":"é"}')
  const auth = oauth.ClientSecretPost('s')
  const parameters = new URLSearchParams({ scope: 'x' })
  const granted = await oauth.clientCredentialsGrantRequest(as, client, auth, parameters, options)
  const tokens = await oauth.processClientCredentialsResponse(as, client, granted)
  assert.equal(tokens.access_token, 'a')
  assert.match(server.requests[1]!.text, /scope=x.*client_id=c&client_secret=s/)
})
