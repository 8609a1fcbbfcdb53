// How many parts a message of a modern remote has is the remote's choice, and more than a function takes arguments: the
// bridge lives on, and passes them. protocol.md 0.1, C.6, D.5.

import assert from 'node:assert/strict'
import { bridge, call, errorOf, modern, request, resultOf, serveModern, test } from './harness.ts'

const MANY = 200_000

function toolsWith(schema: string): string {
  return `{"resultType":"complete","tools":[{"name":"echo","inputSchema":{"type":"object",${schema}}}]}`
}

test('a schema of very many alternatives is looked through for headers', async (t) => {
  const tools = toolsWith(`"anyOf":[${Array(MANY).fill('{}').join(',')}]`)
  const server = await serveModern(t, { on: { 'tools/list': (x) => x.result(tools) } })
  const host = bridge(t, { url: server.url })
  host.send(modern('l', 'tools/list'))
  const line = await host.answer('l', 40_000)
  assert.ok(line.raw.includes(tools), 'the list passes as it is')
  await host.finish({ stderr: 'any' })
})

test('a schema of very many properties is made fit for a legacy host', async (t) => {
  const properties = Array.from({ length: MANY }, (_, at) => `"p${at}":true`)
  const tools = toolsWith(`"properties":{${properties.join(',')}}`)
  const server = await serveModern(t, { on: { 'tools/list': (x) => x.result(tools) } })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send(request('l', 'tools/list'))
  const line = await host.answer('l', 40_000)
  assert.ok(line.raw.includes(`"p${MANY - 1}":{}`), 'the last one is fit as well')
  await host.finish({ stderr: 'any' })
})

test('an error with a code of very many digits is an error', async (t) => {
  const code = '1'.repeat(MANY)
  const server = await serveModern(t, {
    on: {
      'tools/call': (x) =>
        x.reply(200, `{"jsonrpc":"2.0","id":${x.rawId},"error":{"code":${code},"message":"m"}}`),
    },
  })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send(call('c'))
  errorOf(await host.answer('c'), Number(code))
  host.send(request('l', 'tools/list'))
  resultOf(await host.answer('l'))
  await host.finish({ stderr: 'any' })
})

test('an error that names a capability very deep down is an error', async (t) => {
  const deep = `${'{"a":'.repeat(9000)}{}${'}'.repeat(9000)}`
  const server = await serveModern(t, {
    on: {
      'tools/call': (x) =>
        x.reply(
          400,
          `{"jsonrpc":"2.0","id":${x.rawId},"error":{"code":-32021,"message":"m","data":{"requiredCapabilities":${deep}}}}`,
        ),
    },
  })
  const host = bridge(t, { url: server.url })
  await host.initialize()
  host.send(call('c'))
  assert.match(errorOf(await host.answer('c'), -32021).message, /^m \(the client does not offer: a\.a/)
  await host.finish({ stderr: 'any' })
})
