// HTTP+SSE with the SDK on both sides: its client as the host, its SSEServerTransport as the remote. protocol.md B.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { ROOT, SAMPLED, startSdkHost } from '../fixtures/hosts/sdk-host.ts'
import { createWaiting } from '../fixtures/servers/waiting.ts'
import { test } from './harness.ts'

interface SdkServer {
  readonly url: string
  /** Cuts all connections, as a restart would; resolves when a host has come back. */
  cut(): Promise<void>
}

async function serveSdk(t: TestContext, path: string): Promise<SdkServer> {
  const transports = new Map<string, SSEServerTransport>()
  let initialized = 0
  const waiting = createWaiting(() => [`${initialized} hosts`])
  const http = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (request.method === 'GET' && url.pathname === path) {
      const transport = new SSEServerTransport('/messages', response)
      transports.set(transport.sessionId, transport)
      response.on('close', () => transports.delete(transport.sessionId))
      const mcp = makeServer()
      mcp.oninitialized = () => {
        initialized++
        waiting.wake()
      }
      void mcp.connect(transport)
    } else if (request.method === 'POST' && url.pathname === '/messages') {
      const transport = transports.get(url.searchParams.get('sessionId') ?? '')
      if (transport === undefined) response.writeHead(404).end('Session not found')
      else void transport.handlePostMessage(request, response)
    } else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    http.close()
    http.closeAllConnections()
  })
  const { port } = http.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${path}`,
    cut() {
      const before = initialized
      http.closeAllConnections()
      return waiting.until(() => initialized > before, 'nobody has come back')
    },
  }
}

function makeServer(): Server {
  const server = new Server(
    { name: 'sdk-sse-server', version: '1.0.0' },
    { capabilities: { tools: {}, logging: {} } },
  )
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [{ name: 'ask', inputSchema: { type: 'object' } }],
  }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { sendNotification }) => {
    const token = params._meta?.progressToken
    if (token !== undefined)
      await sendNotification({
        method: 'notifications/progress',
        params: { progressToken: token, progress: 1 },
      })
    await server.sendLoggingMessage({ level: 'info', data: 'asking' })
    const { roots } = await server.listRoots()
    const sampled = await server.createMessage({
      messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }],
      maxTokens: 10,
    })
    return {
      content: [
        { type: 'text', text: JSON.stringify({ roots, sampled: sampled.content, args: params.arguments }) },
      ],
    }
  })
  return server
}

for (const path of ['/mcp', '/sse'])
  test(`a conversation at ${path} with the SDK on both sides, before and after the connections are cut`, async (t) => {
    const server = await serveSdk(t, path)
    const host = await startSdkHost(server.url)
    t.after(() => host.close())
    assert.equal(host.client.getServerVersion()?.name, 'sdk-sse-server')
    const say = async (word: string): Promise<void> => {
      const progress: number[] = []
      const result = await host.client.callTool({ name: 'ask', arguments: { word } }, undefined, {
        onprogress: (step) => progress.push(step.progress),
      })
      const text = (result.content as { text: string }[])[0]?.text ?? ''
      assert.deepEqual(JSON.parse(text), {
        roots: [ROOT],
        sampled: { type: 'text', text: SAMPLED },
        args: { word },
      })
      assert.deepEqual(progress, [1])
    }
    assert.deepEqual(
      (await host.client.listTools()).tools.map(({ name }) => name),
      ['ask'],
    )
    await say('first')
    await host.client.setLoggingLevel('info')
    await server.cut()
    await say('second')
    await host.client.ping()
    await host.close()
    assert.deepEqual(host.errors, [])
  })
