// Reads a repaired command line with commander, by the flag table. Nothing here touches the process. Deferred: it has
// something to do only where plain-words.ts finds something wrong.
import { Command } from 'commander'
import { type BridgeError, usage } from '../errors.ts'
import type { Command as CommandName } from './command-names.ts'
import type { FlagName } from './flag-table.ts'
import { findFlag } from './flags.ts'
import { isFor, type Read } from './plain-words.ts'

/** Throws BridgeErrors of kind `usage`. */
export function readWithCommander(command: CommandName, argv: readonly string[]): Read {
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

/** commander's message repeats the argument, which may hold a secret; ours does not. */
function toUsageError(command: string, thrown: unknown): BridgeError {
  const { code } = thrown as { code?: unknown }
  switch (code) {
    case 'commander.unknownOption':
      return usage(
        'unknown-option',
        `that option is for another command; mcp-ferry ${command === 'bridge' ? '' : `${command} `}--help lists the options`,
      )
    case 'commander.excessArguments':
      return usage('unexpected-argument', `the ${command} takes no URL and no other argument; remove it`)
    case 'commander.optionMissingArgument':
      return usage('missing-value', 'an option is not followed by its value; write it behind the option')
    default:
      throw thrown
  }
}
