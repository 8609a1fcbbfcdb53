// The bodies of HTTP answers → bytes or messages. Step 8 of the path. protocol.md 0.3, 0.7, 0.8.
import { BridgeError, toBridgeError } from '../errors.ts'
import { type Log, TRACE_BYTES } from '../log.ts'
import { withId } from '../message/edit.ts'
import { type Envelope, read } from '../message/envelope.ts'
import { trim } from '../message/lines.ts'
import { readText } from '../message/long.ts'
import { createParts, type Parts } from '../message/parts.ts'
import { createSse } from '../message/sse.ts'
import { beginningOf, joined, type Text } from '../message/text.ts'
import { decode } from '../message/utf8.ts'
import type { HttpResponse } from './http/http.ts'

export interface BodyLimits {
  readonly limitBytes: number
  /** The URL for sentences. */
  readonly shown: () => string
  readonly log: Log
}

export interface EventReader {
  message(envelope: Envelope): void
  /** An event of another type than `message`. */
  other?(type: string, data: string): void
  id?(id: string): void
  retry?(milliseconds: number): void
  /** The stream has ended, or broke off. Called at least once. */
  over(error: BridgeError | undefined): void
}

/** Reads an event stream message by message; what is no message is skipped. What `message` throws ends the stream. */
export function readEvents(
  response: HttpResponse,
  { limitBytes, shown, log }: BodyLimits,
  on: EventReader,
): void {
  let hasSkipped = false
  const skip = (data: Text): void => {
    // A remote that sends nothing else must not fill the disk with this.
    log[hasSkipped ? 'debug' : 'warn']('skipped an event from the remote that is no JSON-RPC message')
    hasSkipped = true
    log.trace?.(decode(beginningOf(data, TRACE_BYTES)), { from: 'remote' })
  }
  const sse = createSse(limitBytes, {
    event({ type, data }) {
      if (type === 'message') for (const message of readMessages(data, skip)) on.message(message)
      else on.other?.(type, decode(joined(data)))
    },
    id: (id) => on.id?.(id),
    retry: (milliseconds) => on.retry?.(milliseconds),
  })
  response.read({
    data(chunk) {
      try {
        sse.push(chunk)
      } catch (thrown) {
        const { kind, message } = toBridgeError(thrown)
        // Whoever is told may have had the answer already.
        if (kind === 'internal') log.error(message)
        on.over(new BridgeError(kind, message, { url: shown(), maybeDelivered: true }, thrown))
        response.abort()
      }
    },
    end: () => on.over(undefined),
    fail: (error) => on.over(error),
  })
}

/** The messages in it; `skip` is called if not all of it is that. A batch in a batch is none. */
function readMessages(data: Text, skip: (data: Text) => void): Envelope[] {
  const reading = readText(trim(data))
  if (reading.kind === 'message') return [reading.envelope]
  const elements = reading.kind === 'batch' ? reading.elements.map(read) : [reading]
  const messages = elements.flatMap((each) => (each.kind === 'message' ? each.envelope : []))
  if (messages.length < elements.length) skip(data)
  return messages
}

/**
 * A response on the stream of `request` that lacks an id, or has the same number written in another way (1 for 1.0,
 * or rounded as JavaScript rounds large integers), is its answer. Any other id is left as it is.
 */
export function readAnswerTo(request: Envelope, message: Envelope): Envelope {
  if (message.kind !== 'response' || request.id === undefined || message.id?.key === request.id.key)
    return message
  const isSameNumber = message.id !== undefined && Number(message.id.raw) === Number(request.id.raw)
  return message.id === undefined || isSameNumber ? withId(message, request.id) : message
}

/** Reads a whole body. Fails with `too-large` over the limit, with `stream-lost` where it breaks off. */
export function readBody(
  response: HttpResponse,
  { limitBytes, shown }: BodyLimits,
  on: { whole(body: Text): void; fail(error: BridgeError): void },
): void {
  // Most come in one part, and nothing is made for those (bench: CPU per 1,000 calls).
  let first: Uint8Array | undefined
  let parts: Parts | undefined
  let isTooLarge = false
  response.read({
    data(chunk) {
      if (isTooLarge) return
      if (first === undefined) first = chunk
      else {
        if (parts === undefined) {
          parts = createParts()
          parts.add(first)
        }
        parts.add(chunk)
      }
      if ((parts?.sizeBytes ?? chunk.length) <= limitBytes) return
      isTooLarge = true
      response.abort()
      const text = `${shown()} answered with more than ${limitBytes} bytes; raise --max-event`
      on.fail(new BridgeError('too-large', text, { url: shown(), maybeDelivered: true }))
    },
    end: () => {
      if (!isTooLarge) on.whole(transcode(parts?.take() ?? first ?? new Uint8Array(), response))
    },
    fail: (error) => {
      if (!isTooLarge) on.fail(error)
    },
  })
}

/** How much of a refusal is kept, for a sentence about it, and for how long it is waited for: it may never end. */
const REFUSAL_BYTES = 65_536
const REFUSAL_MS = 2000

/** Reads the bytes of a refusal, or what comes of them in good time. */
export function readRefusal(response: HttpResponse, go: (body: Uint8Array) => void): void {
  const parts: Uint8Array[] = []
  let size = 0
  let isOver = false
  const end = (): void => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    go(Buffer.concat(parts))
  }
  const cut = (): void => {
    response.abort()
    end()
  }
  const timer = setTimeout(cut, REFUSAL_MS)
  response.read({
    data(chunk) {
      if (isOver) return
      parts.push(chunk)
      size += chunk.length
      if (size > REFUSAL_BYTES) cut()
    },
    end,
    fail: end,
  })
}

/** JSON is UTF-8; a body that declares another character set is turned into it (protocol.md 0.3). */
export function transcode(body: Text, response: HttpResponse): Text {
  const contentType = response.header('content-type')
  if (contentType === undefined || contentType === 'application/json') return body
  const charset = /;\s*charset\s*=\s*"?([\w:.-]+)/i.exec(contentType)?.[1]?.toLowerCase()
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii')
    return body
  try {
    return Buffer.from(new TextDecoder(charset).decode(joined(body)))
  } catch {
    return body
  }
}
