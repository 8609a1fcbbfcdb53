// What the host calls the things of the remote, and back: a rule that both ways follow, the same at each start and whatever the
// order and the pages of the list. What the user has named has exactly that name; else the prefix stands in front; a name that
// is too long, or that the user has given to another, is cut and ends in a few digits made from the remote's. users.md 34.
import { createHash } from 'node:crypto'
import { MARK_DIGITS } from '../options/shaping.ts'

export interface NamingRules {
  readonly prefix?: string | undefined
  /** By the remote's name. */
  readonly renames?: ReadonlyMap<string, string> | undefined
  /** In UTF-16 code units: hosts count those, or fewer. */
  readonly mostCharacters?: number | undefined
}

/** What a name of the host's stands for. */
export type Meaning =
  | { readonly kind: 'name'; readonly name: string }
  /** It may be one that was made; `plain`: what it stands for if it was not. */
  | { readonly kind: 'made'; readonly plain: string | undefined }
  | { readonly kind: 'unknown' }

export interface Names {
  readonly forHost: ReadonlyMap<string, string>
  /** Of those that were made, the remote's. */
  readonly made: ReadonlyMap<string, string>
}

export interface Naming {
  /** The names of all these things of one remote. */
  nameAll(all: Iterable<string>): Names
  /** By the rule alone. */
  read(hostName: string): Meaning
  /** The remote's names that the user has renamed. */
  readonly renamed: readonly string[]
  /** Whose plain names the user has given to others: they may be there. */
  readonly displaced: readonly string[]
}

/** What a name that was made ends in. */
const MADE = /_[0-9a-f]{6,64}$/
/** More where less does not tell two apart. */
const DIGITS = [MARK_DIGITS, 12, 24, 64]
/** A remote may have new names each time it is asked. */
const MOST_REMEMBERED = 100_000

export function createNaming({ prefix = '', renames = new Map(), mostCharacters }: NamingRules): Naming {
  const most = mostCharacters ?? Number.POSITIVE_INFINITY
  const byNew = new Map([...renames].map(([old, renamed]) => [renamed, old]))
  /** With the fewest digits: a list of many pages asks for each again with each page. */
  const made = new Map<string, string>()

  /** A name that fits and looks made is made as well: so no list has to be whole before its names are known. */
  const isPlain = (wanted: string): boolean =>
    wanted.length <= most && !byNew.has(wanted) && (wanted.length < most - 1 || !MADE.test(wanted))

  function make(name: string, digits: number): string {
    const known = made.get(name)
    if (known !== undefined && digits === MARK_DIGITS) return known
    // Every name has its own UTF-16, also one that is no text.
    const mark = createHash('sha256').update(name, 'utf16le').digest('hex')
    const end = `_${mark.slice(0, Math.min(digits, most - 1))}`
    const text = cut(prefix + name, most - end.length) + end
    if (made.size >= MOST_REMEMBERED) made.clear()
    if (digits === MARK_DIGITS) made.set(name, text)
    return text
  }

  return {
    nameAll(all) {
      const forHost = new Map<string, string>()
      const taken = new Set(byNew.keys())
      let left: string[] = []
      for (const name of new Set(all)) {
        const known = renames.get(name) ?? (isPlain(prefix + name) ? prefix + name : undefined)
        if (known === undefined) left.push(name)
        else {
          forHost.set(name, known)
          taken.add(known)
        }
      }
      const given = new Map<string, string>()
      for (const digits of DIGITS) {
        if (left.length === 0) break
        const wanting = new Map<string, string[]>()
        for (const name of left) {
          const wanted = make(name, digits)
          const others = wanting.get(wanted)
          if (others === undefined) wanting.set(wanted, [name])
          else others.push(name)
        }
        left = []
        for (const [wanted, names] of wanting) {
          if (names.length > 1 || taken.has(wanted)) left.push(...names)
          else {
            given.set(wanted, names[0]!)
            forHost.set(names[0]!, wanted)
          }
        }
        if (left.length > 0) for (const name of given.keys()) taken.add(name)
      }
      return { forHost, made: given }
    },
    read(hostName) {
      const named = byNew.get(hostName)
      if (named !== undefined) return { kind: 'name', name: named }
      const rest = hostName.startsWith(prefix) ? hostName.slice(prefix.length) : undefined
      const plain = rest !== undefined && isPlain(hostName) && !renames.has(rest) ? rest : undefined
      const canBeMade = (mostCharacters !== undefined || renames.size > 0) && hostName.length <= most
      if (canBeMade && MADE.test(hostName)) return { kind: 'made', plain }
      return plain === undefined ? { kind: 'unknown' } : { kind: 'name', name: plain }
    },
    renamed: [...renames.keys()],
    displaced: [...byNew.keys()]
      .filter((renamed) => renamed.startsWith(prefix))
      .map((renamed) => renamed.slice(prefix.length))
      .filter((name) => name !== '' && !renames.has(name)),
  }
}

/** At most so long; a pair of surrogates is not cut in two. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const last = text.charCodeAt(most - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most)
}
