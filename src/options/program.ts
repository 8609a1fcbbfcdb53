// The command line: argv is repaired, commander reads it by the flag table, and the rest is settled. Nothing here
// touches the process: what it needs comes in, what it says goes out as a value or a BridgeError.
import { Command } from 'commander'
import { type BridgeError, usage } from '../errors.ts'
import { repairArgv } from './argv.ts'
import type { AccountCommand, Command as CommandName, Flag, FlagName, ToolCommand } from './flags.ts'
import { findFlag, isFurther, isToolCommand, URL_VARIABLE } from './flags.ts'
import type { Given } from './header-sources.ts'
import { readHeaders } from './header-sources.ts'
import type { DemoOptions, Options } from './options.ts'
import { resolveDemoOptions, resolveOptions } from './options.ts'
import type { AccountOptions } from './sign-in-options.ts'
import type { Environment } from './variables.ts'
import { lookUp, trimEnds } from './variables.ts'

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
  const repaired = repairArgv(input.argv, isUrlNamed)
  const { command, problem } = repaired
  if (repaired.argv.includes('--help')) return { kind: 'help', command }
  if (repaired.argv.includes('--version')) return { kind: 'print', text: `${input.version}\n` }

  if (isToolCommand(command)) return { kind: 'tool', command, argv: input.argv }

  const { given, url, port } = readWithCommander(command, repaired.argv)
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
    const headers = readHeaders(request)
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

/** Whether anything is said that further-options.ts reads. */
function saysMore(given: Given, env: CommandLineInput['env']): boolean {
  const isMore = (name: string) => isFurther(name) || /^(?:ALL|HTTPS?)_PROXY$/.test(name)
  return [...given.keys()].some(isMore) || Object.keys(env).some((name) => isMore(name.toUpperCase()))
}

function hasUrlVariable(environment: Environment): boolean {
  const names = [URL_VARIABLE, findFlag('--url-env')?.env ?? '']
  return names.some((name) => trimEnds(lookUp(name, environment) ?? '') !== '')
}

interface Read {
  readonly given: Given
  readonly url: string | undefined
  readonly port: string | undefined
}

function readWithCommander(command: CommandName, argv: readonly string[]): Read {
  const given = new Map<FlagName, string[]>()
  const program = createProgram(command, argv, given)
  try {
    program.parse([...argv], { from: 'user' })
  } catch (thrown) {
    throw toUsageError(command, thrown)
  }
  const [url, port] = program.args
  return { given, url, port }
}

/** The commander program for one command, made from the flag table; it never prints and never exits. */
function createProgram(
  command: CommandName,
  argv: readonly string[],
  given: Map<FlagName, string[]>,
): Command {
  const silent = () => {}
  const program = new Command(command)
    .exitOverride()
    .configureOutput({ writeOut: silent, writeErr: silent, outputError: silent })
    .helpOption(false)
    .showSuggestionAfterError(false)
  if (command !== 'demo') program.argument('[url]').argument('[port]')
  // Each option costs commander about 0.1 ms at the start, so only those that are there are made known to it.
  const names = new Set(argv.slice(0, argv.indexOf('--')).map((text) => text.split('=', 1)[0]))
  for (const name of names) {
    const flag = findFlag(name!)
    if (flag === undefined || !isFor(command, flag)) continue
    const hasValue = flag.kind !== 'switch'
    program.addOption(program.createOption(hasValue ? `${flag.name} <value>` : flag.name))
    program.on(`option:${flag.name.slice(2)}`, (text?: string) => {
      given.set(flag.name, [...(given.get(flag.name) ?? []), text ?? ''])
    })
  }
  return program
}

function isFor(command: CommandName, flag: Flag): boolean {
  if (command === 'demo') return flag.demo === true
  return command !== 'bridge' || flag.account !== true
}

/** commander's message repeats the argument, which may hold a secret; ours does not. */
function toUsageError(command: string, thrown: unknown): BridgeError {
  const { code } = thrown as { code?: unknown }
  switch (code) {
    case 'commander.unknownOption':
      return usage(
        'unknown-option',
        `the ${command} does not take that option; mcp-ferry ${command === 'bridge' ? '' : `${command} `}--help lists the options`,
      )
    case 'commander.excessArguments':
      return usage('unexpected-argument', `the ${command} takes no URL and no other argument; remove it`)
    case 'commander.optionMissingArgument':
      return usage('missing-value', 'an option is not followed by its value; write it behind the option')
    default:
      throw thrown
  }
}
