// What the server offers: how many tools, how much of a model's attention they cost, and whether editors take their names.
// users.md 1.
import { toBridgeError } from '../../errors.ts'
import { cut, textOf } from '../foreign-text.ts'
import type { Opened } from './handshake.ts'
import { type Fields, fieldsOf, type Host } from './host.ts'
import { type Finding, skipped } from './step.ts'

/** Above it models choose badly, and some editors leave tools out. */
const MANY_TOOLS = 40
const MANY_TOKENS = 25_000
/** What some editors allow for the names of server and tool together. */
const LONGEST_NAMES = 60
/** A token of a model has about so many characters. */
const CHARACTERS_PER_TOKEN = 4
/** A server that never comes to an end is not followed for ever: not through so many pages, nor for so long. */
const MOST_PAGES = 100
const LONGEST_MS = 60_000

interface Counted {
  readonly items: readonly Fields[]
  readonly pages: number
  /** There are more of them, which were not asked for. */
  readonly isCut: boolean
}

const LISTS = [
  { capability: 'tools', method: 'tools/list', member: 'tools' },
  { capability: 'prompts', method: 'prompts/list', member: 'prompts' },
  { capability: 'resources', method: 'resources/list', member: 'resources' },
  { capability: 'resources', method: 'resources/templates/list', member: 'resourceTemplates' },
] as const

export async function lookAtOffer(host: Host, opened: Opened, redact: Offer['redact']): Promise<Finding> {
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
  return judgeOffer({ found, problems, lacksTools, serverName: opened.serverName, redact })
}

async function listAll(host: Host, method: string, member: string): Promise<Counted> {
  const items: Fields[] = []
  const startedAt = Date.now()
  const cursors = new Set<unknown>()
  let cursor: unknown
  let pages = 0
  do {
    cursors.add(cursor)
    const page = await host.ask(method, cursor === undefined ? {} : { cursor })
    pages++
    const list: readonly unknown[] = Array.isArray(page[member]) ? page[member] : []
    // Not as arguments of `push`: there may be too many for that.
    for (const item of list) items.push(fieldsOf(item))
    cursor = page.nextCursor
    if (typeof cursor !== 'string' || cursor === '') return { items, pages, isCut: false }
    // One that comes a second time leads round in a circle.
  } while (pages < MOST_PAGES && Date.now() - startedAt < LONGEST_MS && !cursors.has(cursor))
  return { items, pages, isCut: true }
}

export interface Offer {
  readonly found: ReadonlyMap<string, Counted>
  readonly problems: readonly string[]
  /** Why the tools cannot be listed. */
  readonly lacksTools: string | undefined
  readonly serverName: string
  readonly redact: (text: string) => string
}

export function judgeOffer(offer: Offer): Finding {
  const { found, lacksTools } = offer
  const tools = found.get('tools')?.items ?? []
  const longest = longestName(tools)
  const tokens = tokensOf(tools)
  const counts = Object.fromEntries([...found].map(([member, { items }]) => [member, items.length]))
  const pages = found.get('tools')?.pages ?? 0
  const heavy = tools.length > MANY_TOOLS || (tokens ?? 0) > MANY_TOKENS
  const notes = [
    ...notesOn(offer, tools),
    ...(tokens === undefined ? ['a tool is nested so deeply that editors may fail to read it'] : []),
  ]
  const others = Object.entries(counts).filter(([member]) => member !== 'tools')
  const sees = [
    `${tools.length} ${WORDS.tools?.[tools.length === 1 ? 0 : 1]}${tokens === undefined ? '' : `, roughly ${tokens} tokens`}`,
  ]
  for (const [member, count] of others) sees.push(`${count} ${WORDS[member]?.[count === 1 ? 0 : 1]}`)
  const facts = {
    ...counts,
    toolTokens: tokens ?? null,
    toolPages: pages,
    longestToolName: cut(offer.redact(longest), NAME_SHOWN),
    problems: offer.problems,
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

const NAME_SHOWN = 80

/** Undefined where JavaScript cannot follow them to their ends. */
function tokensOf(tools: readonly Fields[]): number | undefined {
  try {
    return Math.round(JSON.stringify(tools).length / CHARACTERS_PER_TOKEN)
  } catch {
    return undefined
  }
}

function longestName(tools: readonly Fields[]): string {
  return tools.reduce((long, { name }) => (textOf(name).length > long.length ? textOf(name) : long), '')
}

function notesOn({ found, problems, serverName, redact }: Offer, tools: readonly Fields[]): string[] {
  const shown = (name: string): string => cut(redact(name), NAME_SHOWN)
  const longest = longestName(tools)
  const isLong = longest.length + serverName.length + 1 > LONGEST_NAMES && longest !== ''
  const seen = new Set<string>()
  const repeated = tools.find(({ name }) => {
    const isSeen = seen.has(textOf(name))
    seen.add(textOf(name))
    return isSeen
  })
  const endless = [...found].filter(([, { isCut }]) => isCut)
  return [
    ...(isLong
      ? [
          `with the server's name ${shown(longest)} is longer than the ${LONGEST_NAMES} characters that some editors take: give the entry a short name`,
        ]
      : []),
    ...(repeated === undefined ? [] : [`two tools are called ${shown(textOf(repeated.name)) || 'nothing'}`]),
    ...endless.map(
      ([member, { pages }]) =>
        `the list of ${WORDS[member]?.[1]} has no end: ${pages === 1 ? 'one page was' : `${pages} pages were`} read; editors may wait for ever`,
    ),
    ...problems,
  ]
}

const WORDS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  tools: ['tool', 'tools'],
  prompts: ['prompt', 'prompts'],
  resources: ['resource', 'resources'],
  resourceTemplates: ['resource template', 'resource templates'],
}
