// Notifications to a remote that never answers them: what follows goes past, and no more of them hang than so many.
// protocol.md A.2, 0.13.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createLog } from '../../../src/log.ts'
import type { Envelope } from '../../../src/message/envelope.ts'
import { notification } from '../../../src/message/message.ts'
import { createExchanges } from '../../../src/remote/exchanges.ts'
import { createModernRemote } from '../../../src/remote/modern/modern-remote.ts'
import { onStop } from '../../../src/remote/stop.ts'
import type { Transport } from '../../../src/remote/transport.ts'

const MANY = 300

interface Surroundings {
  readonly post: Transport['post']
  readonly log: ReturnType<typeof createLog>
  readonly weigh: (messages: number) => void
}

interface Conveyor {
  send(notification: Envelope): void
  idle(): Promise<void>
  close(): void
}

const limits = { retries: 0, retryWaitMs: 0 }
const toHost = (): void => assert.fail('nothing is for the host')

function legacy({ post, log, weigh }: Surroundings): Conveyor {
  const exchanges = createExchanges({
    transport: () => ({ post }) as Transport,
    log,
    toHost,
    limits,
    session: () => ({ epoch: 0 }),
    isListening: () => false,
    reopen: () => assert.fail('the session is not lost'),
    isGone: () => assert.fail('the session is not in doubt'),
    forward: () => false,
    weigh,
  })
  return { send: (notification) => void exchanges.convey(notification), idle: exchanges.idle, close() {} }
}

function modern(surroundings: Surroundings): Conveyor {
  const { toRemote, idle, close } = createModernRemote({ ...surroundings, toHost, limits, dropIdle() {} })
  return { send: toRemote, idle, close }
}

for (const [era, create] of [
  ['legacy', legacy],
  ['modern', modern],
] as const)
  test(`${era}: each notification goes when the one before has hung for three seconds; the oldest are given up`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let waiting = 0
    const posted: string[] = []
    const hanging = new Set<string>()
    const warnings: string[] = []
    const conveyor = create({
      /** Takes everything and answers nothing. */
      post({ method = '' }, { stop, onDone, onWritten }) {
        posted.push(method)
        hanging.add(method)
        onWritten?.()
        onStop(stop, (error) => {
          hanging.delete(method)
          onDone({ kind: 'failed', error })
        })
      },
      log: createLog({
        level: 'warn',
        json: false,
        secrets: [],
        write: (line) => void warnings.push(line),
      }),
      weigh(messages) {
        waiting += messages
      },
    })
    for (let n = 0; n < MANY; n++) conveyor.send(notification(`notifications/${n}`))
    assert.equal(waiting, MANY)
    for (let n = 0; n < MANY; n++) {
      while (posted.length <= n) await turn()
      t.mock.timers.tick(3000)
    }
    await conveyor.idle()
    while (waiting > 0) await turn()
    assert.deepEqual(
      posted,
      Array.from({ length: MANY }, (_, n) => `notifications/${n}`),
    )
    assert.ok(hanging.size <= 64, `${hanging.size} hang`)
    assert.ok(hanging.has(`notifications/${MANY - 1}`), 'the last still may be taken')
    assert.match(warnings[0] ?? '', /notifications\/0 was not taken/)
    conveyor.close()
  })
