// Request ids of every shape come back exactly as they were written, and none is taken for another.
// protocol.md 0.4; T05.
import assert from 'node:assert/strict'
import { members } from '../fixtures/hosts/raw-json.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { connected, test } from './harness.ts'

const UNUSUAL = [
  '0',
  '-1',
  '-0',
  '""',
  '" "',
  '9007199254740993',
  '-9007199254740993',
  '123456789012345678901234567890',
  '1',
  '1.0',
  '1.00',
  '1e0',
  '"1"',
  '"1.0"',
  '"null"',
  '"é"',
  '"\\u00ea"',
  '"\\ud83d\\ude00"',
  '"quote\\" slash\\/ back\\\\"',
  '"\\u2028"',
  '"mcp-ferry:1"',
  '"__proto__"',
  '"constructor"',
  `"${'long'.repeat(500)}"`,
]

for (const id of UNUSUAL)
  test(`a request with the id ${id.slice(0, 40)} is answered under it, byte for byte`, async (t) => {
    const { host, server } = await connected(t)
    host.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/list"}`)
    const { raw } = await host.answer({ raw: id })
    assert.equal(members(raw).get('id'), id)
    assert.equal(server.sent('tools/list')[0]?.rawId, id)
    await host.finish()
  })

test('T05 ids that look alike are in flight together and answered in reverse, each with its own', async (t) => {
  const ids = ['9007199254740992', '9007199254740993', '1', '"1"', '"1.0"', '-1', '"-1"', '0', '"0"', '""']
  const calls: Exchange[] = []
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => void calls.push(x) } })
  for (const id of ids)
    host.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":{}}}`)
  await server.request(() => calls.length === ids.length)
  for (const x of calls.reverse()) x.result({ structuredContent: { was: x.rawId } })
  for (const id of ids) {
    const { value } = await host.answer({ raw: id })
    assert.deepEqual(value.result?.structuredContent, { was: id })
  }
  await host.finish()
})

test('1 and 1.0 are two ids: both are in flight, each is answered under its own', async (t) => {
  const calls: Exchange[] = []
  const { host, server } = await connected(t, { on: { 'tools/call': (x) => void calls.push(x) } })
  for (const id of ['1', '1.0']) host.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{}}`)
  await server.request(() => calls.length === 2)
  for (const x of calls.reverse()) x.result({ structuredContent: { was: x.rawId } })
  for (const id of ['1', '1.0'])
    assert.deepEqual((await host.answer({ raw: id })).value.result?.structuredContent, { was: id })
  await host.finish()
})

test('a string id is the same id however it is escaped', async (t) => {
  const { host } = await connected(t, {
    on: { 'tools/list': (x) => x.reply(200, '{"jsonrpc":"2.0","id":"\\u00e9","result":{"tools":[]}}') },
  })
  host.send('{"jsonrpc":"2.0","id":"é","method":"tools/list"}')
  const { value } = await host.answer('é')
  assert.deepEqual(value.result, { tools: [] })
  await host.finish()
})

test("the bridge's own errors carry the id as it was written", async (t) => {
  for (const id of ['9007199254740993', '1.0', '"\\u00e9"']) {
    const { host } = await connected(t, { on: { 'tools/call': (x) => x.reply(500) } })
    host.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo"}}`)
    const { raw } = await host.answer({ raw: id })
    assert.equal(members(raw).get('id'), id)
    await host.finish({ stderr: 'some' })
  }
})
