// The text of `--help`, made from the flag table: everything the command line understands, for pasting.

import { COMMAND_LIST } from './command-list.ts'
import { type AccountCommand, type Command, isToolCommand } from './command-names.ts'
import { type FlagGroup, GROUPS, groupOf, helpOf, TOLD_FLAGS } from './flag-help.ts'
import { valueNameOf } from './flag-values.ts'
import { URL_VARIABLE } from './flags.ts'
import type { ToolPage } from './tool-flags.ts'
import { TOOL_PAGES } from './tool-pages.ts'

/** In columns; a narrower terminal gets what fits, down to the least. */
const WIDTH = 104
const LEAST_WIDTH = 64
const INDENT = 33
const BRIDGE_HEAD = `Connects an editor that speaks MCP over stdio to a remote MCP server over HTTP.

Usage:
  mcp-ferry [options] <url> [port]
  mcp-ferry <command> ...          mcp-ferry <command> --help tells more of each
`

const EXAMPLES = `Examples:
  npx -y mcp-ferry https://mcp.example.com/mcp
  MCP_AUTH="Bearer abc" npx -y mcp-ferry https://mcp.example.com/mcp --header-env Authorization=MCP_AUTH
  TOKEN=abc npx -y mcp-ferry https://mcp.example.com/mcp --header 'Authorization: Bearer $\{TOKEN}'
  printf '%s\\n' '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"sh","version":"1"}}}' | npx -y mcp-ferry https://mcp.example.com/mcp
  npx -y mcp-ferry login https://mcp.example.com/mcp
  npx -y mcp-ferry demo
`

const RULES = {
  Precedence:
    'A flag beats its environment variable, which beats the default. Headers are settled one by one: a header from a flag beats the header of the same name from an MCP_FERRY_ variable.',
  Values:
    'A time is 30 or 30s, 500ms or 2m; a size is 64MiB, 64MB or 1048576; a switch in a variable is 1 or 0.',
  'mcp-remote':
    'Its flags of the sign-in are here under the same names, and the port after the URL. Its flags --debug, --silent, --transport with its four words, --protocol, --ignore-tool, --enable-proxy, --disable-cookies, --keep-alive and --ping-interval are accepted; --headers-timeout and --body-timeout have no effect, for a quiet response is never cut.',
}

const EXIT_CODES = `Exit codes:
  0  the editor closed the connection, or all is done
  1  internal error
  2  the command line or a variable is wrong
`

const ACCOUNT_EXIT_CODES = `Exit codes:
  0  done; of status: somebody is signed in there, or no URL was asked for
  1  it has not worked; of status: nobody is signed in there, or what is kept cannot be used
  2  the command line or a variable is wrong
`

interface Page extends Pick<ToolPage, 'does' | 'usage' | 'examples'> {
  /** In front of the other groups. */
  readonly flags: readonly string[]
}

const PAGES: Readonly<Record<AccountCommand, Page>> = {
  login: {
    does: `Signs in to a remote MCP server, so that an editor that starts the bridge finds it done. Opens the browser,
or prints the address where there is none and takes the address that the browser ends up at. Takes every
option of the bridge: give it the same arguments as in the editor's config.`,
    usage: 'login [options] <url> [port]',
    examples: [
      'login https://mcp.example.com/mcp',
      'login https://mcp.example.com/mcp --no-browser',
      'login https://mcp.example.com/mcp --profile work --client-id abc',
      'login https://mcp.example.com/mcp --import-mcp-remote',
    ],
    flags: ['--json', '--import-mcp-remote'],
  },
  logout: {
    does: 'Forgets the sign-in to a remote MCP server, and has its tokens revoked where the server can do that.',
    usage: 'logout [options] <url> | --all',
    examples: ['logout https://mcp.example.com/mcp', 'logout --all --json'],
    flags: ['--json', '--all'],
  },
  status: {
    does: 'Tells who is signed in where, until when, and with which scopes; never a token.',
    usage: 'status [options] [url]',
    examples: ['status', 'status https://mcp.example.com/mcp --profile work', 'status --json'],
    flags: ['--json'],
  },
}

/** The help of the bridge or of a command, with a line end at its end, for a terminal of so many columns. */
export function helpText(command: Command, version: string, columns: number = WIDTH): string {
  const width = Math.max(LEAST_WIDTH, Math.min(columns, WIDTH))
  if (command === 'bridge') return bridgeHelp(version, width)
  if (isToolCommand(command)) return toolHelp(TOOL_PAGES[command], version, width)
  return command === 'demo' ? demoHelp(version, width) : accountHelp(PAGES[command], version, width)
}

function bridgeHelp(version: string, width: number): string {
  const commands = Object.values(COMMAND_LIST).map(({ usage, does }) => row(usage, does, width))
  const url = `URL of the MCP endpoint, or http+unix://%2Fpath%2Fto%2Fit.sock/mcp for one behind a Unix socket; $\{VAR} in it is filled in [variable: ${URL_VARIABLE}]`
  const places =
    row('<url>', url, width) + row('[port]', 'port of the sign-in callback, as with mcp-remote', width)
  const rules = Object.entries(RULES).map(([name, text]) => `${name}:\n${filled(text, width, '  ')}\n`)
  return `mcp-ferry ${version}\n${BRIDGE_HEAD}\nCommands:\n${commands.join('')}\nArguments:\n${places}\n${groups(TOLD_FLAGS, width)}${rules.join('')}${EXAMPLES}\n${EXIT_CODES}`
}

function demoHelp(version: string, width: number): string {
  const head =
    'Shows the bridge at work between a small editor and a small server, both made up, on this machine.'
  const flags = groups(
    TOLD_FLAGS.filter((flag) => flag.demo === true),
    width,
  )
  return `mcp-ferry ${version}\n${filled(head, width)}\nUsage:\n  mcp-ferry demo [options]\n\n${flags}Examples:\n  npx -y mcp-ferry demo\n\n${EXIT_CODES}`
}

const ACCOUNT_GROUPS: readonly FlagGroup[] = [
  'Headers and credentials',
  'The remote',
  'Signing in',
  'Signing in without a person',
  'Log',
]

function accountHelp({ does, usage, examples, flags }: Page, version: string, width: number): string {
  const own = TOLD_FLAGS.filter(({ name }) => flags.includes(name))
  const rest = TOLD_FLAGS.filter(({ name }) => ACCOUNT_GROUPS.includes(groupOf(name)))
  const lines = examples.map((example) => `  npx -y mcp-ferry ${example}\n`).join('')
  return `mcp-ferry ${version}\n${filled(does, width)}\nUsage:\n  mcp-ferry ${usage}\n\nExamples:\n${lines}\n${groups(own, width)}${groups(rest, width)}${ACCOUNT_EXIT_CODES}`
}

function toolHelp({ does, usage, examples, flags, exits }: ToolPage, version: string, width: number): string {
  const lines = examples.map((example) => `  npx -y mcp-ferry ${example}\n`).join('')
  const rows = flags
    .map(({ name, short, value = '', help }) =>
      row(`${short === undefined ? '    ' : `${short}, `}${name} ${value}`.trimEnd(), help, width),
    )
    .join('')
  const options = rows === '' ? '' : `Options:\n${rows}\n`
  return `mcp-ferry ${version}\n${filled(does, width)}\nUsage:\n  mcp-ferry ${usage}\n\nExamples:\n${lines}\n${options}${exits}`
}

function groups(flags: typeof TOLD_FLAGS, width: number): string {
  return GROUPS.map((group) => {
    const rows = flags.filter((flag) => groupOf(flag.name) === group).map((flag) => flagRow(flag, width))
    return rows.length === 0 ? '' : `${group}:\n${rows.join('')}\n`
  }).join('')
}

function flagRow(flag: (typeof TOLD_FLAGS)[number], width: number): string {
  const short = flag.short === undefined ? '    ' : `${flag.short}, `
  const facts = [
    flag.repeatable === true ? 'repeatable' : '',
    flag.default === undefined ? '' : `default: ${flag.default}`,
    flag.env === undefined ? '' : `variable: ${flag.env}`,
  ].filter((fact) => fact !== '')
  const tail = facts.length === 0 ? '' : ` [${facts.join('; ')}]`
  const name = `${short}${flag.name} ${valueNameOf(flag.name) ?? ''}`.trimEnd()
  return row(name, helpOf(flag.name) + tail, width)
}

/** One entry: its name, and its text wrapped beside it. */
function row(name: string, text: string, width: number): string {
  const [first = '', ...rest] = wrapped(text, width - INDENT)
  const start = `  ${name}`.padEnd(INDENT)
  const opening = !start.endsWith(' ') ? `${start}\n${' '.repeat(INDENT)}${first}` : `${start}${first}`
  return [opening, ...rest.map((more) => ' '.repeat(INDENT) + more)].map((out) => `${out}\n`).join('')
}

/** Running text; a line that begins with a blank stays one, and ends what is before it. */
function filled(text: string, width: number, indent = ''): string {
  return text
    .split(/\n(?= )|(?<=\n [^\n]*)\n/)
    .flatMap((part) =>
      part.startsWith(' ') ? part : wrapped(part.replaceAll('\n', ' '), width - indent.length),
    )
    .map((line) => `${indent}${line}\n`)
    .join('')
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines
}
