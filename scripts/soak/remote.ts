// The legacy remote of the soak: sessions, each with a stream of its own, and a tool for each thing that remotes do: answer,
// tell how far they are, hang up, forget, ask, change, refuse. protocol.md A.
import {
  type Exchange,
  type RawServer,
  type SseStream,
  startRawServer,
} from '../../test/fixtures/servers/raw-server.ts'

export interface Remote {
  readonly url: string
  /** The server itself, whose notes are dropped at each look. */
  readonly raw: RawServer
  /** Sends a notification on the stream of each session. */
  notify(method: string, params?: object): void
  /** The streams of the sessions end; the hosts are to come back at once. */
  endStreams(): void
  /** Resolves when streams of sessions have been opened so many times in all. */
  opened(count: number): Promise<void>
  /** How many streams of sessions have been opened. */
  readonly streams: number
  close(): Promise<void>
}

export interface RemoteOptions {
  readonly port?: number
  /** Says of an exchange that it has been dealt with. */
  readonly first?: (x: Exchange) => boolean
}

interface State {
  /** Those that are known, with the stream that each has opened last. */
  readonly sessions: Map<string, SseStream | undefined>
  lastSession: number
  streams: number
  readonly rest: Map<string, string>
  readonly asked: Map<unknown, () => void>
  lastQuestion: number
  lastCut: number
  refused: string | undefined
}

const PROGRESS = 3
const TOOLS = ['plain', 'events', 'cut', 'ask', 'big', 'lose', 'busy', 'late', 'failing', 'secret'].map(
  (name) => ({
    name,
    description: 'One of the tools of the soak',
    inputSchema: { type: 'object', properties: { bytes: { type: 'integer', minimum: 0 } } },
    annotations: { readOnlyHint: name !== 'secret' },
  }),
)
const TOOL_LIST = JSON.stringify({ tools: TOOLS })
const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  logging: {},
}

export async function startRemote({ port = 0, first }: RemoteOptions = {}): Promise<Remote> {
  const state: State = {
    sessions: new Map(),
    lastSession: 0,
    streams: 0,
    rest: new Map(),
    asked: new Map(),
    lastQuestion: 0,
    lastCut: 0,
    refused: undefined,
  }
  const watchers = new Set<() => void>()
  const wake = (): void => {
    for (const look of [...watchers]) look()
  }

  function handle(x: Exchange): void | Promise<void> {
    if (first?.(x) === true) return
    if (x.message.method === 'initialize') return initialize(x, state)
    const session = sessionOf(x)
    if (!state.sessions.has(session)) return x.reply(404)
    if (x.method === 'GET') {
      get(x, state)
      return wake()
    }
    if (x.method === 'DELETE') {
      state.sessions.delete(session)
      return x.reply(200)
    }
    post(x, state)
  }

  const raw = await startRawServer(handle, { port })
  return {
    url: `${raw.origin}/mcp`,
    raw,
    notify(method, params = {}) {
      for (const stream of state.sessions.values()) stream?.message({ jsonrpc: '2.0', method, params })
    },
    endStreams() {
      for (const stream of state.sessions.values()) stream?.end()
    },
    opened: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (state.streams < count) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
      }),
    get streams() {
      return state.streams
    },
    close: () => raw.close(),
  }
}

/** Cuts the connections that are in use; the notes of what came are dropped. */
export function cutAll(raw: RawServer): void {
  for (const x of raw.requests) if (!x.response.writableFinished) x.cut()
  dropNotes(raw)
}

/** Connections on which nothing is under way are closed, and the remote forgets what has come by them. */
export function dropNotes(raw: RawServer): void {
  const notes = raw.requests as Exchange[]
  const open = notes.filter(({ response }) => !response.writableFinished && !response.destroyed)
  const inUse = new Set(open.map(({ socket }) => socket))
  for (const { socket, cut } of notes) if (!inUse.has(socket)) cut()
  notes.splice(0, notes.length, ...open)
}

function sessionOf(x: Exchange): string {
  return x.header('mcp-session-id') ?? ''
}

function initialize(x: Exchange, state: State): void {
  const session = `session-${++state.lastSession}`
  state.sessions.set(session, undefined)
  const result = {
    protocolVersion: '2025-06-18',
    capabilities: CAPABILITIES,
    serverInfo: { name: 'soak', version: '1.0.0' },
  }
  x.reply(200, { jsonrpc: '2.0', id: x.message.id, result }, { 'Mcp-Session-Id': session })
}

function get(x: Exchange, state: State): void {
  const name = x.header('last-event-id') ?? ''
  const rest = state.rest.get(name)
  if (rest === undefined) {
    state.streams++
    const own = x.sse()
    state.sessions.set(sessionOf(x), own)
    // An event, so that it counts as a stream that has lived.
    void own.raw(`retry: 1\nid: own-${state.streams}\ndata: \n\n`)
    return
  }
  state.rest.delete(name)
  const stream = x.sse()
  stream.message(rest)
  stream.end()
}

function post(x: Exchange, state: State): void {
  const { id, method } = x.message
  if (method === undefined) {
    state.asked.get(id)?.()
    return x.reply(202)
  }
  if (id === undefined) return x.reply(202)
  if (method === 'tools/list') return x.result(TOOL_LIST)
  if (method === 'tools/call') return call(x, state)
  if (method === 'resources/read') return x.result({ contents: [{ uri: 'soak:a', text: 'a' }] })
  if (method === 'resources/list') return x.result({ resources: [{ uri: 'soak:a', name: 'a' }] })
  if (method === 'prompts/list') return x.result({ prompts: [{ name: 'p' }] })
  x.result({})
}

function call(x: Exchange, state: State): void {
  const { name, arguments: args } = x.message.params as { name: string; arguments?: { bytes?: number } }
  const text = 'z'.repeat(args?.bytes ?? 20)
  const result = { content: [{ type: 'text', text }] }
  switch (name) {
    case 'events':
      return answerByEvents(x, result)
    case 'cut':
      return cutAfterEvent(x, state, result)
    case 'ask':
      return askFirst(x, state, result)
    case 'lose':
      return loseSession(x, state, result)
    case 'busy':
      if (state.refused !== x.rawId) {
        state.refused = x.rawId
        return x.reply(429, undefined, { 'Retry-After': '0' })
      }
      return x.result(result)
    case 'failing':
      return x.reply(500, 'down', { 'Content-Type': 'text/plain' })
    case 'late':
      return void x.sse()
    default:
      return x.result(result)
  }
}

/** Some steps of progress, then the answer. */
function answerByEvents(x: Exchange, result: object): void {
  const stream = x.sse()
  const { progressToken } = (x.message.params?._meta ?? {}) as { progressToken?: unknown }
  for (let progress = 1; progress <= PROGRESS; progress++)
    stream.message({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress } })
  stream.result(result)
  stream.end()
}

/** The answer waits on a stream that the host has to take up anew. */
function cutAfterEvent(x: Exchange, state: State, result: object): void {
  const name = `cut-${++state.lastCut}`
  state.rest.set(name, JSON.stringify({ jsonrpc: '2.0', id: x.message.id, result }))
  const stream = x.sse()
  void stream.raw(`retry: 1\nid: ${name}\ndata: \n\n`).then(() => stream.cut())
}

function askFirst(x: Exchange, state: State, result: object): void {
  const stream = x.sse()
  const id = `question-${++state.lastQuestion}`
  const requestedSchema = { type: 'object', properties: { name: { type: 'string' } } }
  state.asked.set(id, () => {
    state.asked.delete(id)
    stream.result(result)
    stream.end()
  })
  const params = { message: 'Who?', requestedSchema }
  stream.message({ jsonrpc: '2.0', id, method: 'elicitation/create', params })
}

/** Each such call finds that its session is gone, once. */
function loseSession(x: Exchange, state: State, result: object): void {
  if (state.refused === x.rawId) return x.result(result)
  state.refused = x.rawId
  state.sessions.delete(sessionOf(x))
  x.reply(404)
}
