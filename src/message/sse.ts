// Bytes → server-sent events, as in "Interpreting an event stream" of the WHATWG HTML standard; protocol.md 0.7.
// Works on bytes: no text is made of a message that passes. Linear in the input however it is cut: an unfinished
// line is kept in pieces (joining at every chunk takes 27 times as long for a 10 MB event).
import { BridgeError } from '../errors.ts'
import { hasBom } from './lines.ts'
import { createParts, type Parts } from './parts.ts'
import { beginningOf, behind, isJoined, joined, type Text } from './text.ts'
import { decode, encode, isSame } from './utf8.ts'

const LF = 10
const CR = 13
const COLON = 58
const SPACE = 32
const NEWLINE = Uint8Array.of(LF)

export interface SseEvent {
  /** `message` where the stream names none. */
  readonly type: string
  /** The data lines joined by LF. */
  readonly data: Text
}

export interface SseEvents {
  /** Not called for an event without data (2025-11-25 uses those to hand out an id). */
  event(event: SseEvent): void
  /** The last event id changed; empty means cleared. */
  id?(id: string): void
  /** The reconnection time in milliseconds that the stream asks for. */
  retry?(milliseconds: number): void
}

export interface Sse {
  /** Throws BridgeError `too-large` once an event is over the limit; the stream is then of no more use. */
  push(chunk: Uint8Array): void
}

/** Makes a parser for one stream. An event that is unfinished when the stream ends is discarded. */
export function createSse(limitBytes: number, events: SseEvents): Sse {
  let unfinished: Parts | undefined
  /** The first line of data, and all of them where there are more. */
  let data: Text | undefined
  let lines: Parts | undefined
  let held = 0
  let type = ''
  let id: string | undefined
  let afterCr = false
  let isFirstLine = true

  function hold(sizeBytes: number): void {
    held += sizeBytes
    if (held > limitBytes) {
      throw new BridgeError(
        'too-large',
        `an event from the remote is larger than ${limitBytes} bytes; raise --max-event`,
      )
    }
  }

  /** The line that `part` ends. */
  function endLine(part: Uint8Array, start: number, end: number): void {
    if (unfinished === undefined) return takeLine(part, start, end)
    unfinished.add(part.subarray(start, end))
    const whole = unfinished.take()
    unfinished = undefined
    if (isJoined(whole)) return takeLine(whole, 0, whole.length)
    takePieces(whole)
  }

  /** A long line. Only data stays in pieces: nothing else that anybody needs is as long. */
  function takePieces(line: Text): void {
    const head = beginningOf(line, HEAD_BYTES)
    const start = isFirstLine && hasBom(head, 0) ? 3 : 0
    const nameEnd = start + DATA.length
    if (head[nameEnd] !== COLON || !isSame(head, start, nameEnd, DATA)) {
      const whole = joined(line)
      return takeLine(whole, 0, whole.length)
    }
    isFirstLine = false
    addData(behind(line, head[nameEnd + 1] === SPACE ? nameEnd + 2 : nameEnd + 1))
  }

  function takeLine(bytes: Uint8Array, from: number, end: number): void {
    const start = isFirstLine && hasBom(bytes, from) ? from + 3 : from
    isFirstLine = false
    if (start === end) return dispatch()
    let nameEnd = start
    while (nameEnd < end && bytes[nameEnd] !== COLON) nameEnd++
    if (nameEnd === start) {
      // Between the lines of an event it is held with them: they are parts of the same chunks.
      if (data === undefined) held -= end - start
      return
    }
    const valueStart = Math.min(end, bytes[nameEnd + 1] === SPACE ? nameEnd + 2 : nameEnd + 1)
    if (isSame(bytes, start, nameEnd, DATA)) {
      addData(bytes.subarray(valueStart, end))
    }
    // Named by most streams, and what it would be anyway.
    else if (isSame(bytes, start, nameEnd, EVENT)) {
      type = isSame(bytes, valueStart, end, MESSAGE) ? '' : decode(bytes.subarray(valueStart, end))
    } else setField(decode(bytes.subarray(start, nameEnd)), bytes.subarray(valueStart, end))
  }

  function addData(line: Text): void {
    if (data === undefined) {
      data = line
      return
    }
    if (lines === undefined) {
      lines = createParts()
      addTo(lines, data)
    }
    lines.add(NEWLINE)
    addTo(lines, line)
  }

  function setField(name: string, value: Uint8Array): void {
    if (name === 'id' && !value.includes(0)) id = decode(value)
    if (name === 'retry' && /^[0-9]+$/.test(decode(value))) events.retry?.(Number(decode(value)))
  }

  function dispatch(): void {
    const name = type
    const whole = lines?.take() ?? data
    data = lines = undefined
    type = ''
    held = 0
    if (id !== undefined) events.id?.(id)
    id = undefined
    if (whole?.length) events.event({ type: name || 'message', data: whole })
  }

  return {
    push(chunk) {
      let from = afterCr && chunk[0] === LF ? 1 : 0
      if (chunk.length > 0) afterCr = false
      let lf = chunk.indexOf(LF, from)
      let cr = chunk.indexOf(CR, from)
      while (lf >= 0 || cr >= 0) {
        const at = cr < 0 || (lf >= 0 && lf < cr) ? lf : cr
        hold(at - from)
        endLine(chunk, from, at)
        from = at + 1
        if (at === cr) {
          if (from === chunk.length) afterCr = true
          else if (chunk[from] === LF) from++
        }
        // An event ends with an empty line.
        if (lf >= 0 && lf < from) lf = chunk[from] === LF ? from : chunk.indexOf(LF, from)
        if (cr >= 0 && cr < from) cr = chunk.indexOf(CR, from)
      }
      if (from < chunk.length) {
        const rest = chunk.subarray(from)
        hold(rest.length)
        unfinished ??= createParts()
        unfinished.add(rest)
      }
    },
  }
}

/** A byte order mark and `data: `, or more. */
const HEAD_BYTES = 16
const [DATA, EVENT, MESSAGE] = ['data', 'event', 'message'].map(encode) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
]

function addTo(parts: Parts, text: Text): void {
  if (isJoined(text)) parts.add(text)
  else for (const piece of text) parts.add(piece)
}
