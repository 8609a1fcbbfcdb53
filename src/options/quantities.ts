// Texts that stand for a duration, a size, a count, a log level or yes/no. Pure; one error code, `bad-value`.
import { usage } from '../errors.ts'
import type { LogLevel } from '../log.ts'
import { LOG_LEVELS } from '../log.ts'
import type { Flag } from './flag-table.ts'

/** A text and where it came from: the flag or the variable, as the user knows it. */
export interface Sourced {
  readonly text: string
  readonly from: string
}

// Node's timers overflow beyond this and fire at once.
const LONGEST_MS = 2 ** 31 - 1
const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  kib: 1024,
  mb: 1e6,
  mib: 1024 ** 2,
  gb: 1e9,
  gib: 1024 ** 3,
}

/** Milliseconds from `30`, `30s`, `500ms`, `2m`, `1h`; a bare number counts seconds. Throws `bad-value`. */
export function readDuration(flag: Flag, given: Sourced): number {
  const write = 'a time such as 30s, 500ms, 2m or 1h'
  return readNumber({ max: LONGEST_MS, ...flag }, given, { units: MILLISECONDS, bare: 's', write })
}

/** Bytes from `1048576`, `64MB`, `64MiB`. Throws `bad-value`. */
export function readSize(flag: Flag, given: Sourced): number {
  return readNumber(flag, given, { units: BYTES, bare: 'b', write: 'a size such as 64MiB, 64MB or 1048576' })
}

/** A whole number. Throws `bad-value`. */
export function readCount(flag: Flag, given: Sourced): number {
  return readNumber(flag, given, { units: { '': 1 }, bare: '', write: 'a whole number such as 20' })
}

/** One of the log's levels, in any case. Throws `bad-value`. */
export function readLevel(given: Sourced): LogLevel {
  const level = LOG_LEVELS.find((known) => known === given.text.trim().toLowerCase())
  return level ?? refuse(given, `write one of ${LOG_LEVELS.join(', ')}`)
}

/** What one of the flag's words stands for, in any case. Throws `bad-value`. */
export function readChoice({ choices = {} }: Flag, given: Sourced): string {
  const word = given.text.trim().toLowerCase()
  const known = Object.hasOwn(choices, word) ? choices[word] : undefined
  return known ?? refuse(given, `write one of ${[...new Set(Object.values(choices))].join(', ')}`)
}

/** Yes or no, as a variable may say it. Throws `bad-value`. */
export function readSwitch(given: Sourced): boolean {
  const word = given.text.trim().toLowerCase()
  if (['1', 'true', 'yes', 'on'].includes(word)) return true
  if (['0', 'false', 'no', 'off'].includes(word)) return false
  return refuse(given, 'write 1 or 0')
}

interface Measure {
  readonly units: Readonly<Record<string, number>>
  /** The unit of a bare number. */
  readonly bare: string
  readonly write: string
}

function readNumber(flag: Flag, given: Sourced, measure: Measure): number {
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?([a-z]*)$/i.exec(given.text.trim())
  const unit = (match?.[2] || measure.bare).toLowerCase()
  if (match === null || !Object.hasOwn(measure.units, unit)) return refuse(given, `write ${measure.write}`)
  const value = Number(match[1]) * measure.units[unit]!
  // 1.5s is a whole number of milliseconds; 0.5 retries is nothing.
  if (flag.kind === 'count' && !Number.isInteger(value)) return refuse(given, `write ${measure.write}`)
  if (value < (flag.min ?? 0)) return refuse(given, `that is too little; write ${measure.write}`)
  if (value > (flag.max ?? Number.MAX_SAFE_INTEGER))
    return refuse(given, `that is too much; write ${measure.write}`)
  return Math.round(value)
}

function refuse(given: Sourced, instead: string): never {
  // A header or a token may have slipped in here, so only what looks like a quantity or a word is shown.
  const text = given.text.trim()
  const shown = /^-?[\d.,]{0,12} ?[a-z]{0,8}$/i.test(text) ? `"${text}"` : 'this text'
  throw usage('bad-value', `${given.from} cannot be ${shown}; ${instead}`)
}
