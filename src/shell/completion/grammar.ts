// What may stand on a command line, as the scripts for shells need it: made from the flag table, so that there is no second list.
import { COMMAND_LIST } from '../../options/command-list.ts'
import { COMMANDS, isToolCommand } from '../../options/command-names.ts'
import { SHELLS } from '../../options/completion-help.ts'
import { groupOf, helpOf, TOLD_FLAGS } from '../../options/flag-help.ts'
import { EDITOR_NAMES } from '../../options/tool-flags.ts'
import { TOOL_PAGES } from '../../options/tool-pages.ts'

export interface GrammarOption {
  readonly name: string
  readonly short?: string
  readonly does: string
  /** What follows it; undefined: nothing does. */
  readonly value?: Value
}

/** Of a text nothing is known. */
export type Value =
  | { readonly kind: 'choice'; readonly words: readonly string[] }
  | { readonly kind: 'path' | 'text' }

export interface Grammar {
  readonly commands: readonly { readonly name: string; readonly does: string }[]
  /** Of each command, and of `bridge`, which stands for none. */
  readonly options: ReadonlyMap<string, readonly GrammarOption[]>
  /** The words that the first place behind some commands takes. */
  readonly words: ReadonlyMap<string, readonly string[]>
}

export function readGrammar(): Grammar {
  const commands = COMMANDS.map((name) => ({ name, does: COMMAND_LIST[name].does }))
  const options = new Map<string, readonly GrammarOption[]>([['bridge', BRIDGE.map(optionOf)]])
  for (const name of COMMANDS) options.set(name, optionsOf(name))
  return {
    commands,
    options,
    words: new Map<string, readonly string[]>([
      ['config', EDITOR_NAMES],
      ['trace', ['show', 'replay']],
      ['completion', SHELLS],
      ['help', COMMANDS.filter((name) => name !== 'help')],
    ]),
  }
}

const COMMANDS_ALONE = new Set(['--json', '--all', '--import-mcp-remote'])
type Told = (typeof TOLD_FLAGS)[number]
const BRIDGE = TOLD_FLAGS.filter(({ name }) => !COMMANDS_ALONE.has(name))
const HELP = BRIDGE.filter(({ name }) => name === '--help')

function optionsOf(command: (typeof COMMANDS)[number]): readonly GrammarOption[] {
  if (command === 'help' || command === 'completion') return HELP.map(optionOf)
  if (command === 'demo') return TOLD_FLAGS.filter((flag) => flag.demo === true).map(optionOf)
  if (isToolCommand(command)) {
    const own = TOOL_PAGES[command].flags.map(
      ({ name, value, help }): GrammarOption => ({
        name,
        does: brief(help),
        ...(value !== undefined && { value: valueFor(value) }),
      }),
    )
    return [...own, ...BRIDGE.map(optionOf)]
  }
  const own = { login: ['--json', '--import-mcp-remote'], logout: ['--json', '--all'], status: ['--json'] }[
    command
  ]
  const flags = TOLD_FLAGS.filter(({ name }) => own.includes(name))
  return [...flags, ...BRIDGE.filter(({ name }) => groupOf(name) !== 'What the editor sees')].map(optionOf)
}

function optionOf(flag: Told): GrammarOption {
  return {
    name: flag.name,
    ...(flag.short !== undefined && { short: flag.short }),
    does: brief(helpOf(flag.name)),
    ...(flag.kind !== 'switch' && { value: valueOfFlag(flag) }),
  }
}

function valueOfFlag(flag: Told): Value {
  if (flag.kind === 'level')
    return { kind: 'choice', words: ['silent', 'error', 'warn', 'info', 'debug', 'trace'] }
  // Not the words that are understood because other programs have them.
  if (flag.choices !== undefined) return { kind: 'choice', words: [...new Set(Object.values(flag.choices))] }
  return { kind: flag.kind === 'path' || flag.name.endsWith('-file') ? 'path' : 'text' }
}

function valueFor(label: string): Value {
  if (label === '<editor>') return { kind: 'choice', words: EDITOR_NAMES }
  if (label === '<system>') return { kind: 'choice', words: ['windows', 'macos', 'linux'] }
  return { kind: /^<(?:path|file)>$/.test(label) ? 'path' : 'text' }
}

const LONGEST = 80

/** As much of the sentence as there is room for beside an option. */
function brief(help: string): string {
  const [first = ''] = help.split(/;|:(?!\/)|\(| by which| with \*/, 1)
  const text = first.trim()
  return text.length <= LONGEST ? text : `${text.slice(0, text.lastIndexOf(' ', LONGEST))} ...`
}
