// The remote of the modern era: each request is a POST of its own, with no session around it. To the line it is an entrance
// like the legacy one: requests in, exactly one answer each out, and a cancellation closes the request's connection.
// protocol.md C, 0.5, 0.8, 0.9.
import { ERA_CODE } from '../../era/codes.ts'
import { BridgeError, redacted } from '../../errors.ts'
import type { Sink } from '../../lane.ts'
import type { Log } from '../../log.ts'
import { withId } from '../../message/edit.ts'
import type { Envelope, Id } from '../../message/envelope.ts'
import { createIdTable } from '../../message/id-table.ts'
import { CODE, cancelledId, errorCode, ownId, refusal, refuse } from '../../message/message.ts'
import { inContext, unanswered } from '../failures.ts'
import { createHanging } from '../linked.ts'
import type { RemoteSettings } from '../remote-face.ts'
import { nextTry, type RetryLimits } from '../retry.ts'
import { createStop, LEFT, type Stop, stopNow } from '../stop.ts'
import { atMost, delay } from '../time.ts'
import type { Posted, Transport } from '../transport.ts'
import { watchPeer } from '../watching.ts'
import { type Asked, askOnce } from './asking.ts'
import { createListen, type Listen } from './listen.ts'
import { requestHeaders } from './request-headers.ts'
import { pagesOf } from './tool-pages.ts'
import { createToolSchemas } from './tool-schemas.ts'

export interface ModernRemoteSettings {
  readonly post: Transport['post']
  readonly toHost: Sink
  readonly log: Log
  readonly limits: RetryLimits
  /** Gives up idle connections. */
  readonly dropIdle: () => void
  /** Notifications of the host wait here: so many more, of so many bytes; fewer where negative. */
  readonly weigh: RemoteSettings['weigh']
}

export interface ModernRemote {
  readonly toRemote: Sink
  /** Asks on our own account, once. */
  ask(request: Envelope, stop: Stop): Promise<Asked>
  /** Resolves when no notification of the host's waits to be sent. */
  idle(): Promise<void>
  /** The host will send no more: its subscriptions end in order. */
  inputEnded(): void
  /** Ends all; nothing reaches the host any more. */
  close(): void
}

/** A request of the host's that is under way. */
interface Call {
  readonly request: Envelope
  /** As the remote knows it; another one after its stream broke off. */
  wire: Envelope
  stop: Stop
  attempt: number
  /** The remote's answer, once it is there. */
  answer: Envelope | undefined
  /** The headers it was sent with. */
  sent: string
  /** Its tool's schema has been asked for, since its headers were refused. */
  hasAsked: boolean
  readonly listen: Listen | undefined
}

/** How long a remote may take over a notification before the next one leaves. */
const CONVEY_MS = 3000

export function createModernRemote(settings: ModernRemoteSettings): ModernRemote {
  const { post, toHost, log, limits, weigh } = settings
  const calls = createIdTable<Call>()
  const schemas = createToolSchemas(log)
  let count = 0
  /** What this host has said last; its notifications name no version. */
  let version: string | undefined
  let conveyed: Promise<unknown> = Promise.resolve()
  const hang = createHanging()

  const ask: ModernRemote['ask'] = (request, stop) => askOnce(request, { stop, post, paramsOf: schemas.of })
  const nextId = (): Id => ownId(`mcp-ferry:re:${++count}`)

  function begin(request: Envelope): void {
    const call: Call = {
      request,
      wire: request,
      stop: createStop(),
      attempt: 1,
      answer: undefined,
      sent: '',
      hasAsked: false,
      listen:
        request.method === 'subscriptions/listen'
          ? createListen({ request, toHost, log, nextId, renew: (wire) => renew(call, wire) })
          : undefined,
    }
    calls.set(request.id!, call)
    send(call)
  }

  function send(call: Call): void {
    const mirrored = requestHeaders(call.wire, schemas.of)
    if (mirrored.kind === 'refused') return finish(call, malformed(call.request, mirrored.why))
    const { headers } = mirrored
    call.sent = headers.join('\n')
    version = headers[0] === 'MCP-Protocol-Version' ? headers[1] : version
    const { stop, wire } = call
    post(wire, {
      session: { epoch: 0, headers },
      stop,
      onMessage: (message) => take(call, stop, message),
      onDone: (posted) => done(call, stop, posted),
    })
  }

  function take(call: Call, stop: Stop, message: Envelope): void {
    if (stop.reason !== undefined) return
    if (message.kind === 'response') {
      if (message.id?.key === call.wire.id?.key) call.answer = message
      else log.debug('dropped an answer on the stream of another request', { id: message.id?.raw })
    } else if (message.kind === 'request')
      log.warn(`dropped ${message.method}: a remote must not ask in this era`)
    else if (call.listen !== undefined) call.listen.take(message)
    else toHost(message)
  }

  function done(call: Call, stop: Stop, posted: Posted): void {
    // Cancelled, or gone on with by another connection.
    if (stop.reason !== undefined || call.stop !== stop) return
    const { answer } = call
    if (answer === undefined) return void recover(call, posted)
    if (
      !call.hasAsked &&
      call.request.method === 'tools/call' &&
      errorCode(answer) === ERA_CODE.headerMismatch
    )
      return void sendWithParams(call)
    const known =
      call.request.method === 'tools/list'
        ? schemas.learn(call.request, answer)
        : (call.listen?.final(answer) ?? answer)
    if (call.listen?.isShown && answer.shape.error !== undefined)
      call.listen.tornDown('the remote has ended it')
    finish(call, known)
  }

  /** The remote misses headers for parameters: what its tools want is asked, and the call sent once more. */
  async function sendWithParams(call: Call): Promise<void> {
    call.hasAsked = true
    const { answer, stop } = call
    for await (const page of pagesOf(call.request, (request) => ask(request, stop)))
      schemas.learn(page.request, page.response)
    if (stop.reason !== undefined) return
    const mirrored = requestHeaders(call.wire, schemas.of)
    const isSame = mirrored.kind === 'headers' && mirrored.headers.join('\n') === call.sent
    if (isSame && answer !== undefined) return finish(call, answer)
    call.answer = undefined
    send(call)
  }

  async function recover(call: Call, posted: Posted): Promise<void> {
    const { request, stop, attempt } = call
    const method = request.method!
    const failed =
      posted.kind === 'failed'
        ? posted
        : { kind: 'failed' as const, error: unanswered(method), answer: undefined }
    const { error } = failed
    if (call.listen?.isRetried(error, failed.answer !== undefined)) return call.listen.broken(stop)
    const waitMs = nextTry(failed, { method, attempt }, limits)
    if (waitMs === undefined) return giveUp(call, error, failed.answer)
    log.debug(`${method} is tried again`, { why: error.message, waitMs })
    await delay(waitMs, stop)
    if (stop.reason !== undefined) return
    call.attempt++
    // A stream that broke off has lost its request: it is a new one (26/CL).
    if (error.facts.maybeDelivered === true) call.wire = withId(request, nextId())
    send(call)
  }

  function giveUp(call: Call, error: BridgeError, words: Envelope | undefined): void {
    const told = inContext(error, call.request.method!, call.attempt)
    log.error(told.message)
    if (call.listen?.isShown) call.listen.tornDown(log.redact(told.message))
    finish(call, words ?? refusal(call.request.id!, redacted(told, log.redact)))
  }

  function finish(call: Call, answer: Envelope): void {
    const { id } = call.request
    if (calls.get(id!) === call) calls.delete(id!)
    call.listen?.end()
    toHost(answer.id?.key === id!.key ? answer : withId(answer, id!))
  }

  /** A subscription goes on by a new request. */
  function renew(call: Call, wire: Envelope): void {
    stopNow(call.stop, LEFT)
    call.stop = createStop()
    call.wire = wire
    call.answer = undefined
    send(call)
  }

  function cancel(notification: Envelope): void {
    const id = cancelledId(notification)
    const call = id && calls.get(id)
    if (call === undefined) return
    calls.delete(id!)
    call.listen?.end()
    stopNow(call.stop, new BridgeError('shutdown', 'the host cancelled the request'))
  }

  function convey(notification: Envelope): void {
    const mirrored = requestHeaders(notification, schemas.of, version)
    if (mirrored.kind === 'refused') return log.warn(`${notification.method} was not sent: ${mirrored.why}`)
    const { length } = notification.bytes
    const taken = (): Promise<void> =>
      new Promise((resolve) => {
        const { stop, over } = hang(closing)
        post(notification, {
          session: { epoch: 0, headers: mirrored.headers },
          stop,
          onMessage() {},
          onDone(posted) {
            over()
            if (posted.kind === 'failed' && closing.reason === undefined)
              log.warn(`${notification.method} was not taken: ${posted.error.message}`)
            resolve()
          },
        })
      })
    weigh(1, length)
    conveyed = conveyed.then(() => atMost(taken(), CONVEY_MS)).then(() => weigh(-1, -length))
  }

  const closing = createStop()
  const watching = watchPeer({
    pingIntervalMs: 0,
    log,
    isOpen: () => true,
    ping: () => Promise.resolve(),
    isBoundToStream: () => false,
    renew() {
      settings.dropIdle()
      for (const { listen } of calls.values()) listen?.reconnect()
    },
    sever() {},
  })

  function endListens(): void {
    for (const call of calls.values()) {
      if (call.listen === undefined) continue
      stopNow(call.stop, LEFT)
      finish(call, call.listen.goodbye())
    }
  }

  return {
    toRemote(envelope) {
      if (envelope.kind === 'request') begin(envelope)
      else if (envelope.method === 'notifications/cancelled') cancel(envelope)
      else if (envelope.kind === 'notification') convey(envelope)
      else log.debug('dropped an answer of the host: nothing is asked in this era', { id: envelope.id?.raw })
    },
    ask,
    idle: () => conveyed.then(() => {}),
    inputEnded: endListens,
    close() {
      watching.stop()
      endListens()
      const reason = new BridgeError('shutdown', 'the bridge is closing')
      for (const { stop } of calls.values()) stopNow(stop, reason)
      calls.clear()
      stopNow(closing, reason)
    },
  }
}

function malformed(request: Envelope, why: string): Envelope {
  const message = `mcp-ferry: ${request.method} was not sent: ${why}`
  return refuse(request.id, {
    code: CODE.invalidRequest,
    message,
    data: { origin: 'mcp-ferry', kind: 'protocol' },
  })
}
