// Which fault meets which request: drawn from the seed and from what the request is, how often it has come before
// included, and never from the time or from what else is under way. So a seed can be played again.
import { FAULTS, type Fault, type Target } from './faults.ts'
import { type Pair, remoteEra, type Transport } from './pairs.ts'
import { choose, type Random, randomFor } from './random.ts'

/** How many of each hundred meet a fault. */
const DENSITY: Readonly<Record<Target, number>> = { request: 6, message: 3, listen: 60, resume: 25 }

export interface Drawn {
  readonly fault: Fault | undefined
  /** For the details: where it is cut, how long it takes. */
  readonly random: Random
}

export interface Plan {
  /** Without faults everything passes. */
  setActive(active: boolean): void
  /** `key` says what it is; the same again is the next try. */
  draw(target: Target, key: string): Drawn
  /** By name. */
  readonly injected: ReadonlyMap<string, number>
  /** What met a request, by key. */
  readonly met: ReadonlyMap<string, readonly string[]>
  count(fault: Fault): void
}

export interface PlanSettings {
  readonly seed: number
  /** Names of the faults to be used; all if empty. */
  readonly only: readonly string[]
  readonly pair: Pair
  readonly transport: Transport
  readonly trace: (line: string) => void
}

export function createPlan({ seed, only, pair, transport, trace }: PlanSettings): Plan {
  const usable = FAULTS.filter(
    ({ name, streamableOnly, saysNone, only: era }) =>
      (only.length === 0 || only.includes(name)) &&
      (transport === 'http' || streamableOnly !== true) &&
      (saysNone !== true || pair !== 'modern-legacy') &&
      (era === undefined || era === remoteEra(pair)),
  )
  const byTarget = new Map<Target, readonly (readonly [Fault, number])[]>()
  for (const target of ['request', 'message', 'listen', 'resume'] as const)
    byTarget.set(
      target,
      usable.filter(({ on }) => on.includes(target)).map((fault) => [fault, fault.weight] as const),
    )
  const tries = new Map<string, number>()
  const injected = new Map<string, number>()
  const met = new Map<string, string[]>()
  let isActive = false

  return {
    injected,
    met,
    setActive(active) {
      isActive = active
    },
    draw(target, key) {
      const attempt = (tries.get(key) ?? 0) + 1
      tries.set(key, attempt)
      const random = randomFor(seed, target, key, attempt)
      const faults = byTarget.get(target) ?? []
      if (!isActive || faults.length === 0 || random() * 100 >= DENSITY[target])
        return { fault: undefined, random }
      const fault = choose(random, faults)
      trace(`${target} ${key} attempt ${attempt}: ${fault.name}`)
      if (target === 'request') met.set(key, [...(met.get(key) ?? []), fault.name])
      return { fault, random }
    },
    count: ({ name }) => void injected.set(name, (injected.get(name) ?? 0) + 1),
  }
}
