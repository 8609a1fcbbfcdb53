// What there is to know of an editor so as to write its config and to start a server as it would: the shape of one entry
// of editors.ts. arguments.md 1.1 and 6.
import type { EDITOR_NAMES } from '../../options/tool-flags.ts'

export type System = 'windows' | 'macos' | 'linux'
export type EditorName = (typeof EDITOR_NAMES)[number]

/** Where files are looked for. For another system than this one nothing of it is there: only paths are made of it. */
export interface Place {
  readonly system: System
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that a project's files lie in. */
  readonly cwd: string
  /** The names in a folder; none where there is no such folder. */
  readonly list: (folder: string) => readonly string[]
}

export interface Editor {
  readonly name: EditorName
  /** For sentences: `Claude Desktop`. */
  readonly title: string
  readonly format: 'json' | 'toml'
  /** Where the servers are in its file: `['mcpServers']`. */
  readonly path: readonly string[]
  /** The user's files, absolute. All that it may read: where there are several, each gets the entry. Empty: only printed. */
  files(place: Place): readonly string[]
  /** The file in a project's folder, if it has one. */
  projectFile?(place: Place): string
  /** What stands in front of `command`: `{ type: 'stdio' }`. */
  readonly fields: Readonly<Record<string, unknown>>
  /**
   * How a value of `env` is had from elsewhere. `reference`: the text that this editor fills in from its own environment;
   * `forward`: it passes on the variables that a list names; `input`: it asks the person and keeps the answer. Absent: the
   * value itself must stand in the file.
   */
  readonly secrets:
    | { readonly kind: 'reference'; readonly write: (variable: string) => string }
    | { readonly kind: 'forward'; readonly field: string }
    | { readonly kind: 'input' }
    | undefined
  /** What it would fill in, or choke on, in a value of `env` that is to arrive as it is. */
  readonly expands: RegExp | undefined
  /** How it starts `npx` on Windows: by itself, or only behind `cmd /d /c` (arguments.md 6, W). */
  readonly npxOnWindows: 'npx' | 'cmd'
  /** How it starts a program, on Windows and elsewhere: which of the ways of launchers.ts. */
  readonly launcher: Launcher
  /** What the person does for a change to take effect. */
  readonly afterwards: string
}

/** The ways in which editors start programs on Windows (arguments.md 1.1); elsewhere all of them spawn. */
export type Launcher = 'claude-desktop' | 'cross-spawn' | 'vscode' | 'codex' | 'go' | 'powershell'
