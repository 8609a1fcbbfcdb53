// Plays a target: cases from a seed, each shortened where it fails; and texts that grow, to see that the time grows no faster.
import { type Chance, createChance } from './chance.ts'
import { textFor } from './mutation.ts'
import type { Target } from './target.ts'

export interface Failure {
  readonly seed: number
  /** The shortest that was found to fail. */
  readonly text: string
  readonly why: string
}

/** A longer look for a shorter text is not worth it. */
const MOST_TRIES = 3000

/** The case of this seed, or undefined if all is well. */
export async function failureOf(target: Target, seed: number): Promise<Failure | undefined> {
  const text = textFor(target, createChance(seed))
  if ((await complaint(target, text)) === undefined) return undefined
  const short = await shortened(text, async (other) => (await complaint(target, other)) !== undefined)
  return { seed, text: short, why: (await complaint(target, short)) ?? '' }
}

/** What is wrong with what the target makes of it. */
export async function complaint(target: Target, text: string): Promise<string | undefined> {
  try {
    await target.check(text)
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  }
}

/** Without all that is not needed to fail: halves are tried first, then what is smaller. */
async function shortened(whole: string, fails: (text: string) => Promise<boolean>): Promise<string> {
  let text = whole
  let tries = 0
  for (let size = Math.ceil(text.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < text.length && tries < MOST_TRIES; tries++) {
      const shorter = text.slice(0, at) + text.slice(at + size)
      if (await fails(shorter)) text = shorter
      else at += size
    }
  }
  return text
}

/** A text of a piece that comes again and again. */
export interface Pump {
  readonly before: string
  readonly piece: string
  readonly after: string
}

export function pumpFor({ tokens }: Target, chance: Chance): Pump {
  const token = (): string => (tokens.length === 0 || chance.percent(20) ? 'a' : chance.pick(tokens))
  const piece = chance.percent(60) ? token() : token() + token()
  return {
    before: chance.percent(50) ? token() : '',
    piece: piece === '' ? 'a' : piece,
    after: chance.percent(50) ? token() : '',
  }
}

/** Each length is so many times the one before, and may take so many times as long: the square of it would be 64. */
const GROWTH = { length: 8, time: 20 }
/** Some lengths are a step for the engine, so that a longer one has to be too slow as well: here the square would be 16. */
const FURTHER = { length: 4, time: 9 }
/** Less is lost in what the collector does. */
const LEAST_MS = 16
/** No step takes that long. */
const NO_STEP_MS = 1000

/** Whether the time grows faster than the text; then how long which lengths took. */
export function tooSlow({ parse }: Target, pump: Pump, longest: number): string | undefined {
  if (parse === undefined) return undefined
  const timeOf = (length: number, enoughMs: number): number => {
    const count = Math.max(1, Math.floor(length / pump.piece.length))
    return shortestOf(parse, pump.before + pump.piece.repeat(count) + pump.after, enoughMs)
  }
  let before = LEAST_MS
  for (let length = 64; length <= longest; length *= GROWTH.length) {
    const enough = Math.max(LEAST_MS, before * GROWTH.time)
    const time = timeOf(length, enough)
    if (time > enough && time > NO_STEP_MS) return `${length} characters: ${time} ms, an eighth: ${before} ms`
    if (time > enough) {
      const further = timeOf(length * FURTHER.length, time * FURTHER.time)
      if (further > time * FURTHER.time)
        return `${length} characters: ${time} ms, an eighth: ${before} ms, four times: ${further} ms`
    }
    before = time
  }
  return undefined
}

/** Only a time that is short each time is one of the parser's own; one that is short enough will do. */
function shortestOf(parse: (text: string) => unknown, text: string, enoughMs: number): number {
  let shortest = elapsed(parse, text)
  for (let times = 1; times < 6 && shortest < NO_STEP_MS && (times < 2 || shortest > enoughMs); times++)
    shortest = Math.min(shortest, elapsed(parse, text))
  return shortest
}

/** Of the processor: on a busy machine the wall clock tells what others do. */
function elapsed(parse: (text: string) => unknown, text: string): number {
  const start = process.cpuUsage()
  parse(text)
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}
