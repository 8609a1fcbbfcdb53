// The headers that repeat what a request of the modern era says in its body, so that proxies need not read it. Pure.
// protocol.md C.1, C.2; 0.4 for what is said twice.
import { META } from '../../era/era.ts'
import type { Envelope } from '../../message/envelope.ts'
import { find, type Span } from '../../message/peek.ts'
import { type Member, membersOf, valueIn } from '../../message/rewrite.ts'
import { encodeHeader, headerText, isVisible, UNSAYABLE } from './param-value.ts'
import type { ParamHeader } from './tool-schemas.ts'

export type Mirrored =
  | { readonly kind: 'headers'; readonly headers: readonly string[] }
  /** It cannot be said in headers, or says two things at once. */
  | { readonly kind: 'refused'; readonly why: string }

/** The member whose value is repeated as `Mcp-Name`, by method. */
const NAMED: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
}

const VERSION = `${META}protocolVersion`

/** A body that says a repeated thing twice could mean one to a proxy and another to the server. */
const TWICE = ['method', 'params']
const TWICE_WITHIN = ['_meta', 'name', 'uri', 'taskId']

/** The headers for a request or notification. `version`: for one that names none itself. */
export function requestHeaders(
  message: Envelope,
  paramsOf: (tool: string) => readonly ParamHeader[],
  version?: string,
): Mirrored {
  const { bytes, shape } = message
  const method = message.method ?? ''
  const { params } = shape
  const whole = membersOf(bytes, { start: bytes.indexOf(0x7b), end: bytes.length })
  const within = membersOf(bytes, params)
  const meta = membersOf(bytes, valueIn(within, '_meta'))
  const twice = repeated(whole, TWICE) ?? repeated(within, TWICE_WITHIN) ?? repeated(meta, [VERSION])
  if (twice !== undefined) return refused(`the member "${twice}" is there twice`)
  if (!isVisible(method)) return refused('the method has characters that no HTTP header can carry')
  const named = headerText(bytes, valueIn(meta, VERSION))
  const spoken = named ?? version
  if (spoken !== undefined && !isVisible(spoken))
    return refused(`${VERSION} has characters that no HTTP header can carry`)
  const headers = ['Mcp-Method', method]
  if (spoken !== undefined) headers.unshift('MCP-Protocol-Version', spoken)
  if (params === undefined) return { kind: 'headers', headers }
  const member = NAMED[method]
  const name = member === undefined ? undefined : stringAt(bytes, valueIn(within, member))
  const first: [string, string][] = name === undefined ? [] : [['Mcp-Name', name]]
  const known = method === 'tools/call' && name !== undefined ? paramsOf(name) : []
  const texts = first.concat(paramTexts(bytes, params, known))
  for (const [header, text] of texts) {
    const value = encodeHeader(text)
    if (value === UNSAYABLE)
      return refused(`what ${header} must repeat has half a character (a lone surrogate)`)
    headers.push(header, value)
  }
  return { kind: 'headers', headers }
}

function paramTexts(bytes: Uint8Array, params: Span, known: readonly ParamHeader[]): [string, string][] {
  return known.flatMap(({ path, header }): [string, string][] => {
    const text = headerText(bytes, find(bytes, params, 'arguments', ...path))
    return text === undefined ? [] : [[`Mcp-Param-${header}`, text]]
  })
}

function stringAt(bytes: Uint8Array, span: Span | undefined): string | undefined {
  return span !== undefined && bytes[span.start] === 0x22 ? headerText(bytes, span) : undefined
}

function refused(why: string): Mirrored {
  return { kind: 'refused', why }
}

/** The first of these names that two of the members have. */
function repeated(members: readonly Member[], names: readonly string[]): string | undefined {
  return names.find((name) => members.filter((member) => member.name === name).length > 1)
}
