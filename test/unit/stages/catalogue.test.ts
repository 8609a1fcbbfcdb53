// What the catalogue knows, and whether it knows all: from lists that pass in any order, and from its own asking.
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Catalogue, createCatalogue } from '../../../src/stages/catalogue.ts'
import { envelope, type Line, lineOf, notify, request, result, settled } from './line.ts'

interface Known extends Line {
  readonly catalogue: Catalogue
  /** How often a list has become whole. */
  readonly wholes: () => number
  /** A page that the host asks for and gets. */
  page(id: unknown, cursor: unknown, names: readonly string[], next?: unknown): void
  ask(id: unknown, cursor?: unknown): void
  answer(id: unknown, names: readonly string[], next?: unknown): void
  /** Whether it becomes whole; undefined as long as nobody knows. */
  whole(meta?: unknown): { value: boolean | undefined }
  /** What was asked on our own account, since last asked. */
  asked(): { id: string; params: Record<string, unknown> }
}

function known(): Known {
  let catalogue: Catalogue | undefined
  let count = 0
  const line = lineOf((log) => {
    catalogue = createCatalogue(log)
    catalogue.onWhole(() => void count++)
    return [catalogue.stage]
  })
  const self: Known = {
    ...line,
    catalogue: catalogue!,
    wholes: () => count,
    ask: (id, cursor) => line.fromHost(request(id, 'tools/list', cursor === undefined ? {} : { cursor })),
    answer: (id, names, nextCursor) =>
      line.fromRemote(result(id, { tools: names.map((name) => ({ name })), nextCursor })),
    page(id, cursor, names, next) {
      self.ask(id, cursor)
      self.answer(id, names, next)
    },
    whole(_meta) {
      const outcome: { value: boolean | undefined } = { value: undefined }
      const like = envelope(
        request('like', 'tools/call', { name: 'a', ...(_meta !== undefined && { _meta }) }),
      )
      void self.catalogue.whole(like).then((value) => {
        outcome.value = value
      })
      return outcome
    },
    asked() {
      const message = JSON.parse(line.taken('remote')) as ReturnType<Known['asked']> & { method: string }
      assert.equal(message.method, 'tools/list')
      return message
    },
  }
  return self
}

test('a list of one page is whole, and every tool is there as it came', () => {
  const { fromHost, fromRemote, catalogue, wholes, toHost, toRemote } = known()
  const ask = request(1, 'tools/list')
  fromHost(ask)
  assert.equal(catalogue.isWhole, false)
  const answer = '{"jsonrpc":"2.0","id":1,"result":{"tools":[ {"name":"a" , "n":1e400},{"name":"b"}]}}'
  fromRemote(answer)
  assert.equal(catalogue.isWhole, true)
  assert.equal(wholes(), 1)
  assert.deepEqual(catalogue.names(), ['a', 'b'])
  assert.equal(new TextDecoder().decode(catalogue.tool('a')), '{"name":"a" , "n":1e400}')
  assert.equal(catalogue.tool('c'), undefined)
  assert.deepEqual([toRemote, toHost], [[ask], [answer]])
})

test('pages: only the last makes it whole, and what was learned before is known before', () => {
  const { page, catalogue } = known()
  page(1, undefined, ['a'], 'x')
  assert.deepEqual([catalogue.isWhole, catalogue.names()], [false, ['a']])
  page(2, 'x', ['b'], 'y')
  page(3, 'y', ['c'])
  assert.deepEqual([catalogue.isWhole, catalogue.names()], [true, ['a', 'b', 'c']])
})

test('a new list takes the place of the old one when it is whole', () => {
  const { page, catalogue } = known()
  page(1, undefined, ['a', 'b'])
  page(2, undefined, ['b'], 'x')
  assert.ok(catalogue.tool('a') !== undefined, 'what was whole stays until the new one is')
  page(3, 'x', ['c'])
  assert.deepEqual(catalogue.names(), ['b', 'c'])
})

test('two lists at once, with cursors of their own, answered across each other', () => {
  const { ask, answer, catalogue } = known()
  ask(1)
  ask(2)
  answer(1, ['a'], 'one')
  answer(2, ['a'], 'two')
  ask(3, 'one')
  ask(4, 'two')
  answer(4, ['b'])
  assert.deepEqual([catalogue.isWhole, catalogue.names()], [true, ['a', 'b']])
  answer(3, ['b'])
  assert.deepEqual(catalogue.names(), ['a', 'b'])
})

test('a page that comes twice, and cursors that belong to no list, make nothing whole', () => {
  const { page, catalogue, wholes } = known()
  page(1, 'nobody’s', ['z'])
  assert.equal(catalogue.isWhole, false)
  page(2, undefined, ['a'], 'x')
  page(3, 'x', ['b'], 'y')
  page(4, 'x', ['b'], 'y')
  assert.equal(catalogue.isWhole, false)
  page(5, 'y', ['c'])
  page(6, 'y', ['c'])
  assert.equal(wholes(), 1)
})

test('cursors are texts, whatever they hold and however they are written', () => {
  const { fromHost, page, catalogue, answer } = known()
  page(1, undefined, ['a'], '')
  assert.equal(catalogue.isWhole, false)
  page(2, '', ['b'], 'é"\\')
  fromHost('{"jsonrpc":"2.0","id":3,"method":"tools/list","params":{"cursor":"\\u00e9\\"\\\\"}}')
  answer(3, ['c'], null)
  assert.deepEqual([catalogue.isWhole, catalogue.names()], [true, ['a', 'b', 'c']])
})

test('a cursor that is no text does not begin anew', () => {
  const { page, catalogue } = known()
  page(1, undefined, ['a'], 7)
  assert.equal(catalogue.isWhole, false)
  page(2, 7, ['b'])
  assert.deepEqual([catalogue.isWhole, catalogue.names()], [true, ['a', 'b']])
})

test('what is no list makes nothing whole', () => {
  const { ask, fromRemote, catalogue } = known()
  for (const answer of [
    '"result":{}',
    '"result":{"tools":{}}',
    '"result":7',
    '"error":{"code":1,"message":""}',
  ]) {
    ask(1)
    fromRemote(`{"jsonrpc":"2.0","id":1,${answer}}`)
    assert.equal(catalogue.isWhole, false, answer)
  }
})

test('list_changed in the middle of a list: its pages do not make a whole', () => {
  const { ask, answer, page, fromRemote, catalogue } = known()
  page(1, undefined, ['a'], 'x')
  ask(2, 'x')
  fromRemote(notify('notifications/tools/list_changed'))
  answer(2, ['b'])
  assert.equal(catalogue.isWhole, false)
  ask(3)
  fromRemote(notify('notifications/tools/list_changed'))
  answer(3, ['old'])
  assert.equal(catalogue.isWhole, false)
  page(4, undefined, ['c'])
  assert.deepEqual([catalogue.isWhole, catalogue.names()], [true, ['c']])
})

test('an answer from before the change that comes late does not spoil what is known', () => {
  const { ask, answer, page, fromRemote, catalogue } = known()
  ask(1)
  fromRemote(notify('notifications/tools/list_changed'))
  page(2, undefined, ['new'])
  answer(1, ['old'])
  assert.deepEqual([catalogue.isWhole, catalogue.names()], [true, ['new']])
})

test('a session that begins anew has to tell its tools anew', () => {
  const { page, fromHost, catalogue } = known()
  page(1, undefined, ['a'])
  fromHost(request(2, 'initialize'))
  assert.equal(catalogue.isWhole, false)
})

test('an id that is used again is not taken for the list it was', () => {
  const { ask, fromHost, answer, catalogue } = known()
  ask(1)
  fromHost(notify('notifications/cancelled', { requestId: 1 }))
  fromHost(request(1, 'tools/call', { name: 'a' }))
  answer(1, ['call’s own'])
  assert.deepEqual([catalogue.isWhole, catalogue.names()], [false, []])
})

test('tools of one name are known as such', () => {
  const { page, catalogue } = known()
  page(1, undefined, ['a', 'b'], 'x')
  page(2, 'x', ['a'])
  assert.deepEqual([catalogue.isTwice('a'), catalogue.isTwice('b')], [true, false])
  page(3, undefined, ['a', 'b'])
  assert.equal(catalogue.isTwice('a'), false)
})

test('it asks by itself for all pages, once for all who wait, with what the host says of itself', async () => {
  const { whole, asked, answer, catalogue, toHost, toRemote } = known()
  const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', n: 1, progressToken: 5 }
  const first = whole(meta)
  const second = whole()
  const { progressToken, ...kept } = meta
  assert.equal(progressToken, 5)
  const one = asked()
  assert.deepEqual(one.params, { _meta: kept })
  answer(one.id, ['a'], 'x')
  await settled()
  const two = asked()
  assert.deepEqual(two.params, { cursor: 'x', _meta: kept })
  assert.notEqual(two.id, one.id)
  answer(two.id, ['b'])
  await settled()
  assert.deepEqual([first.value, second.value, catalogue.names()], [true, true, ['a', 'b']])
  assert.deepEqual([toHost, toRemote], [[], []], 'the host sees nothing of it')
  const third = whole()
  await settled()
  assert.equal(third.value, true)
  assert.deepEqual(toRemote, [])
})

test('a remote that refuses is asked again by the next who needs to know', async () => {
  const { whole, asked, fromRemote } = known()
  for (let times = 0; times < 2; times++) {
    const outcome = whole()
    fromRemote(`{"jsonrpc":"2.0","id":"${asked().id}","error":{"code":-32601,"message":"no"}}`)
    await settled()
    assert.equal(outcome.value, false)
  }
})

test('a remote that never answers is waited for half a minute, and told', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { whole, asked, answer, taken, toHost } = known()
  const outcome = whole()
  const { id } = asked()
  t.mock.timers.tick(29_999)
  await settled()
  assert.equal(outcome.value, undefined)
  t.mock.timers.tick(1)
  await settled()
  assert.equal(outcome.value, false)
  assert.equal(taken('remote'), notify('notifications/cancelled', { requestId: id }))
  // It is nobody's: the ledger drops it.
  answer(id, ['late'])
  assert.equal(toHost.length, 1)
})

test('what the host asks for itself is as good', async () => {
  const { whole, asked, page } = known()
  const outcome = whole()
  asked()
  page(1, undefined, ['a'])
  await settled()
  assert.equal(outcome.value, true)
})

test('a list that changes while it is read is read again, but not for ever', async () => {
  const { whole, asked, answer, fromRemote, toRemote } = known()
  const outcome = whole()
  for (let reading = 0; reading < 5; reading++) {
    const { id, params } = asked()
    assert.deepEqual(params, {})
    fromRemote(notify('notifications/tools/list_changed'))
    answer(id, ['a'], 'x')
    await settled()
  }
  assert.equal(outcome.value, false)
  assert.deepEqual(toRemote, [])
})

test('a remote that tells of no tools is asked again by the next who needs to know: it may not be there yet', async () => {
  const { whole, asked, answer, toRemote } = known()
  const outcome = whole()
  answer(asked().id, [])
  await settled()
  assert.deepEqual([outcome.value, toRemote], [false, []])
  const again = whole()
  answer(asked().id, ['a'])
  await settled()
  assert.equal(again.value, true)
})

test('cursors that go round in a circle are not followed', async () => {
  const { whole, asked, answer, toRemote } = known()
  const outcome = whole()
  for (const next of ['x', 'y', 'x']) {
    answer(asked().id, ['a'], next)
    await settled()
  }
  assert.equal(outcome.value, false)
  assert.deepEqual(toRemote, [])
})

test('a list without an end is told as that, and an answer that is no list is not', async () => {
  const { whole, asked, answer, fromRemote, catalogue } = known()
  void whole()
  fromRemote(result(asked().id, { content: [] }))
  await settled()
  assert.match(catalogue.untold('x').message, /the remote tells of no tools/)
  void whole()
  for (const next of ['x', 'x']) {
    answer(asked().id, ['a'], next)
    await settled()
  }
  assert.match(catalogue.untold('x').message, /the list of its tools has no end/)
})

test('ids of the host’s own that look like ours are the host’s', () => {
  const { page, toHost } = known()
  page('mcp-ferry:list:1', undefined, ['a'])
  assert.equal(toHost.length, 1)
})
