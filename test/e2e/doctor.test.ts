// `mcp-ferry doctor <url>` as a person types it, against servers that are in order and others that are not: what each step
// sees, what it advises, and the exit code by the first that fails. users.md 2.
import assert from 'node:assert/strict'
import { examine, failedFirst } from './doctoring.ts'
import { freePort, serve, serveModern, serveSessions, serveSse, serveTcp, test } from './harness.ts'

const NAMES = [
  'program',
  'arguments',
  'variables',
  'proxy',
  'name',
  'connection',
  'tls',
  'http',
  'clock',
  'sign-in',
  'handshake',
  'offer',
  'stream',
  'end',
]

test('a server with sessions and a stream is in order: each step says what it saw', async (t) => {
  const server = await serveSessions(t, { getStream: true })
  const { code, steps, text } = await examine(t, [server.url])
  assert.equal(code, 0, text)
  assert.deepEqual(
    steps.map(({ name }) => name),
    NAMES,
  )
  const see = (name: string) => steps.find((step) => step.name === name)!
  assert.match(see('program').sees, /^mcp-ferry \d+\.\d+\.\d+ on Node v\d+/)
  assert.match(see('http').sees, /^HTTP 200, application\/json/)
  assert.match(see('handshake').sees, /^raw-server 1\.0\.0, MCP 2025-11-25 over Streamable HTTP/)
  assert.deepEqual(
    [see('handshake').facts?.era, see('handshake').facts?.transport, see('handshake').facts?.capabilities],
    ['legacy', 'http', ['tools', 'logging']],
  )
  assert.match(see('offer').sees, /^1 tool, roughly \d+ tokens/)
  assert.equal(see('stream').facts?.status, 200)
  assert.deepEqual([see('end').facts?.session, see('end').facts?.status], [true, 200])
  assert.equal(server.with('DELETE').length, server.sessions.length, 'a session was left open')
  assert.match(text, /^everything is in order$/m)
})

test('a server without a session and without a stream is in order too', async (t) => {
  const server = await serve(t, { sessionId: null })
  const { code, step } = await examine(t, [server.url])
  assert.equal(code, 0)
  assert.equal(step('stream').state, 'ok')
  assert.equal(step('stream').facts?.status, 405)
  assert.equal(step('end').facts?.session, false)
})

test('a server of the modern era alone is in order, and is told to be one', async (t) => {
  const server = await serveModern(t, { capabilities: { tools: {} } })
  const { code, step } = await examine(t, [server.url])
  assert.equal(code, 0)
  assert.match(step('http').sees, /refuses this handshake \(-32022/)
  assert.match(step('handshake').sees, /modern-server 1\.0\.0, the modern era/)
  assert.equal(step('handshake').facts?.era, 'modern')
  assert.match(step('offer').sees, /^1 tool,/)
  assert.equal(step('stream').state, 'skipped')
})

test('a server of the old transport is in order, and is told to be one', async (t) => {
  const server = await serveSse(t)
  const { code, step } = await examine(t, [server.url])
  assert.equal(code, 0)
  assert.match(step('http').sees, /^HTTP 405, and to a GET the stream of the old transport/)
  assert.equal(step('handshake').facts?.transport, 'http+sse')
  assert.equal(step('stream').state, 'skipped')
})

test('the object of --json has these keys', async (t) => {
  const server = await serve(t)
  const { json, steps } = await examine(t, [server.url])
  assert.deepEqual(Object.keys(json), ['version', 'url', 'ok', 'exitCode', 'failed', 'steps'])
  assert.deepEqual([json.url, json.ok, json.exitCode, json.failed], [server.url, true, 0, null])
  const facts = Object.fromEntries(steps.map((step) => [step.name, Object.keys(step.facts ?? {}).join(' ')]))
  assert.deepEqual(facts, {
    program: 'version node nodePath script startedBy platform arch folders',
    arguments: 'received url hasQuery headers options warnings',
    variables: 'used ours node problems',
    proxy: 'set proxy',
    name: '',
    connection: 'port attempts',
    tls: '',
    http: 'status contentType redirects server firstByteMs url',
    clock: 'skewMs',
    'sign-in': 'refused sent schemes stored place',
    handshake: 'server era transport protocolVersion capabilities',
    offer: 'tools toolTokens toolPages longestToolName problems',
    stream: 'status',
    end: 'session status',
  })
  const timed = steps.filter(({ tookMs }) => tookMs !== undefined).map(({ name }) => name)
  assert.deepEqual(timed, ['connection', 'http', 'sign-in', 'handshake', 'offer', 'stream', 'end'])
})

test('nobody listens: the connection fails, what rests on it is skipped and says why', async (t) => {
  const port = await freePort()
  const { code, steps, text } = await examine(t, [`http://127.0.0.1:${port}/mcp`])
  assert.equal(code, 3)
  assert.match(
    failedFirst(steps, 'connection').sees,
    /refused the connection \(ECONNREFUSED\); is the server running\?/,
  )
  for (const name of NAMES.slice(6)) {
    const step = steps.find((one) => one.name === name)!
    assert.deepEqual([step.state, step.sees], ['skipped', 'because there is no connection'], name)
  }
  assert.match(
    text,
    /^- tls, http, clock, sign-in, handshake, offer, stream, end: because there is no connection$/m,
  )
  assert.match(text, /^what fails first is connection \(exit code 3\): .* refused the connection/m)
})

test('a name that does not exist', async (t) => {
  const { code, steps } = await examine(t, ['https://x.invalid/mcp'])
  assert.equal(code, 3)
  assert.match(failedFirst(steps, 'name').sees, /the host name x\.invalid cannot be resolved/)
})

test('a name with addresses of both kinds: each is tried, one is enough', async (t) => {
  const server = await serve(t)
  const { code, step } = await examine(t, [server.url.replace('127.0.0.1', 'localhost')])
  assert.equal(code, 0)
  assert.match(step('name').sees, /^localhost has (one address|\d addresses)$/)
  const attempts = step('connection').facts?.attempts as { address: string; code?: string }[]
  assert.ok(
    attempts.some(({ address, code: failure }) => address === '127.0.0.1' && failure === undefined),
    JSON.stringify(attempts),
  )
})

test('HTTP 404: the answer as it came, and the sentence that the editor gets', async (t) => {
  const server = await serve(t, { on: { '*': (x) => x.reply(404) } })
  const { code, steps, step } = await examine(t, [server.url])
  assert.equal(code, 5)
  assert.match(failedFirst(steps, 'http').sees, /^HTTP 404/)
  assert.match(step('http').advice ?? '', /is the URL right/)
  assert.match(step('handshake').sees, /^the editor is told: HTTP 404 from .*is this the MCP endpoint\?/)
})

test('HTTP 500, and what the server says about it', async (t) => {
  const server = await serve(t, {
    on: {
      '*': (x) => x.reply(500, { error: 'the database is away' }, { Server: 'nginx/9', Via: '1.1 gateway' }),
    },
  })
  const { code, steps, step } = await examine(t, [server.url])
  assert.equal(code, 5)
  assert.match(failedFirst(steps, 'http').sees, /^HTTP 500.*the server says: the database is away/)
  assert.deepEqual(step('http').facts?.server, ['server: nginx/9', 'via: 1.1 gateway'])
})

test('a login page where an MCP server should be', async (t) => {
  const page = '<!doctype html><html><head><title>Sign in - Example</title></head></html>'
  const server = await serve(t, { on: { '*': (x) => x.reply(200, page, { 'Content-Type': 'text/html' }) } })
  const { code, steps } = await examine(t, [server.url])
  assert.equal(code, 5)
  const step = failedFirst(steps, 'http')
  assert.match(step.sees, /the web page "Sign in - Example" where an MCP server should be/)
  assert.match(step.advice ?? '', /login page/)
})

test('a redirect that is followed, and one to elsewhere that is not', async (t) => {
  const server = await serve(t)
  const other = await serve(t, {
    on: { '*': (x) => x.reply(307, undefined, { Location: `${server.url}?token=s3cret-in-query` }) },
  })
  const { code, steps, text } = await examine(t, [other.url])
  assert.equal(code, 5)
  assert.ok(failedFirst(steps, 'http').sees.includes(`redirects to ${server.url}; use that URL`), text)
  assert.ok(!text.includes('s3cret'), text)
  let isNew = false
  const moved = await serve(t, {
    on: {
      initialize: (x) => {
        if (x.path === '/mcp') return x.reply(308, undefined, { Location: '/new' })
        isNew = true
        x.result({
          protocolVersion: '2025-06-18',
          capabilities: {},
          serverInfo: { name: 'moved', version: '1' },
        })
      },
    },
  })
  const followed = await examine(t, [moved.url])
  assert.equal(followed.code, 0, followed.text)
  assert.ok(isNew, 'the redirect was not followed')
  assert.deepEqual(followed.step('http').facts?.redirects, [`${moved.origin}/new (HTTP 308)`])
})

test('a server that accepts and says nothing is not waited for for ever', async (t) => {
  const server = await serveTcp(t, () => {})
  const { code, steps } = await examine(t, [`${server.origin}/mcp`, '--request-timeout', '3s'])
  assert.equal(code, 5)
  assert.match(failedFirst(steps, 'http').sees, /has not answered within 3 s/)
})

test('a server whose handshake goes well and whose tools do not come', async (t) => {
  const server = await serve(t, { on: { 'tools/list': (x) => x.error(-32603, 'tools are broken') } })
  const { code, steps } = await examine(t, [server.url])
  assert.equal(code, 7)
  assert.match(
    failedFirst(steps, 'offer').sees,
    /the server refuses tools\/list \(-32603: tools are broken\)/,
  )
})

test('tools come in pages, and too many of them, or one with a long name, are warned of', async (t) => {
  const page = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      name: `tool-${from + index}${from + index === 7 ? '-with-a-name-that-goes-on-and-on-and-on-for-ever' : ''}`,
      inputSchema: { type: 'object' },
    }))
  const server = await serve(t, {
    on: {
      'tools/list': (x) =>
        x.message.params?.cursor === 'more'
          ? x.result({ tools: page(30, 21) })
          : x.result({ tools: page(0, 30), nextCursor: 'more' }),
    },
  })
  const { code, step } = await examine(t, [server.url])
  assert.equal(code, 0)
  const offer = step('offer')
  assert.equal(offer.state, 'warn')
  assert.deepEqual([offer.facts?.tools, offer.facts?.toolPages], [51, 2])
  assert.match(offer.advice ?? '', /that is much for a model/)
  assert.match(offer.details?.join() ?? '', /longer than the 60 characters/)
})

test('a GET that is answered with something else is told, and costs nothing', async (t) => {
  const server = await serveSessions(t, { on: { GET: (x) => x.reply(404) } })
  const { code, step } = await examine(t, [server.url])
  assert.equal(code, 0)
  assert.equal(step('stream').state, 'warn')
  assert.equal(step('stream').facts?.status, 404)
})

test('a clock that is wrong is told', async (t) => {
  const server = await serve(t, {
    on: {
      initialize: (x) => {
        x.response.setHeader('Date', new Date(Date.now() - 10 * 60_000).toUTCString())
        x.result({
          protocolVersion: '2025-06-18',
          capabilities: {},
          serverInfo: { name: 'late', version: '1' },
        })
      },
    },
  })
  const without = await examine(t, [server.url])
  assert.equal(without.code, 0)
  assert.match(without.step('clock').sees, /^the clock of this machine is 10 min ahead of the server's/)
  assert.equal(without.step('clock').state, 'warn')
  const args = [server.url, '--bearer-env', 'TOKEN']
  const withToken = await examine(t, args, { TOKEN: 'some-token-with-digits-12345' })
  assert.equal(withToken.code, 6)
  assert.equal(failedFirst(withToken.steps, 'clock').state, 'fail')
})

test('what is no URL is told as such', async (t) => {
  const { code, steps } = await examine(t, ['not-a-url'])
  assert.equal(code, 2)
  assert.match(failedFirst(steps, 'arguments').sees, /argument 1 is neither an option nor the URL/)
})
