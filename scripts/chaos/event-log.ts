// One stream of events that outlives its connections: what was sent is kept under its event id, and who comes back
// with the last one it saw gets the rest. Without ids it is a stream like any other. protocol.md A.4.
import type { ServerResponse } from 'node:http'
import type { Rpc } from './instruction.ts'

export interface EventLog {
  readonly name: string
  /** Whether somebody reads, or may come back and read. */
  readonly isOpen: boolean
  readonly isAttached: boolean
  send(message: Rpc): void
  /** An event without data, from whose id on the stream can be resumed. */
  prime(retryMs: number): void
  /** Nothing more will come. */
  end(): void
  /** Writes what came after this event, and from now on all that comes. */
  attach(response: ServerResponse, after: number): void
  /** Hangs up; the reader is to come back. */
  detach(): void
}

export function createEventLog(name: string, hasIds: boolean): EventLog {
  const events: string[] = []
  let response: ServerResponse | undefined
  let hasEnded = false

  function add(fields: string): void {
    const text = hasIds ? `id: ${name}_${events.length + 1}\n${fields}\n\n` : `${fields}\n\n`
    if (hasIds) events.push(text)
    response?.write(text)
  }

  function detach(): void {
    response?.end()
    response = undefined
  }

  return {
    name,
    get isOpen() {
      return response !== undefined || (hasIds && events.length > 0 && !hasEnded)
    },
    get isAttached() {
      return response !== undefined
    },
    send: (message) => add(`data: ${JSON.stringify(message)}`),
    prime: (retryMs) => add(`retry: ${retryMs}\ndata:`),
    end() {
      hasEnded = true
      detach()
    },
    attach(next, after) {
      for (const text of events.slice(after)) next.write(text)
      if (hasEnded) return void next.end()
      response = next
      next.on('close', () => {
        if (response === next) response = undefined
      })
    },
    detach,
  }
}

/** `r12_3` → the stream `r12`, after its third event. */
export function parseEventId(id: string): { readonly name: string; readonly index: number } | undefined {
  const [, name, index] = /^([a-z]\d*)_(\d+)$/.exec(id) ?? []
  return name === undefined ? undefined : { name, index: Number(index) }
}
