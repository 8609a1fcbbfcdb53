// `call`: flags and help, data only.
import { REMOTE_EXIT_CODES, type ToolFlag, type ToolPage } from './tool-flags.ts'

const URL = 'https://mcp.example.com/mcp'

export const CALLING_FLAGS = [
  {
    name: '--args',
    value: '<json>',
    help: 'a JSON object of arguments, @ and the path of a file, or - for stdin; name=value stands above it; repeatable',
  },
  { name: '--json', help: 'print the whole result as it came, as JSON' },
  {
    name: '--output',
    short: '-o',
    value: '<path>',
    help: 'the file or folder for images, sounds and other bytes; without it they are saved in the current folder, under a name that is free',
  },
  {
    name: '--yes',
    help: 'answer forms of the server by their defaults, or decline those that have none; nothing else is accepted',
  },
  { name: '--no-input', help: 'ask nobody anything: the server is told that nobody can be asked' },
] as const satisfies readonly ToolFlag[]

export const CALLING_PAGES = {
  call: {
    does: `Calls a tool of a remote MCP server and prints its result, and nothing else, on stdout; takes every option of the
bridge. Arguments are typed and checked by the tool's schema before anything is sent:
  name=value    text as it stands, or what JSON has: 5, true, null, [], {}
  name=a name=b an array of both
  a.b=value     the member b of the object a
  name:=json    JSON, whatever the schema would make of it
What the server asks meanwhile is asked at the terminal. Ctrl-C cancels the call, twice leaves at once.`,
    usage: 'call <url> <tool> [name=value …] [options]',
    examples: [
      `call ${URL} echo message="hello there"`,
      `call ${URL} search query=ferries limit=5 tags=sea tags=land`,
      `call ${URL} search --args @search.json --json | jq .structuredContent`,
      `call ${URL} draw subject=ferry --output ferry.png`,
    ],
    flags: CALLING_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
} as const satisfies Readonly<Record<string, ToolPage>>
