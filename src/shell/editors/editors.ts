// The editors, data only: where each keeps its config, the shape of an entry there, and how it starts one. arguments.md 6;
// where the editors' own documentation has moved on since, it decides.
import { posix, win32 } from 'node:path'
import { type BridgeError, usage } from '../../errors.ts'
import { nearest } from '../../options/nearest.ts'
import type { Editor, EditorName, Place } from './editor.ts'

/** `${NAME}`, `${env:NAME}`, `${workspaceFolder}`: unknown ones stay or vanish, depending on the version. */
const BRACES = /\$\{/
const MCP_SERVERS = ['mcpServers']

export const EDITORS: readonly Editor[] = [
  {
    name: 'cursor',
    title: 'Cursor',
    format: 'json',
    path: MCP_SERVERS,
    files: (place) => [at(place, place.home, '.cursor', 'mcp.json')],
    projectFile: (place) => at(place, place.cwd, '.cursor', 'mcp.json'),
    fields: {},
    secrets: { kind: 'reference', write: (variable) => `\${env:${variable}}` },
    expands: BRACES,
    npxOnWindows: 'npx',
    launcher: 'cross-spawn',
    afterwards: 'turn the server on in Cursor, under Settings, Tools & MCP',
  },
  {
    name: 'claude-desktop',
    title: 'Claude Desktop',
    format: 'json',
    path: MCP_SERVERS,
    files: claudeDesktopFiles,
    fields: {},
    secrets: undefined,
    expands: undefined,
    npxOnWindows: 'cmd',
    launcher: 'claude-desktop',
    afterwards: 'quit Claude Desktop, not only its window, and start it again',
  },
  {
    name: 'vscode',
    title: 'VS Code',
    format: 'json',
    path: ['servers'],
    files: (place) => [at(place, applicationFolder(place), 'Code', 'User', 'mcp.json')],
    projectFile: (place) => at(place, place.cwd, '.vscode', 'mcp.json'),
    fields: { type: 'stdio' },
    secrets: { kind: 'input' },
    expands: BRACES,
    npxOnWindows: 'npx',
    launcher: 'vscode',
    afterwards: 'start the server in VS Code with the command MCP: List Servers',
  },
  {
    name: 'claude-code',
    title: 'Claude Code',
    format: 'json',
    path: MCP_SERVERS,
    files: (place) => [at(place, variable(place, 'CLAUDE_CONFIG_DIR') ?? place.home, '.claude.json')],
    projectFile: (place) => at(place, place.cwd, '.mcp.json'),
    fields: { type: 'stdio' },
    secrets: { kind: 'reference', write: (variable) => `\${${variable}}` },
    expands: BRACES,
    npxOnWindows: 'cmd',
    launcher: 'cross-spawn',
    afterwards: 'start Claude Code again; /mcp shows the server',
  },
  {
    name: 'windsurf',
    title: 'Windsurf',
    format: 'json',
    path: MCP_SERVERS,
    files: windsurfFiles,
    fields: {},
    secrets: { kind: 'reference', write: (variable) => `\${env:${variable}}` },
    expands: BRACES,
    npxOnWindows: 'npx',
    launcher: 'go',
    afterwards: 'press Refresh in the MCP panel of Windsurf',
  },
  {
    name: 'codex',
    title: 'Codex',
    format: 'toml',
    path: ['mcp_servers'],
    files: (place) => [
      at(place, variable(place, 'CODEX_HOME') ?? at(place, place.home, '.codex'), 'config.toml'),
    ],
    projectFile: (place) => at(place, place.cwd, '.codex', 'config.toml'),
    fields: {},
    secrets: { kind: 'forward', field: 'env_vars' },
    expands: undefined,
    npxOnWindows: 'npx',
    launcher: 'codex',
    afterwards: 'start Codex again; /mcp shows the server',
  },
  {
    name: 'zed',
    title: 'Zed',
    format: 'json',
    path: ['context_servers'],
    files: (place) => [at(place, zedFolder(place), 'settings.json')],
    projectFile: (place) => at(place, place.cwd, '.zed', 'settings.json'),
    fields: {},
    secrets: undefined,
    expands: undefined,
    npxOnWindows: 'cmd',
    launcher: 'powershell',
    afterwards: 'Zed starts the server by itself; its agent panel shows it under Settings',
  },
  {
    name: 'gemini',
    title: 'Gemini CLI',
    format: 'json',
    path: MCP_SERVERS,
    files: (place) => [
      at(place, variable(place, 'GEMINI_CLI_HOME') ?? place.home, '.gemini', 'settings.json'),
    ],
    projectFile: (place) => at(place, place.cwd, '.gemini', 'settings.json'),
    fields: {},
    secrets: { kind: 'reference', write: (variable) => `$${variable}` },
    expands: /\$[\w{]/,
    npxOnWindows: 'npx',
    launcher: 'cross-spawn',
    afterwards: 'start Gemini CLI again; /mcp shows the server',
  },
  {
    name: 'generic',
    title: 'your editor',
    format: 'json',
    path: MCP_SERVERS,
    files: () => [],
    fields: {},
    secrets: undefined,
    expands: undefined,
    npxOnWindows: 'cmd',
    launcher: 'cross-spawn',
    afterwards: 'start your editor again',
  },
]

/** What people call them beside their names here. */
const OTHER_NAMES: Readonly<Record<string, EditorName>> = {
  claudedesktop: 'claude-desktop',
  claudeapp: 'claude-desktop',
  claudecode: 'claude-code',
  claudecli: 'claude-code',
  code: 'vscode',
  vsc: 'vscode',
  visualstudiocode: 'vscode',
  copilot: 'vscode',
  codeium: 'windsurf',
  openaicodex: 'codex',
  codexcli: 'codex',
  geminicli: 'gemini',
  other: 'generic',
}

/** Throws BridgeError `usage`, code `unknown-editor`. */
export function findEditor(name: string): Editor {
  const bare = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  const known = EDITORS.find((editor) => editor.name.replaceAll('-', '') === bare)
  const other = Object.hasOwn(OTHER_NAMES, bare) ? OTHER_NAMES[bare] : undefined
  const found = known ?? EDITORS.find((editor) => editor.name === other)
  if (found === undefined) throw unknown(name, bare)
  return found
}

/** What is no editor may be anything, a URL with a key in it as well, and is shown only if it looks like a name. */
function unknown(name: string, bare: string): BridgeError {
  const shown = /^[A-Za-z][A-Za-z_ -]{0,30}$/.test(name) ? name : 'that'
  if (bare === 'claude')
    return usage(
      'unknown-editor',
      'claude may be two editors; write claude-desktop for the app, or claude-code for the command line',
    )
  const names = EDITORS.map((editor) => editor.name)
  const [near] = nearest(name, names, 1)
  const guess = near === undefined ? '' : `${near}, or another `
  return usage(
    'unknown-editor',
    `${shown} is no editor that mcp-ferry knows; write ${guess}one of ${editorNames()}`,
  )
}

/** For a sentence. */
export function editorNames(): string {
  const known = EDITORS.map(({ name }) => name).filter((name) => name !== 'generic')
  return `${known.join(', ')}, or generic for any other`
}

function at({ system }: Place, ...parts: readonly string[]): string {
  return (system === 'windows' ? win32 : posix).join(...parts)
}

/** In whatever case: for another system than this one its case rules are not those of our environment. */
function variable({ env, system }: Place, name: string): string | undefined {
  const key =
    system === 'windows' ? Object.keys(env).find((known) => known.toUpperCase() === name.toUpperCase()) : name
  const text = key === undefined ? undefined : env[key]?.trim()
  return text === '' ? undefined : text
}

/** Where programs with windows keep what is theirs. */
function applicationFolder(place: Place): string {
  switch (place.system) {
    case 'windows':
      return variable(place, 'APPDATA') ?? at(place, place.home, 'AppData', 'Roaming')
    case 'macos':
      return at(place, place.home, 'Library', 'Application Support')
    case 'linux':
      return configFolder(place)
  }
}

function configFolder(place: Place): string {
  const given = variable(place, 'XDG_CONFIG_HOME')
  return given?.startsWith('/') ? given : at(place, place.home, '.config')
}

/** Builds from the Microsoft Store see a folder of their own in the place of %APPDATA%, and read only that (row 21). */
function claudeDesktopFiles(place: Place): readonly string[] {
  const tail = ['Claude', 'claude_desktop_config.json']
  const usual = at(place, applicationFolder(place), ...tail)
  if (place.system !== 'windows') return [usual]
  const local = variable(place, 'LOCALAPPDATA') ?? at(place, place.home, 'AppData', 'Local')
  const packages = at(place, local, 'Packages')
  const own = place.list(packages).filter((name) => /^Claude_/i.test(name))
  return [usual, ...own.map((name) => at(place, packages, name, 'LocalCache', 'Roaming', ...tail))]
}

/** The second is that of its plugins; it is not made for those who have none. */
function windsurfFiles(place: Place): readonly string[] {
  const folder = at(place, place.home, '.codeium')
  const hasOther = place.list(folder).includes('mcp_config.json')
  const usual = at(place, folder, 'windsurf', 'mcp_config.json')
  return hasOther ? [usual, at(place, folder, 'mcp_config.json')] : [usual]
}

function zedFolder(place: Place): string {
  if (place.system === 'windows') return at(place, applicationFolder(place), 'Zed')
  // On macOS as well.
  return place.system === 'macos'
    ? at(place, place.home, '.config', 'zed')
    : at(place, configFolder(place), 'zed')
}
