// --allow-tool, --deny-tool and the same for prompts and resources, --read-only. users.md 18.
import type { ShapingOptions } from './shaping.ts'
import type { Reading } from './sign-in-texts.ts'

/** Throws BridgeError `usage`. */
export function readFilter(_reading: Reading): Pick<ShapingOptions, 'filter'> {
  return {}
}
