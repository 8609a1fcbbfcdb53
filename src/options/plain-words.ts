// Reads a repaired command line in which nothing is wrong: each option is one of the command's and stands with its value
// behind its `=`, so that there is no grammar left to know. What is wrong is told by commander (words.ts), whose reading
// this agrees with, and which takes longer to load than all else that a start with a header needs (bench: start).
import type { Command } from './command-names.ts'
import type { Flag, FlagName } from './flag-table.ts'
import { findFlag } from './flags.ts'
import type { Given } from './header-sources.ts'

export interface Read {
  readonly given: Given
  readonly url: string | undefined
  readonly port: string | undefined
}

/** `argv` as repairArgv gives it. Undefined: something is there that the command does not take. */
export function readPlainly(command: Command, argv: readonly string[]): Read | undefined {
  const given = new Map<FlagName, string[]>()
  const end = argv.indexOf('--')
  for (const text of argv.slice(0, end)) {
    const at = text.indexOf('=')
    const flag = findFlag(at < 0 ? text : text.slice(0, at))
    if (flag === undefined || !isFor(command, flag) || (flag.kind === 'switch') !== at < 0) return undefined
    given.set(flag.name, [...(given.get(flag.name) ?? []), at < 0 ? '' : text.slice(at + 1)])
  }
  const [url, port] = argv.slice(end + 1)
  return command === 'demo' && url !== undefined ? undefined : { given, url, port }
}

/** Whether the command takes the flag. */
export function isFor(command: Command, flag: Flag): boolean {
  if (command === 'demo') return flag.demo === true
  return command !== 'bridge' || flag.account !== true
}
