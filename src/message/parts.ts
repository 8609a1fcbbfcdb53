// A long text that comes in parts → pieces, in which it stays: joining at every part is quadratic, and one array for all of
// it is memory that the system has to find anew each time, which takes longer than all the rest (bench: large results).
import { BACKSLASH } from './json-scan.ts'
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
      if (part.length >= PIECE_BYTES) close()
      short.push(part)
      shortBytes += part.length
      sizeBytes += part.length
      if (shortBytes >= PIECE_BYTES || short.length === MANY_PARTS) close()
      if (sizeBytes >= LONG_BYTES) sweep()
    },
    take() {
      close()
      const isLong = sizeBytes >= LONG_BYTES && pieces.length > 1
      const text = isLong ? pieces : join(pieces)
      takenBytes += sizeBytes
      pieces = []
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

/** Of texts that have been taken, since V8 last looked. */
let takenBytes = 0
const SWEPT_BYTES = 32 * 1024 * 1024
/** What V8 lets arrays hold more than it last found in use before it looks at what still is. */
const BALLAST_BYTES = 64 * 1024 * 1024

/**
 * Has V8 let go of the pieces of texts that have passed, of which it sees only that they are small objects. It does not ask
 * whether anything was written to an array, and one without costs nothing (bench: large results, peak RSS).
 */
function sweep(): void {
  if (takenBytes < SWEPT_BYTES) return
  takenBytes = 0
  try {
    ballast.push(new Uint8Array(BALLAST_BYTES))
  } catch {
    // V8 has looked before it gave up.
  }
  ballast.length = 0
}

const ballast: Uint8Array[] = []
