// What an editor says to a program that it has started, over stdio: the handshake and the list of tools. Knows nothing of how
// it was started. Whatever else comes on stdout is noise, and noted. protocol.md B.
import type { Readable, Writable } from 'node:stream'
import { createLines } from '../../message/lines.ts'
import { joined } from '../../message/text.ts'
import { decode } from '../../message/utf8.ts'
import { textOf } from '../foreign-text.ts'

export interface Conversation {
  /** Rejects with a Refusal if it answers with an error. */
  ask(method: string, params: unknown): Promise<Readonly<Record<string, unknown>>>
  tell(method: string): void
  /** The lines on stdout that are no JSON-RPC: the first of them, and how many. */
  readonly noise: { readonly first: string; readonly count: number } | undefined
}

/** An error in an answer. */
export interface Refusal {
  readonly kind: 'refusal'
  readonly code: number
  readonly message: string
}

export const PROTOCOL_VERSION = '2025-06-18'

const LONGEST_LINE = 64 * 1024 * 1024
/** More than is shown, so that no secret is cut in two before it is taken out. */
const NOISE_KEPT = 4000

interface Message {
  readonly jsonrpc?: unknown
  readonly id?: unknown
  readonly method?: unknown
  readonly result?: unknown
  readonly error?: { readonly code?: unknown; readonly message?: unknown } | null
}

interface Waiter {
  resolve(result: Readonly<Record<string, unknown>>): void
  reject(refusal: Refusal): void
}

export function converse(input: Writable, output: Readable): Conversation {
  const waiting = new Map<number, Waiter>()
  let noise: { first: string; count: number } | undefined
  let nextId = 1

  const send = (message: Readonly<Record<string, unknown>>): void => {
    if (input.writable) input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }

  function noteNoise(text: string): void {
    noise ??= { first: text.slice(0, NOISE_KEPT), count: 0 }
    noise.count += 1
  }

  function take(message: Message): void {
    if (typeof message.method === 'string') return message.id === undefined ? undefined : answer(message)
    const waiter = typeof message.id === 'number' ? waiting.get(message.id) : undefined
    if (waiter === undefined) return
    waiting.delete(message.id as number)
    const { error, result } = message
    if (error === undefined || error === null)
      return waiter.resolve(typeof result === 'object' && result !== null ? { ...result } : {})
    const code = typeof error.code === 'number' ? error.code : 0
    waiter.reject({ kind: 'refusal', code, message: textOf(error.message) || 'an error without words' })
  }

  /** An editor has more to say here; what a server asks while it starts is `ping` at most. */
  function answer({ id, method }: Message): void {
    if (method === 'ping') send({ id, result: {} })
    else send({ id, error: { code: -32601, message: 'not offered here' } })
  }

  const lines = createLines(LONGEST_LINE, {
    line(line) {
      const text = decode(joined(line))
      const messages = messagesOf(text)
      if (messages === undefined) noteNoise(text)
      else for (const message of messages) take(message)
    },
    tooLong: (prefix) => noteNoise(decode(prefix)),
  })
  output.on('data', (chunk: Buffer) => lines.push(chunk))
  output.on('end', () => lines.end())
  output.on('error', () => {})
  // It may be gone before it has read everything.
  input.on('error', () => {})

  return {
    get noise() {
      return noise
    },
    ask(method, params) {
      const id = nextId
      nextId += 1
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        send({ id, method, params })
      })
    },
    tell: (method) => send({ method }),
  }
}

/** The JSON-RPC messages in a line, of old also several in a list; undefined if it is none. */
function messagesOf(text: string): readonly Message[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const all = Array.isArray(value) ? value : [value]
    return all.every(isMessage) ? all : undefined
  } catch {
    return undefined
  }
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && (value as Message).jsonrpc === '2.0'
}
