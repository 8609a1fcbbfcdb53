// What is known of the messages that wait, by their ids. It does what a Map does, without its price for what comes and
// goes: a Map that fills up with what was deleted moves to a new table, to which the old one points, and which an old
// one that has outlived two collections keeps alive with all it holds, and so on. Half of the collector's work for
// each call was that (bench: CPU per 1,000 calls).
import type { Id } from './envelope.ts'

interface Entry<Value> {
  readonly key: string
  value: Value
  next: Entry<Value> | undefined
}

export interface IdTable<Value> {
  get(id: Id): Value | undefined
  set(id: Id, value: Value): void
  /** Whether it was there. */
  delete(id: Id): boolean
  /** The value, which is there no longer. */
  take(id: Id): Value | undefined
  values(): Value[]
  clear(): void
}

/** A power of two. Hosts have a handful of requests under way, the busiest some hundreds; for more it grows. */
const BUCKETS = 256
/** Ids are counted up or random: their ends differ, if not always the last letters. */
const HASHED = 24

/** Makes an empty table. Ids are the same when their keys are (protocol.md 0.4). */
export function createIdTable<Value>(): IdTable<Value> {
  let buckets: (Entry<Value> | undefined)[] = new Array(BUCKETS).fill(undefined)
  let count = 0

  function bucketOf(key: string): number {
    return hashOf(key) & (buckets.length - 1)
  }

  function grow(): void {
    const old = buckets
    buckets = new Array(old.length * 2).fill(undefined)
    for (const first of old)
      for (let entry = first; entry !== undefined; ) {
        const { next } = entry
        const bucket = bucketOf(entry.key)
        entry.next = buckets[bucket]
        buckets[bucket] = entry
        entry = next
      }
  }

  function find(key: string): Entry<Value> | undefined {
    let entry = buckets[bucketOf(key)]
    while (entry !== undefined && entry.key !== key) entry = entry.next
    return entry
  }

  function remove(key: string): Entry<Value> | undefined {
    const bucket = bucketOf(key)
    let before: Entry<Value> | undefined
    let entry = buckets[bucket]
    while (entry !== undefined && entry.key !== key) {
      before = entry
      entry = entry.next
    }
    if (entry === undefined) return undefined
    if (before === undefined) buckets[bucket] = entry.next
    else before.next = entry.next
    entry.next = undefined
    count--
    return entry
  }

  return {
    get: ({ key }) => find(key)?.value,
    set({ key }, value) {
      const known = find(key)
      if (known !== undefined) {
        known.value = value
        return
      }
      if (++count > buckets.length) grow()
      const bucket = bucketOf(key)
      buckets[bucket] = { key, value, next: buckets[bucket] }
    },
    delete: ({ key }) => remove(key) !== undefined,
    take: ({ key }) => remove(key)?.value,
    values() {
      const all: Value[] = []
      for (const first of buckets)
        for (let entry = first; entry !== undefined; entry = entry.next) all.push(entry.value)
      return all
    },
    clear() {
      buckets = new Array(BUCKETS).fill(undefined)
      count = 0
    },
  }
}

/** What decides in which bucket an id's key lies, by its lowest bits. */
export function hashOf(key: string): number {
  let hash = 0
  for (let at = Math.max(0, key.length - HASHED); at < key.length; at++)
    hash = (hash * 31 + key.charCodeAt(at)) | 0
  return hash
}
