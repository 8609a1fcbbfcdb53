// `trace`.
import { usage } from '../../errors.ts'
import type { Surroundings } from '../door.ts'

/** The exit code. Rejects with BridgeError `usage`. */
export async function runTrace(_argv: readonly string[], _surroundings: Surroundings): Promise<number> {
  throw usage('not-yet', 'trace is not there yet')
}
