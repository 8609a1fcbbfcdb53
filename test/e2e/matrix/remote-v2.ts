// The matrix's offer on servers made with version 2 of the SDK: createMcpHandler as it comes, which serves both eras
// and the legacy one without sessions, and for the modern era only.
import {
  createMcpHandler,
  fromJsonSchema,
  type InputRequest,
  type InputRequiredResult,
  inputRequired,
  McpServer,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server'
import {
  complete,
  createOffer,
  getPrompt,
  listPrompts,
  listResources,
  type Offer,
  readResource,
  TEMPLATES,
} from './offer.ts'
import { callTool, IN_HEADERS, LIST, LIST_TOOL, listTools } from './offer-tools.ts'
import type { Remote } from './remote.ts'
import { serveWeb } from './web-server.ts'
import { type Answers, CANNOT_ASK, type Era, isPage, type Questions, type Work } from './work.ts'

export const startV2Default = (): Promise<Remote> => start('v2 default', 'stateless')
export const startV2Reject = (): Promise<Remote> => start('v2 reject', 'reject')

async function start(name: string, legacy: 'stateless' | 'reject'): Promise<Remote> {
  const offer = createOffer()
  const handler = createMcpHandler(({ era }) => makeServer(offer, name, era), { legacy })
  offer.onChange((change) => {
    if (change.kind === 'tools') handler.notify.toolsChanged()
    else if (change.kind === 'prompts') handler.notify.promptsChanged()
    else if (change.kind === 'resources') handler.notify.resourcesChanged()
    else handler.notify.resourceUpdated(change.uri)
  })
  const web = await serveWeb((request) => handler.fetch(request))
  return {
    url: web.url,
    witness: offer.witness,
    legacyOnly: false,
    async close() {
      await handler.close()
      await web.close()
    },
  }
}

function makeServer(offer: Offer, name: string, era: Era): McpServer {
  // A legacy host has no session here in which it could be told; the SDK would promise it unless told otherwise.
  const changes = { listChanged: era === 'modern' }
  const resources = { ...changes, subscribe: era === 'modern' }
  const capabilities = { tools: changes, prompts: changes, resources, completions: {}, logging: {} }
  const mcp = new McpServer({ name, version: '2' }, { capabilities, instructions: 'ask me anything' })
  // The SDK looks at the headers of a tool that it knows, before the handlers below are asked.
  mcp.registerTool('in-headers', { inputSchema: fromJsonSchema(IN_HEADERS) }, () => ({ content: [] }))
  const { server } = mcp
  server.setRequestHandler('tools/list', () => ({ tools: [...listTools(offer).tools, LIST_TOOL] }))
  server.setRequestHandler('tools/call', ({ params }, context) => {
    if (params.name === LIST_TOOL.name) return listed(server)
    return inRounds(context, era, (work) => callTool(offer, params.name, params.arguments, work))
  })
  server.setRequestHandler('resources/list', ({ params }) => listResources(offer, params?.cursor))
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: TEMPLATES }))
  server.setRequestHandler('resources/read', ({ params }, context) =>
    inRounds(context, era, (work) => readResource(params.uri, work)),
  )
  server.setRequestHandler('prompts/list', () => listPrompts(offer))
  server.setRequestHandler('prompts/get', ({ params }, context) =>
    inRounds(context, era, (work) => getPrompt(offer, params.name, params.arguments ?? {}, work)),
  )
  server.setRequestHandler('completion/complete', ({ params }) =>
    complete(params.argument, params.context?.arguments ?? {}),
  )
  return mcp
}

const listed = (server: Server) =>
  server.projectCallToolResult({ content: [], structuredContent: LIST }, LIST_TOOL.outputSchema)

/** What the host carries from round to round; quotes and letters beyond ASCII must come back as they were. */
interface State {
  readonly seal: string
  readonly rounds: readonly Answers[]
}
const SEAL = '"é漢😀\\ '

class InputNeeded extends Error {
  readonly result: InputRequiredResult

  constructor(result: InputRequiredResult) {
    super('the host is asked')
    this.result = result
  }
}

async function inRounds<T>(
  context: ServerContext,
  era: Era,
  run: (work: Work) => Promise<T>,
): Promise<T | InputRequiredResult> {
  try {
    return await run(makeWork(context, era))
  } catch (error) {
    if (error instanceof InputNeeded) return error.result
    throw error
  }
}

function makeWork({ mcpReq }: ServerContext, era: Era): Work {
  const known = readState(mcpReq.requestState<string>())
  const rounds = known === undefined ? [] : [...known.rounds, mcpReq.inputResponses ?? {}]
  let round = 0
  return {
    era,
    signal: mcpReq.signal,
    async progress(progress, total) {
      const progressToken = mcpReq._meta?.progressToken
      if (progressToken === undefined) return
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total } })
    },
    log: (level, data) => mcpReq.log(level, data),
    async ask(questions) {
      const answers = rounds[round++]
      if (answers === undefined) throw new InputNeeded(toResult(questions, { seal: SEAL, rounds }))
      const missing = Object.keys(questions).filter((key) => answers[key] === undefined)
      if (missing.length > 0) throw new Error(`no answer to ${missing.join(', ')}`)
      return answers
    },
    askAside: () => Promise.reject(new Error(CANNOT_ASK)),
  }
}

function readState(text: string | undefined): State | undefined {
  if (text === undefined) return undefined
  const state = JSON.parse(text) as State
  if (state.seal !== SEAL) throw new Error('the state has been changed on its way')
  return state
}

function toResult(questions: Questions, state: State): InputRequiredResult {
  const requests = Object.entries(questions).map(([key, question]): [string, InputRequest] => [
    key,
    isPage(question) ? inputRequired.elicitUrl(question.params) : question,
  ])
  return inputRequired({ inputRequests: Object.fromEntries(requests), requestState: JSON.stringify(state) })
}
