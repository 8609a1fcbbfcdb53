// The traps in what is to be filled in: `${VAR}` and its many dialects where this editor knows another or none, and
// variables that never reach the program. Pure. users.md 1 row 13, 3a rows 16 to 25.
import { lookUp } from '../../options/variables.ts'
import { referenceOf, type Spot, spotsOf } from './entry-references.ts'
import type { Examined, Trap } from './traps.ts'

export function referenceTraps(examined: Examined): Trap[] {
  const { filled, entry } = examined
  const traps = [
    ...filled.unset.map(({ where, variable }) => unset(where, variable, examined)),
    ...inputTraps(examined),
  ]
  const known = new Set(filled.unset.map(({ where }) => where.what))
  const written = spotsOf(entry)
  for (const [at, spot] of spotsOf(filled).entries()) {
    // What came out of a variable is data, and was not written here.
    if (known.has(spot.what) || spot.text !== written[at]?.text) continue
    traps.push(...leftOver(spot, examined))
  }
  return [...traps, ...absentVariables(examined)]
}

function unset({ what }: Spot, variable: string, { ground }: Examined): Trap {
  return {
    code: 'variable-unset',
    state: 'fail',
    sees: `${what} uses the variable ${variable}, which is not set here`,
    advice: `set ${variable} where ${ground.editor.title} is started from, or write the value itself into "env"`,
  }
}

function inputTraps({ entry, ground }: Examined): Trap[] {
  const isKnown = ground.editor.name === 'vscode'
  return spotsOf(entry).flatMap(({ what, text }) =>
    [...text.matchAll(/\$\{input:([^}]*)\}/g)]
      .filter(([, id]) => !isKnown || !ground.inputs.includes(id!))
      .map(([, id]) => ({
        code: 'input',
        state: 'fail' as const,
        sees: isKnown
          ? `${what} uses the input ${id}, which is not among the "inputs" of the file`
          : `${what} uses \${input:${id}}, which only VS Code fills in`,
        advice: isKnown
          ? `add it to "inputs": { "type": "promptString", "id": "${id}", "password": true, "description": "…" }`
          : remedy(ground.editor.name, 'NAME'),
      })),
  )
}

function remedy(editor: Parameters<typeof referenceOf>[0], variable: string): string {
  const reference = referenceOf(editor, variable)
  const direct = `write the value itself into "env"`
  return reference === undefined ? direct : `${direct}, or ${reference}, which this editor fills in`
}

/** What looks like a reference and reaches the program as it is. */
function leftOver(spot: Spot, examined: Examined): Trap[] {
  const { run, ground } = examined
  const { what, text, variable, argument } = spot
  const found = foreignReference(text)
  if (found === undefined) return []
  const { written, name } = found
  const isFilledInBySelf =
    argument !== undefined && run.program !== 'other' && isOwnReference(written, run.program)
  if (isFilledInBySelf) return selfFilled(what, found, examined)
  if (argument !== undefined && run.program === 'mcp-ferry' && !written.startsWith('$'))
    return [literal(what, written, 'warn', ground.editor.name, name)]
  if (variable !== undefined && name === variable)
    return [
      {
        code: 'self-reference',
        state: 'fail',
        sees: `${what} holds ${written}, a reference to itself, which ${ground.editor.title} does not fill in`,
        advice: remedy(ground.editor.name, variable),
      },
    ]
  const isSure = /^\$\{|^\{env:/.test(written)
  return [
    literal(what, written, isSure && variable !== undefined ? 'fail' : 'warn', ground.editor.name, name),
  ]
}

function literal(
  what: string,
  written: string,
  state: Trap['state'],
  editor: Parameters<typeof referenceOf>[0],
  name: string,
): Trap {
  return {
    code: 'not-filled-in',
    state,
    sees: `${what} has ${written} in it, which reaches the program as it stands there`,
    advice: remedy(editor, name),
  }
}

/** The bridge and mcp-remote fill in what they find in their own environment. */
function isOwnReference(written: string, program: 'mcp-ferry' | 'mcp-remote' | 'other'): boolean {
  return program === 'mcp-ferry'
    ? /^\$\{(?:env:)?\w+(?::-[^}]*)?\}$/.test(written)
    : /^\$\{\w+\}$/.test(written)
}

function selfFilled(what: string, { written, name }: Reference, { run, ground }: Examined): Trap[] {
  if (written.includes(':-') || has(name, ground)) return []
  return [absent(`${what} uses the variable ${name}`, name, run.program, ground)]
}

function absent(begin: string, name: string, program: string, ground: Examined['ground']): Trap {
  const forward = ground.editor.secrets?.kind === 'forward' ? ground.editor.secrets.field : undefined
  return {
    code: 'variable-missing',
    state: 'fail',
    sees: `${begin}, which ${program} does not get: it is not in "env", and ${ground.editor.title} passes on no variable of that name`,
    advice: `put ${name} into "env"${forward === undefined ? '' : `, or its name into ${forward}`}`,
  }
}

function has(name: string, { passed, system }: Examined['ground']): boolean {
  return lookUp(name, { values: passed, windows: system === 'windows' }) !== undefined
}

/** What `--bearer-env NAME` and its like name must be there. */
function absentVariables({ filled, run, ground }: Examined): Trap[] {
  if (run.program !== 'mcp-ferry') return []
  return filled.args.flatMap((arg, index) => {
    const [, flag, joined] = /^(--[a-z-]+-env)(?:=(.*))?$/s.exec(arg) ?? []
    if (flag === undefined || index <= run.at) return []
    const value = joined ?? filled.args[index + 1] ?? ''
    const name = flag === '--header-env' ? value.slice(value.indexOf('=') + 1) : value
    if (!/^[A-Za-z_]\w*$/.test(name) || has(name, ground)) return []
    return [absent(`${flag} names the variable ${name}`, name, run.program, ground)]
  })
}

interface Reference {
  readonly written: string
  readonly name: string
}

/** The first thing that looks like one; what may as well be part of a password is none. */
function foreignReference(text: string): Reference | undefined {
  const braces =
    /\$\{\{\s*([^}]*?)\s*\}\}|\$\{(?!input:)(?:env:|file:|cmd:)?\s*([^}:]+)[^}]*\}|\{env:(\w+)\}/.exec(text)
  if (braces !== null) return { written: shown(braces[0]), name: braces[1] ?? braces[2] ?? braces[3] ?? '' }
  const bare = /(?:^|[\s:=/])(\$(?:env:)?([A-Z_][A-Z0-9_]*)|%([A-Z_][A-Z0-9_]*)%)(?=$|[\s/&?])/.exec(text)
  if (bare === null) return undefined
  return { written: bare[1]!, name: bare[2] ?? bare[3] ?? '' }
}

/** A default may be a secret. */
function shown(written: string): string {
  return written.replace(/:-[^}]*/, ':-…')
}
