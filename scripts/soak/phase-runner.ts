// A process of the soak: runs one phase after another, with the remote and the host of each, and says what it has seen.
import type { DaySettings } from './day.ts'
import { runPhase } from './laps.ts'
import { phasesWith } from './phase-list.ts'
import type { Ended } from './report.ts'
import { growth } from './verdict.ts'

export interface Job {
  /** Among all phases. */
  readonly index: number
  readonly day: DaySettings
  readonly laps: number
  readonly share: number
}

export type Said =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'ended'; readonly ended: Ended }

async function judge({ index, day, laps, share }: Job, say: (line: string) => void): Promise<Ended> {
  const phase = phasesWith(day)[index]!
  const { name } = phase
  try {
    const outcome = await runPhase(phase, { laps, share, say })
    const complaints = growth(outcome)
    if (outcome.exitCode !== 0)
      complaints.push(`${name}: the bridge ended with ${outcome.exitCode}: ${outcome.stderr}`)
    return { name, outcome, complaints }
  } catch (error) {
    return { name, outcome: undefined, complaints: [`${name}: ${(error as Error).message}`] }
  }
}

const tell = (said: Said): void => void process.send?.(said)

process.on('message', async (job: Job) => {
  const say = (line: string): void => tell({ kind: 'line', line })
  const ended = await judge(job, say)
  for (const complaint of ended.complaints) say(`✘ ${complaint}`)
  tell({ kind: 'ended', ended })
})
