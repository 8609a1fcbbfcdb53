// Reads a text that may have come in pieces. Of a long one its skeleton is read, and the message stays in pieces: most of
// what is long is text that only passes (bench: large results). What has no skeleton is joined and read as it is.
import { type Envelope, type Reading, read } from './envelope.ts'
import type { Shape, Span } from './peek.ts'
import { type Skeleton, skeletonOf } from './skeleton.ts'
import { isJoined, joined, type Text } from './text.ts'

/** Reads one JSON text. Never throws; linear. */
export function readText(text: Text): Reading {
  return isJoined(text) ? read(text) : (readPieces(text) ?? read(joined(text)))
}

function readPieces(pieces: readonly Uint8Array[]): Reading | undefined {
  const skeleton = skeletonOf(pieces)
  if (skeleton === undefined) return undefined
  const reading = read(skeleton.bytes)
  if (skeleton.cuts.length === 0) return reading
  if (reading.kind !== 'message') return undefined
  const { envelope } = reading
  if (isCut(skeleton, envelope.shape.id) || isCut(skeleton, envelope.shape.method)) return undefined
  return { kind: 'message', envelope: inPieces(envelope, pieces, skeleton) }
}

/** The message that a skeleton was read as, with all that it says. */
function inPieces(read: Envelope, pieces: Text, skeleton: Skeleton): Envelope {
  let text = pieces
  return {
    ...read,
    shape: shapeOfAll(read.shape, skeleton),
    skeleton: skeleton.bytes,
    get pieces() {
      return isJoined(text) ? undefined : text
    },
    get bytes() {
      text = joined(text)
      return text
    },
  }
}

function shapeOfAll(shape: Shape, { cuts }: Skeleton): Shape {
  const place = (index: number): number =>
    cuts.reduce((sum, { at, sizeBytes }) => (at < index ? sum + sizeBytes : sum), index)
  return Object.fromEntries(
    Object.entries(shape).map(([name, { start, end }]) => [name, { start: place(start), end: place(end) }]),
  )
}

function isCut({ cuts }: Skeleton, span: Span | undefined): boolean {
  return span !== undefined && cuts.some(({ at }) => span.start < at && at < span.end)
}
