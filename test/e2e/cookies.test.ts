// Cookies: what the remote sets goes back to it, beside the user's own, and into no log. protocol.md 0.6.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { mcpBehaviour } from '../fixtures/servers/mcp-server.ts'
import { type Exchange, type RawServer, startRawServer } from '../fixtures/servers/raw-server.ts'
import { bridge, call, resultOf, serveSse, test } from './harness.ts'

/** A server that sets cookies with its answer to a message: by method, or by the HTTP verb. */
async function baker(
  t: TestContext,
  cookies: Readonly<Record<string, readonly string[]>>,
): Promise<RawServer & { readonly url: string }> {
  const { handle } = mcpBehaviour({ getStream: true })
  const server = await startRawServer((x) => {
    const baked = cookies[x.message.method ?? x.method]
    if (baked !== undefined) x.response.setHeader('Set-Cookie', [...baked])
    return handle(x)
  })
  t.after(() => server.close())
  return Object.assign(server, { url: `${server.origin}/mcp` })
}

const cookiesOf = (all: readonly Exchange[]) => all.map((x) => x.header('cookie'))

test('a cookie that initialize sets is sent with every later request, also GET and DELETE', async (t) => {
  const server = await baker(t, { initialize: ['route=node-7; Path=/; HttpOnly', 'lb=two'] })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  await server.request(({ method }) => method === 'GET')
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
  const [initialize, ...later] = server.requests
  assert.equal(initialize?.header('cookie'), undefined)
  assert.deepEqual(later.map(({ message, method }) => message.method ?? method).sort(), [
    'DELETE',
    'GET',
    'notifications/initialized',
    'tools/call',
  ])
  for (const cookie of cookiesOf(later))
    assert.deepEqual(cookie?.split('; ').sort(), ['lb=two', 'route=node-7'])
})

test('a cookie is replaced, and deleted with Max-Age=0', async (t) => {
  const server = await baker(t, {
    initialize: ['a=1; Path=/', 'b=2; Path=/'],
    'tools/list': ['a=3; Path=/'],
    'tools/call': ['a=; Path=/; Max-Age=0'],
  })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  for (const [id, method] of ['tools/list', 'tools/call', 'ping'].entries()) {
    host.send({ jsonrpc: '2.0', id, method, params: {} })
    resultOf(await host.answer(id))
  }
  await host.finish()
  const sent = (method: string) => server.sent(method)[0]?.header('cookie')?.split('; ').sort()
  assert.deepEqual(sent('tools/list'), ['a=1', 'b=2'])
  assert.deepEqual(sent('tools/call'), ['a=3', 'b=2'])
  assert.deepEqual(sent('ping'), ['b=2'])
})

test('a cookie for another path, or for https, stays here', async (t) => {
  const server = await baker(t, { initialize: ['a=1; Path=/admin', 'b=2; Path=/; Secure'] })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
  assert.deepEqual(new Set(cookiesOf(server.requests)), new Set([undefined]))
})

test('--disable-cookies: none is sent back, but for the user’s own', async (t) => {
  const server = await baker(t, { initialize: ['a=1; Path=/'] })
  const args = ['--disable-cookies', '--header', 'Cookie: mine=yes']
  const host = bridge(t, { url: server.url, args })
  await host.initialize()
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
  assert.deepEqual(new Set(cookiesOf(server.requests)), new Set(['mine=yes']))
})

test('the user’s own cookies are kept, and win over the remote’s of the same name', async (t) => {
  const server = await baker(t, { initialize: ['mine=no; Path=/', 'route=x; Path=/'] })
  const host = bridge(t, { url: server.url, args: ['--header', 'cookie: mine=yes; other=1'] })
  await host.initialize()
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
  const [first, ...later] = cookiesOf(server.requests)
  assert.equal(first, 'mine=yes; other=1')
  assert.deepEqual(new Set(later), new Set(['mine=yes; other=1; route=x']))
  const names = server.sent('tools/call')[0]?.rawHeaders.filter((text) => /^cookie$/i.test(text))
  assert.equal(names?.length, 1, 'one header')
})

for (const level of ['debug', 'trace'])
  test(`the value of a cookie is never in the log (${level})`, async (t) => {
    const server = await baker(t, { initialize: ['route=c00kie-s3cret-value; Path=/'] })
    const host = bridge(t, { url: server.url, args: ['--log-level', level] })
    await host.initialize()
    host.send(call(1, { said: 'c00kie-s3cret-value' }))
    resultOf(await host.answer(1))
    await host.finish({ stderr: 'some' })
    assert.equal(server.sent('tools/call')[0]?.header('cookie'), 'route=c00kie-s3cret-value')
    assert.ok(!host.stderr.includes('c00kie-s3cret'), host.stderr)
  })

test('over HTTP+SSE the cookie of the stream goes with each POST', async (t) => {
  const server = await serveSse(t, {
    opening(x, accept) {
      x.response.setHeader('Set-Cookie', 'route=node-7; Path=/')
      accept()
    },
  })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
  assert.deepEqual(new Set(cookiesOf(server.sessions[0]?.posts ?? [])), new Set(['route=node-7']))
})
