// Streamable HTTP, in both eras: one POST per message, JSON or an event stream back; a GET stream for what the remote
// says unasked, and to take up streams that broke off; DELETE at the end. Steps 6 and 8 of the path.
// protocol.md A.0–A.5, A.7.
import { BridgeError, toBridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Envelope, textOf } from '../message/envelope.ts'
import type { Text } from '../message/text.ts'
import { judgeAnswer } from './answer.ts'
import { readAnswerTo, readBody, readEvents, readRefusal, transcode } from './body.ts'
import { createCursor, takeId, takeRetry } from './cursor.ts'
import { describeFailure } from './failed-answer.ts'
import type { HttpResponse } from './http/http.ts'
import { type Asked, mediaType } from './http-answer.ts'
import { type Following, resume } from './resume.ts'
import type { Sending } from './sending.ts'
import { earlySession, SESSION_HEADER, type Session, sessionHeaders } from './session.ts'
import { createStop, stopNow } from './stop.ts'
import type { Listening, Posted, Posting, Transport } from './transport.ts'

/** How long a stream may go on after the response it was opened for. */
const TRAILER_MS = 5000

export interface StreamableSettings {
  readonly sending: Sending
  readonly log: Log
  readonly eventLimitBytes: number
}

export function createStreamable(settings: StreamableSettings): Transport {
  const { sending, log, eventLimitBytes } = settings
  const { shown } = sending
  const headersFor = createHeaders(sending.always)
  const limits = { limitBytes: eventLimitBytes, shown, log }

  function post(envelope: Envelope, posting: Posting): void {
    const fail = (thrown: unknown): void => {
      posting.onWritten?.()
      posting.onDone({ kind: 'failed', error: toBridgeError(thrown) })
    }
    sending.send({
      method: 'POST',
      what: envelope.method ?? 'answer',
      // What a remote has to tell of changes is not worth a tab; whoever calls gets one.
      isAside: envelope.method === 'subscriptions/listen',
      // Of either era.
      isFirst: envelope.method === 'initialize' || envelope.method === 'server/discover',
      headers: headersFor(posting.session).post,
      body: textOf(envelope),
      stop: posting.stop,
      onWritten: posting.onWritten,
      onHeld: posting.onHeld,
      onFailure: fail,
      onResponse(response) {
        // A remote may answer before it has read everything.
        posting.onWritten?.()
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
    const contentType = response.header('content-type')
    if (isSuccess && mediaType(contentType) === 'text/event-stream') {
      return readAnswerStream(envelope, { response, posting })
    }
    const whole = (body: Text): void => {
      try {
        const outcome = judgeAnswer({ response, contentType, body }, asked(envelope, posting.session))
        if (outcome.kind !== 'messages') return posting.onDone(outcome)
        for (const message of outcome.messages) posting.onMessage(message, posting.session, response)
      } catch (thrown) {
        return fail(thrown)
      }
      posting.onDone(ANSWERED)
    }
    readBody(response, limits, { whole, fail })
  }

  function asked(request: Envelope | undefined, { id, version }: Session): Asked {
    return {
      request,
      hasSession: id !== undefined,
      isOpen: version !== undefined,
      shown,
      redact: log.redact,
      now: Date.now,
    }
  }

  /** Hands on each message as it comes; done at the response to `request`, and then reads on for a while. */
  function readAnswerStream(request: Envelope, { response, posting }: AnswerStream): void {
    const cursor = createCursor()
    const isOpening = request.method === 'initialize'
    // The session that it opens has its id already, and the stream is known in that alone.
    const session = isOpening
      ? earlySession(response.header(SESSION_HEADER), posting.session.epoch)
      : posting.session
    let trailer: NodeJS.Timeout | undefined
    let isDone = false
    const finish = (posted: Posted): void => {
      posting.reconnect = undefined
      if (!isDone) posting.onDone(posted)
      isDone = true
    }
    const take = (message: Envelope): void => {
      let known: Envelope
      try {
        known = readAnswerTo(request, message)
        posting.onMessage(known, posting.session, response)
      } catch (thrown) {
        // A stream that is taken up again would say the same again.
        finish({ kind: 'failed', error: toBridgeError(thrown) })
        throw thrown
      }
      if (known.kind !== 'response' || known.id?.key !== request.id?.key) return
      finish(ANSWERED)
      // No timer where the end comes at once (bench: one call at a time).
      if (!response.isWhole) trailer ??= setTimeout(following.leave, TRAILER_MS).unref()
    }
    const following: Following = {
      session,
      cursor,
      stop: posting.stop,
      take,
      isOver: () => isDone,
      isWanted: () => !posting.isCancelled,
      give: finish,
      leave: () => response.abort(),
    }
    readEvents(response, limits, {
      message: take,
      id(id) {
        // The modern era takes no stream up again.
        if (posting.session.headers !== undefined) return
        takeId(cursor, id)
        posting.reconnect = cursor.lastEventId === undefined || isDone ? undefined : () => following.leave()
      },
      retry: (milliseconds) => takeRetry(cursor, milliseconds),
      over(error) {
        clearTimeout(trailer)
        if (isDone) return
        const failure = error ?? streamEnded()
        // What is too large now would be so again.
        if (posting.stop.reason || cursor.lastEventId === undefined || failure.kind === 'too-large')
          return finish({ kind: 'failed', error: failure })
        log.debug('the stream is taken up again', { why: failure.message })
        resume(following, { listen, log })
      },
    })
  }

  function streamEnded(): BridgeError {
    const facts = { url: shown(), retryable: true, maybeDelivered: true }
    return new BridgeError(
      'stream-lost',
      `${sending.endpoint.host} ended the stream without an answer`,
      facts,
    )
  }

  function listen(session: Session, listening: Listening): void {
    const { stop, isAside, cursor, onMessage, onEnd } = listening
    let hasEnded = false
    const end: Listening['onEnd'] = (how) => {
      if (!hasEnded) onEnd(how)
      hasEnded = true
    }
    const { get } = headersFor(session)
    sending.send({
      method: 'GET',
      what: 'stream',
      isAside,
      headers: cursor.lastEventId === undefined ? get : ['Last-Event-ID', cursor.lastEventId, ...get],
      body: undefined,
      stop,
      onWritten: undefined,
      onFailure: (error) => end({ kind: 'unreachable', error }),
      onResponse(response) {
        const contentType = response.header('content-type')
        if (response.status !== 200 || mediaType(contentType) !== 'text/event-stream')
          return refused(response, session, end)
        listening.onOpen()
        readEvents(response, limits, {
          message: (message) => onMessage(message, session),
          id: (id) => takeId(cursor, id),
          retry: (milliseconds) => takeRetry(cursor, milliseconds),
          over: (error) => end({ kind: 'ended', error }),
        })
      },
    })
  }

  /** No stream. The body tells whether it is the session that is gone. */
  function refused(response: HttpResponse, session: Session, end: Listening['onEnd']): void {
    const { status } = response
    const tell = (bytes: Uint8Array): void => {
      const contentType = response.header('content-type')
      const body = transcode(bytes, response)
      const outcome = describeFailure({ response, contentType, body }, asked(undefined, session))
      end({ kind: 'refused', status, ...outcome })
    }
    if (status >= 400) return readRefusal(response, tell)
    tell(new Uint8Array())
    response.abort()
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
      sending.send({
        method: 'DELETE',
        what: 'session',
        isAside: true,
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

  return { post, listen, end }
}

interface AnswerStream {
  readonly response: HttpResponse
  readonly posting: Posting
}

interface Reception extends AnswerStream {
  readonly fail: (thrown: unknown) => void
}

const ANSWERED: Posted = { kind: 'answered' }

type HeaderLists = Readonly<Record<'post' | 'get' | 'delete', readonly string[]>>

/** The lists of headers for a session, made once for each. */
function createHeaders(always: readonly string[]): (session: Session) => HeaderLists {
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
