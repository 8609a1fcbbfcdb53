// What was seen of a program that was started, as steps for the person: how it answered, what else it wrote, how it ended.
// Pure. users.md 1 rows 4, 15, 17 and 55, 3c.
import { withoutTokens } from '../../auth/headers/token-shapes.ts'
import type { Editor } from '../editors/editor.ts'
import { cut, printable } from '../foreign-text.ts'
import { nameInCommand } from '../shown-command.ts'
import type { Run } from './entry-fields.ts'
import type { Seen } from './start-entry.ts'
import { type Finding, parted, type Step } from './step.ts'

export interface Telling {
  readonly name: string
  readonly editor: Editor
  readonly run: Run
  /** How long this editor waits, where that is known. */
  readonly editorWaitsMs: number | undefined
  /** How it was started. */
  readonly how: string
  readonly redact: (text: string) => string
}

const SLOW_MS = 5000
const STDERR_LINES = 8
const LINE_SHOWN = 300
const NOISE_SHOWN = 200
/** What was kept of stderr may begin in the middle of a secret. */
const STDERR_SHOWN = 4096

export function stepsOf(seen: Seen, telling: Telling): readonly Step[] {
  const { name, how } = telling
  const facts = { server: name, how, outcome: seen.outcome.kind }
  const answer = answerOf(seen, telling)
  const steps: Step[] = [{ name: 'start', ...answer, facts: { ...facts, ...answer.facts } }]
  if (seen.noise !== undefined) steps.push(noiseOf(seen.noise, telling))
  const ending = endingOf(seen, name)
  if (ending !== undefined) steps.push({ name: 'end', ...ending, facts: { server: name } })
  return steps
}

type Answer = Finding & { readonly tookMs?: number }

function answerOf({ outcome, stderr }: Seen, telling: Telling): Answer {
  const { name, how } = telling
  const details = lastLines(stderr, telling.redact)
  const failed = (sees: string, advice: string): Answer => ({
    state: 'fail',
    sees: `${name}, started ${how}, ${sees}`,
    advice: known(stderr) ?? advice,
    ...(details.length > 0 && { details }),
  })
  switch (outcome.kind) {
    case 'answered':
      return answered(outcome, telling)
    case 'refused': {
      const { text, advice } = toldBy(cleaned(outcome.message, telling.redact))
      return { ...failed(`refuses the handshake: ${text}`, advice), tookMs: outcome.tookMs }
    }
    case 'not-started':
      return failed(`cannot be started (${outcome.code})`, 'check its command')
    case 'ended':
      return {
        ...failed(`answers nothing: ${outcome.how}`, 'run the same in a terminal to see why'),
        tookMs: outcome.tookMs,
      }
    case 'silent': {
      const waited = `has not answered within ${outcome.waitedMs / 1000} s`
      const own = details.findLast((line) => line.startsWith(OURS))
      if (own === undefined) return failed(waited, 'run the same in a terminal to see what it waits for')
      const { text, advice } = toldBy(own)
      return failed(`${waited}: ${text}`, advice)
    }
  }
}

type Answered = Extract<Seen['outcome'], { readonly kind: 'answered' }>

function answered(outcome: Answered, telling: Telling): Answer {
  const { name, how, redact, editor, editorWaitsMs } = telling
  const { tookMs, tools, isEndless, toolsRefused, protocol } = outcome
  const server = cleaned(outcome.server, redact)
  const facts = { serverInfo: server, protocolVersion: cleaned(protocol, redact), tools }
  if (isEndless)
    return {
      state: 'warn',
      sees: `${name}, started ${how}, answers: ${server}, and a list of tools that has no end`,
      advice: 'tell who makes it; editors may wait for ever',
      tookMs,
      facts,
    }
  if (toolsRefused !== undefined)
    return {
      state: 'fail',
      sees: `${name} answers, and tells no tools: ${cleaned(toolsRefused, redact)}`,
      advice: 'look at what the server wants for that',
      tookMs,
      facts,
    }
  const what = tools === undefined ? 'it offers no tools' : `${tools} ${tools === 1 ? 'tool' : 'tools'}`
  const sees = `${name}, started ${how}, answers: ${server}, ${what}`
  if (editorWaitsMs !== undefined && tookMs > editorWaitsMs)
    return {
      state: 'warn',
      sees: `${sees}; ${editor.title} waits for no longer than ${editorWaitsMs / 1000} s`,
      advice: `${faster(telling) ?? 'see why it takes so long'}, or write startup_timeout_sec = 60`,
      tookMs,
      facts,
    }
  const advice = tookMs > SLOW_MS || telling.run.program === 'mcp-ferry' ? faster(telling) : undefined
  return { state: tookMs > SLOW_MS ? 'warn' : 'ok', sees, tookMs, facts, ...(advice && { advice }) }
}

/** What npx does at each start is the most of it. */
function faster({ run, editor, name }: Telling): string | undefined {
  if (run.through !== 'fetcher') return undefined
  if (run.program === 'mcp-ferry')
    return `it starts faster without npx: mcp-ferry config ${editor.name} ${nameInCommand(name)} URL --write`
  return 'it starts faster when it is installed and named by its path'
}

function noiseOf(noise: NonNullable<Seen['noise']>, { name, redact }: Telling): Step {
  const { count, first } = noise
  const lines = count === 1 ? 'a line that is' : `${count} lines that are`
  return {
    name: 'stdout',
    state: 'fail',
    sees: `${name} writes ${lines} no JSON-RPC to stdout, which editors cannot read`,
    details: [cut(cleaned(first, redact), NOISE_SHOWN)],
    advice: 'what starts there, or a profile of the shell, must write to stderr instead',
    facts: { server: name, lines: count },
  }
}

function endingOf({ ending }: Seen, name: string): Finding | undefined {
  if (ending === 'ended-by-us')
    return {
      state: 'warn',
      sees: `${name} does not end when its input does, and was ended by force`,
      advice: 'look for processes that it has left behind; an editor may not use force',
    }
  if (ending === 'children-left')
    return {
      state: 'warn',
      sees: `${name} leaves processes behind when it ends, which were ended by force`,
      advice: 'look for more of them, from earlier starts',
    }
  return undefined
}

const KNOWN: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [
    /is not recognized as an internal/i,
    'cmd.exe has lost the quotes around a path: leave no blank in any argument, or name an .exe with its whole path',
  ],
  [
    /env: .?node.?: No such file/i,
    'the program looks for node on PATH and the editor gives it another PATH: write the whole path of node as "command" and the script as the first argument',
  ],
  [
    /(?:File|TransformStream|ReadableStream|fetch) is not defined|SyntaxError: Unexpected token|Unsupported engine/,
    'the Node that runs it is too old: name a newer one by its whole path',
  ],
  [
    /Cannot find (?:module|package) .*_npx|ENOTEMPTY.*_npx/,
    'what npx has kept is damaged: run npm cache clean --force',
  ],
  [/EADDRINUSE/, 'another copy of it is running: end that one'],
  [
    /self.signed certificate|UNABLE_TO_VERIFY|unable to get local issuer/i,
    'give it the certificate of your network: put NODE_EXTRA_CA_CERTS with the path of the file into "env"',
  ],
]

function known(stderr: string): string | undefined {
  return KNOWN.find(([pattern]) => pattern.test(stderr))?.[1]
}

/** What was tried is no part of what to do; a long sentence ends in the middle of it. */
const BESIDES = / \((?:\d+ attempts|HTTP\+SSE was tried .*)[)…]$/

const OURS = 'mcp-ferry: '

/** What others say has no advice in it. */
function toldBy(message: string): { readonly text: string; readonly advice: string } {
  const { sees, advice } = parted(message.replace(BESIDES, ''))
  if (!message.startsWith(OURS) || advice === undefined)
    return { text: message, advice: 'look at what the server says' }
  return { text: sees.slice(OURS.length), advice }
}

function lastLines(stderr: string, redact: Telling['redact']): string[] {
  return cleanedLines(redact(stderr).slice(-STDERR_SHOWN), redact)
    .filter((line) => line !== '')
    .slice(-STDERR_LINES)
}

/** Secrets may have line ends in them. */
function cleanedLines(text: string, redact: Telling['redact']): string[] {
  return withoutTokens(redact(text))
    .split(/[\r\n]+/)
    .map((line) => oneLine(line, redact))
}

function cleaned(text: string, redact: Telling['redact']): string {
  return oneLine(cleanedLines(text, redact).join(' '), redact)
}

/** What is taken out may have stood in the middle of a secret. */
function oneLine(text: string, redact: Telling['redact']): string {
  return cut(withoutTokens(redact(printable(text))).trim(), LINE_SHOWN)
}
