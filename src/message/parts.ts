// A long text that comes in parts → one array. Joining at every part is quadratic, and a list of parts that is joined at
// the end takes twice the memory at that moment, and some hundred bytes for each part however small the remote cuts
// them: from some size or number on they are copied as they come, into room that grows eightfold. Room that nothing has
// been written to yet costs nothing (bench: large results, peak RSS).
import { join } from './utf8.ts'

declare const structuredClone: (
  value: ArrayBufferLike,
  options: { transfer: ArrayBufferLike[] },
) => ArrayBuffer

export interface Parts {
  readonly sizeBytes: number
  add(part: Uint8Array): void
  /** All that has come, in one; what comes next begins anew. */
  take(): Uint8Array
}

/** Fewer bytes than this, in fewer parts, are joined once. */
const LONG_BYTES = 1024 * 1024
const MANY_PARTS = 1024
const GROWTH = 8
/** How many bytes of parts that have been copied may lie about. */
const SWEPT_BYTES = 6 * 1024 * 1024
/**
 * More than the 32 MiB that V8 lets young arrays hold before it sweeps them (newer ones 64, which takes two). With as
 * much as 64 MiB at once it begins to mark all there is instead, which takes ten times as long.
 */
const BALLAST_BYTES = 34 * 1024 * 1024

/** Makes an empty one. `expectedBytes` spares copying where it is right. */
export function createParts(expectedBytes = 0): Parts {
  let list: Uint8Array[] = []
  let room: Uint8Array | undefined
  let sizeBytes = 0

  function widen(atLeast: number): Uint8Array {
    const wider = roomOf(atLeast, atLeast <= expectedBytes ? expectedBytes : GROWTH * atLeast)
    let at = 0
    for (const each of room === undefined ? list : [room.subarray(0, sizeBytes)]) {
      wider.set(each, at)
      at += each.length
    }
    list = []
    if (room !== undefined) {
      renew(room)
      sweep()
    }
    return wider
  }

  return {
    get sizeBytes() {
      return sizeBytes
    },
    add(part) {
      const sum = sizeBytes + part.length
      if (room === undefined && sum <= LONG_BYTES && list.length < MANY_PARTS) list.push(part)
      else {
        if (room === undefined || sum > room.length) room = widen(sum)
        room.set(part, sizeBytes)
        if (sum % SWEPT_BYTES < part.length) sweep()
      }
      sizeBytes = sum
    },
    take() {
      const whole = room === undefined ? join(list) : renew(room).subarray(0, sizeBytes)
      list = []
      room = undefined
      sizeBytes = 0
      return whole
    },
  }
}

/** Not every system promises memory that is not there: then it is less, and at least so much. */
function roomOf(atLeast: number, wanted: number): Uint8Array {
  try {
    return new Uint8Array(wanted)
  } catch (thrown) {
    if (wanted <= atLeast) throw thrown
    return roomOf(atLeast, Math.max(atLeast, wanted / 2))
  }
}

/**
 * The same memory in a new array; `room` has none any more. V8 lets go of what young arrays hold whenever it sweeps, but
 * a room has lived through enough sweeps to be old when it is done with, and would lie about beside the next one.
 */
function renew(room: Uint8Array): Uint8Array {
  return new Uint8Array(structuredClone(room.buffer, { transfer: [room.buffer] }))
}

const ballast: Uint8Array[] = []

/**
 * Has V8 let go of the parts, of which it sees only that they are small objects: it sweeps when young arrays hold much,
 * and does not ask whether anything was written to them. It takes half a millisecond (bench: large results, peak RSS).
 */
function sweep(): void {
  try {
    ballast.push(new Uint8Array(BALLAST_BYTES))
  } catch {
    // V8 has swept before it gave up.
  }
  ballast.length = 0
}
