// What a host is told while the remote is not there yet, so that its start is not lost: most hosts ask once and never
// again. Pure. protocol.md 0.12.
import type { Envelope } from '../message/envelope.ts'
import { own } from '../message/message.ts'
import { find, readString } from '../message/peek.ts'
import { decode } from '../message/utf8.ts'

const LIST_WAIT_MS = 20_000
const OTHER_WAIT_MS = 60_000

const KINDS = ['tools', 'prompts', 'resources'] as const
type ListKind = (typeof KINDS)[number]

const EMPTY: ReadonlyMap<string, { readonly kind: ListKind; readonly result: string }> = new Map([
  ['tools/list', { kind: 'tools', result: '{"tools":[]}' }],
  ['prompts/list', { kind: 'prompts', result: '{"prompts":[]}' }],
  ['resources/list', { kind: 'resources', result: '{"resources":[]}' }],
  ['resources/templates/list', { kind: 'resources', result: '{"resourceTemplates":[]}' }],
])

/** How long a request may wait for the remote, in milliseconds. */
export function patienceMs(method: string): number {
  return EMPTY.has(method) ? LIST_WAIT_MS : OTHER_WAIT_MS
}

/** The answer to a list request that has waited long enough, and which list it is; undefined for other methods. */
export function emptyList(
  request: Envelope,
): { readonly answer: Envelope; readonly kind: ListKind } | undefined {
  const empty = EMPTY.get(request.method ?? '')
  if (empty === undefined) return undefined
  return { kind: empty.kind, answer: result(request, empty.result) }
}

/**
 * The answer to `initialize` in the remote's stead. `remembered` is the JSON of the InitializeResult that it gave at an
 * earlier start; `why` completes a sentence about the remote.
 */
export function provisionalAnswer(
  initialize: Envelope,
  {
    host,
    why,
    remembered,
  }: { readonly host: string; readonly why: string; readonly remembered: string | undefined },
): Envelope {
  const { bytes, shape } = initialize
  const protocolVersion =
    (shape.params && readString(bytes, find(bytes, shape.params, 'protocolVersion'))) ?? '2025-11-25'
  const instructions = `This server (${host}) is not connected yet: ${why}. mcp-ferry goes on trying; its tools appear as soon as it is there.`
  const known = remembered === undefined ? undefined : parse(remembered)
  const changes = { listChanged: true }
  const standIn = known ?? {
    capabilities: { tools: changes, prompts: changes, resources: changes },
    serverInfo: { name: host, version: '0' },
  }
  return result(initialize, JSON.stringify({ ...standIn, protocolVersion, instructions }))
}

/** The kinds of lists of which this InitializeResult says that they exist; of which it says that they may change. */
export function listKinds(initializeResult: string | undefined): {
  readonly offered: readonly ListKind[]
  readonly changing: readonly ListKind[]
} {
  const { capabilities = {} } = (initializeResult === undefined ? undefined : parse(initializeResult)) ?? {}
  const offered = KINDS.filter((kind) => isObject(capabilities[kind]))
  const changing = offered.filter(
    (kind) => (capabilities[kind] as { listChanged?: unknown }).listChanged === true,
  )
  return { offered, changing }
}

/** The JSON of the result in a response, or undefined for an error. */
export function resultText({ bytes, shape }: Envelope): string | undefined {
  return shape.result && decode(bytes.subarray(shape.result.start, shape.result.end))
}

function result({ id }: Envelope, json: string): Envelope {
  return own(`{"jsonrpc":"2.0","id":${id!.raw},"result":${json}}`)
}

function parse(text: string): { capabilities?: Record<string, unknown> } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) && (value.capabilities === undefined || isObject(value.capabilities))
      ? value
      : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
