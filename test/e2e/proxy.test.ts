// A real nginx between the bridge and the remote, with its usual habits: it buffers event streams, cuts what is silent
// for a while, and answers 504 and 502 in HTML. What that does to a request is told truly; what can go on goes on.
// protocol.md 0.5, A.2, A.4, A.5.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { missing, programPath } from '../../scripts/needs.mjs'
import type { Host } from '../fixtures/hosts/raw-host.ts'
import { type McpOptions, type McpServer, sequence } from '../fixtures/servers/mcp-server.ts'
import { type NginxOptions, startNginx } from '../fixtures/servers/nginx.ts'
import type { Exchange, Headers } from '../fixtures/servers/raw-server.ts'
import {
  bridge,
  call,
  freePort,
  notify,
  ownError,
  test as plainTest,
  request,
  resultOf,
  serve,
  serveSessions,
} from './harness.ts'

const binary = programPath('nginx')
const skip = missing('nginx')
const test = (name: string, body: (t: TestContext) => Promise<void>): void => plainTest(name, body, skip)

type Habits = Pick<NginxOptions, 'isBuffering'>

interface Proxied {
  readonly host: Host
  readonly server: McpServer
}

/** No machine is so busy that it lets nginx wait for so long. */
const PATIENCE_S = 4
const SEVERAL_CUTS_MS = 60_000

/** A bridge that has done the handshake with what listens on this port, through nginx. */
async function proxied(t: TestContext, target: number, habits: Habits = {}): Promise<Host> {
  const port = await freePort()
  const nginx = await startNginx({ binary: binary ?? '', port, target, patienceS: PATIENCE_S, ...habits })
  t.after(() => nginx.close())
  const host = bridge(t, { url: `http://127.0.0.1:${port}/mcp` })
  await host.initialize()
  return host
}

async function behind(t: TestContext, options: McpOptions, habits: Habits = {}): Promise<Proxied> {
  const server = await serve(t, options)
  return { server, host: await proxied(t, server.port, habits) }
}

const isGet = ({ method }: Exchange) => method === 'GET'
const isCall = ({ message }: Exchange) => message.method === 'tools/call'
const pushed = (n: number) => notify('notifications/message', { level: 'info', data: n })

test('a call that lasts longer than nginx waits: 504, told as maybe done, and it ran once', async (t) => {
  const { host, server } = await behind(t, {
    on: { 'tools/call': (x) => (x.message.params?.name === 'long' ? x.hang() : x.result({ content: [] })) },
  })
  host.send(request(1, 'tools/list'))
  resultOf(await host.answer(1))
  host.send(call(2, {}, 'long'))
  const line = await host.answer(2)
  const data = ownError(line, 'http')
  assert.equal(data.httpStatus, 504)
  assert.equal(data.maybeDelivered, true)
  assert.match(line.value.error?.message ?? '', /504/)
  host.send(call(3))
  resultOf(await host.answer(3))
  await host.finish({ stderr: 'some' })
  assert.deepEqual(
    server.sent('tools/call').map(({ rawId }) => rawId),
    ['2', '3'],
  )
})

test('a list that nginx does not wait for is asked for again', async (t) => {
  const { host, server } = await behind(t, {
    on: {
      'tools/list': sequence(
        (x) => x.hang(),
        (x) => x.result({ tools: [] }),
      ),
    },
  })
  host.send(request(1, 'tools/list'))
  assert.deepEqual(resultOf(await host.answer(1)), { tools: [] })
  assert.equal(server.sent('tools/list').length, 2)
  await host.finish({ stderr: 'any' })
})

/** Two ways to have an event stream through nginx: it is set up for it, or the remote asks for it. */
const UNBUFFERED: Readonly<Record<string, readonly [isBuffering: boolean, headers: Headers]>> = {
  'does not buffer': [false, {}],
  'is asked not to buffer': [true, { 'X-Accel-Buffering': 'no' }],
}
for (const [how, [isBuffering, headers]] of Object.entries(UNBUFFERED)) {
  test(`nginx that ${how} cuts the GET stream again and again: it is opened again, and messages arrive`, async (t) => {
    const { host, server } = await behind(
      t,
      // The second stream is silent until it is cut.
      {
        on: {
          GET: sequence(
            (x) => x.sse(headers).message(pushed(1)),
            (x) => void x.sse(headers),
            (x) => x.sse(headers).message(pushed(3)),
            (x) => x.sse(headers).message(pushed(4)),
            (x) => void x.sse(headers),
          ),
        },
      },
      { isBuffering },
    )
    for (const n of [1, 3, 4]) {
      const { value } = await host.notification('notifications/message', SEVERAL_CUTS_MS)
      assert.equal(value.params?.data, n)
    }
    await server.several(5, isGet, SEVERAL_CUTS_MS)
    host.send(call(1))
    resultOf(await host.answer(1))
    assert.equal(server.sent('initialize').length, 1)
    await host.finish({ stderr: 'any' })
  })

  test(`nginx that ${how} cuts the stream of a call: with an event id it is taken up again`, async (t) => {
    const { host, server } = await behind(
      t,
      {
        on: {
          'tools/call': (x) => void x.sse(headers).raw('id: c1\nretry: 100\ndata:\n\n'),
          GET: (x) => {
            if (x.header('last-event-id') !== 'c1') return x.reply(405)
            const stream = x.sse(headers)
            stream.message('{"jsonrpc":"2.0","id":1,"result":{"content":[],"n":1.0}}', { id: 'c2' })
            stream.end()
          },
        },
      },
      { isBuffering },
    )
    host.send(call(1))
    assert.match((await host.answer(1)).raw, /"n":1\.0/)
    await host.finish({ stderr: 'any' })
    assert.equal(server.sent('tools/call').length, 1)
  })

  test(`nginx that ${how} cuts the stream of a call: without an event id it is told as maybe done`, async (t) => {
    const { host, server } = await behind(
      t,
      {
        on: {
          'tools/call': (x) => x.sse(headers).message(notify('notifications/progress', { progress: 1 })),
        },
      },
      { isBuffering },
    )
    host.send(call(1))
    assert.equal(ownError(await host.answer(1), 'stream-lost').maybeDelivered, true)
    await host.notification('notifications/progress')
    await host.finish({ stderr: 'some' })
    assert.equal(server.sent('tools/call').length, 1)
  })
}

test('nginx that buffers swallows what it cuts: requests go on, and what gets through arrives', async (t) => {
  const { host, server } = await behind(t, {
    on: {
      GET: sequence(
        (x) => x.sse().message(pushed(1)),
        (x) => {
          const stream = x.sse()
          stream.message(pushed(2))
          // nginx hands on what it has when the stream ends.
          stream.end()
        },
        (x) => void x.sse(),
      ),
      'tools/call': (x) =>
        x.message.params?.name === 'long' ? void x.sse().raw('id: c1\ndata:\n\n') : x.result({ content: [] }),
    },
  })
  await host.line(({ value }) => value.params?.data === 2, SEVERAL_CUTS_MS)
  host.send(call(1, {}, 'long'))
  // Not even the head of the answer has got through.
  assert.equal(ownError(await host.answer(1), 'stream-lost').maybeDelivered, true)
  host.send(call(2))
  resultOf(await host.answer(2))
  await server.several(3, isGet, SEVERAL_CUTS_MS)
  await host.finish({ stderr: 'some' })
  assert.deepEqual(
    server.sent('tools/call').map(({ rawId }) => rawId),
    ['1', '2'],
  )
})

test('a call whose stream says something in time may last as long as it likes', async (t) => {
  const speaking = async (x: Exchange): Promise<void> => {
    const stream = x.sse()
    for (let n = 0; n < 12; n++) {
      await stream.raw(': still here\n\n')
      await pause(PATIENCE_S * 100)
    }
    stream.result({ content: [], structuredContent: { n: 12 } })
    stream.end()
  }
  const { host, server } = await behind(t, { on: { 'tools/call': speaking } })
  host.send(call(1))
  assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 12 })
  const [x] = server.with('POST').filter(isCall)
  assert.equal(await x?.over, 'answered')
  await host.finish()
})

test('nobody behind nginx: a call ends in an error that says 502; when the remote is back, all goes on', async (t) => {
  const first = await serveSessions(t, { port: await freePort() })
  const host = await proxied(t, first.port)
  host.send(call(1))
  resultOf(await host.answer(1))
  await first.stop()
  host.send(call(2))
  const line = await host.answer(2, 30_000)
  const data = ownError(line, 'http')
  assert.equal(data.httpStatus, 502)
  assert.equal(data.maybeDelivered, true, 'a 502 does not tell how far it went')
  assert.match(line.value.error?.message ?? '', /502/)
  host.send(request(3, 'tools/list'))
  assert.equal(ownError(await host.answer(3, 30_000), 'http').httpStatus, 502)
  // It knows nothing of the session.
  const second = await serveSessions(t, { port: first.port })
  host.send(call(4, { n: 4 }))
  assert.deepEqual(resultOf(await host.answer(4)).structuredContent, { n: 4 })
  host.send(request(5, 'tools/list'))
  resultOf(await host.answer(5))
  await host.finish({ stderr: 'some' })
  assert.equal(second.sent('initialize').length, 1)
  assert.deepEqual(
    second.ran('tools/call').map(({ rawId }) => rawId),
    ['4'],
  )
})
