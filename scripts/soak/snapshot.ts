// Everything on the heap of the bridge, counted by what it is: an exact answer to what a phase has left behind, strings
// and the insides of maps included. Compiled code and its notes come and go as V8 likes and do not count.
import { readFileSync, rmSync } from 'node:fs'

/** What it is → how many there are, and how large they are together. */
export type Census = ReadonlyMap<string, { readonly count: number; readonly bytes: number }>

interface File {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[]
      readonly node_types: readonly [readonly string[]]
    }
  }
  readonly nodes: readonly number[]
  readonly strings: readonly string[]
}

const OF_V8 = new Set(['code', 'hidden', 'synthetic', 'object shape', 'heap number'])
/** Their names are texts or numbers of the program. */
const NAMELESS = new Set([
  'string',
  'concatenated string',
  'sliced string',
  'number',
  'symbol',
  'bigint',
  'regexp',
])

/** Reads the file that V8 has written, and takes it away. */
export function census(file: string): Census {
  const { snapshot, nodes, strings } = JSON.parse(readFileSync(file, 'utf8')) as File
  rmSync(file)
  const { node_fields: fields, node_types: types } = snapshot.meta
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field))
  const found = new Map<string, { count: number; bytes: number }>()
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = types[0][nodes[at + type!]!] ?? ''
    if (OF_V8.has(kind)) continue
    const called = NAMELESS.has(kind) ? kind : `${kind} ${strings[nodes[at + name!]!] ?? ''}`
    const entry = found.get(called) ?? { count: 0, bytes: 0 }
    entry.count++
    entry.bytes += nodes[at + size!]!
    found.set(called, entry)
  }
  return found
}

export interface Kept {
  readonly what: string
  readonly count: number
  readonly bytes: number
}

/** What there is more of, the largest first. */
export function kept(before: Census, after: Census): Kept[] {
  return [...after]
    .map(([what, { count, bytes }]) => {
      const was = before.get(what)
      return { what, count: count - (was?.count ?? 0), bytes: bytes - (was?.bytes ?? 0) }
    })
    .filter(({ count, bytes }) => count > 0 || bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
}

export function bytesOf(all: Census): number {
  return [...all.values()].reduce((sum, { bytes }) => sum + bytes, 0)
}
