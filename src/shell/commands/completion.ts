// `completion`: the script that makes a shell complete our command lines.
import { usage } from '../../errors.ts'
import type { Surroundings } from '../door.ts'

/** The exit code. Rejects with BridgeError `usage`. */
export async function runCompletion(_argv: readonly string[], _surroundings: Surroundings): Promise<number> {
  throw usage('not-yet', 'completion is not there yet')
}
