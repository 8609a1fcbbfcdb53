// Two answers, value by value: the order of members does not matter, and numbers are compared by what they mean, however large. Pure.
// protocol.md 0.4.
import type { Envelope } from '../../message/envelope.ts'
import { find, readString } from '../../message/peek.ts'
import { membersOf } from '../../message/rewrite.ts'
import { elementsOf, type Raw, textOfRaw } from '../raw-json.ts'

export interface Difference {
  /** `result.content[0].text` */
  readonly path: string
  /** JSON; absent where there is nothing. */
  readonly before?: string
  readonly after?: string
}

/** Whether values at this path may differ. */
export type Ignored = (path: readonly string[]) => boolean

/** Of one answer; what differs in more places differs anyway. */
const MOST_DIFFERENCES = 20
const DEEPEST = 500

export function compare(then: Envelope, now: Envelope, isIgnored: Ignored): Difference[] {
  const sides = [then, now] as const
  const kinds = sides.map(ownKind)
  // The same failure of the bridge may be told in other words: of another port, after another time.
  if (kinds[0] !== undefined && kinds[0] === kinds[1]) return []
  const found: Difference[] = []
  for (const member of ['result', 'error'] as const) {
    const [before, after] = sides.map(({ bytes, shape }) => {
      const span = shape[member]
      return span && { bytes, span }
    })
    walk(found, { isIgnored, path: [member], shown: member }, before, after)
  }
  return found
}

interface Walking {
  readonly isIgnored: Ignored
  readonly path: readonly string[]
  readonly shown: string
}

function walk(found: Difference[], at: Walking, then: Raw | undefined, now: Raw | undefined): void {
  if (found.length >= MOST_DIFFERENCES || (then === undefined && now === undefined) || at.isIgnored(at.path))
    return
  const [before, after] = [then, now].map((place) => place && textOfRaw(place))
  if (before === after) return
  if (then !== undefined && now !== undefined && at.path.length < DEEPEST) {
    const opening = then.bytes[then.span.start]
    if (opening === now.bytes[now.span.start]) {
      if (opening === OPEN_OBJECT) return walkMembers(found, at, then, now)
      if (opening === OPEN_ARRAY) return walkElements(found, at, then, now)
    }
    if (isSameScalar(then, now)) return
  }
  found.push({
    path: at.shown,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
  })
}

function walkMembers(found: Difference[], at: Walking, then: Raw, now: Raw): void {
  const tables = [then, now].map(
    (place) =>
      new Map(membersOf(place.bytes, place.span).map(({ name, value }) => [name, { ...place, span: value }])),
  )
  for (const name of new Set(tables.flatMap((table) => [...table.keys()]))) {
    const shown = /^[\w$-]+$/.test(name) ? `${at.shown}.${name}` : `${at.shown}[${JSON.stringify(name)}]`
    walk(found, { ...at, path: [...at.path, name], shown }, tables[0]!.get(name), tables[1]!.get(name))
  }
}

function walkElements(found: Difference[], at: Walking, then: Raw, now: Raw): void {
  const lists = [then, now].map((place) => elementsOf(place) ?? [])
  const length = Math.max(...lists.map((list) => list.length))
  for (let index = 0; index < length && found.length < MOST_DIFFERENCES; index++)
    walk(
      found,
      { ...at, path: [...at.path, String(index)], shown: `${at.shown}[${index}]` },
      lists[0]![index],
      lists[1]![index],
    )
}

function isSameScalar(then: Raw, now: Raw): boolean {
  const strings = [then, now].map(({ bytes, span }) => readString(bytes, span))
  if (strings[0] !== undefined || strings[1] !== undefined) return strings[0] === strings[1]
  const [before, after] = [textOfRaw(then), textOfRaw(now)].map(Number) as [number, number]
  return before === after && Math.abs(before) <= Number.MAX_SAFE_INTEGER
}

/** The kind of a failure that the bridge itself has told. */
export function ownKind({ bytes, shape }: Envelope): string | undefined {
  const at = (...path: string[]): string | undefined =>
    shape.error && readString(bytes, find(bytes, shape.error, 'data', ...path))
  return at('origin') === 'mcp-ferry' ? (at('kind') ?? 'internal') : undefined
}

/** Reads `result.content[0].text`; a star is one name or number, two are any number of them. */
export function ignoring(patterns: readonly string[]): Ignored {
  const wanted = patterns.map((pattern) =>
    pattern
      .replace(/\[(\d+|\*)\]/g, '.$1')
      .split('.')
      .filter((word) => word !== ''),
  )
  return (path) => wanted.some((words) => fits(words, path))
}

function fits(words: readonly string[], path: readonly string[]): boolean {
  const [word, ...rest] = words
  if (word === undefined) return path.length === 0
  if (word === '**')
    return path.some((_, at) => fits(rest, path.slice(at))) || rest.length === 0 || fits(rest, [])
  return path.length > 0 && (word === '*' || word === path[0]) && fits(rest, path.slice(1))
}

const OPEN_OBJECT = 0x7b
const OPEN_ARRAY = 0x5b
