// The day of an editor, drawn from a seed: hours of work and of idleness, and what befalls it. Pure.
import { between, choose, type Random, randomFor } from '../chaos/random.ts'

export type Event =
  /** So many calls at once, of this tool. */
  | { readonly kind: 'burst'; readonly calls: number; readonly tool: string }
  /** Nobody does anything for so long. */
  | { readonly kind: 'idle'; readonly minutes: number }
  | { readonly kind: 'sleep'; readonly minutes: number }
  | { readonly kind: 'cancel'; readonly calls: number }
  | { readonly kind: 'big'; readonly bytes: number }
  | {
      readonly kind: 'restart-remote' | 'restart-editor' | 'token-over' | 'list-change' | 'cut' | 'subscribe'
    }

const TOOLS = [
  ['plain', 4],
  ['events', 3],
  ['ask', 1],
  ['cut', 1],
  ['lose', 1],
  ['busy', 1],
] as const
const MINUTES_PER_HOUR = 60

/** What happens in this hour of the day, in order; its idle times and sleeps fill it. */
export function hourOf(seed: number, hour: number): Event[] {
  const random = randomFor(seed, 'hour', hour)
  const events: Event[] = []
  let left = MINUTES_PER_HOUR
  while (left > 0) {
    const minutes = Math.min(left, between(random, 3, 20))
    events.push(...workOf(random), { kind: choose(random, PAUSES), minutes })
    left -= minutes
  }
  return events
}

const PAUSES = [
  ['idle', 4],
  ['sleep', 1],
] as const

function workOf(random: Random): Event[] {
  return Array.from({ length: between(random, 2, 6) }, () => eventOf(random))
}

const KINDS = [
  ['burst', 10],
  ['cancel', 3],
  ['big', 2],
  ['list-change', 3],
  ['subscribe', 2],
  ['cut', 2],
  ['token-over', 2],
  ['restart-remote', 2],
  ['restart-editor', 1],
] as const

function eventOf(random: Random): Event {
  const kind = choose(random, KINDS)
  switch (kind) {
    case 'burst':
      return { kind, calls: between(random, 5, 60), tool: choose(random, TOOLS) }
    case 'cancel':
      return { kind, calls: between(random, 1, 10) }
    case 'big':
      return { kind, bytes: between(random, 100_000, 4_000_000) }
    default:
      return { kind }
  }
}
