// One pipe, both eras: each message belongs to the era it speaks, and neither era's requests, sessions or cancels touch
// the other's. Ids and headers of the user, too. protocol.md 0.2, 0.5, 0.6, F.4.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { mcpBehaviour } from '../fixtures/servers/mcp-server.ts'
import {
  MODERN,
  type ModernOptions,
  type ModernServer,
  modernEcho,
} from '../fixtures/servers/modern-server.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import {
  bridge,
  call,
  discovered,
  errorOf,
  listen,
  modern,
  modernCall,
  notify,
  request,
  resultOf,
  serveModern,
  test,
} from './harness.ts'

const isModern = (x: Exchange) => x.header('mcp-protocol-version') === MODERN

/** A remote of both eras, with a session for the legacy one. */
async function serveBoth(
  t: TestContext,
  options: ModernOptions = {},
): Promise<{ readonly server: ModernServer; readonly sessionId: string | null }> {
  const legacy = mcpBehaviour({
    getStream: true,
    on: { 'tools/call': (x) => x.hang() },
  })
  const first = (x: Exchange) => {
    if (isModern(x)) return false
    void legacy.handle(x)
    return true
  }
  return { server: await serveModern(t, { ...options, first }), sessionId: legacy.sessionId }
}

for (const opening of ['legacy', 'modern'] as const)
  test(`both eras on one pipe, the ${opening} one first: a session for the one, none for the other`, async (t) => {
    const { server, sessionId } = await serveBoth(t)
    const host = bridge(t, { url: server.url })
    const discover = async () => {
      host.send(modern('d', 'server/discover'))
      resultOf(await host.answer('d'))
    }
    if (opening === 'modern') await discover()
    const line = initializeLine('i')
    host.send(line)
    resultOf(await host.answer('i'))
    host.send(INITIALIZED)
    if (opening === 'legacy') await discover()
    const legacyList = request('legacy', 'tools/list')
    const modernList = modern('modern', 'tools/list')
    host.sendRaw(`${legacyList}\n${modernList}\n`)
    resultOf(await host.answer('legacy'))
    assert.equal(resultOf(await host.answer('modern')).resultType, 'complete')
    await host.finish()
    const posts = server.with('POST')
    const fits = (text: string) => posts.filter((x) => x.text === text)
    assert.equal(fits(line).length, 1)
    assert.deepEqual(
      fits(legacyList).map((x) => [x.header('mcp-session-id'), x.header('mcp-protocol-version')]),
      [[sessionId, '2025-06-18']],
    )
    assert.equal(fits(legacyList)[0]?.header('mcp-method'), undefined)
    assert.deepEqual(
      fits(modernList).map((x) => [x.header('mcp-session-id'), x.header('mcp-method')]),
      [[undefined, 'tools/list']],
    )
    assert.equal(posts.filter((x) => x.message.method === 'server/discover').length, 1)
    assert.equal(server.with('DELETE').length, 1, 'the one session is deleted')
  })

test('a cancel goes the way of the era whose request it names: POSTed in the one, a closed exchange in the other', async (t) => {
  const { server, sessionId } = await serveBoth(t, { on: { 'tools/call': (x) => x.hang() } })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send(modern('d', 'server/discover'))
  resultOf(await host.answer('d'))
  host.send(call('legacy'))
  host.send(modernCall('modern'))
  const [old, young] = await Promise.all(
    ['legacy', 'modern'].map((id) => server.request(({ message }) => message.id === id)),
  )
  host.send(notify('notifications/cancelled', { requestId: 'modern' }))
  assert.equal(await young?.over, 'aborted')
  const cancel = notify('notifications/cancelled', { requestId: 'legacy' })
  host.send(cancel)
  const x = await server.request(({ message }) => message.method === 'notifications/cancelled')
  assert.equal(x.text, cancel)
  assert.equal(x.header('mcp-session-id'), sessionId)
  old?.response.end()
  host.send(request('after', 'tools/list'))
  resultOf(await host.answer('after'))
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('notifications/cancelled').length, 1)
})

test('an id that is under way already is refused with -32600, and the first goes on', async (t) => {
  const { host, server } = await discovered(t, { on: { 'tools/call': (x) => x.hang() } })
  for (const id of [1, 's']) {
    host.send(modernCall(id, { n: 1 }))
    const first = await server.request(({ message }) => message.id === id)
    host.send(modern(id, 'tools/list'))
    errorOf(await host.answer(id), -32600)
    modernEcho(first)
    assert.deepEqual(resultOf(await host.answer(id)).structuredContent, { n: 1 })
  }
  host.send(listen('live'))
  await server.listen(1)
  host.send(listen('live'))
  errorOf(await host.answer('live'), -32600)
  assert.equal(server.listens.length, 1)
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('tools/list').length, 0)
})

test('the number 1 and the text "1" are two requests, and a subscription is neither', async (t) => {
  const held = new Map<unknown, Exchange>()
  const { host, server } = await discovered(t, {
    on: { 'tools/call': (x) => void held.set(x.message.id, x) },
  })
  host.send(modernCall(1, { of: 'number' }))
  host.send(modernCall('1', { of: 'text' }))
  await server.several(2, ({ message }) => message.method === 'tools/call')
  for (const id of ['1', 1]) modernEcho(held.get(id) as Exchange)
  assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { of: 'number' })
  assert.deepEqual(resultOf(await host.answer('1')).structuredContent, { of: 'text' })
  await host.finish()
})

test("the user's headers are on every modern request, beside the protocol's", async (t) => {
  const args = [
    '--header',
    'X-Api-Key: k3y-of-the-user',
    '--header',
    'Authorization: Bearer t0ken-of-the-user',
  ]
  const { host, server } = await discovered(t, {}, args)
  host.send(modernCall(1))
  resultOf(await host.answer(1))
  host.send(listen('l'))
  await server.listen(1)
  await host.finish()
  assert.equal(server.requests.length, 3)
  for (const x of server.requests) {
    assert.equal(x.header('x-api-key'), 'k3y-of-the-user')
    assert.equal(x.header('authorization'), 'Bearer t0ken-of-the-user')
    assert.equal(x.header('mcp-method'), x.message.method)
  }
})

test('a notification that the remote never takes does not keep the next one back', async (t) => {
  const { host, server } = await discovered(t, { on: { 'notifications/x': (x) => x.hang() } })
  host.send(notify('notifications/x'))
  host.send(notify('notifications/y'))
  await server.request(({ message }) => message.method === 'notifications/y', 30_000)
  await host.finish({ stderr: 'any' })
})
