// The bytes of a text that may be long: in one array, or in pieces, as they came. What only passes is never joined.
import { join } from './utf8.ts'

/** No piece is empty. */
export type Text = Uint8Array | readonly Uint8Array[]

export function isJoined(text: Text): text is Uint8Array {
  return text instanceof Uint8Array
}

/** In one array: the same where it is one already, else a copy. */
export function joined(text: Text): Uint8Array {
  return isJoined(text) ? text : join(text)
}

export function sizeOf(text: Text): number {
  return isJoined(text) ? text.length : text.reduce((sum, piece) => sum + piece.length, 0)
}

/** What it begins with: `mostBytes`, or all where it has fewer. */
export function beginningOf(text: Text, mostBytes: number): Uint8Array {
  if (isJoined(text)) return text.subarray(0, mostBytes)
  const first: Uint8Array[] = []
  let left = mostBytes
  for (const piece of text) {
    if (left <= 0) break
    first.push(piece.subarray(0, left))
    left -= piece.length
  }
  return join(first)
}

/** What stands behind its first `sizeBytes`. */
export function behind(text: Text, sizeBytes: number): Text {
  if (isJoined(text)) return text.subarray(sizeBytes)
  let left = sizeBytes
  const pieces = text.map((piece) => {
    const rest = piece.subarray(left)
    left = Math.max(0, left - piece.length)
    return rest
  })
  return pieces.filter((piece) => piece.length > 0)
}

/** With another beginning and another end, each made of the piece that it stands in. */
export function withEnds(
  text: Text,
  start: (first: Uint8Array) => Uint8Array,
  end: (last: Uint8Array) => Uint8Array,
): Text {
  if (isJoined(text)) return end(start(text))
  const pieces = [...text]
  pieces[0] = start(pieces[0]!)
  pieces.push(end(pieces.pop()!))
  return pieces.filter((piece) => piece.length > 0)
}
