// A long text that comes in parts → pieces, in which it stays: joining at every part is quadratic, and one array for all of
// it is memory that the system has to find anew each time, which takes longer than all the rest (bench: large results). Only
// what begins as a text of many short values is copied into one as it comes: it would be read as one in the end.
import { BACKSLASH } from './json-scan.ts'
import { skeletonOf } from './skeleton.ts'
import type { Text } from './text.ts'
import { join } from './utf8.ts'

export interface Parts {
  readonly sizeBytes: number
  add(part: Uint8Array): void
  /** All that has come; what comes next begins anew. */
  take(): Text
}

/** Fewer bytes than this are joined. */
const LONG_BYTES = 1024 * 1024
/** A part of so many bytes is a piece. Shorter ones are joined, or as many: each costs some hundred bytes. */
const PIECE_BYTES = 4096
const MANY_PARTS = 1024

/** Makes an empty one. */
export function createParts(): Parts {
  let pieces: Uint8Array[] = []
  /** What is too short to be a piece. */
  let short: Uint8Array[] = []
  let shortBytes = 0
  let sizeBytes = 0
  /** What all of it is copied into as it comes, where it would be joined in the end. */
  let room: Uint8Array | undefined

  function close(): void {
    if (shortBytes > 0) append(pieces, join(short))
    short = []
    shortBytes = 0
  }

  return {
    get sizeBytes() {
      return sizeBytes
    },
    add(part) {
      if (room !== undefined) {
        const sum = sizeBytes + part.length
        if (sum > room.length) room = roomFor([room.subarray(0, sizeBytes)], sum)
        room.set(part, sizeBytes)
        sizeBytes = sum
        if (sum % COPIED_BYTES < part.length) release(YOUNG_BYTES)
        return
      }
      if (part.length >= PIECE_BYTES) close()
      short.push(part)
      shortBytes += part.length
      sizeBytes += part.length
      if (shortBytes >= PIECE_BYTES || short.length === MANY_PARTS) close()
      if (sizeBytes < LONG_BYTES || sizeBytes - part.length >= LONG_BYTES) return
      letGo()
      close()
      // The last of them may yet be torn.
      if (skeletonOf(pieces.slice(0, -1)) !== undefined) return
      room = roomFor(pieces, sizeBytes)
      pieces = []
    },
    take() {
      close()
      const isLong = sizeBytes >= LONG_BYTES && pieces.length > 1
      const text = room?.subarray(0, sizeBytes) ?? (isLong ? pieces : join(pieces))
      takenBytes += sizeBytes
      pieces = []
      room = undefined
      sizeBytes = 0
      return text
    },
  }
}

/** Adds a piece, and as a piece by itself what it would have torn from the one before: each can then be looked at alone. */
function append(pieces: Uint8Array[], piece: Uint8Array): void {
  const last = pieces.at(-1)
  const torn = last?.subarray(wholeUntil(last)) ?? piece.subarray(0, 0)
  if (last === undefined || torn.length === 0) {
    pieces.push(piece)
    return
  }
  const seam = join([torn, piece.subarray(0, LONGEST_BYTES)])
  const size = sizeAt(seam, 0)
  pieces.pop()
  for (const each of [
    last.subarray(0, last.length - torn.length),
    seam.subarray(0, size),
    piece.subarray(size - torn.length),
  ])
    if (each.length > 0) pieces.push(each)
}

/** An escape: `\u0000`. */
const LONGEST_BYTES = 6
const MOST_BACKSLASHES = 64
const U = 0x75

/**
 * The index behind the last character and the last escape that `bytes` has the whole of. Behind ever so many backslashes
 * it may be within one.
 */
function wholeUntil(bytes: Uint8Array): number {
  const { length } = bytes
  let at = Math.max(0, length - 2 * LONGEST_BYTES)
  while (bytes[at - 1] === BACKSLASH && length - at < MOST_BACKSLASHES) at--
  while (at < length) {
    const next = at + sizeAt(bytes, at)
    if (next > length) return at
    at = next
  }
  return length
}

/** How many bytes the character or the escape at `at` has, by how it begins; one where it does not begin there. */
function sizeAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!
  if (first === BACKSLASH) return bytes[at + 1] === U ? LONGEST_BYTES : 2
  return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
}

/** A new room needs more than `atLeast` bytes seldom: what nothing has been written to costs nothing. */
const GROWTH = 8

/** A room of `atLeast` bytes or more, with these pieces in it. */
function roomFor(pieces: readonly Uint8Array[], atLeast: number): Uint8Array {
  const room = roomOf(GROWTH * atLeast, atLeast)
  let at = 0
  for (const piece of pieces) {
    room.set(piece, at)
    at += piece.length
  }
  return room
}

/** Not every system promises memory that is not there: then it is less, and at least so much. */
function roomOf(wanted: number, atLeast: number): Uint8Array {
  try {
    return new Uint8Array(wanted)
  } catch (thrown) {
    if (wanted <= atLeast) throw thrown
    return roomOf(Math.max(atLeast, wanted / 2), atLeast)
  }
}

/** How many bytes of parts that have been copied may lie about. */
const COPIED_BYTES = 8 * 1024 * 1024
/** Of texts that have been taken, since V8 last looked for what is left of them. */
let takenBytes = 0
const LEFT_BYTES = 32 * 1024 * 1024
/** More than V8 lets young arrays hold before it looks which of them are in use. */
const YOUNG_BYTES = 34 * 1024 * 1024
/** What V8 lets all of them hold, beyond what was in use the last time, before it looks at all; which takes ten times as long. */
const ALL_BYTES = 64 * 1024 * 1024

/** The pieces of texts that have passed. */
function letGo(): void {
  if (takenBytes < LEFT_BYTES) return
  takenBytes = 0
  release(ALL_BYTES)
}

/**
 * Has V8 let go of arrays, of which it sees only that they are small objects, by an array that holds so much. It does not ask
 * whether anything was written to it, and what nothing was written to costs nothing (bench: large results, peak RSS).
 */
function release(ballastBytes: number): void {
  try {
    ballast.push(new Uint8Array(ballastBytes))
  } catch {
    // V8 has looked before it gave up.
  }
  ballast.length = 0
}

const ballast: Uint8Array[] = []
