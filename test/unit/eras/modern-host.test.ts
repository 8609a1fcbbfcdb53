// The modern host's side where no process can show it, or not soon: what is done when the bridge closes, and what is made up
// for a remote that stays away for long. protocol.md 0.10, 0.12, F.3.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createModernHost, type ModernHostSettings } from '../../../src/eras/modern-host.ts'
import { BridgeError } from '../../../src/errors.ts'
import type { Sink } from '../../../src/lane.ts'
import { createLog } from '../../../src/log.ts'
import type { Envelope } from '../../../src/message/envelope.ts'
import { own } from '../../../src/message/message.ts'
import type { Asked } from '../../../src/remote/modern/asking.ts'
import type { Stop } from '../../../src/remote/stop.ts'

const META = 'io.modelcontextprotocol/'

function modern(id: number, method: string, params: object = {}): Envelope {
  const _meta = { [`${META}protocolVersion`]: '2026-07-28', [`${META}clientCapabilities`]: {} }
  return own(JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } }))
}

/** A host whose remote is asked for its era, and answers when the test says so; `remote` gets what it is sent then. */
function hosted(startBudgetMs: number, remote: (toHost: Sink) => Sink = () => () => {}) {
  const stops: Stop[] = []
  const told: string[] = []
  let answer: (asked: Asked) => void = () => {}
  const settings: ModernHostSettings = {
    toHost: ({ bytes }) => void told.push(Buffer.from(bytes).toString()),
    log: createLog({ level: 'error', json: false, secrets: [], write: (line) => void told.push(line) }),
    weigh() {},
    host: 'example.com',
    startBudgetMs,
    declines: false,
    expected: undefined,
    isFixed: true,
    makeModern: (toHost) => ({
      toRemote: remote(toHost),
      ask(_request, stop) {
        stops.push(stop)
        return new Promise((resolve) => {
          answer = resolve
        })
      },
      idle: () => Promise.resolve(),
      inputEnded() {},
      close() {},
    }),
    makeTranslation: () => assert.fail('no session is opened'),
    recall: () => Promise.resolve(undefined),
    waitsFor: () => undefined,
    remember() {},
  }
  return { host: createModernHost(settings), stops, told, answer: (asked: Asked) => answer(asked) }
}

test('a remote that is being asked for its era when the bridge closes is asked no more, and nobody is told', async () => {
  const { host, stops, told, answer } = hosted(0)
  host.toRemote(modern(1, 'tools/list'))
  assert.equal(stops.length, 1, 'the remote is asked')
  await host.close()
  assert.notEqual(stops[0]!.reason, undefined, 'the question is stopped')
  answer({ error: new BridgeError('protocol', 'the bridge is closing') })
  await new Promise(setImmediate)
  assert.deepEqual(told, [])
})

test('a list that was shown empty, since the remote was away, is told of as changed when it can be', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const notifications = { toolsListChanged: true, promptsListChanged: true }
  const _meta = { [`${META}subscriptionId`]: 3 }
  const acknowledged = {
    method: 'notifications/subscriptions/acknowledged',
    params: { _meta, notifications },
  }
  const { host, told, answer } = hosted(1000, (toHost) => ({ method }) => {
    if (method === 'subscriptions/listen') toHost(own(JSON.stringify({ jsonrpc: '2.0', ...acknowledged })))
  })
  host.toRemote(modern(1, 'tools/list'))
  t.mock.timers.tick(1000)
  t.mock.timers.tick(20_000)
  const empty = { tools: [], resultType: 'complete', ttlMs: 0, cacheScope: 'private' }
  assert.deepEqual(JSON.parse(told.at(-1)!).result, empty)
  host.toRemote(modern(3, 'subscriptions/listen', { notifications }))
  told.length = 0
  answer({ answer: own('{"jsonrpc":"2.0","id":2,"result":{"supportedVersions":["2026-07-28"]}}') })
  await new Promise(setImmediate)
  assert.deepEqual(
    told.map((line) => JSON.parse(line)),
    [acknowledged, { method: 'notifications/tools/list_changed', params: { _meta } }].map((message) => ({
      jsonrpc: '2.0',
      ...message,
    })),
  )
  await host.close()
})
