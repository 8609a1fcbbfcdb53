// Bytes → lines. Splits at LF alone: U+2028 and a lone CR are data (protocol.md 0.3). Step 1 of the path.
// A line that spans chunks is kept in pieces; over the limit it is dropped but for its two ends, in which its id may still
// be found.
import { createParts } from './parts.ts'
import { beginningOf, behind, isJoined, joined, sizeOf, type Text, withEnds } from './text.ts'
import { join } from './utf8.ts'

const LF = 10
const CR = 13
const PREFIX_BYTES = 64 * 1024
const TAIL_BYTES = 4 * 1024

export interface LineEvents {
  /** One line that is not blank, without its LF or CRLF. */
  line(text: Text): void
  /** A line over the limit: its first 64 KiB, its last 4 KiB, and how long it was. */
  tooLong(prefix: Uint8Array, tail: Uint8Array, sizeBytes: number): void
}

export interface Lines {
  push(chunk: Uint8Array): void
  /** The input has ended: what is left is a line, also without a newline. */
  end(): void
}

/** Makes a splitter that holds at most `limitBytes` of an unfinished line. */
export function createLines(limitBytes: number, events: LineEvents): Lines {
  const fragments = createParts()
  let size = 0
  let prefix: Uint8Array | undefined
  let tail: Uint8Array = new Uint8Array(0)
  let isFirst = true

  function add(part: Uint8Array): void {
    size += part.length
    if (prefix === undefined) {
      fragments.add(part)
      if (size <= limitBytes + 1) return
      const whole = fragments.take()
      prefix = beginningOf(whole, PREFIX_BYTES).slice()
      tail = endOf(whole).slice()
    } else tail = join([tail, part.subarray(-TAIL_BYTES)]).slice(-TAIL_BYTES)
  }

  function finish(): void {
    if (prefix !== undefined) {
      isFirst = false
      events.tooLong(prefix, tail, size)
    } else if (size > 0) emit(fragments.take())
    size = 0
    prefix = undefined
  }

  function emit(whole: Text): void {
    let line = withEnds(whole, asItIs, withoutCr)
    // As it came, so that it does not matter whether it came in pieces.
    const isTooLong = sizeOf(line) > limitBytes
    if (isFirst) line = withEnds(line, withoutBom, asItIs)
    isFirst = false
    if (isTooLong) events.tooLong(beginningOf(whole, PREFIX_BYTES), endOf(whole), sizeOf(whole))
    else if (!isBlank(line)) events.line(line)
  }

  return {
    push(chunk) {
      let from = 0
      for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
        if (size === 0) emit(chunk.subarray(from, at))
        else {
          add(chunk.subarray(from, at))
          finish()
        }
        from = at + 1
      }
      if (from < chunk.length) add(chunk.subarray(from))
    },
    end: finish,
  }
}

/** Whether a UTF-8 byte order mark stands at `at`. */
export function hasBom(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf
}

function endOf(text: Text): Uint8Array {
  return joined(behind(text, Math.max(0, sizeOf(text) - TAIL_BYTES)))
}

function asItIs(bytes: Uint8Array): Uint8Array {
  return bytes
}

function withoutCr(bytes: Uint8Array): Uint8Array {
  return bytes[bytes.length - 1] === CR ? bytes.subarray(0, -1) : bytes
}

function withoutBom(bytes: Uint8Array): Uint8Array {
  return hasBom(bytes, 0) ? bytes.subarray(3) : bytes
}

function isBlank(text: Text): boolean {
  return isJoined(text) ? text.every(isSpace) : text.every(isBlank)
}

/** Without white space and a byte order mark at the ends. */
export function trim(text: Text): Text {
  const bare = trimSpace(text)
  const head = isJoined(bare) ? bare : beginningOf(bare, 3)
  return hasBom(head, 0) ? trimSpace(behind(bare, 3)) : bare
}

/** Pieces that are nothing else go whole. */
function trimSpace(text: Text): Text {
  if (isJoined(text)) return trimEnd(trimStart(text))
  const isMore = (piece: Uint8Array): boolean => !piece.every(isSpace)
  const first = text.findIndex(isMore)
  if (first < 0) return new Uint8Array(0)
  return withEnds(text.slice(first, text.findLastIndex(isMore) + 1), trimStart, trimEnd)
}

function trimStart(bytes: Uint8Array): Uint8Array {
  let start = 0
  while (start < bytes.length && isSpace(bytes[start]!)) start++
  return start === 0 ? bytes : bytes.subarray(start)
}

function trimEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && isSpace(bytes[end - 1]!)) end--
  return end === bytes.length ? bytes : bytes.subarray(0, end)
}

/** A JSON text as one line: CR and LF, which valid JSON has between tokens only, become blanks (protocol.md 0.3). */
export function oneLine(bytes: Uint8Array): Uint8Array {
  const line = new Uint8Array(bytes)
  // By a loop it takes a fifth of the time of `map`, and less than by jumps where the lines are short.
  for (let at = 0; at < line.length; at++) if (line[at] === LF || line[at] === CR) line[at] = 0x20
  return line
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === LF || byte === CR || byte === 0x09
}
