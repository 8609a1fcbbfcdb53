// The matrix's offer on servers made with version 1 of the SDK: with sessions, and without, where each request is
// answered by a server of its own.
import { randomUUID } from 'node:crypto'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { WebStandardStreamableHTTPServerTransport as HttpTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  ResultSchema,
  type ServerNotification,
  type ServerRequest,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import {
  type Change,
  complete,
  createOffer,
  getPrompt,
  listPrompts,
  listResources,
  type Offer,
  readResource,
  TEMPLATES,
} from './offer.ts'
import { callTool, listTools } from './offer-tools.ts'
import type { Remote } from './remote.ts'
import { serveWeb } from './web-server.ts'
import { CANNOT_ASK, isPage, type Question, type Work } from './work.ts'

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>

interface Session {
  readonly server: Server
  readonly transport: HttpTransport
  /** Resolves once the host listens: what is said outside of a request before that is lost. */
  readonly listening: Promise<void>
  noteListening(): void
}

export async function startV1Stateful(): Promise<Remote> {
  const offer = createOffer()
  const sessions = new Map<string, Session>()
  const web = await serveWeb(async (request) => {
    const id = request.headers.get('mcp-session-id')
    const session =
      id === null
        ? await open(offer, true, (opened) => sessions.set(opened.id, opened.session))
        : sessions.get(id)
    if (session === undefined) return new Response('Session not found', { status: 404 })
    const answer = await session.transport.handleRequest(request)
    if (request.method === 'GET') session.noteListening()
    return answer
  })
  return { url: web.url, witness: offer.witness, legacyOnly: true, close: web.close }
}

export async function startV1Stateless(): Promise<Remote> {
  const offer = createOffer()
  const web = await serveWeb(async (request) => (await open(offer, false)).transport.handleRequest(request))
  return { url: web.url, witness: offer.witness, legacyOnly: true, close: web.close }
}

async function open(
  offer: Offer,
  keeps: boolean,
  keep: (opened: { id: string; session: Session }) => void = () => {},
): Promise<Session> {
  const { promise: listening, resolve: noteListening } = promiseWithResolvers()
  const transport = new HttpTransport(
    keeps ? { sessionIdGenerator: randomUUID, onsessioninitialized: (id) => keep({ id, session }) } : {},
  )
  const server = new Server(
    { name: keeps ? 'v1 stateful' : 'v1 stateless', version: '1' },
    { capabilities: capabilitiesOf(keeps), instructions: 'ask me anything' },
  )
  const session: Session = { server, transport, listening, noteListening }
  mount(offer, session)
  if (keeps) mountChanges(offer, session)
  // The SDK's own class does not fit its own interface under exactOptionalPropertyTypes.
  await server.connect(transport as Transport)
  return session
}

/** A server without sessions has no way to say that something changed, and does not promise it. */
function capabilitiesOf(keeps: boolean) {
  const changes = keeps ? { listChanged: true } : {}
  return {
    tools: changes,
    prompts: changes,
    resources: keeps ? { ...changes, subscribe: true } : {},
    completions: {},
    logging: {},
  }
}

function mount(offer: Offer, session: Session): void {
  const { server } = session
  let level = 'debug'
  const workOf = (extra: Extra) => makeWork(session, extra, () => level)
  server.setRequestHandler(SetLevelRequestSchema, ({ params }) => {
    level = params.level
    return {}
  })
  server.setRequestHandler(ListToolsRequestSchema, () => listTools(offer))
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) =>
    callTool(offer, params.name, params.arguments, workOf(extra)),
  )
  server.setRequestHandler(ListResourcesRequestSchema, ({ params }) => listResources(offer, params?.cursor))
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: TEMPLATES }))
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }, extra) =>
    readResource(params.uri, workOf(extra)),
  )
  server.setRequestHandler(ListPromptsRequestSchema, () => listPrompts(offer))
  server.setRequestHandler(GetPromptRequestSchema, ({ params }, extra) =>
    getPrompt(offer, params.name, params.arguments ?? {}, workOf(extra)),
  )
  server.setRequestHandler(CompleteRequestSchema, ({ params }) =>
    complete(params.argument, params.context?.arguments ?? {}),
  )
}

function mountChanges(offer: Offer, { server, listening }: Session): void {
  const subscribed = new Set<string>()
  server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    subscribed.add(params.uri)
    return {}
  })
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscribed.delete(params.uri)
    return {}
  })
  const tell = (change: Change): Promise<void> => {
    if (change.kind === 'tools') return server.sendToolListChanged()
    if (change.kind === 'prompts') return server.sendPromptListChanged()
    if (change.kind === 'resources') return server.sendResourceListChanged()
    return server.sendResourceUpdated({ uri: change.uri })
  }
  offer.onChange((change) => {
    if (change.kind === 'updated' && !subscribed.has(change.uri)) return
    // A host that has gone has nothing to be told.
    void listening.then(() => tell(change)).catch(() => {})
  })
}

function makeWork(session: Session, extra: Extra, level: () => string): Work {
  const { server } = session
  const check = () => {
    if (server.getClientCapabilities() === undefined) throw new Error(CANNOT_ASK)
  }
  return {
    era: 'legacy',
    signal: extra.signal,
    async progress(progress, total) {
      const progressToken = extra._meta?.progressToken
      if (progressToken === undefined) return
      await extra.sendNotification({
        method: 'notifications/progress',
        params: { progressToken, progress, total },
      })
    },
    async log(at, data) {
      if (at === 'debug' && level() !== 'debug') return
      await extra.sendNotification({ method: 'notifications/message', params: { level: at, data } })
    },
    async ask(questions) {
      check()
      const answers = Object.entries(questions).map(async ([key, question]) => {
        return [key, await extra.sendRequest(toLegacy(question), ResultSchema)] as const
      })
      return Object.fromEntries(await Promise.all(answers))
    },
    async askAside(question) {
      check()
      await session.listening
      return server.request(toLegacy(question), ResultSchema)
    },
  }
}

/** 2025-11-25 wants an id for each page that is to be opened; 2026-07-28 has none. */
function toLegacy(question: Question): ServerRequest {
  return isPage(question)
    ? { ...question, params: { ...question.params, elicitationId: randomUUID() } }
    : question
}

function promiseWithResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
