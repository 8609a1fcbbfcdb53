// The command line: argv is repaired, commander reads it by the flag table, and the rest is settled. Nothing here
// touches the process: what it needs comes in, what it says goes out as a value or a BridgeError.
import { Command } from 'commander'
import { type BridgeError, usage } from '../errors.ts'
import { repairArgv } from './argv.ts'
import type { FlagName } from './flags.ts'
import { FLAGS, findFlag, URL_VARIABLE } from './flags.ts'
import type { Given } from './header-sources.ts'
import { readHeaders } from './header-sources.ts'
import type { DemoOptions, Options } from './options.ts'
import { resolveDemoOptions, resolveOptions } from './options.ts'
import type { Environment } from './variables.ts'
import { lookUp, trimEnds } from './variables.ts'

export interface CommandLineInput {
  /** Without the program's own name: `process.argv.slice(2)`. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  /** Our own, for `--version`. */
  readonly version: string
  /** May throw; only called for --header-file. */
  readonly readFile: (path: string) => Uint8Array
  /** The user's home folder, for `~` in paths. */
  readonly home: () => string
}

/** What the command line asks for. `print` and `help` are for stdout as they are, then exit 0. */
export type Door =
  | { readonly kind: 'bridge'; readonly options: Options }
  | { readonly kind: 'demo'; readonly options: DemoOptions }
  | { readonly kind: 'print'; readonly text: string }
  /** The text is made by help.ts, which is loaded only then. */
  | { readonly kind: 'help'; readonly command: 'bridge' | 'demo' }

/** Reads the command line and the environment. Throws only BridgeErrors of kind `usage`, each with its `code`. */
export function parseCommandLine(input: CommandLineInput): Door {
  const environment: Environment = { values: input.env, windows: input.platform === 'win32' }
  const repaired = repairArgv(input.argv, hasUrlVariable(environment))
  const { command } = repaired
  if (repaired.argv.includes('--help')) return { kind: 'help', command }
  if (repaired.argv.includes('--version')) return { kind: 'print', text: `${input.version}\n` }

  const { given, url, port } = readWithCommander(command, repaired.argv)
  const request = {
    given,
    environment,
    home: input.home,
    warnings: repaired.warnings,
    ...(url !== undefined && { url }),
    ...(port !== undefined && { port: Number(port) }),
  }
  if (command === 'demo') {
    if (repaired.problem !== undefined) throw repaired.problem
    return { kind: 'demo', options: resolveDemoOptions(request) }
  }
  // A header that ends before an unknown option is the cause of what follows it (arguments.md 4.3): it is told first.
  const headers = readHeaders({ ...request, readFile: input.readFile })
  if (repaired.problem !== undefined) throw repaired.problem
  return { kind: 'bridge', options: resolveOptions(request, headers) }
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

function readWithCommander(command: 'bridge' | 'demo', argv: readonly string[]): Read {
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
  command: 'bridge' | 'demo',
  argv: readonly string[],
  given: Map<FlagName, string[]>,
): Command {
  const silent = () => {}
  const program = new Command(command)
    .exitOverride()
    .configureOutput({ writeOut: silent, writeErr: silent, outputError: silent })
    .helpOption(false)
    .showSuggestionAfterError(false)
  if (command === 'bridge') program.argument('[url]').argument('[port]')
  // Each option costs commander about 0.1 ms at the start, so only those that are there are made known to it.
  const names = new Set(argv.slice(0, argv.indexOf('--')).map((text) => text.split('=', 1)[0]))
  for (const flag of FLAGS) {
    if (!names.has(flag.name) || (command === 'demo' && flag.demo !== true)) continue
    const hasValue = flag.kind !== 'switch'
    program.addOption(program.createOption(hasValue ? `${flag.name} <value>` : flag.name))
    program.on(`option:${flag.name.slice(2)}`, (text?: string) => {
      given.set(flag.name, [...(given.get(flag.name) ?? []), text ?? ''])
    })
  }
  return program
}

/** commander's message repeats the argument, which may hold a secret; ours does not. */
function toUsageError(command: string, thrown: unknown): BridgeError {
  const { code } = thrown as { code?: unknown }
  switch (code) {
    case 'commander.unknownOption':
      return usage(
        'unknown-option',
        `the ${command} does not take that option; mcp-ferry ${command} --help lists the options`,
      )
    case 'commander.excessArguments':
      return usage('unexpected-argument', `the ${command} takes no URL and no other argument; remove it`)
    case 'commander.optionMissingArgument':
      return usage('missing-value', 'an option is not followed by its value; write it behind the option')
    default:
      throw thrown
  }
}
