// What a legacy host has said of itself once, in `initialize`, as the modern era wants it said in each request. Pure.
// protocol.md D.2.
import type { Envelope } from '../../message/envelope.ts'
import { find, isObjectAt, type Span } from '../../message/peek.ts'
import { type Changes, membersOf } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import { META } from '../era.ts'

/** The members of `_meta` that each request of this host has; `own`: the extensions that the bridge itself has. */
export function clientMeta(initialize: Envelope, version: string, own: readonly string[]): Changes {
  const { bytes, shape } = initialize
  const params = shape.params ?? { start: 0, end: 0 }
  const info = find(bytes, params, 'clientInfo')
  return {
    [`${META}protocolVersion`]: JSON.stringify(version),
    ...(info && { [`${META}clientInfo`]: textAt(bytes, info) }),
    [`${META}clientCapabilities`]: capabilities(bytes, find(bytes, params, 'capabilities'), own),
  }
}

/** The host's capabilities without what the modern era does not know, and with tasks, which the bridge drives. */
function capabilities(bytes: Uint8Array, declared: Span | undefined, own: readonly string[]): string {
  const texts = new Map<string, string>()
  for (const { name, value } of membersOf(bytes, declared)) {
    const text = capability(bytes, name, value)
    if (text !== undefined) texts.set(name, text)
  }
  const given = declared && find(bytes, declared, 'extensions')
  texts.set('extensions', extensions(bytes, given, ['tasks', ...own]))
  return `{${[...texts].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`
}

function capability(bytes: Uint8Array, name: string, value: Span): string | undefined {
  if (!isObjectAt(bytes, value)) return undefined
  switch (name) {
    case 'roots':
      return '{}'
    case 'sampling':
      return `{${membersOf(bytes, value)
        .filter((member) => member.name === 'context' || member.name === 'tools')
        .map((member) => `"${member.name}":${textAt(bytes, member.value)}`)
        .join(',')}}`
    case 'elicitation':
      return membersOf(bytes, value).length === 0 ? '{"form":{}}' : textAt(bytes, value)
    case 'experimental':
      return textAt(bytes, value)
    default:
      return undefined
  }
}

/** The host's extensions, and those of ours that it does not have itself. */
function extensions(bytes: Uint8Array, given: Span | undefined, ours: readonly string[]): string {
  const members = membersOf(bytes, given)
  const added = ours
    .map((name) => META + name)
    .filter((name) => members.every((member) => member.name !== name))
    .map((name) => `${JSON.stringify(name)}:{}`)
  const kept = members.map(({ key, value }) => textAt(bytes, { start: key.start, end: value.end }))
  return `{${[...kept, ...added].join(',')}}`
}
