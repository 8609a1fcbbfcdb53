// `completion`: flags and help, data only.
import { REMOTE_EXIT_CODES, type ToolFlag, type ToolPage } from './tool-flags.ts'

export const COMPLETION_FLAGS = [
  { name: '--json', help: 'print the result as it came, as JSON' },
] as const satisfies readonly ToolFlag[]

export const COMPLETION_PAGES = {
  completion: {
    does: 'Not there yet.',
    usage: 'completion <url>',
    examples: [],
    flags: COMPLETION_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
} as const satisfies Readonly<Record<string, ToolPage>>
