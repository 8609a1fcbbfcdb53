// How a modern host's conversation with a legacy server begins where the server is slow or the host in a hurry, and goes on
// where the server is not what it was. protocol.md E.5-6, E.7, F.3-5, F.6, 0.10.
import assert from 'node:assert/strict'
import { modern, modernCall } from '../fixtures/hosts/modern-words.ts'
import { mcpBehaviour } from '../fixtures/servers/mcp-server.ts'
import { MODERN } from '../fixtures/servers/modern-server.ts'
import {
  type Exchange,
  type Handler,
  type SseStream,
  startRawServer,
} from '../fixtures/servers/raw-server.ts'
import { bridge, ownError, resultOf, serveSessions, test } from './harness.ts'

test('a server that is slow to say its era, and slow to shake hands, is shaken hands with once', async (t) => {
  const probes: Exchange[] = []
  const server = await serveSessions(t, {
    lost: (x) => void (x.message.method === 'server/discover' ? probes.push(x) : x.reply(404)),
    async opening(_, accept, count) {
      // The bridge has not waited for this any longer. It comes now, and before the session is open.
      if (count === 1) probes[0]!.error(-32000, 'Server not initialized', undefined, 400)
      await probes[0]!.over
      await fetch(server.origin, { method: 'PUT' })
      accept()
    },
  })
  const host = bridge(t, { url: server.url })
  host.send(modernCall(1, 'plain'))
  resultOf(await host.answer(1))
  await host.finish()
  assert.equal(server.sent('initialize').length, 1)
  assert.equal(server.with('DELETE').length, 1)
})

test('a host that has closed its end before the era is known: a listen ends with its result at once', async (t) => {
  const server = await serveSessions(t, { getStream: true })
  const host = bridge(t, { url: server.url, args: ['--drain-timeout', '50s'] })
  host.send(modern('l', 'subscriptions/listen', { notifications: { toolsListChanged: true } }))
  host.endInput()
  assert.equal(resultOf(await host.answer('l')).resultType, 'complete')
  await host.finish()
})

test('a host that has closed its end before the era is known is asked nothing: the call ends', async (t) => {
  const streams: SseStream[] = []
  const server = await serveSessions(t, {
    on: {
      'tools/call'(x) {
        const stream = x.sse()
        streams.push(stream)
        stream.message({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params: { message: 'Who?' } })
      },
      response(x) {
        x.reply(202)
        streams[0]!.result(`{"content":[],"structuredContent":${JSON.stringify(x.message.result)}}`)
      },
    },
  })
  const host = bridge(t, { url: server.url, args: ['--drain-timeout', '10m'] })
  host.send(modernCall(1, 'asks'))
  host.endInput()
  const { resultType, structuredContent } = resultOf(await host.answer(1))
  assert.equal(resultType, 'complete')
  assert.deepEqual(structuredContent, { action: 'cancel' })
  await host.finish()
})

for (const keeps of ['keeps sessions', 'keeps no sessions'] as const)
  test(`a server that ${keeps} is updated to the modern era: the next call but one speaks that, a list at once`, async (t) => {
    let isUpdated = false
    const updated: Handler = (x) => {
      const isModern = x.header('mcp-protocol-version') === MODERN
      if (!isModern) x.error(-32022, 'Unsupported protocol version', { supported: [MODERN] }, 400)
      else if (x.message.method === 'server/discover')
        x.result(`{"supportedVersions":["${MODERN}"],"capabilities":{"tools":{}},"resultType":"complete"}`)
      else if (x.message.method === 'tools/list') x.result('{"resultType":"complete","tools":[]}')
      else x.result('{"resultType":"complete","content":[],"structuredContent":"modern"}')
    }
    const legacy = mcpBehaviour(keeps === 'keeps sessions' ? {} : { sessionId: null })
    const server = await startRawServer((x) => (isUpdated ? updated(x) : legacy.handle(x)))
    t.after(() => server.close())
    const host = bridge(t, { url: `${server.origin}/mcp` })
    host.send(modernCall(1, 'plain'))
    resultOf(await host.answer(1))
    const second = bridge(t, { url: `${server.origin}/mcp` })
    second.send(modernCall(1, 'plain'))
    resultOf(await second.answer(1))
    isUpdated = true
    host.send(modernCall(2, 'plain'))
    ownError(await host.answer(2), 'session-lost')
    host.send(modernCall(3, 'plain'))
    assert.equal(resultOf(await host.answer(3)).structuredContent, 'modern')
    await host.finish({ stderr: 'any' })
    second.send(modern(2, 'tools/list'))
    assert.deepEqual(resultOf(await second.answer(2)).tools, [])
    await second.finish({ stderr: 'any' })
  })
