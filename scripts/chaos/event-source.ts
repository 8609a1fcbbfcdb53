// The remote's HTTP+SSE endpoint of 2024-11-05: one stream that names where to post, 202 for each post, and every
// answer on the stream; with the stream the session is gone. protocol.md B.1.
import type { Rpc } from './instruction.ts'
import { type Incoming, openEvents, replyJson } from './remote.ts'
import type { Sessions } from './sessions.ts'
import type { Channel } from './work.ts'

const NOTIFY_EVERY = 20
const ASK_EVERY = 70

export function serveEventSource(sessions: Sessions, incoming: Incoming): void {
  const { request, response, path, query, message } = incoming
  if (path === '/sse' && request.method === 'GET') return open(sessions, incoming)
  if (path !== '/messages' || request.method !== 'POST' || message === undefined)
    return replyJson(response, 404)
  const session = sessions.find(query.get('session') ?? undefined)
  const channel = session && channels.get(session)
  if (session === undefined || channel === undefined)
    return replyJson(response, 404, { error: 'session not found' })
  response.writeHead(202, { 'Content-Length': 8 }).end('Accepted')
  const { desk } = session
  if (message.method === undefined) return desk.answered(message)
  if (message.method === 'notifications/cancelled') return desk.cancelled(message.params?.requestId)
  if (message.id === undefined) return
  session.requests++
  if (session.requests % NOTIFY_EVERY === 0) desk.notify(channel)
  if (session.requests % ASK_EVERY === 0) void desk.ask(channel)
  void desk.perform(message, channel)
}

const channels = new WeakMap<object, Channel>()

function open(sessions: Sessions, { response }: Incoming): void {
  const session = sessions.create()
  const send = (answer: Rpc): void =>
    void response.write(`event: message\ndata: ${JSON.stringify(answer)}\n\n`)
  const channel: Channel = {
    get isOpen() {
      return !response.destroyed && !response.writableEnded
    },
    send,
    done: (answer) => answer && send(answer),
  }
  channels.set(session, channel)
  session.announces = channel
  openEvents(response)
  response.write(`event: endpoint\ndata: /messages?session=${session.id}\n\n`)
  session.responses.add(response)
  response.on('close', () => {
    session.responses.delete(response)
    sessions.delete(session)
  })
}
