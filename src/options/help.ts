// The text of `--help`, made from the flag table: everything the command line understands, for pasting.
import { GROUPS, groupOf, helpOf } from './flag-help.ts'
import { FLAGS, URL_VARIABLE } from './flags.ts'

const WIDTH = 104
const INDENT = 33
const BRIDGE_HEAD = `Connects an editor that speaks MCP over stdio to a remote MCP server over HTTP.

Usage:
  mcp-ferry [options] <url> [port]
  mcp-ferry demo [options]        see it work, without a remote server (mcp-ferry demo --help)
  mcp-ferry help                  print this text

Arguments:
`

const EXAMPLES = `Examples:
  npx -y mcp-ferry https://mcp.example.com/mcp
  MCP_AUTH="Bearer abc" npx -y mcp-ferry https://mcp.example.com/mcp --header-env Authorization=MCP_AUTH
  TOKEN=abc npx -y mcp-ferry https://mcp.example.com/mcp --header 'Authorization: Bearer $\{TOKEN}'
  printf '%s\\n' '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"sh","version":"1"}}}' | npx -y mcp-ferry https://mcp.example.com/mcp
  npx -y mcp-ferry demo
`

const RULES = `Precedence:
  A flag beats its environment variable, which beats the default. Headers are settled one by one: a header
  from a flag beats the header of the same name from an MCP_FERRY_ variable.

Values:
  A time is 30 or 30s, 500ms or 2m; a size is 64MiB, 64MB or 1048576; a switch in a variable is 1 or 0.

mcp-remote:
  Its flags --debug, --silent, --transport with its four words, --protocol, --disable-cookies,
  --keep-alive and --ping-interval are accepted; --headers-timeout and --body-timeout have no effect, for a quiet response is never cut.

`

const EXIT_CODES = `Exit codes:
  0  the editor closed the connection, or all is done
  1  internal error
  2  the command line or a variable is wrong
`

/** The help of the bridge or of the demo, with a line end at its end. */
export function helpText(command: 'bridge' | 'demo', version: string): string {
  return command === 'demo' ? demoHelp(version) : bridgeHelp(version)
}

function bridgeHelp(version: string): string {
  const places =
    row('<url>', `URL of the MCP endpoint; $\{VAR} in it is filled in [variable: ${URL_VARIABLE}]`) +
    row('[port]', 'port of the sign-in callback, as with mcp-remote')
  return `mcp-ferry ${version}\n${BRIDGE_HEAD}${places}\n${groups(FLAGS)}${RULES}${EXAMPLES}\n${EXIT_CODES}`
}

function demoHelp(version: string): string {
  const head =
    'Shows the bridge at work between a small editor and a small server, both made up, on this machine.\n'
  const flags = groups(FLAGS.filter((flag) => flag.demo === true))
  return `mcp-ferry ${version}\n${head}\nUsage:\n  mcp-ferry demo [options]\n\n${flags}Examples:\n  npx -y mcp-ferry demo\n\n${EXIT_CODES}`
}

function groups(flags: typeof FLAGS): string {
  return GROUPS.map((group) => {
    const rows = flags.filter((flag) => groupOf(flag.name) === group).map(flagRow)
    return rows.length === 0 ? '' : `${group}:\n${rows.join('')}\n`
  }).join('')
}

function flagRow(flag: (typeof FLAGS)[number]): string {
  const short = flag.short === undefined ? '    ' : `${flag.short}, `
  const facts = [
    flag.repeatable === true ? 'repeatable' : '',
    flag.default === undefined ? '' : `default: ${flag.default}`,
    flag.env === undefined ? '' : `variable: ${flag.env}`,
  ].filter((fact) => fact !== '')
  const tail = facts.length === 0 ? '' : ` [${facts.join('; ')}]`
  return row(`${short}${flag.name} ${flag.value ?? ''}`.trimEnd(), helpOf(flag.name) + tail)
}

/** One entry: its name, and its text wrapped beside it. */
function row(name: string, text: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH - INDENT) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  const [first = '', ...rest] = lines
  const start = `  ${name}`.padEnd(INDENT)
  const opening = start.length > INDENT ? `${start}\n${' '.repeat(INDENT)}${first}` : `${start}${first}`
  return [opening, ...rest.map((more) => ' '.repeat(INDENT) + more)].map((out) => `${out}\n`).join('')
}
