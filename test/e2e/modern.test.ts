// A modern host and a modern remote: every body passes as it is, the metadata of the request goes into headers, and
// nothing of the legacy era is ever sent. protocol.md 0.2, 0.4, C.1, C.3, C.7, C.8; T42, T49, T50.
import assert from 'node:assert/strict'
import { MODERN } from '../fixtures/servers/modern-server.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import {
  allRead,
  discovered,
  errorOf,
  listen,
  metaOf,
  modern,
  modernCall,
  notify,
  request,
  resultOf,
  test,
} from './harness.ts'

const META_TEXT = JSON.stringify(metaOf())

/** Checks that no request had anything of a session, of a resumption or of another verb. */
function nothingLegacy(requests: readonly Exchange[]): void {
  for (const x of requests) {
    assert.equal(x.method, 'POST', x.url)
    for (const name of ['mcp-session-id', 'last-event-id', 'origin'])
      assert.equal(x.header(name), undefined, `${name} of ${x.text}`)
    assert.equal(x.header('content-type'), 'application/json')
    assert.equal(x.header('accept'), 'application/json, text/event-stream')
    assert.notEqual(x.message.method, 'initialize')
  }
}

test('a host that opens with server/discover costs no request of our own, to the end', async (t) => {
  const { host, server } = await discovered(t)
  host.send(modern(1, 'tools/list'))
  resultOf(await host.answer(1))
  host.send(modernCall(2, { n: 1 }))
  assert.deepEqual(resultOf(await host.answer(2)).structuredContent, { n: 1 })
  await host.finish()
  const methods = server.requests.map(({ message }) => message.method)
  assert.deepEqual(methods, ['server/discover', 'tools/list', 'tools/call'])
  nothingLegacy(server.requests)
})

test('T42 headers say the version, the method and the name of each request; no session though the remote names one', async (t) => {
  const session = { 'Mcp-Session-Id': 'unwanted' }
  const tasks: Record<string, (x: Exchange) => void> = {}
  for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel'])
    tasks[method] = (x) => x.result('{"resultType":"complete"}')
  const { host, server } = await discovered(t, {
    versions: [MODERN, '2099-01-01'],
    on: {
      ...tasks,
      'tools/list': (x) =>
        x.reply(
          200,
          `{"jsonrpc":"2.0","id":${x.rawId},"result":{"resultType":"complete","tools":[]}}`,
          session,
        ),
      'tools/call': (x) => {
        const stream = x.sse(session)
        stream.message(notify('notifications/message', { level: 'info', data: 1 }), { id: 'event-1' })
        void stream.raw('retry: 1\n\n')
        stream.result('{"resultType":"complete","content":[]}')
        stream.end()
      },
    },
  })
  const sent: readonly (readonly [method: string, params: Record<string, unknown>, name?: string])[] = [
    ['tools/list', {}],
    ['tools/call', { name: 'echo', uri: 'not:this', arguments: {} }, 'echo'],
    ['prompts/get', { name: 'greet', arguments: {} }, 'greet'],
    ['resources/read', { uri: 'file:///a b', name: 'not this' }, 'file:///a b'],
    ['tasks/get', { taskId: 't-1' }, 't-1'],
    ['tasks/update', { taskId: 't-2' }, 't-2'],
    ['tasks/cancel', { taskId: 't-3' }, 't-3'],
  ]
  for (const version of [MODERN, '2099-01-01'])
    for (const [method, params, name] of sent) {
      const id = `${method} ${version}`
      host.send(modern(id, method, params, version))
      resultOf(await host.answer(id))
      const [x] = server.requests.filter(({ message }) => message.id === id)
      assert.equal(x?.header('mcp-protocol-version'), version)
      assert.equal(x?.header('mcp-method'), method)
      assert.equal(x?.header('mcp-name'), name)
    }
  host.send(listen('listen'))
  const { exchange } = await server.listen(1)
  assert.equal(exchange.header('mcp-method'), 'subscriptions/listen')
  assert.equal(exchange.header('mcp-name'), undefined)
  await host.finish()
  nothingLegacy(server.requests)
  assert.equal(server.requests.length, 2 + 2 * sent.length)
})

test('a name that is missing or no string makes no header, and a version that nobody knows is mirrored: the remote judges', async (t) => {
  const { host, server } = await discovered(t, {
    on: { 'prompts/get': (x) => x.error(-32602, 'name', 1, 400) },
  })
  host.send(modern(1, 'prompts/get', { arguments: {} }))
  errorOf(await host.answer(1), -32602)
  host.send(modern(2, 'prompts/get', { name: 7 }))
  errorOf(await host.answer(2), -32602)
  host.send(modern(3, 'prompts/get', { name: 'x' }, 'draft-of-tomorrow'))
  errorOf(await host.answer(3), -32022)
  await host.finish({ stderr: 'any' })
  const [missing, number, named] = server.sent('prompts/get')
  assert.equal(missing?.header('mcp-name'), undefined)
  assert.equal(number?.header('mcp-name'), undefined)
  assert.equal(named?.header('mcp-protocol-version'), 'draft-of-tomorrow')
})

test('bodies pass byte for byte both ways: spacing, numbers, escapes, unknown members', async (t) => {
  const answer = (x: Exchange) =>
    `{ "result" : {"big":12345678901234567890, "e":1e400,"resultType":"complete" , "z":1.0,"\\u00e9":"\\u2028"},"id": ${x.rawId},\t"jsonrpc":"2.0" }`
  const { host, server } = await discovered(t, {
    on: { 'tools/call': (x) => x.reply(200, answer(x)), 'odd/method': (x) => x.reply(200, answer(x)) },
  })
  const lines = [
    `{ "params" : {"_meta":${META_TEXT} ,"arguments":{"a":9007199254740993,"a":1.0, "n":-0},"name" :"e"},  "id":9007199254740993,"method":"tools/call","jsonrpc":"2.0" }`,
    `{"jsonrpc":"2.0","extra":[1e400],"id":"\\u00e9","method":"odd\\/method","params":{"x":"\\ud83d\\ude00","_meta":${META_TEXT.replace('{', '{"traceparent":"00-x", ')}}}`,
  ]
  for (const line of lines) {
    host.send(line)
    const x = await server.request(({ text }) => text === line)
    const { raw } = await host.answer({ raw: x.rawId ?? '' })
    assert.equal(raw, answer(x))
  }
  await host.finish()
})

test('T50 input_required and the retry of the host pass as they are, requestState untouched', async (t) => {
  const asking = (x: Exchange) =>
    `{"jsonrpc":"2.0","id":${x.rawId},"result":{"resultType": "input_required","inputRequests":{"k":{"method":"elicitation/create","params":{"mode":"form","n":1.0}}},"requestState":"\\u0061b+/=="}}`
  const { host, server } = await discovered(t, {
    on: {
      'tools/call': (x) =>
        x.message.params?.requestState === undefined
          ? x.reply(200, asking(x))
          : x.result('{"resultType":"complete","content":[]}'),
    },
  })
  host.send(modernCall(1))
  const { raw } = await host.answer(1)
  assert.equal(raw, asking(server.sent('tools/call')[0] as Exchange))
  const retry = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{},"inputResponses":{"k":{"action":"accept","content":{"x": 1.0}}},"requestState":"\\u0061b+/==","_meta":${META_TEXT}}}`
  host.send(retry)
  resultOf(await host.answer(2))
  assert.equal(server.sent('tools/call')[1]?.text, retry)
  await host.finish()
})

for (const [status, code, data] of [
  [404, -32601, undefined],
  [400, -32021, { requiredCapabilities: { sampling: {} } }],
  [400, -32022, { supported: ['2027-01-01'], requested: MODERN }],
  [400, -32602, { n: 1 }],
] as const)
  test(`T49 ${status} with ${code} is forwarded verbatim, the id put right where it is null or missing`, async (t) => {
    const error = `"error":{ "code":${code} ,"message":"no","data":${JSON.stringify(data ?? 1)}}`
    const ids: Readonly<Record<string, string>> = {
      'with id': '"id":"with id",',
      null: '"id":null,',
      none: '',
    }
    const { host } = await discovered(t, {
      on: { 'odd/method': (x) => x.reply(status, `{"jsonrpc":"2.0",${ids[String(x.message.id)]}${error}}`) },
    })
    for (const id of Object.keys(ids)) {
      host.send(modern(id, 'odd/method'))
      const { raw, value } = await host.answer(id)
      assert.equal(value.error?.code, code)
      assert.ok(raw.includes(error), `not verbatim: ${raw}`)
      if (id === 'with id') assert.equal(raw, `{"jsonrpc":"2.0","id":"with id",${error}}`)
    }
    await host.finish({ stderr: 'any' })
  })

test('after a modern request, one without the version in its _meta is refused with -32602 and not sent', async (t) => {
  const { host, server } = await discovered(t)
  const versionless = { _meta: { ...metaOf(), 'io.modelcontextprotocol/protocolVersion': 20260728 } }
  const malformed = [
    request(1, 'tools/list'),
    request(2, 'ping', { _meta: {} }),
    request(3, 'x/y', versionless),
  ]
  for (const [index, line] of malformed.entries()) {
    host.send(line)
    assert.match(errorOf(await host.answer(index + 1), -32602).message, /protocolVersion/)
  }
  host.send(modern(4, 'tools/list'))
  resultOf(await host.answer(4))
  await host.finish({ stderr: 'any' })
  assert.equal(server.requests.length, 2)
})

const DUPLICATES: Readonly<Record<string, string>> = {
  method: `"method":"tools/list","method":"tools/call","params":{"name":"echo","_meta":${META_TEXT}}`,
  'method, once with an escape': `"method":"tools/call","m\\u0065thod":"tools/call","params":{"name":"echo","_meta":${META_TEXT}}`,
  params: `"method":"tools/call","params":{"name":"a","_meta":${META_TEXT}},"params":{"name":"b","_meta":${META_TEXT}}`,
  _meta: `"method":"tools/call","params":{"name":"echo","_meta":${META_TEXT},"_meta":${META_TEXT}}`,
  name: `"method":"tools/call","params":{"name":"echo","name":"rm","_meta":${META_TEXT}}`,
  uri: `"method":"resources/read","params":{"uri":"a:b","uri":"c:d","_meta":${META_TEXT}}`,
  taskId: `"method":"tasks/get","params":{"taskId":"a","_meta":${META_TEXT},"taskId":"b"}`,
  protocolVersion: `"method":"tools/call","params":{"name":"echo","_meta":${META_TEXT.replace('{', '{"io.modelcontextprotocol/protocolVersion":"2025-06-18",')}}`,
}

test('a member that a header mirrors and that is there twice is refused with -32600', async (t) => {
  const { host, server } = await discovered(t)
  for (const [id, members] of Object.entries(DUPLICATES)) {
    host.send(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${members}}`)
    errorOf(await host.answer(id), -32600)
  }
  await host.finish({ stderr: 'any' })
  assert.equal(server.requests.length, 1, 'only server/discover was sent')
})

test('a method or a name that no header can carry is refused with -32600', async (t) => {
  const { host, server } = await discovered(t)
  host.send(modern(1, 'méthode/nouvelle'))
  errorOf(await host.answer(1), -32600)
  host.send(modern(2, 'two\r\nlines: x'))
  errorOf(await host.answer(2), -32600)
  host.send(modernCall(3).replace('"name":"echo"', '"name":"\\ud800"'))
  errorOf(await host.answer(3), -32600)
  await host.finish({ stderr: 'any' })
  assert.equal(server.requests.length, 1, 'only server/discover was sent')
})

test('a notification of the host is POSTed with the last version and its method; a response is not', async (t) => {
  const { host, server } = await discovered(t, { versions: [MODERN, '2099-01-01'] })
  host.send(modern(1, 'tools/list', {}, '2099-01-01'))
  resultOf(await host.answer(1))
  const line = '{"jsonrpc":"2.0", "method":"notifications/of/tomorrow","params":{"n":1.0}}'
  host.send('{"jsonrpc":"2.0","id":"nobody-asked","result":{}}')
  host.send(line)
  const x = await server.request(({ text }) => text === line)
  assert.equal(x.header('mcp-protocol-version'), '2099-01-01')
  assert.equal(x.header('mcp-method'), 'notifications/of/tomorrow')
  await x.over
  await host.finish({ stderr: 'any' })
  assert.equal(server.requests.length, 3)
})

test('a request of the remote on a modern stream never reaches the host, what is around it does', async (t) => {
  const { host, server } = await discovered(t, {
    on: {
      'tools/call': (x) => {
        const stream = x.sse()
        stream.message(request('from-remote', 'sampling/createMessage', {}))
        stream.message(notify('notifications/progress', { progressToken: 1, progress: 1 }))
        stream.message(request(1, 'ping'))
        stream.result('{"resultType":"complete","content":[]}')
        stream.end()
      },
    },
  })
  host.send(modernCall(1))
  await host.notification('notifications/progress')
  resultOf(await host.answer(1))
  await allRead(host)
  await host.finish({ stderr: 'some' })
  assert.ok(
    !host.lines.some(({ value, key }) => value.method !== undefined && key !== undefined),
    'a request',
  )
  assert.equal(server.requests.length, 2, 'nothing was answered in place of the host')
})

test('a permanent redirect of server/discover holds for all that follows', async (t) => {
  const { host, server } = await discovered(t, {
    first(x) {
      if (x.path !== '/mcp') return false
      x.reply(308, undefined, { Location: '/new' })
      return true
    },
  })
  host.send(modernCall(1))
  resultOf(await host.answer(1))
  await host.finish()
  assert.deepEqual(
    server.requests.map(({ path }) => path),
    ['/mcp', '/new', '/new'],
  )
})
