// The answer to a legacy host's `initialize`, made of what a modern remote has said of itself. Pure. protocol.md D.1-2, D.3.
import { type Envelope, spanAt, stringAt } from '../../message/envelope.ts'
import { own } from '../../message/message.ts'
import { find, isObjectAt, readString, type Span } from '../../message/peek.ts'
import { membersOf } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import { LIST_KINDS, type ListKind } from '../changes.ts'
import { LEGACY_VERSIONS, META } from '../era.ts'
import type { Discovered } from '../translation.ts'

/** What both eras know under the same name, apart from `extensions`. `tasks` is another thing in each of them. */
const PASSING: ReadonlySet<string> = new Set([
  'tools',
  'prompts',
  'resources',
  'completions',
  'logging',
  'experimental',
])

/** What of the remote's offers decides how it is spoken to. */
export interface Offers {
  readonly lists: readonly ListKind[]
  /** The lists that the remote reports changes of. */
  readonly changing: readonly ListKind[]
  readonly hasResourceUpdates: boolean
  readonly hasLogging: boolean
}

/** The version that is spoken with this host. */
export function legacyVersion(initialize: Envelope): string {
  const asked = stringAt(initialize, 'params', 'protocolVersion')
  return asked !== undefined && LEGACY_VERSIONS.includes(asked) ? asked : LEGACY_VERSIONS.at(-1)!
}

/** The answer to `initialize`. `host` names a remote that does not tell its own name. */
export function initializeAnswer(initialize: Envelope, { response }: Discovered, host: string): Envelope {
  const { bytes, shape } = response
  const result = shape.result ?? { start: 0, end: 0 }
  const instructions = find(bytes, result, 'instructions')
  const hasInstructions = readString(bytes, instructions) !== undefined
  const members = [
    `"protocolVersion":${JSON.stringify(legacyVersion(initialize))}`,
    `"capabilities":${capabilities(bytes, find(bytes, result, 'capabilities'))}`,
    `"serverInfo":${serverInfo(bytes, result) ?? JSON.stringify({ name: host, version: '0' })}`,
    ...(hasInstructions ? [`"instructions":${textAt(bytes, instructions!)}`] : []),
  ]
  return own(`{"jsonrpc":"2.0","id":${initialize.id!.raw},"result":{${members.join(',')}}}`)
}

export function offersOf({ response }: Discovered): Offers {
  const { bytes } = response
  const at = (...path: string[]): Span | undefined => spanAt(response, 'result', 'capabilities', ...path)
  const isTrue = (span: Span | undefined): boolean => span !== undefined && bytes[span.start] === 0x74
  const lists = LIST_KINDS.filter((kind) => isObjectAt(bytes, at(kind)))
  return {
    lists,
    changing: lists.filter((kind) => isTrue(at(kind, 'listChanged'))),
    hasResourceUpdates: isTrue(at('resources', 'subscribe')),
    hasLogging: isObjectAt(bytes, at('logging')),
  }
}

/** Before 2026-07-28 was final it stood in the result itself. A legacy host takes no answer without name and version. */
function serverInfo(bytes: Uint8Array, result: Span): string | undefined {
  const places = [find(bytes, result, '_meta', `${META}serverInfo`), find(bytes, result, 'serverInfo')]
  const info = places.find(
    (place) =>
      place !== undefined &&
      readString(bytes, find(bytes, place, 'name')) !== undefined &&
      readString(bytes, find(bytes, place, 'version')) !== undefined,
  )
  return info && textAt(bytes, info)
}

function capabilities(bytes: Uint8Array, declared: Span | undefined): string {
  const texts = new Map<string, string>()
  for (const { name, value } of membersOf(bytes, declared)) {
    if (!isObjectAt(bytes, value)) continue
    if (PASSING.has(name)) texts.set(name, textAt(bytes, value))
    if (name === 'extensions') {
      const known = membersOf(bytes, value).filter((extension) => extension.name !== `${META}tasks`)
      const all = known.map(({ key, value: setting }) => `${textAt(bytes, key)}:${textAt(bytes, setting)}`)
      if (all.length > 0) texts.set(name, `{${all.join(',')}}`)
    }
  }
  return `{${[...texts].map(([name, text]) => `"${name}":${text}`).join(',')}}`
}
