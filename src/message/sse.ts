// Bytes → server-sent events, as in "Interpreting an event stream" of the WHATWG HTML standard; protocol.md 0.7.
// Works on bytes: no text is made of a message that passes. Linear in the input however it is cut: an unfinished
// line is a list of fragments joined once (joining at every chunk takes 27 times as long for a 10 MB event).
import { BridgeError } from '../errors.ts'
import { withoutBom } from './lines.ts'
import { decode, join } from './utf8.ts'

const LF = 10
const CR = 13
const COLON = 58
const SPACE = 32

export interface SseEvent {
  /** `message` where the stream names none. */
  readonly type: string
  /** The data lines joined by LF. */
  readonly data: Uint8Array
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
  let fragments: Uint8Array[] = []
  let data: Uint8Array[] = []
  let held = 0
  let type = ''
  let id: string | undefined
  let afterCr = false
  let isFirstLine = true

  function hold(part: Uint8Array): void {
    held += part.length
    if (held > limitBytes) {
      throw new BridgeError(
        'too-large',
        `an event from the remote is larger than ${limitBytes} bytes; raise --max-event`,
      )
    }
  }

  function endLine(last: Uint8Array): void {
    let line = last
    if (fragments.length > 0) {
      fragments.push(last)
      line = join(fragments)
      fragments = []
    }
    if (isFirstLine) line = withoutBom(line)
    isFirstLine = false
    if (line.length === 0) dispatch()
    else if (line[0] === COLON) held -= line.length
    else field(line)
  }

  function field(line: Uint8Array): void {
    const colon = line.indexOf(COLON)
    const nameEnd = colon < 0 ? line.length : colon
    const start = colon < 0 ? line.length : line[colon + 1] === SPACE ? colon + 2 : colon + 1
    const value = line.subarray(start)
    if (isData(line, nameEnd)) {
      data.push(value)
      return
    }
    switch (decode(line.subarray(0, nameEnd))) {
      case 'event':
        type = decode(value)
        break
      case 'id':
        if (!value.includes(0)) id = decode(value)
        break
      case 'retry':
        if (value.length > 0 && value.every((byte) => byte >= 0x30 && byte <= 0x39))
          events.retry?.(Number(decode(value)))
        break
    }
  }

  function dispatch(): void {
    const lines = data
    const name = type
    data = []
    type = ''
    held = 0
    if (id !== undefined) events.id?.(id)
    id = undefined
    const whole = lines.length > 0 ? joinLines(lines) : undefined
    if (whole !== undefined && whole.length > 0)
      events.event({ type: name === '' ? 'message' : name, data: whole })
  }

  return {
    push(chunk) {
      let from = afterCr && chunk[0] === LF ? 1 : 0
      if (chunk.length > 0) afterCr = false
      let lf = chunk.indexOf(LF, from)
      let cr = chunk.indexOf(CR, from)
      while (lf >= 0 || cr >= 0) {
        const at = cr < 0 || (lf >= 0 && lf < cr) ? lf : cr
        const part = chunk.subarray(from, at)
        hold(part)
        endLine(part)
        from = at + 1
        if (at === cr) {
          if (from === chunk.length) afterCr = true
          else if (chunk[from] === LF) from++
        }
        if (lf >= 0 && lf < from) lf = chunk.indexOf(LF, from)
        if (cr >= 0 && cr < from) cr = chunk.indexOf(CR, from)
      }
      if (from < chunk.length) {
        const rest = chunk.subarray(from)
        hold(rest)
        fragments.push(rest)
      }
    },
  }
}

function isData(line: Uint8Array, nameEnd: number): boolean {
  return nameEnd === 4 && line[0] === 0x64 && line[1] === 0x61 && line[2] === 0x74 && line[3] === 0x61
}

function joinLines(lines: Uint8Array[]): Uint8Array {
  if (lines.length === 1) return lines[0]!
  const newline = Uint8Array.of(LF)
  return join(lines.flatMap((line, index) => (index === 0 ? [line] : [newline, line])))
}
