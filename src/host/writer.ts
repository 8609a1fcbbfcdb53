// Envelopes → stdout: one line each, in order, many to a write, with back-pressure. Step 10 of the path.
// protocol.md 0.3 (Output) and 0.13.
import { isUtf8 } from 'node:buffer'
import type { Writable } from 'node:stream'
import type { Flow } from '../lane.ts'
import type { Envelope } from '../message/envelope.ts'
import { toLine } from '../message/lines.ts'

const PAUSE_BYTES = 16 * 1024 * 1024
const RESUME_BYTES = 4 * 1024 * 1024
/** Lines up to this size are copied into one write; larger ones are handed over as they are. */
const JOINED_BYTES = 64 * 1024
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
}

/** Makes the only writer of `output`. */
export function createWriter(output: Writable, flow: Flow): Writer {
  let queue: Envelope[] = []
  let isScheduled = false
  let lastProgressAt = Number.NEGATIVE_INFINITY
  let idle: (() => void)[] = []

  /** How many messages of the queue may share the next write, and how long to wait before it. */
  function nextTurn(): { count: number; waitMs: number } {
    let hasNotification = false
    for (const [index, { kind, method }] of queue.entries()) {
      if (kind === 'response') {
        if (hasNotification) return { count: index, waitMs: 0 }
        const waitMs = lastProgressAt + PROGRESS_GAP_MS - performance.now()
        if (waitMs > 0) return { count: index, waitMs: index === 0 ? waitMs : 0 }
      }
      if (kind === 'notification') hasNotification = true
      if (method === 'notifications/progress') lastProgressAt = performance.now()
    }
    return { count: queue.length, waitMs: 0 }
  }

  function turn(): void {
    const { count, waitMs } = nextTurn()
    if (count > 0) {
      send(queue.slice(0, count).map(({ bytes }) => lineOf(bytes)))
      queue = queue.slice(count)
    }
    isScheduled = false
    if (queue.length > 0) schedule(waitMs)
    else settle()
  }

  function schedule(waitMs: number): void {
    isScheduled = true
    if (waitMs > 0) setTimeout(turn, waitMs)
    else setImmediate(turn)
  }

  function send(lines: readonly Buffer[]): void {
    const total = lines.reduce((sum, line) => sum + line.length + 1, 0)
    if (total <= JOINED_BYTES) {
      output.write(
        Buffer.concat(
          lines.flatMap((line) => [line, NEWLINE]),
          total,
        ),
        relieve,
      )
    } else {
      output.cork()
      for (const line of lines) {
        output.write(line)
        output.write(NEWLINE, relieve)
      }
      output.uncork()
    }
    if (output.writableLength > PAUSE_BYTES) flow.set(true)
  }

  function relieve(): void {
    if (output.writableLength < RESUME_BYTES) flow.set(false)
    settle()
  }

  function settle(): void {
    const isIdle = queue.length === 0 && !isScheduled && output.writableLength === 0
    if (!isIdle && !output.destroyed) return
    for (const resolve of idle) resolve()
    idle = []
  }

  return {
    write(envelope) {
      queue.push(envelope)
      if (!isScheduled) schedule(0)
    },
    flush: () =>
      new Promise((resolve) => {
        idle.push(resolve)
        settle()
      }),
  }
}

function lineOf(bytes: Uint8Array): Buffer {
  const line = toLine(bytes)
  const buffer = Buffer.from(line.buffer, line.byteOffset, line.length)
  return isUtf8(buffer) ? buffer : Buffer.from(buffer.toString('utf8'))
}
