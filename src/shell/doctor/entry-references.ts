// `${VAR}` and its like in an entry: which of them the editor fills in, with what, and what it leaves as it stands. Pure.
// arguments.md 1.1, users.md 1 row 13.
import { type Environment, lookUp } from '../../options/variables.ts'
import type { EditorName } from '../editors/editor.ts'
import type { StdioEntry } from './entry-fields.ts'

/** A text of the entry. `what` is for sentences: `argument 3`, `the variable X in env`. */
export interface Spot {
  readonly what: string
  /** Which argument, from 0. */
  readonly argument?: number
  /** Which variable of `env`. */
  readonly variable?: string
  readonly text: string
}

export interface Filled {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** What the editor would fill in, and has nothing to fill in with. */
  readonly unset: readonly { readonly where: Spot; readonly variable: string }[]
  /** What it asks the person for, and we cannot know. */
  readonly asked: readonly { readonly where: Spot; readonly id: string }[]
  /** What was filled in with a text that is a secret, since it was not in the file. */
  readonly secrets: readonly string[]
}

export interface Filling {
  readonly editor: EditorName
  readonly environment: Environment
  readonly home: string
  readonly folder: string
}

interface Dialect {
  readonly pattern: RegExp
  /** What becomes of a variable that is not set: the text that was there, or nothing. */
  readonly unset: 'stays' | 'empty'
}

const BRACES = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g
const ENV_COLON = /\$\{env:([^}:]+)\}/g
const PLACES = /\$\{(workspaceFolder|userHome|pathSeparator|\/|input:[^}]*)\}/g

const DIALECTS: Readonly<Partial<Record<EditorName, Dialect>>> = {
  'claude-code': { pattern: BRACES, unset: 'stays' },
  gemini: {
    pattern: /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))/g,
    unset: 'stays',
  },
  cursor: { pattern: ENV_COLON, unset: 'empty' },
  windsurf: { pattern: ENV_COLON, unset: 'empty' },
  vscode: { pattern: ENV_COLON, unset: 'empty' },
}
const WITH_PLACES: readonly EditorName[] = ['vscode', 'cursor']

/** How a variable is written that this editor fills in; undefined if it fills in none. */
export function referenceOf(editor: EditorName, variable: string): string | undefined {
  if (DIALECTS[editor] === undefined) return undefined
  return DIALECTS[editor].pattern === ENV_COLON ? `$\{env:${variable}}` : `$\{${variable}}`
}

export function spotsOf({
  command,
  args,
  env,
}: Pick<StdioEntry, 'command' | 'args' | 'env'>): readonly Spot[] {
  return [
    { what: 'the command', text: command },
    ...args.map((text, argument) => ({ what: `argument ${argument + 1}`, argument, text })),
    ...Object.entries(env).map(([variable, text]) => ({
      what: `the variable ${variable} in env`,
      variable,
      text,
    })),
  ]
}

export function fillEntry(entry: StdioEntry, filling: Filling): Filled {
  const unset: Filled['unset'][number][] = []
  const asked: Filled['asked'][number][] = []
  const secrets: string[] = []
  const { editor, environment } = filling
  const dialect = DIALECTS[editor]

  function known(variable: string): string | undefined {
    const value = lookUp(variable, environment) || undefined
    if (value !== undefined) secrets.push(value)
    return value
  }

  function absent(where: Spot, variable: string, whole: string): string {
    unset.push({ where, variable })
    return dialect?.unset === 'stays' ? whole : ''
  }

  /** What the editor asks for is taken from the variable of the same name here, if there is one. */
  function ask(where: Spot, id: string): string {
    const value = where.variable === undefined ? undefined : known(where.variable)
    if (value === undefined) asked.push({ where, id })
    return value ?? ''
  }

  function fill(where: Spot): string {
    const put = (whole: string, first?: string, second?: string, other?: string): string => {
      const variable = first ?? other ?? ''
      // Without a default in the pattern the second is where it was found.
      const fallback = dialect?.pattern === ENV_COLON ? undefined : second
      return known(variable) ?? fallback ?? absent(where, variable, whole)
    }
    const text = dialect === undefined ? where.text : where.text.replace(dialect.pattern, put)
    if (!WITH_PLACES.includes(editor)) return text
    return text.replace(PLACES, (whole: string, name: string) => {
      if (!name.startsWith('input:')) return placeOf(name, filling)
      return editor === 'vscode' ? ask(where, name.slice('input:'.length)) : whole
    })
  }

  const [command, ...spots] = spotsOf(entry)
  const texts = spots.map((spot) => [spot, fill(spot)] as const)
  return {
    command: fill(command!),
    args: texts.filter(([{ argument }]) => argument !== undefined).map(([, text]) => text),
    env: Object.fromEntries(
      texts.flatMap(([{ variable }, text]) => (variable === undefined ? [] : [[variable, text]])),
    ),
    unset,
    asked,
    secrets,
  }
}

function placeOf(name: string, { home, folder, environment }: Filling): string {
  if (name === 'userHome') return home
  if (name === 'workspaceFolder') return folder
  return environment.windows ? '\\' : '/'
}
