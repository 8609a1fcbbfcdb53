// A host that sends faster than the remote answers: its input is read only while there is room for what it asks, and
// a little of it even then. protocol.md 0.5, 0.13.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { readHost } from '../../../src/host/host.ts'
import { createLedger } from '../../../src/host/ledger.ts'
import { compose } from '../../../src/lane.ts'
import { createLog } from '../../../src/log.ts'
import type { Envelope } from '../../../src/message/envelope.ts'
import { answerEmpty, own } from '../../../src/message/message.ts'

const log = createLog({ level: 'silent', json: false, secrets: [], write: () => {} })
const PIECE = 100

interface TestHost {
  readonly input: PassThrough
  readonly arrived: Envelope[]
  answer(request: Envelope): void
  /** What the remote does with what waits for it without being owed an answer: it has taken it. */
  taken(notification: Envelope): void
}

function openHost(): TestHost {
  const input = new PassThrough({ highWaterMark: 1 })
  const arrived: Envelope[] = []
  const ledger = createLedger(log)
  const line = compose([ledger.stage], {
    toRemote(envelope) {
      arrived.push(envelope)
      if (envelope.kind !== 'request') ledger.intake.weigh(1, envelope.bytes.length)
    },
    toHost: () => {},
  })
  void readHost({
    input,
    log,
    lineLimitBytes: 100_000_000,
    toRemote: line.toRemote,
    refuse: () => assert.fail('nothing is to be refused'),
    intake: ledger.intake,
  })
  return {
    input,
    arrived,
    answer: ({ id }) => line.toHost(answerEmpty(id!)),
    taken: ({ bytes }) => ledger.intake.weigh(-1, -bytes.length),
  }
}

function requests(from: number, count: number, params = '{}'): string {
  return Array.from(
    { length: count },
    (_, at) => `{"jsonrpc":"2.0","id":${from + at},"method":"tools/call","params":${params}}\n`,
  ).join('')
}

function notifications(count: number, params = '{}'): string {
  return `{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}\n`.repeat(count)
}

/** Writes piece by piece, as a pipe brings them; resolves when all has been taken. */
async function flood(input: PassThrough, pieces: readonly string[]): Promise<void> {
  for (const piece of pieces) if (!input.write(piece)) await once(input, 'drain')
}

/** Many turns of the loop: whatever could still be read has been. */
async function quiet(): Promise<void> {
  for (let n = 0; n < 50; n++) await turn()
}

test('the input is not read while a thousand requests are under way, and is again when half are answered', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { input, arrived, answer } = openHost()
  const pieces = Array.from({ length: 30 }, (_, at) => requests(at * PIECE, PIECE))
  const flooded = flood(input, pieces)
  await quiet()
  assert.equal(arrived.length, 1100)
  for (let answered = 0; answered < 3000; answered++) {
    while (answered === arrived.length) await turn()
    answer(arrived[answered]!)
    assert.ok(arrived.length - answered <= 1024 + PIECE, `${arrived.length - answered} are under way`)
  }
  await flooded
  assert.equal(arrived.length, 3000)
})

test('the input is not read while requests of 64 MiB are under way', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { input, arrived, answer } = openHost()
  const text = JSON.stringify('x'.repeat(8 * 1024 * 1024))
  const flooded = flood(
    input,
    Array.from({ length: 20 }, (_, at) => requests(at, 1, text)),
  )
  await quiet()
  assert.equal(arrived.length, 8)
  for (let answered = 0; answered < 20; answered++) {
    while (answered === arrived.length) await turn()
    answer(arrived[answered]!)
  }
  await flooded
  assert.equal(arrived.length, 20)
})

test('a cancellation behind too many requests is read all the same, a piece a second', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { input, arrived } = openHost()
  const pieces = Array.from({ length: 12 }, (_, at) => requests(at * PIECE, PIECE))
  const cancel = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}\n'
  void flood(input, [...pieces, cancel])
  await quiet()
  assert.equal(arrived.length, 1100)
  t.mock.timers.tick(1000)
  await quiet()
  assert.equal(arrived.length, 1200)
  t.mock.timers.tick(1000)
  await quiet()
  assert.equal(arrived.at(-1)?.method, 'notifications/cancelled')
})

test('the input is not read while a thousand notifications wait for the remote, and is again when half are taken', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { input, arrived, taken } = openHost()
  const flooded = flood(
    input,
    Array.from({ length: 30 }, () => notifications(PIECE)),
  )
  await quiet()
  assert.equal(arrived.length, 1100)
  for (let count = 0; count < 3000; count++) {
    while (count === arrived.length) await turn()
    taken(arrived[count]!)
  }
  await flooded
  assert.equal(arrived.length, 3000)
})

for (const [what, pieces, text, most] of [
  ['small', 180, notifications(PIECE), 17_000],
  ['large', 36, notifications(1, JSON.stringify('x'.repeat(4 * 1024 * 1024))), 33],
] as const)
  test(`of ${what} notifications that a remote never takes no more are kept than so many`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { input, arrived, answer, taken } = openHost()
    const flooded = flood(input, Array<string>(pieces).fill(text))
    for (let n = 0; n < pieces; n++) {
      await quiet()
      t.mock.timers.tick(1000)
    }
    await flooded
    assert.ok(arrived.length <= most, `${arrived.length} are kept`)
    for (const notification of [...arrived]) taken(notification)
    const before = arrived.length
    await flood(input, [notifications(1), requests(1, 1)])
    while (arrived.length < before + 2) await turn()
    answer(arrived.at(-1)!)
  })

test('a cancellation is taken though too much waits for the remote; one that cancels nothing is dropped', () => {
  const arrived: (string | undefined)[] = []
  const ledger = createLedger(log)
  const line = compose([ledger.stage], {
    toRemote: ({ method }) => void arrived.push(method),
    toHost: () => assert.fail('nothing is for the host'),
  })
  ledger.intake.weigh(16 * 1024, 0)
  line.toRemote(own('{"jsonrpc":"2.0","method":"notifications/progress"}'))
  line.toRemote(own('{"jsonrpc":"2.0","id":1,"method":"tools/call"}'))
  const cancel = (id: number): void =>
    line.toRemote(own(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`))
  for (const id of [2, 1, 1]) cancel(id)
  assert.deepEqual(arrived, ['tools/call', 'notifications/cancelled'])
  assert.equal(ledger.owed(), 0)
})

test('an input that is not read for a while keeps the process', async (t) => {
  // A busy machine may take a second to look.
  const { setTimeout: start } = globalThis
  const slowly = (callback: () => void, waitMs: number): NodeJS.Timeout => start(callback, 60 * waitMs)
  t.mock.method(globalThis, 'setTimeout', slowly as typeof start)
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const { input, arrived, answer } = openHost()
  const before = timers()
  const flooded = flood(
    input,
    Array.from({ length: 11 }, (_, at) => requests(at * PIECE, PIECE)),
  )
  while (arrived.length < 1100) await turn()
  assert.equal(timers(), before + 1, 'nothing else may do so')
  for (const request of arrived) answer(request)
  await flooded
  assert.equal(timers(), before)
})
