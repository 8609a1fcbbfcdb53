// Envelopes → stdout: one line each, many to a write, with back-pressure. Step 10 of the path.
// protocol.md 0.3 (Output) and 0.13.
import { isUtf8 } from 'node:buffer'
import type { Writable } from 'node:stream'
import type { Flow } from '../lane.ts'
import type { Envelope } from '../message/envelope.ts'
import { oneLine } from '../message/lines.ts'

/**
 * Far below the 16 MiB that protocol.md 0.13 allows: a host that does not read then costs half the memory, and one that
 * does is served as fast (bench: slow reader). The remote is read again when all has been written.
 */
const PAUSE_BYTES = 1024 * 1024
/**
 * Lines below this size are copied into writes of at most this size; larger ones are handed over as they are. A quarter
 * of what a pipe holds: the peak behind a slow host is a few MB lower than with all of it (bench: slow reader).
 */
const JOINED_BYTES = 16 * 1024
/** More than this is copied into pages that are used again: a few MB less at that peak (bench: slow reader). */
const PAGED_BYTES = 4096
const MOST_PAGES = PAUSE_BYTES / JOINED_BYTES
/**
 * SDK hosts run a response at once but notification handlers a tick later, so progress that they read together with
 * its result is lost. A pipe keeps no boundaries: this is the time a host has to read the one before the other comes.
 */
const PROGRESS_GAP_MS = 4
const NEWLINE = Buffer.from('\n')

export interface Writer {
  write(envelope: Envelope): void
  /** Resolves when all that was written has left the process, or never can. */
  flush(): Promise<void>
  /** Resolves when the host has closed its end. */
  readonly closed: Promise<void>
}

/**
 * Makes the only writer of the stream that `open` opens, which it does behind the host's first message: stdout costs
 * half a millisecond of the start. Messages leave in the order they came, but for one case: a response that comes
 * right behind progress is kept back for a moment, and what comes meanwhile does not wait for it. `isLast`: whether
 * nothing more is due to the host, so that nothing could share the write.
 */
export function createWriter(open: () => Writable, flow: Flow, isLast: () => boolean = () => false): Writer {
  let queue: Envelope[] = []
  let isScheduled = false
  let keptBack = 0
  let lastProgressAt = 0
  let idle: (() => void)[] = []
  let stream: Writable | undefined
  /** Pages that the stream has let go of. */
  const pages: Buffer[] = []
  let tellClosed: () => void = () => {}
  const closed = new Promise<void>((resolve) => {
    tellClosed = resolve
  })
  setImmediate(out)

  function out(): Writable {
    if (stream !== undefined) return stream
    stream = open()
    stream.on('drain', () => flow.set(false))
    stream.on('error', tellClosed)
    return stream
  }

  function write(envelope: Envelope): void {
    if (envelope.method === 'notifications/progress') lastProgressAt = Date.now()
    if (envelope.kind !== 'response' || Math.abs(Date.now() - lastProgressAt) >= PROGRESS_GAP_MS)
      return enqueue(envelope)
    keptBack++
    setTimeout(() => {
      keptBack--
      enqueue(envelope)
    }, PROGRESS_GAP_MS)
  }

  function enqueue(envelope: Envelope): void {
    // A call that comes singly need not wait for the end of the turn (bench: one call at a time).
    if (!isScheduled && stream !== undefined && envelope.kind === 'response' && isLast()) {
      send([envelope])
      return settle()
    }
    queue.push(envelope)
    if (!isScheduled) schedule()
  }

  function schedule(): void {
    isScheduled = true
    setImmediate(turn)
  }

  function turn(): void {
    const all = queue
    const count = shareable(all)
    queue = count === all.length ? [] : all.slice(count)
    send(count === all.length ? all : all.slice(0, count))
    isScheduled = false
    if (queue.length > 0) schedule()
    else settle()
  }

  function send(envelopes: readonly Envelope[]): void {
    const output = out()
    // One small message is one write anyway.
    if (envelopes.length > 1 || isLarge(envelopes[0]!)) output.cork()
    let small: Uint8Array[] = []
    let size = 0
    const writeSmall = (): void => {
      if (size > PAGED_BYTES) writePage(output, small)
      else if (size > 0) output.write(wellFormed(joinLines(small, Buffer.allocUnsafe(size))))
      small = []
      size = 0
    }
    for (const envelope of envelopes) {
      if (isLarge(envelope)) {
        writeSmall()
        writeLarge(output, envelope)
        continue
      }
      const line = envelope.hasNewline ? oneLine(envelope.bytes) : envelope.bytes
      if (size + line.length >= JOINED_BYTES) writeSmall()
      small.push(line)
      size += line.length + 1
    }
    writeSmall()
    output.uncork()
    if (output.writableLength > PAUSE_BYTES) flow.set(true)
  }

  function writePage(output: Writable, lines: readonly Uint8Array[]): void {
    const page = pages.pop() ?? Buffer.allocUnsafeSlow(JOINED_BYTES)
    output.write(wellFormed(joinLines(lines, page)), () => {
      if (pages.length < MOST_PAGES) pages.push(page)
    })
  }

  /** Whoever waits for the end is told once nothing is queued here and the stream has let go of all it was given. */
  function settle(): void {
    if (idle.length === 0 || queue.length > 0 || keptBack > 0 || isScheduled) return
    for (const resolve of idle) out().write('', () => resolve())
    idle = []
  }

  return {
    write,
    closed,
    flush: () =>
      new Promise((resolve) => {
        idle.push(resolve)
        settle()
      }),
  }
}

function isLarge(envelope: Envelope): boolean {
  return envelope.pieces !== undefined || envelope.bytes.length >= JOINED_BYTES
}

/** One that is in pieces stays so: each is UTF-8 by itself, unless the whole is not, or one was cut within a character. */
function writeLarge(output: Writable, envelope: Envelope): void {
  const { pieces, hasNewline } = envelope
  const parts = pieces?.every((piece) => isUtf8(piece)) ? pieces : [wellFormed(envelope.bytes)]
  for (const part of parts) output.write(hasNewline ? oneLine(part) : part)
  output.write(NEWLINE)
}

/** How many messages may share the next write: none that answers may stand behind one that notifies. */
function shareable(queue: readonly Envelope[]): number {
  let hasNotification = false
  for (let index = 0; index < queue.length; index++) {
    const { kind } = queue[index]!
    if (kind === 'response' && hasNotification) return index
    if (kind === 'notification') hasNotification = true
  }
  return queue.length
}

/** Copies the lines into `room`, each with its newline; returns what they fill of it. */
function joinLines(lines: readonly Uint8Array[], room: Buffer): Buffer {
  let at = 0
  for (const line of lines) {
    room.set(line, at)
    at += line.length
    room[at++] = 0x0a
  }
  return room.subarray(0, at)
}

/** UTF-8; what is not is replaced by U+FFFD, as SDK hosts would read it (protocol.md 0.3). */
export function wellFormed(bytes: Uint8Array): Buffer {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return isUtf8(buffer) ? buffer : Buffer.from(buffer.toString('utf8'))
}
