// What answers in the remote's stead while it is not there: `initialize` once the start budget is used up, and later what
// has waited long enough. protocol.md 0.12.
import type { BridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import { notThere } from './failures.ts'
import type { Told } from './told.ts'

export interface StandInSettings {
  readonly log: Log
  readonly told: Told
  /** The remote's host name, for sentences. */
  readonly host: string
  /** 0: never. */
  readonly startBudgetMs: number
  /** What the remote said at an earlier start. */
  readonly recall: () => Promise<string | undefined>
  /** What somebody has to do before the remote can be open: sign in. */
  readonly waitsFor: () => BridgeError | undefined
}

export interface StandIn {
  /** Why the remote is not open yet. */
  delayed: BridgeError | undefined
  /** Whether it has answered `initialize`. */
  readonly hasAnswered: boolean
  /** Gives the answer to `initialize` once the time is up, if it is still wanted then. */
  begin(initialize: Envelope, isWanted: () => boolean, give: (answer: Envelope) => void): void
  /** The remote has answered, or will not. */
  end(): void
  /** The answer to a request that has waited long enough: an empty list, or why there is none. */
  late(request: Envelope): Envelope | BridgeError
}

export function createStandIn(settings: StandInSettings): StandIn {
  const { log, told, host, startBudgetMs, waitsFor } = settings
  let budget: NodeJS.Timeout | undefined
  let hasAnswered = false

  async function answer(
    initialize: Envelope,
    isWanted: () => boolean,
    give: (answer: Envelope) => void,
  ): Promise<void> {
    const [remembered, load] = await Promise.all([
      settings.recall(),
      import('./provisional-answer.ts'),
    ]).catch(() => [])
    // Without its module, which is gone while the program is being updated, the host waits on.
    if (!isWanted() || load === undefined) return
    const why = log.redact((waitsFor() ?? standIn.delayed)?.message ?? 'it has not answered yet')
    log.warn(`${host} is not connected yet, and is tried again and again: ${why}`)
    told.standIn()
    hasAnswered = true
    give(load.provisionalAnswer(initialize, { host, why, remembered }))
  }

  const standIn: StandIn = {
    delayed: undefined,
    get hasAnswered() {
      return hasAnswered
    },
    begin(...wanted) {
      hasAnswered = false
      if (startBudgetMs > 0) budget = setTimeout(answer, startBudgetMs, ...wanted)
    },
    end: () => clearTimeout(budget),
    late: (request) => told.asEmpty(request) ?? notThere(host, waitsFor() ?? standIn.delayed),
  }
  return standIn
}
