// What a behaviour of the matrix needs of a host, whatever it is made with and whatever era it speaks, and how every
// one of these hosts answers when it is asked.
import { createWaiting } from '../../fixtures/servers/waiting.ts'
import { startV1 } from './host-v1.ts'
import { startV2Auto, startV2Pinned } from './host-v2.ts'
import type { List } from './offer.ts'
import type { Era } from './work.ts'

export type HostName = 'v1' | 'v2 auto' | 'v2 pinned'

export interface Called {
  /** The text blocks, joined. */
  readonly text: string
  readonly isError: boolean
  readonly structured: unknown
}

export interface Calling {
  readonly signal?: AbortSignal
  readonly onProgress?: (step: number) => void
}

/** What a host wants to be told of. */
export interface Watched {
  readonly lists?: readonly List[]
  readonly uris?: readonly string[]
}

export interface MatrixHost {
  readonly era: Era
  readonly serverName: string
  readonly instructions: string | undefined
  readonly notes: Notes
  listTools(): Promise<readonly string[]>
  call(name: string, args?: Readonly<Record<string, unknown>>, calling?: Calling): Promise<Called>
  listResources(): Promise<readonly string[]>
  listTemplates(): Promise<readonly string[]>
  read(uri: string): Promise<{ readonly uri: string; readonly text?: string; readonly blob?: string }>
  listPrompts(): Promise<readonly string[]>
  /** The text of the prompt's first message. */
  prompt(name: string, args?: Readonly<Record<string, string>>): Promise<string>
  complete(
    ref: Readonly<{ prompt: string } | { template: string }>,
    argument: { readonly name: string; readonly value: string },
    context?: Record<string, string>,
  ): Promise<readonly string[]>
  logFrom(level: 'debug' | 'warning'): Promise<void>
  /** Resolves, once the host will be told, with what ends it. Rejects if the server does not offer it. */
  watch(watched: Watched): Promise<() => Promise<void>>
  close(): Promise<void>
}

export interface HostKind {
  readonly name: HostName
  readonly eras: readonly Era[]
  /** The era that it speaks with the bridge. */
  readonly era: Era
  start(reach: Reach): Promise<MatrixHost>
}

interface Changing {
  readonly listChanged?: boolean | undefined
}

/** A legacy server says what it will tell of when the connection begins. */
export function checkOffered(
  capabilities: {
    readonly [L in List]?: (Changing & { readonly subscribe?: boolean | undefined }) | undefined
  },
  { lists = [], uris = [] }: Watched,
): void {
  const silent = lists.find((list) => capabilities[list]?.listChanged !== true)
  if (silent !== undefined) throw new Error(`${NOT_OFFERED}: changes of ${silent}`)
  if (uris.length > 0 && capabilities.resources?.subscribe !== true)
    throw new Error(`${NOT_OFFERED}: subscriptions`)
}

export const NOT_OFFERED = 'the server does not offer to tell'

/** How a host gets to the remote: through the bridge, or over HTTP to see whether the two understand each other. */
export type Reach =
  | {
      readonly kind: 'bridge'
      readonly command: string
      readonly args: readonly string[]
      readonly env: Record<string, string>
    }
  | { readonly kind: 'direct'; readonly url: string }

export const HOSTS: readonly HostKind[] = [
  { name: 'v1', eras: ['legacy'], era: 'legacy', start: startV1 },
  { name: 'v2 auto', eras: ['legacy', 'modern'], era: 'modern', start: startV2Auto },
  { name: 'v2 pinned', eras: ['modern'], era: 'modern', start: startV2Pinned },
]

/** What a host was asked and told, and what went wrong beside its requests. */
export interface Notes {
  readonly asked: readonly string[]
  readonly told: readonly string[]
  readonly errors: readonly Error[]
  /** What the bridge said to the people who read its stderr. */
  stderr: string
  /** The user's next answers to forms and pages are no. */
  declining: boolean
  note(kind: 'asked' | 'told', what: string): void
  noteError(error: Error): void
  /** Resolves once the host was told this so many times. */
  hears(what: string, times?: number): Promise<void>
  /** Resolves once the host was asked this. */
  isAsked(what: string): Promise<void>
  /** Resolves once the host was told something that fits. */
  hearsLike(fits: (told: string) => boolean): Promise<void>
}

export function createNotes(): Notes {
  const asked: string[] = []
  const told: string[] = []
  const errors: Error[] = []
  const waiting = createWaiting(() => [...asked, ...told])
  return {
    asked,
    told,
    errors,
    stderr: '',
    declining: false,
    note(kind, what) {
      ;(kind === 'asked' ? asked : told).push(what)
      waiting.wake()
    },
    noteError: (error) => void errors.push(error),
    isAsked: (what) => waiting.until(() => asked.includes(what), `the host was not asked for ${what}`),
    hearsLike: (fits) => waiting.until(() => told.some(fits), 'the host was not told what fits'),
    hears: (what, times = 1) =>
      waiting.until(
        () => told.filter((one) => one === what).length >= times,
        `the host was not told ${what}`,
      ),
  }
}

export const ROOT = { uri: 'file:///tmp/root-of-the-matrix', name: 'root-of-the-matrix' }
export const CAPABILITIES = { sampling: {}, elicitation: { form: {}, url: {} }, roots: {} }

export function answerElicitation(
  notes: Notes,
  params: { mode?: string | undefined; message: string; url?: unknown },
) {
  notes.note('asked', params.mode === 'url' ? `page ${params.url}` : `form ${params.message}`)
  if (notes.declining) return { action: 'decline' as const }
  if (params.mode === 'url') return { action: 'accept' as const }
  const content = { name: `Ada for ${params.message}`, integer: 42, number: 3.5 }
  return { action: 'accept' as const, content }
}

export function answerSampling(notes: Notes, messages: readonly unknown[]) {
  notes.note('asked', 'sampling')
  const prompt = JSON.stringify(messages).length
  const content = { type: 'text' as const, text: `sampled from ${prompt} characters` }
  return { role: 'assistant' as const, model: 'matrix', content }
}

export function answerRoots(notes: Notes) {
  notes.note('asked', 'roots')
  return { roots: [ROOT] }
}

export function toCalled(result: Readonly<Record<string, unknown>>): Called {
  const blocks = (result.content ?? []) as { readonly text?: string }[]
  const text = blocks.map((block) => block.text ?? '').join('\n')
  return { text, isError: result.isError === true, structured: result.structuredContent }
}

/**
 * Calls, and opens the pages that the server demands by an error, as hosts of 2025-11-25 do (protocol.md E.6), and
 * calls again.
 */
export async function callOpeningPages(notes: Notes, call: () => Promise<Called>): Promise<Called> {
  try {
    return await call()
  } catch (error) {
    const { code, data } = error as {
      readonly code?: unknown
      readonly data?: { readonly elicitations?: unknown }
    }
    if (code !== -32042 || !Array.isArray(data?.elicitations)) throw error
    for (const page of data.elicitations) answerElicitation(notes, page)
    return call()
  }
}
