// Calls in which a legacy server asks something, with a modern host that does not always behave. protocol.md E.5; tests
// T60, T61.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { cancelLine, modernCall } from '../fixtures/hosts/modern-words.ts'
import type { Host, Line } from '../fixtures/hosts/raw-host.ts'
import {
  type AskingOptions,
  type AskingServer,
  startAskingServer,
} from '../fixtures/servers/asking-server.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { bridge, ownError, resultOf, serveSessions, serveSse, test } from './harness.ts'

const ACCEPT = { 'elicitation-1': { action: 'accept', content: { name: 'Ada' } } }

async function withAsking(
  t: TestContext,
  options: AskingOptions = {},
  args: readonly string[] = [],
): Promise<{ readonly host: Host; readonly server: AskingServer }> {
  const server = await startAskingServer(options)
  t.after(() => server.close())
  return { host: bridge(t, { url: server.url, args }), server }
}

/** The token with which the host is asked to come back. */
function tokenOf(line: Line): string {
  const { resultType, requestState } = resultOf(line)
  assert.equal(resultType, 'input_required', line.raw)
  return requestState as string
}

function textOf(line: Line): string {
  const { content } = resultOf(line) as { content?: { text?: string }[] }
  return content?.[0]?.text ?? line.raw
}

/** Comes back with a token. */
function retry(
  id: unknown,
  name: string,
  requestState: string,
  inputResponses: unknown = ACCEPT,
  more = {},
): string {
  return modernCall(id, name, { requestState, inputResponses, ...more })
}

async function refused(host: Host, id: number): Promise<void> {
  const { value, raw } = await host.answer(id)
  assert.equal(value.error?.code, -32602, raw)
}

test('retries that are not what was asked for are refused, and the tool runs once', async (t) => {
  const { host, server } = await withAsking(t)
  host.send(modernCall(1, 'ask'))
  const token = tokenOf(await host.answer(1))
  host.send(retry(2, 'ask', token, ACCEPT, { arguments: { other: true } }))
  await refused(host, 2)
  host.send(retry(3, 'ask', 'unknown'))
  await refused(host, 3)
  host.send(retry(4, 'ask', token, {}))
  const again = tokenOf(await host.answer(4))
  host.send(retry(5, 'ask', token))
  await refused(host, 5)
  host.send(retry(6, 'ask', again))
  assert.equal(textOf(await host.answer(6)), 'accept Ada')
  host.send(retry(7, 'ask', again))
  await refused(host, 7)
  assert.equal(server.count('ran ask'), 1)
  await host.finish()
})

test('a server that loses its patience first: the retry gets what it said', async (t) => {
  // Longer than the question takes to the host: what comes in one piece with the server's last word is asked of nobody.
  const { host, server } = await withAsking(t, { patienceMs: 3000 })
  host.send(modernCall(1, 'ask'))
  const token = tokenOf(await host.answer(1))
  await server.happened('gave up')
  host.send(retry(2, 'ask', token))
  const { value } = await host.answer(2)
  assert.match(value.error?.message ?? '', /timed out/i)
  await host.finish()
})

test('a request that has been answered with a question cannot be cancelled any more', async (t) => {
  const { host, server } = await withAsking(t)
  host.send(modernCall(1, 'ask-twice'))
  const token = tokenOf(await host.answer(1))
  host.send(retry(2, 'ask-twice', token))
  const second = tokenOf(await host.answer(2))
  host.send(cancelLine(2))
  host.send(retry(3, 'ask-twice', second))
  assert.equal(
    textOf(await host.answer(3)),
    'accept Ada, accept Ada',
    'what was answered cannot be cancelled',
  )
  assert.equal(server.count('cancelled ask-twice'), 0)
  await host.finish()
})

/** A server that keeps the streams of its calls open. */
async function withHeld(t: TestContext, args: readonly string[] = []) {
  const calls: Exchange[] = []
  const server = await serveSessions(t, {
    getStream: true,
    capabilities: { tools: {} },
    on: {
      'tools/call'(x) {
        calls.push(x)
        streams.push(x.sse())
      },
    },
  })
  const streams: ReturnType<Exchange['sse']>[] = []
  return { host: bridge(t, { url: server.url, args }), server, calls, streams }
}

const QUESTION = { jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params: { message: 'Who?' } }

for (const how of ['never comes back', 'closes its end'] as const)
  test(`a host that ${how} while it is asked: the server hears of it, and the call is cancelled`, async (t) => {
    const args = how === 'never comes back' ? ['--input-timeout', '2s'] : []
    const { host, server, calls, streams } = await withHeld(t, args)
    host.send(modernCall(1, 'slow'))
    await server.request(({ message }) => message.method === 'tools/call')
    streams[0]!.message(QUESTION)
    const token = tokenOf(await host.answer(1))
    if (how === 'closes its end') host.endInput()
    const answer = await server.request(({ message }) => message.id === 'q' && message.method === undefined)
    assert.deepEqual(answer.message.result, { action: 'cancel' })
    const { message } = await server.request(({ message: sent }) => sent.method === 'notifications/cancelled')
    assert.equal(String(message.params?.requestId), calls[0]!.rawId)
    if (how === 'never comes back') {
      host.send(retry(2, 'slow', token))
      await refused(host, 2)
    }
    await host.finish()
  })

test('a session that is lost while a call is parked: the retry hears of it', async (t) => {
  const { host, server, streams } = await withHeld(t)
  host.send(modernCall(1, 'slow'))
  await server.request(({ message }) => message.method === 'tools/call')
  streams[0]!.message(QUESTION)
  const token = tokenOf(await host.answer(1))
  server.forget()
  streams[0]!.cut()
  host.send(retry(2, 'slow', token))
  const line = await host.answer(2)
  ownError(line, /session-lost|stream-lost/)
  assert.equal(server.ran('tools/call').length, 1, 'it is not run again')
  await host.finish({ stderr: 'any' })
})

test('a ping is answered while a call is parked, and while none is', async (t) => {
  const { host, server, streams } = await withHeld(t)
  const ponged = (id: string) =>
    server.request(({ message }) => message.id === id && message.method === undefined)
  host.send(modernCall(1, 'slow'))
  await server.request(({ message }) => message.method === 'tools/call')
  streams[0]!.message(QUESTION)
  const token = tokenOf(await host.answer(1))
  server.push({ jsonrpc: '2.0', id: 'ping-1', method: 'ping' })
  await ponged('ping-1')
  host.send(retry(2, 'slow', token))
  await server.request(({ message }) => message.id === 'q')
  streams[0]!.result('{"content":[]}')
  resultOf(await host.answer(2))
  server.push({ jsonrpc: '2.0', id: 'ping-2', method: 'ping' })
  await ponged('ping-2')
  await host.finish()
})

test('a cancellation reaches the server under the id that the server knows', async (t) => {
  const { host, server, calls } = await withHeld(t)
  host.send(modernCall('mine', 'slow'))
  await server.request(({ message }) => message.method === 'tools/call')
  host.send(cancelLine('mine'))
  const { message } = await server.request(({ message: sent }) => sent.method === 'notifications/cancelled')
  assert.equal(String(message.params?.requestId), calls[0]!.rawId)
  await host.finish()
})

test('a request that declares more gets a session that was told so; the old one ends', async (t) => {
  const { host, server, calls, streams } = await withHeld(t)
  host.send(modernCall(1, 'plain', {}, { capabilities: {} }))
  await server.request(({ message }) => message.method === 'tools/call')
  host.send(modernCall(2, 'asks', {}, { capabilities: { elicitation: {} } }))
  await server.request(({ message }) => message.params?.name === 'asks')
  assert.equal(server.sessions.length, 2)
  assert.notEqual(calls[0]!.header('mcp-session-id'), calls[1]!.header('mcp-session-id'))
  assert.equal(
    server.requests.some(({ method }) => method === 'DELETE'),
    false,
    'the first still runs',
  )
  streams[0]!.result('{"content":[]}')
  resultOf(await host.answer(1))
  await server.request(({ method }) => method === 'DELETE')
  streams[1]!.result('{"content":[]}')
  resultOf(await host.answer(2))
  await host.finish()
})

test('over HTTP+SSE, where no question says to which call it belongs, it goes to the one that runs', async (t) => {
  const calls: (() => void)[] = []
  const server = await serveSse(t, {
    on: {
      'tools/call'(x, session) {
        calls.push(() => session.say(`{"jsonrpc":"2.0","id":${x.rawId},"result":{"content":[]}}`))
        x.reply(202)
        session.say(QUESTION)
      },
    },
  })
  const host = bridge(t, { url: server.url })
  host.send(modernCall(1, 'asks'))
  const token = tokenOf(await host.answer(1))
  host.send(retry(2, 'asks', token))
  const { message } = await server.request(
    ({ message: sent }) => sent.id === 'q' && sent.method === undefined,
  )
  assert.deepEqual(message.result, ACCEPT['elicitation-1'])
  calls[0]!()
  assert.equal(resultOf(await host.answer(2)).resultType, 'complete')
  assert.equal(calls.length, 1)
  await host.finish()
})
