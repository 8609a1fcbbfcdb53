// The commands that list and read what a remote has: flags and help, data only.
import { REMOTE_EXIT_CODES, type ToolFlag, type ToolPage } from './tool-flags.ts'

export const ASKING_FLAGS = [
  { name: '--json', help: 'print the result as it came, as JSON' },
] as const satisfies readonly ToolFlag[]

export const ASKING_PAGES = {
  tools: {
    does: 'Not there yet.',
    usage: 'tools <url>',
    examples: [],
    flags: ASKING_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  resources: {
    does: 'Not there yet.',
    usage: 'resources <url>',
    examples: [],
    flags: ASKING_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  templates: {
    does: 'Not there yet.',
    usage: 'templates <url>',
    examples: [],
    flags: ASKING_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  prompts: {
    does: 'Not there yet.',
    usage: 'prompts <url>',
    examples: [],
    flags: ASKING_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  read: {
    does: 'Not there yet.',
    usage: 'read <url>',
    examples: [],
    flags: ASKING_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  prompt: {
    does: 'Not there yet.',
    usage: 'prompt <url>',
    examples: [],
    flags: ASKING_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  complete: {
    does: 'Not there yet.',
    usage: 'complete <url>',
    examples: [],
    flags: ASKING_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  ping: {
    does: 'Not there yet.',
    usage: 'ping <url>',
    examples: [],
    flags: ASKING_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
  watch: {
    does: 'Not there yet.',
    usage: 'watch <url>',
    examples: [],
    flags: ASKING_FLAGS,
    exits: REMOTE_EXIT_CODES,
  },
} as const satisfies Readonly<Record<string, ToolPage>>
