// The place of a host at a bridge of our own: two pipes in memory, one message a line each way. protocol.md 0.2.
import { PassThrough, Transform } from 'node:stream'
import type { Run } from '../bridge.ts'
import type { Envelope } from '../message/envelope.ts'
import { createLines } from '../message/lines.ts'
import { readText } from '../message/long.ts'

export interface HostSide {
  /** One message, on one line. What comes too late is dropped. */
  send(message: string | Uint8Array): void
  /** Reads nothing, so that the bridge reads less and less, until `resume`. */
  pause(): void
  resume(): void
  /** Ends this side; resolves when the bridge has ended. */
  close(): Promise<void>
}

export interface HostSettings {
  readonly take: (message: Envelope) => void
  /** The bridge has ended: nothing is answered any more. */
  readonly onEnd: () => void
}

const LONGEST_LINE_BYTES = 512 * 1024 * 1024
const NEWLINE = Buffer.from('\n')

/** Starts the bridge. */
export function joinBridge(run: Run, { take, onEnd }: HostSettings): HostSide {
  const toBridge = new PassThrough()
  // The bridge writes into the same memory again once a write has been taken, and here nobody has read it yet.
  const fromBridge = new Transform({
    transform: (chunk: Buffer, _encoding, taken) => taken(null, Buffer.from(chunk)),
  })
  const lines = createLines(LONGEST_LINE_BYTES, {
    line(text) {
      const reading = readText(text)
      if (reading.kind === 'message') take(reading.envelope)
    },
    tooLong: () => {},
  })
  fromBridge.on('data', (chunk: Buffer) => lines.push(chunk))
  const ended = run(toBridge, () => fromBridge).then(onEnd)
  return {
    send(message) {
      if (toBridge.writableEnded || toBridge.destroyed) return
      toBridge.write(Buffer.concat([typeof message === 'string' ? Buffer.from(message) : message, NEWLINE]))
    },
    pause: () => void fromBridge.pause(),
    resume: () => void fromBridge.resume(),
    close() {
      toBridge.end()
      return ended
    },
  }
}
