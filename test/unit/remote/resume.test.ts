// The stream of an answer that is taken up again and again, where no test can wait for it. protocol.md A.4.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createLog } from '../../../src/log.ts'
import type { Envelope } from '../../../src/message/envelope.ts'
import { notification } from '../../../src/message/message.ts'
import { undecodable } from '../../../src/remote/http/decoding.ts'
import { resume } from '../../../src/remote/resume.ts'
import { createStop } from '../../../src/remote/stop.ts'
import type { Posted } from '../../../src/remote/transport.ts'

const damaged = undecodable('https://h.example/mcp', 'incorrect header check')

/** How often it is opened within an hour and how that ends, where each stream says this and is damaged then. */
async function follow(t: TestContext, said: Envelope[]): Promise<{ opened: number; given: Posted[] }> {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
  const given: Posted[] = []
  let opened = 0
  resume(
    {
      session: { epoch: 0 },
      cursor: { lastEventId: '7', retryMs: undefined },
      stop: createStop(),
      take() {},
      isOver: () => false,
      isWanted: () => true,
      give: (posted) => given.push(posted),
      leave() {},
    },
    {
      log: createLog({ level: 'silent', json: false, secrets: [], write() {} }),
      listen(session, { onOpen, onMessage, onEnd }) {
        opened++
        onOpen()
        for (const message of said) onMessage(message, session)
        onEnd({ kind: 'ended', error: damaged })
      },
    },
  )
  for (let minute = 0; minute < 60; minute++) {
    t.mock.timers.tick(60_000)
    await new Promise(setImmediate)
  }
  return { opened, given }
}

test('a stream that is damaged each time it is taken up again has failed after five times', async (t) => {
  const { opened, given } = await follow(t, [])
  assert.equal(opened, 5)
  const [posted] = given
  assert.ok(given.length === 1 && posted?.kind === 'failed')
  assert.equal(posted.error.kind, 'stream-lost')
  assert.match(posted.error.message, /cannot be decompressed/)
})

test('one that says something before it is damaged gets on, and is taken up again', async (t) => {
  const { opened, given } = await follow(t, [notification('notifications/progress')])
  assert.equal(opened, 60)
  assert.deepEqual(given, [])
})
