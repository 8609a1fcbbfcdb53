// Reads a message without building objects: one pass over the bytes checks that they are JSON (RFC 8259) and notes
// where the top-level members of a JSON-RPC message stand. On the path it is step 2, for both directions.
// A JSON.parse + stringify would round 9007199254740993, turn 1e400 into null and cost ten times as much.
// protocol.md 0.4.
import { decode, encode } from './utf8.ts'

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

/** Deeper than any parser on the other side would follow. */
const DEEPEST = 10_000

/** Taken apart, an array of "1," takes three hundred times its bytes. */
const LONGEST_BATCH = 10_000
const TAB = 9
const LF = 10
const CR = 13
const SPACE = 32
const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_ARRAY = 91
const BACKSLASH = 92
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

/** Whether the text being looked at has a newline between tokens: the white space is seen in one place only. */
let sawNewline = false

/** Looks at one JSON text. Linear in its length; never throws. */
export function peek(bytes: Uint8Array): Peeked {
  sawNewline = false
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
    if (name !== undefined) shape[name] = value
  })
  return isWhole(bytes, end) ? { kind: 'object', shape, hasNewline: sawNewline } : { kind: 'invalid', shape }
}

function isWhole(bytes: Uint8Array, end: number): boolean {
  return end >= 0 && skipSpace(bytes, end) === bytes.length
}

/** The member that the string from `start` to `end` names, if it is one of a message's. */
function nameAt(bytes: Uint8Array, start: number, end: number): keyof Shape | undefined {
  const candidate = CANDIDATES.get((end - start - 2) * 256 + bytes[start + 1]!)
  if (candidate !== undefined && isNamed(bytes, { start, end }, candidate)) return candidate.text
  return NAMES.find((name) => isEscaped(bytes, { start, end }, name.text))?.text
}

interface Name<Text extends string> {
  readonly text: Text
  readonly bytes: Uint8Array
}

function nameOf<Text extends string>(text: Text): Name<Text> {
  return { text, bytes: encode(text) }
}

const NAMES = (['jsonrpc', 'id', 'method', 'params', 'result', 'error'] as const).map(nameOf)
/** By length and first letter, in which all of them differ. */
const CANDIDATES = new Map(NAMES.map((name) => [name.bytes.length * 256 + name.bytes[0]!, name]))

/** Compared byte by byte: making text of each key takes three times as long (bench: CPU per 1,000 calls). */
function isNamed(bytes: Uint8Array, key: Span, name: Name<string>): boolean {
  if (key.end - key.start - 2 !== name.bytes.length) return false
  for (let at = 0; at < name.bytes.length; at++) {
    if (bytes[key.start + 1 + at] !== name.bytes[at]) return false
  }
  return true
}

/** Whether it is this name written with escapes. */
function isEscaped(bytes: Uint8Array, key: Span, name: string): boolean {
  for (let at = key.start + 1; at < key.end - 1; at++) {
    if (bytes[at] === BACKSLASH) return readString(bytes, key) === name
  }
  return false
}

/**
 * Follows member names from an object inside `bytes` and returns where the value stands, or undefined. The bytes
 * must have passed `peek`. Of duplicate names the last counts.
 */
export function find(bytes: Uint8Array, within: Span, ...path: readonly string[]): Span | undefined {
  let span: Span | undefined = within
  for (const name of path.map(nameOf)) {
    if (span === undefined || bytes[span.start] !== OPEN_OBJECT) return undefined
    let found: Span | undefined
    eachMember(bytes, span.start, (start, end, value) => {
      if (isNamed(bytes, { start, end }, name) || isEscaped(bytes, { start, end }, name.text)) found = value
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

/** The index behind the value at `i`, or -1 if there is none. A loop, not a recursion: depth is the sender's choice. */
function skipValue(bytes: Uint8Array, i: number): number {
  const first = bytes[i]
  if (first === QUOTE) return skipString(bytes, i)
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return skipLiteral(bytes, i)
  const open: number[] = []
  let at = i
  for (;;) {
    const byte = bytes[at]
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      const close = byte + 2
      at = skipSpace(bytes, at + 1)
      if (bytes[at] === close) at++
      else {
        if (open.push(close) > DEEPEST) return -1
        if (close === CLOSE_OBJECT) at = skipKey(bytes, at)
        if (at < 0) return -1
        continue
      }
    } else {
      at = byte === QUOTE ? skipString(bytes, at) : skipLiteral(bytes, at)
      if (at < 0) return -1
    }
    for (;;) {
      const close = open[open.length - 1]
      if (close === undefined) return at
      at = skipSpace(bytes, at)
      if (bytes[at] === close) {
        open.pop()
        at++
      } else if (bytes[at] === COMMA) {
        at = skipSpace(bytes, at + 1)
        if (close === CLOSE_OBJECT) at = skipKey(bytes, at)
        if (at < 0) return -1
        break
      } else return -1
    }
  }
}

/** From a member's name to the first byte of its value, or -1. */
function skipKey(bytes: Uint8Array, i: number): number {
  const end = bytes[i] === QUOTE ? skipString(bytes, i) : -1
  if (end < 0) return -1
  const colon = skipSpace(bytes, end)
  return bytes[colon] === COLON ? skipSpace(bytes, colon + 1) : -1
}

function skipString(bytes: Uint8Array, i: number): number {
  for (let at = i + 1; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte > BACKSLASH) continue
    if (byte === QUOTE) return at + 1
    if (byte < SPACE) return -1
    if (byte === BACKSLASH) {
      const escaped = bytes[++at]
      if (escaped === 0x75) {
        for (let digit = 1; digit <= 4; digit++) if (!isHex(bytes[at + digit])) return -1
        at += 4
      } else if (escaped === undefined || !ESCAPABLE.has(escaped)) return -1
    }
  }
  return -1
}

const ESCAPABLE: ReadonlySet<number> = new Set([...'"\\/bfnrt'].map((character) => character.charCodeAt(0)))
const WORDS = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), encode(word)]))

function skipLiteral(bytes: Uint8Array, i: number): number {
  const word = WORDS.get(bytes[i] ?? 0)
  if (word === undefined) return skipNumber(bytes, i)
  for (let at = 0; at < word.length; at++) if (bytes[i + at] !== word[at]) return -1
  return i + word.length
}

function skipNumber(bytes: Uint8Array, i: number): number {
  let at = bytes[i] === 0x2d ? i + 1 : i
  const whole = skipDigits(bytes, at)
  if (whole === at || (bytes[at] === 0x30 && whole > at + 1)) return -1
  at = whole
  if (bytes[at] === 0x2e) {
    const fraction = skipDigits(bytes, at + 1)
    if (fraction === at + 1) return -1
    at = fraction
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    const sign = bytes[at + 1]
    const from = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1
    const exponent = skipDigits(bytes, from)
    if (exponent === from) return -1
    at = exponent
  }
  return at
}

function skipDigits(bytes: Uint8Array, i: number): number {
  let at = i
  while (isDigit(bytes[at])) at++
  return at
}

function skipSpace(bytes: Uint8Array, i: number): number {
  let at = i
  for (;;) {
    const byte = bytes[at]
    if (byte === LF || byte === CR) sawNewline = true
    else if (byte !== SPACE && byte !== TAB) return at
    at++
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

function isHex(byte: number | undefined): boolean {
  if (byte === undefined) return false
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
}
