// A real modern host, made with version 2 of the SDK, and a real legacy server, made with version 1. protocol.md E;
// tests T58, T59, T63.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { type AskingServer, startAskingServer } from '../fixtures/servers/asking-server.ts'
import { createWaiting } from '../fixtures/servers/waiting.ts'
import { test } from './harness.ts'

interface Joined {
  readonly client: Client
  readonly server: AskingServer
  /** What the host's user was asked. */
  readonly asked: readonly string[]
}

async function join(t: TestContext, mode: 'auto' | { pin: string } = 'auto'): Promise<Joined> {
  const server = await startAskingServer()
  t.after(() => server.close())
  const asked: string[] = []
  const client = new Client(
    { name: 'modern-host', version: '1.0.0' },
    { capabilities: { elicitation: { form: {} }, roots: {} }, versionNegotiation: { mode } },
  )
  client.setRequestHandler('elicitation/create', ({ params: { message } }) => {
    asked.push(message)
    return { action: 'accept', content: { name: `Ada ${asked.length}` } }
  })
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///root' }] }))
  const errors: Error[] = []
  client.onerror = (error) => errors.push(error)
  t.after(async () => {
    await client.close()
    assert.deepEqual(errors, [])
  })
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [BIN, server.url],
    env: bareEnv(),
    stderr: 'ignore',
  })
  await client.connect(transport)
  return { client, server, asked }
}

async function textOf(calling: ReturnType<Client['callTool']>): Promise<string> {
  const { content } = await calling
  const [first] = content
  return first?.type === 'text' ? first.text : JSON.stringify(content)
}

for (const mode of ['auto', { pin: '2026-07-28' }] as const)
  test(`a modern host (${JSON.stringify(mode)}) uses a legacy server`, async (t) => {
    const { client } = await join(t, mode)
    assert.equal(client.getNegotiatedProtocolVersion(), '2026-07-28')
    assert.equal(client.getProtocolEra(), 'modern')
    const { tools } = await client.listTools()
    assert.ok(
      tools.some(({ name }) => name === 'ask'),
      'the tools are listed',
    )
    assert.equal(await textOf(client.callTool({ name: 'plain', arguments: {} })), 'done')
    const { contents } = await client.readResource({ uri: 'test://a' })
    assert.equal(contents[0]?.uri, 'test://a')
  })

test('a tool asks the user, on whichever stream, and runs once', async (t) => {
  const { client, server, asked } = await join(t)
  assert.equal(await textOf(client.callTool({ name: 'ask', arguments: {} })), 'accept Ada 1')
  assert.equal(await textOf(client.callTool({ name: 'ask-unrelated', arguments: {} })), 'accept Ada 2')
  assert.equal(
    await textOf(client.callTool({ name: 'ask-twice', arguments: {} })),
    'accept Ada 3, accept Ada 4',
  )
  assert.deepEqual(asked, ['Who?', 'Who?', 'First?', 'Second?'])
  for (const name of ['ask', 'ask-unrelated', 'ask-twice']) assert.equal(server.count(`ran ${name}`), 1)
})

test('tools that ask at the same time get each their answers', async (t) => {
  const { client, server } = await join(t)
  const texts = await Promise.all(
    Array.from({ length: 6 }, () => textOf(client.callTool({ name: 'ask-twice', arguments: {} }))),
  )
  const names = texts.flatMap((text) => text.match(/Ada \d+/g) ?? [])
  assert.equal(new Set(names).size, 12, texts.join('; '))
  assert.equal(server.count('ran ask-twice'), 6)
})

test('a tool asks for the roots', async (t) => {
  const { client } = await join(t)
  assert.equal(await textOf(client.callTool({ name: 'roots', arguments: {} })), 'file:///root')
})

test('progress and changes reach the host', async (t) => {
  const { client, server } = await join(t)
  const seen: string[] = []
  const waiting = createWaiting(() => seen)
  const see = (what: string): void => {
    seen.push(what)
    waiting.wake()
  }
  client.setNotificationHandler('notifications/tools/list_changed', () => see('tools'))
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => see(params.uri))
  await client.callTool(
    { name: 'progress', arguments: {} },
    {
      onprogress({ progress }) {
        see(`progress ${progress}`)
        server.seen()
      },
    },
  )
  assert.deepEqual(seen, ['progress 1'])
  const listening = await client.listen({ toolsListChanged: true, resourceSubscriptions: ['test://a'] })
  await server.happened('subscribed test://a')
  await server.change('test://a')
  await waiting.until(() => seen.includes('tools') && seen.includes('test://a'), 'both changes')
  await listening.close()
  await server.happened('unsubscribed test://a')
})
