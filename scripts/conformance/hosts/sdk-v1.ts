// A host of the legacy era: the client of SDK v1.
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { ElicitRequestSchema, ResultSchema } from '@modelcontextprotocol/sdk/types.js'
import { bridgeCommand, runHost, type Target } from './main.ts'
import { CAPABILITIES, elicited, HOST_INFO, type Peer } from './peer.ts'

async function connect(target: Target): Promise<Peer> {
  const client = new Client(HOST_INFO, { capabilities: CAPABILITIES })
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicited(params))
  const transport = target.direct
    ? new StreamableHTTPClientTransport(target.url)
    : new StdioClientTransport(bridgeCommand(target))
  // The SDK's types are not written for exactOptionalPropertyTypes.
  await client.connect(transport as Transport)
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
    request: (method) => client.request({ method }, ResultSchema),
    close: () => client.close(),
  }
}

await runHost(connect)
