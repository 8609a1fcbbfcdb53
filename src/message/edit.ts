// Changes a message by splicing its text: all bytes that need not change stay as they came. protocol.md 0.4.
import { type Envelope, type Id, read } from './envelope.ts'
import { find, type Span } from './peek.ts'
import { encode, join } from './utf8.ts'

/** The same message under another id; where it had none, the member is added in front. */
export function withId(envelope: Envelope, id: Id): Envelope {
  const { bytes, shape } = envelope
  const brace = bytes.indexOf(0x7b) + 1
  if (shape.id === undefined) return splice(bytes, { start: brace, end: brace }, `"id":${id.raw},`)
  return splice(bytes, shape.id, id.raw)
}

/** The same `notifications/cancelled` for another request. */
export function withCancelledId(envelope: Envelope, id: Id): Envelope {
  const { bytes, shape } = envelope
  const span = shape.params && find(bytes, shape.params, 'requestId')
  return span === undefined ? envelope : splice(bytes, span, id.raw)
}

function splice(bytes: Uint8Array, { start, end }: Span, text: string): Envelope {
  return edited(join([bytes.subarray(0, start), encode(text), bytes.subarray(end)]))
}

/** The message that an edit has made. */
export function edited(bytes: Uint8Array): Envelope {
  const reading = read(bytes)
  if (reading.kind !== 'message') throw new TypeError('an edited message is no longer JSON-RPC')
  return reading.envelope
}
