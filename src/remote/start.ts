// What a host is told while the remote is not there yet, so that its start is not lost: most hosts ask once and never
// again. Pure. protocol.md 0.12. Deferred.
import type { Envelope } from '../message/envelope.ts'
import { own } from '../message/message.ts'

const LIST_WAIT_MS = 20_000
const OTHER_WAIT_MS = 60_000
/** A person has to sign in. */
const SIGN_IN_WAIT_MS = 5 * 60_000

const KINDS = ['tools', 'prompts', 'resources'] as const
type ListKind = (typeof KINDS)[number]

const EMPTY: ReadonlyMap<string, { readonly kind: ListKind; readonly result: string }> = new Map([
  ['tools/list', { kind: 'tools', result: '{"tools":[]}' }],
  ['prompts/list', { kind: 'prompts', result: '{"prompts":[]}' }],
  ['resources/list', { kind: 'resources', result: '{"resources":[]}' }],
  ['resources/templates/list', { kind: 'resources', result: '{"resourceTemplates":[]}' }],
])

/** How long a request may wait for the remote, in milliseconds. */
export function patienceMs(method: string, isSigningIn = false): number {
  if (EMPTY.has(method)) return LIST_WAIT_MS
  return isSigningIn ? SIGN_IN_WAIT_MS : OTHER_WAIT_MS
}

/** The answer to a list request that has waited long enough, and which list it is; undefined for other methods. */
export function emptyList(
  request: Envelope,
): { readonly answer: Envelope; readonly kind: ListKind } | undefined {
  const empty = EMPTY.get(request.method ?? '')
  if (empty === undefined) return undefined
  return { kind: empty.kind, answer: result(request, empty.result) }
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

/** A response with this result (JSON). */
export function result({ id }: Envelope, json: string): Envelope {
  return own(`{"jsonrpc":"2.0","id":${id!.raw},"result":${json}}`)
}

/** The JSON of an InitializeResult, or undefined if it is none. */
export function parse(text: string): { capabilities?: Record<string, unknown> } | undefined {
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
