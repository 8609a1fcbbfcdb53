// Subscriptions of a modern host: several on one pipe, each with its own id; what is lost is listened to anew under an
// id of our own, and the host sees nothing of it. protocol.md C.4, C.5, 0.10; T47, T48.
import assert from 'node:assert/strict'
import type { Host, Line } from '../fixtures/hosts/raw-host.ts'
import { members } from '../fixtures/hosts/raw-json.ts'
import { type Listen, META, openListen } from '../fixtures/servers/modern-server.ts'
import type { Exchange, Handler } from '../fixtures/servers/raw-server.ts'
import { allRead, discovered, listen, modern, modernCall, notify, resultOf, test } from './harness.ts'

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'
const TOOLS_CHANGED = 'notifications/tools/list_changed'
const UPDATED = 'notifications/resources/updated'
const LISTEN = 'subscriptions/listen'
const OTHER = { promptsListChanged: true }
/** For what the bridge does only after its back-off. */
const PATIENT_MS = 40_000

/** The raw id of the subscription that a line bears, in its params or its result. */
function subscriptionOf({ raw }: Pick<Line, 'raw'>): string | undefined {
  const found = members(raw)
  const meta = members(found.get('params') ?? found.get('result') ?? '{}').get('_meta')
  return members(meta ?? '{}').get(`${META}subscriptionId`)
}

const withMethod = (host: Host, method: string) => host.lines.filter(({ value }) => value.method === method)
const isListen = ({ message }: Exchange) => message.method === LISTEN
const retagged = (text: string, raw: string) => text.replace(/(subscriptionId":)("[^"]*"|-?\d+)/, `$1${raw}`)

test('T47 two subscriptions, 1 and "a", interleaved with calls: each keeps its id and its type; cancelling one leaves the other', async (t) => {
  const { host, server } = await discovered(t)
  host.send(listen(1))
  const one = await server.listen(1)
  host.send(modernCall('call', { n: 1 }))
  host.send(listen('a', { toolsListChanged: true, resourceSubscriptions: ['x:y'] }))
  const a = await server.listen(2)
  resultOf(await host.answer('call'))
  const acks = [await host.notification(ACKNOWLEDGED), await host.notification(ACKNOWLEDGED)]
  assert.deepEqual(acks.map(subscriptionOf).sort(), ['"a"', '1'])
  const sent: string[] = []
  for (let n = 1; n <= 3; n++) {
    sent.push(one.notify(TOOLS_CHANGED, { n }))
    await host.line(({ raw }) => raw === sent.at(-1))
    sent.push(a.notify(UPDATED, { uri: 'x:y', n }))
    host.send(modernCall(`call ${n}`))
    await host.line(({ raw }) => raw === sent.at(-1))
    resultOf(await host.answer(`call ${n}`))
  }
  host.send(notify('notifications/cancelled', { requestId: 1 }))
  assert.equal(await one.exchange.over, 'aborted')
  const last = a.notify(TOOLS_CHANGED, { last: true })
  await host.line(({ raw }) => raw === last)
  a.end()
  const end = await host.answer('a')
  assert.equal(subscriptionOf(end), '"a"')
  await host.finish()
  assert.equal(server.requests.filter(isListen).length, 2, 'neither is listened to again')
  assert.equal(server.sent('notifications/cancelled').length, 0)
  assert.ok(!host.lines.some(({ value }) => value.id === 1), 'the cancelled subscription was answered')
})

test('a subscription that ends with a result is over, its messages byte for byte', async (t) => {
  const ack = `{"method" : "${ACKNOWLEDGED}","jsonrpc":"2.0","params":{"notifications":{"toolsListChanged":true,"n":1.0},"_meta":{"${META}subscriptionId" : 7}}}`
  const { host, server } = await discovered(t, {
    on: {
      [LISTEN]: (x) => {
        const stream = x.sse()
        void stream.raw(`: keep-alive\n\nid: 1\nretry: 1\ndata: ${ack}\n\n:\n\n`)
        stream.message(`{"jsonrpc":"2.0","id":7, "result":{"resultType":"complete","n":1.0}}`)
        stream.end()
      },
    },
  })
  host.send(listen(7))
  const end = await host.answer(7)
  assert.equal(end.raw, '{"jsonrpc":"2.0","id":7, "result":{"resultType":"complete","n":1.0}}')
  assert.equal(host.lines[1]?.raw, ack)
  host.send(modern(8, 'tools/list'))
  resultOf(await host.answer(8))
  await host.finish()
  assert.equal(server.requests.filter(isListen).length, 1)
})

for (const how of ['cut', 'ended without a result'] as const)
  for (const id of ['host', 4])
    test(`T48 subscription ${id} ${how}: listened to again under another id, the host sees its own and no second acknowledgement`, async (t) => {
      const { host, server } = await discovered(t)
      host.send(listen(id))
      const first = await server.listen(1)
      await host.notification(ACKNOWLEDGED)
      const lostAt = Date.now()
      if (how === 'cut') first.cut()
      else first.stream.end()
      const second = await server.listen(2, PATIENT_MS)
      const raw = JSON.stringify(id)
      assert.notEqual(second.exchange.rawId, raw)
      assert.equal(members(second.exchange.text).get('params'), members(first.exchange.text).get('params'))
      assert.equal(second.exchange.header('mcp-method'), LISTEN)
      assert.equal(second.exchange.header('last-event-id'), undefined)
      const text = second.notify(UPDATED, { uri: 'x:y', big: 1 })
      const line = await host.notification(UPDATED)
      // By now the bridge has the second, and whatever it measured was shorter.
      const gap = Date.now() - lostAt
      assert.equal(line.raw, retagged(text, raw))
      second.end()
      const end = await host.answer(id)
      assert.equal(subscriptionOf(end), raw, 'the result bears the id of the host, too')
      await host.finish({ stderr: 'any' })
      assert.equal(withMethod(host, ACKNOWLEDGED).length, 1)
      // Only a machine that is very busy makes the gap long enough for the host to be told of it.
      if (gap < 4000) assert.equal(withMethod(host, TOOLS_CHANGED).length, 0)
    })

test('T48 cut once more: the third has an id of its own again', async (t) => {
  const { host, server } = await discovered(t)
  host.send(listen('host'))
  for (let n = 1; n <= 2; n++) (await server.listen(n, PATIENT_MS)).cut()
  const third = await server.listen(3, PATIENT_MS)
  third.notify(UPDATED, { uri: 'x:y' })
  assert.equal(subscriptionOf(await host.notification(UPDATED)), '"host"')
  const ids = server.listens.map(({ exchange }) => exchange.rawId)
  assert.equal(new Set(ids).size, 3, `ids ${ids.join()}`)
  await host.finish({ stderr: 'any' })
  assert.equal(withMethod(host, ACKNOWLEDGED).length, 1)
})

/** A remote whose subscriptions are opened by the test: what it does with each, in order. */
function scripted(...steps: readonly ((x: Exchange) => void)[]): (x: Exchange) => void {
  let next = 0
  return (x) => steps[Math.min(next++, steps.length - 1)]?.(x)
}

test('T48 cut before it is acknowledged: the acknowledgement of the second is the one the host sees', async (t) => {
  const { host, server } = await discovered(t, {
    on: {
      [LISTEN]: scripted(
        (x) => openListen(x).cut(),
        (x) => void openListen(x).acknowledge(),
      ),
    },
  })
  host.send(listen('host'))
  await server.several(2, isListen, PATIENT_MS)
  const line = await host.notification(ACKNOWLEDGED)
  assert.equal(subscriptionOf(line), '"host"')
  await host.finish({ stderr: 'any' })
})

test('a subscription that meets a server that has failed is opened again, and speaks under the id of the host', async (t) => {
  const { host, server } = await discovered(t, {
    on: {
      [LISTEN]: scripted(
        (x) => x.reply(500),
        (x) => x.reply(502),
        (x) => void openListen(x).acknowledge(),
      ),
    },
  })
  host.send(listen('host'))
  await server.several(3, isListen, PATIENT_MS)
  const line = await host.notification(ACKNOWLEDGED)
  assert.equal(subscriptionOf(line), '"host"')
  await host.finish({ stderr: 'any' })
})

test('a subscription that has stood outlives a proxy that knows nothing of it for a while', async (t) => {
  const first: ReturnType<typeof openListen>[] = []
  const { host, server } = await discovered(t, {
    on: {
      [LISTEN]: scripted(
        (x) => {
          first.push(openListen(x))
          first[0]?.acknowledge()
        },
        (x) => x.reply(404, '<h1>Not found</h1>', { 'Content-Type': 'text/html' }),
        (x) => {
          const opened = openListen(x)
          opened.acknowledge()
          opened.notify('notifications/tools/list_changed')
        },
      ),
    },
  })
  host.send(listen('host'))
  await host.notification(ACKNOWLEDGED)
  first[0]?.cut()
  await server.several(3, isListen, PATIENT_MS)
  assert.equal(subscriptionOf(await host.notification('notifications/tools/list_changed')), '"host"')
  await host.finish({ stderr: 'any' })
})

test('T48 an acknowledgement with another filter than before is shown to the host, under its id', async (t) => {
  const { host } = await discovered(t, {
    on: {
      [LISTEN]: scripted(
        (x) => {
          const opened = openListen(x)
          opened.acknowledge({ toolsListChanged: true, promptsListChanged: true })
          opened.stream.end()
        },
        (x) => void openListen(x).acknowledge({ toolsListChanged: true }),
      ),
    },
  })
  host.send(listen('host', { toolsListChanged: true, promptsListChanged: true }))
  await host.notification(ACKNOWLEDGED)
  const second = await host.notification(ACKNOWLEDGED, PATIENT_MS)
  assert.equal(subscriptionOf(second), '"host"')
  assert.deepEqual(second.value.params?.notifications, { toolsListChanged: true })
  await host.finish({ stderr: 'any' })
})

test('T48 after more than five seconds without a stream, the host is told once of all that it may have missed', async (t) => {
  const filter = {
    toolsListChanged: true,
    promptsListChanged: true,
    resourcesListChanged: false,
    resourceSubscriptions: ['x:1', 'x:2'],
  }
  const cut = (x: Exchange) => x.cut()
  const opened: Listen[] = []
  // The back-off is 1, 1.5, 2.25 and 3.4 seconds, less a fifth at most: the fourth try comes after six and a half.
  const open = (x: Exchange) => {
    opened.push(openListen(x))
    opened.at(-1)?.acknowledge(filter)
  }
  const { host, server } = await discovered(t, { on: { [LISTEN]: scripted(open, cut, cut, cut, open) } })
  host.send(listen('host', filter))
  await host.notification(ACKNOWLEDGED)
  opened[0]?.cut()
  await server.several(5, isListen, PATIENT_MS)
  const told = [
    await host.notification(TOOLS_CHANGED),
    await host.notification('notifications/prompts/list_changed'),
    await host.notification(UPDATED),
    await host.notification(UPDATED),
  ]
  for (const line of told) assert.equal(subscriptionOf(line), '"host"', line.raw)
  assert.deepEqual(
    told.slice(2).map(({ value }) => value.params?.uri),
    ['x:1', 'x:2'],
  )
  const marker = opened[1]?.notify('notifications/marker')
  assert.ok(marker, 'the second stream')
  await host.notification('notifications/marker')
  await host.finish({ stderr: 'any' })
  assert.equal(withMethod(host, TOOLS_CHANGED).length, 1)
  assert.equal(withMethod(host, UPDATED).length, 2)
  assert.equal(withMethod(host, 'notifications/resources/list_changed').length, 0)
  assert.equal(withMethod(host, ACKNOWLEDGED).length, 1)
})

const REFUSALS: Readonly<Record<string, Handler>> = {
  'in JSON-RPC': (x) => x.error(-32602, 'no longer', undefined, 400),
  'in no words of the protocol': (x) => x.reply(403, 'Forbidden', { 'Content-Type': 'text/plain' }),
}

for (const [words, refuse] of Object.entries(REFUSALS))
  test(`a cut subscription that the remote then refuses ${words}: the host is told cancelled, and then the error`, async (t) => {
    const { host, server } = await discovered(t, {
      on: {
        [LISTEN]: scripted((x) => {
          const opened = openListen(x)
          opened.acknowledge()
          opened.stream.end()
        }, refuse),
      },
    })
    host.send(listen('host'))
    const end = await host.answer('host', PATIENT_MS)
    assert.ok(end.value.error, end.raw)
    const cancelled = withMethod(host, 'notifications/cancelled')
    assert.deepEqual(
      cancelled.map(({ value }) => value.params?.requestId),
      ['host'],
    )
    assert.equal(typeof cancelled[0]?.value.params?.reason, 'string')
    assert.ok(host.lines.indexOf(cancelled[0] as Line) < host.lines.indexOf(end), 'cancelled comes first')
    await host.finish({ stderr: 'any' })
    assert.equal(server.requests.filter(isListen).length, 2)
  })

test('a subscription that the remote refuses at once is refused with its words, and not asked for again', async (t) => {
  const { host, server } = await discovered(t, {
    on: { [LISTEN]: (x) => x.error(-32601, 'no subscriptions here', { n: 1 }, 404) },
  })
  host.send(listen('host'))
  const { error } = (await host.answer('host')).value
  assert.deepEqual(error, { code: -32601, message: 'no subscriptions here', data: { n: 1 } })
  host.send(modern(1, 'tools/list'))
  resultOf(await host.answer(1))
  await host.finish({ stderr: 'any' })
  assert.equal(server.requests.filter(isListen).length, 1)
})

test('a subscription that is cancelled while it waits to be listened to again is over', async (t) => {
  const { host, server } = await discovered(t)
  host.send(listen('host'))
  host.send(listen('other', OTHER))
  await server.listen(2)
  for (const { exchange } of server.listens) if (exchange.message.id === 'host') exchange.cut()
  host.send(notify('notifications/cancelled', { requestId: 'host' }))
  await allRead(host)
  // The other is lost later, and twice: when it is there for the third time, this one would have been there, too.
  for (const { exchange } of server.listens) if (exchange.message.id === 'other') exchange.cut()
  ;(await server.listen(3, PATIENT_MS)).cut()
  await server.listen(4, PATIENT_MS)
  await host.finish({ stderr: 'any' })
  const filters = server.listens.slice(2).map(({ exchange }) => exchange.message.params?.notifications)
  assert.deepEqual(filters, [OTHER, OTHER])
  assert.ok(!host.lines.some(({ value }) => value.id === 'host'), 'the cancelled subscription was answered')
})
