// A remote that goes over to the other era in the middle of a conversation is followed there. protocol.md F.6.
import assert from 'node:assert/strict'
import type { Host } from '../fixtures/hosts/raw-host.ts'
import { echo, mcpServer } from '../fixtures/servers/mcp-server.ts'
import { modernServer } from '../fixtures/servers/modern-server.ts'
import { bridge, call, freePort, modern, modernCall, resultOf, test } from './harness.ts'

const NOT_INITIALIZED =
  '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request: Server not initialized"}}'

const HOSTS = {
  legacy: { begin: (host: Host) => host.initialize(), say: call },
  modern: {
    async begin(host: Host) {
      host.send(modern('d', 'server/discover'))
      resultOf(await host.answer('d'))
    },
    say: modernCall,
  },
}

for (const [era, { begin, say }] of Object.entries(HOSTS)) {
  test(`a ${era} host at a legacy server that becomes a modern one, which misses what requests of its era have: followed`, async (t) => {
    const before = await mcpServer({ port: await freePort() })
    const host = bridge(t, { url: before.url })
    await begin(host)
    await before.close()
    const server = await modernServer({ port: before.port })
    t.after(() => server.close())
    host.send(say('first'))
    await host.answer('first')
    host.send(say('second', { n: 1 }))
    assert.deepEqual(resultOf(await host.answer('second')).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
  })

  test(`a ${era} host at a modern server that becomes a legacy one, which wants a handshake: followed`, async (t) => {
    const before = await modernServer({ port: await freePort() })
    const host = bridge(t, { url: before.url })
    await begin(host)
    await before.close()
    const runs: string[] = []
    const server = await mcpServer({
      port: before.port,
      on: {
        'server/discover': (x) => x.reply(400, NOT_INITIALIZED),
        'tools/call'(x) {
          if (x.header('mcp-session-id') === undefined) return x.reply(400, NOT_INITIALIZED)
          runs.push(x.text)
          echo(x)
        },
      },
    })
    t.after(() => server.close())
    host.send(say('c', { n: 1 }))
    assert.deepEqual(resultOf(await host.answer('c')).structuredContent, { n: 1 })
    assert.equal(runs.length, 1)
    await host.finish({ stderr: 'any' })
  })
}

test('a legacy host at a modern server that becomes a legacy one, and a modern one again: followed each time', async (t) => {
  const first = await modernServer({ port: await freePort() })
  const host = bridge(t, { url: first.url })
  await host.initialize()
  await first.close()
  const second = await mcpServer({
    port: first.port,
    on: {
      'server/discover': (x) => x.reply(400, NOT_INITIALIZED),
      'tools/call': (x) =>
        x.header('mcp-session-id') === undefined ? x.reply(400, NOT_INITIALIZED) : echo(x),
    },
  })
  host.send(call('legacy', { n: 1 }))
  assert.deepEqual(resultOf(await host.answer('legacy')).structuredContent, { n: 1 })
  await second.close()
  const third = await modernServer({ port: first.port })
  t.after(() => third.close())
  host.send(call('lost'))
  await host.answer('lost')
  host.send(call('modern', { n: 2 }))
  assert.deepEqual(resultOf(await host.answer('modern')).structuredContent, { n: 2 })
  await host.finish({ stderr: 'any' })
})
