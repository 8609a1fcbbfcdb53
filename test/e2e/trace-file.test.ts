// The file of a trace: appended to by one bridge after the other and by several at once, for its owner only, and never a reason to lose a
// message.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { BIN, bareEnv, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { bridge, call, connected, ownError, PLATFORM_HAS_SIGNALS, resultOf, serve, test } from './harness.ts'
import { linesOf, traceFile } from './tracing.ts'

const NO_MODES = !PLATFORM_HAS_SIGNALS && 'no such modes or devices here'

test('a bridge that starts again appends, and says that it starts', async (t) => {
  const file = traceFile(t)
  const server = await serve(t)
  for (const id of ['a', 'b']) {
    const host = bridge(t, { url: server.url, env: { MCP_FERRY_TRACE: file } })
    host.send(initializeLine(id))
    await host.answer(id)
    await host.finish()
  }
  const starts = linesOf(file).filter(({ kind }) => kind === 'start')
  assert.equal(starts.length, 2)
  assert.notEqual(starts[0]?.run, starts[1]?.run)
})

test('several bridges write into one file at once, and each line stays whole', async (t) => {
  const file = traceFile(t)
  const { host, server } = await connected(t, {}, ['--trace', file])
  const hosts = [host, ...[1, 2].map(() => bridge(t, { url: server.url, args: ['--trace', file] }))]
  for (const one of hosts.slice(1)) await one.initialize()
  const text = 'x'.repeat(60_000)
  for (const one of hosts) for (let id = 0; id < 20; id++) one.send(call(id, { text, id }))
  for (const one of hosts) for (let id = 0; id < 20; id++) await one.answer(id)
  for (const one of hosts) await one.finish()
  const lines = linesOf(file)
  assert.equal(new Set(lines.map(({ run }) => run)).size, 3)
  assert.equal(
    lines.filter(({ side, message }) => side === 'host' && message?.method === 'tools/call').length,
    60,
  )
})

test(
  'the file is for its owner only, and a line that was torn is ended before the next',
  async (t) => {
    const file = traceFile(t)
    const first = await connected(t, {}, ['--trace', file])
    await first.host.finish()
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const whole = readFileSync(file, 'utf8')
    writeFileSync(file, whole.slice(0, -20))
    const second = await connected(t, {}, ['--trace', file])
    await second.host.finish()
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    assert.throws(() => JSON.parse(lines[whole.trimEnd().split('\n').length - 1]!))
    assert.match(lines[whole.trimEnd().split('\n').length]!, /"kind":"start"/)
  },
  NO_MODES,
)

test(
  'a full disk costs one warning, and no message',
  async (t) => {
    const { host } = await connected(t, {}, ['--trace', '/dev/full'])
    for (let id = 0; id < 5; id++) {
      host.send(call(id))
      resultOf(await host.answer(id))
    }
    await host.finish({ stderr: 'some' })
    assert.equal(host.stderr.trimEnd().split('\n').length, 1)
    assert.match(host.stderr, /trace file \/dev\/full cannot be written any more \(ENOSPC\)/)
  },
  process.platform !== 'linux' && 'there is no such device here',
)

for (const [form, given] of Object.entries({
  'on the command line': { args: ['--trace', '/no/such/folder/t.jsonl'] },
  'in its variable': { env: { MCP_FERRY_TRACE: '/no/such/folder/t.jsonl' } },
}))
  test(`a file that cannot be written, ${form}, is told to the host, and exit 2`, async (t) => {
    const server = await serve(t)
    const host = bridge(t, { url: server.url, ...given })
    host.send(initializeLine('i'))
    const answer = await host.answer('i')
    ownError(answer, 'usage')
    assert.match(
      answer.value.error?.message ?? '',
      /the trace file .* cannot be written .*; give --trace another path/,
    )
    await host.finish({ code: 2, stderr: 'some' })
    assert.equal(server.requests.length, 0)
  })

test(
  'a trace that would be written to stdout is refused there',
  async (t) => {
    const server = await serve(t)
    const script = '"$0" "$1" "$2" --trace /dev/stdout </dev/null | cat'
    const args = ['-c', script, process.execPath, BIN, server.url]
    const { stdout, stderr } = await promisify(execFile)('/bin/sh', args, { env: bareEnv() })
    assert.equal(stdout, '')
    assert.match(
      stderr,
      /the trace file \/dev\/stdout is stdout, which the host reads; give --trace another path/,
    )
  },
  process.platform !== 'linux' && 'there is no such device here',
)
