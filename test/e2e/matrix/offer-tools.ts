// The tools of the matrix's servers. See offer.ts.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { form, type Offer, page, ROOTS, sampling } from './offer.ts'
import { failure, type Work } from './work.ts'

interface ToolResult {
  readonly [key: string]: unknown
  readonly content: { type: 'text'; text: string }[]
  readonly structuredContent?: Record<string, unknown>
  readonly isError?: boolean
}

type Arguments = Readonly<Record<string, unknown>>
type Body = (args: Arguments, work: Work, offer: Offer) => Promise<ToolResult> | ToolResult

const text = (told: unknown): ToolResult => ({
  content: [{ type: 'text', text: typeof told === 'string' ? told : JSON.stringify(told) }],
})

const WEATHER = { temperature: 22.5, conditions: 'Cloudy' }

const BODIES: Readonly<Record<string, Body>> = {
  echo: ({ message }) => text(`Echo: ${message}`),
  'get-sum': ({ a, b }) =>
    typeof a === 'number' && typeof b === 'number'
      ? text(`The sum is ${a + b}.`)
      : { ...text('a and b must be numbers'), isError: true },
  'get-structured-content': () => ({ ...text(WEATHER), structuredContent: WEATHER }),
  'in-headers': ({ region, count }) => text({ region, count }),
  'trigger-long-running-operation': longRunning,
  log: async (_, work) => {
    await work.log('debug', 'whispered')
    await work.log('warning', 'shouted')
    return text('logged')
  },
  gather: async ({ count, word }, _, offer) => {
    await offer.gather(Number(count))
    return text(word)
  },
  'trigger-elicitation-request': async ({ message }, work) =>
    text(await work.ask({ who: form(String(message ?? 'Please say your name')) })),
  'trigger-url-elicitation': async ({ url, errorPath }, work, offer) => {
    if (errorPath !== true) return text(await work.ask({ opened: page(String(url)) }))
    if (offer.demanded(String(url))) return text('User completed the URL elicitation flow.')
    const elicitations = [{ ...page(String(url)).params, elicitationId: randomUUID() }]
    throw failure(-32042, 'This request requires a page to be opened.', { elicitations })
  },
  'trigger-sampling-request': async ({ prompt }, work) =>
    text(await work.ask({ told: sampling(String(prompt)) })),
  'get-roots-list': async (_, work) => text(await work.ask({ roots: ROOTS })),
  'ask-all': async (_, work) =>
    text(await work.ask({ who: form('one of three'), told: sampling('two of three'), roots: ROOTS })),
  'ask-twice': async ({ word }, work) => {
    const first = await work.ask({ who: form(`first ${word}`) })
    const second = await work.ask({
      who: form(`second ${word}`),
      told: sampling(`after ${JSON.stringify(first)}`),
    })
    return text({ first, second })
  },
  'ask-aside': async (_, work) => text(await work.askAside(form('aside'))),
  'add-tool': (_, __, offer) => add(offer, 'tools'),
  'add-prompt': (_, __, offer) => add(offer, 'prompts'),
  'gzip-file-as-resource': (_, __, offer) => add(offer, 'resources'),
  'toggle-subscriber-updates': ({ uris }, _, offer) => touch(offer, uris),
}

async function longRunning({ duration, steps }: Arguments, work: Work, offer: Offer): Promise<ToolResult> {
  const total = Number(steps)
  for (let step = 1; step <= total; step++) {
    try {
      await delay((Number(duration) * 1000) / total, undefined, { signal: work.signal, ref: false })
    } catch (error) {
      offer.witness.noteCancelled()
      throw error
    }
    await work.progress(step, total)
  }
  return text('Long running operation completed.')
}

function add(offer: Offer, list: 'tools' | 'prompts' | 'resources'): ToolResult {
  offer.add(list)
  return text(`${list} have changed`)
}

function touch(offer: Offer, uris: unknown): ToolResult {
  for (const uri of Array.isArray(uris) ? uris : []) offer.publish({ kind: 'updated', uri: String(uri) })
  return text('simulated updates')
}

const OUTPUT_SCHEMA = {
  type: 'object' as const,
  properties: { temperature: { type: 'number' }, conditions: { type: 'string' } },
  required: ['temperature', 'conditions'],
}

/** Since 2026-07-28 a tool may want arguments to be told in headers too; a server of before does not know the word. */
export const IN_HEADERS = {
  type: 'object' as const,
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    count: { type: 'integer', 'x-mcp-header': 'Count' },
  },
}

export const LIST = ['first', 'second']
/** Offered where it can be: before 2026-07-28 structured content is an object. */
export const LIST_TOOL = {
  name: 'get-list',
  inputSchema: { type: 'object' as const },
  outputSchema: { type: 'array' as const, items: { type: 'string' } },
}

export function listTools(offer: Offer) {
  const names = [...Object.keys(BODIES), ...(offer.added.has('tools') ? ['added-tool'] : [])]
  const tools = names.map((name) => ({
    name,
    description: `the tool ${name}`,
    inputSchema: name === 'in-headers' ? IN_HEADERS : { type: 'object' as const },
    ...(name === 'get-structured-content' ? { outputSchema: OUTPUT_SCHEMA } : {}),
  }))
  return { tools }
}

export async function callTool(
  offer: Offer,
  name: string,
  args: Arguments | undefined,
  work: Work,
): Promise<ToolResult> {
  const body = BODIES[name]
  if (body === undefined) throw failure(-32602, `Tool ${name} not found`)
  offer.witness.noteRun(name)
  return body(args ?? {}, work, offer)
}
