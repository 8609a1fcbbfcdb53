// Streamable HTTP, legacy era: one POST per message, JSON or an event stream back; one GET stream for what the
// remote says unasked; DELETE at the end. Steps 6 and 8 of the path. protocol.md A.0–A.3, A.5, A.7.
import { BridgeError, toBridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { withId } from '../message/edit.ts'
import { type Envelope, read } from '../message/envelope.ts'
import { toLine } from '../message/lines.ts'
import { createSse } from '../message/sse.ts'
import { decode, join } from '../message/utf8.ts'
import type { Header } from '../options/options.ts'
import { judgeAnswer, type Outcome } from './answer.ts'
import type { Http, HttpRequest, HttpResponse } from './http/http.ts'
import { isRedirect, judgeRedirect, MOST_HOPS } from './http/redirect.ts'
import { type Asked, type HttpAnswer, mediaType } from './http-answer.ts'
import { describeHeaders } from './refused.ts'
import { type Session, sessionHeaders } from './session.ts'
import type { Posted, Posting, Transport } from './transport.ts'

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
  const always = baseHeaders(settings)
  let endpoint = settings.url
  const shown = (): string => `${endpoint.origin}${endpoint.pathname}`

  /** One request, with the redirects that may be followed. */
  async function request(wanted: Omit<HttpRequest, 'url'>): Promise<HttpResponse> {
    let url = endpoint
    for (let hop = 0; ; hop++) {
      const response = await http.request({ ...wanted, url })
      if (!isRedirect(response.status)) return response
      response.discard()
      const verdict = judgeRedirect(
        { method: wanted.method, from: url },
        response.status,
        response.header('location'),
      )
      const facts = { httpStatus: response.status, url: shown(), retryable: false, maybeDelivered: false }
      if (verdict.kind === 'refuse') throw new BridgeError('redirect', `${shown()} ${verdict.why}`, facts)
      if (hop === MOST_HOPS)
        throw new BridgeError('redirect', `${shown()} redirects more than ${MOST_HOPS} times`, facts)
      url = verdict.url
      // Everything that follows goes straight there.
      if (verdict.isPermanent) endpoint = url
    }
  }

  async function post(envelope: Envelope, posting: Posting): Promise<Posted> {
    try {
      const response = await request({
        method: 'POST',
        headers: [...POST_HEADERS, ...sessionHeaders(posting.session), ...always],
        body: envelope.bytes,
        signal: posting.signal,
        onWritten: posting.onWritten,
      })
      return await receive(envelope, response, posting)
    } catch (thrown) {
      return { kind: 'failed', error: toBridgeError(thrown) }
    } finally {
      posting.onWritten()
    }
  }

  async function receive(envelope: Envelope, response: HttpResponse, posting: Posting): Promise<Posted> {
    const isSuccess = response.status >= 200 && response.status < 300
    if (envelope.kind !== 'request' && isSuccess) {
      response.discard()
      return { kind: 'answered' }
    }
    const sessionId = response.header('mcp-session-id')
    const hand = (message: Envelope): void => posting.onMessage(message, sessionId)
    if (isSuccess && mediaType(response.header('content-type')) === 'text/event-stream') {
      return readAnswerStream(envelope, response, hand)
    }
    const outcome = await judge(envelope, response)
    if (outcome.kind !== 'messages') return outcome
    for (const message of outcome.messages) hand(message)
    return { kind: 'answered' }
  }

  async function judge(request: Envelope, response: HttpResponse): Promise<Outcome> {
    const contentType = response.header('content-type')
    const body = await readBody(response, { limitBytes: eventLimitBytes, url: shown() })
    const answer: HttpAnswer = {
      status: response.status,
      contentType,
      retryAfter: response.header('retry-after'),
      wwwAuthenticate: response.header('www-authenticate'),
      body: transcode(body, contentType),
    }
    const asked: Asked = { request, url: shown(), sent, redact: log.redact, nowMs: Date.now() }
    return judgeAnswer(answer, asked)
  }

  /** Hands on each message as it comes; resolves at the response to `request`, and then reads on for a while. */
  function readAnswerStream(
    request: Envelope,
    response: HttpResponse,
    hand: (message: Envelope) => void,
  ): Promise<Posted> {
    return new Promise((resolve) => {
      let trailer: NodeJS.Timeout | undefined
      readEvents(response, {
        message(message) {
          const known = asAnswerTo(request, message)
          hand(known)
          if (known.kind !== 'response' || known.id?.key !== request.id?.key) return
          resolve({ kind: 'answered' })
          trailer ??= setTimeout(() => response.abort(), TRAILER_MS).unref()
        },
        over(error) {
          clearTimeout(trailer)
          resolve({ kind: 'failed', error: error ?? streamEnded() })
        },
      })
    })
  }

  function streamEnded(): BridgeError {
    const facts = { url: shown(), retryable: true, maybeDelivered: true }
    return new BridgeError('stream-lost', `${endpoint.host} ended the stream without an answer`, facts)
  }

  function readEvents(
    response: HttpResponse,
    on: { message(envelope: Envelope): void; over(error: BridgeError | undefined): void },
  ): void {
    const sse = createSse(eventLimitBytes, {
      event({ type, data }) {
        if (type !== 'message') return
        for (const message of readMessages(data)) on.message(message)
      },
    })
    response.read({
      data(chunk) {
        try {
          sse.push(chunk)
        } catch (thrown) {
          response.abort()
          const { kind, message } = toBridgeError(thrown)
          on.over(new BridgeError(kind, message, { url: shown(), maybeDelivered: true }, thrown))
        }
      },
      end: () => on.over(undefined),
      fail: (error) => on.over(error),
    })
  }

  function readMessages(data: Uint8Array): Envelope[] {
    const reading = read(toLine(data))
    if (reading.kind === 'message') return [reading.envelope]
    if (reading.kind === 'batch') return reading.elements.flatMap(readMessages)
    log.warn('skipped an event from the remote that is no JSON-RPC message')
    log.trace(() => decode(data.subarray(0, 2000)), { from: 'remote' })
    return []
  }

  async function listen(
    session: Session,
    listening: Parameters<Transport['listen']>[1],
  ): Promise<'open' | 'none'> {
    const { signal, onMessage } = listening
    try {
      const response = await request({
        method: 'GET',
        headers: ['Accept', 'text/event-stream', ...sessionHeaders(session), ...always],
        signal,
      })
      const type = mediaType(response.header('content-type'))
      if (response.status !== 200 || type !== 'text/event-stream') {
        log.debug('the remote offers no stream of its own', { status: response.status, type })
        response.abort()
        return 'none'
      }
      readEvents(response, {
        message: onMessage,
        over: (error) => log.debug('the stream of the remote has ended', { why: error?.message }),
      })
      return 'open'
    } catch (thrown) {
      log.debug('the stream of the remote could not be opened', { why: toBridgeError(thrown).message })
      return 'none'
    }
  }

  async function end(session: Session, signal: AbortSignal): Promise<void> {
    try {
      const headers = [...sessionHeaders(session), ...always]
      const response = await request({ method: 'DELETE', headers, signal })
      response.abort()
    } catch (thrown) {
      log.debug('the session could not be ended', { why: toBridgeError(thrown).message })
    }
  }

  return { post, listen, end, close: () => http.close() }
}

const POST_HEADERS = ['Accept', 'application/json, text/event-stream', 'Content-Type', 'application/json']

/** The user's headers, and ours where the user has none of that name. */
function baseHeaders({ headers, userAgent }: StreamableSettings): string[] {
  const names = new Set(headers.map(({ name }) => name.toLowerCase()))
  const ours = [
    ['User-Agent', userAgent],
    ['Accept-Encoding', 'identity'],
  ].filter(([name]) => !names.has(name!.toLowerCase()))
  return [...ours.flat(), ...headers.flatMap(({ name, value }) => [name, value])]
}

/**
 * A response on the stream of `request` that lacks an id, or has the same number written in another way (1 for 1.0,
 * or rounded as JavaScript rounds large integers), is its answer. Any other id is left as it is.
 */
function asAnswerTo(request: Envelope, message: Envelope): Envelope {
  if (message.kind !== 'response' || request.id === undefined || message.id?.key === request.id.key)
    return message
  const isSameNumber = message.id !== undefined && Number(message.id.raw) === Number(request.id.raw)
  return message.id === undefined || isSameNumber ? withId(message, request.id) : message
}

/** A whole body; BridgeError `too-large` over the limit, `stream-lost` where it breaks off. */
function readBody(response: HttpResponse, limit: { limitBytes: number; url: string }): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = []
    let size = 0
    response.read({
      data(chunk) {
        parts.push(chunk)
        size += chunk.length
        if (size <= limit.limitBytes) return
        response.abort()
        const text = `${limit.url} answered with more than ${limit.limitBytes} bytes; raise --max-event`
        reject(new BridgeError('too-large', text, { url: limit.url, maybeDelivered: true }))
      },
      end: () => resolve(join(parts)),
      fail: reject,
    })
  })
}

/** JSON is UTF-8; a body that declares another character set is turned into it (protocol.md 0.3). */
function transcode(body: Uint8Array, contentType: string | undefined): Uint8Array {
  const charset = /;\s*charset\s*=\s*"?([\w:.-]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase()
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii')
    return body
  try {
    return Buffer.from(new TextDecoder(charset).decode(body))
  } catch {
    return body
  }
}
