// What the soak prints: a line for each lap, and at the end a table of all phases: how many units were counted, and how
// much more was held for each of them. Pure.
import { bytesOf } from './snapshot.ts'
import { type Lap, type Laps, slope } from './verdict.ts'

export interface Ended {
  readonly name: string
  /** Undefined if the phase has come to no end. */
  readonly outcome: (Laps & { readonly seconds: number }) | undefined
  readonly complaints: readonly string[]
}

export const LAP_COLUMNS = `${'phase'.padEnd(44)}lap  heap kB  RSS MB  objects  timers  sockets  fds  listeners  files`
const CLOSING_COLUMNS = `${'phase'.padEnd(46)}${'counted'.padEnd(20)}heap B  objects    RSS B  timers  sockets    fds  files     s`

type Cells = readonly (readonly [value: unknown, width: number])[]

function cellsOf(cells: Cells): string {
  return cells.map(([value, width]) => String(value).padStart(width)).join('')
}

/** `number` is `w` while it warms up. */
export function lapLine(name: string, number: number | 'w', lap: Lap): string {
  return (
    name.padEnd(44) +
    cellsOf([
      [number, 3],
      [(lap.heapBytes / 1000).toFixed(0), 9],
      [(lap.rssBytes / 1e6).toFixed(1), 8],
      [lap.objects, 9],
      [lap.timers, 8],
      [lap.sockets, 9],
      [lap.descriptors ?? '?', 5],
      [lap.listeners, 11],
      [lap.files, 7],
    ])
  )
}

/** The lines at the end: how many units there were in each phase, and how much more was held for each of them. */
export function closing(all: readonly Ended[]): string[] {
  return [
    '',
    CLOSING_COLUMNS,
    ...all.map(closingLine),
    ...all.flatMap(({ complaints }) => complaints.map(told)),
  ]
}

function told(complaint: string): string {
  return `✘ ${complaint}`
}

function closingLine({ name, outcome, complaints }: Ended): string {
  const mark = complaints.length === 0 ? '✔' : '✘'
  if (outcome === undefined) return `${mark} ${name}`
  const { unit, unitsPerLap, laps, counted, seconds } = outcome
  const units = unitsPerLap * laps.length
  const [before, after] = counted
  const heapBytes = before === undefined || after === undefined ? 0 : bytesOf(after) - bytesOf(before)
  const more = (measure: keyof Lap): string =>
    brief(slope(laps.flatMap((lap) => lap[measure] ?? [])) / unitsPerLap)
  const words = `${mark} ${name}`.padEnd(46) + `${units} ${unit}s`.padEnd(18)
  return (
    words +
    cellsOf([
      [brief(heapBytes / units), 8],
      [more('objects'), 9],
      [more('rssBytes'), 9],
      [more('timers'), 8],
      [more('sockets'), 9],
      [more('descriptors'), 7],
      [more('files'), 7],
      [seconds.toFixed(0), 6],
    ])
  )
}

function brief(value: number): string {
  if (Math.abs(value) < 0.005) return '0'
  return Math.abs(value) < 100 ? String(Number(value.toPrecision(2))) : value.toFixed(0)
}

/** Such as `20000 messages, 2000 streams`. */
export function countOf(all: readonly Ended[]): string {
  const counts = new Map<string, number>()
  for (const { outcome } of all) {
    if (outcome === undefined) continue
    const { unit, unitsPerLap, laps } = outcome
    counts.set(unit, (counts.get(unit) ?? 0) + unitsPerLap * laps.length)
  }
  return [...counts].map(([unit, count]) => `${count} ${unit}s`).join(', ')
}
