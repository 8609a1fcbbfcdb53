// A host that says more than the remote takes: its input is read no faster than that, and nothing is lost.
// protocol.md 0.13, A.2.
import assert from 'node:assert/strict'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { allRead, bridge, inSession, notify, serveModern, test } from './harness.ts'

/** A thousand and some may wait. */
const MANY = 1400
/** What is read all the same while too much waits is one piece of the pipe a second, which is a handful of these. */
const TEXT = 'x'.repeat(8192)
const isTold = ({ message }: Exchange): boolean => message.method === 'notifications/progress'

test('of a flood of notifications most are taken before the end of it is read, and all are, in their order', async (t) => {
  const { host, server } = await inSession(t)
  const flood = Array.from({ length: MANY }, (_, progress) =>
    notify('notifications/progress', { progressToken: 'p', progress, message: TEXT }),
  )
  host.sendRaw(`${flood.join('\n')}\n`)
  await allRead(host)
  const taken = server.requests.filter(isTold).length
  assert.ok(taken > 200, `when all was read, only ${taken} of ${MANY} had been taken`)
  const all = await server.several(MANY, isTold, 120_000)
  assert.deepEqual(
    all.map(({ message }) => message.params?.progress),
    Array.from({ length: MANY }, (_, n) => n),
  )
  await host.finish()
})

test('what waits for a modern remote that is not there is read no faster either', async (t) => {
  let isThere = false
  const server = await serveModern(t, {
    first: (x) => {
      if (!isThere) x.reply(503)
      return !isThere
    },
  })
  const host = bridge(t, { url: server.url, args: ['--remote-era', 'modern'] })
  const flood = Array.from({ length: 2 * MANY }, () => notify('notifications/other', { message: TEXT }))
  host.sendRaw(`${[initializeLine('0'), ...flood].join('\n')}\n`)
  const read = allRead(host)
  await server.several(3, ({ message }) => message.method === 'server/discover', 60_000)
  const isRead = host.lines.some(({ value }) => value.error?.code === -32700)
  assert.equal(isRead, false, 'all was read while nothing was taken')
  isThere = true
  await read
  await host.finish()
})
