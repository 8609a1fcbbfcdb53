// The client of the SDK's version 1 as the host, and a server of its version 2 that only speaks the modern era: what two
// strict readers make of the translation. protocol.md D; T56.
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { after, before, type TestContext } from 'node:test'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import {
  createMcpHandler,
  InMemoryServerEventBus,
  inputRequired,
  inputResponse,
  Server,
  type ServerEventBus,
} from '@modelcontextprotocol/server'
import { ROOT, SAMPLED, type SdkHost, startSdkHost } from '../fixtures/hosts/sdk-host.ts'
import { test } from './harness.ts'

const NUMBERS = { type: 'array', items: { type: 'number' } }
const TOOLS = [
  { name: 'list', inputSchema: { type: 'object', properties: { any: true } }, outputSchema: NUMBERS },
  { name: 'ask', inputSchema: { type: 'object' } },
  { name: 'steps', inputSchema: { type: 'object' } },
  { name: 'hang', inputSchema: { type: 'object' } },
]
const FORM = { type: 'object', properties: { name: { type: 'string' } } } as const

function text(said: string) {
  return { content: [{ type: 'text' as const, text: said }] }
}

function createEvent(): { readonly happened: Promise<void>; readonly happens: () => void } {
  let happens: () => void = () => {}
  const happened = new Promise<void>((resolve) => {
    happens = resolve
  })
  return { happened, happens }
}
const hanging = createEvent()
const lastStep = createEvent()
const cancelled = createEvent()

const events = new InMemoryServerEventBus()
let listeners = 0
const wakes = new Set<() => void>()
const bus: ServerEventBus = {
  publish: (event) => events.publish(event),
  subscribe(listener) {
    listeners++
    for (const wake of wakes) wake()
    return events.subscribe(listener)
  },
}

/** Resolves when so many streams have been opened at `/changing`. */
function listening(count: number): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (listeners >= count) resolve()
    }
    wakes.add(look)
    look()
  })
}

const offer = () => {
  const capabilities = { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} }
  const server = new Server(
    { name: 'sdk-v2-modern', version: '1' },
    { capabilities, instructions: 'be kind' },
  )
  server.setRequestHandler('tools/list', () => ({ tools: TOOLS as never }))
  server.setRequestHandler('resources/list', () => ({ resources: [{ uri: 'u:1', name: 'one' }] }))
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    switch (params.name) {
      case 'list':
        return { content: [], structuredContent: [1, 2] as never }
      case 'ask': {
        const answers = mcpReq.inputResponses
        if (answers === undefined)
          return inputRequired({
            inputRequests: {
              who: inputRequired.elicit({ message: 'Who?', requestedSchema: FORM }),
              say: inputRequired.createMessage({ messages: [], maxTokens: 5 }),
              where: inputRequired.listRoots(),
            },
            requestState: 'the state',
          })
        const who = inputResponse(answers, 'who')
        return text(`${JSON.stringify(answers)} ${who.kind} ${mcpReq.requestState()}`)
      }
      case 'steps': {
        const progressToken = mcpReq._meta?.progressToken
        for (const progress of [1, 2])
          await mcpReq.notify({
            method: 'notifications/progress',
            params: { progressToken: progressToken!, progress },
          })
        await mcpReq.log('info', 'a log line')
        // The SDK's client drops a step that reaches it in one piece with the answer.
        await lastStep.happened
        return text('done')
      }
      default:
        hanging.happens()
        return new Promise((resolve) => {
          mcpReq.signal.addEventListener('abort', () => {
            cancelled.happens()
            resolve(text('too late'))
          })
        })
    }
  })
  return server
}

/** One that speaks this era alone, and one that serves legacy hosts too, without sessions. */
const modernOnly = createMcpHandler(offer, { legacy: 'reject' })
const both = createMcpHandler(offer)
/** For one host alone: what the host of another test has sent last may come when that test is over. */
const changing = createMcpHandler(offer, { legacy: 'reject', bus })

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ])
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }
  const method = request.method ?? 'GET'
  const handler = { '/both': both, '/changing': changing }[request.url ?? ''] ?? modernOnly
  const answer = await handler.fetch(
    new Request(`http://127.0.0.1${request.url}`, { method, headers, signal: gone.signal, ...body }),
  )
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  response.flushHeaders()
  if (answer.body === null) return void response.end()
  const stream = Readable.fromWeb(answer.body as ReadableStream)
  response.on('close', () => stream.destroy())
  stream.on('error', () => {}).pipe(response)
}

const server = createServer((request, response) => void respond(request, response))
let url = ''
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
})
after(() => {
  server.close()
  server.closeAllConnections()
})

async function started(t: TestContext, at = url): Promise<SdkHost> {
  const host = await startSdkHost(at)
  t.after(() => host.close())
  return host
}

async function goodbye(host: SdkHost): Promise<void> {
  await host.close()
  assert.deepEqual(host.errors, [])
  assert.equal(host.stderr, '')
}

test('the client takes the handshake, the tools and an array that no older revision allows (T56)', async (t) => {
  const host = await started(t)
  assert.equal(host.client.getServerVersion()?.name, 'sdk-v2-modern')
  assert.equal(host.client.getInstructions(), 'be kind')
  const { tools } = await host.client.listTools()
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['list', 'ask', 'steps', 'hang'],
  )
  assert.equal(tools[0]?.outputSchema, undefined)
  const { content } = await host.client.callTool({ name: 'list' })
  assert.deepEqual(content, [{ type: 'text', text: '[1,2]' }])
  assert.equal((await host.client.listResources()).resources.length, 1)
  await host.client.ping()
  await goodbye(host)
})

test('the server’s questions are the client’s to answer', async (t) => {
  const host = await started(t)
  const { content } = await host.client.callTool({ name: 'ask' })
  const said = JSON.stringify(content)
  for (const word of ['Ada', SAMPLED, ROOT.uri, 'the state'])
    assert.ok(said.includes(word), `${word} in ${said}`)
  assert.deepEqual([...host.asked].sort(), [
    'elicitation/create form',
    'roots/list',
    'sampling/createMessage',
  ])
  await goodbye(host)
})

test('with --remote-era prefer-modern a server of both eras can ask a legacy host, which it cannot in the host’s own', async (t) => {
  const urlOfBoth = new URL('/both', url).href
  const own = await startSdkHost(urlOfBoth)
  t.after(() => own.close())
  assert.equal((await own.client.callTool({ name: 'ask' })).isError, true)
  assert.deepEqual(own.asked, [])
  await goodbye(own)
  const translated = await startSdkHost(urlOfBoth, ['--remote-era', 'prefer-modern'])
  t.after(() => translated.close())
  const { content } = await translated.client.callTool({ name: 'ask' })
  assert.ok(JSON.stringify(content).includes('Ada'), JSON.stringify(content))
  await goodbye(translated)
})

test('progress and logs arrive before the result', async (t) => {
  const host = await started(t)
  await host.client.setLoggingLevel('info')
  const shown: number[] = []
  const onprogress = ({ progress }: { progress: number }): void => {
    shown.push(progress)
    if (progress === 2) lastStep.happens()
  }
  await host.client.callTool({ name: 'steps' }, undefined, { onprogress })
  assert.deepEqual(shown, [1, 2])
  await host.logged((data) => data === 'a log line')
  await goodbye(host)
})

test('changes arrive: of the tools, and of a resource that is subscribed to', async (t) => {
  const host = await started(t, new URL('/changing', url).href)
  const changed = new Promise<void>((resolve) => {
    host.client.setNotificationHandler(ToolListChangedNotificationSchema, () => resolve())
  })
  await host.client.subscribeResource({ uri: 'u:1' })
  await listening(2)
  changing.notify.resourceUpdated('u:1')
  await host.updated('u:1')
  changing.notify.toolsChanged()
  await changed
  await host.client.unsubscribeResource({ uri: 'u:1' })
  await goodbye(host)
})

test('a call that the client cancels ends at the server', async (t) => {
  const host = await started(t)
  const stop = new AbortController()
  const call = host.client.callTool({ name: 'hang' }, undefined, { signal: stop.signal })
  await hanging.happened
  stop.abort('enough')
  await assert.rejects(call)
  await cancelled.happened
  await goodbye(host)
})
