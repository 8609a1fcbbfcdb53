// What there is to document, as the source has it: options, commands, variables, kinds of errors and exit codes. What is
// no data there (types, and variables that one file reads) is taken from its text.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMMANDS, isToolCommand } from '../../src/options/command-names.ts'
import { TOLD_FLAGS } from '../../src/options/flag-help.ts'
import { FLAGS } from '../../src/options/flag-list.ts'
import { helpText } from '../../src/options/help.ts'
import { MCP_REMOTE_NAMES } from '../../src/options/mcp-remote-flags.ts'
import { EDITOR_NAMES } from '../../src/options/tool-flags.ts'
import { TOOL_PAGES } from '../../src/options/tool-pages.ts'
import { DOCTOR_EXIT } from '../../src/shell/doctor/step.ts'
import { OUTCOME } from '../../src/shell/outcome.ts'

export interface CommandFacts {
  readonly name: string
  /** Its own flags, without those of the bridge. */
  readonly flags: readonly string[]
  readonly exitCodes: readonly number[]
  readonly asksServer: boolean
}

export interface Facts {
  /** The bridge's, that are told. */
  readonly flags: readonly { readonly name: string; readonly env?: string }[]
  /** All that the bridge's command line takes, short ones too. */
  readonly takenFlags: readonly string[]
  readonly commands: readonly CommandFacts[]
  readonly editors: readonly string[]
  /** Variables that are no flag's. */
  readonly variables: readonly string[]
  readonly kinds: readonly string[]
  /** Of every command together. */
  readonly exitCodes: readonly number[]
}

/** One process of ours tells the next by it; nobody else sets it. */
const INNER_VARIABLES = ['MCP_FERRY_HANDED_OVER']

export function programFacts(root: string): Facts {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
  const bin = readFileSync(join(root, 'bin', 'old-node.cjs'), 'utf8')
  const flags = TOLD_FLAGS.map(({ name, env }) => ({ name, ...(env !== undefined && { env }) }))
  const known = new Set([...FLAGS.flatMap(({ env }) => env ?? []), ...INNER_VARIABLES])
  const commands = COMMANDS.filter((name) => name !== 'help').map((name): CommandFacts => {
    const page = isToolCommand(name) ? TOOL_PAGES[name] : undefined
    const own = page?.flags.flatMap(({ name: long, short }) => (short === undefined ? [long] : [long, short]))
    return {
      name,
      flags: own ?? [],
      exitCodes: exitCodesOf(helpText(name, '0')),
      asksServer: page?.exits.includes('the remote was not reached') === true,
    }
  })
  const bridge = exitCodesOf(helpText('bridge', '0'))
  const told = [...commands.flatMap(({ exitCodes }) => exitCodes), ...bridge]
  const ended = [...Object.values(OUTCOME), ...Object.values(DOCTOR_EXIT), ...exitsOf(bin)]
  return {
    flags,
    takenFlags: [
      ...FLAGS.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short])),
      ...MCP_REMOTE_NAMES,
    ],
    commands: [...commands, { name: 'help', flags: [], exitCodes: [0], asksServer: false }],
    editors: EDITOR_NAMES,
    variables: variablesOf([...sources, bin]).filter((name) => !known.has(name)),
    kinds: kindsOf(readFileSync(join(root, 'src', 'errors.ts'), 'utf8'), sources),
    exitCodes: [...new Set([...told, ...ended])].sort((a, b) => a - b),
  }
}

/** The numbers under "Exit codes" in a help text. Throws where there are none: then the text is not what this reads. */
export function exitCodesOf(help: string): number[] {
  const [, list = ''] = /^Exit codes[^\n]*:\n((?: {2}.*\n)+)/m.exec(help) ?? []
  const codes = [...list.matchAll(/^ {2}(\d+) {2}/gm)].map(([, code]) => Number(code))
  if (codes.length === 0) throw new Error(`a help text has no exit codes:\n${help.slice(-500)}`)
  return codes
}

/** Variables of ours that a source names in quotes. */
export function variablesOf(sources: readonly string[]): string[] {
  const names = sources.flatMap((text) => [...text.matchAll(/(?:['"`]|\.)(MCP_FERRY(?:_[A-Z0-9]+)+)\b/g)])
  return [...new Set(names.map(([, name]) => name!))].sort()
}

/** The kinds of `ErrorKind`, and those that some source puts into `error.data` by itself. */
export function kindsOf(errors: string, sources: readonly string[]): string[] {
  const [, union = ''] = /^export type ErrorKind =\n((?: {2}\| '[a-z-]+'\n)+)/m.exec(errors) ?? []
  const own = [...union.matchAll(/'([a-z-]+)'/g)].map(([, kind]) => kind!)
  if (own.length === 0) throw new Error('src/errors.ts has no ErrorKind that can be read')
  const others = sources.flatMap((text) => [...text.matchAll(/origin: 'mcp-ferry', kind: '([a-z-]+)'/g)])
  return [...new Set([...own, ...others.map(([, kind]) => kind!)])]
}

function exitsOf(bin: string): number[] {
  return [...bin.matchAll(/\bprocess\.exit\((\d+)\)/g)].map(([, code]) => Number(code))
}
