// `mcp-ferry doctor`: walks the way from the command line to the remote's tools and tells what it finds. users.md 2.
import { usage } from '../../errors.ts'
import type { Surroundings } from '../door.ts'

/** The exit code. Rejects with BridgeError `usage`. */
export async function runDoctor(_argv: readonly string[], _surroundings: Surroundings): Promise<number> {
  throw usage('unexpected-argument', 'doctor is not there yet')
}
