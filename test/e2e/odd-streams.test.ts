// stdin and stdout that are no pipes: files, as a script has them; a socket, as a service manager gives it; a real pipe of
// the shell on each side (what Node calls a pipe is a pair of sockets); and streams that were closed before the start.
import assert from 'node:assert/strict'
import { type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { BIN, bareEnv, INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import type { McpServer } from '../fixtures/servers/mcp-server.ts'
import { call, request, serve, test } from './harness.ts'
import { NOT_LINUX } from './odd-home.ts'

/** All is answered, however slow the machine is. */
const PATIENT = ['--drain-timeout', '10m']
const LINES = `${[initializeLine('i'), INITIALIZED, request('list', 'tools/list'), call('echo', { a: 1 })].join('\n')}\n`

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'ferry-streams-'))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** The bridge, or the shell that starts it, to its end. */
async function run(t: TestContext, command: readonly string[], stdio: StdioOptions) {
  const [program = '', ...args] = command
  const child = spawn(program, args, { env: bareEnv(), stdio })
  t.after(() => child.kill('SIGKILL'))
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  return { code, stderr }
}

/** Each request has its answer, the session is ended, and nothing else is in the output. */
function assertWhole(output: string, server: McpServer): void {
  const answers = output
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
  assert.deepEqual(answers.map(({ id }) => id).sort(), ['echo', 'i', 'list'])
  for (const { id, result } of answers) assert.ok(result, `no result for ${id}: ${output}`)
  assert.equal(server.with('DELETE').length, 1, 'the session is not ended')
}

const inShell = (script: string, url: string, ...more: string[]) => [
  '/bin/sh',
  '-c',
  script,
  process.execPath,
  BIN,
  url,
  ...more,
]

test('stdin is a file and so is stdout', async (t) => {
  const server = await serve(t)
  const [input, output] = [join(folder(t), 'in'), join(folder(t), 'out')]
  writeFileSync(input, LINES)
  const files = [openSync(input, 'r'), openSync(output, 'w')] as const
  const ended = await run(t, [process.execPath, BIN, server.url, ...PATIENT], [...files, 'pipe'])
  for (const file of files) closeSync(file)
  assert.deepEqual(ended, { code: 0, stderr: '' })
  assertWhole(readFileSync(output, 'utf8'), server)
})

test(
  'a pipe of the shell on each side',
  async (t) => {
    const server = await serve(t)
    const [input, output] = [join(folder(t), 'in'), join(folder(t), 'out')]
    writeFileSync(input, LINES)
    const script = 'cat "$3" | "$0" "$1" "$2" --drain-timeout 10m | cat >"$4"'
    const ended = await run(t, inShell(script, server.url, input, output), ['ignore', 'ignore', 'pipe'])
    assert.deepEqual(ended, { code: 0, stderr: '' })
    assertWhole(readFileSync(output, 'utf8'), server)
  },
  NOT_LINUX,
)

test(
  'one TCP socket is both',
  async (t) => {
    const server = await serve(t)
    const listener = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
    t.after(() => listener.close())
    await once(listener, 'listening')
    const accepted = once(listener, 'connection')
    const address = listener.address()
    assert.ok(typeof address === 'object' && address !== null, 'nobody listens')
    const host = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true })
    const [socket] = (await accepted) as [Socket]
    let output = ''
    host.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    const ended = run(t, [process.execPath, BIN, server.url, ...PATIENT], [socket, socket, 'pipe'])
    socket.destroy()
    host.end(LINES)
    assert.deepEqual(await ended, { code: 0, stderr: '' })
    await (host.readableEnded || once(host, 'end'))
    assertWhole(output, server)
  },
  NOT_LINUX,
)

test(
  'stdin that was closed before the start ends the bridge at once',
  async (t) => {
    const server = await serve(t)
    const ended = await run(t, inShell('exec "$0" "$1" "$2" <&-', server.url), ['pipe', 'pipe', 'pipe'])
    assert.deepEqual(ended, { code: 0, stderr: '' })
    assert.equal(server.connections, 0)
  },
  NOT_LINUX,
)

test(
  'stderr that was closed before the start costs nothing',
  async (t) => {
    const server = await serve(t, { on: { 'tools/list': (x) => x.reply(500, 'no') } })
    const [input, output] = [join(folder(t), 'in'), join(folder(t), 'out')]
    writeFileSync(input, LINES)
    const script = 'exec "$0" "$1" "$2" <"$3" >"$4" 2>&-'
    const { code } = await run(t, inShell(script, server.url, input, output), 'ignore')
    assert.equal(code, 0)
    const answers = readFileSync(output, 'utf8').split('\n').slice(0, -1)
    assert.equal(answers.length, 3, answers.join('\n'))
    for (const line of answers) assert.equal(JSON.parse(line).jsonrpc, '2.0')
  },
  NOT_LINUX,
)
