// What people have to know of what is hidden: patterns that fit nothing, tools that do not say that they only read, and lists
// of which nothing is left. Each sentence is said once, and again only when it has changed. users.md 18.
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import { nearest } from '../options/nearest.ts'
import type { FilterOptions } from '../options/shaping.ts'
import type { Catalogue } from './catalogue.ts'
import { createPages } from './pages.ts'
import { type Kind, type List, PROMPTS, RESOURCES, TEMPLATES } from './subjects.ts'
import { clean } from './telling.ts'
import { saysItReads, type View } from './view.ts'

export interface FilterWarnings {
  /** Everything that the host sends. */
  note(envelope: Envelope): void
  /** Answers to lists, as they come from the remote. */
  take(response: Envelope): void
}

export interface FilterWarningsSettings {
  readonly settings: FilterOptions
  readonly view: View
  readonly catalogue: Catalogue
  readonly log: Log
}

const ONE: Readonly<Record<Kind, string>> = { tools: 'tool', prompts: 'prompt', resources: 'resource' }
const MOST_NAMES = 10
/** Comparing a misspelt pattern with all of a hundred thousand names would be felt. */
const MOST_COMPARED = 5_000

export function createFilterWarnings({
  settings,
  view,
  catalogue,
  log,
}: FilterWarningsSettings): FilterWarnings {
  const told = new Map<string, string>()
  const lists = [PROMPTS, RESOURCES, TEMPLATES].filter(({ kind }) => view.covers(kind))
  const pages = new Map(lists.map((list) => [list, pagesOf(list)]))
  if (view.covers('tools')) catalogue.onWhole(checkTools)

  /** Warns, unless that was the last word about it. */
  function tell(about: string, text: string | undefined): void {
    if (text === undefined) told.delete(about)
    else if (told.get(about) !== text) {
      told.set(about, text)
      log.warn(text)
    }
  }

  function checkTools(): void {
    const names = catalogue.names()
    checkPatterns('tools', names)
    if (!settings.isReadOnly) return checkLeft('tools', names, (name) => view.isShown('tools', name))
    const silent = names.filter((name) => view.isShown('tools', name) && !saysSo(name))
    const what =
      silent.length === 1
        ? 'tool that does not say that it only reads'
        : 'tools that do not say that they only read'
    tell(
      'read-only',
      silent.length === 0 ? undefined : `hidden by --read-only: ${silent.length} ${what} (${listed(silent)})`,
    )
    checkLeft('tools', names, (name) => view.isShown('tools', name) && saysSo(name))
  }

  function saysSo(name: string): boolean {
    const bytes = catalogue.tool(name)
    return bytes !== undefined && saysItReads(bytes, { start: 0, end: bytes.length })
  }

  /** Of a remote that has nothing, or is not there yet, nothing can be said. */
  function checkPatterns(kind: Kind, names: readonly string[]): void {
    const sieve = view.sieves[kind]
    if (sieve === undefined || names.length === 0) return
    const idle = sieve.idle(names)
    const slots = new Set(idle.map(({ side, pattern }) => `${kind} ${side} ${pattern}`))
    for (const slot of [...told.keys()])
      if (/^\S+ (allow|deny) /.test(slot) && slot.startsWith(`${kind} `) && !slots.has(slot))
        tell(slot, undefined)
    for (const { side, pattern } of idle) {
      const [near] = nearest(pattern.replace(/[*?]/g, ''), names.slice(0, MOST_COMPARED), 1)
      const flag = `--${side}-${ONE[kind]}`
      const advice =
        near === undefined ? `compare it with: mcp-ferry ${kind} <url>` : `did you mean ${clean(near)}?`
      tell(
        `${kind} ${side} ${pattern}`,
        `${flag} ${clean(pattern)} fits no ${ONE[kind]} of the remote; ${advice}`,
      )
    }
  }

  function checkLeft(kind: Kind, names: readonly string[], isShown: (name: string) => boolean): void {
    const isNothing = names.length > 0 && !names.some(isShown)
    const count = names.length === 1 ? `the only ${ONE[kind]}` : `all ${names.length} ${kind}`
    const text = `${count} of the remote ${names.length === 1 ? 'is' : 'are'} hidden; change ${flagsOf(kind).join(', ')} to see some`
    tell(`${kind} left`, isNothing ? text : undefined)
  }

  function flagsOf(kind: Kind): readonly string[] {
    const { allow, deny } = settings[kind] ?? {}
    return [
      ...(allow ? [`--allow-${ONE[kind]}`] : []),
      ...(deny ? [`--deny-${ONE[kind]}`] : []),
      ...(kind === 'tools' && settings.isReadOnly ? ['--read-only'] : []),
    ]
  }

  /** Resources are known by their URIs and by those of the templates, which hosts ask for at the same time or never. */
  function checkListed(): void {
    for (const kind of ['prompts', 'resources'] as const) {
      const of = [...pages].filter(([list]) => list.kind === kind).map(([, known]) => known)
      if (of[0]?.isWhole !== true || of.some(({ isUnderWay }) => isUnderWay)) continue
      const names = of.flatMap(({ items }) => [...items.keys()])
      checkPatterns(kind, names)
      checkLeft(kind, names, (name) => view.isShown(kind, name))
    }
  }

  return {
    note(envelope) {
      for (const known of pages.values()) known.note(envelope)
    },
    take(response) {
      for (const known of pages.values()) known.take(response)
      checkListed()
    },
  }
}

function pagesOf({ method, member, key }: List) {
  return createPages({ method, member, key, keep: () => true, sizeOf: () => 0 })
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map(clean).join(', ')
  return names.length > MOST_NAMES ? `${shown}, …` : shown
}
