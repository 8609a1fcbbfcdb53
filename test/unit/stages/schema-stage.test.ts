// --schema-compat on the line: a long list is rewritten a stretch at a time. users.md 35.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createLedger } from '../../../src/host/ledger.ts'
import { createCatalogue } from '../../../src/stages/catalogue.ts'
import { createSchema } from '../../../src/stages/schema.ts'
import { lineOf, notify, request, result, settled } from './line.ts'

/** Enough for several stretches, of twenty tools each. */
const MANY = 100

const inputSchema = {
  type: 'object',
  properties: Object.fromEntries(
    Array.from({ length: 8 }, (_, at) => [
      `p${at}`,
      { anyOf: [{ const: at }, { type: 'null' }, { type: 'array' }] },
    ]),
  ),
}

/** On a machine that takes a millisecond for a tool: each look at the clock is one later. */
function line(t: TestContext) {
  let now = 0
  t.mock.method(performance, 'now', () => now++)
  return lineOf((log) => {
    const catalogue = createCatalogue(log)
    return [createLedger(log).stage, createSchema('openai', catalogue, log), catalogue.stage]
  })
}

function list(count: number): string {
  const tools = Array.from({ length: count }, (_, at) => ({ name: `t${at}`, inputSchema }))
  return result(1, { tools })
}

test('while a long list is rewritten, other messages pass', async (t) => {
  const { fromHost, fromRemote, toHost } = line(t)
  fromHost(request(1, 'tools/list'))
  fromRemote(list(MANY))
  fromRemote(notify('notifications/message', { level: 'info', data: 'hello' }))
  assert.match(toHost[0] ?? '', /hello/, 'the notification passes the list that came before it')
  while (toHost.length < 2) await settled()
  const answer = JSON.parse(toHost[1]!)
  assert.equal(answer.id, 1)
  assert.equal(answer.result.tools.length, MANY)
  assert.ok(
    answer.result.tools.every((tool: { inputSchema: unknown }) =>
      JSON.stringify(tool.inputSchema).includes('"items"'),
    ),
    'each schema has been rewritten',
  )
})

test('a list that takes no time is passed on in the same turn', (t) => {
  const { fromHost, fromRemote, taken } = line(t)
  fromHost(request(1, 'tools/list'))
  fromRemote(list(1))
  assert.match(taken('host'), /"items"/)
})

test('a list that is cancelled meanwhile is not sent, and its id may come again', async (t) => {
  const { fromHost, fromRemote, toHost } = line(t)
  fromHost(request(1, 'tools/list'))
  fromRemote(list(MANY))
  fromHost(notify('notifications/cancelled', { requestId: 1 }))
  fromHost(request(1, 'tools/list'))
  fromRemote(list(2))
  assert.equal(toHost.length, 1, 'only the second list')
  for (let turn = 0; turn < MANY; turn++) await settled()
  assert.equal(toHost.length, 1, 'the first list is not sent later')
})

test('a host that begins anew on the same pipe gets no list of before', async (t) => {
  const { fromHost, fromRemote, toHost } = line(t)
  fromHost(request('first', 'initialize'))
  fromHost(request(1, 'tools/list'))
  fromRemote(list(MANY))
  fromHost(request('second', 'initialize'))
  assert.match(toHost.pop() ?? '', /"id":1,"error":.*the host started a new session/)
  fromHost(request(1, 'tools/list'))
  fromRemote(list(2))
  assert.match(toHost[0] ?? '', /"result"/, 'the list of the new session')
  for (let turn = 0; turn < MANY; turn++) await settled()
  assert.equal(toHost.length, 1, 'and no other under its id')
})
