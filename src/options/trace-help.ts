// `trace show` and `trace replay`: flags and help, data only.
import type { ToolFlag, ToolPage } from './tool-flags.ts'

export const TRACE_FLAGS = [
  { name: '--json', help: 'print one JSON object' },
  {
    name: '--run',
    value: '<id>',
    help: 'of a file that several starts of a bridge have written, this one; show shows all, replay takes the last',
  },
  {
    name: '--yes',
    help: 'replay: send the calls again without asking, also those that may change something',
  },
  { name: '--dry-run', help: 'replay: print what would be sent, and send nothing' },
  {
    name: '--ignore',
    value: '<path>',
    help: 'replay: values there may differ, as in result.content[0].text; * is any one name, ** any number of them; repeatable',
  },
  {
    name: '--wait',
    value: '<time>',
    help: 'replay: how much longer than in the trace an answer may take; 30 s if it is not given',
  },
] as const satisfies readonly ToolFlag[]

const EXITS = `Exit codes:
  0    done; of replay: all answers are the same
  1    internal error
  2    the command line, a variable or the file is wrong
  3    of replay: the remote was not reached, the connection was lost, or HTTP failed
  4    of replay: answers differ, or are missing
  6    of replay: nobody is signed in, or the credential is refused
  130  interrupted by Ctrl-C
`

export const TRACE_PAGES = {
  trace: {
    does: `Reads what a bridge has written with --trace <file>. show prints it: each message with its direction, how long
each answer took, the HTTP behind it, and what was never answered. replay sends the messages of the host once more, in
the same order, to the URL or to the one of the trace, and compares the answers. A trace holds what tools were called with.`,
    usage: 'trace show <file> [options]\n  mcp-ferry trace replay <file> [url] [options]',
    examples: [
      'https://mcp.example.com/mcp --trace trace.jsonl',
      'trace show trace.jsonl',
      'trace show - < trace.jsonl',
      'trace replay trace.jsonl http://localhost:3000/mcp --ignore "result.**.timestamp"',
    ],
    flags: TRACE_FLAGS,
    exits: EXITS,
  },
} as const satisfies Readonly<Record<string, ToolPage>>
