// The remote's Streamable HTTP endpoint: answers as JSON, as events, as events that can be resumed, or by hanging up
// and being asked again; one stream for what it says unasked. protocol.md A.2–A.7.
import { createEventLog, type EventLog, parseEventId } from './event-log.ts'
import type { Rpc } from './instruction.ts'
import { type Incoming, openEvents, replyJson } from './remote.ts'
import type { Session, Sessions } from './sessions.ts'
import { type Channel, instructionOf } from './work.ts'

/** Every so many requests of a session the remote says something unasked, or asks. */
const NOTIFY_EVERY = 20
const ASK_EVERY = 70
/** How long an answer can be fetched after it was complete. */
const KEPT_MS = 20_000
const POLLING_RETRY_MS = 150

export function serveStreamable(sessions: Sessions, incoming: Incoming): void {
  const { request, response, message } = incoming
  if (request.method === 'POST' && message?.method === 'initialize') {
    const session = sessions.create()
    response.setHeader('Mcp-Session-Id', session.id)
    return void session.desk.perform(message, jsonChannel(incoming))
  }
  const session = sessions.find(request.headers['mcp-session-id'] as string | undefined)
  if (session === undefined) return refuse(incoming)
  if (request.method === 'DELETE') {
    sessions.delete(session)
    return replyJson(response, 200)
  }
  if (request.method === 'GET') return listen(session, incoming)
  if (request.method !== 'POST' || message === undefined) return replyJson(response, 405)
  take(session, incoming, message)
}

/** Servers disagree on how to say that they do not know the session (peers.md). */
function refuse({ response, text }: Incoming): void {
  if (text.length % 3 !== 0) return replyJson(response, 404, { error: 'session not found' })
  const error = { code: -32000, message: 'Bad Request: No valid session ID provided' }
  replyJson(response, 400, { jsonrpc: '2.0', id: null, error })
}

function take(session: Session, incoming: Incoming, message: Rpc): void {
  const { desk } = session
  if (message.method === undefined || message.id === undefined) {
    if (message.method === undefined) desk.answered(message)
    else if (message.method === 'notifications/cancelled') desk.cancelled(message.params?.requestId)
    return replyJson(incoming.response, 202)
  }
  session.requests++
  if (session.requests % NOTIFY_EVERY === 0) desk.notify(unaskedChannel(session))
  if (session.requests % ASK_EVERY === 0) void desk.ask(unaskedChannel(session))
  const { shape, key } = instructionOf(message)
  if (shape === 'json') void desk.perform(message, jsonChannel(incoming))
  else if (shape === 'events') void desk.perform(message, eventChannel(session, incoming))
  else
    void desk.perform(message, resumableChannel(session, incoming, shape === 'polling' ? key.length % 3 : -1))
}

function jsonChannel({ response }: Incoming): Channel {
  return {
    isOpen: false,
    send: () => {},
    done: (answer) => replyJson(response, answer === undefined ? 202 : 200, answer),
  }
}

function eventChannel(session: Session, { response }: Incoming): Channel {
  openEvents(response)
  keep(session, { response })
  return {
    isRequests: true,
    get isOpen() {
      return !response.destroyed && !response.writableEnded
    },
    send: (message) => void response.write(`data: ${JSON.stringify(message)}\n\n`),
    done: (answer) => void response.end(answer && `data: ${JSON.stringify(answer)}\n\n`),
  }
}

/** `hangUps`: how often it hangs up beside the first time; below 0 it is not a polling one. */
function resumableChannel(session: Session, { response }: Incoming, hangUps: number): Channel {
  const log = createEventLog(`r${++session.lastStream}`, true)
  session.streams.set(log.name, log)
  openEvents(response)
  keep(session, { response })
  log.attach(response, 0)
  if (hangUps >= 0 || session.lastStream % 2 === 0) log.prime(POLLING_RETRY_MS)
  if (hangUps >= 0) log.detach()
  return {
    isOpen: true,
    send(message) {
      log.send(message)
      if (hangUps-- > 0) log.detach()
    },
    done(answer) {
      if (answer !== undefined) log.send(answer)
      log.end()
      setTimeout(() => session.streams.delete(log.name), KEPT_MS).unref()
    },
  }
}

function unaskedChannel({ unasked }: Session): Channel {
  return {
    get isOpen() {
      return unasked.isOpen
    },
    send: (message) => unasked.send(message),
    done: () => {},
  }
}

function listen(session: Session, { request, response }: Incoming): void {
  const last = request.headers['last-event-id']
  const place = typeof last === 'string' ? parseEventId(last) : undefined
  const log: EventLog | undefined =
    place === undefined || place.name === 'g' ? session.unasked : session.streams.get(place.name)
  if (log === undefined) return replyJson(response, 404, { error: 'event not found' })
  // As the SDK's servers do while they still hold the connection before (A.4).
  if (log.isAttached) return replyJson(response, 409, { error: 'Conflict: one stream at a time' })
  if (place !== undefined) session.desk.truth.resumed++
  openEvents(response)
  keep(session, { response })
  log.attach(response, place?.index ?? 0)
}

function keep(session: Session, { response }: Pick<Incoming, 'response'>): void {
  session.responses.add(response)
  response.on('close', () => session.responses.delete(response))
}
