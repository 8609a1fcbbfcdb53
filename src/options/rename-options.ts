// --tool-prefix, --prompt-prefix, --rename, --rename-prompt, --max-tool-name, --describe, --set. users.md 34.
import type { ShapingOptions } from './shaping.ts'
import type { Reading } from './sign-in-texts.ts'

/** Throws BridgeError `usage`. */
export function readNaming(_reading: Reading): Pick<ShapingOptions, 'rename' | 'descriptions' | 'fixed'> {
  return {}
}
