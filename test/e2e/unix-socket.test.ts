// A remote behind a Unix socket, http+unix://%2Fpath%2Fto.sock/mcp: it is asked as localhost, never by a proxy, what is kept of
// two sockets is not mixed up, and what goes wrong is told by the path. protocol.md 0.6, 0.8.
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { examine, failedFirst } from './doctoring.ts'
import { bridge, call, ownError, resultOf, serve, test } from './harness.ts'

const skip = process.platform === 'win32' && 'Windows has named pipes'
const SECONDS_FOR_RETRIES = 30_000

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-socket-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

interface Relay {
  readonly connections: number
  close(): Promise<void>
}

/** Hands everything that comes by the socket to the server on that port, and counts. */
async function relay(t: TestContext, path: string, port: number): Promise<Relay> {
  const open = new Set<Socket>()
  const counted = {
    connections: 0,
    close(): Promise<void> {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  const server = createServer((socket) => {
    counted.connections++
    const onward = connect(port, '127.0.0.1')
    for (const each of [socket, onward]) {
      open.add(each)
      each.on('error', () => {})
      each.on('close', () => open.delete(each))
    }
    socket.pipe(onward).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  t.after(counted.close)
  return counted
}

function urlOf(path: string, rest = '/mcp'): string {
  return `http+unix://${encodeURIComponent(path)}${rest}`
}

test(
  'a session through a socket; the server is asked as localhost',
  async (t) => {
    const server = await serve(t)
    const path = join(folderFor(t), 'a b.sock')
    const counted = await relay(t, path, server.port)
    const host = bridge(t, { url: urlOf(path, '/mcp?key=1') })
    await host.initialize()
    host.send(call(1))
    resultOf(await host.answer(1))
    const [first] = server.requests
    assert.equal(first?.header('host'), 'localhost')
    assert.match(first?.url ?? '', /\/mcp\?key=1$/)
    assert.notEqual(counted.connections, 0, 'nothing came by the socket')
    await host.finish()
  },
  skip,
)

test(
  'the socket by MCP_FERRY_URL, and by a variable in the URL; a proxy has nothing to do with it',
  async (t) => {
    const server = await serve(t)
    const path = join(folderFor(t), 's.sock')
    await relay(t, path, server.port)
    const env = {
      HTTP_PROXY: 'http://127.0.0.1:1',
      http_proxy: 'http://127.0.0.1:1',
      ALL_PROXY: 'http://127.0.0.1:1',
    }
    const byVariable = bridge(t, { env: { ...env, MCP_FERRY_URL: urlOf(path) } })
    await byVariable.initialize()
    await byVariable.finish()
    const byGap = bridge(t, { url: 'http+unix://${SOCK}/mcp', env: { SOCK: path } })
    await byGap.initialize()
    await byGap.finish()
  },
  skip,
)

const TROUBLES: readonly (readonly [what: string, make: (path: string) => void, says: RegExp])[] = [
  ['no such socket', () => {}, /the socket \S+s\.sock does not exist.*\(ENOENT\)/],
  [
    'a file that is no socket',
    (path) => writeFileSync(path, ''),
    /the socket \S+s\.sock .*(ECONNREFUSED|ENOTSOCK)/,
  ],
]
for (const [what, make, says] of TROUBLES)
  test(
    `${what}: told by the path`,
    async (t) => {
      const path = join(folderFor(t), 's.sock')
      make(path)
      const host = bridge(t, { url: urlOf(path) })
      host.send(initializeLine('i'))
      host.endInput()
      const answer = await host.answer('i', SECONDS_FOR_RETRIES)
      ownError(answer, 'refused')
      assert.match(answer.value.error?.message ?? '', says)
      await host.finish({ stderr: 'some' })
    },
    skip,
  )

test(
  'a socket that one may not use: told by the path',
  async (t) => {
    const server = await serve(t)
    const folder = folderFor(t)
    const path = join(folder, 's.sock')
    await relay(t, path, server.port)
    chmodSync(path, 0)
    const host = bridge(t, { url: urlOf(path) })
    host.send(initializeLine('i'))
    host.endInput()
    const answer = await host.answer('i', SECONDS_FOR_RETRIES)
    ownError(answer, 'refused')
    assert.match(answer.value.error?.message ?? '', /s\.sock may not be used by you.*\(EACCES\)/)
    await host.finish({ stderr: 'some' })
  },
  skip || (process.getuid?.() === 0 && 'root may use everything'),
)

test(
  'a path that is longer than sockets may have',
  async (t) => {
    const host = bridge(t, { url: urlOf(join(folderFor(t), `${'x'.repeat(150)}.sock`)) })
    host.send(initializeLine('i'))
    host.endInput()
    const answer = await host.answer('i', SECONDS_FOR_RETRIES)
    ownError(answer, 'refused')
    assert.match(answer.value.error?.message ?? '', /the socket .*longer path|the socket .*does not exist/)
    await host.finish({ stderr: 'some' })
  },
  skip,
)

for (const url of [
  'http+unix:///run/x.sock/mcp',
  'http+unix://x.sock/mcp',
  'http+unix://%2Fx.sock:80/mcp',
  'http+unix://%ZZ/mcp',
])
  test(`${url} is refused, with how it is written`, async (t) => {
    const host = bridge(t, { url })
    host.send(initializeLine('i'))
    assert.match(host.stderr + (await host.answer('i')).raw, /http\+unix:\/\/%2Fpath%2Fto%2Fit\.sock\/mcp/)
    await host.finish({ code: 2, stderr: 'some' })
  })

test(
  'what is remembered of one socket is not taken for another: the handshake of each is its own',
  async (t) => {
    const folder = folderFor(t)
    const server = await serve(t)
    const [a, b] = [join(folder, 'a.sock'), join(folder, 'b.sock')]
    const listening = await relay(t, a, server.port)
    const env = { MCP_FERRY_CACHE_DIR: folder }
    const first = bridge(t, { url: urlOf(a), env })
    await first.initialize()
    await first.finish()
    await listening.close()
    // Nobody listens any more, so that what is remembered answers.
    const other = bridge(t, { url: urlOf(b), env, args: ['--start-budget', '1ms'] })
    other.send(initializeLine('i'))
    const answer = await other.answer('i')
    assert.doesNotMatch(answer.raw, /raw-server/)
    await other.finish({ stderr: 'any' })
    const again = bridge(t, { url: urlOf(a), env, args: ['--start-budget', '1ms'] })
    again.send(initializeLine('i'))
    assert.match((await again.answer('i')).raw, /raw-server/)
    await again.finish({ stderr: 'any' })
  },
  skip,
)

test(
  'doctor walks the way by the socket',
  async (t) => {
    const server = await serve(t)
    const path = join(folderFor(t), 's.sock')
    const missing = await examine(t, [urlOf(path)])
    assert.equal(missing.code, 3, missing.text)
    assert.match(
      failedFirst(missing.steps, 'connection').sees,
      /the socket \S+s\.sock does not exist.*\(ENOENT\)/,
    )
    await relay(t, path, server.port)
    const { code, step, text } = await examine(t, [urlOf(path)])
    assert.equal(code, 0, text)
    assert.deepEqual([step('name').state, step('tls').state], ['skipped', 'skipped'])
    assert.equal(step('connection').sees, `connected to the socket ${path}`)
  },
  skip,
)
