// The hosts made with version 2 of the SDK: one that finds out which era the server speaks, one that speaks 2026-07-28
// only. Towards the bridge both are modern; towards a legacy server without a bridge the first is legacy.
import {
  Client,
  LOG_LEVEL_META_KEY,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import {
  answerElicitation,
  answerRoots,
  answerSampling,
  CAPABILITIES,
  callOpeningPages,
  checkOffered,
  createNotes,
  type MatrixHost,
  NOT_OFFERED,
  type Notes,
  type Reach,
  toCalled,
  type Watched,
} from './host.ts'

export const startV2Auto = (reach: Reach): Promise<MatrixHost> => start(reach, 'auto')
export const startV2Pinned = (reach: Reach): Promise<MatrixHost> => start(reach, { pin: '2026-07-28' })

async function start(reach: Reach, mode: VersionNegotiationMode): Promise<MatrixHost> {
  const client = new Client(
    { name: 'matrix-v2', version: '2' },
    { capabilities: CAPABILITIES, versionNegotiation: { mode } },
  )
  const notes = createNotes()
  listen(client, notes)
  await client.connect(transportTo(reach, notes))
  const era = client.getProtocolEra() ?? 'legacy'
  let meta = {}
  return {
    era,
    serverName: client.getServerVersion()?.name ?? '',
    instructions: client.getInstructions(),
    notes,
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, args = {}, { signal, onProgress } = {}) =>
      callOpeningPages(notes, async () => {
        const options = {
          ...(signal === undefined ? {} : { signal }),
          ...(onProgress === undefined
            ? {}
            : { onprogress: (step: { progress: number }) => onProgress(step.progress) }),
        }
        return toCalled(await client.callTool({ name, arguments: args, _meta: meta }, options))
      }),
    listResources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    listTemplates: async () =>
      (await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    read: async (uri) => (await client.readResource({ uri })).contents[0] ?? { uri: '' },
    listPrompts: async () => (await client.listPrompts()).prompts.map(({ name }) => name),
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
    async logFrom(level) {
      // Since 2026-07-28 each request says for itself what is to be logged.
      if (era === 'modern') meta = { [LOG_LEVEL_META_KEY]: level }
      else await client.setLoggingLevel(level)
    },
    watch: (watched) => (era === 'modern' ? listenFor(client, watched) : subscribe(client, watched)),
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
  client.setRequestHandler('elicitation/create', ({ params }) => answerElicitation(notes, params))
  client.setRequestHandler('sampling/createMessage', ({ params }) => answerSampling(notes, params.messages))
  client.setRequestHandler('roots/list', () => answerRoots(notes))
  client.setNotificationHandler('notifications/message', ({ params }) =>
    notes.note('told', `${params.level} ${params.data}`),
  )
  client.setNotificationHandler('notifications/tools/list_changed', () => notes.note('told', 'tools'))
  client.setNotificationHandler('notifications/prompts/list_changed', () => notes.note('told', 'prompts'))
  client.setNotificationHandler('notifications/resources/list_changed', () => notes.note('told', 'resources'))
  client.setNotificationHandler('notifications/resources/updated', ({ params }) =>
    notes.note('told', `updated ${params.uri}`),
  )
}

async function listenFor(client: Client, { lists = [], uris = [] }: Watched): Promise<() => Promise<void>> {
  const wanted = Object.fromEntries(lists.map((list) => [`${list}ListChanged`, true]))
  const subscription = await client.listen({
    ...wanted,
    ...(uris.length > 0 ? { resourceSubscriptions: [...uris] } : {}),
  })
  const honoured = subscription.honoredFilter
  const silent = lists.find((list) => honoured[`${list}ListChanged`] !== true)
  if (silent !== undefined) throw new Error(`${NOT_OFFERED}: changes of ${silent}`)
  if (uris.some((uri) => honoured.resourceSubscriptions?.includes(uri) !== true))
    throw new Error(`${NOT_OFFERED}: subscriptions`)
  return () => subscription.close()
}

async function subscribe(client: Client, watched: Watched): Promise<() => Promise<void>> {
  const { uris = [] } = watched
  checkOffered(client.getServerCapabilities() ?? {}, watched)
  for (const uri of uris) await client.subscribeResource({ uri })
  return async () => {
    for (const uri of uris) await client.unsubscribeResource({ uri })
  }
}
