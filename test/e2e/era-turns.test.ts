// Where what was believed of a remote's era turns out to be wrong, or the host begins anew: nothing that the host has asked
// is left without an answer, and no belief outlives the remote. protocol.md 0.1, 0.10, F.3, F.5, F.6.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { bridge, call, resultOf, serveModern, test } from './harness.ts'

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
