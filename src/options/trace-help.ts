// `trace show` and `trace replay`: flags and help, data only.
import { REMOTE_EXIT_CODES, type ToolFlag, type ToolPage } from './tool-flags.ts'

export const TRACE_FLAGS = [
  { name: '--json', help: 'print the result as it came, as JSON' },
] as const satisfies readonly ToolFlag[]

export const TRACE_PAGES = {
  trace: {
    does: 'Not there yet.',
    usage: 'trace <url>',
    examples: [],
    flags: TRACE_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
} as const satisfies Readonly<Record<string, ToolPage>>
