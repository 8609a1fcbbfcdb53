// A modern remote's answers as a legacy host expects them: results without what came with the modern era, errors with
// the codes of the older one. Pure. protocol.md D.5.
import type { Envelope } from '../../message/envelope.ts'
import { CODE, errorCode } from '../../message/message.ts'
import { find, readString, type Span } from '../../message/peek.ts'
import {
  applied,
  type Changes,
  type Edit,
  editsOf,
  elementsOf,
  membersOf,
  rewrite,
} from '../../message/rewrite.ts'
import { ERA_CODE } from '../codes.ts'
import { META } from '../era.ts'
import { isOwnError } from '../own-errors.ts'
import { blockEdits, callChanges } from './contents.ts'
import { toolListEdits } from './tool-lists.ts'

const MODERN_MEMBERS: Changes = {
  resultType: undefined,
  ttlMs: undefined,
  cacheScope: undefined,
  _meta: { [`${META}serverInfo`]: undefined },
}

/** `complete` where the remote does not say; undefined for an error, or for a `resultType` that is no text. */
export function resultType({ bytes, shape }: Envelope): string | undefined {
  if (shape.result === undefined) return undefined
  const type = find(bytes, shape.result, 'resultType')
  return type === undefined ? 'complete' : readString(bytes, type)
}

export interface LegacyResult {
  readonly response: Envelope
  /** The names of tools that are not in it because no legacy host can use them. */
  readonly removed: readonly string[]
}

/** A final result for a host that speaks `version`. */
export function legacyResult(response: Envelope, method: string, version: string): LegacyResult {
  const { bytes, shape } = response
  const { result } = shape
  if (result === undefined || bytes[result.start] !== 0x7b) return { response, removed: [] }
  let edits: readonly Edit[] = []
  let changes = MODERN_MEMBERS
  let removed: readonly string[] = []
  if (method === 'tools/list') {
    const list = toolListEdits(bytes, find(bytes, result, 'tools'))
    edits = list.edits
    removed = list.removed
  } else if (method === 'tools/call') {
    const within = callChanges(bytes, result)
    changes = { ...changes, ...within }
    if (within.content === undefined)
      edits = blockEdits(bytes, elementsOf(bytes, find(bytes, result, 'content')), version)
  } else if (method === 'prompts/get') {
    edits = blockEdits(bytes, promptBlocks(bytes, result), version)
  }
  return { response: applied(response, [...edits, ...editsOf(bytes, result, changes)]), removed }
}

function promptBlocks(bytes: Uint8Array, result: Span): Span[] {
  return elementsOf(bytes, find(bytes, result, 'messages')).flatMap(
    (message) => find(bytes, message, 'content') ?? [],
  )
}

/** The code of an error; undefined for a result, and for a failure that the bridge has told itself. */
export function remoteCode(response: Envelope): number | undefined {
  return isOwnError(response) ? undefined : errorCode(response)
}

/** An error that answers `request`. */
export function legacyError(response: Envelope, request: Envelope): Envelope {
  switch (remoteCode(response)) {
    case ERA_CODE.headerMismatch:
    case ERA_CODE.unsupportedVersion:
      return rewrite(response, { error: { code: `${CODE.internal}` } })
    case ERA_CODE.missingCapability:
      return withMissing(response)
    case ERA_CODE.invalidParams:
      return isUnknownResource(response, request)
        ? rewrite(response, { error: { code: `${ERA_CODE.resourceNotFound}` } })
        : response
    default:
      return response
  }
}

function isUnknownResource(response: Envelope, request: Envelope): boolean {
  if (request.method !== 'resources/read' || request.shape.params === undefined) return false
  const asked = readString(request.bytes, find(request.bytes, request.shape.params, 'uri'))
  const named = readString(response.bytes, find(response.bytes, response.shape.error!, 'data', 'uri'))
  return asked !== undefined && asked === named
}

/** People read the message, and hosts show no data: it must say what is missing. */
function withMissing(response: Envelope): Envelope {
  const { bytes, shape } = response
  const required = find(bytes, shape.error!, 'data', 'requiredCapabilities')
  const names = required === undefined ? [] : pathsOf(bytes, required)
  if (names.length === 0) return response
  const said = readString(bytes, find(bytes, shape.error!, 'message')) ?? 'a capability is missing'
  const message = `${said} (the client does not offer: ${names.join(', ')})`
  return rewrite(response, { error: { message: JSON.stringify(message) } })
}

/** No capability lies deeper; how deep an answer is, is the remote's choice. */
const DEEPEST = 8

/** The innermost names, each behind those that it stands in. */
function pathsOf(bytes: Uint8Array, span: Span, depth = 1): string[] {
  return membersOf(bytes, span).flatMap(({ name, value }) => {
    const inner = depth < DEEPEST ? pathsOf(bytes, value, depth + 1) : []
    return inner.length === 0 ? [name] : inner.map((rest) => `${name}.${rest}`)
  })
}
