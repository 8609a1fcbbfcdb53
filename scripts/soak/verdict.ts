// Whether a phase has grown: its laps are all alike, so what is held after each must be level. Pure.
import type { Look } from './child.ts'
import { bytesOf, type Census, kept } from './snapshot.ts'

/** What was held after one lap. */
export type Lap = Look & { readonly fileBytes: number; readonly files: number }

export interface Laps {
  readonly name: string
  /** What is counted: message, stream, session … */
  readonly unit: string
  readonly unitsPerLap: number
  /** After each that counts. */
  readonly laps: readonly Lap[]
  /** Everything on the heap, before the first lap that counts and after the last. */
  readonly counted: readonly Census[]
  /** The remote, or what was asked for, lets files grow. */
  readonly hasGrowingFiles?: boolean
}

interface Limit {
  readonly measure: keyof Lap
  readonly word: string
  /** As much for each unit. */
  readonly perUnit: number
  /** As much in a lap, however few units that has: what any process sways by. */
  readonly perLap: number
}

/** One object kept for every fourth unit is found. */
const LIMITS: readonly Limit[] = [
  { measure: 'objects', word: 'objects', perUnit: 0.25, perLap: 40 },
  { measure: 'sockets', word: 'sockets', perUnit: 0.02, perLap: 1 },
  { measure: 'timers', word: 'timers', perUnit: 0.02, perLap: 1 },
  { measure: 'listeners', word: 'listeners', perUnit: 0.02, perLap: 1 },
  { measure: 'descriptors', word: 'descriptors', perUnit: 0.02, perLap: 1 },
  { measure: 'heapBytes', word: 'bytes of heap', perUnit: 100, perLap: 300_000 },
  { measure: 'bufferBytes', word: 'bytes of buffers', perUnit: 16, perLap: 40_000 },
  { measure: 'rssBytes', word: 'bytes of RSS', perUnit: 1000, perLap: 4_000_000 },
]
const FILE_LIMITS: readonly Limit[] = [
  { measure: 'files', word: 'files', perUnit: 0, perLap: 0.5 },
  { measure: 'fileBytes', word: 'bytes in files', perUnit: 0, perLap: 500 },
]

/** What one lap has more than the one before: the middle of all pairs, so that one odd lap decides nothing. */
export function slope(values: readonly number[]): number {
  const slopes = values
    .flatMap((from, start) => values.slice(start + 1).map((to, more) => (to - from) / (more + 1)))
    .sort((a, b) => a - b)
  const half = slopes.length / 2
  const [low, high] = [slopes[Math.ceil(half) - 1], slopes[Math.floor(half)]]
  return low === undefined || high === undefined ? 0 : (low + high) / 2
}

/** A sentence for each thing that grows. */
export function growth(laps: Laps): string[] {
  return [...growthOfLaps(laps), ...growthOfHeap(laps)]
}

/** So much for each unit, and what is left behind besides, once. */
const HEAP_LIMIT = { perUnitBytes: 8, perUnitCount: 0.25, bytes: 40_000, count: 200 }
const SHOWN = 4

function growthOfHeap({ name, unit, unitsPerLap, laps, counted }: Laps): string[] {
  const [before, after] = counted
  if (before === undefined || after === undefined) return []
  const units = unitsPerLap * laps.length
  const limitBytes = Math.max(HEAP_LIMIT.bytes, units * HEAP_LIMIT.perUnitBytes)
  const limitCount = Math.max(HEAP_LIMIT.count, units * HEAP_LIMIT.perUnitCount)
  const more = kept(before, after)
  const bytes = bytesOf(after) - bytesOf(before)
  if (bytes <= limitBytes && more.every(({ count }) => count <= limitCount)) return []
  const shown = more.slice(0, SHOWN).map((each) => `${each.count} ${each.what} of ${each.bytes} bytes`)
  return [
    `${name}: ${(bytes / units).toPrecision(3)} bytes of heap stay for each ${unit}: ${shown.join(', ')}`,
  ]
}

function growthOfLaps({ name, unit, unitsPerLap, laps, hasGrowingFiles = false }: Laps): string[] {
  const limits = hasGrowingFiles ? LIMITS : [...LIMITS, ...FILE_LIMITS]
  return limits.flatMap(({ measure, word, perUnit, perLap }) => {
    const values = laps.flatMap((lap) => lap[measure] ?? [])
    const limit = Math.max(perUnit * unitsPerLap, perLap)
    const more = slope(values)
    if (more <= limit) return []
    const each = (more / unitsPerLap).toPrecision(3)
    return [`${name}: ${each} ${word} more for each ${unit} (${values.map(round).join(', ')} after the laps)`]
  })
}

function round(value: number): string {
  return value < 1e6 ? String(value) : `${(value / 1e6).toFixed(2)} M`
}
