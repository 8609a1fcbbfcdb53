// Whose config a file is, and where the servers are in it: by its place, else by its name, else by what is in it. users.md
// 3b.

import { realPathOf } from '../copies/node-to-name.ts'
import type { Editor, EditorName, Place } from '../editors/editor.ts'
import { EDITORS, findEditor } from '../editors/editors.ts'
import type { Tables } from '../files/servers.ts'

/** What the files are called wherever they lie, in another project or on another machine. */
const NAMES: readonly (readonly [pattern: RegExp, editor: EditorName])[] = [
  [/\/\.cursor\/mcp\.json$/, 'cursor'],
  [/\/claude_desktop_config\.json$/, 'claude-desktop'],
  [/\/\.vscode\/(?:mcp|settings)\.json$/, 'vscode'],
  [/\/Code(?: - Insiders)?\/User\/(?:mcp|settings)\.json$/, 'vscode'],
  [/\/\.(?:mcp|claude)\.json$/, 'claude-code'],
  [/\/mcp_config\.json$/, 'windsurf'],
  [/\.toml$/, 'codex'],
  [/\/\.?zed\/settings\.json$/i, 'zed'],
  [/\/\.gemini\/settings\.json$/, 'gemini'],
]
/** Where editors have their servers; more than those that are known by name. */
const OTHER_PATHS = [['mcpServers'], ['servers'], ['context_servers'], ['mcp', 'servers'], ['mcp']]

export function editorOf(file: string, place: Place): Editor {
  const isTheirs = ({ files, projectFile }: Editor): boolean => {
    const all = [...files(place), ...(projectFile === undefined ? [] : [projectFile(place)])]
    return all.some((known) => known === file || realPathOf(known) === (realPathOf(file) ?? file))
  }
  const slashed = file.replaceAll('\\', '/')
  const name = NAMES.find(([pattern]) => pattern.test(slashed))?.[1] ?? 'generic'
  return EDITORS.find(isTheirs) ?? findEditor(name)
}

/** The editor once for each table of servers in its file, at least for its usual one. */
export function tablesIn(editor: Editor, tables: Tables): readonly Editor[] {
  if (editor.name !== 'claude-code') return [editor]
  // Claude Code has those of each project among the person's own.
  const projects = namesIn(tables, ['projects'])
  const own = projects.map((project) => ({ ...editor, path: ['projects', project, 'mcpServers'] }))
  return [editor, ...own.filter(({ path }) => namesIn(tables, path).length > 0)]
}

/** The same for a file of which nobody knows whose it is: its servers may be elsewhere. */
export function tablesAnywhereIn(editor: Editor, tables: Tables): readonly Editor[] {
  const usual = tablesIn(editor, tables)
  const hasServers = ({ path }: Editor): boolean => namesIn(tables, path).length > 0
  if (editor.format === 'toml' || usual.some(hasServers)) return usual
  const others = OTHER_PATHS.map((path) => ({ ...(known(path) ?? editor), path }))
  const found = others.filter(hasServers)
  return found.length === 0 ? usual : found
}

function known([first]: readonly string[]): Editor | undefined {
  return first === 'mcpServers' ? undefined : EDITORS.find(({ path }) => path[0] === first)
}

/** None where there is something else than a table. */
function namesIn(tables: Tables, path: readonly string[]): string[] {
  try {
    return [...tables(path).keys()]
  } catch {
    return []
  }
}
