// What `trace replay` asks before it sends anything, and what it refuses: a call that may change something is made again only where that
// is wanted.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import type { Handler } from '../fixtures/servers/raw-server.ts'
import { createWaiting } from '../fixtures/servers/waiting.ts'
import { bridge, PLATFORM_HAS_SIGNALS, serve, test } from './harness.ts'
import { replay, traced, traceFile } from './tracing.ts'

test('a call that may change something is sent only with --yes; one that only reads, and a dry run, without', async (t) => {
  const tools =
    '{"tools":[{"name":"reads","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},{"name":"writes","inputSchema":{"type":"object"}}]}'
  const on = { 'tools/list': ((x) => x.result(tools)) as Handler }
  const harmless = await traced(t, { on }, 'reads')
  assert.equal((await replay([harmless.file])).code, 0)
  const { file, server } = await traced(t, { on }, 'reads', 'writes')
  const before = server.requests.length
  const refused = await replay([file])
  assert.equal(refused.code, 2)
  assert.match(
    refused.stderr,
    /^mcp-ferry: 1 request that may change something would be sent to 127\.0\.0\.1:\d+ again \(writes\); add --yes if that is wanted, or --dry-run to see them all\n$/,
  )
  const dry = await replay([file, '--dry-run'])
  assert.equal(dry.code, 0)
  assert.match(
    dry.stdout,
    /\ntools\/call reads "reads"\ntools\/call writes "writes" {2}may change something\n/,
  )
  assert.equal(server.requests.length, before, 'nothing was sent')
})

test('what cannot be replayed is told in a sentence, exit 2', async (t) => {
  const file = traceFile(t)
  const server = await serve(t)
  const host = bridge(t, { url: `${server.url}?key=of-the-query`, args: ['--trace', file] })
  await host.initialize()
  await host.finish()
  const keyed = traceFile(t)
  const other = bridge(t, { url: `${server.url}/sk-3kD8fL2mQ9xZ`, args: ['--trace', keyed] })
  await other.initialize()
  await other.finish()
  const cases: readonly [args: readonly string[], says: RegExp][] = [
    [[], /the file does not stand behind replay; write mcp-ferry trace replay <file> \[url\]/],
    [['/no/such'], /does not exist/],
    [[file], /the query of its URL is not in the trace; write mcp-ferry trace replay <file> <url>/],
    [[keyed], /a secret part of its URL is not in the trace; write mcp-ferry trace replay <file> <url>/],
    [[file, server.url, 'more'], /takes one file and one URL/],
    [[file, server.url, '--wait', 'long'], /--wait .*write a time such as/],
    [[file, server.url, '--trace', '/no/such/folder/x'], /the trace file .* cannot be written/],
  ]
  for (const [args, says] of cases) {
    const { code, stdout, stderr } = await replay(args)
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`)
    assert.equal(stdout, '')
    assert.match(stderr, says)
  }
  const only = readFileSync(file, 'utf8').split('\n')[0]
  writeFileSync(file, `${only}\n`)
  const empty = await replay([file, server.url])
  assert.equal(empty.code, 2)
  assert.match(empty.stderr, /the host has sent nothing in run [0-9a-f]{8} of /)
})

const TERMINAL = fileURLToPath(new URL('../fixtures/programs/terminal.py', import.meta.url))
const hasPython = spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0
const NO_TERMINAL =
  (process.platform !== 'linux' || !hasPython) && 'there is no Python 3.9 on Linux to make a terminal with'

for (const [typed, expected, sent] of [
  ['y\r', 0, 1],
  ['n\r', 130, 0],
] as const)
  test(
    `at a terminal the person is asked, and says ${typed.trim()}`,
    async (t) => {
      const { file, server } = await traced(t, {}, 'one')
      const before = server.sent('tools/call').length
      const child = spawn('python3', [TERMINAL, process.execPath, BIN, 'trace', 'replay', file], {
        env: { ...bareEnv(), TERM: 'xterm' },
        stdio: 'pipe',
      })
      t.after(() => child.kill('SIGKILL'))
      let screen = ''
      const waiting = createWaiting(() => [screen])
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        screen += text
        waiting.wake()
      })
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
      await waiting.until(() => /type y and Enter/.test(screen), 'nobody was asked', 40_000)
      child.stdin.write(typed)
      assert.equal(await ended, expected, screen)
      assert.equal(server.sent('tools/call').length - before, sent)
      assert.equal(/\x1b\[32msame/.test(screen), sent === 1, 'coloured at a terminal')
    },
    NO_TERMINAL,
  )

test(
  'Ctrl-C ends a replay whose answer does not come, and its session',
  async (t) => {
    const { file, server } = await traced(t, {}, 'one')
    const hanging = await serve(t, { on: { 'tools/call': (x) => x.hang() } })
    await server.close()
    const args = [BIN, 'trace', 'replay', file, hanging.url, '--yes']
    const child = spawn(process.execPath, args, { env: bareEnv(), stdio: 'ignore' })
    t.after(() => child.kill('SIGKILL'))
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    await hanging.request(({ message }) => message.method === 'tools/call')
    child.kill('SIGINT')
    assert.equal(await ended, 130)
    assert.equal(hanging.with('DELETE').length, 1)
  },
  !PLATFORM_HAS_SIGNALS && 'no such signals here',
)
