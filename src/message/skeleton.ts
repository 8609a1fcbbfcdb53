// A long JSON text in pieces → the same text with a mark for what its long strings say. It is JSON where the text is, has the
// same members at the same depths, and is short enough to be read at once (bench: large results). What it leaves out has
// been looked at here, as json-scan.ts would have: RFC 8259.
import { QUOTE, skipContent } from './json-scan.ts'
import { encode, join } from './utf8.ts'

export interface Skeleton {
  readonly bytes: Uint8Array
  /** Where something was left out, in their order. */
  readonly cuts: readonly Cut[]
}

export interface Cut {
  /** In the skeleton, behind the mark. */
  readonly at: number
  readonly sizeBytes: number
}

/** What is shorter stays. No name, version or method that anybody knows is as long, however it is written. */
const LONG_BYTES = 1024
/** Stands for what was left out: the rest of a long name is not taken for a short one. No name that is known has it. */
const MARK = encode('-')
/** So much may stay, and of what comes so small a part: where it is more, the text is as well read as it is. */
const STAYS_BYTES = 256 * 1024
const STAYS_PART = 1 / 8

/** Undefined where too much stays, where there is something in a string that cannot be, or where a piece ends in an escape. */
export function skeletonOf(pieces: readonly Uint8Array[]): Skeleton | undefined {
  const kept: Uint8Array[] = []
  const cuts: Cut[] = []
  let mostBytes = STAYS_BYTES
  let keptBytes = 0
  let isInString = false

  function keep(part: Uint8Array): void {
    kept.push(part)
    keptBytes += part.length
  }

  for (const piece of pieces) {
    const { length } = piece
    let from = 0
    for (let at = 0; at < length; at++) {
      if (!isInString) {
        while (at < length && piece[at] !== QUOTE) at++
        isInString = at < length
        continue
      }
      const end = skipContent(piece, at)
      if (end - at >= LONG_BYTES) {
        keep(piece.subarray(from, at))
        keep(MARK)
        cuts.push({ at: keptBytes, sizeBytes: end - at - MARK.length })
        from = end
      }
      at = end
      if (at === length) break
      if (piece[at] !== QUOTE) return undefined
      isInString = false
    }
    if (from < length) keep(piece.subarray(from))
    mostBytes += length * STAYS_PART
    if (keptBytes > mostBytes) return undefined
  }
  return { bytes: join(kept), cuts }
}
