// The command line: argv is repaired, read by the flag table, and the rest is settled. Nothing here
// touches the process: what it needs comes in, what it says goes out as a value or a BridgeError.
import { type Repaired, repairArgv } from './argv.ts'
import type { AccountCommand, Command as CommandName, ToolCommand } from './command-names.ts'
import { isToolCommand } from './command-names.ts'
import { type DemoOptions, resolveDemoOptions } from './demo-options.ts'
import { findFlag, isFurther, isFurtherVariable, URL_VARIABLE } from './flags.ts'
import type { Given, HeaderRequest, HeaderSet } from './header-sources.ts'
import { readHeaders } from './header-sources.ts'
import type { Options } from './options.ts'
import { resolveOptions } from './options.ts'
import { readOrdinaryHeaders, readOrdinaryLine } from './ordinary-line.ts'
import { readPlainly } from './plain-words.ts'
import type { AccountOptions } from './sign-in-options.ts'
import type { Environment } from './variables.ts'
import { lookUp, trimEnds } from './variables.ts'
import { readWithCommander } from './words.ts'

export interface CommandLineInput {
  /** Without the program's own name: `process.argv.slice(2)`. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  /** Our own, for `--version`. */
  readonly version: string
  /** May throw; only called for files that options name. */
  readonly readFile: (path: string) => Uint8Array
  /** The user's home folder, for `~` in paths. */
  readonly home: () => string
}

/** What the command line asks for. `print` and `help` are for stdout as they are, then exit 0. */
export type Door =
  | {
      readonly kind: 'bridge'
      readonly options: Options
      /** The options with what few starts say, where anything of that is; rejects with BridgeError `usage`. */
      readonly whole?: () => Promise<Options>
    }
  | { readonly kind: 'demo'; readonly options: DemoOptions }
  /** What it goes by is read by a module that few starts need; rejects with BridgeError `usage`. */
  | {
      readonly kind: 'account'
      readonly command: AccountCommand
      readonly whole: () => Promise<AccountOptions>
    }
  /** Reads its arguments itself: they are as they were given, with the command's name among them. */
  | { readonly kind: 'tool'; readonly command: ToolCommand; readonly argv: readonly string[] }
  | { readonly kind: 'print'; readonly text: string }
  /** The text is made by help.ts, which is loaded only then. */
  | { readonly kind: 'help'; readonly command: CommandName }

/** Reads the command line and the environment. Throws only BridgeErrors of kind `usage`, each with its `code`. */
export function parseCommandLine(input: CommandLineInput): Door {
  const environment: Environment = { values: input.env, windows: input.platform === 'win32' }
  const isUrlNamed = hasUrlVariable(environment)
  const ordinary = readOrdinaryLine(input.argv)
  const repaired =
    ordinary === undefined
      ? repairArgv(input.argv, isUrlNamed)
      : ({ command: 'bridge', argv: input.argv, warnings: [] } as Repaired)
  const { command, problem } = repaired
  if (repaired.argv.includes('--help')) return { kind: 'help', command }
  if (repaired.argv.includes('--version')) return { kind: 'print', text: `${input.version}\n` }

  if (command !== 'bridge' && isToolCommand(command)) return { kind: 'tool', command, argv: input.argv }

  const { given, url, port } =
    ordinary ?? readPlainly(command, repaired.argv) ?? readWithCommander(command, repaired.argv)
  const request = {
    given,
    environment,
    home: input.home,
    readFile: input.readFile,
    warnings: repaired.warnings,
    ...(url !== undefined && { url }),
    ...(port !== undefined && { port: Number(port) }),
  }
  const resolveAlone = (): DemoOptions => {
    if (problem !== undefined) throw problem
    return resolveDemoOptions(request)
  }
  if (command === 'demo') return { kind: 'demo', options: resolveAlone() }
  const resolve = (): Options => {
    // A header that ends before an unknown option is the cause of what follows it (arguments.md 4.3): it is told first.
    const headers = readAllHeaders(request)
    if (problem !== undefined) throw problem
    return resolveOptions(request, headers)
  }
  if (command !== 'bridge')
    return {
      kind: 'account',
      command,
      whole: async () => {
        const { readAccount } = await import('./further-options.ts')
        return readAccount({ ...request, command, isUrlNamed, resolve, resolveAlone })
      },
    }
  const options = resolve()
  if (options.url.protocol !== 'http+unix:' && !saysMore(given, input.env)) return { kind: 'bridge', options }
  const whole = async () => (await import('./further-options.ts')).readFurther(options, request)
  return { kind: 'bridge', options, whole }
}

const HEADER_FLAGS = ['--header', '--header-env', '--bearer-env', '--header-file'] as const

function readAllHeaders(request: HeaderRequest): HeaderSet {
  const { given, environment } = request
  const isElsewhere = HEADER_FLAGS.some(
    (name) => (name !== '--header' && given.has(name)) || lookUp(findFlag(name)?.env ?? '', environment),
  )
  return (isElsewhere ? undefined : readOrdinaryHeaders(given, environment)) ?? readHeaders(request)
}

/** Whether anything is said that further-options.ts reads. */
function saysMore(given: Given, env: CommandLineInput['env']): boolean {
  return (
    [...given.keys()].some(isFurther) ||
    Object.keys(env).some((name) => isFurtherVariable(name.toUpperCase()))
  )
}

function hasUrlVariable(environment: Environment): boolean {
  const names = [URL_VARIABLE, findFlag('--url-env')?.env ?? '']
  return names.some((name) => trimEnds(lookUp(name, environment) ?? '') !== '')
}
