// `mcp-ferry config`: the entry that works for an editor on this system, printed or put into its file. arguments.md 6.
import { usage } from '../../errors.ts'
import type { Surroundings } from '../door.ts'

/** The exit code. Rejects with BridgeError `usage`. */
export async function runConfig(_argv: readonly string[], _surroundings: Surroundings): Promise<number> {
  throw usage('unexpected-argument', 'config is not there yet')
}
