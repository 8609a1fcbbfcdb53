// `trace show` and `trace replay`: which of them, and the file.
import { usage } from '../../errors.ts'
import type { Surroundings } from '../door.ts'
import { runReplay } from './replay.ts'
import { runShow } from './show.ts'

const FORM = 'write mcp-ferry trace show <file>, or mcp-ferry trace replay <file> [url]'

/** The exit code. Rejects with BridgeError `usage`. */
export async function runTrace(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const at = argv.findIndex((word) => word === 'show' || word === 'replay')
  if (at < 0) throw usage('trace-what', `it is not said what is to be done with a trace; ${FORM}`)
  const rest = [...argv.slice(0, at), ...argv.slice(at + 1)]
  return argv[at] === 'show' ? runShow(rest, surroundings) : runReplay(rest, surroundings)
}
