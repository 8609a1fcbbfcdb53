// One server of an editor's config as it is written there, read: a program to start, a remote that the editor speaks to
// itself, or something that it cannot use. And what is run by it: which package, through what. Pure. users.md 3b.
import type { ServerFields } from '../files/servers.ts'

export interface StdioEntry {
  readonly kind: 'stdio'
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Codex: the variables that it passes on by name. */
  readonly forwarded: readonly string[]
  readonly cwd: string | undefined
  /** How long the editor waits for it, where the entry says so. */
  readonly timeoutMs: number | undefined
  readonly isDisabled: boolean
}

export type EntryReading =
  | StdioEntry
  | { readonly kind: 'remote'; readonly isDisabled: boolean }
  /** `why` completes "it has …". */
  | { readonly kind: 'unusable'; readonly why: string; readonly advice: string }

export function readEntry(fields: ServerFields): EntryReading {
  const isDisabled = fields.disabled === true || fields.enabled === false
  // Zed's older shape has the program in an object.
  const outer = isRecord(fields.command)
    ? { ...fields, ...fields.command, command: fields.command.path }
    : fields
  const { command, args = [], env = {} } = outer
  if (command === undefined) return withoutCommand(outer, isDisabled)
  if (typeof command !== 'string' || command.trim() === '')
    return unusable('a command that is no text', 'write the program to start as "command"')
  if (!isTexts(args))
    return unusable('args that are no list of texts', 'write each argument as a text of its own, in a list')
  if (!isRecord(env) || !Object.values(env).every((value) => typeof value === 'string'))
    return unusable('an env whose values are not all texts', 'put each value of "env" in quotes')
  return {
    kind: 'stdio',
    command,
    args,
    env: env as Readonly<Record<string, string>>,
    forwarded: isTexts(outer.env_vars) ? outer.env_vars : [],
    cwd: typeof outer.cwd === 'string' ? outer.cwd : undefined,
    timeoutMs: timeoutOf(outer),
    isDisabled,
  }
}

function withoutCommand(fields: ServerFields, isDisabled: boolean): EntryReading {
  if ([fields.url, fields.serverUrl, fields.httpUrl].some((url) => typeof url === 'string'))
    return { kind: 'remote', isDisabled }
  return unusable('neither a command nor a url', 'write the program to start as "command"')
}

function unusable(why: string, advice: string): EntryReading {
  return { kind: 'unusable', why, advice }
}

/** What is more fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

function timeoutOf({
  startup_timeout_sec: seconds,
  startup_timeout_ms: wanted,
}: ServerFields): number | undefined {
  const ms = typeof seconds === 'number' ? seconds * 1000 : wanted
  return typeof ms === 'number' && ms > 0 ? Math.min(ms, LONGEST_TIMER_MS) : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

/** What an entry runs. */
export interface Run {
  /** `npx` and its like, which fetch a package; `node`, which runs a file; or the program itself. */
  readonly through: 'fetcher' | 'node' | 'itself'
  /** Whether the entry itself asks for cmd.exe in front. */
  readonly isBehindCmd: boolean
  /** The package as it is named, or the script, or the program. */
  readonly what: string
  /** Which of the arguments that is, from 0; -1 if it is the command. */
  readonly at: number
  readonly program: 'mcp-ferry' | 'mcp-remote' | 'other'
}

/** What fetches a package and runs it. */
export const FETCHERS = /^(?:npx|bunx|pnpx|uvx)$/
const FETCHING = /^(?:(?:pnpm|yarn) dlx|npm (?:exec|x)|bun x|pnpm exec)$/
/** Options of npx that take a value of their own. */
const WITH_VALUE =
  /^(?:-c|--call|-p|--package|--registry|--cache|--prefix|--userconfig|--loglevel|--from|--with|--python)$/

export function runOf({ command, args }: Pick<StdioEntry, 'command' | 'args'>): Run {
  const line = [command, ...args]
  let at = 0
  const isBehindCmd = baseName(command) === 'cmd'
  if (isBehindCmd) at = 1 + line.slice(1).findIndex((word) => !word.startsWith('/'))
  if (at < 0 || at >= line.length || (isBehindCmd && at === 0)) return run('itself', isBehindCmd, command, -1)
  const name = baseName(line[at]!)
  const two = `${name} ${line[at + 1] ?? ''}`
  if (FETCHERS.test(name)) return fetched(line, at + 1, isBehindCmd)
  if (FETCHING.test(two)) return fetched(line, at + 2, isBehindCmd)
  if (name === 'node' || name === 'bun' || name === 'deno') {
    const script = line.findIndex((word, index) => index > at && !word.startsWith('-'))
    if (script > 0) return run('node', isBehindCmd, line[script]!, script - 1)
  }
  return run('itself', isBehindCmd, line[at]!, at - 1)
}

function fetched(line: readonly string[], from: number, isBehindCmd: boolean): Run {
  for (let at = from; at < line.length; at += 1) {
    const word = line[at]!
    const named = /^--package=(.+)$/.exec(word)?.[1]
    if (named !== undefined) return run('fetcher', isBehindCmd, named, at - 1)
    if (/^(?:-p|--package)$/.test(word) && line[at + 1] !== undefined)
      return run('fetcher', isBehindCmd, line[at + 1]!, at)
    if (WITH_VALUE.test(word)) at += 1
    else if (!word.startsWith('-')) return run('fetcher', isBehindCmd, word, at - 1)
  }
  return run('itself', isBehindCmd, line[from - 1]!, from - 2)
}

function run(through: Run['through'], isBehindCmd: boolean, what: string, at: number): Run {
  const program = /(?:^|[\\/])(mcp-ferry|mcp-remote)(?:$|[@.\\/])/i.exec(what)?.[1]?.toLowerCase()
  return { through, isBehindCmd, what, at, program: (program as Run['program'] | undefined) ?? 'other' }
}

/** The name of a program without folder and ending, in small letters. */
export function baseName(path: string): string {
  return path
    .replace(/^.*[\\/]/, '')
    .replace(/\.(?:exe|cmd|bat|ps1)$/i, '')
    .toLowerCase()
}
