// `trace replay`: the host's side of a trace once more, through a bridge as an editor would have it, and its answers beside those of
// the trace.
import { usage } from '../../errors.ts'
import { findFlag } from '../../options/flags.ts'
import { readDuration } from '../../options/quantities.ts'
import { TRACE_FLAGS } from '../../options/trace-help.ts'
import { isColoured } from '../colour.ts'
import type { Surroundings } from '../door.ts'
import { escaped } from '../foreign-text.ts'
import { OUTCOME } from '../outcome.ts'
import { type RemoteLine, readRemoteLine } from '../remote-line.ts'
import { writeTo } from '../screen.ts'
import { ignoring } from './comparison.ts'
import { agree } from './consent.ts'
import { play } from './player.ts'
import { type Run, readTraceFile, type TraceFile } from './reading.ts'
import { type Replayed, riskyOf, type Script, scriptOf } from './script.ts'
import { plural } from './sequence-view.ts'
import { runsOf } from './show.ts'
import { exitCodeOf, verdictsOf } from './verdicts.ts'
import { dryView, replayView } from './verdicts-view.ts'

const FORM = 'write mcp-ferry trace replay <file> [url] [options]'
const WAIT_MS = 30_000

export async function runReplay(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { program, env, tell } = surroundings
  const [file, ...rest] = argv
  if (file === undefined || (file.startsWith('-') && file !== '-'))
    throw usage('trace-file-missing', `the file does not stand behind replay; ${FORM}`)
  const trace = await readTraceFile(file, program.stdin)
  const run = lastOf(trace, wantedRun(rest))
  const line = await readLine(rest, run, surroundings)
  const { flags, options } = line
  const script = scriptOf(run)
  if (script.cues.length === 0)
    throw usage(
      'trace-empty',
      `the host has sent nothing in run ${run.id} of ${trace.name}; take another with --run`,
    )
  for (const note of notesOf(script, trace, run)) tell(`mcp-ferry: ${note}`)
  const print = (text: string): Promise<void> => writeTo(program.stdout, `${text}\n`)
  const hasColour = isColoured(program.stdout, env)
  if (flags.has('--dry-run')) {
    await print(dryView(script, hasColour).join('\n'))
    return OUTCOME.ok
  }
  if (!flags.has('--yes') && !(await agree(riskyOf(script), options.url, surroundings)))
    return OUTCOME.interrupted
  const waitMs = waitOf(line)
  const isIgnored = ignoring(flags.get('--ignore') ?? [])
  const bridge = await surroundings.prepare(options, surroundings.openLog(options))
  let isStopped = false
  void surroundings.stopped.then(() => {
    isStopped = true
  })
  // The bridge hears of it too, ends its session, and with that this.
  const played = await play(script, bridge, waitMs)
  if (isStopped) return OUTCOME.interrupted
  const verdicts = verdictsOf(script, played, isIgnored)
  const url = `${options.url.protocol}//${options.url.host}${options.url.pathname}`
  await print(
    flags.has('--json')
      ? escaped(
          JSON.stringify({ run: run.id, url, answers: verdicts, unknownQuestions: played.unknown }, null, 2),
        )
      : replayView(verdicts, played.unknown, hasColour).join('\n'),
  )
  return exitCodeOf(verdicts)
}

type Flags = (typeof TRACE_FLAGS)[number]['name']

/** The URL of the trace is the last word: where another is given, that one stands before it. */
async function readLine(
  rest: readonly string[],
  { start }: Run,
  surroundings: Surroundings,
): Promise<RemoteLine<Flags>> {
  const isWhole = start !== undefined && !start.hasQuery && !start.url.includes('[redacted]')
  const traced = isWhole ? [start.url] : []
  const end = rest.indexOf('--')
  const words = end < 0 ? [...rest, ...traced] : [...rest.slice(0, end), ...traced, ...rest.slice(end)]
  const line = await readRemoteLine(words, TRACE_FLAGS, surroundings).catch((thrown: unknown) => {
    if ((thrown as { facts?: { code?: string } }).facts?.code !== 'url-missing') throw thrown
    const what =
      start === undefined ? 'where it went' : `${start.hasQuery ? 'the query' : 'a secret part'} of its URL`
    throw usage('url-missing', `${what} is not in the trace; ${FORM.replace('[url]', '<url>')}`)
  })
  if (line.words.some((word) => word !== traced[0]))
    throw usage('unexpected-argument', `trace replay takes one file and one URL; ${FORM}`)
  return line
}

/** Before the line is read as a whole, for which the URL of the run must be known. */
function wantedRun(rest: readonly string[]): string | undefined {
  const at = rest.findLastIndex((word) => word === '--run' || word.startsWith('--run='))
  return at < 0 ? undefined : rest[at] === '--run' ? rest[at + 1] : rest[at]!.slice('--run='.length)
}

/** The last in which a host has said something. */
function lastOf(trace: TraceFile, wanted: string | undefined): Run {
  const runs = runsOf(trace, wanted)
  const hasHost = ({ entries }: Run): boolean =>
    entries.some(
      ({ record, message }) => record.kind === 'message' && record.side === 'host' && message !== undefined,
    )
  return runs.findLast(hasHost) ?? runs.at(-1)!
}

function waitOf({ flags }: RemoteLine<Flags>): number {
  const text = flags.get('--wait')?.at(-1)
  return text === undefined ? WAIT_MS : readDuration(findFlag('--request-timeout')!, { text, from: '--wait' })
}

function notesOf(
  { left, redacted, requests }: Script,
  { runs, unreadable }: TraceFile,
  { id }: Run,
): string[] {
  const cut = requests.filter(({ isCut }: Replayed) => isCut).length + left
  return [
    ...(runs.length > 1 ? [`the trace has ${runs.length} runs; this is ${id}, and --run takes another`] : []),
    ...(unreadable > 0 ? [`${plural(unreadable, 'line')} of the trace cannot be read, and left out`] : []),
    ...(cut > 0
      ? [
          `${plural(cut, 'message')} of the host ${cut === 1 ? 'is' : 'are'} not whole in the trace, and not sent`,
        ]
      : []),
    ...(redacted > 0
      ? [`a secret has been taken out of ${plural(redacted, 'message')}, and [redacted] is sent in its place`]
      : []),
  ]
}
