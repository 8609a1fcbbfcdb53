// The reference server as a process of its own, the SDK's client as the host, the installed bridge in between:
// everything that the two can say to each other.
import assert from 'node:assert/strict'
import { after, before, type TestContext } from 'node:test'
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js'
import { ROOT, SAMPLED, type SdkHost, startSdkHost } from '../fixtures/hosts/sdk-host.ts'
import { type Everything, startEverything } from '../fixtures/servers/started-program.ts'
import { freePort, test } from './harness.ts'

let server: Everything
let url = ''

before(async () => {
  server = await startEverything(await freePort())
  url = server.url
})
after(() => server.close())

async function host(t: TestContext): Promise<SdkHost> {
  const started = await startSdkHost(url)
  t.after(() => started.close())
  return started
}

/** The server asks for the roots a third of a second after the start; the SDK may be closed by then, and complains itself. */
const TOO_LATE = /^Error: Failed to send response: Error: Not connected$/

/** What must be so after every conversation; `known`: an error of the SDK's own that may be among its errors. */
async function goodbye(host: SdkHost, known?: RegExp): Promise<void> {
  await host.close()
  assert.deepEqual(
    host.errors.filter((error) => !TOO_LATE.test(String(error)) && !known?.test(String(error))),
    [],
  )
  assert.equal(host.stderr, '')
}

/** Arguments for every tool, and a word that its answer must hold. */
const TOOLS: Readonly<Record<string, readonly [args: Record<string, unknown>, word: string]>> = {
  echo: [{ message: 'é漢😀\u2028 "quoted"' }, 'é漢😀\u2028 "quoted"'],
  'get-annotated-message': [{ messageType: 'error', includeImage: true }, 'image/png'],
  'get-env': [{}, 'PATH'],
  'get-resource-links': [{ count: 5 }, 'demo://resource/dynamic'],
  'get-resource-reference': [{ resourceType: 'Blob', resourceId: 7 }, 'demo://resource/dynamic/blob/7'],
  'get-structured-content': [{ location: 'Chicago' }, 'temperature'],
  'get-sum': [{ a: 0.1, b: 2 }, '2.1'],
  'get-tiny-image': [{}, 'image/png'],
  'gzip-file-as-resource': [
    { name: 'x.gz', data: 'data:text/plain,hello', outputType: 'resource' },
    'application/gzip',
  ],
  'toggle-simulated-logging': [{}, 'simulated'],
  'toggle-subscriber-updates': [{}, 'simulated'],
  'trigger-long-running-operation': [{ duration: 0.2, steps: 2 }, 'completed'],
  'get-roots-list': [{}, ROOT.uri],
  'trigger-elicitation-request': [{}, 'Ada'],
  'trigger-url-elicitation': [{ url: 'https://example.com/x?a=1' }, 'completed'],
  'trigger-sampling-request': [{ prompt: 'say something', maxTokens: 9 }, SAMPLED],
  'simulate-research-query': [{ topic: 'ferries' }, 'ferries'],
  'trigger-sampling-request-async': [{ prompt: 'say something', maxTokens: 9 }, SAMPLED],
  'trigger-elicitation-request-async': [{}, 'Ada'],
}

test('every tool is listed and can be called, with sampling, elicitation, roots and tasks', async (t) => {
  const it = await host(t)
  const { client, asked } = it
  const { tools } = await client.listTools()
  assert.deepEqual(tools.map(({ name }) => name).sort(), Object.keys(TOOLS).sort())
  for (const { name, execution } of tools) {
    const [args, word] = TOOLS[name] ?? [{}, '']
    const params = { name, arguments: args }
    const answer =
      execution?.taskSupport === 'required' ? await callAsTask(client, params) : await client.callTool(params)
    assert.notEqual(answer.isError, true, `${name}: ${JSON.stringify(answer)}`)
    assert.ok(
      JSON.stringify(answer).includes(JSON.stringify(word).slice(1, -1)),
      `${name}: ${JSON.stringify(answer)}`,
    )
  }
  assert.deepEqual([...new Set(asked)].sort(), [
    'elicitation/create as a task',
    'elicitation/create form',
    'elicitation/create url',
    'roots/list',
    'sampling/createMessage',
    'sampling/createMessage as a task',
  ])
  await goodbye(it)
})

async function callAsTask(
  client: SdkHost['client'],
  params: { name: string; arguments: Record<string, unknown> },
): Promise<Record<string, unknown>> {
  const stream = client.experimental.tasks.callToolStream(params, CallToolResultSchema, {
    task: { ttl: 60_000 },
  })
  for await (const message of stream) {
    if (message.type === 'result') return message.result
    if (message.type === 'error') throw message.error
  }
  throw new Error('the stream ended without a result')
}

test('an error of a tool and a JSON-RPC error arrive as what they are', async (t) => {
  const it = await host(t)
  const bad = await it.client.callTool({ name: 'get-sum', arguments: { a: 'no number' } })
  assert.equal(bad.isError, true)
  await assert.rejects(it.client.getPrompt({ name: 'no-such-prompt' }), { code: -32602 })
  await assert.rejects(
    it.client.callTool({
      name: 'trigger-url-elicitation',
      arguments: { url: 'https://example.com/', errorPath: true },
    }),
    { code: -32042 },
  )
  await goodbye(it)
})

test('resources: list, templates, read as text and blob, subscribe, updated, unsubscribe', async (t) => {
  const it = await host(t)
  const { resources } = await it.client.listResources()
  assert.ok(resources.length > 0)
  for (const { uri } of resources) {
    const { contents } = await it.client.readResource({ uri })
    assert.equal(contents[0]?.uri, uri)
  }
  const { resourceTemplates } = await it.client.listResourceTemplates()
  assert.equal(resourceTemplates.length, 2)
  for (const kind of ['text', 'blob']) {
    const { contents } = await it.client.readResource({ uri: `demo://resource/dynamic/${kind}/12` })
    assert.ok(contents[0] !== undefined && kind in contents[0])
  }
  await assert.rejects(it.client.readResource({ uri: 'demo://nothing/there' }))
  const uri = resources[0]?.uri ?? ''
  await it.client.subscribeResource({ uri })
  await it.logged((data) => String(data).includes(uri))
  await it.client.callTool({ name: 'toggle-subscriber-updates', arguments: {} })
  await it.updated(uri)
  await it.client.unsubscribeResource({ uri })
  await it.client.callTool({ name: 'toggle-subscriber-updates', arguments: {} })
  await goodbye(it)
})

test('prompts: all of them are listed and can be had, and their arguments be completed', async (t) => {
  const it = await host(t)
  const given: Readonly<Record<string, Record<string, string>>> = {
    'simple-prompt': {},
    'args-prompt': { city: 'Oslo' },
    'completable-prompt': { department: 'Sales', name: 'Eve' },
    'resource-prompt': { resourceType: 'Text', resourceId: '3' },
  }
  const { prompts } = await it.client.listPrompts()
  assert.deepEqual(prompts.map(({ name }) => name).sort(), Object.keys(given).sort())
  for (const { name } of prompts) {
    const { messages } = await it.client.getPrompt({ name, arguments: given[name] ?? {} })
    assert.ok(messages.length > 0, name)
  }
  const ref = { type: 'ref/prompt' as const, name: 'completable-prompt' }
  const context = { arguments: { department: 'Engineering' } }
  const departments = await it.client.complete({ ref, argument: { name: 'department', value: 'S' } })
  assert.deepEqual(departments.completion.values, ['Sales', 'Support'])
  const people = await it.client.complete({ ref, argument: { name: 'name', value: 'A' }, context })
  assert.deepEqual(people.completion.values, ['Alice'])
  await goodbye(it)
})

test('logging: the level is set and log messages arrive', async (t) => {
  const it = await host(t)
  await it.client.setLoggingLevel('debug')
  await it.client.callTool({ name: 'toggle-simulated-logging', arguments: {} })
  await it.logged((data) => /level.message/i.test(String(data)))
  await it.client.callTool({ name: 'toggle-simulated-logging', arguments: {} })
  await goodbye(it)
})

const DROPPED = /progress notification for an unknown token: .*"progress":(\d+),/

test('progress: every step arrives in order, while the operation runs', async (t) => {
  const it = await host(t)
  const seen: number[] = []
  const params = { name: 'trigger-long-running-operation', arguments: { duration: 5, steps: 5 } }
  await it.client.callTool(params, undefined, { onprogress: ({ progress }) => seen.push(progress) })
  // What reaches this process in one piece with the answer the SDK drops, with a complaint: the last step, or more if it is busy.
  const dropped = it.errors.flatMap((error) => DROPPED.exec(String(error))?.slice(1).map(Number) ?? [])
  assert.deepEqual([...seen, ...dropped], [1, 2, 3, 4, 5])
  assert.ok(seen.length > 0, 'all came with the answer')
  await goodbye(it, DROPPED)
})

test('cancelling a running call frees the host at once, and others go on', async (t) => {
  const it = await host(t)
  const controller = new AbortController()
  const params = { name: 'trigger-long-running-operation', arguments: { duration: 60, steps: 600 } }
  const running = it.client.callTool(params, undefined, {
    signal: controller.signal,
    onprogress: () => controller.abort('enough'),
  })
  await assert.rejects(running)
  const { content } = await it.client.callTool({ name: 'echo', arguments: { message: 'still here' } })
  assert.match(JSON.stringify(content), /still here/)
  await it.close()
  assert.equal(it.stderr, '')
})

test('two hosts at once have sessions of their own', async (t) => {
  const pair = [await host(t), await host(t)]
  await Promise.all(
    pair.map(async ({ client }, index) => {
      const { content } = await client.callTool({ name: 'echo', arguments: { message: `host ${index}` } })
      assert.match(JSON.stringify(content), new RegExp(`host ${index}`))
    }),
  )
  for (const one of pair) await goodbye(one)
})
