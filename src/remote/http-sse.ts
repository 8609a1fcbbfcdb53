// HTTP+SSE, the transport of 2024-11-05: one stream, opened by GET, carries all that the remote says; its first event
// names where to POST. The session is the stream's. Loaded only where it is spoken. protocol.md B.1.
import { BridgeError, toBridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Envelope, textOf } from '../message/envelope.ts'
import type { Text } from '../message/text.ts'
import { judgeAnswer } from './answer.ts'
import { readAnswerTo, readBody, readEvents, readRefusal, transcode } from './body.ts'
import { endpointOf, secretsIn } from './endpoint.ts'
import { describeFailure } from './failed-answer.ts'
import type { HttpResponse } from './http/http.ts'
import { type Asked, mediaType } from './http-answer.ts'
import { awaitAnswer, findPending, type Pending } from './pending.ts'
import type { Sending } from './sending.ts'
import type { Session } from './session.ts'
import { createStop, LEFT, offStop, onStop, type Stop, stopNow } from './stop.ts'
import type { Listening, Posted, Posting, Transport } from './transport.ts'

/** How long the remote may take to name its endpoint. */
const ENDPOINT_MS = 10_000
/** How long the answer may still come on the stream when the POST has broken off. */
const AMBIGUOUS_MS = 5000

export interface HttpSseSettings {
  readonly sending: Sending
  readonly log: Log
  readonly eventLimitBytes: number
}

/** The stream, from its GET on. */
interface Stream {
  readonly stop: Stop
  /** Where to POST; from the endpoint event on. */
  endpoint: URL | undefined
  /** What the stream was asked for by. */
  readonly opener: Posting
  readonly pending: Set<Pending>
  /** What goes as soon as there is an endpoint, or fails with the stream: the host may ping before that. */
  readonly waiting: ((error?: BridgeError) => void)[]
  listening: Listening | undefined
  session: Session
}

export function createHttpSse({ sending, log, eventLimitBytes }: HttpSseSettings): Transport {
  const { shown, always } = sending
  const limits = { limitBytes: eventLimitBytes, shown, log }
  let stream: Stream | undefined

  function asked(request: Envelope | undefined, hasSession: boolean): Asked {
    return { request, hasSession, isOpen: false, shown, redact: log.redact, now: Date.now }
  }

  function post(envelope: Envelope, posting: Posting): void {
    if (envelope.method === 'initialize') return open(envelope, posting)
    if (stream?.endpoint !== undefined) return send(stream, envelope, posting)
    if (stream !== undefined) return wait(stream, envelope, posting)
    posting.onWritten?.()
    const error = new BridgeError('session-lost', `the stream to ${sending.endpoint.host} has ended`, {
      url: shown(),
      retryable: true,
      maybeDelivered: false,
    })
    posting.onDone({ kind: 'failed', error, session: 'lost' })
  }

  function wait(mine: Stream, envelope: Envelope, posting: Posting): void {
    const fail = (error: BridgeError): void => {
      posting.onWritten?.()
      posting.onDone({ kind: 'failed', error })
    }
    const index = mine.waiting.push((error) => {
      offStop(posting.stop, onStopped)
      if (error === undefined) send(mine, envelope, posting)
      else fail(error)
    })
    const onStopped = (error: BridgeError): void => {
      mine.waiting[index - 1] = () => {}
      fail(error)
    }
    onStop(posting.stop, onStopped)
  }

  /** A new session: a new stream, and `initialize` as soon as it has named its endpoint. */
  function open(initialize: Envelope, posting: Posting): void {
    if (stream !== undefined) stopNow(stream.stop, LEFT)
    const mine: Stream = {
      stop: createStop(),
      endpoint: undefined,
      opener: posting,
      pending: new Set(),
      waiting: [],
      listening: undefined,
      session: posting.session,
    }
    stream = mine
    let hasFailed = false
    const fail = (error: BridgeError): void => {
      // The stream that is stopped here fails in its turn.
      if (hasFailed) return
      hasFailed = true
      clearTimeout(timer)
      offStop(posting.stop, fail)
      stopNow(mine.stop, error)
      if (stream === mine) stream = undefined
      posting.onWritten?.()
      posting.onDone({ kind: 'failed', error })
      for (const go of mine.waiting.splice(0)) go(error)
    }
    const late = (): void => {
      // A person takes longer, and it is not the remote that is waited for.
      if (sending.waitsFor !== undefined) timer = setTimeout(late, ENDPOINT_MS)
      else fail(failure('protocol', `named no endpoint within ${ENDPOINT_MS / 1000} s`))
    }
    let timer = setTimeout(late, ENDPOINT_MS)
    onStop(posting.stop, fail)
    listenOn(mine, {
      fail,
      opened() {
        clearTimeout(timer)
        offStop(posting.stop, fail)
        send(mine, initialize, posting)
        for (const go of mine.waiting.splice(0)) go()
      },
    })
  }

  function failure(kind: 'protocol' | 'stream-lost', text: string): BridgeError {
    const facts = { url: shown(), retryable: true, maybeDelivered: kind === 'stream-lost' }
    return new BridgeError(kind, `the stream of ${sending.endpoint.host} ${text}`, facts)
  }

  function listenOn(mine: Stream, on: { opened(): void; fail(error: BridgeError): void }): void {
    let base = sending.endpoint
    const over = (error: BridgeError): void => {
      if (mine.endpoint === undefined) on.fail(error)
      else lose(mine, error)
    }
    const ended = (): BridgeError =>
      mine.endpoint === undefined
        ? failure('protocol', 'ended before it named an endpoint')
        : failure('stream-lost', 'has ended')
    sending.send({
      method: 'GET',
      what: 'stream',
      isFirst: true,
      headers: ['Accept', 'text/event-stream', ...always],
      body: undefined,
      stop: mine.stop,
      onWritten: undefined,
      onFailure: over,
      onRedirect(url) {
        base = url
      },
      onResponse(response) {
        if (response.status !== 200 || mediaType(response.header('content-type')) !== 'text/event-stream')
          return refused(response, on.fail)
        readEvents(response, limits, {
          message: (message) => receive(mine, message),
          other(type, data) {
            // What stands behind one that was refused may come all the same, in the same chunk.
            if (type !== 'endpoint' || mine.stop.reason !== undefined) return
            const isFirst = mine.endpoint === undefined
            const url = endpointOf(data.trim(), base)
            if (url === undefined) return over(foreign(data, base))
            for (const secret of secretsIn(url)) log.hide(secret)
            mine.endpoint = url
            if (isFirst) on.opened()
          },
          over: (error) => over(error ?? ended()),
        })
      },
    })
  }

  /** Credentials must not go to where a remote points (24/T): only its own origin will do. */
  function foreign(data: string, base: URL): BridgeError {
    const url = URL.canParse(data, base.href) ? new URL(data, base).origin : 'what is no URL'
    const text = `${shown()} names an endpoint on another origin (${url}), which is refused; check the URL`
    return new BridgeError('redirect', text, { url: shown(), retryable: false, maybeDelivered: false })
  }

  function refused(response: HttpResponse, fail: (error: BridgeError) => void): void {
    const contentType = response.header('content-type')
    readRefusal(response, (bytes) => {
      const body = transcode(bytes, response)
      const { error } = describeFailure({ response, contentType, body }, asked(undefined, false))
      if (response.status >= 400) return fail(error)
      const text = `${shown()} answered GET with ${mediaType(contentType) || 'a body of no type'} and HTTP ${response.status} instead of an event stream; is this the MCP endpoint?`
      const facts = { url: shown(), httpStatus: response.status, retryable: false, maybeDelivered: false }
      fail(new BridgeError('content', text, facts))
    })
  }

  function receive(mine: Stream, message: Envelope): void {
    const pending = message.kind === 'response' ? findPending(mine.pending, message) : undefined
    if (pending !== undefined) {
      const { posting, request } = pending
      try {
        posting.onMessage(readAnswerTo(request, message), posting.session)
      } catch (thrown) {
        return pending.settle({ kind: 'failed', error: toBridgeError(thrown) })
      }
      return pending.settle(ANSWERED)
    }
    const { onMessage } = mine.listening ?? mine.opener
    onMessage(message, mine.session)
  }

  function send(mine: Stream, envelope: Envelope, posting: Posting): void {
    const pending = envelope.kind === 'request' ? awaitAnswer(mine.pending, envelope, posting) : undefined
    const settle = (posted: Posted): void => {
      posting.onWritten?.()
      if (pending === undefined) posting.onDone(posted)
      else pending.settle(posted)
    }
    const { version } = posting.session
    sending.send({
      method: 'POST',
      url: mine.endpoint!,
      what: envelope.method ?? 'answer',
      headers: [
        'Content-Type',
        'application/json',
        ...(version !== undefined && version >= '2025-06-18' ? ['MCP-Protocol-Version', version] : []),
        ...always,
      ],
      body: textOf(envelope),
      stop: posting.stop,
      onWritten: posting.onWritten,
      onHeld: posting.onHeld,
      onFailure(error) {
        const isInDoubt = error.facts.maybeDelivered === true && posting.stop.reason === undefined
        if (pending === undefined || !isInDoubt) return settle({ kind: 'failed', error })
        posting.onWritten?.()
        // The remote may have it all the same, and answer on the stream.
        setTimeout(() => pending.settle({ kind: 'failed', error }), AMBIGUOUS_MS).unref()
      },
      onResponse(response) {
        posting.onWritten?.()
        if (response.status < 200 || response.status >= 300)
          return judge(response, { envelope, posting, settle })
        response.discard()
        if (pending === undefined) settle(ANSWERED)
      },
    })
  }

  function judge(
    response: HttpResponse,
    { envelope, posting, settle }: { envelope: Envelope; posting: Posting; settle: (posted: Posted) => void },
  ): void {
    const whole = (body: Text): void => {
      const answer = { response, contentType: response.header('content-type'), body }
      const outcome = judgeAnswer(answer, asked(envelope, true))
      if (outcome.kind !== 'messages') return settle(outcome)
      for (const message of outcome.messages) posting.onMessage(message, posting.session)
      settle(ANSWERED)
    }
    readBody(response, limits, { whole, fail: (error) => settle({ kind: 'failed', error }) })
  }

  /** The stream has ended, and the session with it. */
  function lose(mine: Stream, error: BridgeError): void {
    if (stream === mine) stream = undefined
    stopNow(mine.stop, error)
    const told = /^(?:redirect|too-large)$/.test(error.kind) ? error : failure('stream-lost', 'has ended')
    // In doubt: none of them may be sent again before there is a new session.
    const failed: Posted = { kind: 'failed', error: told, session: 'in-doubt' }
    for (const pending of [...mine.pending]) pending.settle(failed)
    const { listening } = mine
    mine.listening = undefined
    listening?.onEnd({ kind: 'session-lost', error })
  }

  function listen(session: Session, listening: Listening): void {
    const mine = stream
    if (mine === undefined)
      return listening.onEnd({ kind: 'session-lost', error: failure('stream-lost', 'has ended') })
    mine.listening = listening
    mine.session = session
    listening.onOpen()
    onStop(listening.stop, () => {
      // Left to be opened anew: here that is a new session.
      if (stream === mine) lose(mine, failure('stream-lost', 'was given up'))
    })
  }

  function end(): Promise<void> {
    if (stream !== undefined) stopNow(stream.stop, LEFT)
    stream = undefined
    return Promise.resolve()
  }

  return { post, listen, end }
}

const ANSWERED: Posted = { kind: 'answered' }
