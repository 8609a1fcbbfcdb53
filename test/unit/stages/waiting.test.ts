// Calls that wait for the catalogue: let go once, unless they were taken back; and what becomes of a stage that throws.
import assert from 'node:assert/strict'
import test from 'node:test'
import { createCatalogue } from '../../../src/stages/catalogue.ts'
import { guarded } from '../../../src/stages/stages.ts'
import { createWaiting, type Waiting } from '../../../src/stages/waiting.ts'
import { envelope, type Line, lineOf, notify, request, result, settled } from './line.ts'

function waiting(): Line & { readonly waiting: Waiting; tell(): Promise<void> } {
  let made: Waiting | undefined
  const line = lineOf((log) => {
    const catalogue = createCatalogue(log)
    made = createWaiting(catalogue)
    return [catalogue.stage]
  })
  return {
    ...line,
    waiting: made!,
    async tell() {
      const { id } = JSON.parse(line.taken('remote')) as { id: string }
      line.fromRemote(result(id, { tools: [{ name: 'a' }] }))
      await settled()
    },
  }
}

const call = (id: unknown) => envelope(request(id, 'tools/call', { name: 'a' }))
const cancel = (requestId: unknown) => envelope(notify('notifications/cancelled', { requestId }))

test('a call is let go when the tools are known, and at once from then on', async () => {
  const { waiting: made, tell } = waiting()
  const went: string[] = []
  made.until(call(1), (isKnown) => void went.push(`1 ${isKnown}`))
  made.until(call(2), (isKnown) => void went.push(`2 ${isKnown}`))
  assert.equal(went.length, 0)
  await tell()
  assert.deepEqual(went, ['1 true', '2 true'])
  made.until(call(3), (isKnown) => void went.push(`3 ${isKnown}`))
  assert.deepEqual(went.slice(2), ['3 true'])
  assert.equal(made.cancel(cancel(3)), false)
})

test('a call that is taken back is not let go, and its id may come again', async () => {
  const { waiting: made, tell } = waiting()
  const went: string[] = []
  made.until(call(1), () => void went.push('first'))
  assert.equal(made.cancel(cancel('1')), false)
  assert.equal(made.cancel(cancel(1)), true)
  assert.equal(made.cancel(cancel(1)), false)
  made.until(call(1), () => void went.push('second'))
  await tell()
  assert.deepEqual(went, ['second'])
})

test('a call that waits when the host begins anew on the same pipe is refused, and never let go', async () => {
  const { waiting: made, tell, ...line } = waiting()
  const went: string[] = []
  line.fromHost(request(0, 'initialize'))
  line.taken('remote')
  made.until(call(1), () => void went.push('of before'))
  line.taken('remote')
  line.fromHost(request(1, 'initialize'))
  assert.match(line.taken('host'), /"id":1,"error":.*the host started a new session.*"maybeDelivered":false/)
  line.taken('remote')
  made.until(call(1), () => void went.push('of now'))
  await tell()
  assert.deepEqual(went, ['of now'])
})

test('a call that cannot be let go is let go as one of which nothing is known', async () => {
  const { waiting: made, tell } = waiting()
  const went: boolean[] = []
  made.until(call(1), (isKnown) => {
    went.push(isKnown)
    throw new Error('a defect')
  })
  made.until(call(2), (isKnown) => void went.push(isKnown))
  await tell()
  assert.deepEqual(went, [true, false, true])
})

const broken = (): Line =>
  lineOf((log) => [
    guarded(
      () => ({
        toRemote() {
          throw new Error('a defect')
        },
        toHost() {
          throw new Error('a defect')
        },
      }),
      log,
    ),
  ])

for (const [what, from, text, answered] of [
  ['a request of the host is answered', 'fromHost', request(1, 'tools/call'), 'host'],
  ['an answer of the host is replaced', 'fromHost', result(1, {}), 'remote'],
  ['a notification of the host is dropped', 'fromHost', notify('x'), undefined],
  ['a request of the remote is answered', 'fromRemote', request(1, 'roots/list'), 'remote'],
  ['an answer of the remote is replaced', 'fromRemote', result(1, { tools: ['x'] }), 'host'],
  ['a notification of the remote is dropped', 'fromRemote', notify('x'), undefined],
  ['an answer without an id is dropped', 'fromRemote', '{"jsonrpc":"2.0","error":{}}', undefined],
] as const)
  test(`a stage that throws lets nothing through: ${what}`, () => {
    const line = broken()
    line[from](text)
    if (answered !== undefined) {
      const { error, id } = JSON.parse(line.taken(answered)) as { id: number; error: { code: number } }
      assert.deepEqual([error.code, id], [-32603, 1])
    }
    assert.deepEqual([line.toHost, line.toRemote], [[], []])
    assert.equal(line.logged.length, 1)
  })
