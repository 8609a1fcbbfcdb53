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

/** What it begins with: `mostBytes`, or less. */
export function beginningOf(text: Text, mostBytes: number): Uint8Array {
  return (isJoined(text) ? text : text[0]!).subarray(0, mostBytes)
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
