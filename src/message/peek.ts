// Reads a message without building objects: one pass over the bytes checks that they are JSON (RFC 8259) and notes
// where the top-level members of a JSON-RPC message stand. On the path it is step 2, for both directions.
// A JSON.parse + stringify would round 9007199254740993, turn 1e400 into null and cost ten times as much.
// protocol.md 0.4.
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  forgetNewline,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  sawNewline,
  skipSpace,
  skipString,
  skipValue,
} from './json-scan.ts'
import { decode, encode, isSame } from './utf8.ts'

/** A half-open range of bytes. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Where the members stand that a JSON-RPC message has. Of duplicate names the last counts, as in JSON.parse. */
export interface Shape {
  jsonrpc?: Span
  id?: Span
  method?: Span
  params?: Span
  result?: Span
  error?: Span
}

export type Peeked =
  /** `hasNewline`: there is a CR or LF between tokens, so that it is no line as it stands. */
  | { readonly kind: 'object'; readonly shape: Shape; readonly hasNewline: boolean }
  | { readonly kind: 'array'; readonly elements: readonly Span[] }
  /** Valid JSON, but neither an object nor an array of messages that anybody would send. */
  | { readonly kind: 'scalar' }
  /** Not JSON. `shape` has the members that were complete before it went wrong: a cut line may still have its id. */
  | { readonly kind: 'invalid'; readonly shape: Shape }

/** Taken apart, an array of "1," takes three hundred times its bytes. */
const LONGEST_BATCH = 10_000

/** Looks at one JSON text. Linear in its length; never throws. */
export function peek(bytes: Uint8Array): Peeked {
  forgetNewline()
  const start = skipSpace(bytes, 0)
  const first = bytes[start]
  if (first === OPEN_OBJECT) return peekObject(bytes, start)
  if (first === OPEN_ARRAY) {
    const elements: Span[] = []
    const end = eachElement(bytes, start, (span) => {
      if (elements.length <= LONGEST_BATCH) elements.push(span)
    })
    if (isWhole(bytes, end) && elements.length <= LONGEST_BATCH) return { kind: 'array', elements }
  }
  return isWhole(bytes, skipValue(bytes, start)) ? { kind: 'scalar' } : { kind: 'invalid', shape: {} }
}

function peekObject(bytes: Uint8Array, start: number): Peeked {
  const shape: Shape = {}
  const end = eachMember(bytes, start, (keyStart, keyEnd, value) => {
    const name = nameAt(bytes, keyStart, keyEnd)
    if (name !== undefined) setMember(shape, name, value)
  })
  return isWhole(bytes, end) ? { kind: 'object', shape, hasNewline: sawNewline } : { kind: 'invalid', shape }
}

/** `shape[name] = value` takes as long as reading the member (bench: 10,000 progress …). */
function setMember(shape: Shape, name: keyof Shape, value: Span): void {
  if (name === 'jsonrpc') shape.jsonrpc = value
  else if (name === 'id') shape.id = value
  else if (name === 'method') shape.method = value
  else if (name === 'params') shape.params = value
  else if (name === 'result') shape.result = value
  else shape.error = value
}

function isWhole(bytes: Uint8Array, end: number): boolean {
  return end >= 0 && skipSpace(bytes, end) === bytes.length
}

/** The member that the string from `start` to `end` names, if it is one of a message's. */
function nameAt(bytes: Uint8Array, start: number, end: number): keyof Shape | undefined {
  const first = bytes[start + 1]!
  const candidate = CANDIDATES[first & 31]
  if (candidate !== undefined) {
    const { name, raw } = candidate
    if (isSame(bytes, start + 1, end - 1, raw) || isNamed(bytes, start, end, name)) return name
  }
  // One whose first letter is escaped.
  return first === BACKSLASH ? NAMES.find((name) => isNamed(bytes, start, end, name)) : undefined
}

const NAMES = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'] as const
/** By the first letter, in which all of them differ. */
const CANDIDATES: ({ name: (typeof NAMES)[number]; raw: Uint8Array } | undefined)[] = new Array(32).fill(
  undefined,
)
for (const name of NAMES) CANDIDATES[name.charCodeAt(0) & 31] = { name, raw: encode(name) }

const LAST_ASCII = 0x7e

/**
 * Whether the string from `start` to `end` means `name`. Compared letter by letter: making text of each key takes
 * three times as long (bench: CPU per 1,000 calls), and making bytes of each name was a tenth of a call between the eras.
 * Where a letter may be written in several ways, the key is made text all the same.
 */
function isNamed(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const byte = bytes[start + 1 + at]
    const letter = name.charCodeAt(at)
    if (byte === BACKSLASH || letter > LAST_ASCII) return readString(bytes, { start, end }) === name
    if (byte !== letter) return false
  }
  return end - start - 2 === name.length
}

/**
 * Follows member names from an object inside `bytes` and returns where the value stands, or undefined. The bytes
 * must have passed `peek`. Of duplicate names the last counts.
 */
export function find(bytes: Uint8Array, within: Span, ...path: readonly string[]): Span | undefined {
  let span: Span | undefined = within
  for (const name of path) {
    if (span === undefined || bytes[span.start] !== OPEN_OBJECT) return undefined
    let found: Span | undefined
    eachMember(bytes, span.start, (start, end, value) => {
      if (isNamed(bytes, start, end, name)) found = value
    })
    span = found
  }
  return span
}

/** The text of a JSON string that stands at `span`, or undefined if something else stands there. */
export function readString(bytes: Uint8Array, span: Span | undefined): string | undefined {
  if (span === undefined || bytes[span.start] !== QUOTE) return undefined
  const inner = decode(bytes.subarray(span.start + 1, span.end - 1))
  return inner.includes('\\') ? (JSON.parse(`"${inner}"`) as string) : inner
}

/** Whether an object stands at `span`. */
export function isObjectAt(bytes: Uint8Array, span: Span | undefined): span is Span {
  return span !== undefined && bytes[span.start] === OPEN_OBJECT
}

/** Whether an array stands at `span`. */
export function isArrayAt(bytes: Uint8Array, span: Span | undefined): span is Span {
  return span !== undefined && bytes[span.start] === OPEN_ARRAY
}

export type VisitMember = (keyStart: number, keyEnd: number, value: Span) => void

/** Calls `visit` for each member of the object at `i`; returns the index behind the object, or -1. */
export function eachMember(bytes: Uint8Array, i: number, visit: VisitMember): number {
  let at = skipSpace(bytes, i + 1)
  if (bytes[at] === CLOSE_OBJECT) return at + 1
  for (;;) {
    const keyEnd = bytes[at] === QUOTE ? skipString(bytes, at) : -1
    if (keyEnd < 0) return -1
    const keyStart = at
    at = skipSpace(bytes, keyEnd)
    if (bytes[at] !== COLON) return -1
    const start = skipSpace(bytes, at + 1)
    const end = skipValue(bytes, start)
    if (end < 0) return -1
    visit(keyStart, keyEnd, { start, end })
    at = skipSpace(bytes, end)
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    if (bytes[at] !== COMMA) return -1
    at = skipSpace(bytes, at + 1)
  }
}

/** Calls `visit` for each element of the array at `i`; returns the index behind the array, or -1. */
export function eachElement(bytes: Uint8Array, i: number, visit: (value: Span) => void): number {
  let at = skipSpace(bytes, i + 1)
  if (bytes[at] === CLOSE_ARRAY) return at + 1
  for (;;) {
    const end = skipValue(bytes, at)
    if (end < 0) return -1
    visit({ start: at, end })
    at = skipSpace(bytes, end)
    if (bytes[at] === CLOSE_ARRAY) return at + 1
    if (bytes[at] !== COMMA) return -1
    at = skipSpace(bytes, at + 1)
  }
}
