// The host made with version 1 of the SDK: legacy only.
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import {
  answerElicitation,
  answerRoots,
  answerSampling,
  CAPABILITIES,
  callOpeningPages,
  checkOffered,
  createNotes,
  type MatrixHost,
  type Notes,
  type Reach,
  toCalled,
  type Watched,
} from './host.ts'

export async function startV1(reach: Reach): Promise<MatrixHost> {
  const client = new Client({ name: 'matrix-v1', version: '1' }, { capabilities: CAPABILITIES })
  const notes = createNotes()
  listen(client, notes)
  // The SDK's own classes do not fit its own interface under exactOptionalPropertyTypes.
  await client.connect(transportTo(reach, notes) as Transport)
  return {
    era: 'legacy',
    serverName: client.getServerVersion()?.name ?? '',
    instructions: client.getInstructions(),
    notes,
    listTools: () =>
      pages(
        (params) => client.listTools(params),
        ({ tools }) => tools.map(({ name }) => name),
      ),
    call: (name, args = {}, { signal, onProgress } = {}) =>
      callOpeningPages(notes, async () => {
        const options = {
          ...(signal === undefined ? {} : { signal }),
          ...(onProgress === undefined
            ? {}
            : { onprogress: (step: { progress: number }) => onProgress(step.progress) }),
        }
        return toCalled(await client.callTool({ name, arguments: args }, undefined, options))
      }),
    listResources: () =>
      pages(
        (params) => client.listResources(params),
        ({ resources }) => resources.map(({ uri }) => uri),
      ),
    listTemplates: () =>
      pages(
        (params) => client.listResourceTemplates(params),
        ({ resourceTemplates }) => resourceTemplates.map(({ uriTemplate }) => uriTemplate),
      ),
    read: async (uri) => (await client.readResource({ uri })).contents[0] ?? { uri: '' },
    listPrompts: () =>
      pages(
        (params) => client.listPrompts(params),
        ({ prompts }) => prompts.map(({ name }) => name),
      ),
    async prompt(name, args = {}) {
      const { messages } = await client.getPrompt({ name, arguments: args })
      return toCalled({ content: messages.map(({ content }) => content) }).text
    },
    async complete(ref, argument, context = {}) {
      const target =
        'prompt' in ref
          ? { type: 'ref/prompt' as const, name: ref.prompt }
          : { type: 'ref/resource' as const, uri: ref.template }
      return (await client.complete({ ref: target, argument, context: { arguments: context } })).completion
        .values
    },
    logFrom: async (level) => void (await client.setLoggingLevel(level)),
    watch: (watched) => watch(client, watched),
    close: () => client.close(),
  }
}

function transportTo(reach: Reach, notes: Notes) {
  if (reach.kind === 'direct') return new StreamableHTTPClientTransport(new URL(reach.url))
  const { command, args, env } = reach
  const transport = new StdioClientTransport({ command, args: [...args], env, stderr: 'pipe' })
  transport.stderr?.on('data', (chunk: Buffer) => {
    notes.stderr += chunk.toString()
  })
  return transport
}

function listen(client: Client, notes: Notes): void {
  client.onerror = (error) => notes.noteError(error)
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => answerElicitation(notes, params))
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => answerSampling(notes, params.messages))
  client.setRequestHandler(ListRootsRequestSchema, () => answerRoots(notes))
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) =>
    notes.note('told', `${params.level} ${params.data}`),
  )
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => notes.note('told', 'tools'))
  client.setNotificationHandler(PromptListChangedNotificationSchema, () => notes.note('told', 'prompts'))
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => notes.note('told', 'resources'))
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
    notes.note('told', `updated ${params.uri}`),
  )
}

async function watch(client: Client, watched: Watched): Promise<() => Promise<void>> {
  const { uris = [] } = watched
  checkOffered(client.getServerCapabilities() ?? {}, watched)
  for (const uri of uris) await client.subscribeResource({ uri })
  return async () => {
    for (const uri of uris) await client.unsubscribeResource({ uri })
  }
}

async function pages<Page extends { nextCursor?: string | undefined }, Item>(
  list: (params: { cursor?: string }) => Promise<Page>,
  read: (page: Page) => Item[],
): Promise<Item[]> {
  const items: Item[] = []
  let params: { cursor?: string } = {}
  for (;;) {
    const page = await list(params)
    items.push(...read(page))
    if (page.nextCursor === undefined) return items
    params = { cursor: page.nextCursor }
  }
}
