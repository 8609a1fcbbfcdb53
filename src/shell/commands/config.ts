// `mcp-ferry config`: the entry that works for an editor on this system, printed or put into its file, and what becomes of
// the entries that are there. users.md 2, arguments.md 6.
import { isBridgeError } from '../../errors.ts'
import type { Surroundings } from '../door.ts'
import { type Call, readCall, USAGE } from './config-call.ts'
import { convertFile } from './config-from.ts'
import { list } from './config-list.ts'
import { printJson } from './config-output.ts'
import { toldFor } from './config-refusal.ts'
import { show } from './config-show.ts'
import { update } from './config-update.ts'
import { removeEntry, writeEntry } from './config-write.ts'

const MODES: Readonly<Record<Call['mode'], (call: Call) => Promise<number>>> = {
  print: show,
  write: writeEntry,
  remove: removeEntry,
  list,
  update,
  from: convertFile,
}

/** The exit code. Rejects with BridgeError `usage`. */
export async function runConfig(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const call = readCall(argv, surroundings)
  try {
    return await MODES[call.mode](call)
  } catch (thrown) {
    if (!isBridgeError(thrown)) throw thrown
    const error = await toldFor(thrown, { behind: 'the name', noUrl: USAGE })
    if (call.isJson) {
      const { kind, message, facts } = error
      await printJson(surroundings, { error: { kind, code: facts.code, message } })
    }
    throw error
  }
}
