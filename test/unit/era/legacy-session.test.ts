// What the bridge asks a legacy remote on its own account, and how long it waits for that. protocol.md 0.9, E.3.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLegacySession } from '../../../src/era/to-legacy/legacy-session.ts'
import type { FromLegacy, LegacyRemote } from '../../../src/era/translation.ts'
import { own } from '../../../src/message/message.ts'
import { decode } from '../../../src/message/utf8.ts'

const URI = '{"uri":"a:b"}'

test('what a remote does not answer in 30 s is cancelled, and what it answers is not', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const said: string[] = []
  let fromRemote: FromLegacy = () => {}
  const { session } = openLegacySession({
    openRemote(toHost) {
      fromRemote = toHost
      return {
        toRemote: ({ bytes }) => void said.push(decode(bytes)),
      } as Partial<LegacyRemote> as LegacyRemote
    },
    declared: new Map(),
    clientInfo: '{"name":"h","version":"1"}',
    hear: () => assert.fail('nothing but answers'),
  })
  const heard: string[] = []
  session.askBriefly('resources/subscribe', URI, () => heard.push('answered'))
  session.askBriefly('resources/unsubscribe', URI, () => heard.push('hanging'))
  const [answered, hanging] = said.slice(-2).map((text) => (JSON.parse(text) as { id: number }).id)
  fromRemote(own(`{"jsonrpc":"2.0","id":${answered},"result":{}}`), undefined)
  said.length = 0
  t.mock.timers.tick(29_999)
  assert.deepEqual(said, [])
  t.mock.timers.tick(1)
  assert.equal(said.length, 1, said.join())
  const { method, params } = JSON.parse(said[0]!) as { method: string; params: { requestId: number } }
  assert.deepEqual([method, params.requestId], ['notifications/cancelled', hanging])
  fromRemote(own(`{"jsonrpc":"2.0","id":${hanging},"result":{}}`), undefined)
  assert.deepEqual(heard, ['answered'])
})
