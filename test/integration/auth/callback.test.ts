// The listener that the browser comes back to, over real sockets: who is let in, what strays change (nothing), what the
// browser sees, and that the port is free afterwards.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import {
  type Callback,
  type CallbackSettings,
  type Expected,
  listenForCallback,
  preferredPort,
} from '../../../src/auth/person/callback.ts'
import type { Outcome } from '../../../src/auth/person/page.ts'
import { BridgeError } from '../../../src/errors.ts'
import { createLog, type Log } from '../../../src/log.ts'
import { createStop, stopNow } from '../../../src/remote/stop.ts'

const STATE = 'state-0123456789abcdef'
const CODE = 'code-0123456789abcdef'
const PATH = '/oauth/callback'
/** On a busy machine what one writes may be read long after. */
const NO_LIMITS = { headersMs: 600_000, pageMs: 600_000 }
const ANSWER = `${PATH}?code=${CODE}&state=${STATE}&iss=https%3A%2F%2Fas.example`

interface Reply {
  readonly status: number
  /** Status line and headers. */
  readonly head: string
  readonly body: string
}

interface Listening {
  readonly callback: Callback
  /** Each answer that the sign-in has heard of. */
  readonly heard: URLSearchParams[]
  readonly lines: string[]
  readonly log: Log
  expect(more?: Partial<Expected>): void
}

/** None that the system gives to whoever connects: what is free once is so again when it has been freed. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = preferredPort(new URL(`https://${randomUUID()}.test/`))
    const server = await occupy(port).catch(() => undefined)
    if (server === undefined) continue
    await shut(server)
    return port
  }
}

async function occupy(port: number, host = '127.0.0.1'): Promise<Server> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  return server
}

async function shut(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}

async function listen(t: TestContext, more: Partial<CallbackSettings> = {}): Promise<Listening> {
  const lines: string[] = []
  const log = createLog({ level: 'trace', json: false, secrets: [], write: (line) => lines.push(line) })
  const callback = await listenForCallback({
    host: '127.0.0.1',
    preferredPort: await freePort(),
    path: PATH,
    log,
    stop: createStop(),
    ...more,
    limits: { ...NO_LIMITS, ...more.limits },
  })
  t.after(() => callback.close())
  const heard: URLSearchParams[] = []
  const finish = async (params: URLSearchParams): Promise<Outcome> => {
    heard.push(params)
    return 'signed-in'
  }
  return {
    callback,
    heard,
    lines,
    log,
    expect: (expected = {}) =>
      callback.expect({ state: STATE, server: 'mcp.example.com', finish, ...expected }),
  }
}

async function dial(port: number, address = '127.0.0.1'): Promise<Socket> {
  const socket = connect(port, address)
  await once(socket, 'connect')
  return socket
}

/** What comes back until the other side hangs up. */
async function hear(socket: Socket): Promise<Reply> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  // That one hangs up with bytes unread is no failure of the test.
  socket.on('error', () => {})
  await once(socket, 'close')
  const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n', 2)
  return { status: Number(head.split(' ')[1]), head, body }
}

async function ask(
  { port }: { readonly port: number },
  target: string,
  { method = 'GET', host = `127.0.0.1:${port}`, more = '', address = '127.0.0.1' } = {},
): Promise<Reply> {
  const socket = await dial(port, address)
  socket.write(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`)
  return hear(socket)
}

test('the answer is taken, and the browser is told how it has ended', async (t) => {
  const { callback, heard, expect } = await listen(t)
  assert.equal(callback.redirectUri, `http://127.0.0.1:${callback.port}${PATH}`)
  expect()
  const { status, head, body } = await ask(callback, ANSWER)
  assert.equal(status, 200)
  assert.match(body, /Signed in to mcp\.example\.com/)
  assert.match(head, /^connection: close$/im)
  assert.deepEqual(
    heard.map((params) => [...params]),
    [
      [
        ['code', CODE],
        ['state', STATE],
        ['iss', 'https://as.example'],
      ],
    ],
  )
})

test('code and state are secrets as soon as they are here', async (t) => {
  const { callback, log, expect } = await listen(t)
  let told = ''
  expect({
    async finish() {
      told = log.redact(`${CODE} ${STATE}`)
      return 'failed'
    },
  })
  await ask(callback, ANSWER)
  assert.equal(told, '[redacted] [redacted]')
})

for (const [outcome, status, text] of [
  ['failed', 400, /Not signed in to mcp\.example\.com/],
  ['refused', 403, /Access was not granted/],
] as const) {
  test(`the page is true: ${outcome}`, async (t) => {
    const { callback, expect } = await listen(t)
    expect({ finish: async () => outcome, successUrl: new URL('https://done.example/') })
    const reply = await ask(callback, ANSWER)
    assert.equal(reply.status, status)
    assert.match(reply.body, text)
    assert.doesNotMatch(reply.head, /^location:/im)
  })
}

test('a finish that throws is told as failed', async (t) => {
  const { callback, expect } = await listen(t)
  expect({ finish: () => Promise.reject(new Error('boom')) })
  assert.match((await ask(callback, ANSWER)).body, /Not signed in/)
})

test('the browser goes on to the address of the user after success', async (t) => {
  const { callback, expect } = await listen(t)
  expect({ successUrl: new URL('https://done.example/ok') })
  const { status, head } = await ask(callback, ANSWER)
  assert.equal(status, 303)
  assert.match(head, /^location: https:\/\/done\.example\/ok$/im)
})

test('nothing is answered before a sign-in is expected', async (t) => {
  const { callback, heard, expect } = await listen(t)
  assert.equal((await ask(callback, ANSWER)).status, 503)
  expect()
  assert.equal((await ask(callback, ANSWER)).status, 200)
  assert.equal(heard.length, 1)
})

for (const [what, status, target, more] of [
  ['HEAD, as previews send it', 405, ANSWER, { method: 'HEAD' }],
  ['POST', 405, ANSWER, { method: 'POST', more: 'Content-Length: 4\r\n\r\na=bc' }],
  ['OPTIONS', 405, ANSWER, { method: 'OPTIONS' }],
  ['another path', 404, ANSWER.replace('/callback', '/callback/'), {}],
  ['a path in other letters', 404, ANSWER.replace('/oauth', '/OAuth'), {}],
  ['the icon', 404, '/favicon.ico', {}],
  ['a whole URL as the target', 404, `http://127.0.0.1${ANSWER}`, {}],
  ['a name of another site', 400, ANSWER, { host: 'rebound.example' }],
  ['a name of another site with our port', 400, ANSWER, { host: 'rebound.example:$port' }],
  ['our name with another port', 400, ANSWER, { host: '127.0.0.1:1' }],
  ['our name without a port', 400, ANSWER, { host: '127.0.0.1' }],
  ['no name', 400, ANSWER, { host: '' }],
  ['no state', 400, `${PATH}?code=${CODE}`, {}],
  ['an empty state', 400, `${PATH}?code=${CODE}&state=`, {}],
  ['another state', 400, ANSWER.replace(STATE, 'state-of-an-earlier-tab'), {}],
  ['the beginning of the state', 400, ANSWER.replace(STATE, STATE.slice(0, -1)), {}],
  ['more than the state', 400, ANSWER.replace(STATE, `${STATE}x`), {}],
  ['two states', 400, `${ANSWER}&state=${STATE}`, {}],
  ['another state first', 400, ANSWER.replace('?', '?state=x&'), {}],
  ['two codes', 400, `${ANSWER}&code=x`, {}],
  ['two issuers', 400, `${ANSWER}&iss=x`, {}],
  ['two errors', 400, `${PATH}?state=${STATE}&error=a&error=b`, {}],
  ['an error with another state', 400, `${PATH}?error=access_denied&state=x`, {}],
  ['a header without end', 431, ANSWER, { more: `X: ${'x'.repeat(70_000)}\r\n` }],
  ['no HTTP', 400, ANSWER, { method: '\0' }],
] as const) {
  test(`a stray changes nothing: ${what}`, async (t) => {
    const { callback, heard, lines, expect } = await listen(t)
    expect()
    const options: { method?: string; host?: string; more?: string } = { ...more }
    if (options.host !== undefined) options.host = options.host.replace('$port', String(callback.port))
    const stray = await ask(callback, target, options)
    assert.equal(stray.status, status)
    assert.doesNotMatch(stray.body, /mcp\.example|state-|code-/)
    assert.equal(heard.length, 0)
    assert.equal((await ask(callback, ANSWER)).status, 200)
    assert.equal(heard.length, 1)
    assert.doesNotMatch(lines.join('\n'), /state-|code-/)
  })
}

test('every name of this machine will do', async (t) => {
  const { callback, expect } = await listen(t)
  for (const name of ['127.0.0.1', 'localhost', 'LocalHost', '[::1]']) {
    expect()
    assert.equal((await ask(callback, ANSWER, { host: `${name}:${callback.port}` })).status, 200, name)
  }
})

test('an answer is taken once, also while the first is at work', async (t) => {
  const { callback, heard, expect } = await listen(t)
  let settle = (_outcome: Outcome): void => {}
  let begin = (): void => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  expect({
    finish(params) {
      heard.push(params)
      begin()
      return new Promise((resolve) => {
        settle = resolve
      })
    },
  })
  const first = ask(callback, ANSWER)
  await begun
  const second = await ask(callback, ANSWER.replace(CODE, 'another-code'))
  assert.equal(second.status, 410)
  assert.match(second.body, /answered already/)
  settle('signed-in')
  assert.match((await first).body, /Signed in to/)
  assert.equal((await ask(callback, ANSWER)).status, 410)
  assert.equal(heard.length, 1)
})

test('a new sign-in is not ended by the answer to the one before', async (t) => {
  const { callback, heard, expect } = await listen(t)
  expect({ state: 'the-one-before' })
  expect()
  assert.equal((await ask(callback, ANSWER.replace(STATE, 'the-one-before'))).status, 400)
  assert.equal((await ask(callback, ANSWER)).status, 200)
  assert.equal(heard.length, 1)
})

test('the browser is not kept waiting for a slow authorization server', async (t) => {
  const { callback, expect } = await listen(t, { limits: { pageMs: 1 } })
  expect({ finish: () => new Promise(() => {}), successUrl: new URL('https://done.example/') })
  const { status, body } = await ask(callback, ANSWER)
  assert.equal(status, 202)
  assert.match(body, /Signing in to mcp\.example\.com/)
})

test('two requests on one connection: the second is not answered', async (t) => {
  const { callback, heard, expect } = await listen(t)
  expect()
  const socket = await dial(callback.port)
  const request = `GET ${ANSWER} HTTP/1.1\r\nHost: 127.0.0.1:${callback.port}\r\n\r\n`
  socket.write(request + request)
  await hear(socket)
  assert.equal(heard.length, 1)
})

test('who says nothing, or half of it, is hung up on', async (t) => {
  const { callback, heard, expect } = await listen(t, { limits: { headersMs: 20 } })
  expect()
  const silent = hear(await dial(callback.port))
  const slow = await dial(callback.port)
  slow.write(`GET ${ANSWER} HTTP/1.1\r\nHost: 127.0.0.1:${callback.port}\r\nX: `)
  await Promise.all([silent, hear(slow)])
  assert.equal(heard.length, 0)
})

test('of connections that come at once and say nothing only so many are held', async (t) => {
  // Of each address one is let in at a turn.
  const families = (await hasV6()) ? ['127.0.0.1', '::1'] : ['127.0.0.1']
  const limits = { connections: 4 }
  const { callback, expect } = await listen(t, { host: 'localhost', limits })
  expect()
  const silent = Array.from({ length: 40 }, (_, index) =>
    connect(callback.port, families[index % families.length]).on('error', () => {}),
  )
  t.after(() => {
    for (const socket of silent) socket.destroy()
  })
  await Promise.all(silent.map((socket) => once(socket.resume(), 'connect')))
  // Whoever comes after them is let in after them.
  for (const address of families) await ask(callback, PATH, { address })
  const held = silent.filter(({ closed }) => !closed).length
  assert.ok(held <= limits.connections, `${held} are held`)
})

test('many connections that say nothing do not keep the browser out', async (t) => {
  const { callback, heard, expect } = await listen(t, { limits: { connections: 4 } })
  expect()
  const early = await dial(callback.port)
  const gone = once(early, 'close')
  early.on('error', () => {})
  early.resume()
  const silent = await Promise.all(Array.from({ length: 40 }, () => dial(callback.port)))
  for (const socket of silent) socket.on('error', () => {})
  await gone
  assert.equal((await ask(callback, ANSWER)).status, 200)
  assert.equal(heard.length, 1)
  for (const socket of silent) socket.destroy()
})

test('a flood of requests with guessed states is refused, each one, and the sign-in goes on', async (t) => {
  const { callback, heard, expect } = await listen(t)
  expect()
  for (let round = 0; round < 10; round++) {
    const guesses = Array.from({ length: 20 }, (_, index) =>
      ask(callback, `${PATH}?code=x&state=${round}-${index}`),
    )
    for (const { status } of await Promise.all(guesses)) assert.equal(status, 400)
  }
  assert.equal(heard.length, 0)
  assert.equal((await ask(callback, ANSWER)).status, 200)
})

test('to close delivers the page that the browser waits for, hangs up on the others and frees the port', async (t) => {
  const { callback, expect } = await listen(t, { limits: { lastPageMs: 600_000 } })
  let settle = (_outcome: Outcome): void => {}
  const begun = new Promise<void>((resolve) => {
    expect({
      finish() {
        resolve()
        return new Promise((finished) => {
          settle = finished
        })
      },
    })
  })
  const idle = hear(await dial(callback.port))
  const page = ask(callback, ANSWER)
  await begun
  const closed = callback.close()
  await idle
  settle('signed-in')
  assert.match((await page).body, /Signed in to/)
  await closed
  await shut(await occupy(callback.port))
})

test('to close does not wait for what does not end, not even from inside of it', async (t) => {
  const { callback, expect } = await listen(t, { limits: { lastPageMs: 1 } })
  expect({
    async finish() {
      await callback.close()
      return 'signed-in'
    },
  })
  assert.equal((await ask(callback, ANSWER)).status, 202)
  await callback.close()
  await shut(await occupy(callback.port))
})

test('a stop closes it; what is stopped already does not listen', async (t) => {
  const stop = createStop()
  const { callback } = await listen(t, { stop })
  const idle = hear(await dial(callback.port))
  const reason = new BridgeError('shutdown', 'the host has gone')
  stopNow(stop, reason)
  await idle
  await callback.close()
  await shut(await occupy(callback.port))
  await assert.rejects(listen(t, { stop, port: callback.port }), reason)
  await shut(await occupy(callback.port))
})

// ---- Ports and addresses

test('the port is the same for the same server, and none that systems give out', () => {
  const port = preferredPort(new URL('https://mcp.example.com/mcp'))
  assert.equal(preferredPort(new URL('https://MCP.example.com/mcp?key=1#x')), port)
  const ports = Array.from({ length: 500 }, (_, index) => preferredPort(new URL(`https://h${index}.test/`)))
  for (const each of ports) assert.equal(each >= 1024 && each + 8 < 32_768, true, String(each))
  // 500 of 7,000 meet now and then.
  assert.equal(new Set(ports).size > 400, true, String(new Set(ports).size))
})

test('a busy port: the next one, and any if there are many', async (t) => {
  const first = await freePort()
  const busy: Server[] = []
  t.after(() => Promise.all(busy.map(shut)))
  busy.push(await occupy(first))
  const next = await listen(t, { preferredPort: first })
  assert.equal(next.callback.port > first && next.callback.port < first + 8, true, String(next.callback.port))
  await next.callback.close()
  for (let port = first + 1; port < first + 8; port++)
    await occupy(port).then(
      (server) => busy.push(server),
      () => {},
    )
  const { callback, expect } = await listen(t, { preferredPort: first })
  assert.equal(callback.port < first || callback.port >= first + 8, true, String(callback.port))
  expect()
  assert.equal((await ask(callback, ANSWER)).status, 200)
})

test('a port that the user has given is that one or none', async (t) => {
  const port = await freePort()
  const server = await occupy(port)
  await assert.rejects(listen(t, { port }), (error: BridgeError) => {
    assert.equal(error.kind, 'auth-failed')
    assert.match(
      error.message,
      new RegExp(`^port ${port}, .* is used by another program; .* another callback port$`),
    )
    return true
  })
  await shut(server)
  const { callback } = await listen(t, { port })
  assert.equal(callback.port, port)
})

test('localhost is both addresses, or what of them there is', async (t) => {
  const { callback, expect } = await listen(t, { host: 'localhost' })
  assert.equal(callback.redirectUri, `http://localhost:${callback.port}${PATH}`)
  const families = (await hasV6()) ? ['127.0.0.1', '::1'] : ['127.0.0.1']
  for (const address of families) {
    expect()
    const reply = await ask(callback, ANSWER, { host: `localhost:${callback.port}`, address })
    assert.equal(reply.status, 200, address)
  }
  await callback.close()
  for (const address of families) await shut(await occupy(callback.port, address))
})

test('a port whose other half is somebody else’s is not taken', async (t) => {
  if (!(await hasV6())) return t.skip('this machine has no IPv6')
  const port = await freePort()
  const other = await occupy(port, '::1')
  t.after(() => shut(other))
  await assert.rejects(listen(t, { host: 'localhost', port }), { kind: 'auth-failed' })
  await shut(await occupy(port))
  const { callback } = await listen(t, { host: 'localhost', preferredPort: port })
  assert.notEqual(callback.port, port)
})

async function hasV6(): Promise<boolean> {
  return occupy(0, '::1').then(
    async (server) => {
      await shut(server)
      return true
    },
    () => false,
  )
}

test('the address is written as URLs write it', async (t) => {
  const { callback } = await listen(t, { path: '/' })
  assert.equal(callback.redirectUri, `http://127.0.0.1:${callback.port}/`)
  const odd = await listen(t, { path: '//evil.example/a' })
  assert.equal(odd.callback.redirectUri, `http://127.0.0.1:${odd.callback.port}//evil.example/a`)
  if (!(await hasV6())) return
  for (const host of ['::1', '[::1]']) {
    const { callback: v6, expect } = await listen(t, { host })
    assert.equal(v6.redirectUri, `http://[::1]:${v6.port}${PATH}`)
    expect()
    assert.equal((await ask(v6, ANSWER, { host: `[::1]:${v6.port}`, address: '::1' })).status, 200)
  }
})
