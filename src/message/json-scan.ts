// Where a JSON value ends (RFC 8259), found without building anything. What peek.ts reads messages with.
// protocol.md 0.4.
import { encode } from './utf8.ts'

/** Deeper than any parser on the other side would follow. */
const DEEPEST = 10_000
/** What closes the values that are open: one list for all, as only one text is looked at. */
const open = new Uint8Array(DEEPEST)

const TAB = 9
const LF = 10
const CR = 13
const SPACE = 32
export const QUOTE = 34
export const COMMA = 44
export const COLON = 58
export const OPEN_ARRAY = 91
export const BACKSLASH = 92
export const CLOSE_ARRAY = 93
export const OPEN_OBJECT = 123
export const CLOSE_OBJECT = 125

/** Whether the text being looked at has a newline between tokens: the white space is seen in one place only. */
export let sawNewline = false

/** Another text is looked at. */
export function forgetNewline(): void {
  sawNewline = false
}

/** The index behind the value at `i`, or -1 if there is none. A loop, not a recursion: depth is the sender's choice. */
export function skipValue(bytes: Uint8Array, i: number): number {
  const first = bytes[i]
  if (first === QUOTE) return skipString(bytes, i)
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return skipLiteral(bytes, i)
  let depth = 0
  let at = i
  for (;;) {
    const byte = bytes[at]
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      const close = byte + 2
      at = skipSpace(bytes, at + 1)
      if (bytes[at] === close) at++
      else {
        if (depth === DEEPEST) return -1
        open[depth++] = close
        if (close === CLOSE_OBJECT) at = skipKey(bytes, at)
        if (at < 0) return -1
        continue
      }
    } else {
      at = byte === QUOTE ? skipString(bytes, at) : skipLiteral(bytes, at)
      if (at < 0) return -1
    }
    for (;;) {
      if (depth === 0) return at
      const close = open[depth - 1]!
      at = skipSpace(bytes, at)
      if (bytes[at] === close) {
        depth--
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

/** From here on a string is looked at by four bytes at a time: to set that up costs more than the bytes before. */
const LONG = 64
/** A word's first byte is its lowest one. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** The index behind the string at `i`, or -1. */
export function skipString(bytes: Uint8Array, i: number): number {
  const at = skipContent(bytes, i + 1)
  return bytes[at] === QUOTE ? at + 1 : -1
}

/**
 * Goes on within a string, at `i`. Returns where its quote stands, or the first of what cannot stand in a string; the
 * length of `bytes` where all the rest can.
 */
export function skipContent(bytes: Uint8Array, i: number): number {
  const near = IS_LITTLE_ENDIAN ? Math.min(bytes.length, i + LONG) : bytes.length
  const at = contentUntil(bytes, i, near)
  return at >= near && at < bytes.length ? skipLongContent(bytes, at) : at
}

function contentUntil(bytes: Uint8Array, i: number, end: number): number {
  let at = i
  for (; at < end; at++) {
    const byte = bytes[at]!
    if (byte > BACKSLASH) continue
    if (byte === QUOTE || byte < SPACE) return at
    if (byte === BACKSLASH) {
      const last = skipEscape(bytes, at)
      if (last < 0) return at
      at = last
    }
  }
  return at
}

/** The same from one byte that means something to the next (bench: a result of 50 MB). */
function skipLongContent(bytes: Uint8Array, i: number): number {
  /** How many bytes of the first word stand before ours. */
  const before = bytes.byteOffset & 3
  const last = ((bytes.length + before) >>> 2) - 1
  const words = new Int32Array(bytes.buffer, bytes.byteOffset - before, last + 1)
  let at = i
  for (;;) {
    let word = (at + before) >>> 2
    if (word > last) break
    let found = suspects(words[word]!) & (0x80808080 << (((at + before) & 3) * 8))
    while (found === 0 && word < last) found = suspects(words[++word]!)
    if (found === 0) {
      at = (last + 1) * 4 - before
      break
    }
    // The lowest bit tells the first of them.
    at = word * 4 - before + ((31 - Math.clz32(found & -found)) >> 3)
    const byte = bytes[at]!
    if (byte === BACKSLASH) {
      // Most are of one letter, and a call for each of those takes a fifth of the time.
      if (ESCAPABLE[bytes[at + 1] ?? 0] === 1) at++
      else {
        const escaped = skipEscape(bytes, at)
        if (escaped < 0) return at
        at = escaped
      }
    } else if (byte === QUOTE || byte < SPACE) return at
    at++
  }
  // Behind the last word are three bytes at most.
  return contentUntil(bytes, at, bytes.length)
}

/**
 * The highest bit of each byte that is a quote, a backslash or a control character; and perhaps that of the byte above
 * such a one, from which it borrowed.
 */
function suspects(word: number): number {
  return (((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101)) & ~word & 0x80808080
}

/** From a backslash to the last byte of what it begins, or -1. */
function skipEscape(bytes: Uint8Array, i: number): number {
  const escaped = bytes[i + 1] ?? 0
  if (escaped !== 0x75) return ESCAPABLE[escaped] === 1 ? i + 1 : -1
  for (let digit = 2; digit <= 5; digit++) if (!isHex(bytes[i + digit])) return -1
  return i + 5
}

const ESCAPABLE = new Uint8Array(256)
for (const byte of encode('"\\/bfnrt')) ESCAPABLE[byte] = 1
const WORDS = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), encode(word)]))

function skipLiteral(bytes: Uint8Array, i: number): number {
  const first = bytes[i] ?? 0
  const word = first > CLOSE_ARRAY ? WORDS.get(first) : undefined
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

/** Most messages have no white space, and V8 puts what is so short wherever it is called (bench: 10,000 progress …). */
export function skipSpace(bytes: Uint8Array, i: number): number {
  return bytes[i]! > SPACE ? i : skipBlanks(bytes, i)
}

function skipBlanks(bytes: Uint8Array, i: number): number {
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
