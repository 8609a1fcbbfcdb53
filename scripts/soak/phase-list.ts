// All that the soak can do over and over.
import { type DaySettings, dayPhase } from './day.ts'
import { FURTHER_PHASES } from './further-phases.ts'
import { LEGACY_PHASES } from './legacy-phases.ts'
import type { Phase } from './phases.ts'
import { TRANSLATED_PHASES } from './translated-phases.ts'

/** The day is the first of them. */
export function phasesWith(day: DaySettings): readonly Phase[] {
  return [dayPhase(day), ...LEGACY_PHASES, ...TRANSLATED_PHASES, ...FURTHER_PHASES]
}
