// A modern remote's answers as a legacy host expects them: results without what came with the modern era, errors with
// the codes of the older one. Pure. protocol.md D.5.
import { type Envelope, spanAt, stringAt } from '../../message/envelope.ts'
import { CODE, errorCode } from '../../message/message.ts'
import { find, isObjectAt, readString, type Span } from '../../message/peek.ts'
import {
  applied,
  type Changes,
  type Edit,
  editsOf,
  elementsOf,
  type Member,
  membersOf,
  rewrite,
  valueIn,
} from '../../message/rewrite.ts'
import { ERA_CODE } from '../codes.ts'
import { META } from '../era.ts'
import { isOwnError } from '../own-errors.ts'
import { blockEdits, callChanges, hasOddBlocks } from './contents.ts'
import { toolListEdits } from './tool-lists.ts'

const MODERN_MEMBERS: Changes = {
  resultType: undefined,
  ttlMs: undefined,
  cacheScope: undefined,
  _meta: { [`${META}serverInfo`]: undefined },
}

/** The members of a result: read once, as results are large. */
export function resultMembers({ bytes, shape }: Envelope): readonly Member[] {
  return membersOf(bytes, shape.result)
}

/** `complete` where the remote does not say; undefined for an error, or for a `resultType` that is no text. */
export function resultType(response: Envelope, members = resultMembers(response)): string | undefined {
  if (response.shape.result === undefined) return undefined
  const type = valueIn(members, 'resultType')
  return type === undefined ? 'complete' : readString(response.bytes, type)
}

/** What a final result is. */
export interface Final {
  /** Of the request that it answers. */
  readonly method: string
  /** Of the host. */
  readonly version: string
  /** Its members, where they are known. */
  readonly members?: readonly Member[]
}

export interface LegacyResult {
  readonly response: Envelope
  /** The names of tools that are not in it because no legacy host can use them. */
  readonly removed: readonly string[]
}

/** A final result as the host is shown it. */
export function legacyResult(response: Envelope, final: Final): LegacyResult {
  const { method, version, members = resultMembers(response) } = final
  const { bytes, shape } = response
  const { result } = shape
  if (!isObjectAt(bytes, result)) return { response, removed: [] }
  let edits: readonly Edit[] = []
  let changes = MODERN_MEMBERS
  let removed: readonly string[] = []
  if (method === 'tools/list') {
    const list = toolListEdits(bytes, valueIn(members, 'tools'))
    edits = list.edits
    removed = list.removed
  } else if (method === 'tools/call') {
    const within = callChanges(bytes, members)
    changes = { ...changes, ...within }
    if (within.content === undefined && hasOddBlocks(version))
      edits = blockEdits(bytes, elementsOf(bytes, valueIn(members, 'content')), version)
  } else if (method === 'prompts/get' && hasOddBlocks(version)) {
    edits = blockEdits(bytes, promptBlocks(bytes, valueIn(members, 'messages')), version)
  }
  return { response: applied(response, [...edits, ...editsOf(bytes, result, changes, members)]), removed }
}

function promptBlocks(bytes: Uint8Array, messages: Span | undefined): Span[] {
  return elementsOf(bytes, messages).flatMap((message) => find(bytes, message, 'content') ?? [])
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
    case CODE.invalidParams:
      return isUnknownResource(response, request)
        ? rewrite(response, { error: { code: `${ERA_CODE.resourceNotFound}` } })
        : response
    default:
      return response
  }
}

function isUnknownResource(response: Envelope, request: Envelope): boolean {
  if (request.method !== 'resources/read') return false
  const asked = stringAt(request, 'params', 'uri')
  return asked !== undefined && asked === stringAt(response, 'error', 'data', 'uri')
}

/** People read the message, and hosts show no data: it must say what is missing. */
function withMissing(response: Envelope): Envelope {
  const names = pathsOf(response.bytes, spanAt(response, 'error', 'data', 'requiredCapabilities'))
  if (names.length === 0) return response
  const said = stringAt(response, 'error', 'message') ?? 'a capability is missing'
  const message = `${said} (the client does not offer: ${names.join(', ')})`
  return rewrite(response, { error: { message: JSON.stringify(message) } })
}

/** No capability lies deeper; how deep an answer is, is the remote's choice. */
const DEEPEST = 8

/** The innermost names, each behind those that it stands in. */
function pathsOf(bytes: Uint8Array, span: Span | undefined, depth = 1): string[] {
  return membersOf(bytes, span).flatMap(({ name, value }) => {
    const inner = depth < DEEPEST ? pathsOf(bytes, value, depth + 1) : []
    return inner.length === 0 ? [name] : inner.map((rest) => `${name}.${rest}`)
  })
}
