// Where a stream stands: the last event id, by which it can be taken up again, and how long the remote asks to wait.
// Both come from the remote and are not trusted. protocol.md 0.7, A.4; WHATWG HTML, "Last-Event-ID".
import { encode } from '../message/utf8.ts'

/** Longer ones are not sent back: a header has its limits. */
const LONGEST_ID = 4096
/** 0 would be a loop that costs both sides a core. */
const SHORTEST_RETRY_MS = 100
/** A remote that asks for a day would leave its caller waiting for one. */
const LONGEST_RETRY_MS = 60_000

export interface Cursor {
  /** The value for the header `Last-Event-ID`; undefined where there is no place to go on from. */
  lastEventId: string | undefined
  retryMs: number | undefined
}

export function createCursor(): Cursor {
  return { lastEventId: undefined, retryMs: undefined }
}

/** Takes an id of the stream. One that no header can carry leaves no place to go on from, as an empty one does. */
export function takeId(cursor: Cursor, id: string): void {
  const bytes = encode(id)
  const isSendable =
    bytes.length > 0 && bytes.length <= LONGEST_ID && bytes.every((byte) => byte >= 0x20 && byte !== 0x7f)
  // UTF-8, as HTML has it; Node writes header values as Latin-1.
  cursor.lastEventId = isSendable && id === id.trim() ? String.fromCharCode(...bytes) : undefined
}

export function takeRetry(cursor: Cursor, milliseconds: number): void {
  cursor.retryMs = Math.min(Math.max(milliseconds, SHORTEST_RETRY_MS), LONGEST_RETRY_MS)
}
