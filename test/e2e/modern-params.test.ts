// Parameters of tools that go into headers: which, and how they are written; what is learned from tools/list and when
// it is asked anew. protocol.md C.1, C.2; T43, T44.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Host } from '../fixtures/hosts/raw-host.ts'
import { type ModernServer, modernEcho } from '../fixtures/servers/modern-server.ts'
import type { Exchange, Handler } from '../fixtures/servers/raw-server.ts'
import { discovered, errorOf, metaOf, modern, modernCall, notify, resultOf, test } from './harness.ts'

interface Vector {
  readonly what: string
  /** Raw JSON. */
  readonly arguments: string
  /** Name of the annotation → value of its header. */
  readonly headers: Readonly<Record<string, string>>
}

const VECTORS = JSON.parse(
  readFileSync(new URL('../fixtures/vectors/param-headers.json', import.meta.url), 'utf8'),
) as readonly Vector[]

const mirrored = (type: string, header: string) => ({ type, 'x-mcp-header': header })
const WIDE = {
  name: 'wide',
  inputSchema: {
    type: 'object',
    properties: {
      text: mirrored('string', 'Text'),
      count: mirrored('integer', 'Count'),
      flag: mirrored('boolean', 'Flag'),
      items: mirrored('string', 'Items'),
      other: { type: 'string' },
      where: {
        type: 'object',
        properties: { deep: { type: 'object', properties: { region: mirrored('string', 'Region') } } },
      },
    },
  },
}
const toolWith = (name: string, header: string) => ({
  name,
  inputSchema: { type: 'object', properties: { text: mirrored('string', header) } },
})
const page = (tools: readonly unknown[], nextCursor?: string) => ({
  resultType: 'complete',
  tools,
  nextCursor,
  ttlMs: 0,
  cacheScope: 'private',
})
const META_TEXT = JSON.stringify(metaOf())
const HEADER_MISMATCH = -32020

/** The Mcp-Param-* headers of a request, by lower-case name. */
function paramHeaders(x: Exchange): Record<string, string> {
  const found: Record<string, string> = {}
  for (let at = 0; at < x.rawHeaders.length; at += 2) {
    const name = x.rawHeaders[at]?.toLowerCase() ?? ''
    if (name.startsWith('mcp-param-')) found[name.slice(10)] = x.rawHeaders[at + 1] ?? ''
  }
  return found
}

async function list(host: Host, id: string, cursor?: string): Promise<void> {
  host.send(modern(id, 'tools/list', cursor === undefined ? {} : { cursor }))
  resultOf(await host.answer(id))
}

/** Calls a tool with a text, and tells the parameters' headers. */
async function headersOf(host: Host, server: ModernServer, name: string): Promise<Record<string, string>> {
  const id = `call ${server.requests.length}`
  host.send(modernCall(id, { text: 'x' }, name))
  resultOf(await host.answer(id))
  return paramHeaders(await server.request(({ message }) => message.id === id))
}

test('T43 the value of a parameter is a header, written so that every server reads the same', async (t) => {
  const { host, server } = await discovered(t, { on: { 'tools/list': (x) => x.result(page([WIDE])) } })
  await list(host, 'list')
  for (const { what, arguments: args, headers } of VECTORS) {
    const id = JSON.stringify(what)
    const line = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"wide","arguments":${args},"_meta":${META_TEXT}}}`
    host.send(line)
    resultOf(await host.answer(what))
    const x = await server.request(({ message }) => message.id === what)
    const expected = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
    assert.deepEqual(paramHeaders(x), Object.fromEntries(expected), what)
    assert.equal(x.text, line)
  }
  await host.finish()
})

test('T43 Mcp-Name is written in the same way', async (t) => {
  const { host, server } = await discovered(t)
  const texts = VECTORS.filter(({ headers }) => Object.keys(headers).join() === 'Text')
  assert.ok(texts.length > 20, 'the vectors of text')
  for (const { what, arguments: args, headers } of texts) {
    const uri = args.replace('{"text":', '').slice(0, -1)
    const id = JSON.stringify(what)
    host.send(
      `{"jsonrpc":"2.0","id":${id},"method":"resources/read","params":{"uri":${uri},"_meta":${META_TEXT}}}`,
    )
    resultOf(await host.answer(what))
    const x = await server.request(({ message }) => message.id === what)
    assert.equal(x.header('mcp-name'), headers.Text, what)
  }
  await host.finish()
})

test('half of a surrogate pair in a mirrored parameter is refused with -32600: no header can say it', async (t) => {
  const { host, server } = await discovered(t, { on: { 'tools/list': (x) => x.result(page([WIDE])) } })
  await list(host, 'list')
  host.send(
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wide","arguments":{"text":"\\ud800x"},"_meta":${META_TEXT}}}`,
  )
  errorOf(await host.answer(1), -32600)
  await host.finish({ stderr: 'any' })
  assert.equal(server.sent('tools/call').length, 0)
})

test('annotations are learned from every page, and a new first page replaces them all', async (t) => {
  let changed = false
  const { host, server } = await discovered(t, {
    on: {
      'tools/list': (x) => {
        const second = x.message.params?.cursor === 'two'
        if (changed) x.result(page([toolWith('one', 'New')]))
        else if (second) x.result(page([toolWith('two', 'Two')]))
        else x.result(page([toolWith('one', 'One')], 'two'))
      },
    },
  })
  assert.deepEqual(await headersOf(host, server, 'one'), {}, 'not listed yet')
  await list(host, 'first page')
  await list(host, 'second page', 'two')
  assert.deepEqual(await headersOf(host, server, 'one'), { one: 'x' })
  assert.deepEqual(await headersOf(host, server, 'two'), { two: 'x' })
  changed = true
  await list(host, 'anew')
  assert.deepEqual(await headersOf(host, server, 'one'), { new: 'x' })
  assert.deepEqual(await headersOf(host, server, 'two'), {})
  await host.finish()
})

test('an annotation is learned however its name is written, and from a list in which no other has one', async (t) => {
  const plain = JSON.stringify(
    page([toolWith('one', 'First'), { name: 'two', inputSchema: { type: 'object' } }]),
  )
  const { host, server } = await discovered(t, {
    on: {
      'tools/list': (x) => x.result(plain.replace('x-mcp-header', 'x-mcp-h\\u0065ader')),
      'tools/call': modernEcho,
    },
  })
  await list(host, 'l1')
  assert.deepEqual(await headersOf(host, server, 'one'), { first: 'x' })
  assert.deepEqual(await headersOf(host, server, 'two'), {})
  await host.finish()
})

test('a tools/list that is answered by SSE is learned from as well', async (t) => {
  const { host, server } = await discovered(t, {
    on: {
      'tools/list': (x) => {
        const stream = x.sse()
        stream.result(page([toolWith('one', 'One')]))
        stream.end()
      },
    },
  })
  await list(host, 'list')
  assert.deepEqual(await headersOf(host, server, 'one'), { one: 'x' })
  await host.finish()
})

const demanding =
  (header: string): Handler =>
  (x) =>
    x.header(header) === undefined
      ? x.error(HEADER_MISMATCH, `${header} is missing`, undefined, 400)
      : modernEcho(x)

const twoPages: Handler = (x) =>
  x.result(
    x.message.params?.cursor === 'two'
      ? page([toolWith('late', 'Late')])
      : page([toolWith('one', 'One')], 'two'),
  )

test('T44 a call refused for its headers: the tools are listed and the same call goes again; the host sees the result alone', async (t) => {
  const { host, server } = await discovered(t, {
    on: { 'tools/list': twoPages, 'tools/call': demanding('Mcp-Param-Late') },
  })
  host.send(modernCall(1, { text: 'x' }, 'late'))
  resultOf(await host.answer(1))
  const [discover, first, one, two, second, ...rest] = server.requests
  assert.equal(discover?.message.method, 'server/discover')
  assert.deepEqual(rest, [])
  assert.deepEqual(paramHeaders(first as Exchange), {})
  for (const [x, cursor] of [
    [one, undefined],
    [two, 'two'],
  ] as const) {
    assert.equal(x?.message.method, 'tools/list')
    assert.equal(x.message.params?.cursor, cursor)
    assert.deepEqual(x.message.params?._meta, metaOf(), "the host's _meta")
    assert.notEqual(x.message.id, 1, 'an id of our own')
  }
  assert.equal(second?.text, first?.text)
  assert.deepEqual(paramHeaders(second as Exchange), { late: 'x' })
  await host.finish()
  assert.equal(host.lines.length, 2, 'discover and the call')
})

test('T44 a second refusal is forwarded', async (t) => {
  const refuse: Handler = (x) => x.error(HEADER_MISMATCH, 'I never like them', { n: 1 }, 400)
  const { host, server } = await discovered(t, { on: { 'tools/list': twoPages, 'tools/call': refuse } })
  host.send(modernCall(1, { text: 'x' }, 'late'))
  const error = errorOf(await host.answer(1), HEADER_MISMATCH)
  assert.deepEqual(error, { code: HEADER_MISMATCH, message: 'I never like them', data: { n: 1 } })
  assert.equal(server.sent('tools/call').length, 2)
  assert.equal(server.sent('tools/list').length, 2)
  await host.finish({ stderr: 'any' })
})

test('T44 when the list says what was known already, the refusal is forwarded and the call is not sent again', async (t) => {
  const refuse: Handler = (x) => x.error(HEADER_MISMATCH, 'no', undefined, 400)
  const { host, server } = await discovered(t, { on: { 'tools/list': twoPages, 'tools/call': refuse } })
  await list(host, 'one')
  await list(host, 'two', 'two')
  host.send(modernCall(1, { text: 'x' }, 'late'))
  errorOf(await host.answer(1), HEADER_MISMATCH)
  assert.equal(server.sent('tools/call').length, 1)
  await host.finish({ stderr: 'any' })
})

test('T44 when the tools cannot be listed, the refusal is forwarded', async (t) => {
  const { host, server } = await discovered(t, {
    on: {
      'tools/list': (x) => x.error(-32603, 'no list today', undefined, 500),
      'tools/call': (x) => x.error(HEADER_MISMATCH, 'no', undefined, 400),
    },
  })
  host.send(modernCall(1, { text: 'x' }, 'late'))
  errorOf(await host.answer(1), HEADER_MISMATCH)
  assert.equal(server.sent('tools/call').length, 1)
  await host.finish({ stderr: 'any' })
})

test('T44 a call that is cancelled while the tools are listed is not sent again', async (t) => {
  const held: Exchange[] = []
  const { host, server } = await discovered(t, {
    on: { 'tools/list': (x) => void held.push(x), 'tools/call': demanding('Mcp-Param-Late') },
  })
  host.send(modernCall(1, { text: 'x' }, 'late'))
  const listing = await server.request(({ message }) => message.method === 'tools/list')
  host.send(notify('notifications/cancelled', { requestId: 1 }))
  host.send(modern(2, 'prompts/get', { name: 'x' }))
  resultOf(await host.answer(2))
  if (!listing.response.destroyed) listing.result(page([toolWith('late', 'Late')]))
  await listing.over
  host.send(modern(3, 'prompts/get', { name: 'x' }))
  resultOf(await host.answer(3))
  await host.finish()
  assert.equal(server.sent('tools/call').length, 1)
  assert.ok(!host.lines.some(({ value }) => value.id === 1), 'the cancelled call was answered')
})

test('a list that fails tells nothing of the tools: what was known of them still is', async (t) => {
  let asked = 0
  const { host, server } = await discovered(t, {
    on: {
      'tools/list': (x) =>
        ++asked === 1 ? x.result(page([toolWith('a', 'Text')])) : x.error(-32603, 'not now', undefined, 200),
    },
  })
  await list(host, 'list')
  host.send(modern('failing', 'tools/list'))
  errorOf(await host.answer('failing'), -32603)
  assert.deepEqual(await headersOf(host, server, 'a'), { text: 'x' })
  await host.finish()
})
