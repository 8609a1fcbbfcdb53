// `call`: flags and help, data only.
import { REMOTE_EXIT_CODES, type ToolFlag, type ToolPage } from './tool-flags.ts'

export const CALLING_FLAGS = [
  { name: '--json', help: 'print the result as it came, as JSON' },
] as const satisfies readonly ToolFlag[]

export const CALLING_PAGES = {
  call: {
    does: 'Not there yet.',
    usage: 'call <url>',
    examples: [],
    flags: CALLING_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
} as const satisfies Readonly<Record<string, ToolPage>>
