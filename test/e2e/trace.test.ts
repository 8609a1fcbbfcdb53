// --trace: every message with its time, direction, HTTP status and headers, in a file, whatever happens to the messages and to the
// file. protocol.md 0.3-0.8.
import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { FAULTS } from '../fixtures/servers/faults.ts'
import {
  bridge,
  call,
  connected,
  discovered,
  freePort,
  inSession,
  modernCall,
  notify,
  ownError,
  request,
  resultOf,
  test,
} from './harness.ts'
import { linesOf, type TraceLine, traceFile } from './tracing.ts'

/** `toRemote tools/call 1`, of one side. */
function told(lines: readonly TraceLine[], side: 'host' | 'remote'): string[] {
  return lines
    .filter((line) => line.side === side && line.message !== undefined)
    .map(({ dir, message }) => [dir, message?.method ?? 'answer', message?.id ?? ''].join(' ').trim())
}

test('each message of a conversation stands there with its time, direction, status and headers', async (t) => {
  const file = traceFile(t)
  const { host, server } = await connected(t, { sessionId: 's-1234567' }, ['--trace', file])
  host.send(call(1, { exact: '\u2028é' }))
  await host.answer(1)
  await host.finish()
  const lines = linesOf(file)
  const [start] = lines
  assert.equal(start?.kind, 'start')
  assert.equal(start.url, server.url)
  assert.deepEqual(told(lines, 'host'), [
    'toRemote initialize init',
    'toHost answer init',
    'toRemote notifications/initialized',
    'toRemote tools/call 1',
    'toHost answer 1',
  ])
  assert.deepEqual(told(lines, 'remote').sort(), [...told(lines, 'host')].sort())
  for (const { at, ms } of lines) {
    assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.ok(ms >= 0, 'time runs forward')
  }
  const sent = lines.find(({ kind, message }) => kind === 'request' && message?.id === 1)
  assert.equal(sent?.method, 'POST')
  assert.equal(sent.url, server.url)
  assert.equal(sent.headers?.['Content-Type'], 'application/json')
  const ofIt = lines.filter(({ exchange }) => exchange === sent.exchange)
  assert.deepEqual(
    ofIt.map(({ kind }) => kind),
    ['request', 'response', 'message', 'end'],
  )
  assert.equal(ofIt[1]?.status, 200)
  const type = Object.entries(ofIt[1]?.headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type')
  assert.match(String(type?.[1]), /^application\/json/)
  assert.ok((ofIt[3]?.bytes ?? 0) > 0, 'the size of the body is told')
  const raw = call(1, { exact: '\u2028é' })
  const copies = readFileSync(file, 'utf8').split(`"message":${raw}}`).length - 1
  assert.equal(copies, 2, 'the bytes of the message are on both sides')
})

test('numbers, keys and white space are not rewritten', async (t) => {
  const file = traceFile(t)
  const { host } = await connected(t, {}, ['--trace', file])
  host.sendRaw(
    '{"id":9007199254740993, "jsonrpc":"2.0","method":"tools/call","params":{"name":"echo","arguments":{"b":1.0,"a":1e400}}}\n',
  )
  await host.answer({ raw: '9007199254740993' })
  await host.finish()
  assert.match(
    readFileSync(file, 'utf8'),
    /"message":\{"id":9007199254740993, .*\{"b":1\.0,"a":1e400\}\}\}\}\n/,
  )
})

test('events are written as they come, each with its exchange, and so is what a cut stream leaves', async (t) => {
  const file = traceFile(t)
  const { host } = await connected(
    t,
    {
      on: {
        'tools/call': async (x) => {
          const stream = x.sse()
          stream.message(JSON.parse(notify('notifications/message', { level: 'info', data: 'one' })))
          await stream.raw(': quiet\n\n')
          stream.cut()
        },
      },
    },
    ['--trace', file],
  )
  host.send(call(1))
  ownError(await host.answer(1), 'stream-lost')
  await host.finish({ stderr: 'some' })
  const lines = linesOf(file)
  const { exchange } = lines.find(({ kind, message }) => kind === 'request' && message?.id === 1)!
  const ofIt = lines.filter((line) => line.exchange === exchange)
  assert.deepEqual(
    ofIt.map(({ kind }) => kind),
    ['request', 'response', 'message', 'end'],
  )
  assert.equal(ofIt[2]?.message?.method, 'notifications/message')
  assert.equal(ofIt[3]?.error?.kind, 'stream-lost')
  assert.equal(ofIt[3]?.by, undefined)
})

test('a refusal is there with its status and its page, and a remote that is absent with the reason', async (t) => {
  const file = traceFile(t)
  const { host } = await connected(t, { sessionId: null, on: { 'tools/call': FAULTS['html-500'] } }, [
    '--trace',
    file,
  ])
  host.send(call(1))
  ownError(await host.answer(1), 'http')
  await host.finish({ stderr: 'some' })
  const away = bridge(t, { url: `http://127.0.0.1:${await freePort()}/mcp`, args: ['--trace', file] })
  away.send(initializeLine('i'))
  away.endInput()
  ownError(await away.answer('i', 30_000), 'refused')
  await away.finish({ stderr: 'some' })
  const lines = linesOf(file)
  const refused = lines.find(({ status }) => status === 500)
  assert.ok(refused, 'the status is there')
  const page = lines.find(({ exchange, text }) => exchange === refused.exchange && text !== undefined)
  assert.match(page?.text ?? '', /<html/i)
  const failed = lines.filter(({ run, error }) => run !== refused.run && error !== undefined)
  assert.equal(failed[0]?.error?.kind, 'refused')
})

test('of a very long message the beginning is kept, what it is, and how long it was', async (t) => {
  const file = traceFile(t)
  const { host } = await connected(t, {}, ['--trace', file])
  const text = 'y'.repeat(3 * 1024 * 1024)
  host.send(call('long', { text }))
  resultOf(await host.answer('long'))
  await host.finish()
  assert.ok(statSync(file).size < 6 * 1024 * 1024, 'four times the whole message is not there')
  const cut = linesOf(file).filter((line) => line.cut !== undefined)
  assert.equal(cut.length, 4)
  assert.ok(
    cut.every((line) => line.cut! > text.length && line.text!.length <= 1024 * 1024),
    'each is cut',
  )
  const ofHost = cut.filter(({ side }) => side === 'host').map(({ rpc }) => rpc)
  assert.deepEqual(ofHost, [
    { kind: 'request', id: '"long"', method: 'tools/call' },
    { kind: 'response', id: '"long"' },
  ])
})

test('a lost session, what is sent again, and both sessions are there, and no id of a session', async (t) => {
  const file = traceFile(t)
  const { host, server } = await inSession(t, {}, ['--trace', file])
  server.forget()
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
  const lines = linesOf(file)
  const calls = lines.filter(({ kind, message }) => kind === 'request' && message?.method === 'tools/call')
  assert.deepEqual(
    calls.map(({ headers }) => headers?.['MCP-Session-Id']),
    ['<redacted: session 1>', '<redacted: session 2>'],
  )
  const text = readFileSync(file, 'utf8')
  assert.equal(server.sessions.length, 2)
  for (const id of server.sessions) assert.ok(!text.includes(id), 'the id of a session is in the trace')
})

test('a remote of the modern era, too', async (t) => {
  const file = traceFile(t)
  const { host } = await discovered(t, {}, ['--trace', file])
  host.send(modernCall(1))
  resultOf(await host.answer(1))
  host.send(request(2, 'tools/list'))
  await host.answer(2)
  await host.finish()
  const lines = linesOf(file)
  const sent = lines.find(({ kind, message }) => kind === 'request' && message?.id === 1)
  assert.equal(sent?.headers?.['Mcp-Method'], 'tools/call')
  assert.equal(sent.headers?.['Mcp-Name'], 'echo')
  assert.deepEqual(told(lines, 'host').slice(0, 4), [
    'toRemote server/discover discover',
    'toHost answer discover',
    'toRemote tools/call 1',
    'toHost answer 1',
  ])
})
