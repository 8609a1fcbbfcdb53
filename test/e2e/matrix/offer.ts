// What the matrix's own servers offer, described once and mounted on each of them. Names and answers are those of
// server-everything wherever it has the same thing, so that one behaviour asks them all alike.
import { createWaiting } from '../../fixtures/servers/waiting.ts'
import { type Era, failure, type Work } from './work.ts'

export type List = 'tools' | 'prompts' | 'resources'
export type Change =
  | { readonly [L in List]: { readonly kind: L } }[List]
  | { readonly kind: 'updated'; readonly uri: string }

/** What the server itself has seen: the host's word alone does not show that something arrived or ran once. */
export interface Witness {
  runs(tool: string): number
  noteRun(tool: string): void
  /** Resolves once a running tool was told to stop. */
  cancelled(): Promise<void>
  noteCancelled(): void
}

export interface Offer {
  readonly witness: Witness
  /** Things that were added while the server ran. */
  readonly added: ReadonlySet<List>
  add(list: List): void
  publish(change: Change): void
  onChange(listener: (change: Change) => void): void
  /** Meets `count` calls and lets the last go first. */
  gather(count: number): Promise<void>
  /** Whether this URL was demanded before. */
  demanded(url: string): boolean
}

export function createOffer(): Offer {
  const added = new Set<List>()
  const listeners = new Set<(change: Change) => void>()
  const gathered: (() => void)[] = []
  const urls = new Set<string>()
  const publish = (change: Change) => {
    for (const listener of [...listeners]) listener(change)
  }
  return {
    witness: createWitness(),
    added,
    add(list) {
      added.add(list)
      publish({ kind: list })
    },
    publish,
    onChange: (listener) => void listeners.add(listener),
    gather: (count) =>
      new Promise((resolve) => {
        if (gathered.push(resolve) === count) for (const go of gathered.splice(0).reverse()) go()
      }),
    demanded(url) {
      if (urls.delete(url)) return true
      urls.add(url)
      return false
    },
  }
}

function createWitness(): Witness {
  const runs = new Map<string, number>()
  let stopped = 0
  const waiting = createWaiting(() => [`${stopped} tools stopped`])
  return {
    runs: (tool) => runs.get(tool) ?? 0,
    noteRun: (tool) => void runs.set(tool, (runs.get(tool) ?? 0) + 1),
    cancelled: () => waiting.until(() => stopped > 0, 'no tool was told to stop'),
    noteCancelled() {
      stopped++
      waiting.wake()
    },
  }
}

const STATIC = ['a', 'b', 'c'].map((name) => ({ uri: `demo://resource/static/${name}`, name }))
export const ASKING_RESOURCE = 'demo://resource/asking'
const PAGE = 2

export function listResources(offer: Offer, cursor: string | undefined) {
  const added = offer.added.has('resources') ? [{ uri: 'demo://resource/session/x.gz', name: 'x.gz' }] : []
  const all = [...STATIC, ...added]
  const from = Number(cursor ?? 0)
  const more = from + PAGE < all.length ? { nextCursor: String(from + PAGE) } : {}
  return { resources: all.slice(from, from + PAGE), ...more }
}

export const TEMPLATES = ['text', 'blob'].map((kind) => ({
  uriTemplate: `demo://resource/dynamic/${kind}/{resourceId}`,
  name: `dynamic ${kind}`,
}))

export async function readResource(uri: string, work: Work) {
  if (uri === ASKING_RESOURCE) {
    const { who } = await work.ask({ who: form('Who reads this?') })
    return { contents: [{ uri, text: JSON.stringify(who) }] }
  }
  const [, kind, id] = /^demo:\/\/resource\/dynamic\/(text|blob)\/(\d+)$/.exec(uri) ?? []
  if (kind === 'text') return { contents: [{ uri, text: `Resource ${id}` }] }
  if (kind === 'blob') return { contents: [{ uri, blob: Buffer.from(`Resource ${id}`).toString('base64') }] }
  if (uri.startsWith('demo://resource/static/')) return { contents: [{ uri, text: `static ${uri}` }] }
  throw failure(notFound(work.era), 'Resource not found', { uri })
}

/** The code for it was changed with 2026-07-28. */
const notFound = (era: Era): number => (era === 'legacy' ? -32002 : -32602)

export function listPrompts(offer: Offer) {
  const names = ['simple-prompt', 'args-prompt', 'completable-prompt', 'asking-prompt']
  const added = offer.added.has('prompts') ? ['added-prompt'] : []
  const args: Readonly<Record<string, { name: string; required: boolean }[]>> = {
    'args-prompt': [{ name: 'city', required: true }],
    'completable-prompt': ['department', 'name'].map((name) => ({ name, required: true })),
  }
  return { prompts: [...names, ...added].map((name) => ({ name, arguments: args[name] ?? [] })) }
}

export async function getPrompt(
  offer: Offer,
  name: string,
  args: Readonly<Record<string, string>>,
  work: Work,
) {
  if (!listPrompts(offer).prompts.some((prompt) => prompt.name === name))
    throw failure(-32602, `Prompt ${name} not found`)
  const asked = name === 'asking-prompt' ? await work.ask({ who: form('Who is prompted?') }) : {}
  const text = JSON.stringify({ name, args, asked })
  return { messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }] }
}

const TEAMS: Readonly<Record<string, readonly string[]>> = {
  Engineering: ['Alice', 'Bob', 'Charlie'],
  Sales: ['David', 'Eve', 'Frank'],
  Marketing: ['Grace', 'Henry', 'Iris'],
  Support: ['John', 'Kim', 'Lee'],
}

export function complete(
  argument: { readonly name: string; readonly value: string },
  context: Readonly<Record<string, string>>,
) {
  const all: Readonly<Record<string, readonly string[]>> = {
    department: Object.keys(TEAMS),
    name: TEAMS[context.department ?? ''] ?? [],
    resourceId: [argument.value],
  }
  const values = (all[argument.name] ?? []).filter((value) => value.startsWith(argument.value))
  return { completion: { values, total: values.length, hasMore: false } }
}

export function form(message: string) {
  const properties = { name: { type: 'string' as const } }
  const requestedSchema = { type: 'object' as const, properties, required: ['name'] }
  return {
    method: 'elicitation/create' as const,
    params: { mode: 'form' as const, message, requestedSchema },
  }
}

export function page(url: string) {
  const params = { mode: 'url' as const, message: 'Please open this page', url }
  return { method: 'elicitation/create' as const, params }
}

export function sampling(prompt: string) {
  const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: prompt } }]
  return { method: 'sampling/createMessage' as const, params: { messages, maxTokens: 9 } }
}

export const ROOTS = { method: 'roots/list' } as const
