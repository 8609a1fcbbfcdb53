// The smallest host there is, at the other end of two pipes in memory: it asks the bridge as an editor would, and is told
// what an editor would be told. What the bridge asks of the network meanwhile is watched in its log. protocol.md 0.8.
import { PassThrough } from 'node:stream'
import type { Run } from '../../bridge.ts'
import { BridgeError, type ErrorKind } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { createLines } from '../../message/lines.ts'
import { decode } from '../../message/utf8.ts'
import { textOf } from './foreign-text.ts'

export type Fields = Readonly<Record<string, unknown>>

/** What the bridge has sent, and what it was answered. */
export interface Sent {
  readonly method: string
  /** `initialize`, `stream`, `session`, … */
  readonly what: string
  readonly status: number
}

export interface Watch {
  readonly log: Log
  readonly sent: readonly Sent[]
  /** Warnings and errors that the bridge has told meanwhile. */
  readonly told: readonly string[]
  /** Resolves as soon as something that fits has been answered; undefined after the time. */
  answered(fits: (sent: Sent) => boolean, limitMs: number): Promise<Sent | undefined>
}

/** The log with somebody who reads it: each exchange over HTTP is told there, at its end. */
export function watch(log: Log): Watch {
  const sent: Sent[] = []
  const told: string[] = []
  const waiting = new Set<() => void>()
  return {
    sent,
    told,
    log: {
      ...log,
      isDebug: true,
      debug(text, fields) {
        log.debug(text, fields)
        const [, method, what] = /^(POST|GET|DELETE) (\S+)$/.exec(text) ?? []
        if (method === undefined || what === undefined || typeof fields?.status !== 'number') return
        sent.push({ method, what, status: fields.status })
        for (const wake of [...waiting]) wake()
      },
      warn(text, fields) {
        log.warn(text, fields)
        told.push(text)
      },
      error(text, fields) {
        log.error(text, fields)
        told.push(text)
      },
    },
    answered: (fits, limitMs) =>
      new Promise((resolve) => {
        const finish = (found: Sent | undefined): void => {
          clearTimeout(timer)
          waiting.delete(look)
          resolve(found)
        }
        const look = (): void => {
          const found = sent.find(fits)
          if (found !== undefined) finish(found)
        }
        const timer = setTimeout(() => finish(undefined), limitMs)
        waiting.add(look)
        look()
      }),
  }
}

export interface Host {
  /** The result. Rejects with a BridgeError: what the bridge or the remote has said, or that nothing came in time. */
  ask(method: string, params?: Fields): Promise<Fields>
  tell(method: string): void
  /** Ends its side; resolves when the bridge has ended. */
  end(): Promise<void>
}

interface Answer {
  readonly id?: unknown
  readonly method?: unknown
  readonly result?: unknown
  readonly error?: {
    readonly message?: unknown
    readonly code?: unknown
    readonly data?: { readonly kind?: unknown; readonly origin?: unknown }
  }
}

/** It is cut once more when secrets are out of it. */
const LONGEST_REFUSAL = 4000
const LONGEST_LINE = 512 * 1024 * 1024

export function startHost(run: Run, limitMs: number): Host {
  const toBridge = new PassThrough()
  const fromBridge = new PassThrough()
  const waiting = new Map<unknown, (answer: Answer) => void>()
  let isEnded = false
  const send = (message: Fields): void =>
    void (isEnded || toBridge.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`))
  const lines = createLines(LONGEST_LINE, {
    line(bytes) {
      const message = JSON.parse(decode(bytes)) as Answer
      if (message.method === undefined) return waiting.get(message.id)?.(message)
      // The doctor has declared nothing: whatever is asked it cannot do.
      if (message.id !== undefined)
        send({ id: message.id, error: { code: -32601, message: 'mcp-ferry doctor answers no questions' } })
    },
    tooLong: () => {},
  })
  fromBridge.on('data', (chunk: Buffer) => lines.push(chunk))
  const ended = run(toBridge, () => fromBridge).then(() => undefined)
  let lastId = 0

  function end(): Promise<void> {
    isEnded = true
    toBridge.end()
    return ended
  }

  return {
    async ask(method, params = {}) {
      const id = ++lastId
      const answer = new Promise<Answer>((resolve) => waiting.set(id, resolve))
      send({ id, method, params })
      const { error, result } = (await within(answer, limitMs)) ?? (await lastWord(answer))
      if (error !== undefined) throw refusalOf(error, method)
      return typeof result === 'object' && result !== null ? (result as Fields) : {}

      /** When nobody asks any more, what is tried again and again is given up, and why is told. */
      async function lastWord(late: Promise<Answer>): Promise<Answer> {
        const none = end().then(
          (): Answer => ({ error: { message: `${method} was not answered within ${limitMs / 1000} s` } }),
        )
        return Promise.race([late, none])
      }
    },
    tell: (method) => send({ method }),
    end,
  }
}

/** The sentence as the editor gets it; of the remote's own errors their code. */
function refusalOf(error: NonNullable<Answer['error']>, method: string): BridgeError {
  const text = textOf(error.message).replace(/\s+/g, ' ')
  const { kind, origin } = error.data ?? {}
  if (origin === 'mcp-ferry') return new BridgeError(kind as ErrorKind, text.replace(/^mcp-ferry: /, ''))
  const by =
    typeof error.code === 'number'
      ? `the server refuses ${method} (${error.code}: ${text.slice(0, LONGEST_REFUSAL)})`
      : text
  return new BridgeError(typeof error.code === 'number' ? 'protocol' : 'timeout', by)
}

async function within<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
