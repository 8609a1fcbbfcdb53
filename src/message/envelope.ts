// The one unit that travels: a message's bytes, and what is known of them without opening it.
// Steps 2 and 8 of the path (architecture.md 1). Ids: protocol.md 0.4.
import { find, type Peeked, peek, readString, type Shape, type Span } from './peek.ts'
import type { Text } from './text.ts'
import { decode, isSame } from './utf8.ts'

export type Kind = 'request' | 'response' | 'notification'

/**
 * A request id as it was written, and as it is compared: numbers by their text, so that 2^53 and 2^53+1 are two ids,
 * and strings by what they mean. 0 and "0" differ.
 */
export interface Id {
  /** The JSON token, byte for byte. */
  readonly raw: string
  /** A string's begins with a quote, a number's never does. */
  readonly key: string
}

export interface Envelope {
  readonly kind: Kind
  /** One JSON text. Never changed in place once it is in an envelope. */
  readonly bytes: Uint8Array
  /** The same, of a long message that came in pieces: whoever asks for `bytes` has them joined, and there are none. */
  readonly pieces?: readonly Uint8Array[] | undefined
  /** Of one in pieces, the same with a mark for what its long strings say. */
  readonly skeleton?: Uint8Array
  readonly shape: Shape
  /** Whether it must be made one line before it is written as one. */
  readonly hasNewline: boolean
  /** Absent in notifications, and in a response that has none or null: what it answers is then known from elsewhere. */
  readonly id?: Id
  readonly method?: string
}

/** All of it, as it is: not joined for this. */
export function textOf(envelope: Envelope): Text {
  return envelope.pieces ?? envelope.bytes
}

/** Where the value stands that a path leads to from one of the message's own members. */
export function spanAt(
  envelope: Envelope,
  member: keyof Shape,
  ...path: readonly string[]
): Span | undefined {
  const within = envelope.shape[member]
  return within && find(envelope.bytes, within, ...path)
}

/** The text of the JSON string that stands there, or undefined if something else stands there. */
export function stringAt(
  envelope: Envelope,
  member: keyof Shape,
  ...path: readonly string[]
): string | undefined {
  const span = spanAt(envelope, member, ...path)
  return span && readString(envelope.bytes, span)
}

export type Reading =
  | { readonly kind: 'message'; readonly envelope: Envelope }
  /** A batch (2025-03-26): each element is to be read by itself. */
  | { readonly kind: 'batch'; readonly elements: readonly Uint8Array[] }
  | { readonly kind: 'not-json'; readonly shape: Shape }
  /** JSON, but not JSON-RPC 2.0; with its id where that is a string or a number. */
  | { readonly kind: 'not-a-message'; readonly id?: Id }

/** Reads one JSON text. Never throws; linear. */
export function read(bytes: Uint8Array): Reading {
  const peeked: Peeked = peek(bytes)
  switch (peeked.kind) {
    case 'invalid':
      return { kind: 'not-json', shape: peeked.shape }
    case 'scalar':
      return { kind: 'not-a-message' }
    case 'array':
      return { kind: 'batch', elements: peeked.elements.map((span) => bytes.subarray(span.start, span.end)) }
    case 'object':
      return readObject(bytes, peeked)
  }
}

function readObject(bytes: Uint8Array, { shape, hasNewline }: Extract<Peeked, { kind: 'object' }>): Reading {
  const id = readId(bytes, shape.id)
  const method = shape.method && readMethod(bytes, shape.method)
  if (!isVersion2(bytes, shape.jsonrpc)) return notAMessage(id)
  if (method !== undefined) {
    if (shape.id === undefined) return message({ kind: 'notification', bytes, shape, hasNewline, method })
    if (id === undefined) return notAMessage(id)
    return message({ kind: 'request', bytes, shape, hasNewline, id, method })
  }
  const isAnswer = shape.method === undefined && (shape.result !== undefined || shape.error !== undefined)
  if (!isAnswer) return notAMessage(id)
  if (id !== undefined) return message({ kind: 'response', bytes, shape, hasNewline, id })
  const isNobodys = shape.id === undefined || bytes[shape.id.start] === NULL
  return isNobodys ? message({ kind: 'response', bytes, shape, hasNewline }) : notAMessage(id)
}

/** A method as text and as it stands in a message, by its length and last letter. */
const methods: ({ readonly raw: Uint8Array; readonly text: string } | undefined)[] = []
const LONGEST_METHOD = 64

/** The same few methods come all the time, and comparing costs a tenth of making text (bench: 10,000 progress …). */
function readMethod(bytes: Uint8Array, { start, end }: Span): string | undefined {
  const length = end - start
  if (length > LONGEST_METHOD) return readString(bytes, { start, end })
  const place = length * 8 + (bytes[end - 2]! & 7)
  const known = methods[place]
  if (known !== undefined && isSame(bytes, start, end, known.raw)) return known.text
  const text = readString(bytes, { start, end })
  if (text !== undefined) methods[place] = { raw: Uint8Array.from(bytes.subarray(start, end)), text }
  return text
}

function message(envelope: Envelope): Reading {
  return { kind: 'message', envelope }
}

function notAMessage(id: Id | undefined): Reading {
  return id === undefined ? { kind: 'not-a-message' } : { kind: 'not-a-message', id }
}

/** The first letter of `null`, with which no other value begins. */
const NULL = 0x6e

/** Nearly always written `"2.0"`; escapes in it are as good. */
function isVersion2(bytes: Uint8Array, span: Span | undefined): boolean {
  if (span === undefined) return false
  const { start, end } = span
  const isPlain = end - start === 5 && bytes[start] === 0x22 && bytes[start + 1] === 0x32
  if (isPlain && bytes[start + 2] === 0x2e && bytes[start + 3] === 0x30) return true
  return readString(bytes, span) === '2.0'
}

/** The digits at `span` as text: a whole number that is small enough to be made text of at once, not letter by letter. */
function readSmallNumber(bytes: Uint8Array, { start, end }: Span): string | undefined {
  if (end - start > 9) return undefined
  let number = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30
    if (digit < 0 || digit > 9) return undefined
    number = number * 10 + digit
  }
  return String(number)
}

/** The id at `span`, or undefined where there is none or it is neither a string nor a number. */
export function readId(bytes: Uint8Array, span: Span | undefined): Id | undefined {
  if (span === undefined) return undefined
  const first = bytes[span.start]!
  if (first === 0x22) {
    const raw = decode(bytes.subarray(span.start, span.end))
    return { raw, key: `"${readString(bytes, span)}` }
  }
  if (first !== 0x2d && (first < 0x30 || first > 0x39)) return undefined
  const raw = readSmallNumber(bytes, span) ?? decode(bytes.subarray(span.start, span.end))
  return { raw, key: raw }
}
