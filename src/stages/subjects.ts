// What a message of the host's is about: which tool, prompt or resource, by the remote's names. What does not say it to every
// reader in the same way is about nothing that could be let through. users.md 18; 25/TOOL, PROMPT, RES, COMPLETION.
import { type Envelope, stringAt } from '../message/envelope.ts'
import type { Span } from '../message/peek.ts'
import { objectIn, type Said, textIn, valuesOf, wholeOf } from './members.ts'

export type Kind = 'tools' | 'prompts' | 'resources'

/** A list that the host gets: what asks for it, and where in the result which names stand. */
export interface List {
  readonly kind: Kind
  readonly method: string
  readonly member: string
  readonly key: string
}

const TOOLS: List = { kind: 'tools', method: 'tools/list', member: 'tools', key: 'name' }
export const PROMPTS: List = { kind: 'prompts', method: 'prompts/list', member: 'prompts', key: 'name' }
export const RESOURCES: List = {
  kind: 'resources',
  method: 'resources/list',
  member: 'resources',
  key: 'uri',
}
export const TEMPLATES: List = {
  kind: 'resources',
  method: 'resources/templates/list',
  member: 'resourceTemplates',
  key: 'uriTemplate',
}
export const LISTS: ReadonlyMap<string, List> = new Map(
  [TOOLS, PROMPTS, RESOURCES, TEMPLATES].map((list) => [list.method, list]),
)

export interface Subject {
  readonly kind: Kind
  readonly said: Said
}

/** Those that make no sense without a name; others of the same family may have none. */
const NAMING: ReadonlySet<string> = new Set([
  'tools/call',
  'prompts/get',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
])

/** What a request or notification of the host's is about; a list, and what is about nothing of these, has none. */
export function subjectsOf(envelope: Envelope): readonly Subject[] {
  const { method = '', bytes } = envelope
  if (LISTS.has(method)) return []
  const params = paramsOf(envelope)
  if (method === 'completion/complete') return params === undefined ? unclear() : referred(bytes, params)
  const [, family] = /^(tools|prompts|resources)\//.exec(method) ?? []
  if (family === undefined) return []
  const kind = family as Kind
  const said = params === undefined ? NOTHING : textIn(bytes, params, kind === 'resources' ? 'uri' : 'name')
  if (said.kind !== 'nothing') return [{ kind, said }]
  const isMissing = NAMING.has(method) || valuesOf(bytes, wholeOf(envelope), 'params').length > 1
  return isMissing ? [{ kind, said: UNCLEAR }] : []
}

const NOTHING: Said = { kind: 'nothing' }
const UNCLEAR: Said = { kind: 'unclear' }

function unclear(): readonly Subject[] {
  return [
    { kind: 'prompts', said: UNCLEAR },
    { kind: 'resources', said: UNCLEAR },
  ]
}

/** `ref` of a completion: a prompt by its name, or a resource by its URI or template. */
function referred(bytes: Uint8Array, params: Span): readonly Subject[] {
  const ref = objectIn(bytes, params, 'ref')
  if (ref === undefined) return unclear()
  const subjects: Subject[] = [
    { kind: 'prompts', said: textIn(bytes, ref, 'name') },
    { kind: 'resources', said: textIn(bytes, ref, 'uri') },
  ]
  const told = subjects.filter(({ said }) => said.kind !== 'nothing')
  return told.length === 0 ? unclear() : told
}

/** The object that every reader takes for the params. */
export function paramsOf(envelope: Envelope): Span | undefined {
  return objectIn(envelope.bytes, wholeOf(envelope), 'params')
}

/** Whether some reader takes the message for another one than we do. */
export function isTwofold(envelope: Envelope): boolean {
  const methods = valuesOf(envelope.bytes, wholeOf(envelope), 'method').length
  return methods !== (envelope.method === undefined ? 0 : 1)
}

/** Whether the request says of itself that it is of the modern era (protocol.md 0.2). */
export function isModern(request: Envelope): boolean {
  return stringAt(request, 'params', '_meta', 'io.modelcontextprotocol/protocolVersion') !== undefined
}
