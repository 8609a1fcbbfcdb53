// The translation for a legacy host between two ends in memory: what it says to either is kept as text, and waited for.
import assert from 'node:assert/strict'
import { createLegacyToModern, type LegacyToModern } from '../../../src/era/to-modern/legacy-to-modern.ts'
import type { Discovered } from '../../../src/era/translation.ts'
import { createLog } from '../../../src/log.ts'
import { type Envelope, read } from '../../../src/message/envelope.ts'

export const META = 'io.modelcontextprotocol/'
export const HOST_INFO = '{"name":"the host","version":"1.0","n":9007199254740993}'
const CAPABILITIES =
  '{"roots":{"listChanged":true},"sampling":{"tools":{}},"elicitation":{"form":{},"url":{}},"tasks":{"list":{}}}'
const OFFERED =
  '{"tools":{"listChanged":true},"resources":{"subscribe":true},"logging":{},"extensions":{"io.modelcontextprotocol/tasks":{}}}'

export interface Seen {
  readonly text: string
  readonly id?: string | number
  readonly method?: string
  readonly params: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: {
    readonly code: number
    readonly message: string
    readonly data?: Record<string, unknown>
  }
}

/** One end: what has reached it, in order. */
export interface End {
  readonly all: readonly Seen[]
  /** The next one that has not been taken yet and fits. */
  next(fits: string | ((seen: Seen) => boolean)): Promise<Seen>
  /** What has come and was not taken. */
  rest(): readonly Seen[]
}

export interface LineOptions {
  readonly version?: string
  readonly capabilities?: string
  readonly offered?: string
  /** Members of the discover result beside the capabilities. */
  readonly about?: string
  readonly isAnswered?: boolean
  readonly isInitialized?: boolean
  readonly rediscover?: () => Promise<Discovered | undefined>
  /** Answers some requests at once; what it returns is the member that follows the id. */
  readonly answer?: (seen: Seen) => string | undefined
}

export interface Line {
  readonly translation: LegacyToModern
  readonly host: End
  readonly remote: End
  readonly logged: readonly string[]
  fromHost(text: string): void
  fromRemote(text: string): void
  /** Answers a request that has reached the remote: `"result":…` or `"error":…`. */
  reply(request: Seen, member: string): void
}

export function envelope(text: string): Envelope {
  const reading = read(new TextEncoder().encode(text))
  assert.equal(reading.kind, 'message', text)
  return (reading as Extract<typeof reading, { kind: 'message' }>).envelope
}

export function textOf({ bytes }: Envelope): string {
  return new TextDecoder().decode(bytes)
}

export function initialize(version = '2025-11-25', capabilities = CAPABILITIES): Envelope {
  return envelope(
    `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"${version}","capabilities":${capabilities},"clientInfo":${HOST_INFO}}}`,
  )
}

export function discovered(offered = OFFERED, about = '"supportedVersions":["2026-07-28"]'): Discovered {
  const text = `{"jsonrpc":"2.0","id":"d","result":{"resultType":"complete","capabilities":${offered},${about}}}`
  return { version: '2026-07-28', response: envelope(text) }
}

export function startLine(options: LineOptions = {}): Line {
  const host = createEnd()
  const remote = createEnd()
  const logged: string[] = []
  let ids = 0
  const translation = createLegacyToModern({
    ownExtensions: [],
    initialize: initialize(options.version, options.capabilities),
    discovered: discovered(options.offered, options.about),
    isAnswered: options.isAnswered ?? false,
    isInitialized: options.isInitialized ?? false,
    toHost: (message) => host.put(textOf(message)),
    toRemote(message) {
      const seen = remote.put(textOf(message))
      const member = seen.id === undefined ? undefined : options.answer?.(seen)
      if (member !== undefined) line.reply(seen, member)
    },
    log: createLog({ level: 'info', json: false, secrets: [], write: (text) => logged.push(text) }),
    host: 'remote.example',
    rediscover: options.rediscover ?? (() => Promise.resolve(undefined)),
    newId: () => `uuid-${++ids}`,
  })
  const line: Line = {
    translation,
    host,
    remote,
    logged,
    fromHost: (text) => translation.fromHost(envelope(text)),
    fromRemote: (text) => translation.fromRemote(envelope(text)),
    reply: ({ id }, member) => line.fromRemote(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${member}}`),
  }
  return line
}

function createEnd(): End & { put(text: string): Seen } {
  const all: Seen[] = []
  const untaken: Seen[] = []
  const waiters = new Set<() => void>()
  return {
    all,
    rest: () => untaken,
    put(text) {
      const value = JSON.parse(text) as Omit<Seen, 'text'>
      const seen = { ...value, params: value.params ?? {}, text }
      all.push(seen)
      untaken.push(seen)
      for (const wake of [...waiters]) wake()
      return seen
    },
    next(wanted) {
      const fits = typeof wanted === 'string' ? ({ method }: Seen) => method === wanted : wanted
      return new Promise((resolve) => {
        const look = (): void => {
          const at = untaken.findIndex(fits)
          if (at < 0) return
          waiters.delete(look)
          resolve(untaken.splice(at, 1)[0]!)
        }
        waiters.add(look)
        look()
      })
    },
  }
}
