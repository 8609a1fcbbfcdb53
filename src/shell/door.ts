// The doors that are not the bridge: what a person at a terminal asks for. Loaded only then; each command is a file of
// its own, loaded when it is called. architecture.md 3.
import type { Readable, Writable } from 'node:stream'
import type { Run } from '../bridge.ts'
import { EXIT, sentence, toBridgeError } from '../errors.ts'
import { type Log, UNSEEN } from '../log.ts'
import { COMMANDS, type ToolCommand } from '../options/command-names.ts'
import type { Options } from '../options/options.ts'
import type { Door } from '../options/program.ts'

/** What main.ts lends to a command: the process, and what it can do itself. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly version: string
  readonly userAgent: string
  readonly program: {
    readonly stdin: Readable & { readonly isTTY?: boolean }
    readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
    readonly stderr?: Writable & { readonly isTTY?: boolean; readonly columns?: number }
    /** The second is the file that was started, as it was named: of a package that npm has installed, often a link to it. */
    readonly argv: readonly string[]
    readonly execPath: string
    readonly version: string
    readonly arch: string
    cwd(): string
  }
  /** Resolves when the person, or who started us, wants an end. */
  readonly stopped: Promise<void>
  /** Writes a line for the person, on stderr. */
  readonly tell: (line: string) => void
  /** Throws BridgeError `usage`. */
  readonly openLog: (
    options: Pick<Options, 'log' | 'warnings'> & { readonly secrets?: readonly string[] },
  ) => Log
  /** Reads a command line as that of the bridge. Rejects with BridgeError `usage`. */
  readonly read: (argv: readonly string[], env: Readonly<Record<string, string | undefined>>) => Promise<Door>
  /** Puts the bridge together; `ends`, or else `stopped`, ends it at once. Rejects with BridgeError `usage`. */
  readonly prepare: (options: Options, log: Log, ends?: Promise<void>) => Promise<Run>
}

type CommandDoor = Exclude<Door, { kind: 'bridge' }>

/** Runs a command to its end and returns the exit code. Rejects with BridgeError `usage`. */
export async function openCommand(door: CommandDoor, surroundings: Surroundings): Promise<number> {
  const { program } = surroundings
  // What a remote or a file of somebody else is called may be in it. `call` cleans what it quotes, and has a colour of its own.
  const isCall = door.kind === 'tool' && door.command === 'call'
  const tell = isCall
    ? surroundings.tell
    : (line: string) => surroundings.tell(line.replace(/[^\n]+/g, (part) => part.replace(UNSEEN, ' ')))
  const { stdout } = program
  let failure: string | undefined
  stdout.on('error', ({ code = 'unknown error' }: { code?: string }) => {
    failure ??= code
  })
  const code = await runDoor(door, { ...surroundings, tell })
  if (failure === undefined || NOBODY_READS.has(failure)) return code
  tell(`mcp-ferry: what is printed cannot be written (${failure}); it is not whole`)
  return EXIT.internal
}

/** How a pipe is called that was closed at its other end, as by `head`. */
const NOBODY_READS = new Set(['EPIPE', 'EOF', 'ECONNRESET', 'ERR_STREAM_DESTROYED'])

function runDoor(door: CommandDoor, surroundings: Surroundings): Promise<number> {
  const { stdout } = surroundings.program
  switch (door.kind) {
    case 'print':
      return print(stdout, door.text)
    case 'help':
      return help(door, surroundings)
    case 'demo':
      return demo(door, surroundings)
    case 'account':
      return account(door, surroundings).catch((thrown: unknown) => refuse(thrown, surroundings))
    case 'tool':
      return tool(door, surroundings)
  }
}

function print(output: Writable, text: string): Promise<number> {
  return new Promise((resolve) => output.write(text, () => resolve(EXIT.ok)))
}

async function help(
  { command }: Extract<Door, { kind: 'help' }>,
  { program, version, tell }: Surroundings,
): Promise<number> {
  const [word, topic = ''] = program.argv.slice(2)
  const isTopic = word === 'help' && /^[a-z][a-z-]*$/i.test(topic)
  if (isTopic && !COMMANDS.some((name) => name === topic)) {
    tell(`mcp-ferry: there is no command ${topic}; mcp-ferry --help lists them`)
    return EXIT.usage
  }
  const { helpText } = await import('../options/help.ts')
  return print(program.stdout, helpText(command, version, program.stdout.columns || undefined))
}

/** What is set for bridges to other servers. */
const OF_OTHERS = /^(?:MCP_FERRY_.*|(?:ALL|HTTPS?|NO)_PROXY)$/i

/** The demo's server is the remote of a bridge like any other. */
async function demo(
  { options: own }: Extract<Door, { kind: 'demo' }>,
  { program, env, read, prepare, openLog, stopped }: Surroundings,
): Promise<number> {
  const log = openLog(own)
  const { runDemo } = await import('./commands/demo.ts')
  return runDemo({
    input: program.stdin,
    output: program.stdout,
    env,
    stopped,
    async bridge(url, input, output) {
      const { trace } = own
      const variables = Object.fromEntries(Object.entries(env).filter(([name]) => !OF_OTHERS.test(name)))
      const door = await read([String(url), ...(trace === undefined ? [] : ['--trace', trace])], variables)
      if (door.kind !== 'bridge') throw new TypeError('a URL is the bridge')
      return (await prepare(door.options, log))(input, () => output)
    },
  })
}

/** login, logout or status: for a person at a terminal, or a script. */
async function account(
  door: Extract<Door, { kind: 'account' }>,
  surroundings: Surroundings,
): Promise<number> {
  const [options, { runAccount }] = await Promise.all([door.whole(), import('./commands/account.ts')])
  const { program, openLog, stopped } = surroundings
  const { stdin: input, stdout: output } = program
  const ended = runAccount({ ...surroundings, options, log: openLog(options), input, output })
  return Promise.race([ended, stopped.then(() => EXIT.internal)])
}

/** The commands that read their arguments themselves. */
async function tool(
  { command, argv }: Extract<Door, { kind: 'tool' }>,
  surroundings: Surroundings,
): Promise<number> {
  const at = argv.indexOf(command)
  const rest = argv.filter((_, index) => index !== at)
  const run = await loadTool(command)
  // What waits, for a remote that has closed all connections too, must not end as if it had succeeded.
  const waits = setInterval(() => {}, LONG_MS)
  const ended = run(rest, surroundings).catch((thrown: unknown) => refuse(thrown, surroundings))
  // What asks a remote something takes it back first.
  const leaves = command === 'config' || command === 'doctor'
  const code = leaves ? Promise.race([ended, surroundings.stopped.then(() => EXIT.internal)]) : ended
  return code.finally(() => clearInterval(waits))
}

const LONG_MS = 60 * 60 * 1000

type RunTool = (argv: readonly string[], surroundings: Surroundings) => Promise<number>

async function loadTool(command: ToolCommand): Promise<RunTool> {
  switch (command) {
    case 'config':
      return (await import('./commands/config.ts')).runConfig
    case 'doctor':
      return (await import('./commands/doctor.ts')).runDoctor
    case 'call':
      return (await import('./calling/calling.ts')).runCall
    case 'trace':
      return (await import('./traces/traces.ts')).runTrace
    case 'completion':
      return (await import('./commands/completion.ts')).runCompletion
    default: {
      const { runAsking } = await import('./asking/asking.ts')
      return (argv, surroundings) => runAsking(command, argv, surroundings)
    }
  }
}

/** No editor waits for an answer here. */
async function refuse(thrown: unknown, { tell, platform }: Surroundings): Promise<number> {
  const error = toBridgeError(thrown)
  if (error.kind !== 'usage') throw error
  const { explain } = await import('../options/unexpected.ts')
  tell(sentence(explain(error, platform)))
  return EXIT.usage
}
