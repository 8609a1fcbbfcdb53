// What a message says, read so that no reader can find something else in it: member names count in any case, since some
// parsers take `Name` for `name`, and of duplicates some take the first and some the last. protocol.md 0.4; for what hides.
import type { Envelope } from '../message/envelope.ts'
import { isObjectAt, readString, type Span } from '../message/peek.ts'
import { membersOf } from '../message/rewrite.ts'

export type Said =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'nothing' }
  /** No text, or not the same for every reader. */
  | { readonly kind: 'unclear' }

/** Where the object of a message stands. */
export function wholeOf({ bytes }: Envelope): Span {
  return { start: bytes.indexOf(0x7b), end: bytes.length }
}

/** The values of all members that some reader takes for the one of this name. */
export function valuesOf(bytes: Uint8Array, span: Span | undefined, name: string): Span[] {
  const folded = fold(name)
  return membersOf(bytes, span)
    .filter((member) => fold(member.name) === folded)
    .map(({ value }) => value)
}

/** The one object that all readers find there. */
export function objectIn(bytes: Uint8Array, span: Span | undefined, name: string): Span | undefined {
  const [value, ...others] = valuesOf(bytes, span, name)
  return isObjectAt(bytes, value) && others.length === 0 ? value : undefined
}

/** What the member of this name says to every reader. */
export function textIn(bytes: Uint8Array, span: Span | undefined, name: string): Said {
  const texts = valuesOf(bytes, span, name).map((value) => readString(bytes, value))
  const [text] = texts
  if (texts.length === 0) return { kind: 'nothing' }
  if (text === undefined || texts.some((other) => other !== text)) return { kind: 'unclear' }
  return { kind: 'text', text }
}

/**
 * Which of these members of params is there more than once, or params itself: of two the remote may take the other one, and a
 * name that is checked here would not be the name that is called there.
 */
export function doubled(envelope: Envelope, ...names: readonly string[]): string | undefined {
  const { bytes, shape } = envelope
  return doubledIn(bytes, wholeOf(envelope), 'params') ?? doubledIn(bytes, shape.params, ...names)
}

/** The same for any object. */
export function doubledIn(
  bytes: Uint8Array,
  span: Span | undefined,
  ...names: readonly string[]
): string | undefined {
  return names.find((name) => valuesOf(bytes, span, name).length > 1)
}

/** Letters that are the same to whoever does not look at their case, the long s and the Kelvin sign with them. */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase()
}
