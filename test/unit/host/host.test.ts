// The host's side in process: what is answered at once, what is owed, and how lines are written.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { test } from 'node:test'
import { BridgeError } from '../../../src/errors.ts'
import { readHost } from '../../../src/host/host.ts'
import { createLedger } from '../../../src/host/ledger.ts'
import { createWriter } from '../../../src/host/writer.ts'
import { compose, createFlow, type Stage } from '../../../src/lane.ts'
import { createLog } from '../../../src/log.ts'
import { type Envelope, read } from '../../../src/message/envelope.ts'

const quiet = createLog({ level: 'silent', json: false, secrets: [], write: () => {} })

function message(json: string): Envelope {
  const reading = read(new TextEncoder().encode(json))
  assert.equal(reading.kind, 'message')
  return (reading as { envelope: Envelope }).envelope
}

const text = ({ bytes }: Envelope): string => new TextDecoder().decode(bytes)

async function readAll(
  input: string,
  lineLimitBytes = 1000,
): Promise<{ passed: string[]; refused: unknown[] }> {
  const stream = new PassThrough()
  const passed: string[] = []
  const refused: unknown[] = []
  const ended = readHost({
    input: stream,
    log: quiet,
    lineLimitBytes,
    toRemote: (envelope) => passed.push(text(envelope)),
    refuse: (envelope) => {
      const { id, error } = JSON.parse(text(envelope))
      refused.push(id === undefined ? error.code : [error.code, id])
    },
    intake: createLedger(quiet).intake,
  })
  stream.end(input)
  await ended
  return { passed, refused }
}

test('what is no message is refused, with its id where it has one, and what follows passes', async () => {
  const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
  const cases: [string, unknown[]][] = [
    ['garbage', [-32700]],
    ['{"jsonrpc":"2.0","id":5}', [[-32600, 5]]],
    ['{"jsonrpc":"2.0","id":null,"method":"x"}', [-32600]],
    ['{"jsonrpc":"2.0","id":null,"result":{}}', [-32600]],
    ['7', [-32600]],
    ['[]', [-32600]],
    ['[1,{"jsonrpc":"2.0","id":"a"}]', [-32600, [-32600, 'a']]],
    ['[[]]', [-32600]],
  ]
  for (const [line, refused] of cases) {
    assert.deepEqual(await readAll(`${line}\n${ping}\n`), { passed: [ping], refused }, line)
  }
})

test('a batch is taken apart; one with initialize is refused, each request of it', async () => {
  const a = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
  const b = '{"jsonrpc":"2.0","method":"notifications/x"}'
  const open = '{"jsonrpc":"2.0","id":2,"method":"initialize"}'
  assert.deepEqual(await readAll(`[${a}, ${b}]\n`), { passed: [a, b], refused: [] })
  assert.deepEqual(await readAll(`[${a},${b},${open}]\n`), {
    passed: [],
    refused: [
      [-32600, 1],
      [-32600, 2],
    ],
  })
})

test('a line over the limit is refused under its id, wherever that stands; an answer of that length is answered for', async () => {
  const long = 'x'.repeat(2000)
  assert.deepEqual((await readAll(`{"jsonrpc":"2.0","id":3,"method":"m","params":"${long}"}\n`)).refused, [
    [-32600, 3],
  ])
  assert.deepEqual(
    (await readAll(`{"method":"m","params":"${long}","jsonrpc":"2.0","id":"é\\""}\n`)).refused,
    [[-32600, 'é"']],
  )
  assert.deepEqual((await readAll(`{"method":"m","params":{"id":9,"p":"${long}"}}\n`)).refused, [])
  const answer = await readAll(`{"jsonrpc":"2.0","id":4,"result":"${long}"}\n`)
  assert.deepEqual(answer.refused, [])
  assert.equal(JSON.parse(answer.passed[0]!).id, 4)
})

function line(): {
  ledger: ReturnType<typeof createLedger>
  toRemote: string[]
  toHost: string[]
  lane: ReturnType<typeof compose>
} {
  const ledger = createLedger(quiet)
  const toRemote: string[] = []
  const toHost: string[] = []
  const lane = compose([ledger.stage], {
    toRemote: (envelope) => toRemote.push(text(envelope)),
    toHost: (envelope) => toHost.push(text(envelope)),
  })
  return { ledger, toRemote, toHost, lane }
}

const request = (id: string): Envelope => message(`{"jsonrpc":"2.0","id":${id},"method":"tools/call"}`)
const answer = (id: string): Envelope => message(`{"jsonrpc":"2.0","id":${id},"result":{}}`)
const cancelled = (id: string): Envelope =>
  message(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`)

test('a request is answered once; what nobody asked is dropped', () => {
  const { ledger, toHost, lane } = line()
  lane.toRemote(request('1'))
  lane.toRemote(request('"1"'))
  assert.equal(ledger.owed(), 2)
  for (const id of ['"1"', '"1"', '1', '1', '2']) lane.toHost(answer(id))
  assert.deepEqual(
    toHost.map((json) => JSON.parse(json).id),
    ['1', 1],
  )
  assert.equal(ledger.owed(), 0)
})

test('an id that is still waiting is refused, and the first request is unaffected', () => {
  const { toRemote, toHost, lane } = line()
  lane.toRemote(request('1'))
  lane.toRemote(request('1'))
  assert.equal(toRemote.length, 1)
  assert.equal(JSON.parse(toHost[0]!).error.code, -32600)
  lane.toHost(answer('1'))
  assert.deepEqual(JSON.parse(toHost[1]!), { jsonrpc: '2.0', id: 1, result: {} })
})

test('a cancelled request is owed nothing, its id may be used again, and initialize is never cancelled', () => {
  const { ledger, toHost, lane } = line()
  lane.toRemote(request('1'))
  lane.toRemote(cancelled('1'))
  assert.equal(ledger.owed(), 0)
  lane.toRemote(request('1'))
  assert.equal(toHost.length, 0)
  assert.equal(ledger.owed(), 1)
  lane.toRemote(message('{"jsonrpc":"2.0","id":2,"method":"initialize"}'))
  lane.toRemote(cancelled('2'))
  assert.equal(ledger.owed(), 2)
})

test('what is owed at the end is answered, but not what was cancelled', () => {
  const { ledger, toHost, lane } = line()
  for (const id of ['1', '2', '3']) lane.toRemote(request(id))
  lane.toRemote(cancelled('2'))
  let settled = 0
  ledger.onSettled(() => settled++)
  ledger.settleAll(new BridgeError('shutdown', 'closing'))
  assert.deepEqual(
    toHost.map((json) => JSON.parse(json).id),
    [1, 3],
  )
  assert.equal(settled, 1)
})

test('stages are strung in order, and none means the ends', () => {
  const seen: string[] = []
  const note =
    (name: string): Stage =>
    (next) => ({
      toRemote: (envelope) => {
        seen.push(`${name}>`)
        next.toRemote(envelope)
      },
      toHost: (envelope) => {
        seen.push(`<${name}`)
        next.toHost(envelope)
      },
    })
  const ends = { toRemote: () => void seen.push('remote'), toHost: () => void seen.push('host') }
  const lane = compose([note('a'), note('b')], ends)
  lane.toRemote(request('1'))
  lane.toHost(answer('1'))
  assert.deepEqual(seen, ['a>', 'b>', 'remote', '<b', '<a', 'host'])
  const direct = compose([], ends)
  assert.equal(direct.toRemote, ends.toRemote)
  assert.equal(direct.toHost, ends.toHost)
})

test('a response never shares a write with a notification before it; others do', async () => {
  const writes: string[] = []
  const output = new Writable({
    write(chunk, _encoding, done) {
      writes.push(String(chunk))
      done()
    },
  })
  const writer = createWriter(() => output, createFlow())
  const progress = message('{"jsonrpc":"2.0","method":"notifications/progress"}')
  for (const envelope of [answer('1'), answer('2'), progress, progress, answer('3'), answer('4')])
    writer.write(envelope)
  await writer.flush()
  const [first, ...rest] = writes
    .filter((write) => write !== '')
    .map((write) =>
      write
        .trim()
        .split('\n')
        .map((json) => JSON.parse(json).id ?? 'note'),
    )
  assert.deepEqual(first, [1, 2, 'note', 'note'])
  // Those that come right behind progress are kept back one by one, so that a busy machine may part them.
  assert.deepEqual(rest.flat().sort(), [3, 4])
})

test('who waits for the end is told of it though the last answer was kept back behind progress', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const writes: string[] = []
  const output = new Writable({
    write(chunk, _encoding, done) {
      writes.push(String(chunk))
      done()
    },
  })
  const writer = createWriter(
    () => output,
    createFlow(),
    () => true,
  )
  writer.write(message('{"jsonrpc":"2.0","method":"notifications/progress"}'))
  while (writes.length === 0) await new Promise((resolve) => setImmediate(resolve))
  writer.write(answer('1'))
  const flushed = writer.flush()
  t.mock.timers.tick(4)
  await flushed
  assert.match(writes.join(''), /"id":1/)
})

test('a host that does not read pauses the flow, and resumes it when it has read', async () => {
  const flow = createFlow()
  const output = new PassThrough({ highWaterMark: 1024 })
  const writer = createWriter(() => output, flow)
  const big = message(`{"jsonrpc":"2.0","id":1,"result":"${'x'.repeat(1024 * 1024)}"}`)
  for (let count = 0; count < 20; count++) writer.write(big)
  const changes: boolean[] = []
  const paused = new Promise<void>((resolve) => {
    flow.onChange((isPaused) => {
      changes.push(isPaused)
      resolve()
    })
  })
  await paused
  output.resume()
  while (changes.length < 2) await once(output, 'data')
  assert.deepEqual(changes, [true, false])
})

test('bytes that are no UTF-8 are written as U+FFFD', async () => {
  const output = new PassThrough()
  const writer = createWriter(() => output, createFlow())
  const bytes = Buffer.concat([
    Buffer.from('{"jsonrpc":"2.0","id":1,"result":"'),
    Buffer.from([0xff]),
    Buffer.from('"}'),
  ])
  const reading = read(bytes)
  writer.write((reading as { envelope: Envelope }).envelope)
  const [chunk] = await once(output, 'data')
  assert.equal(JSON.parse(String(chunk)).result, '\ufffd')
})
