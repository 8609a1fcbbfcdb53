// `trace show`: what happened, readably; what is no trace, or was torn, is told as such. Nothing in a trace is obeyed by a terminal.
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { type Ran, runToEnd } from '../fixtures/hosts/run-to-end.ts'
import { bridge, call, connected, inSession, notify, request, resultOf, serve, test } from './harness.ts'
import { traceFile } from './tracing.ts'

function show(args: readonly string[], input?: string): Promise<Ran> {
  const env = bareEnv()
  return runToEnd([BIN, 'trace', 'show', ...args], { env, ...(input !== undefined && { input }) })
}

test('a conversation is told in its order, with names, ids, status and durations', async (t) => {
  const file = traceFile(t)
  const { host } = await connected(
    t,
    {
      on: {
        'tools/call': (x) => {
          if (x.message.params?.name === 'failing') return x.result('{"content":[],"isError":true}')
          if (x.message.params?.name === 'refused') return x.error(-32602, 'no such tool')
          const stream = x.sse()
          for (const progress of [1, 2, 3])
            stream.message(JSON.parse(notify('notifications/progress', { progressToken: 1, progress })))
          stream.result('{"content":[]}')
        },
      },
    },
    ['--trace', file],
  )
  host.send(call(1, {}, 'steps'))
  resultOf(await host.answer(1))
  host.send(call('two', {}, 'failing'))
  resultOf(await host.answer('two'))
  host.send(call(3, {}, 'refused'))
  await host.answer(3)
  await host.finish()
  const { code, stdout, stderr } = await show([file])
  assert.equal(code, 0, stderr)
  assert.equal(stderr, '')
  const order = [
    /^http:\/\/127\.0\.0\.1:\d+\/mcp, \d{4}-.*, mcp-ferry \d/,
    / host → remote {2}initialize "init", \d+ bytes$/,
    /→ HTTP {2}#1 POST \/mcp, initialize "init"/,
    /← HTTP {2}#1 200, application\/json, after \d+ ms$/,
    /host ← remote {2}answer to initialize "init", after \d+ ms/,
    /host → remote {2}tools\/call steps 1, /,
    /host ← remote {2}notifications\/progress, 3 times until/,
    /host ← remote {2}answer to tools\/call steps 1, after/,
    /answer to tools\/call failing "two", .* {2}the tool says that it has failed$/,
    /answer to tools\/call refused 3, .* {2}error -32602: no such tool$/,
    /^5 messages to the remote, 7 messages to the host, \d+ HTTP requests, 1 session, 2 errors$/,
    /^never answered: none$/,
    /^longest:$/,
  ]
  let at = 0
  const lines = stdout.split('\n')
  for (const pattern of order) {
    const found = lines.findIndex((line, index) => index >= at && pattern.test(line))
    assert.ok(found >= 0, `no ${pattern} in\n${lines.slice(at).join('\n')}`)
    at = found + 1
  }
  assert.ok(!stdout.includes('\x1b'), 'no colour where no terminal is')
  const coloured = await runToEnd([BIN, 'trace', 'show', '-'], {
    env: bareEnv(),
    input: readFileSync(file, 'utf8'),
  })
  assert.equal(coloured.stdout, stdout, 'the same by stdin')
})

test('what was never answered, cancelled, sent again, and both sessions are told at the end', async (t) => {
  const file = traceFile(t)
  const { host, server } = await inSession(
    t,
    {
      on: {
        'tools/call': (x) => (x.message.params?.name === 'hang' ? x.hang() : x.result('{"content":[]}')),
      },
    },
    ['--trace', file, '--drain-timeout', '1ms'],
  )
  server.forget()
  host.send(call(1))
  resultOf(await host.answer(1))
  host.send(call('taken-back', {}, 'hang'))
  await server.request(({ message }) => message.id === 'taken-back')
  host.send(notify('notifications/cancelled', { requestId: 'taken-back' }))
  host.send(request('last', 'tools/list'))
  await host.answer('last')
  await host.finish({ unanswered: 'any' })
  const { stdout } = await show([file])
  assert.match(stdout, /, 2 sessions, /)
  assert.match(stdout, /#\d+ POST \/mcp, tools\/call 1, session 2, sent again/)
  assert.match(stdout, /\nnever answered:\n {2}tools\/call hang "taken-back", at [\d.]+, cancelled\n/)
  assert.match(stdout, /\nsent more than once:\n {2}tools\/call 1, 2 times/)
})

test('--json is the same for programs, and --run takes one of several', async (t) => {
  const file = traceFile(t)
  const server = await serve(t)
  for (const id of ['a', 'b']) {
    const host = bridge(t, { url: server.url, args: ['--trace', file] })
    await host.initialize()
    host.send(call(id))
    await host.answer(id)
    await host.finish()
  }
  const { code, stdout } = await show([file, '--json'])
  assert.equal(code, 0)
  const { runs } = JSON.parse(stdout) as {
    runs: {
      run: string
      steps: { step: string; dir?: string }[]
      summary: { toRemote: number; unanswered: [] }
    }[]
  }
  assert.equal(runs.length, 2)
  assert.equal(runs[0]?.summary.toRemote, 3)
  assert.deepEqual(runs[0].summary.unanswered, [])
  const one = await show(['--json', '--run', runs[1]!.run, file])
  const chosen = (JSON.parse(one.stdout) as { runs: { run: string }[] }).runs
  assert.deepEqual(
    chosen.map(({ run }) => run),
    [runs[1]!.run],
  )
  const none = await show([file, '--run=nope'])
  assert.equal(none.code, 2)
  assert.match(none.stderr, /^mcp-ferry: there is no such run in .*; mcp-ferry trace show lists them\n$/)
})

test('what a server has said cannot make the terminal do anything', async (t) => {
  const file = traceFile(t)
  const evil = '\x1b]0;owned\x07\x1b[2J\u202e\u009b31m evil'
  const { host } = await connected(t, { on: { 'tools/call': (x) => x.error(-32000, evil) } }, [
    '--trace',
    file,
  ])
  host.send(call(evil, {}, evil))
  await host.answer(evil)
  await host.finish()
  for (const args of [[file], [file, '--json']]) {
    const { code, stdout } = await show(args)
    assert.equal(code, 0)
    assert.match(stdout, /evil/)
    assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
  }
})

test('lines that are torn or foreign are left out, and counted', async (t) => {
  const file = traceFile(t)
  const { host } = await connected(t, {}, ['--trace', file])
  await host.finish()
  const whole = readFileSync(file, 'utf8')
  appendFileSync(
    file,
    'not JSON\n{"kind":"message","run":5}\n[]\n{"run":"x","ms":1,"at":"","kind":"request"}\n',
  )
  appendFileSync(file, whole.slice(0, 60))
  const { code, stdout, stderr } = await show([file])
  assert.equal(code, 0)
  assert.equal(stderr, 'mcp-ferry: 5 lines of the trace cannot be read, and left out\n')
  assert.match(stdout, /answer to initialize/)
})

const WRONG: Readonly<Record<string, readonly [args: (file: string) => readonly string[], says: RegExp]>> = {
  'no file': [() => [], /there is no file; write mcp-ferry trace show <file>/],
  'a file that is not there': [() => ['/no/such/trace'], /the file \/no\/such\/trace does not exist; /],
  'a folder': [() => ['/'], /cannot be read \(EISDIR\); /],
  'an empty file': [(file) => [file], /is empty; no bridge has written a trace into it yet/],
  'an option of the bridge': [(file) => [file, '--transport', 'auto'], /trace show takes one file/],
  'two files': [(file) => [file, file], /trace show takes one file/],
}

for (const [what, [args, says]] of Object.entries(WRONG))
  test(`${what} is told in a sentence, exit 2`, async (t) => {
    const file = traceFile(t)
    writeFileSync(file, '')
    const { code, stdout, stderr } = await show(args(file))
    assert.equal(code, 2, stderr)
    assert.equal(stdout, '')
    assert.match(stderr, /^mcp-ferry: \S[^\n]*\n$/)
    assert.match(stderr, says)
  })

test('what is no trace, and what a newer version wrote, is told as such', async (t) => {
  const file = traceFile(t)
  writeFileSync(file, '{"some":"log"}\nand more\n')
  const foreign = await show([file])
  assert.equal(foreign.code, 2)
  assert.match(foreign.stderr, /is no trace; a trace is what a bridge writes with --trace <file>/)
  writeFileSync(file, '{"at":"","ms":0,"run":"x","kind":"start","trace":99,"url":"http://h/"}\n')
  const newer = await show([file])
  assert.equal(newer.code, 2)
  assert.match(newer.stderr, /was written by a newer mcp-ferry/)
  const alone = await runToEnd([BIN, 'trace'], { env: bareEnv() })
  assert.equal(alone.code, 2)
  assert.match(alone.stderr, /write mcp-ferry trace show <file>, or mcp-ferry trace replay <file> \[url\]/)
})
