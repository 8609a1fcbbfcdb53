// `trace show`: what happened, for a person or as JSON.
import { EXIT, usage } from '../../errors.ts'
import { TRACE_FLAGS } from '../../options/trace-help.ts'
import { isColoured } from '../colour.ts'
import { readToolLine } from '../commands/tool-line.ts'
import type { Surroundings } from '../door.ts'
import { escaped } from '../foreign-text.ts'
import { writeTo } from '../screen.ts'
import { type Run, readTraceFile, type TraceFile } from './reading.ts'
import { sequenceOf } from './sequence.ts'
import { plural, viewOf } from './sequence-view.ts'

export async function runShow(
  argv: readonly string[],
  { program, env, tell }: Surroundings,
): Promise<number> {
  const { flags, rest } = readToolLine(argv, TRACE_FLAGS)
  const words = rest.filter((word) => word !== '--')
  const [file] = words
  if (file === undefined)
    throw usage('trace-file-missing', 'there is no file; write mcp-ferry trace show <file>, or - for stdin')
  const odd = words.slice(1).concat(file.startsWith('-') && file !== '-' ? [file] : [])
  const foreign = [...flags.keys()].filter((name) => name !== '--json' && name !== '--run')
  if (odd.length > 0 || foreign.length > 0)
    throw usage(
      'unexpected-argument',
      'trace show takes one file, --run and --json; remove what else is there',
    )
  const trace = await readTraceFile(file, program.stdin)
  const sequences = runsOf(trace, flags.get('--run')?.at(-1)).map(sequenceOf)
  if (trace.unreadable > 0)
    tell(`mcp-ferry: ${plural(trace.unreadable, 'line')} of the trace cannot be read, and left out`)
  const text = flags.has('--json')
    ? escaped(JSON.stringify({ runs: sequences, unreadable: trace.unreadable }, null, 2))
    : sequences.map((one) => viewOf(one, isColoured(program.stdout, env)).join('\n')).join('\n\n')
  await writeTo(program.stdout, `${text}\n`)
  return EXIT.ok
}

/** Throws BridgeError `usage` if there is none of that name. */
export function runsOf({ runs, name }: TraceFile, wanted: string | undefined): readonly Run[] {
  if (wanted === undefined) return runs
  const found = runs.filter(({ id }) => id === wanted)
  if (found.length === 0)
    throw usage('bad-value', `there is no such run in ${name}; mcp-ferry trace show lists them`)
  return found
}
