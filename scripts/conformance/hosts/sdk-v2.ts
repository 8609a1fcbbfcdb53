// A host of the modern era: the client of SDK v2. With `--era auto` it looks which era the other side speaks, over
// stdio on a bridge that it starts only for that; without, it speaks 2026-07-28 or fails.
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { bridgeCommand, runHost, type Target } from './main.ts'
import { CAPABILITIES, elicited, HOST_INFO, type Peer } from './peer.ts'

const anyResult = {
  '~standard': { version: 1 as const, vendor: 'mcp-ferry', validate: (value: unknown) => ({ value }) },
}

async function connect(target: Target): Promise<Peer> {
  const mode = target.era === 'auto' ? 'auto' : { pin: '2026-07-28' }
  const client = new Client(HOST_INFO, { capabilities: CAPABILITIES, versionNegotiation: { mode } })
  client.setRequestHandler('elicitation/create', ({ params }) => elicited(params))
  const transport: Transport = target.direct
    ? new StreamableHTTPClientTransport(target.url)
    : new StdioClientTransport(bridgeCommand(target))
  await client.connect(transport)
  return {
    listTools: async () => (await client.listTools()).tools,
    callTool: (name, args = {}) => client.callTool({ name, arguments: args }),
    listResources: async () => (await client.listResources()).resources,
    async readResource(uri) {
      const [first] = (await client.readResource({ uri })).contents
      return first !== undefined && 'text' in first ? first.text : ''
    },
    listPrompts: async () => (await client.listPrompts()).prompts,
    getPrompt: (name) => client.getPrompt({ name, arguments: {} }),
    request: (method) => client.request({ method }, anyResult) as Promise<Readonly<Record<string, unknown>>>,
    close: () => client.close(),
  }
}

await runHost(connect)
