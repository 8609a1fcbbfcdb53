// The file of a trace: lines are appended whole, in order, and nobody waits for the disk. What cannot be written is told once
// and costs no message.
import { close, fstatSync, openSync, readSync, write } from 'node:fs'
import { usage } from '../errors.ts'
import type { Log } from '../log.ts'
import type { TraceOptions } from '../options/shaping.ts'

export interface TraceFile {
  /** One line, without its newline. */
  add(line: string): void
  /** Resolves when all is written, or the disk has had its time. */
  close(): Promise<void>
}

/** How much may wait for the disk. */
const MOST_WAITING = 64 * 1024 * 1024
const CLOSE_MS = 1000
const LF = 10

/**
 * Throws BridgeError `usage`, code `trace-file`, if the file cannot be written. `lost` makes the line that tells of lines which
 * were left out.
 */
export function openTraceFile(
  { file, fileName }: TraceOptions,
  log: Log,
  lost: (records: number) => string,
): TraceFile {
  const descriptor = open(file, fileName)
  let waiting = isTorn(descriptor) ? ['\n'] : []
  let waitingLength = 0
  let leftOut = 0
  let isOver = false
  let writing: Promise<void> | undefined

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const lines = waiting
      waiting = []
      waitingLength = 0
      if (leftOut > 0) lines.push(`${lost(leftOut)}\n`)
      leftOut = 0
      try {
        await writeAll(descriptor, Buffer.from(lines.join('')))
      } catch (thrown) {
        isOver = true
        waiting = []
        log.warn(
          `${fileName} cannot be written any more (${codeOf(thrown)}); the trace ends here, and all else goes on`,
        )
      }
    }
    writing = undefined
  }

  return {
    add(line) {
      if (isOver) return
      if (waitingLength > MOST_WAITING) {
        leftOut++
        return
      }
      waiting.push(`${line}\n`)
      waitingLength += line.length
      writing ??= drain()
    },
    async close() {
      await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, CLOSE_MS))])
      isOver = true
      close(descriptor, () => {})
    },
  }
}

function open(file: string, fileName: string): number {
  let descriptor: number
  try {
    descriptor = openSync(file, 'a+', 0o600)
  } catch (thrown) {
    throw usage('trace-file', `${fileName} cannot be written (${codeOf(thrown)}); give --trace another path`)
  }
  if (isStdout(descriptor))
    throw usage('trace-file', `${fileName} is stdout, which the host reads; give --trace another path`)
  return descriptor
}

const STDOUT = 1

/** Of devices, a terminal or what swallows everything, nobody reads lines. */
function isStdout(descriptor: number): boolean {
  try {
    const [ours, stdout] = [fstatSync(descriptor), fstatSync(STDOUT)]
    return !ours.isCharacterDevice() && ours.dev === stdout.dev && ours.ino === stdout.ino && ours.ino !== 0
  } catch {
    return false
  }
}

function codeOf(thrown: unknown): string {
  return (thrown as { code?: string }).code ?? 'unknown error'
}

/** Whether the line before ours was never finished: of a bridge that was killed, or of a full disk. */
function isTorn(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile() || stats.size === 0) return false
    const last = Buffer.alloc(1)
    readSync(descriptor, last, 0, 1, stats.size - 1)
    return last[0] !== LF
  } catch {
    return false
  }
}

/** At the end of the file, wherever that is by now: O_APPEND keeps the lines of several bridges apart. */
function writeAll(descriptor: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, 0, bytes.length, null, (error, written) => {
      if (error !== null) return reject(error)
      if (written < bytes.length) writeAll(descriptor, bytes.subarray(written)).then(resolve, reject)
      else resolve()
    })
  })
}
