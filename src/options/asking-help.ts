// The commands that list and read what a remote has: flags and help, data only.
import { REMOTE_EXIT_CODES, type ToolFlag, type ToolPage } from './tool-flags.ts'

const URL = 'https://mcp.example.com/mcp'
const OPTIONS = "Takes every option of the bridge: give it the same arguments as in the editor's config."
const JSON_FLAG = {
  name: '--json',
  help: 'print what the server has sent, as JSON, with each number as it is written',
} as const

export const LIST_FLAGS = [JSON_FLAG] as const satisfies readonly ToolFlag[]

export const TOOLS_FLAGS = [
  JSON_FLAG,
  {
    name: '--schema',
    help: 'print the JSON schema of the arguments: of the one tool, or of each by its name',
  },
] as const satisfies readonly ToolFlag[]

export const READ_FLAGS = [
  { name: '--json', help: 'print the result as it came, with what is no text in Base64' },
  {
    name: '--output',
    short: '-o',
    value: '<file>',
    help: 'write it there; - is stdout, also where that is a terminal',
  },
] as const satisfies readonly ToolFlag[]

export const RESULT_FLAGS = [
  { name: '--json', help: 'print the result as it came, as JSON' },
] as const satisfies readonly ToolFlag[]

export const PING_FLAGS = [
  { name: '--count', short: '-n', value: '<n>', help: 'how often; 0: until Ctrl-C [default: 5]' },
  { name: '--interval', value: '<time>', help: 'how long from an answer to the next ping [default: 200ms]' },
  { name: '--json', help: 'print one JSON object at the end' },
] as const satisfies readonly ToolFlag[]

export const WATCH_FLAGS = [
  { name: '--subscribe', value: '<uri>', help: 'also be told when this resource changes; repeatable' },
  {
    name: '--level',
    value: '<level>',
    help: 'have the server send log messages from this level on: debug, info, notice, warning, error, critical, alert or emergency',
  },
  { name: '--count', short: '-n', value: '<n>', help: 'end after so many; 0: until Ctrl-C [default: 0]' },
  { name: '--json', help: 'print each notification as it came, one a line' },
] as const satisfies readonly ToolFlag[]

export const ASKING_PAGES = {
  tools: {
    does: `Lists the tools of a remote MCP server, all pages of them, with their arguments: those that may be left out stand in
brackets. With a tool's name it tells all of that one. To a pipe go lines of columns with tabs between them.
${OPTIONS}`,
    usage: 'tools <url> [name] [options]',
    examples: [`tools ${URL}`, `tools ${URL} echo`, `tools ${URL} echo --schema`, `tools ${URL} --json`],
    flags: TOOLS_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  resources: {
    does: `Lists the resources of a remote MCP server, all pages of them. To a pipe go lines of columns with tabs between them.
${OPTIONS}`,
    usage: 'resources <url> [options]',
    examples: [`resources ${URL}`, `resources ${URL} --json`],
    flags: LIST_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  templates: {
    does: `Lists the resource templates of a remote MCP server, all pages of them. To a pipe go lines of columns with tabs
between them.
${OPTIONS}`,
    usage: 'templates <url> [options]',
    examples: [`templates ${URL}`, `templates ${URL} --json`],
    flags: LIST_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  prompts: {
    does: `Lists the prompts of a remote MCP server, all pages of them, with their arguments: those that may be left out stand in
brackets. With a prompt's name it tells all of that one. To a pipe go lines of columns with tabs between them.
${OPTIONS}`,
    usage: 'prompts <url> [name] [options]',
    examples: [`prompts ${URL}`, `prompts ${URL} summarize`, `prompts ${URL} --json`],
    flags: LIST_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  read: {
    does: `Reads a resource of a remote MCP server and writes it to stdout as it is, byte for byte; to a terminal only what is text.
${OPTIONS}`,
    usage: 'read <url> <uri> [options]',
    examples: [
      `read ${URL} file:///notes.txt`,
      `read ${URL} file:///logo.png --output logo.png`,
      `read ${URL} file:///notes.txt --json`,
    ],
    flags: READ_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  prompt: {
    does: `Gets a prompt of a remote MCP server, filled in with the arguments, and prints its messages.
${OPTIONS}`,
    usage: 'prompt <url> <name> [argument=value …] [options]',
    examples: [`prompt ${URL} summarize topic=ferries`, `prompt ${URL} summarize topic=ferries --json`],
    flags: RESULT_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  complete: {
    does: `Asks a remote MCP server what an argument of a prompt, or a variable of a resource template, may become, and prints one
value a line. Arguments that are settled already may follow.
${OPTIONS}`,
    usage: 'complete <url> <prompt or template> <argument>=<beginning> [argument=value …] [options]',
    examples: [
      `complete ${URL} summarize topic=fer`,
      `complete ${URL} 'file:///{folder}/{name}' name=a folder=notes`,
    ],
    flags: RESULT_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  ping: {
    does: `Measures how long a remote MCP server takes to answer. The handshake, with which the connection is made, is told by
itself; the pings that follow go through it. A server of the version 2026-07-28 knows no ping: it is asked what it is.
${OPTIONS}`,
    usage: 'ping <url> [options]',
    examples: [`ping ${URL}`, `ping ${URL} --count 100 --interval 0`, `ping ${URL} --json`],
    flags: PING_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  watch: {
    does: `Prints what a remote MCP server notifies of, one line each, until Ctrl-C: changes of its lists, log messages, and
resources that have changed.
${OPTIONS}`,
    usage: 'watch <url> [options]',
    examples: [
      `watch ${URL}`,
      `watch ${URL} --level debug`,
      `watch ${URL} --subscribe file:///notes.txt --count 1 --json`,
    ],
    flags: WATCH_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
} as const satisfies Readonly<Record<string, ToolPage>>
