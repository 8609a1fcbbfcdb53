// `trace replay`: the host's side of a trace once more, against the same remote, another, one that answers otherwise or not at all.
import assert from 'node:assert/strict'
import type { Handler } from '../fixtures/servers/raw-server.ts'
import {
  bridge,
  call,
  connected,
  discovered,
  freePort,
  modernCall,
  notify,
  PLATFORM_HAS_SIGNALS,
  resultOf,
  serve,
  serveModern,
  test,
} from './harness.ts'
import { linesOf, replay, traced, traceFile } from './tracing.ts'

interface Verdict {
  readonly outcome: string
  readonly method: string
  readonly id: string
  readonly differences: readonly {
    readonly path: string
    readonly before?: string
    readonly after?: string
  }[]
}

async function verdicts(
  args: readonly string[],
): Promise<{ code: number | null; answers: readonly Verdict[] }> {
  const { code, stdout, stderr } = await replay([...args, '--json', '--yes'])
  assert.ok(stdout !== '', `nothing on stdout: ${stderr}`)
  return { code, answers: (JSON.parse(stdout) as { answers: Verdict[] }).answers }
}

test('the same remote answers the same, and gets the same bytes', async (t) => {
  const { file, server } = await traced(t, {}, 'one', 'two')
  const before = server.requests.map(({ text }) => text)
  const { code, stdout, stderr } = await replay([file, '--yes'])
  assert.equal(code, 0, stderr)
  assert.equal(stderr, '')
  assert.match(stdout, /^same {8}initialize "init", \d+ ms then, \d+ ms now\n/)
  assert.match(stdout, /\nsame {8}tools\/call two "two", /)
  assert.match(stdout, /\n4 same, 0 different\n$/)
  const after = server.requests.slice(before.length).map(({ text }) => text)
  assert.deepEqual(
    after.filter((text) => text !== ''),
    before.filter((text) => text !== ''),
  )
})

test('answers of some kilobytes are the same too, each by itself', async (t) => {
  const result: Handler = (x) =>
    x.result({ content: [{ type: 'text', text: String(x.message.id).repeat(2500) }] })
  const { file } = await traced(t, { on: { 'tools/call': result } }, 'one', 'two', 'six')
  const { stdout } = await replay([file, '--yes'])
  assert.match(stdout, /\n5 same, 0 different\n$/)
})

test('answers that differ are told by their paths, exit 4, and --ignore says which may differ', async (t) => {
  let isLater = false
  const answer: Handler = (x) =>
    x.result(
      isLater
        ? '{"n":9007199254740993,"stamp":{"at":2,"by":[{"at":5}]},"content":[{"text":"b","type":"text"}]}'
        : '{"content":[{"type":"text","text":"a"}],"n":9007199254740992,"stamp":{"at":1,"by":[{"at":4}]}}',
    )
  const { file, server } = await traced(t, { on: { 'tools/call': answer } }, 'one')
  isLater = true
  const { code, answers } = await verdicts([file, server.url])
  assert.equal(code, 4)
  const [differing] = answers.filter(({ outcome }) => outcome !== 'same')
  assert.equal(differing?.outcome, 'different')
  assert.deepEqual(differing.differences, [
    { path: 'result.content[0].text', before: '"a"', after: '"b"' },
    { path: 'result.n', before: '9007199254740992', after: '9007199254740993' },
    { path: 'result.stamp.at', before: '1', after: '2' },
    { path: 'result.stamp.by[0].at', before: '4', after: '5' },
  ])
  const told = await replay([file, server.url, '--yes'])
  assert.match(told.stdout, /\n {12}result\.content\[0\]\.text: "a" → "b"\n/)
  assert.match(told.stdout, /\n2 same, 1 different\n$/)
  const some = await verdicts([file, server.url, '--ignore', 'result.**.at', '--ignore=result.n'])
  assert.equal(some.code, 4)
  assert.deepEqual(
    some.answers.at(-1)?.differences.map(({ path }) => path),
    ['result.content[0].text'],
  )
  const all = await replay([
    file,
    '--yes',
    '--ignore',
    'result.content[*].*',
    '--ignore',
    'result.n',
    '--ignore',
    'result.stamp',
  ])
  assert.equal(all.code, 0, all.stdout)
})

test('an answer that does not come is missing, and one that did not come then is new', async (t) => {
  if (!PLATFORM_HAS_SIGNALS) return t.skip('no such signals here')
  const hangs = new Set(['two'])
  const file = traceFile(t)
  const server = await serve(t, {
    on: {
      'tools/call': (x) =>
        hangs.has(String(x.message.params?.name)) ? x.hang() : x.result('{"content":[]}'),
    },
  })
  const host = bridge(t, { url: server.url, args: ['--trace', file, '--drain-timeout', '1ms'] })
  await host.initialize()
  host.send(call('one', {}, 'one'))
  resultOf(await host.answer('one'))
  host.send(call('two', {}, 'two'))
  await server.request(({ message }) => message.id === 'two')
  host.kill('SIGTERM')
  await host.finish({ unanswered: 'any' })
  hangs.delete('two')
  hangs.add('one')
  const { code, answers } = await verdicts([file, '--wait', '4s', '--drain-timeout', '1ms'])
  assert.equal(code, 4)
  assert.deepEqual(
    answers.map(({ id, outcome }) => [id, outcome]),
    [
      ['"init"', 'same'],
      ['"one"', 'missing'],
      ['"two"', 'new'],
    ],
  )
})

test('what is sent waits for what it had waited for: requests in turn, and those at once at once', async (t) => {
  const underWay = { now: 0, most: 0 }
  const file = traceFile(t)
  const server = await serve(t, {
    on: {
      'tools/call': async (x) => {
        underWay.most = Math.max(underWay.most, ++underWay.now)
        // Answered when the next turn has brought what comes at the same time.
        if (x.message.params?.name === 'pair')
          await server.several(2, ({ message }) => message.params?.name === 'pair')
        underWay.now--
        x.result('{"content":[]}')
      },
    },
  })
  const host = bridge(t, { url: server.url, args: ['--trace', file] })
  await host.initialize()
  for (const id of [1, 2, 3]) {
    host.send(call(id))
    await host.answer(id)
  }
  const inTurn = underWay.most
  await host.finish()
  underWay.most = 0
  const { code } = await replay([file, '--yes'])
  assert.equal(code, 0)
  assert.deepEqual([inTurn, underWay.most], [1, 1])
  const second = bridge(t, { url: server.url, args: ['--trace', file] })
  await second.initialize()
  for (const id of ['a', 'b']) second.send(call(id, {}, 'pair'))
  for (const id of ['a', 'b']) await second.answer(id)
  await second.finish()
  const both = await replay([file, '--yes'])
  assert.equal(both.code, 0, both.stderr)
  assert.match(
    both.stderr,
    /^mcp-ferry: the trace has 2 runs; this is [0-9a-f]{8}, and --run takes another\n$/,
  )
  assert.match(both.stdout, /3 same, 0 different/)
})

test('questions of the remote are answered as the host did then, under the ids of now', async (t) => {
  let nextId = 100
  const answers: unknown[] = []
  const file = traceFile(t)
  const server = await serve(t, {
    on: {
      'tools/call': async (x) => {
        const id = nextId++
        const stream = x.sse()
        stream.message({ jsonrpc: '2.0', id, method: 'elicitation/create', params: { message: 'name?' } })
        const answer = await server.request(
          ({ message }) => message.id === id && message.method === undefined,
        )
        answers.push((answer.message as { result?: unknown }).result)
        stream.result({ content: [], ...(answer.message.result as object) })
      },
      response: (x) => x.reply(202),
    },
  })
  const host = bridge(t, { url: server.url, args: ['--trace', file] })
  await host.initialize()
  for (const [id, name] of [
    [1, 'Ada'],
    [2, 'Eve'],
  ] as const) {
    host.send(call(id))
    const question = await host.line(({ value }) => value.method === 'elicitation/create')
    host.send(
      `{"jsonrpc":"2.0","id":${JSON.stringify(question.value.id)},"result":{"action":"accept","content":{"name":"${name}"}}}`,
    )
    resultOf(await host.answer(id))
  }
  await host.finish()
  const { code, stdout } = await replay([file, '--yes'])
  assert.equal(code, 0, stdout)
  assert.deepEqual(answers.slice(2), answers.slice(0, 2))
})

test('another remote, with the options of the bridge, and a trace of it', async (t) => {
  const { file, server } = await traced(t, {}, 'one')
  await server.close()
  const other = await serve(t)
  const again = traceFile(t, 'again.jsonl')
  const { code } = await replay([file, other.url, '--yes', '--header', 'X-Mine: me', '--trace', again])
  assert.equal(code, 0)
  assert.ok(
    other.requests.every((x) => x.header('x-mine') === 'me'),
    'the header is sent',
  )
  const host = (lines: ReturnType<typeof linesOf>) =>
    lines.filter(({ side, dir }) => side === 'host' && dir === 'toRemote').map(({ message }) => message)
  assert.deepEqual(host(linesOf(again)), host(linesOf(file)))
})

test('a remote that is absent is exit 3, and one that wants a sign-in exit 6', async (t) => {
  const { file, server } = await traced(t, {}, 'one')
  await server.close()
  const absent = await replay([file, `http://127.0.0.1:${await freePort()}/mcp`, '--yes', '--retries', '0'])
  assert.equal(absent.code, 3, absent.stdout)
  assert.match(absent.stdout, /different {3}initialize/)
  const closed = await serve(t, { on: { initialize: (x) => x.reply(401), POST: (x) => x.reply(401) } })
  const unsigned = await replay([
    file,
    closed.url,
    '--yes',
    '--header',
    'Authorization: Bearer none-of-theirs',
  ])
  assert.equal(unsigned.code, 6, unsigned.stdout)
})

test('a trace of the modern era', async (t) => {
  const file = traceFile(t)
  const { host, server } = await discovered(t, {}, ['--trace', file])
  host.send(modernCall(1, { a: 1 }))
  resultOf(await host.answer(1))
  await host.finish()
  const same = await replay([file, server.url, '--yes'])
  assert.equal(same.code, 0, same.stdout)
  const other = await serveModern(t, {
    on: { 'tools/call': (x) => x.result('{"resultType":"complete","content":[]}') },
  })
  const differs = await verdicts([file, other.url])
  assert.equal(differs.code, 4)
  assert.deepEqual(
    differs.answers.map(({ outcome }) => outcome),
    ['same', 'different'],
  )
})

test('a message that is not whole is not sent, and is told', async (t) => {
  const file = traceFile(t)
  const { host, server } = await connected(t, {}, ['--trace', file])
  host.send(call('long', { text: 'y'.repeat(2 * 1024 * 1024) }))
  resultOf(await host.answer('long'))
  host.send(call('short'))
  resultOf(await host.answer('short'))
  await host.finish()
  const before = server.sent('tools/call').length
  const { code, stdout, stderr } = await replay([file, '--yes'])
  assert.equal(code, 0, stdout)
  assert.match(stderr, /1 message of the host is not whole in the trace, and not sent/)
  assert.match(stdout, /skipped {5}tools\/call "long", not whole in the trace\n/)
  assert.equal(server.sent('tools/call').length, before + 1)
})

test('a notification that the host sent is sent again in its place', async (t) => {
  const file = traceFile(t)
  const { host, server } = await connected(t, {}, ['--trace', file])
  host.send(call(1))
  await host.answer(1)
  host.send(notify('notifications/roots/list_changed'))
  await server.request(({ message }) => message.method === 'notifications/roots/list_changed')
  await host.finish()
  assert.equal((await replay([file, '--yes'])).code, 0)
  assert.equal(server.sent('notifications/roots/list_changed').length, 2)
})
