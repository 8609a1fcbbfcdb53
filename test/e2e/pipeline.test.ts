// A whole session on stdin at once, as `printf … | mcp-ferry URL` and `mcp-ferry URL < file` send it: everything
// owed is answered before the bridge leaves. protocol.md 0.10; T08.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { BIN, bareEnv, INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { echo } from '../fixtures/servers/mcp-server.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { bridge, call, connected, ownError, request, serve, test } from './harness.ts'

/** What is owed comes, however slow the machine is; what never comes is waited for longer than a test is. */
const PATIENT = ['--drain-timeout', '10m']
/** What is given where nothing is said. */
const USUAL_DRAIN_MS = 5000

const WHOLE = [initializeLine('i'), INITIALIZED, request(1, 'tools/list')]

const PIPELINES: Readonly<Record<string, string>> = {
  'with a trailing newline': `${WHOLE.join('\n')}\n`,
  'without a trailing newline': WHOLE.join('\n'),
  'with CRLF ends': `${WHOLE.join('\r\n')}\r\n`,
  'without initialized': `${WHOLE.filter((line) => line !== INITIALIZED).join('\n')}\n`,
}

for (const [name, text] of Object.entries(PIPELINES))
  test(`a pipeline ${name} prints both answers and exits 0`, async (t) => {
    const server = await serve(t)
    const host = bridge(t, { url: server.url, args: PATIENT })
    host.sendRaw(text)
    host.endInput()
    await host.finish()
    assert.deepEqual(
      host.lines.map(({ value }) => value.id),
      ['i', 1],
    )
    assert.ok(host.lines.every(({ value }) => value.result !== undefined))
    assert.equal(server.with('DELETE').length, 1)
    assert.equal(server.requests.at(-1)?.method, 'DELETE')
  })

test('only initialize in the pipe: its answer, exit 0', async (t) => {
  const server = await serve(t)
  const host = bridge(t, { url: server.url, args: PATIENT })
  host.sendRaw(initializeLine('alone'))
  host.endInput()
  await host.finish()
  assert.equal(host.lines.length, 1)
})

test('requests without any initialize in the pipe are answered by a server that takes them', async (t) => {
  const server = await serve(t, { sessionId: null })
  const host = bridge(t, { url: server.url, args: PATIENT })
  host.sendRaw(`${request(1, 'tools/list')}\n${call(2)}\n`)
  host.endInput()
  await host.finish()
  assert.ok(host.lines.every(({ value }) => value.result !== undefined))
})

test('a session from a file into a file', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-pipe-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const server = await serve(t)
  const [input, output] = [join(folder, 'in.jsonl'), join(folder, 'out.jsonl')]
  writeFileSync(input, `${WHOLE.join('\n')}\n`)
  const files = [openSync(input, 'r'), openSync(output, 'w')] as const
  const child = spawn(process.execPath, [BIN, server.url, ...PATIENT], {
    env: bareEnv(),
    stdio: [...files, 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const code = await new Promise((resolve) => child.on('exit', resolve))
  for (const file of files) closeSync(file)
  assert.equal(code, 0)
  const lines = readFileSync(output, 'utf8').trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { id: unknown }).id),
    ['i', 1],
  )
})

test(
  'a session through real pipes: printf … | mcp-ferry URL | cat',
  async (t) => {
    const server = await serve(t)
    const script = 'printf "%s\\n" "$1" "$2" "$3" | "$4" "$5" "$6" "$7" "$8" | cat'
    const words = [...WHOLE, process.execPath, BIN, server.url, ...PATIENT]
    const child = spawn('sh', ['-c', script, 'sh', ...words], {
      env: bareEnv(),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => child.kill('SIGKILL'))
    let output = ''
    for await (const chunk of child.stdout) output += String(chunk)
    assert.deepEqual(
      output
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: unknown }).id),
      ['i', 1],
    )
  },
  process.platform === 'win32' && 'no sh here',
)

test('a large answer at the end is not cut short when the host takes its time to read', async (t) => {
  const text = 'x'.repeat(8_000_000)
  const { host, server } = await connected(
    t,
    { on: { 'tools/call': (x) => x.result({ content: [{ type: 'text', text }] }) } },
    PATIENT,
  )
  host.pauseOutput()
  host.send(call(1))
  host.endInput()
  await (await server.request(({ message }) => message.method === 'tools/call')).over
  await pause(2500)
  host.resumeOutput()
  await host.finish()
  assert.ok((await host.answer(1)).raw.includes(text))
})

test('an empty stdin: exit 0, no output, no network', async (t) => {
  const server = await serve(t)
  const host = bridge(t, { url: server.url, args: PATIENT })
  host.endInput()
  await host.finish()
  assert.equal(host.lines.length, 0)
  assert.equal(server.connections, 0)
})

test('T08 stdin closed right after three requests: three answers, exit 0', async (t) => {
  const held: Exchange[] = []
  const on = { 'tools/call': (x: Exchange) => void held.push(x) }
  const { host, server } = await connected(t, { on }, PATIENT)
  for (const id of [1, 2, 3]) host.send(call(id))
  host.endInput()
  await server.request(() => held.length === 3)
  for (const x of held.reverse()) echo(x)
  await host.finish()
  assert.equal(host.lines.filter(({ value }) => value.result !== undefined).length, 4)
  assert.equal(server.requests.at(-1)?.method, 'DELETE')
})

test('an answer that comes later than --drain-timeout usually is, but in time for what it says, is still delivered', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => x.hang() } }, PATIENT)
  host.send(call(1))
  const x = await server.request(({ message }) => message.method === 'tools/call')
  host.endInput()
  await pause(1.2 * USUAL_DRAIN_MS)
  x.result('{"content":[]}')
  await host.finish()
  assert.ok(host.lines.at(-1)?.value.result)
})

test('an answer that does not come within --drain-timeout is a shutdown error', async (t) => {
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => x.hang() } }, [
    '--drain-timeout',
    '300ms',
  ])
  host.send(call(1))
  await server.request(({ message }) => message.method === 'tools/call')
  host.endInput()
  await host.finish({ stderr: 'any' })
  const answer = await host.answer(1)
  assert.equal(ownError(answer, 'shutdown').maybeDelivered, true)
  assert.equal(server.with('DELETE').length, 1)
})
