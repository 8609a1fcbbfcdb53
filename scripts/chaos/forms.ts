// The same answer in other bytes: split into single ones or at odd places, merged, its head slow, with comments or
// unknown fields between events. None of it may make a difference. protocol.md 0.7.
import type { Caller } from './caller.ts'
import type { Form } from './faults.ts'
import { between, type Random } from './random.ts'

/** Where an answer is written to, already framed. */
export interface Out {
  head(bytes: Buffer): void
  body(bytes: Buffer): void
  end(tail: string): void
}

/** How many bytes go one by one; the rest of a long answer goes in larger pieces. */
const SINGLE_BYTES = 300

const TWICE = 'X-Chaos: 1\r\nX-Chaos: 2\r\nCache-Control: no-cache\r\nCache-Control: no-store\r\n\r\n'
const EARLY = Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n')

export function createForm(form: Form, plain: Out, caller: Caller, random: Random): Out {
  switch (form) {
    case 'bytes':
      return inTurns(plain, caller, (sent) => (sent < SINGLE_BYTES ? 1 : 500))
    case 'pieces':
      return inTurns(plain, caller, () => between(random, 1, 90))
    case 'merged':
      return merged(plain)
    case 'slow-head': {
      const slow = inTurns(plain, caller, (sent) => (sent < SINGLE_BYTES ? 25 : 5000), 3)
      return {
        ...slow,
        head: (bytes) => slow.head(Buffer.concat([bytes.subarray(0, -2), Buffer.from(TWICE)])),
      }
    }
    case 'informational':
      return { ...plain, head: (bytes) => plain.head(Buffer.concat([EARLY, bytes])) }
    case 'comments':
      return withBetween(plain, ': still here\n\n')
    case 'fields':
      return withBetween(plain, 'nonsense: x\nevent: unknown\ndata: {}\n\n:\n\n')
  }
}

/** Writes pieces of the wanted size, one each turn or after so many milliseconds. */
function inTurns(plain: Out, caller: Caller, size: (sent: number) => number, waitMs = 0): Out {
  let unsent: Buffer = Buffer.alloc(0)
  let tail: string | undefined
  let sent = 0
  let isWaiting = false
  function step(): void {
    isWaiting = false
    if (caller.isGone) return
    const piece = unsent.subarray(0, size(sent))
    unsent = unsent.subarray(piece.length)
    sent += piece.length
    if (piece.length > 0) plain.body(piece)
    if (unsent.length > 0) return wait()
    if (tail !== undefined) plain.end(tail)
  }
  function wait(): void {
    if (isWaiting) return
    isWaiting = true
    if (waitMs > 0 && sent < SINGLE_BYTES) setTimeout(step, waitMs)
    else setImmediate(step)
  }
  function add(bytes: Buffer): void {
    unsent = Buffer.concat([unsent, bytes])
    wait()
  }
  return {
    head: add,
    body: add,
    end(text) {
      tail = text
      wait()
    },
  }
}

/** Everything in one write, as a buffering reverse proxy does it. */
function merged(plain: Out): Out {
  const parts: Buffer[] = []
  return {
    head: (bytes) => void parts.push(bytes),
    body: (bytes) => void parts.push(bytes),
    end(tail) {
      plain.body(Buffer.concat(parts))
      plain.end(tail)
    },
  }
}

/** Puts `text` after each piece that ends an event. */
function withBetween(plain: Out, text: string): Out {
  const chunk = Buffer.from(`${text.length.toString(16)}\r\n${text}\r\n`)
  let isEvents = false
  return {
    ...plain,
    head(bytes) {
      const head = bytes.toString('latin1').toLowerCase()
      isEvents = head.includes('text/event-stream') && head.includes('chunked')
      plain.head(bytes)
    },
    body(bytes) {
      plain.body(bytes)
      if (isEvents && bytes.subarray(-4).toString('latin1') === '\n\n\r\n') plain.body(chunk)
    },
  }
}
