// What a command line of `config` asks for: which of its modes, for which editor and system, in which files. users.md 2,
// arguments.md 6.
import { readdirSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { dirname, resolve } from 'node:path'
import { usage } from '../../errors.ts'
import { CONFIG_FLAGS } from '../../options/tool-flags.ts'
import { homeFolder } from '../../paths.ts'
import type { Surroundings } from '../door.ts'
import type { Editor, Place, System } from '../editors/editor.ts'
import { EDITORS, editorNames, findEditor } from '../editors/editors.ts'
import { readToolLine } from './tool-line.ts'

type FlagName = (typeof CONFIG_FLAGS)[number]['name']
export type Form = 'npx' | 'installed'
type Mode = 'print' | 'write' | 'remove' | 'list' | 'update' | 'from'

export interface Call {
  readonly surroundings: Surroundings
  readonly mode: Mode
  /** Of this machine, or of another that is only printed for. */
  readonly place: Place
  readonly isElsewhere: boolean
  readonly isJson: boolean
  /** Whether what is found is also changed. */
  readonly writes: boolean
  /** What starts the bridge, where that is said. */
  readonly form: Form | undefined
  readonly isProject: boolean
  /** The file that was named, absolute. */
  readonly file: string | undefined
  /** What is no flag of config: editor, name, and the bridge's command line. */
  readonly rest: readonly string[]
}

const SYSTEMS: readonly System[] = ['windows', 'macos', 'linux']
/** What to do where something is missing. */
export const USAGE = 'write mcp-ferry config <editor> <name> <url> [options]'
/** What may not stand together. */
const APART: readonly (readonly FlagName[])[] = [
  ['--write', '--remove', '--list', '--update'],
  ['--from', '--remove', '--list', '--update'],
  ['--installed', '--npx'],
  ['--project', '--file'],
  ['--for', '--write'],
  ['--for', '--remove'],
  ['--for', '--list'],
  ['--for', '--update'],
  ['--for', '--from'],
  ['--from', '--file'],
  ['--from', '--project'],
]

/** Throws BridgeError `usage`. */
export function readCall(argv: readonly string[], surroundings: Surroundings): Call {
  const { flags, rest } = readToolLine(argv, CONFIG_FLAGS)
  const has = (name: FlagName): boolean => flags.has(name)
  for (const group of APART) {
    const [first, second] = group.filter(has)
    if (first !== undefined && second !== undefined)
      throw usage('bad-value', `${first} and ${second} do not go together; leave one of them out`)
  }
  const last = (name: FlagName): string | undefined => flags.get(name)?.at(-1)
  const here = systemOf(surroundings.platform)
  const system = readSystem(last('--for')) ?? here
  if (system !== here && has('--installed'))
    throw usage(
      'bad-value',
      `--installed makes a copy on this machine, which is no ${system}; run it there, or leave out --installed`,
    )
  const from = last('--from')
  const mode = modeOf(has)
  const file = from ?? last('--file')
  return {
    surroundings,
    mode,
    place: system === here ? placeHere(system, surroundings) : placeElsewhere(system),
    isElsewhere: system !== here,
    isJson: has('--json'),
    writes: has('--write'),
    form: has('--installed') ? 'installed' : has('--npx') ? 'npx' : undefined,
    isProject: has('--project'),
    file: file === undefined ? undefined : resolve(surroundings.program.cwd(), inHome(file)),
    rest,
  }
}

function modeOf(has: (name: FlagName) => boolean): Mode {
  if (has('--from')) return 'from'
  if (has('--list')) return 'list'
  if (has('--update')) return 'update'
  if (has('--remove')) return 'remove'
  return has('--write') ? 'write' : 'print'
}

function readSystem(text: string | undefined): System | undefined {
  const found = SYSTEMS.find((system) => system === text?.toLowerCase())
  if (text !== undefined && found === undefined)
    throw usage('bad-value', `--for takes no such system; write ${SYSTEMS.join(', ')}`)
  return found
}

function systemOf(platform: string): System {
  if (platform === 'win32') return 'windows'
  return platform === 'darwin' ? 'macos' : 'linux'
}

/** As a shell would have done it. */
function inHome(path: string): string {
  return /^~(?=[\\/]|$)/.test(path) ? `${home()}${path.slice(1)}` : path
}

/** Never a relative path: a file of the person's would go into the folder that they happen to be in. */
function home(): string {
  return homeFolder({ homedir, userInfo })
}

function placeHere(system: System, { env, program }: Surroundings): Place {
  return { system, home: home(), env, cwd: program.cwd(), list: namesIn }
}

/** With the names that stand for its folders there. */
function placeElsewhere(system: System): Place {
  const windows = system === 'windows'
  return {
    system,
    home: windows ? '%USERPROFILE%' : '~',
    env: windows ? { APPDATA: '%APPDATA%', LOCALAPPDATA: '%LOCALAPPDATA%' } : {},
    cwd: '.',
    list: () => [],
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

export interface Target {
  readonly editor: Editor
  readonly name: string
  /** The bridge's command line. */
  readonly argv: readonly string[]
}

/** The editor and the entry that is meant. Throws BridgeError `usage`. */
export function readTarget({ rest, mode }: Call): Target {
  const [editor, name, ...argv] = rest
  if (editor === undefined)
    throw usage('unexpected-argument', `config needs an editor: ${editorNames()}; ${USAGE}`)
  if (editor.startsWith('-'))
    throw usage(
      'unknown-option',
      'config takes editor and name first, and does not know the option before them; mcp-ferry config --help lists the options',
    )
  const found = findEditor(editor)
  if (name === undefined || name.startsWith('-') || /^https?:/i.test(name))
    throw usage('unexpected-argument', `the name of the entry is missing; ${USAGE}`)
  if (name.trim() === '' || /[\0-\x1f\x7f]/.test(name) || name === '__proto__')
    throw usage('bad-value', 'that is no name for an entry; use letters, digits, - and _')
  if (mode === 'remove' && argv.length > 0)
    throw usage('unexpected-argument', '--remove takes an editor and a name; remove what else is there')
  return { editor: found, name, argv }
}

/** Hosts allow 60 characters for it together with the name of a tool. */
const LONGEST_NAME = 40

/** For stderr. */
export function notesOfName(name: string): string[] {
  const notes: string[] = []
  if (!/^[A-Za-z0-9_-]+$/.test(name))
    notes.push('some editors do not show a name with anything but letters, digits, - and _ as it is')
  if (name.length > LONGEST_NAME)
    notes.push(
      'some editors refuse tools whose name is longer than 60 characters together with that of their server; use a shorter one',
    )
  return notes
}

/** The editors that list and update are about. Throws BridgeError `usage`. */
export function readEditors({ rest, file }: Call): readonly Editor[] {
  const [name, extra] = rest
  if (extra !== undefined)
    throw usage('unexpected-argument', 'that takes an editor at most; remove what else is there')
  if (name === undefined && file !== undefined)
    throw usage('unexpected-argument', 'whose file that is, is not said; write the editor as well')
  if (name === undefined) return EDITORS
  if (name.startsWith('-'))
    throw usage(
      'unknown-option',
      'config does not know that option; mcp-ferry config --help lists the options',
    )
  return [findEditor(name)]
}

/** The files that the entry belongs in. Empty only for an editor whose file nobody knows. Throws BridgeError `usage`. */
export function filesFor(editor: Editor, { place, file, isProject }: Call): readonly string[] {
  if (file !== undefined) return [file]
  if (!isProject) return editor.files(place)
  const own = editor.projectFile?.(place)
  if (own === undefined)
    throw usage('bad-value', `${editor.title} has no file for a project; leave out --project`)
  return [own]
}

/** Whether the file goes with a project, to others and to their machines. */
export function isShared(editor: Editor, file: string, { place, isProject }: Call): boolean {
  if (isProject) return true
  if (editor.files(place).includes(file)) return false
  const folders = [place.cwd, dirname(file), dirname(dirname(file))]
  return folders.some((cwd) => editor.projectFile?.({ ...place, cwd }) === file)
}
