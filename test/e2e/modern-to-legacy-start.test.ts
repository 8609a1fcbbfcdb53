// How a modern host's conversation with a legacy server begins where the server is slow or the host in a hurry.
// protocol.md F.3-5.
import assert from 'node:assert/strict'
import { modernCall } from '../fixtures/hosts/modern-words.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { bridge, resultOf, serveSessions, test } from './harness.ts'

test('a server that is slow to say its era, and slow to shake hands, is shaken hands with once', async (t) => {
  const probes: Exchange[] = []
  const server = await serveSessions(t, {
    lost: (x) => void (x.message.method === 'server/discover' ? probes.push(x) : x.reply(404)),
    async opening(x, accept, count) {
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
