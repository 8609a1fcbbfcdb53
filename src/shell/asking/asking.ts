// `tools`, `resources`, `templates`, `prompts`, `read`, `prompt`, `complete`, `ping` and `watch`: what a person or a script asks
// a remote, but for calls. Here the command line becomes what is asked.
import { usage } from '../../errors.ts'
import type { Log } from '../../log.ts'
import {
  LIST_FLAGS,
  PING_FLAGS,
  READ_FLAGS,
  RESULT_FLAGS,
  TOOLS_FLAGS,
  WATCH_FLAGS,
} from '../../options/asking-help.ts'
import type { ToolCommand } from '../../options/command-names.ts'
import { readCount, readDuration } from '../../options/quantities.ts'
import type { Surroundings } from '../door.ts'
import { type StreamEvent, type Watch, watch } from '../exchanges.ts'
import { readRemoteLine } from '../remote-line.ts'
import { complete, getPrompt, readPairs } from './filling.ts'
import { showList } from './lists.ts'
import { ping } from './pinging.ts'
import { readResource } from './reading.ts'
import { converse } from './session.ts'
import { createWatcher, readLogLevel } from './watching.ts'

export type AskingCommand = Exclude<ToolCommand, 'config' | 'doctor' | 'call' | 'trace' | 'completion'>

type Run = (argv: readonly string[], surroundings: Surroundings) => Promise<number>

/** The exit code. Rejects with BridgeError `usage`. */
export function runAsking(
  command: AskingCommand,
  argv: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  return COMMANDS[command](argv, surroundings)
}

const COMMANDS: Readonly<Record<AskingCommand, Run>> = {
  async tools(argv, surroundings) {
    const { options, flags, words } = await readRemoteLine(argv, TOOLS_FLAGS, surroundings)
    expectWords('tools <url> [name]', words, 0, 1)
    const [isJson, isSchema] = [flags.has('--json'), flags.has('--schema')]
    if (isJson && isSchema)
      throw usage(
        'bad-value',
        '--schema prints JSON by itself, and --json prints whole tools; remove one of them',
      )
    return converse({ surroundings, options }, (conversation) =>
      showList(conversation, { list: 'tools', isJson, isSchema, name: words[0] }),
    )
  },

  async prompts(argv, surroundings) {
    const { options, flags, words } = await readRemoteLine(argv, LIST_FLAGS, surroundings)
    expectWords('prompts <url> [name]', words, 0, 1)
    const isJson = flags.has('--json')
    return converse({ surroundings, options }, (conversation) =>
      showList(conversation, { list: 'prompts', isJson, isSchema: false, name: words[0] }),
    )
  },

  resources: (argv, surroundings) => listWhole('resources', argv, surroundings),
  templates: (argv, surroundings) => listWhole('templates', argv, surroundings),

  async read(argv, surroundings) {
    const { options, flags, words } = await readRemoteLine(argv, READ_FLAGS, surroundings, 1)
    expectWords('read <url> <uri>', words, 1, 1)
    const settings = { uri: words[0]!, isJson: flags.has('--json'), file: flags.get('--output')?.at(-1) }
    return converse({ surroundings, options }, (conversation) => readResource(conversation, settings))
  },

  async prompt(argv, surroundings) {
    const { options, flags, words } = await readRemoteLine(argv, RESULT_FLAGS, surroundings, 1)
    expectWords('prompt <url> <name> [argument=value …]', words, 1)
    const [name = '', ...rest] = words
    const settings = { name, pairs: readPairs(rest), isJson: flags.has('--json') }
    return converse({ surroundings, options }, (conversation) => getPrompt(conversation, settings))
  },

  async complete(argv, surroundings) {
    const { options, flags, words } = await readRemoteLine(argv, RESULT_FLAGS, surroundings, 2)
    expectWords('complete <url> <prompt or template> <argument>=<beginning>', words, 2)
    const [of = '', ...rest] = words
    const [argument, ...settled] = readPairs(rest)
    const settings = { of, argument: argument!, settled, isJson: flags.has('--json') }
    return converse({ surroundings, options }, (conversation) => complete(conversation, settings))
  },

  async ping(argv, surroundings) {
    const { options, flags, words } = await readRemoteLine(argv, PING_FLAGS, surroundings)
    expectWords('ping <url>', words, 0, 0)
    const { host } = options.url
    const count = countOf(flags.get('--count'), 5)
    const interval = flags.get('--interval')?.at(-1) ?? '200ms'
    const intervalMs = readDuration(
      { name: '--interval', kind: 'duration' },
      { text: interval, from: '--interval' },
    )
    const settings = { host, count, intervalMs, isJson: flags.has('--json'), version: surroundings.version }
    const seeing = createSeeing()
    return converse({ surroundings, options, around: seeing.around }, (conversation) =>
      ping(conversation, { ...settings, sent: seeing.watch()?.sent ?? [] }),
    )
  },

  async watch(argv, surroundings) {
    const { options, flags, words } = await readRemoteLine(argv, WATCH_FLAGS, surroundings)
    expectWords('watch <url>', words, 0, 0)
    const level = flags.get('--level')?.at(-1)
    const seeing = createSeeing((event) => watcher.onStream(event))
    const watcher = createWatcher({
      seen: seeing.watch,
      host: options.url.host,
      subscribed: flags.get('--subscribe') ?? [],
      level: level === undefined ? undefined : readLogLevel(level),
      count: countOf(flags.get('--count'), 0),
      isJson: flags.has('--json'),
    })
    const { onNotification, work } = watcher
    return converse({ surroundings, options, onNotification, around: seeing.around }, work)
  },
}

/** What the bridge asks over HTTP, and how that is answered. */
function createSeeing(onStream?: (event: StreamEvent) => void): {
  around(log: Log): Log
  watch(): Watch | undefined
} {
  let seen: Watch | undefined
  return {
    around(log) {
      seen = watch(log, onStream)
      return seen.log
    },
    watch: () => seen,
  }
}

async function listWhole(
  list: 'resources' | 'templates',
  argv: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const { options, flags, words } = await readRemoteLine(argv, LIST_FLAGS, surroundings)
  expectWords(`${list} <url>`, words, 0, 0)
  const settings = { list, isJson: flags.has('--json'), isSchema: false, name: undefined }
  return converse({ surroundings, options }, (conversation) => showList(conversation, settings))
}

/** What stands behind the URL. Throws BridgeError `usage`. */
function expectWords(
  line: string,
  words: readonly string[],
  fewest: number,
  most = Number.POSITIVE_INFINITY,
): void {
  if (words.length < fewest) throw usage('missing-argument', `something is missing; write mcp-ferry ${line}`)
  if (words.length > most)
    throw usage('unexpected-argument', `there are too many arguments; write mcp-ferry ${line}`)
}

function countOf(given: readonly string[] | undefined, usual: number): number {
  const text = given?.at(-1)
  return text === undefined ? usual : readCount({ name: '--count', kind: 'count' }, { text, from: '--count' })
}
