// What a modern remote wants to know from the host before it can go on, read from an `input_required` result, and as a
// request that a legacy host can answer. Pure. protocol.md D.7-1, D.7-2.

import { type Envelope, spanAt } from '../../message/envelope.ts'
import { find, isObjectAt, readString, type Span } from '../../message/peek.ts'
import { type Changes, type Edit, editsOf, elementsOf, membersOf, splice } from '../../message/rewrite.ts'
import { decode, textAt } from '../../message/utf8.ts'
import { capabilityFor } from '../input-methods.ts'

export interface InputRequest {
  readonly key: string
  readonly method: string
  /** JSON; absent where the remote gave none. */
  readonly params?: string
}

/** The host, as far as its questions depend on it. */
export interface Asking {
  readonly initialize: Envelope
  /** The version that is spoken with it. */
  readonly version: string
  readonly newId: () => string
}

/** Each of them may be a question to a person. */
const MOST = 1000

export type InputRequests =
  /** None where nothing is asked. */
  | { readonly kind: 'requests'; readonly requests: readonly InputRequest[] }
  | { readonly kind: 'wrong'; readonly why: string }

/** The entries of `inputRequests`. */
export function readInputRequests(
  bytes: Uint8Array,
  requests: Span | undefined,
  asking: Asking,
): InputRequests {
  if (requests !== undefined && !isObjectAt(bytes, requests)) return wrong('inputRequests is no object')
  const members = membersOf(bytes, requests, MOST + 1)
  if (members.length > MOST) return wrong(`the server asks for more than ${MOST} things at once`)
  const entries = new Map<string, InputRequest>()
  for (const { name, value } of members) {
    const method = readString(bytes, find(bytes, value, 'method'))
    const capability = method === undefined ? undefined : capabilityFor(method)
    if (method === undefined || capability === undefined)
      return wrong(`the server asks for ${method ?? 'something'}, which nobody can answer`)
    const mode = readString(bytes, find(bytes, value, 'params', 'mode'))
    if (!isDeclared(asking.initialize, capability, mode))
      return wrong(`the client does not offer ${mode === 'url' ? 'elicitation.url' : capability}`)
    const params = find(bytes, value, 'params')
    entries.set(name, {
      key: name,
      method,
      ...(params && { params: paramsText({ bytes, params, method, asking }) }),
    })
  }
  return { kind: 'requests', requests: [...entries.values()] }
}

function wrong(why: string): InputRequests {
  return { kind: 'wrong', why }
}

function isDeclared(initialize: Envelope, capability: string, mode: string | undefined): boolean {
  const { bytes } = initialize
  const declared = spanAt(initialize, 'params', 'capabilities', capability)
  if (!isObjectAt(bytes, declared)) return false
  if (capability !== 'elicitation') return true
  // Without a mode it is the form, and so it is for a host that names none.
  if (mode === 'url') return find(bytes, declared, 'url') !== undefined
  return find(bytes, declared, 'form') !== undefined || find(bytes, declared, 'url') === undefined
}

function paramsText(of: {
  readonly bytes: Uint8Array
  readonly params: Span
  readonly method: string
  readonly asking: Asking
}): string {
  const { bytes, params, method, asking } = of
  if (method !== 'elicitation/create') return textAt(bytes, params)
  const isUrl = readString(bytes, find(bytes, params, 'mode')) === 'url'
  const edits: Edit[] = []
  if (isUrl && find(bytes, params, 'elicitationId') === undefined)
    edits.push(...editsOf(bytes, params, { elicitationId: JSON.stringify(asking.newId()) }))
  if (!isUrl && asking.version < '2025-11-25') {
    edits.push(...editsOf(bytes, params, { mode: undefined }))
    for (const { value } of membersOf(bytes, find(bytes, params, 'requestedSchema', 'properties')))
      edits.push(...titledEdits(bytes, value))
  }
  return decode(splice(bytes, edits, params))
}

/** Choices with titles are written in another way before 2025-11-25. */
function titledEdits(bytes: Uint8Array, property: Span): Edit[] {
  const choices = find(bytes, property, 'oneOf')
  const read = elementsOf(bytes, choices).map((choice) => ({
    value: find(bytes, choice, 'const'),
    title: find(bytes, choice, 'title'),
  }))
  if (choices === undefined || read.length === 0 || read.some(({ value }) => value === undefined)) return []
  const list = (spans: readonly Span[]): string => `[${spans.map((span) => textAt(bytes, span)).join(',')}]`
  const changes: Changes = {
    oneOf: undefined,
    enum: list(read.map(({ value }) => value!)),
    enumNames: list(read.map(({ value, title }) => title ?? value!)),
  }
  return editsOf(bytes, property, changes)
}
