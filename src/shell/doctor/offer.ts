// What the server offers: how many tools, how much of a model's attention they cost, and whether editors take their names.
// users.md 1.
import { toBridgeError } from '../../errors.ts'
import type { Opened } from './handshake.ts'
import { fieldsOf } from './handshake.ts'
import type { Fields, Host } from './host.ts'
import { type Finding, skipped } from './step.ts'

/** Above it models choose badly, and some editors leave tools out. */
const MANY_TOOLS = 40
const MANY_TOKENS = 25_000
/** What some editors allow for the names of server and tool together. */
const LONGEST_NAMES = 60
/** A token of a model has about so many characters. */
const CHARACTERS_PER_TOKEN = 4
/** A server that never comes to an end is not followed for ever. */
const MOST_PAGES = 100

interface Counted {
  readonly items: readonly Fields[]
  readonly pages: number
}

const LISTS = [
  { capability: 'tools', method: 'tools/list', member: 'tools' },
  { capability: 'prompts', method: 'prompts/list', member: 'prompts' },
  { capability: 'resources', method: 'resources/list', member: 'resources' },
  { capability: 'resources', method: 'resources/templates/list', member: 'resourceTemplates' },
] as const

export async function lookAtOffer(host: Host, opened: Opened): Promise<Finding> {
  const { capabilities } = opened
  const wanted = LISTS.filter(({ capability }) => capabilities[capability] !== undefined)
  if (wanted.length === 0) return skipped('the server offers neither tools nor prompts nor resources')
  const found = new Map<string, Counted>()
  const problems: string[] = []
  let lacksTools: string | undefined
  for (const { method, member } of wanted) {
    try {
      found.set(member, await listAll(host, method, member))
    } catch (thrown) {
      const { message } = toBridgeError(thrown)
      if (member === 'tools') lacksTools = message
      // Many servers with resources know no templates.
      else if (member !== 'resourceTemplates') problems.push(message)
    }
  }
  return judgeOffer({ found, problems, lacksTools, serverName: opened.serverName })
}

async function listAll(host: Host, method: string, member: string): Promise<Counted> {
  const items: Fields[] = []
  let cursor: unknown
  let pages = 0
  do {
    const page = await host.ask(method, cursor === undefined ? {} : { cursor })
    pages++
    const list = page[member]
    if (Array.isArray(list)) items.push(...list.map(fieldsOf))
    cursor = page.nextCursor
  } while (typeof cursor === 'string' && cursor !== '' && pages < MOST_PAGES)
  return { items, pages }
}

export interface Offer {
  readonly found: ReadonlyMap<string, Counted>
  readonly problems: readonly string[]
  /** Why the tools cannot be listed. */
  readonly lacksTools: string | undefined
  readonly serverName: string
}

export function judgeOffer({ found, problems, lacksTools, serverName }: Offer): Finding {
  const tools = found.get('tools')?.items ?? []
  const names = tools.map(({ name }) => String(name))
  const longest = names.reduce((long, name) => (name.length > long.length ? name : long), '')
  const tokens = Math.round(JSON.stringify(tools).length / CHARACTERS_PER_TOKEN)
  const counts = Object.fromEntries([...found].map(([member, { items }]) => [member, items.length]))
  const pages = found.get('tools')?.pages ?? 0
  const heavy = tools.length > MANY_TOOLS || tokens > MANY_TOKENS
  const isLong = longest.length + serverName.length + 1 > LONGEST_NAMES && longest !== ''
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  const notes = [
    ...(isLong
      ? [
          `with the server's name ${longest.slice(0, 80)} is longer than the ${LONGEST_NAMES} characters that some editors take: give the entry a short name`,
        ]
      : []),
    ...(repeated === undefined ? [] : [`two tools are called ${repeated.slice(0, 80)}`]),
    ...problems,
  ]
  const others = Object.entries(counts).filter(([member]) => member !== 'tools')
  const sees = [`${tools.length} ${tools.length === 1 ? 'tool' : 'tools'}, roughly ${tokens} tokens`]
  for (const [member, count] of others) sees.push(`${count} ${WORDS[member]?.[count === 1 ? 0 : 1]}`)
  const facts = {
    ...counts,
    toolTokens: tokens,
    toolPages: pages,
    longestToolName: longest.slice(0, 200),
    problems,
  }
  if (lacksTools !== undefined)
    return { state: 'fail', sees: `the editor is told: ${lacksTools}`, details: notes, facts }
  return {
    state: heavy || notes.length > 0 ? 'warn' : 'ok',
    sees: sees.join('; '),
    ...(notes.length > 0 && { details: notes }),
    ...(heavy && {
      advice: `that is much for a model (more than ${MANY_TOOLS} tools or ${MANY_TOKENS} tokens): turn off in the editor what you do not use`,
    }),
    facts,
  }
}

const WORDS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  prompts: ['prompt', 'prompts'],
  resources: ['resource', 'resources'],
  resourceTemplates: ['resource template', 'resource templates'],
}
