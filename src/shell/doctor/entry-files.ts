// Which files `doctor` looks at for an editor, whose file one is that was only named, and what is read of it. arguments.md 2
// row 21: a file that is there and not read.
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, extname, resolve } from 'node:path'
import { type ParseError, parse } from 'jsonc-parser'
import { isBridgeError, usage } from '../../errors.ts'
import type { Surroundings } from '../door.ts'
import type { Editor, EditorName, Place } from '../editors/editor.ts'
import { EDITORS } from '../editors/editors.ts'
import { ofFile, readFileText } from '../files/changed-file.ts'
import { readServers, type ServerFields, type Table } from '../files/servers.ts'

/** A file, and what there is in it. */
export type FileReading = { readonly path: string; readonly editor: Editor } & (
  | {
      readonly kind: 'read'
      readonly servers: ReadonlyMap<string, ServerFields>
      /** The ids of VS Code's `inputs`. */
      readonly inputs: readonly string[]
      /** Where it has servers, and this editor does not look. */
      readonly elsewhere: string | undefined
      readonly isProject: boolean
    }
  | { readonly kind: 'missing' }
  /** `text` is our own sentence. */
  | { readonly kind: 'unreadable'; readonly text: string }
)

export function placeOf({
  env,
  platform,
  program,
}: Pick<Surroundings, 'env' | 'platform' | 'program'>): Place {
  return {
    system: platform === 'win32' ? 'windows' : platform === 'darwin' ? 'macos' : 'linux',
    home: homedir(),
    env,
    cwd: program.cwd(),
    list(folder) {
      try {
        return readdirSync(folder)
      } catch {
        return []
      }
    },
  }
}

/** All that this editor may read: the user's files, and that of the project in this folder if there is one. */
export function readEditor(editor: Editor, place: Place): readonly FileReading[] {
  const project = editor.projectFile?.(place)
  const own = editor.files(place).map((path) => readOne(path, editor, place))
  const isOther = project !== undefined && !own.some(({ path }) => path === project)
  const ofProject = isOther ? [readOne(project, editor, place)] : []
  return [...own, ...ofProject.filter(({ kind }) => kind !== 'missing')]
}

export function readNamed(path: string, editor: Editor | undefined, place: Place): FileReading {
  const whole = resolve(place.cwd, path.replace(/^~(?=$|[\\/])/, place.home))
  return readOne(whole, editor ?? editorOf(whole, place), place)
}

function readOne(path: string, editor: Editor, place: Place): FileReading {
  try {
    const text = readFileText(path)
    if (text === undefined) return { kind: 'missing', path, editor }
    const servers = new Map(ofFile(path, () => readServers(text, editor)))
    if (servers.size === 0 && editor.name === 'generic' && isOfOpencode(text))
      throw usage(
        'config-unreadable',
        `${path} has its servers in mcp, as opencode does, which are not started here; write mcp-ferry doctor and what stands behind the name of the program there`,
      )
    // `claude mcp add` puts servers of a project into the user's file.
    if (editor.name === 'claude-code')
      for (const [name, fields] of quietly(text, {
        format: 'json',
        path: ['projects', place.cwd, 'mcpServers'],
      }))
        servers.set(name, fields)
    const elsewhere = servers.size > 0 ? undefined : otherTable(text, editor)
    const isProject = path === editor.projectFile?.(place) && !editor.files(place).includes(path)
    return { kind: 'read', path, editor, servers, inputs: inputsOf(text, editor), elsewhere, isProject }
  } catch (thrown) {
    if (!isBridgeError(thrown) || thrown.kind !== 'usage') throw thrown
    return { kind: 'unreadable', path, editor, text: thrown.message }
  }
}

/** Each has its program and its arguments in one list. */
function isOfOpencode(text: string): boolean {
  const servers = quietly(text, { format: 'json', path: ['mcp'] })
  return [...servers.values()].some(({ command }) => Array.isArray(command))
}

/** Where another editor would find servers in it. */
function otherTable(text: string, { format, path }: Table): string | undefined {
  const others = EDITORS.filter((other) => other.format === format && other.path.join('.') !== path.join('.'))
  return others.find((other) => quietly(text, other).size > 0)?.path.join('.')
}

function quietly(text: string, table: Table): ReadonlyMap<string, ServerFields> {
  try {
    return readServers(text, table)
  } catch {
    return new Map()
  }
}

function inputsOf(text: string, { name }: Editor): readonly string[] {
  if (name !== 'vscode') return []
  const errors: ParseError[] = []
  const whole = parse(text, errors, { allowTrailingComma: true }) as { inputs?: unknown } | undefined
  const inputs: readonly unknown[] = Array.isArray(whole?.inputs) ? whole.inputs : []
  return inputs.map((input) => (input as { id?: unknown } | null)?.id).filter((id) => typeof id === 'string')
}

const BY_NAME: Readonly<Record<string, EditorName>> = {
  'claude_desktop_config.json': 'claude-desktop',
  'mcp_config.json': 'windsurf',
  '.mcp.json': 'claude-code',
  '.claude.json': 'claude-code',
}
const BY_FOLDER: Readonly<Record<string, EditorName>> = {
  '.cursor': 'cursor',
  '.vscode': 'vscode',
  '.gemini': 'gemini',
  '.codex': 'codex',
  '.codeium': 'windsurf',
  zed: 'zed',
  '.zed': 'zed',
}

/** By where it lies, by what it is called, and last by where in it the servers are. */
function editorOf(path: string, place: Place): Editor {
  const owner = EDITORS.find(
    (editor) => editor.files(place).includes(path) || editor.projectFile?.(place) === path,
  )
  const name = BY_NAME[basename(path)] ?? BY_FOLDER[basename(dirname(path)).toLowerCase()]
  return owner ?? named(name) ?? byTable(path) ?? named('generic')!
}

function named(name: EditorName | undefined): Editor | undefined {
  return EDITORS.find((editor) => editor.name === name)
}

function byTable(path: string): Editor | undefined {
  const format = extname(path).toLowerCase() === '.toml' ? 'toml' : 'json'
  // Several have their servers under the same name, and none of them is meant more than the others.
  const candidates = EDITORS.filter((editor) => editor.format === format && editor.path[0] !== 'mcpServers')
  try {
    const text = readFileText(path) ?? ''
    return (
      candidates.find((editor) => quietly(text, editor).size > 0) ??
      (format === 'toml' ? candidates[0] : undefined)
    )
  } catch {
    return undefined
  }
}
