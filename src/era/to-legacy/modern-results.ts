// What a legacy remote answers, as a modern host wants to read it. Pure. protocol.md E.2, E.4.
import { type Envelope, type Id, spanAt } from '../../message/envelope.ts'
import { CODE, errorCode, own, refuse } from '../../message/message.ts'
import { isObjectAt, type Span } from '../../message/peek.ts'
import {
  applied,
  type Changes,
  type Edit,
  editsOf,
  elementsOf,
  membersOf,
  rewrite,
  splice,
  valueIn,
} from '../../message/rewrite.ts'
import { decode, textAt } from '../../message/utf8.ts'
import { ERA_CODE } from '../codes.ts'
import { ALL_VERSIONS, META } from '../era.ts'

/** Whose results say for how long they may be kept: not at all, as the remote has said nothing (26, caching). */
const CACHEABLE: ReadonlySet<string> = new Set([
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
])
export const UNCACHED = { ttlMs: '0', cacheScope: '"private"' } as const

export interface Answering {
  readonly id: Id
  readonly method: string
  /** The JSON of who the remote is. */
  readonly serverInfo: string | undefined
}

/** The remote's answer, which has an id, as the answer to the host's request. */
export function asModern(response: Envelope, answering: Answering): Envelope {
  if (response.shape.error !== undefined) return asModernError(response, answering.id)
  const { id, method, serverInfo } = answering
  const { bytes, shape } = response
  const result = shape.result!
  if (!isObjectAt(bytes, result)) return notAResult(id)
  const members = membersOf(bytes, result)
  const lacksContent = method === 'tools/call' && valueIn(members, 'content') === undefined
  const changes: Changes = {
    resultType: '"complete"',
    ...(CACHEABLE.has(method) && UNCACHED),
    ...(lacksContent && { content: '[]' }),
    _meta: {
      [`${META}related-task`]: undefined,
      ...(serverInfo !== undefined && { [`${META}serverInfo`]: serverInfo }),
    },
  }
  return applied(response, [
    { ...shape.id!, text: id.raw },
    ...(method === 'tools/list' ? executionEdits(bytes, valueIn(members, 'tools')) : []),
    ...editsOf(bytes, result, changes, members),
  ])
}

function notAResult(id: Id): Envelope {
  const message = 'mcp-ferry: the remote answered with a result that is no object'
  return refuse(id, { code: CODE.internal, message, data: { origin: 'mcp-ferry', kind: 'protocol' } })
}

/** Takes out how a tool may run as a task: the bridge sees to that. */
function executionEdits(bytes: Uint8Array, tools: Span | undefined): Edit[] {
  return elementsOf(bytes, tools).flatMap((tool) => editsOf(bytes, tool, { execution: undefined }))
}

function asModernError(response: Envelope, { raw }: Id): Envelope {
  const code = errorCode(response)
  if (code === ERA_CODE.resourceNotFound)
    return rewrite(response, { id: raw, error: { code: `${CODE.invalidParams}` } })
  const isReserved = code !== undefined && code >= -32099 && code <= -32020
  if (!isReserved) return rewrite(response, { id: raw })
  const { bytes } = response
  const data = spanAt(response, 'error', 'data')
  const isObject = data === undefined || isObjectAt(bytes, data)
  return rewrite(response, {
    id: raw,
    error: {
      code: `${CODE.internal}`,
      data: isObject
        ? { originalCode: `${code}` }
        : `{"originalCode":${code},"originalData":${textAt(bytes, data!)}}`,
    },
  })
}

/** The answer to `server/discover`, by what the remote has said to `initialize`. */
export function asDiscovered(initialized: Envelope, { id, serverInfo }: Answering): Envelope {
  const { bytes } = initialized
  const capabilities = spanAt(initialized, 'result', 'capabilities')
  const instructions = spanAt(initialized, 'result', 'instructions')
  const members = [
    `"resultType":"complete"`,
    `"supportedVersions":${JSON.stringify(ALL_VERSIONS)}`,
    `"capabilities":${capabilities === undefined ? '{}' : offered(initialized, capabilities)}`,
    ...(instructions === undefined ? [] : [`"instructions":${textAt(bytes, instructions)}`]),
    `"ttlMs":${UNCACHED.ttlMs}`,
    `"cacheScope":${UNCACHED.cacheScope}`,
    ...metaOf(serverInfo),
  ]
  return own(`{"jsonrpc":"2.0","id":${id.raw},"result":{${members.join(',')}}}`)
}

function offered({ bytes }: Envelope, span: Span): string {
  const changes = { tasks: undefined, extensions: { [`${META}tasks`]: undefined } }
  return decode(splice(bytes, editsOf(bytes, span, changes), span))
}

/** The `_meta` of a result of our own, as a member. */
export function metaOf(serverInfo: string | undefined): string[] {
  return serverInfo === undefined ? [] : [`"_meta":{"${META}serverInfo":${serverInfo}}`]
}
