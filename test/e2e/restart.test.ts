// Real servers, killed and started again on the same port: the host goes on as if nothing had been, and of what was
// under way nothing runs twice and nothing is told wrong. And a bridge that was stopped, as a laptop sleeps, while the
// remote closed all its connections. protocol.md 0.5, 0.6, A.5, A.6.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Host, Line } from '../fixtures/hosts/raw-host.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { type Make, type Restartable, restartable } from '../fixtures/servers/restartable.ts'
import {
  bridge,
  call,
  connected,
  freePort,
  notify,
  ownError,
  PLATFORM_HAS_SIGNALS,
  request,
  resultOf,
  test,
} from './harness.ts'

const MAKES: readonly Make[] = ['server-everything', 'SDK v1', 'SDK v2']
const NO_SIGNALS = PLATFORM_HAS_SIGNALS ? false : 'there are no signals here'

async function started(t: TestContext, make: Make): Promise<{ server: Restartable; host: Host }> {
  const server = restartable(make, await freePort())
  t.after(() => server.close())
  await server.start()
  const host = bridge(t, { url: server.url })
  await host.initialize()
  return { server, host }
}

/** A call that says its key again, and is held by a server in its first life if it can hold. */
function work(make: Make, id: number, held = false): string {
  const key = `key ${id}`
  return make === 'server-everything' ? call(id, { message: key }) : call(id, { key, held }, 'work')
}

function saysItsKey(line: Line, id: number): void {
  assert.match(JSON.stringify(resultOf(line).content), new RegExp(`key ${id}"`))
}

for (const make of MAKES)
  test(`${make} is restarted between requests: the next list and the next call just work`, async (t) => {
    const { server, host } = await started(t, make)
    host.send(work(make, 1))
    saysItsKey(await host.answer(1), 1)
    await server.kill()
    await server.start()
    host.send(request(2, 'tools/list'))
    const { tools } = resultOf(await host.answer(2))
    assert.ok(Array.isArray(tools) && tools.length > 0)
    host.send(work(make, 3))
    saysItsKey(await host.answer(3), 3)
    await server.kill()
    await server.start()
    host.send(work(make, 4))
    saysItsKey(await host.answer(4), 4)
    await host.finish({ stderr: 'any' })
    if (make !== 'server-everything') assert.deepEqual(server.ledger(), ['key 1', 'key 3', 'key 4'])
    // The reference server asks each new client for its roots, after a third of a second.
    const comes = make === 'server-everything' ? /^(?:notifications\/|roots\/list$)/ : /^notifications\//
    for (const { value } of host.lines) if (value.method !== undefined) assert.match(value.method, comes)
  })

for (const make of MAKES)
  test(`${make} is restarted while requests come: they wait for it`, async (t) => {
    const { server, host } = await started(t, make)
    await server.kill()
    host.send(work(make, 1))
    host.send(request(2, 'tools/list'))
    await server.start()
    // Should this machine take longer than the bridge waits, the answer is an error that tells the truth.
    const [first, second] = [await host.answer(1, 40_000), await host.answer(2, 40_000)]
    for (const line of [first, second])
      if (line.value.error !== undefined) assert.notEqual(ownError(line, 'refused').maybeDelivered, true)
    const ran = first.value.error === undefined ? ['key 1'] : []
    host.send(work(make, 3))
    saysItsKey(await host.answer(3), 3)
    await host.finish({ stderr: 'any' })
    if (make !== 'server-everything') assert.deepEqual(server.ledger(), [...ran, 'key 3'])
  })

/** How long a bridge tries to connect, protocol.md E.2. */
const WAITS_MS = 7000

/** One third each: lists, calls that are answered, and calls that are under way when the server is killed. */
function sendOne(make: Make, host: Host, id: number): void {
  host.send(id % 3 === 0 ? request(id, 'tools/list') : work(make, id, id % 3 === 1))
}

/** What an answer claims is what the ledger says. */
function isTrue(line: Line, id: number, executions: number, hasLedger: boolean): void {
  const failed = line.value.error !== undefined
  const maybeDelivered = failed && ownError(line).maybeDelivered === true
  if (id % 3 === 0) return
  if (!failed) saysItsKey(line, id)
  if (!hasLedger) return
  if (!failed) assert.equal(executions, 1, `answered and executed ${executions} times: ${line.raw}`)
  else if (maybeDelivered) assert.ok(executions <= 1, `executed ${executions} times: ${line.raw}`)
  else assert.equal(executions, 0, `executed, and said not to be: ${line.raw}`)
}

for (const make of MAKES)
  for (const total of [20, 200])
    test(`${total} requests across a restart of ${make}: each answered once, with the truth`, async (t) => {
      const { server, host } = await started(t, make)
      const hasLedger = make !== 'server-everything'
      for (let id = 0; id < total / 2; id++) sendOne(make, host, id)
      if (hasLedger) await server.executed(3)
      else await host.answer(2)
      await server.kill()
      const killedAt = performance.now()
      const before = server.ledger()
      for (let id = total / 2; id < total; id++) sendOne(make, host, id)
      await server.start()
      const answers = host.lines.length
      const isBackInTime = performance.now() - killedAt < WAITS_MS
      for (let id = 0; id < total; id++) if (hasLedger || id !== 2) await host.answer(id, 45_000)
      // Where starting a server takes longer than the bridge waits, all may have been told before.
      if (isBackInTime) assert.ok(host.lines.length > answers, 'all were answered before the server was back')
      host.send(work(make, 997))
      saysItsKey(await host.answer(997), 997)
      host.send(request(998, 'tools/list'))
      resultOf(await host.answer(998))
      await host.finish({ stderr: 'any' })
      const ledger = server.ledger()
      for (const line of host.lines) {
        const id = Number(line.value.id)
        const executions = ledger.filter((key) => key === `key ${id}`).length
        if (id < total) isTrue(line, id, executions, hasLedger)
      }
      for (const key of before) {
        const id = Number(key.slice(4))
        const line = host.lines.find(({ value }) => value.id === id)
        if (id % 3 === 1) assert.equal(ownError(line!).maybeDelivered, true, line!.raw)
      }
    })

/** Long enough for the bridge to keep a connection; a second or less it takes for none. */
const KEEP_ALIVE_MS = 2000
const MOST_CALLS = 100

const isGet = ({ method }: Exchange) => method === 'GET'

for (const when of ['before it wakes', 'after it woke'])
  test(
    `a bridge that sleeps until the remote has closed its connections: a call sent ${when} works, and runs once`,
    async (t) => {
      const { host, server } = await connected(t, { keepAliveMs: KEEP_ALIVE_MS })
      await server.request(isGet)
      // A machine that stalls between two calls costs their connection; not each time.
      const areUsedAgain = () => {
        const [one, other] = server.sent('tools/call').slice(-2)
        return one !== undefined && one.socket === other?.socket
      }
      let calls = 0
      while (!areUsedAgain() && calls < MOST_CALLS) {
        host.send(call(++calls))
        resultOf(await host.answer(calls))
      }
      assert.ok(areUsedAgain(), 'connections are used again')
      host.kill('SIGSTOP')
      await server.unconnected()
      if (when === 'after it woke') host.kill('SIGCONT')
      host.send(call('call', { n: 4 }))
      host.send(request('list', 'tools/list'))
      host.kill('SIGCONT')
      assert.deepEqual(resultOf(await host.answer('call')).structuredContent, { n: 4 })
      resultOf(await host.answer('list'))
      await host.finish()
      assert.equal(server.sent('tools/call').length, calls + 1)
      assert.equal(server.sent('tools/list').length, 1)
    },
    NO_SIGNALS,
  )

for (const how of ['cut', 'ended'] as const)
  test(
    `a GET stream that is ${how} while the bridge sleeps is opened again, and messages arrive`,
    async (t) => {
      const { host, server } = await connected(t, { keepAliveMs: KEEP_ALIVE_MS, getStream: true })
      await server.request(isGet)
      host.send(call(0))
      resultOf(await host.answer(0))
      // Nothing is on its way now.
      host.kill('SIGSTOP')
      if (how === 'cut') server.streams[0]?.cut()
      else server.streams[0]?.end()
      await server.unconnected()
      host.send(call(1))
      host.kill('SIGCONT')
      resultOf(await host.answer(1, 30_000))
      await server.several(2, isGet, 30_000)
      server.push(notify('notifications/message', { level: 'info', data: 'awake' }))
      assert.equal((await host.notification('notifications/message')).value.params?.data, 'awake')
      await host.finish({ stderr: 'any' })
      assert.equal(server.sent('tools/call').length, 2)
      assert.equal(server.with('GET').length, 2)
    },
    NO_SIGNALS,
  )
