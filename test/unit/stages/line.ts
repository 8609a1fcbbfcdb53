// A line of stages between two ends in memory: what reaches either end is kept as text.
import assert from 'node:assert/strict'
import { compose, type Stage } from '../../../src/lane.ts'
import { createLog, type Log } from '../../../src/log.ts'
import { type Envelope, read } from '../../../src/message/envelope.ts'

export interface Line {
  readonly toHost: string[]
  readonly toRemote: string[]
  readonly logged: string[]
  fromHost(text: string): void
  fromRemote(text: string): void
  /** The one message that has reached the end since it was last asked. */
  taken(end: 'host' | 'remote'): string
}

export function envelope(text: string): Envelope {
  const reading = read(new TextEncoder().encode(text))
  assert.equal(reading.kind, 'message', text)
  return (reading as Extract<typeof reading, { kind: 'message' }>).envelope
}

export function textOf({ bytes }: Envelope): string {
  return new TextDecoder().decode(bytes)
}

export function lineOf(make: (log: Log) => readonly Stage[]): Line {
  const logged: string[] = []
  const log = createLog({
    level: 'warn',
    json: false,
    secrets: [],
    write: (line) => void logged.push(line.replace(/^mcp-ferry: /, '')),
  })
  const toHost: string[] = []
  const toRemote: string[] = []
  const line = compose(make(log), {
    toHost: (message) => void toHost.push(textOf(message)),
    toRemote: (message) => void toRemote.push(textOf(message)),
  })
  return {
    toHost,
    toRemote,
    logged,
    fromHost: (text) => line.toRemote(envelope(text)),
    fromRemote: (text) => line.toHost(envelope(text)),
    taken(end) {
      const all = end === 'host' ? toHost : toRemote
      assert.equal(all.length, 1, `one message for the ${end}: ${all.join(' ')}`)
      return all.pop()!
    },
  }
}

export function request(id: unknown, method: string, params: unknown = {}): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params })
}

export function notify(method: string, params?: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) })
}

export function result(id: unknown, value: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result: value })
}

/** Everything that was waiting to run has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
