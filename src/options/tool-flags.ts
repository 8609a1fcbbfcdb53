// The flags of `config` and `doctor`, data only: their command lines are read by it and `--help` prints it. What else
// stands there is the bridge's, and is read as the bridge reads it.

export interface ToolFlag {
  readonly name: `--${string}`
  readonly short?: `-${string}`
  /** What its value is called in the help; without it the flag takes none. */
  readonly value?: string
  readonly help: string
}

/** What `--help` prints of a command that reads its arguments itself. */
export interface ToolPage {
  readonly does: string
  readonly usage: string
  readonly examples: readonly string[]
  readonly flags: readonly ToolFlag[]
  /** Behind the flags, with a line end at its end. */
  readonly exits: string
}

/** Of the commands that ask a remote. */
export const REMOTE_EXIT_CODES = `Exit codes:
  0    done
  1    internal error
  2    the command line or a variable is wrong
  3    the remote was not reached, the connection was lost, or HTTP failed
  6    nobody is signed in, or the credential is refused
  7    the remote has answered with an error of the protocol
  8    the tool says that it has failed
  130  interrupted by Ctrl-C
`

export const CONFIG_FLAGS = [
  { name: '--write', help: "put it into the editor's file; without it the entry is only printed" },
  { name: '--remove', help: "take the entry of that name out of the editor's file" },
  {
    name: '--list',
    help: 'list the entries that lead through mcp-ferry or mcp-remote, of one editor or of all',
  },
  {
    name: '--update',
    help: 'move our entries to the version that runs, and remove copies that nothing names',
  },
  {
    name: '--from',
    value: '<file>',
    help: 'find the entries of mcp-remote in that file and show what they become; with --write, put them there',
  },
  {
    name: '--for',
    value: '<system>',
    help: 'print it for windows, macos or linux instead of for this system',
  },
  {
    name: '--installed',
    help: 'the entry starts a copy of this version in a folder of ours, with this Node, and nothing in between; the default with --write, but for a project',
  },
  {
    name: '--npx',
    help: 'the entry starts npx with this version; the default without --write, and for a project',
  },
  {
    name: '--project',
    help: 'the file of the project in this folder, for editors that have one, instead of the one of the user',
  },
  { name: '--file', value: '<path>', help: 'this file instead' },
  { name: '--json', help: 'print one JSON object' },
] as const satisfies readonly ToolFlag[]

export const DOCTOR_FLAGS = [
  {
    name: '--editor',
    value: '<editor>',
    help: "check each entry in this editor's config, and start it as the editor would",
  },
  { name: '--config', value: '<file>', help: 'the same for this file' },
  { name: '--json', help: 'print one JSON object' },
] as const satisfies readonly ToolFlag[]

/** What the editors are called on the command line. */
export const EDITOR_NAMES = [
  'cursor',
  'claude-desktop',
  'vscode',
  'claude-code',
  'windsurf',
  'codex',
  'zed',
  'gemini',
  'generic',
] as const
