// What the soak does over and over: each phase is one thing that happens in an editor's day, made as often in each lap.
import type { Child, ChildOptions } from './child.ts'
import type { Era } from './talk.ts'

/** A bridge with its remote, at work. */
export interface World {
  readonly child: Child
  /** Does what the phase is about, once. */
  step(count: number): Promise<void>
  /** Before a look: the remote has nothing open that is not meant to be. */
  quiet(): void
  /** What it is at, where a step has parts. */
  now?(): string
  close(): Promise<void>
}

export interface Ground {
  /** Starts the bridge with these arguments, in a home of the phase's own. */
  start(options: ChildOptions, era: Era): Promise<Child>
  /** That home, where caches and sign-ins are kept. */
  readonly home: string
}

export interface Phase {
  readonly name: string
  readonly unit: string
  readonly unitsPerLap: number
  /** How many steps are under way together; one if left out. */
  readonly inFlight?: number
  /** How many units a step is; one if left out. */
  readonly unitsPerStep?: number
  readonly hasGrowingFiles?: boolean
  /** How much faster the bridge's clock runs, where that is not as usual. */
  readonly rate?: number
  open(ground: Ground): Promise<World>
}

export interface Walk {
  /** The number of the first unit. */
  readonly from: number
  readonly units: number
  /** Called after each step. */
  readonly moves: () => void
}

/** The steps of one lap. */
export async function walk(world: World, phase: Phase, { from, units, moves }: Walk): Promise<void> {
  const steps = Math.ceil(units / (phase.unitsPerStep ?? 1))
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < steps) {
      await world.step(from + next++)
      moves()
    }
  }
  await Promise.all(Array.from({ length: phase.inFlight ?? 1 }, worker))
}
