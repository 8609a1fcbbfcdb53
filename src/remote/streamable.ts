// Streamable HTTP, legacy era: one POST per message, JSON or an event stream back; one GET stream for what the
// remote says unasked; DELETE at the end. Steps 6 and 8 of the path. protocol.md A.0–A.3, A.5, A.7.
import { BridgeError, toBridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import type { Header } from '../options/options.ts'
import { judgeAnswer } from './answer.ts'
import { readAnswerTo, readBody, readEvents } from './body.ts'
import type { Http, HttpRequest, HttpResponse } from './http/http.ts'
import { isRedirect, judgeRedirect, MOST_HOPS } from './http/redirect.ts'
import { type Asked, mediaType } from './http-answer.ts'
import { describeHeaders } from './refused.ts'
import { type Session, sessionHeaders } from './session.ts'
import { createStop, stopNow } from './stop.ts'
import type { Listening, Posted, Posting, Transport } from './transport.ts'

/** How long a stream may go on after the response it was opened for. */
const TRAILER_MS = 5000

export interface StreamableSettings {
  readonly url: URL
  readonly headers: readonly Header[]
  readonly userAgent: string
  readonly http: Http
  readonly log: Log
  readonly eventLimitBytes: number
}

export function createStreamable(settings: StreamableSettings): Transport {
  const { http, log, eventLimitBytes } = settings
  const sent = describeHeaders(settings.headers)
  const headersFor = createHeaders(settings)
  let endpoint = settings.url
  const shown = (): string => `${endpoint.origin}${endpoint.pathname}`
  const limits = { limitBytes: eventLimitBytes, shown, log }

  /** One request, with the redirects that may be followed. */
  function send(wanted: Wanted, url = endpoint, hop = 0): void {
    const { method, headers, body, stop, onWritten, onFailure } = wanted
    const startedAt = log.isDebug ? Date.now() : 0
    const onResponse = (response: HttpResponse): void => {
      if (log.isDebug)
        log.debug(`${method} ${wanted.what}`, { status: response.status, ms: Date.now() - startedAt })
      if (isRedirect(response.status)) redirect(wanted, { response, url, hop })
      else wanted.onResponse(response)
    }
    http.request({ method, url, headers, body, stop, onWritten, onResponse, onFailure })
  }

  function redirect(
    wanted: Wanted,
    { response, url, hop }: { response: HttpResponse; url: URL; hop: number },
  ): void {
    const { status } = response
    response.discard()
    const verdict =
      hop === MOST_HOPS
        ? { kind: 'refuse' as const, why: `redirects more than ${MOST_HOPS} times` }
        : judgeRedirect({ method: wanted.method, from: url }, status, response.header('location'))
    if (verdict.kind === 'refuse') {
      const facts = { httpStatus: status, url: shown(), retryable: false, maybeDelivered: false }
      return wanted.onFailure(new BridgeError('redirect', `${shown()} ${verdict.why}`, facts))
    }
    // After a permanent one of the first request everything goes straight there.
    if (verdict.isPermanent && wanted.pins) endpoint = verdict.url
    send({ ...wanted, pins: wanted.pins && verdict.isPermanent }, verdict.url, hop + 1)
  }

  function post(envelope: Envelope, posting: Posting): void {
    const fail = (thrown: unknown): void => {
      posting.onWritten()
      posting.onDone({ kind: 'failed', error: toBridgeError(thrown) })
    }
    send({
      method: 'POST',
      what: envelope.method ?? 'answer',
      pins: envelope.method === 'initialize',
      headers: headersFor(posting.session).post,
      body: envelope.bytes,
      stop: posting.stop,
      onWritten: posting.onWritten,
      onFailure: fail,
      onResponse(response) {
        // A remote may answer before it has read everything.
        posting.onWritten()
        receive(envelope, { response, posting, fail })
      },
    })
  }

  function receive(envelope: Envelope, { response, posting, fail }: Reception): void {
    const isSuccess = response.status >= 200 && response.status < 300
    if (envelope.kind !== 'request' && isSuccess) {
      // A stream in answer to what asks nothing might never end.
      if (mediaType(response.header('content-type')) === 'text/event-stream') response.abort()
      else response.discard()
      return posting.onDone(ANSWERED)
    }
    const sessionId = (): string | undefined => response.header('mcp-session-id')
    const contentType = response.header('content-type')
    if (isSuccess && mediaType(contentType) === 'text/event-stream') {
      return readAnswerStream(envelope, { response, posting, sessionId })
    }
    const whole = (body: Uint8Array): void => {
      try {
        const outcome = judgeAnswer({ response, contentType, body }, asked(envelope, posting))
        if (outcome.kind !== 'messages') return posting.onDone(outcome)
        for (const message of outcome.messages) posting.onMessage(message, sessionId)
      } catch (thrown) {
        return fail(thrown)
      }
      posting.onDone(ANSWERED)
    }
    readBody(response, limits, { whole, fail })
  }

  function asked(request: Envelope, { session }: Posting): Asked {
    const hasSession = session.id !== undefined
    return { request, hasSession, shown, sent, redact: log.redact, now: Date.now }
  }

  /** Hands on each message as it comes; done at the response to `request`, and then reads on for a while. */
  function readAnswerStream(request: Envelope, { response, posting, sessionId }: AnswerStream): void {
    let trailer: NodeJS.Timeout | undefined
    let isDone = false
    const finish = (posted: Posted): void => {
      if (!isDone) posting.onDone(posted)
      isDone = true
    }
    readEvents(response, limits, {
      message(message) {
        const known = readAnswerTo(request, message)
        posting.onMessage(known, sessionId)
        if (known.kind !== 'response' || known.id?.key !== request.id?.key) return
        finish(ANSWERED)
        trailer ??= setTimeout(() => response.abort(), TRAILER_MS).unref()
      },
      over(error) {
        clearTimeout(trailer)
        finish({ kind: 'failed', error: error ?? streamEnded() })
      },
    })
  }

  function streamEnded(): BridgeError {
    const facts = { url: shown(), retryable: true, maybeDelivered: true }
    return new BridgeError('stream-lost', `${endpoint.host} ended the stream without an answer`, facts)
  }

  function listen(session: Session, { stop, onMessage, onChange }: Listening): Promise<void> {
    return new Promise((resolve) => {
      const fail = (error: BridgeError): void => {
        log.debug('the stream of the remote could not be opened', { why: error.message })
        resolve()
      }
      send({
        method: 'GET',
        what: 'stream',
        pins: false,
        headers: headersFor(session).get,
        body: undefined,
        stop,
        onWritten: undefined,
        onFailure: fail,
        onResponse(response) {
          const type = mediaType(response.header('content-type'))
          if (response.status !== 200 || type !== 'text/event-stream') {
            log.debug('the remote offers no stream of its own', { status: response.status, type })
            response.abort()
            return resolve()
          }
          onChange(true)
          resolve()
          readEvents(response, limits, {
            message: (message) => onMessage(message, () => undefined),
            over(error) {
              log.debug('the stream of the remote has ended', { why: error?.message })
              onChange(false)
            },
          })
        },
      })
    })
  }

  function end(session: Session, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = createStop()
      const late = new BridgeError('timeout', `the remote did not answer within ${timeoutMs} ms`)
      const timer = setTimeout(() => stopNow(stop, late), timeoutMs)
      const finish = (error?: BridgeError): void => {
        if (error !== undefined) log.debug('the session could not be ended', { why: error.message })
        clearTimeout(timer)
        resolve()
      }
      send({
        method: 'DELETE',
        what: 'session',
        pins: false,
        headers: headersFor(session).delete,
        body: undefined,
        stop,
        onWritten: undefined,
        onFailure: finish,
        onResponse(response) {
          response.abort()
          finish()
        },
      })
    })
  }

  return { post, listen, end, close: () => http.close() }
}

interface Wanted extends Omit<HttpRequest, 'url'> {
  /** For the log. */
  readonly what: string
  /** Whether a permanent redirect holds for all that follows. */
  readonly pins: boolean
}

interface Reception {
  readonly response: HttpResponse
  readonly posting: Posting
  readonly fail: (thrown: unknown) => void
}

interface AnswerStream {
  readonly response: HttpResponse
  readonly posting: Posting
  readonly sessionId: () => string | undefined
}

const ANSWERED: Posted = { kind: 'answered' }

type HeaderLists = Readonly<Record<'post' | 'get' | 'delete', readonly string[]>>

/** The lists of headers for a session, made once for each. The user's come last, and replace ours of the same name. */
function createHeaders({ headers, userAgent }: StreamableSettings): (session: Session) => HeaderLists {
  const names = new Set(headers.map(({ name }) => name.toLowerCase()))
  const ours = [
    ['User-Agent', userAgent],
    ['Accept-Encoding', 'identity'],
  ].filter(([name]) => !names.has(name!.toLowerCase()))
  const always = [...ours.flat(), ...headers.flatMap(({ name, value }) => [name, value])]
  const json = ['Accept', 'application/json, text/event-stream', 'Content-Type', 'application/json']
  const made = new WeakMap<Session, HeaderLists>()
  return (session) => {
    let lists = made.get(session)
    if (lists === undefined) {
      const rest = [...sessionHeaders(session), ...always]
      lists = { post: [...json, ...rest], get: ['Accept', 'text/event-stream', ...rest], delete: rest }
      made.set(session, lists)
    }
    return lists
  }
}
