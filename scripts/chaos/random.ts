// Chance that can be replayed: a small generator (mulberry32) that starts from the run's seed and a name, so that
// what happens to a request depends on the request alone and not on what else was under way.

export type Random = () => number

/** Numbers from 0 to below 1, always the same ones for the same parts. */
export function randomFor(...parts: readonly (string | number)[]): Random {
  let state = hash(parts.join('\u0000'))
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** A whole number from `low` to `high`, both included. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1))
}

/** One of these, each as often as its weight says. */
export function choose<T>(random: Random, among: readonly (readonly [T, number])[]): T {
  const total = among.reduce((sum, [, weight]) => sum + weight, 0)
  let left = random() * total
  for (const [value, weight] of among) {
    left -= weight
    if (left < 0) return value
  }
  return among.at(-1)![0]
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}
