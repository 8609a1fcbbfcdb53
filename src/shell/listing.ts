// A list of the remote's with all its pages, each entry as it came, or the one entry of a name. A list without an end is not
// followed for ever.
import { BridgeError, usage } from '../errors.ts'
import { nearest } from '../options/nearest.ts'
import type { Client } from './client.ts'
import { printable } from './foreign-text.ts'
import { resultOf } from './outcome.ts'
import { elementsOf, fieldsOf, memberOf, parsedOf, type Raw, rawOf } from './raw-json.ts'
import type { Reply } from './replies.ts'

export interface ListKind {
  readonly method: string
  readonly member: string
  /** What the remote has to declare. */
  readonly capability: string
  readonly words: string
}

export const LISTS = {
  tools: { method: 'tools/list', member: 'tools', capability: 'tools', words: 'tools' },
  resources: {
    method: 'resources/list',
    member: 'resources',
    capability: 'resources',
    words: 'resources',
  },
  templates: {
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    capability: 'resources',
    words: 'resource templates',
  },
  prompts: { method: 'prompts/list', member: 'prompts', capability: 'prompts', words: 'prompts' },
} as const satisfies Readonly<Record<string, ListKind>>

export interface Listed {
  readonly items: readonly Raw[]
  /** Why they are not all. */
  readonly cut?: string
  /** Why there are none. */
  readonly absent?: string
}

const MOST_PAGES = 1000
const MOST_BYTES = 256 * 1024 * 1024
const METHOD_NOT_FOUND = -32601

/** Whether the remote has declared the capability in its handshake. */
export function declares({ server }: Client, ...path: readonly string[]): boolean {
  return memberOf(rawOf(server), 'capabilities', ...path) !== undefined
}

/** Ends with the page that has an entry which `isWanted`. Rejects with BridgeError. */
export async function listAll(
  client: Client,
  kind: ListKind,
  isWanted: (item: Raw) => boolean = () => false,
): Promise<Listed> {
  const { method, member, capability, words } = kind
  if (!declares(client, capability)) return { items: [], absent: `the server has no ${words}` }
  const items: Raw[] = []
  const cursors = new Set<string>()
  let cursor: string | undefined
  let bytes = 0
  for (let pages = 1; ; pages++) {
    const params = cursor === undefined ? undefined : `{"cursor":${cursor}}`
    const reply = await client.ask(method, params).reply
    // Many servers with resources know no templates.
    if (isUnknown(reply) && pages === 1) return { items, absent: lacking(words, method) }
    const result = rawOf(resultOf(method, reply))
    const list = memberOf(result, member)
    const page = list && elementsOf(list)
    if (page === undefined)
      throw new BridgeError('protocol', `the server's answer to ${method} has no list of ${words} in it`)
    for (const item of page) items.push(item)
    bytes += result.bytes.length
    cursor = nextCursor(result)
    if (cursor === undefined || page.some(isWanted)) return { items }
    const isEndless = pages === MOST_PAGES || bytes > MOST_BYTES
    if (isEndless || cursors.has(cursor)) {
      const shown = pages === 1 ? 'one page was' : `${pages} pages were`
      return { items, cut: `the list of ${words} has no end; ${shown} read` }
    }
    cursors.add(cursor)
  }
}

function isUnknown(reply: Reply): boolean {
  return reply.kind === 'refused' && reply.code === METHOD_NOT_FOUND
}

function lacking(words: string, method: string): string {
  return `the server has no ${words}: it does not know ${method}`
}

/** The JSON of the result, where servers without `words` do not know the method. Throws what the reply says instead. */
export function resultAbout(words: string, method: string, reply: Reply): string {
  if (isUnknown(reply)) throw new BridgeError('protocol', lacking(words, method))
  return resultOf(method, reply)
}

const MOST_NAMES = 12

/** The entry of that name. Rejects with BridgeError, which is `usage` where there is none. */
export async function findNamed(client: Client, kind: ListKind, name: string): Promise<Raw> {
  const isNamed = (item: Raw): boolean => fieldsOf(item).name === name
  const { items, cut, absent } = await listAll(client, kind, isNamed)
  const found = items.find(isNamed)
  if (found !== undefined) return found
  const one = `${kind.words.slice(0, -1)} ${firstLine(name)}`
  if (cut !== undefined) throw new BridgeError('protocol', `${cut}, and the ${one} is on none`)
  if (absent !== undefined) throw usage('unknown-name', absent)
  const names = items
    .map((item) => fieldsOf(item).name)
    .filter((each): each is string => typeof each === 'string')
  throw usage('unknown-name', `the server has no ${one}; ${hint(name, names)}`)
}

function hint(name: string, names: readonly string[]): string {
  const near = nearest(name, names, 3).map(firstLine)
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`
  if (names.length === 0) return 'it lists none'
  return `it has ${names.slice(0, MOST_NAMES).map(firstLine).join(', ')}${names.length > MOST_NAMES ? ', …' : ''}`
}

/** JSON of the text; undefined where the list ends. */
function nextCursor(result: Raw): string | undefined {
  const raw = memberOf(result, 'nextCursor')
  const value = raw && parsedOf(raw)
  return typeof value === 'string' && value !== '' ? JSON.stringify(value) : undefined
}

/** The first line, as a terminal may show it. */
export function firstLine(value: unknown): string {
  if (typeof value !== 'string') return ''
  return printable(value.trim().split(/[\r\n]/, 1)[0]!).trim()
}
