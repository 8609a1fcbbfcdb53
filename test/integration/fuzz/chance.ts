// Chance that can be had again: the same seed, the same numbers.

export interface Chance {
  /** From 0 up to, but without, `below`. */
  number(below: number): number
  /** True `times` in a hundred. */
  percent(times: number): boolean
  pick<Value>(values: readonly Value[]): Value
}

/** A generator of Marsaglia's xorshift family, well mixed at the start. */
export function createChance(seed: number): Chance {
  let state = (seed ^ 0x9e3779b9) | 0 || 1
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
  for (let round = 0; round < 8; round++) next()
  const chance: Chance = {
    number: (below) => next() % below,
    percent: (times) => next() % 100 < times,
    pick: (values) => values[next() % values.length]!,
  }
  return chance
}
