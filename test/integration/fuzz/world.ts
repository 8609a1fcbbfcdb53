// A host and a remote that mean no good, with all the stages between them, and the books of what has reached whom. Names tell
// what may be seen: `secret…` is denied, `quiet…` does not say that it only reads.
import assert from 'node:assert/strict'
import { compose, type Lane } from '../../../src/lane.ts'
import { createLog } from '../../../src/log.ts'
import { type Envelope, read } from '../../../src/message/envelope.ts'
import type { Options } from '../../../src/options/options.ts'
import type { ShapingOptions } from '../../../src/options/shaping.ts'
import { createStages } from '../../../src/stages/stages.ts'
import type { Chance } from './chance.ts'
import { type Read, readAll, valuesOf } from './reading.ts'

/** A message as JSON.parse sees it. */
export interface Seen {
  readonly id?: string | number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: unknown
}

export interface World {
  readonly isReadOnly: boolean
  /** False: not JSON, or no message: it was not sent. */
  fromHost(text: string | Uint8Array): boolean
  fromRemote(text: string | Uint8Array): boolean
  /** Requests that have reached the remote and that it has not answered yet: their ids, and what they ask. */
  readonly open: Map<string, Seen>
  /** Throws if a request was lost, or something was seen that is hidden. */
  check(): void
  /** How many requests of the host have reached the remote, and how many were answered without it. */
  readonly counts: { reached: number; refused: number }
}

/** On, and never over. */
const NEVER_MS = 3_600_000

function shapingOf(chance: Chance): ShapingOptions {
  const names = new Map([
    ['open_1', 'first'],
    ['open_2', 'open_3'],
  ])
  const both = { allow: ['*'], deny: ['*secret*'] }
  return {
    filter: {
      tools: chance.percent(50) ? both : { deny: ['*secret*'] },
      prompts: both,
      resources: { deny: ['*secret*'] },
      ...(chance.percent(50) && { isReadOnly: true }),
    },
    rename: {
      ...(chance.percent(70) && { toolPrefix: 'p_' }),
      ...(chance.percent(50) && { promptPrefix: 'q_' }),
      ...(chance.percent(70) && { tools: names, prompts: names }),
      ...(chance.percent(70) && { mostCharacters: 16 }),
    },
    descriptions: new Map([['open_1', 'other words']]),
    fixed: new Map([['open_2', new Map([['a', '"fixed"']])]]),
    schema: chance.pick(['gemini', 'openai', 'strict'] as const),
  }
}

export function createWorld(chance: Chance): World {
  const shaping = shapingOf(chance)
  const isReadOnly = shaping.filter?.isReadOnly === true
  const faults: string[] = []
  const open = new Map<string, Seen>()
  const sent = { host: new Map<string, number>(), remote: new Map<string, number>() }
  /** How often a request has reached the other side, and how often it was answered. */
  const reached = new Map<string, number>()
  const answered = new Map<string, number>()
  const replied = new Set<string>()
  const cancelled = new Set<string>()
  const counts = { reached: 0, refused: 0 }
  const log = createLog({ level: 'error', json: false, secrets: [], write: (line) => void faults.push(line) })
  const options = { limits: { requestTimeoutMs: NEVER_MS }, shaping } as unknown as Options
  const line: Lane = compose(createStages(options, log), {
    toRemote: (envelope) => atRemote(envelope),
    toHost: (envelope) => atHost(envelope),
  })

  function atRemote(envelope: Envelope): void {
    const text = textOf(envelope)
    const seen = JSON.parse(text) as Seen
    const why = whyHidden(readAll(text), isReadOnly)
    if (why !== undefined) faults.push(`${why} has reached the remote: ${text}`)
    if (!isSet(seen)) faults.push(`a call without what --set sets has reached the remote: ${text}`)
    if (envelope.kind === 'request') {
      count(reached, `host ${envelope.id!.key}`)
      open.set(envelope.id!.key, seen)
    } else if (envelope.kind === 'response' && envelope.id) count(answered, `remote ${envelope.id.key}`)
  }

  function atHost(envelope: Envelope): void {
    const text = textOf(envelope)
    const leak = leakIn(readAll(text), isReadOnly)
    if (leak !== undefined) faults.push(`the host sees ${leak}: ${text}`)
    if (envelope.kind === 'request') count(reached, `remote ${envelope.id!.key}`)
    else if (envelope.kind === 'response' && envelope.id) count(answered, `host ${envelope.id.key}`)
  }

  /** What is no message goes no further than the readers of lines and streams. */
  function send(side: 'host' | 'remote', text: string | Uint8Array): boolean {
    const reading = read(typeof text === 'string' ? new TextEncoder().encode(text) : text)
    if (reading.kind !== 'message') return false
    const { envelope } = reading
    const key = envelope.id && `${side} ${envelope.id.key}`
    // The ledger refuses a host's second request of one id; what the remote does twice is its own.
    if (envelope.kind === 'request' && sent[side].has(key!)) return false
    if (envelope.kind === 'request') count(sent[side], key!)
    if (envelope.kind === 'response' && side === 'remote' && envelope.id) {
      if (!open.delete(envelope.id.key)) return false
      replied.add(`host ${envelope.id.key}`)
    }
    if (side === 'host' && envelope.method === 'notifications/cancelled')
      cancelled.add(cancelKey(textOf(envelope)))
    if (side === 'host') line.toRemote(envelope)
    else line.toHost(envelope)
    return true
  }

  function check(): void {
    assert.deepEqual(faults, [])
    for (const side of ['host', 'remote'] as const)
      for (const key of sent[side].keys()) {
        const came = reached.get(key) ?? 0
        const got = answered.get(key) ?? 0
        assert.ok(came <= 1, `the request ${key} has been sent ${came} times`)
        assert.ok(got <= 1, `the request ${key} was answered ${got} times`)
        if (side === 'host' && came > 0) counts.reached++
        else if (side === 'host' && got > 0) counts.refused++
        if (side === 'host' && !cancelled.has(key)) {
          assert.ok(came + got > 0, `the request ${key} was lost`)
          assert.ok(!replied.has(key) || got === 1, `the answer to ${key} was lost`)
        }
        if (side === 'remote') assert.ok(came + got > 0, `the request ${key} was lost`)
      }
  }

  return {
    isReadOnly,
    open,
    check,
    counts,
    fromHost: (text) => send('host', text),
    fromRemote: (text) => send('remote', text),
  }
}

function count(table: Map<string, number>, key: string): void {
  table.set(key, (table.get(key) ?? 0) + 1)
}

function textOf({ bytes }: Envelope): string {
  return new TextDecoder().decode(bytes)
}

function cancelKey(text: string): string {
  const id = (JSON.parse(text) as { params?: { requestId?: unknown } | null }).params?.requestId
  return `host ${typeof id === 'string' ? `"${id}` : String(id)}`
}

/** Whether the argument is there that `shapingOf` fixes, if it is a call that has to have it. */
function isSet({ method, params }: Seen): boolean {
  const { name, arguments: args } = (params ?? {}) as { name?: unknown; arguments?: { a?: unknown } }
  return method !== 'tools/call' || name !== 'open_2' || /^"?fixed"?$/.test(String(args?.a))
}

const ABOUT: Readonly<Record<string, readonly string[]>> = {
  'tools/call': ['name'],
  'prompts/get': ['name'],
  'resources/read': ['uri'],
  'resources/subscribe': ['uri'],
  'resources/unsubscribe': ['uri'],
}

/** What is called that must not be, as the most lenient reader sees it. */
function whyHidden(seen: Read, isReadOnly: boolean): string | undefined {
  const methods = valuesOf(seen, 'method').map(String)
  for (const method of methods) {
    const isTool = method === 'tools/call'
    for (const params of valuesOf(seen, 'params'))
      for (const member of ABOUT[method] ?? [])
        for (const value of valuesOf(params, member)) {
          const text = typeof value === 'string' ? value : JSON.stringify(value, plain)
          if (/secret/i.test(text)) return `a call of ${text}`
          if (isTool && isReadOnly && /quiet/i.test(text)) return `a call of ${text}`
        }
  }
  return undefined
}

const LISTS: readonly (readonly [string, string])[] = [
  ['tools', 'name'],
  ['prompts', 'name'],
  ['resources', 'uri'],
  ['resourceTemplates', 'uriTemplate'],
]

/** The name of a hidden element of a list that the host gets. */
function leakIn(seen: Read, isReadOnly: boolean): string | undefined {
  for (const result of valuesOf(seen, 'result'))
    for (const [list, key] of LISTS)
      for (const value of valuesOf(result, list))
        for (const element of Array.isArray(value) ? (value as readonly Read[]) : [])
          for (const name of valuesOf(element, key)) {
            if (typeof name !== 'string') continue
            const isHidden = /secret/i.test(name) || (list === 'tools' && isReadOnly && /quiet/i.test(name))
            if (isHidden) return name
          }
  return undefined
}

/** Maps are told as lists. */
function plain(_name: string, value: unknown): unknown {
  return value instanceof Map ? [...(value as ReadonlyMap<string, unknown>)] : value
}
