// What waits until it is known what was remembered of the remote. protocol.md 0.13, F.5.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJunction, type EraHint, type JunctionSettings } from '../../src/junction.ts'
import { createLog } from '../../src/log.ts'
import type { Envelope } from '../../src/message/envelope.ts'
import { notification, own } from '../../src/message/message.ts'
import type { Remote } from '../../src/remote/remote-face.ts'

test('what waits for the disk is weighed, so that the host is not read on without end', async () => {
  let recall: (hint: EraHint | undefined) => void = () => {}
  const arrived: Envelope[] = []
  const weighed = { messages: 0, bytes: 0 }
  const remote: Partial<Remote> = { toRemote: (envelope) => void arrived.push(envelope) }
  const junction = createJunction({
    options: { remoteEra: 'auto', declinesModern: false },
    log: createLog({ level: 'silent', json: false, secrets: [], write: () => {} }),
    toHost: () => assert.fail('nothing is answered'),
    makeRemote: () => remote,
    weigh(messages: number, sizeBytes: number) {
      weighed.messages += messages
      weighed.bytes += sizeBytes
    },
    memory: {
      recallEra: () =>
        new Promise<EraHint | undefined>((resolve) => {
          recall = resolve
        }),
    },
  } as unknown as JunctionSettings)
  const message = notification('notifications/own')
  const request = own('{"jsonrpc":"2.0","id":1,"method":"ping"}')
  for (const envelope of [message, request, message]) junction.toRemote(envelope)
  assert.deepEqual(weighed, { messages: 2, bytes: 2 * message.bytes.length }, 'requests are weighed already')
  recall(undefined)
  await new Promise(setImmediate)
  assert.deepEqual(arrived, [message, request, message])
  assert.deepEqual(weighed, { messages: 0, bytes: 0 })
})
