// Where what was believed of a remote's era turns out to be wrong, or the host begins anew: nothing that the host has asked
// is left without an answer, and no belief outlives the remote. protocol.md 0.1, 0.10, F.3, F.5, F.6.
import assert from 'node:assert/strict'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { modernServer } from '../fixtures/servers/modern-server.ts'
import { bridge, call, freePort, ownError, request, resultOf, serveModern, test } from './harness.ts'

const FOR_EVER = ['--start-budget', '0']
test('a modern-only server that was too slow when the modern era was preferred is found by its refusal of the other', async (t) => {
  let asked = 0
  const server = await serveModern(t, {
    first(x) {
      const isSilent = x.message.method === 'server/discover' && ++asked === 1
      if (isSilent) x.hang()
      return isSilent
    },
  })
  const host = bridge(t, { url: server.url, args: [...FOR_EVER, '--remote-era', 'prefer-modern'] })
  host.send(initializeLine('i'))
  resultOf(await host.answer('i', 40_000))
  host.send(call('c', { n: 1 }))
  resultOf(await host.answer('c'))
  assert.equal(server.sent('initialize').length, 1)
  await host.finish({ stderr: 'any' })
})

test('a second initialize at a modern server: what was under way is answered, and the new session works', async (t) => {
  const server = await serveModern(t, {
    on: { 'tools/call': (x) => (x.message.id === 'stuck' ? x.hang() : x.result('{"content":[]}')) },
  })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send(call('stuck'))
  await server.request(({ message }) => message.id === 'stuck')
  host.send(initializeLine('again'))
  resultOf(await host.answer('again'))
  assert.equal(ownError(await host.answer('stuck'), 'session-lost').maybeDelivered, true)
  host.send(call('c'))
  resultOf(await host.answer('c'))
  await host.finish({ stderr: 'any' })
})

test('a second initialize while the remote is asked for its era: the first one and what waits behind it are answered', async (t) => {
  let asked = 0
  const server = await serveModern(t, {
    first(x) {
      const isFirst = x.message.method === 'server/discover' && ++asked === 1
      if (isFirst) x.hang()
      return isFirst
    },
  })
  const host = bridge(t, { url: server.url, args: ['--remote-era', 'modern', ...FOR_EVER] })
  host.send(initializeLine('first'))
  host.send(request('list', 'tools/list'))
  await server.request(({ message }) => message.method === 'server/discover')
  host.send(initializeLine('second'))
  resultOf(await host.answer('second'))
  ownError(await host.answer('first'), 'session-lost')
  ownError(await host.answer('list'), 'session-lost')
  await host.finish({ stderr: 'any' })
})

test('a question to a host that has gone before the era was known is taken for unanswered at once', async (t) => {
  const held: (() => void)[] = []
  const server = await serveModern(t, {
    first(x) {
      if (x.message.method !== 'initialize') return false
      held.push(() =>
        x.error(-32022, 'Unsupported protocol version', { supported: ['2026-07-28'], requested: 'x' }, 400),
      )
      return true
    },
    on: {
      'tools/call': (x) =>
        x.message.params?.inputResponses === undefined
          ? x.result(
              '{"resultType":"input_required","inputRequests":{"q":{"method":"elicitation/create","params":{"message":"?","requestedSchema":{"type":"object","properties":{}}}}},"requestState":"s"}',
            )
          : x.result({
              resultType: 'complete',
              content: [],
              structuredContent: x.message.params.inputResponses,
            }),
    },
  })
  // With this drain the test would not end if the host were asked.
  const host = bridge(t, { url: server.url, args: ['--drain-timeout', '10m'] })
  const initialize = initializeLine('i')
  host.sendRaw(`${initialize}\n${INITIALIZED}\n${call('c')}\n`)
  host.endInput()
  await server.request(({ message }) => message.method === 'initialize')
  held[0]?.()
  resultOf(await host.answer('i'))
  assert.deepEqual(resultOf(await host.answer('c')).structuredContent, { q: { action: 'cancel' } })
  await host.finish({ stderr: 'any', withinMs: 30_000 })
})

test('a modern server that was stood in for and is out of order for a while is not taken for a legacy one', async (t) => {
  const port = await freePort()
  const host = bridge(t, { url: `http://127.0.0.1:${port}/mcp`, args: ['--start-budget', '100ms'] })
  host.send(initializeLine('i'))
  resultOf(await host.answer('i'))
  host.send(INITIALIZED)
  let isBroken = false
  const server = await modernServer({
    port,
    first(x) {
      if (isBroken) x.reply(404, '<h1>Not here</h1>', { 'Content-Type': 'text/html' })
      return isBroken
    },
  })
  t.after(() => server.close())
  host.send(call('first'))
  resultOf(await host.answer('first', 40_000))
  isBroken = true
  for (const id of [1, 2, 3]) {
    host.send(call(id))
    ownError(await host.answer(id), 'http')
  }
  isBroken = false
  host.send(call('last', { n: 1 }))
  assert.deepEqual(resultOf(await host.answer('last')).structuredContent, { n: 1 })
  await host.finish({ stderr: 'any' })
})
