// How the bridge starts and ends: silent until the first line; gone within seconds, with exit code 0 and the session
// deleted, however and whenever it is ended. protocol.md 0.10, A.7; T08, T20.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { TestContext } from 'node:test'
import { BIN, bareEnv, type Host, INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import type { McpServer } from '../fixtures/servers/mcp-server.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { bridge, call, connected, PLATFORM_HAS_SIGNALS, request, serve, serveTcp, test } from './harness.ts'

/** The specification says 2 s. What must not be waited for takes a minute and more, so that a busy machine may take its time. */
const GONE_MS = 30_000
const FOR_LONG = ['--start-budget', '10m', '--connect-timeout', '10m', '--delete-timeout', '60s']
/** Nothing but the end of stdin lets answers be waited for. */
const waiting = (end: string): readonly string[] => [
  ...FOR_LONG,
  '--drain-timeout',
  end === 'stdin EOF' ? '300ms' : '10m',
]

const isDelete = ({ method }: Exchange): boolean => method === 'DELETE'

interface Stage {
  readonly host: Host
  readonly server?: McpServer
}

/** Waits until the bridge is surely up: it answers a line that is no JSON. */
async function up(host: Host): Promise<void> {
  host.send('are you there?')
  const { value } = await host.line((line) => line.key === undefined)
  assert.equal(value.error?.code, -32700)
}

const STAGES: Readonly<Record<string, (t: TestContext, args: readonly string[]) => Promise<Stage>>> = {
  'idle before the first message': async (t, args) => {
    const { url } = await serve(t)
    const host = bridge(t, { url, args })
    await up(host)
    return { host }
  },
  'connecting to a remote that never shakes hands': async (t, args) => {
    const server = await serveTcp(t, () => {})
    const host = bridge(t, { url: `https://127.0.0.1:${server.port}/mcp`, args })
    host.send(initializeLine('i'))
    await server.connected(1)
    return { host }
  },
  'initialize hangs': async (t, args) => {
    const server = await serve(t, { on: { initialize: (x) => x.hang() } })
    const host = bridge(t, { url: server.url, args })
    host.send(initializeLine('i'))
    host.send(INITIALIZED)
    host.send(request(1, 'tools/list'))
    await server.request(({ message }) => message.method === 'initialize')
    return { host }
  },
  'calls in flight': async (t, args) => {
    const { host, server } = await connected(
      t,
      { on: { 'tools/call': (x) => (x.message.id === 1 ? x.hang() : void x.sse()) } },
      args,
    )
    host.send(call(1))
    host.send(call(2))
    await server.request(() => server.sent('tools/call').length === 2)
    return { host, server }
  },
  'the GET stream open': async (t, args) => {
    const { host, server } = await connected(t, { getStream: true }, args)
    await server.request(({ method }) => method === 'GET')
    server.push({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
    await host.notification('notifications/tools/list_changed')
    return { host, server }
  },
}

const ENDS: Readonly<Record<string, (host: Host) => void>> = {
  'stdin EOF': (host) => host.endInput(),
  SIGTERM: (host) => host.kill('SIGTERM'),
  SIGINT: (host) => host.kill('SIGINT'),
  SIGHUP: (host) => host.kill('SIGHUP'),
  'stdout closed': (host) => {
    host.closeOutput()
    host.send('a line whose answer nobody can read any more')
  },
}

for (const [stage, arrive] of Object.entries(STAGES))
  for (const [end, leave] of Object.entries(ENDS))
    test(
      `${end} while ${stage}: gone within seconds, exit 0, session deleted`,
      async (t) => {
        const { host, server } = await arrive(t, waiting(end))
        leave(host)
        const { ms, code } = await host.exit
        assert.equal(code, 0)
        assert.ok(ms < GONE_MS, `took ${ms} ms`)
        if (server !== undefined) {
          const deleted = await server.request(isDelete)
          assert.equal(deleted.header('mcp-session-id'), server.sessionId)
          assert.equal(deleted.header('mcp-protocol-version'), '2025-06-18')
          assert.equal(server.requests.filter(isDelete).length, 1)
        }
        await host.finish({ stderr: 'any', unanswered: end === 'stdin EOF' ? 'none' : 'any' })
      },
      end.startsWith('SIG') && !PLATFORM_HAS_SIGNALS && 'no such signals here',
    )

test('nothing goes over the network before the first message', async (t) => {
  const server = await serve(t)
  const host = bridge(t, { url: server.url, args: ['-H', 'X-Api-Key: some-value'] })
  await up(host)
  await up(host)
  assert.equal(server.connections, 0)
  host.send(initializeLine('i'))
  await host.answer('i')
  assert.equal(server.requests[0]?.message.method, 'initialize')
  await host.finish({ stderr: 'any' })
})

for (const [name, status] of [
  ['405', 405],
  ['404', 404],
  ['500', 500],
] as const)
  test(`T20 a DELETE answered ${name} is nobody's business`, async (t) => {
    const { host, server } = await connected(t, { on: { DELETE: (x) => x.reply(status) } })
    await host.finish({ stderr: 'empty' })
    await server.request(isDelete)
    assert.equal(server.with('DELETE').length, 1)
  })

for (const end of ['stdin EOF', 'SIGTERM'])
  test(
    `T20 a DELETE that hangs does not hold up the end after ${end}`,
    async (t) => {
      const { host, server } = await connected(t, { on: { DELETE: (x) => x.hang() } })
      ENDS[end]?.(host)
      const { ms } = await host.exit
      assert.ok(ms < GONE_MS, `took ${ms} ms`)
      await server.request(isDelete)
      assert.equal(server.with('DELETE').length, 1)
      await host.finish()
    },
    !PLATFORM_HAS_SIGNALS && 'no such signals here',
  )

test(
  'a second signal ends the bridge at once, whatever it is waiting for',
  async (t) => {
    const { host, server } = await connected(t, { on: { DELETE: (x) => x.hang() } }, [
      '--delete-timeout',
      '60s',
    ])
    host.kill('SIGTERM')
    await server.request(isDelete)
    const startedAt = Date.now()
    // a second one at once may be the first one delivered twice; nobody presses Ctrl-C that fast
    const again = setInterval(() => host.kill('SIGTERM'), 500)
    t.after(() => clearInterval(again))
    await host.exit
    clearInterval(again)
    const ms = Date.now() - startedAt
    assert.ok(ms < GONE_MS, `took ${ms} ms`)
    await host.finish()
  },
  !PLATFORM_HAS_SIGNALS && 'no such signals here',
)

test('a failing remote never ends the bridge', async (t) => {
  const { host } = await connected(t, { sessionId: null, on: { 'tools/call': (x) => x.cut() } })
  for (let id = 1; id <= 20; id++) {
    host.send(call(id))
    assert.equal((await host.answer(id)).value.error?.code, -32603)
  }
  host.send(request('alive', 'tools/list'))
  await host.answer('alive')
  await host.finish({ stderr: 'some' })
})

/** A host in a process of its own, which can be killed without a chance to close anything. */
const HOST_PROGRAM = `
const { spawn } = require('node:child_process')
const [bin, url, ...lines] = process.argv.slice(1)
const bridge = spawn(process.execPath, [bin, '--drain-timeout', '10m', url], { stdio: ['pipe', 'pipe', 'inherit'] })
bridge.stdout.pipe(process.stdout)
bridge.stdin.write(lines.map((line) => line + '\\n').join(''))
`

for (const [name, extra] of [
  ['idle', []],
  ['with a call in flight', [call(1)]],
] as const)
  test(`a host killed with SIGKILL ${name} takes the bridge with it`, async (t) => {
    const server = await serve(t, { on: { 'tools/call': (x) => x.hang() } })
    const lines = [initializeLine('i'), INITIALIZED, request('list', 'tools/list'), ...extra]
    const args = ['-e', HOST_PROGRAM, BIN, server.url, ...lines]
    const child = spawn(process.execPath, args, { env: bareEnv(), stdio: ['ignore', 'pipe', 'pipe'] })
    t.after(() => child.kill('SIGKILL'))
    // stderr is shared by both processes: its end means that both are gone
    const bothGone = new Promise((resolve) => child.stderr.on('close', resolve).resume())
    child.stdout.resume()
    await server.request(({ message }) => message.method === (extra.length > 0 ? 'tools/call' : 'tools/list'))
    const killedAt = Date.now()
    child.kill('SIGKILL')
    await bothGone
    const ms = Date.now() - killedAt
    assert.ok(ms < GONE_MS, `took ${ms} ms`)
    await server.request(isDelete)
    assert.equal(server.with('DELETE').length, 1)
  })
