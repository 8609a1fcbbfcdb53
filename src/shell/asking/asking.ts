// `tools`, `resources`, `templates`, `prompts`, `read`, `prompt`, `complete`, `ping` and `watch`: what a person or a script asks
// a remote, but for calls.
import { usage } from '../../errors.ts'
import type { ToolCommand } from '../../options/flags.ts'
import type { Surroundings } from '../door.ts'

export type AskingCommand = Exclude<ToolCommand, 'config' | 'doctor' | 'call' | 'trace' | 'completion'>

/** The exit code. Rejects with BridgeError `usage`. */
export async function runAsking(
  command: AskingCommand,
  _argv: readonly string[],
  _surroundings: Surroundings,
): Promise<number> {
  throw usage('not-yet', `${command} is not there yet`)
}
