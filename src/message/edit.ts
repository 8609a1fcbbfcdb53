// Changes a message by splicing its text: all bytes that need not change stay as they came. protocol.md 0.4.
import { type Envelope, type Id, read } from './envelope.ts'
import { encode, join } from './utf8.ts'

/** The same message under another id; where it had none, the member is added in front. */
export function withId(envelope: Envelope, id: Id): Envelope {
  const { bytes, shape } = envelope
  const brace = bytes.indexOf(0x7b) + 1
  const spliced = shape.id
    ? [bytes.subarray(0, shape.id.start), encode(id.raw), bytes.subarray(shape.id.end)]
    : [bytes.subarray(0, brace), encode(`"id":${id.raw},`), bytes.subarray(brace)]
  const reading = read(join(spliced))
  if (reading.kind !== 'message') throw new TypeError('an edited message is no longer JSON-RPC')
  return reading.envelope
}
