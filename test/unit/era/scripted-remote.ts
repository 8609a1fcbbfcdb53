// A translation for a modern host between a host and legacy remotes that the test plays: messages go in and out as text,
// at once, and are noted.
import assert from 'node:assert/strict'
import { createModernToLegacy, type ModernToLegacy } from '../../../src/era/to-legacy/modern-to-legacy.ts'
import { createLog } from '../../../src/log.ts'
import { type Envelope, type Id, read } from '../../../src/message/envelope.ts'

export interface Message {
  readonly id?: string | number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

/** One remote, with one session. */
export interface PlayedRemote {
  /** What it was sent, oldest first. */
  readonly heard: string[]
  readonly messages: Message[]
  /** The last request of this method that it was sent. */
  last(method: string): Message & { readonly id: number }
  /** Says something; `origin` is the id of the request on whose stream. */
  say(message: unknown, origin?: number): void
  /** Answers a request with a result, or with what is given whole. */
  answer(request: Message, result: unknown): void
  fail(request: Message, code: number, data?: unknown): void
  readonly isClosed: boolean
  hasInputEnded: boolean
}

export interface Played {
  readonly translation: ModernToLegacy
  readonly remotes: PlayedRemote[]
  /** The one that was opened last. */
  readonly remote: PlayedRemote
  /** What the host was told, oldest first. */
  readonly told: string[]
  readonly messages: Message[]
  send(message: unknown): void
  /** Takes the one thing that the host was told since the last look. */
  next(): Message
  /** Checks that the host was told nothing since. */
  nothing(): void
}

export const META = 'io.modelcontextprotocol/'

/** The `_meta` of a modern request. */
function meta(capabilities: unknown = {}, more: Readonly<Record<string, unknown>> = {}) {
  return {
    [`${META}protocolVersion`]: '2026-07-28',
    [`${META}clientInfo`]: { name: 'host', version: '7' },
    [`${META}clientCapabilities`]: capabilities,
    ...more,
  }
}

export function modern(
  id: unknown,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  capabilities: unknown = {},
  more: Readonly<Record<string, unknown>> = {},
) {
  return { jsonrpc: '2.0', id, method, params: { ...params, _meta: meta(capabilities, more) } }
}

export interface Script {
  readonly capabilities?: unknown
  readonly canSpeakUnasked?: boolean
  readonly silentForMs?: () => number
  readonly parkedMs?: number
  /** In place of the answer to the n-th `initialize`. */
  readonly initialize?: (request: Message, remote: PlayedRemote, count: number) => void
}

export function envelope(message: unknown): Envelope {
  const reading = read(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)))
  if (reading.kind !== 'message') throw new TypeError(`no message: ${JSON.stringify(message)}`)
  return reading.envelope
}

export function textOf({ bytes }: Envelope): string {
  return Buffer.from(bytes).toString()
}

export const SERVER_INFO = { name: 'legacy', version: '1.0' }

/** Sets the scene; nothing is opened yet. */
export function play(script: Script = {}): Played {
  const remotes: PlayedRemote[] = []
  const told: string[] = []
  let seen = 0
  let tokens = 0
  const translation = createModernToLegacy({
    openRemote(toHost) {
      const remote = playRemote(script, remotes.length + 1, toHost)
      remotes.push(remote)
      return {
        toRemote: (message) => remote.take(textOf(message)),
        canSpeakUnasked: () => Promise.resolve(script.canSpeakUnasked ?? true),
        // As slow as can be.
        silentForMs: () => script.silentForMs?.() ?? 0,
        idle: () => new Promise(() => {}),
        inputEnded() {
          remote.hasInputEnded = true
        },
        async close() {
          remote.isClosed = true
        },
      }
    },
    toHost: (message) => void told.push(textOf(message)),
    log: createLog({ level: 'silent', json: false, secrets: [], write() {} }),
    version: '0.0.1',
    newToken: () => `token-${++tokens}`,
    digest: (bytes) => Buffer.from(bytes).toString('base64'),
    parkedMs: script.parkedMs ?? 900_000,
  })
  return {
    translation,
    remotes,
    get remote() {
      return remotes.at(-1)!
    },
    told,
    get messages() {
      return told.map((text) => JSON.parse(text) as Message)
    },
    send: (message) => translation.fromHost(envelope(message)),
    next() {
      assert.equal(told.length, seen + 1, `one message was expected: ${told.slice(seen).join('\n')}`)
      return JSON.parse(told[seen++]!) as Message
    },
    nothing: () => assert.equal(told.length, seen, `nothing was expected: ${told.slice(seen).join('\n')}`),
  }
}

interface Playing extends PlayedRemote {
  isClosed: boolean
  take(text: string): void
}

type ToHost = (message: Envelope, origin: Id | undefined) => void

function playRemote(script: Script, count: number, toHost: ToHost): Playing {
  const remote: Playing = {
    heard: [],
    isClosed: false,
    hasInputEnded: false,
    get messages() {
      return remote.heard.map((text) => JSON.parse(text) as Message)
    },
    last(method) {
      const found = remote.messages.findLast((message) => message.method === method)
      assert.ok(found !== undefined, `no ${method} came: ${remote.heard.join('\n')}`)
      return found as Message & { id: number }
    },
    say: (message, origin) =>
      toHost(envelope(message), origin === undefined ? undefined : { raw: `${origin}`, key: `${origin}` }),
    answer: ({ id }, result) => remote.say({ jsonrpc: '2.0', id, result }, id as number),
    fail: ({ id }, code, data) =>
      remote.say({ jsonrpc: '2.0', id, error: { code, message: 'no', data } }, id as number),
    take(text) {
      remote.heard.push(text)
      const message = JSON.parse(text) as Message
      if (message.method !== 'initialize') return
      if (script.initialize !== undefined) return script.initialize(message, remote, count)
      accept(message, remote, script.capabilities)
    },
  }
  return remote
}

export function accept(request: Message, remote: PlayedRemote, capabilities: unknown = {}): void {
  const result = {
    protocolVersion: '2025-11-25',
    capabilities,
    serverInfo: SERVER_INFO,
    instructions: 'Be kind.',
  }
  remote.answer(request, result)
}

/** Has the session opened with these capabilities of the host. */
export async function opened(capabilities: unknown = {}, script: Script = {}): Promise<Played> {
  const played = play(script)
  const answer = await played.translation.open(envelope(modern(0, 'tools/list', {}, capabilities)))
  assert.ok(answer.shape.result !== undefined, textOf(answer))
  return played
}

/** Resolves once all that waits for nothing but promises has been done. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
