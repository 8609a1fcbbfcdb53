// `trace replay`.
import { usage } from '../../errors.ts'
import type { Surroundings } from '../door.ts'

export async function runReplay(_argv: readonly string[], _surroundings: Surroundings): Promise<number> {
  throw usage('not-yet', 'trace replay is not there yet')
}
