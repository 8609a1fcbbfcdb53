// What `--help` prints of the commands that read their arguments themselves. Data only.
import { ASKING_PAGES } from './asking-help.ts'
import { CALLING_PAGES } from './calling-help.ts'
import type { ToolCommand } from './command-names.ts'
import { COMPLETION_PAGES } from './completion-help.ts'
import { CONFIG_FLAGS, DOCTOR_FLAGS, EDITOR_NAMES, type ToolPage } from './tool-flags.ts'
import { TRACE_PAGES } from './trace-help.ts'

const CONFIG_EXIT_CODES = `Exit codes:
  0  done, or nothing was to be done
  1  internal error, or cancelled
  2  the command line, a variable or a config is wrong; of --from: an entry cannot be taken over
`

const DOCTOR_EXIT_CODES = `Exit codes, by the first step that fails:
  0  it works; there may be warnings
  1  internal error, or stopped
  2  the command line, a variable, or an entry of the editor's config
  3  the name of the host, or the connection
  4  TLS: the certificate
  5  HTTP: the server's first answer
  6  the credential or the sign-in, or a clock that is wrong
  7  the protocol: the handshake, or what comes behind it
`

export const TOOL_PAGES: Readonly<Record<ToolCommand, ToolPage>> = {
  config: {
    does: `Makes the entry for a remote MCP server in an editor's config, and prints it or puts it there: no space, quote
or secret is in its arguments, so every editor passes it on as it is. Takes every option of the bridge.
A secret is read from the variable that the options name, or asked for.`,
    usage: 'config <editor> <name> <url> [options]',
    examples: [
      'config cursor my-server https://mcp.example.com/mcp',
      'config cursor my-server https://mcp.example.com/mcp --bearer-env MCP_TOKEN --write',
      'config claude-desktop my-server https://mcp.example.com/mcp --header-env Authorization=MCP_AUTH --write',
      'config cursor my-server --remove',
      'config --from ~/.cursor/mcp.json',
      'config --list',
    ],
    flags: CONFIG_FLAGS,
    exits: `Editors:
  ${EDITOR_NAMES.join(', ')}

${CONFIG_EXIT_CODES}`,
  },
  doctor: {
    does: `Walks the way to a remote MCP server and tells at each step what it sees and what to do; takes every option of
the bridge: give it the same arguments as in the editor's config. It signs nobody in. With an editor's name it
reads that editor's config and starts each entry as that editor would. What it prints has no secrets in it.`,
    usage: 'doctor <url> [options] | --editor <editor> [name] | --config <file> [name]',
    examples: [
      'doctor https://mcp.example.com/mcp',
      'doctor https://mcp.example.com/mcp --header-env Authorization=MCP_AUTH --json',
      'doctor --editor cursor',
    ],
    flags: DOCTOR_FLAGS,
    exits: DOCTOR_EXIT_CODES,
  },
  ...ASKING_PAGES,
  ...CALLING_PAGES,
  ...TRACE_PAGES,
  ...COMPLETION_PAGES,
}
