// A command line of the bridge → arguments that survive every launcher, and what goes to `env` instead. What cannot be said
// so is refused with the reason. arguments.md 3, 6.
import type { Options } from '../../options/options.ts'
import type { Surroundings } from '../door.ts'
import type { Value } from './entry.ts'

export interface Intent {
  /** For the entry, behind the program: each matches the pattern of arguments.md 6. */
  readonly args: readonly string[]
  readonly env: readonly Value[]
  /** What the bridge makes of the command line as it was given, where its secrets are known. */
  readonly options: Options | undefined
  /** For stderr. */
  readonly notes: readonly string[]
}

/** `argv` as for the bridge. Rejects with BridgeError `usage`. */
export async function readIntent(_argv: readonly string[], _surroundings: Surroundings): Promise<Intent> {
  throw new TypeError('not there yet')
}
