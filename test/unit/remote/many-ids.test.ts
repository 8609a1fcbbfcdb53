// What is kept by ids takes work that grows with how many there are, and not with their square. The work is counted: time
// is the bench's matter (`requests`) and that of hostile remotes. protocol.md 0.4, 0.13.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Envelope, type Id, read } from '../../../src/message/envelope.ts'
import { createIdTable, hashOf } from '../../../src/message/id-table.ts'
import { oneLine } from '../../../src/message/lines.ts'
import { createHeld } from '../../../src/remote/held.ts'
import { createQuestions } from '../../../src/remote/questions.ts'

function message(text: string): Envelope {
  const reading = read(Buffer.from(text))
  assert.equal(reading.kind, 'message', text)
  return (reading as Extract<typeof reading, { kind: 'message' }>).envelope
}

const request = (id: number | string): Envelope =>
  message(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"tools/call"}`)

/** Ids that are as many as buckets: by chance, the fullest has seven or eight. */
const MOST_IN_A_BUCKET = 16

for (const [what, count, text] of [
  ['100,000 ids that are numbers', 100_000, (n: number) => String(n)],
  ['12,000 ids that end alike', 12_000, (n: number) => `"${n}-of-the-editor"`],
  ['12,000 ids that begin alike', 12_000, (n: number) => `"request-of-an-editor-with-a-long-name-${n}"`],
] as const) {
  const ids = Array.from({ length: count }, (_, n): Id => ({ raw: text(n), key: text(n) }))

  test(`a table of ${what}`, () => {
    const table = createIdTable<number>()
    for (const [n, id] of ids.entries()) table.set(id, n)
    assert.deepEqual([table.get(ids[7]!), table.values().length], [7, count])
    for (const id of ids) assert.ok(table.delete(id), 'it was there')
    assert.deepEqual(table.values(), [])
  })

  test(`${what} are spread over a table`, () => {
    const buckets = new Array<number>(2 ** Math.ceil(Math.log2(count))).fill(0)
    for (const { key } of ids) buckets[hashOf(key) & (buckets.length - 1)]! += 1
    const fullest = buckets.reduce((most, size) => Math.max(most, size))
    assert.ok(fullest <= MOST_IN_A_BUCKET, `${fullest} in one bucket`)
  })
}

test('what is held is taken out in any order, and nobody looks through all of it', () => {
  let looks = 0
  const all = Array.from({ length: 8000 }, (_, n): Envelope => {
    const envelope = request(n)
    const get = (): typeof envelope.id => {
      looks++
      return envelope.id
    }
    return Object.defineProperty({ ...envelope }, 'id', { get })
  })
  const held = createHeld(() => {})
  for (const envelope of all) held.push(envelope)
  for (const [n, envelope] of [...all.entries()].reverse())
    assert.ok(held.take(request(n).id!) === envelope, 'it was held')
  assert.deepEqual(held.takeAll(), [])
  assert.ok(looks <= 4 * all.length, `${looks} looks at the ids of ${all.length}`)
})

test('what is held keeps its order and is counted, and a notification has no id by which it could be taken', () => {
  const waiting = { messages: 0, sizeBytes: 0 }
  const held = createHeld((messages, sizeBytes) => {
    waiting.messages += messages
    waiting.sizeBytes += sizeBytes
  })
  const [first, second] = [request(1), request('1')]
  const initialized = message('{"jsonrpc":"2.0","method":"notifications/initialized"}')
  const answer = message('{"jsonrpc":"2.0","id":1,"result":{}}')
  for (const envelope of [answer, first, initialized, second]) held.push(envelope)
  assert.deepEqual(waiting, { messages: 2, sizeBytes: answer.bytes.length + initialized.bytes.length })
  assert.equal(held.take(first.id!), first)
  assert.equal(held.take(first.id!), undefined)
  assert.equal(
    held.takeFirst(({ kind }) => kind === 'notification'),
    initialized,
  )
  assert.deepEqual(held.takeAll(), [answer, second])
  assert.deepEqual(waiting, { messages: 0, sizeBytes: 0 })
  assert.deepEqual(held.takeAll(), [])
})

test('questions of a later session are found by the ids that it gave them', () => {
  const questions = createQuestions()
  const sessions = [{ epoch: 1 }, { epoch: 2 }]
  for (const session of sessions) {
    const shown = questions.ask(request(7), session)!
    assert.equal(questions.ask(request(7), session), undefined, 'it is known')
    const withdrawal = message(
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}',
    )
    const told = questions.withdraw(withdrawal, session)
    assert.ok(
      Buffer.from(told.bytes).includes(shown.id!.raw),
      'it is withdrawn by the id that the host knows',
    )
    assert.equal(questions.withdraw(withdrawal, session), withdrawal, 'once')
    assert.notEqual(questions.ask(request(7), session), undefined, 'and may be asked again')
  }
  assert.equal(questions.forget('').length, 2)
  assert.notEqual(questions.ask(request(7), sessions[0]!), undefined, 'what is forgotten is not known')
})

test('a thousand questions are open at most, and it stays so when they are forgotten while answers leave', () => {
  const questions = createQuestions()
  const askAll = (epoch: number): Envelope[] =>
    Array.from({ length: 2000 }, (_, n) => questions.ask(request(n), { epoch }) ?? []).flat()
  const shown = askAll(0)
  assert.equal(shown.length, 1000)
  for (const { id } of shown) questions.answer(message(`{"jsonrpc":"2.0","id":${id!.raw},"result":{}}`))
  assert.equal(askAll(1).length, 0, 'none of the answers has left')
  questions.forget('the session is lost')
  for (const _ of shown) questions.left()
  assert.equal(askAll(1).length, 1000)
  questions.forget('the session is lost')
  assert.equal(askAll(2).length, 1000)
})

test('a pretty-printed text becomes one line, and its bytes are left alone', () => {
  const bytes = Buffer.from('{\r\n "a": 1,\n "b": "\\n"\n}')
  const before = Buffer.from(bytes)
  assert.equal(Buffer.from(oneLine(bytes.subarray(1))).toString(), '   "a": 1,  "b": "\\n" }')
  assert.deepEqual(bytes, before)
})
