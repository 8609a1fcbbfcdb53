// The only file that reads process.argv and process.env, wires signals and exits. It picks a door:
// the bridge, the demo, or a text to print.
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs'
import { accountFile } from './auth/kept/account-file.ts'
import { createLateAuthorizer } from './auth/late.ts'
import { type Run, runBridge } from './bridge.ts'
import { EXIT, redacted, sentence, toBridgeError, usage } from './errors.ts'
import { createLog, createRedactor, type Log } from './log.ts'
import { createMemory } from './memory.ts'
import type { Options } from './options/options.ts'
import { type Door, parseCommandLine } from './options/program.ts'
import { homeFolder, quickCredentialsFolder } from './paths.ts'
import type { Authorizer } from './remote/authorizer.ts'
import { haveRecovery } from './remote/recovery.ts'
import type { Surroundings } from './shell/door.ts'

declare const __VERSION__: string
const SAME_SIGNAL_MS = 200
const INTERRUPTED = 130
/** After the start, since the first answer has mostly come by then. */
const RECOVERY_MS = 700
const AT_A_TERMINAL =
  'an editor starts this and writes JSON-RPC lines to it, which you can type here; Ctrl-D ends it; to see what the server has, write mcp-ferry tools <url>'

async function main(): Promise<number> {
  watchSignals()
  let run: Run
  try {
    const door = await openDoor(process.argv.slice(2), process.env)
    if (door.kind !== 'bridge') {
      leaves = INTERRUPTED
      const { openCommand } = await import('./shell/door.ts')
      return await openCommand(door, {
        ...surroundings(),
        program: process,
        stopped,
        tell,
        openLog,
        prepare,
        read: openDoor,
      })
    }
    run = await prepare(door.options, openLog(door.options))
  } catch (thrown) {
    return Promise.race([refuse(thrown), stopped.then(() => EXIT.usage)])
  }
  if (process.stdin.isTTY) tell(`mcp-ferry: ${AT_A_TERMINAL}`)
  return run(process.stdin, () => process.stdout)
}

/** Rejects with BridgeError `usage`. */
async function prepare(options: Options, log: Log, ends = stopped): Promise<Run> {
  const { changing } = options
  const createHeaders =
    changing &&
    (await import('./auth/headers/changing.ts')).createChanging({ options, platform: process.platform, log })
  const trace = options.trace && (await import('./stages/trace.ts')).createTrace(options, __VERSION__, log)
  return (input, output) => {
    // In memory before npx can have cleaned up. The GET stream behind the first answer mostly has it sooner.
    setTimeout(haveRecovery, RECOVERY_MS).unref()
    const authorizer = createSignIns(options, log)
    return runBridge({
      options,
      input,
      output,
      log,
      version: __VERSION__,
      stopped: ends,
      memory: createMemory(options, log, process),
      isOrphan,
      authorizer,
      trace,
      ...createHeaders?.(authorizer),
    })
  }
}

/** The package is being updated, where there is nobody to tell it nicely: it is told all the same. */
async function refuse(thrown: unknown): Promise<number> {
  const error = redacted(toBridgeError(thrown), redact)
  const refusing = await import('./refusing.ts').catch(() => undefined)
  if (refusing !== undefined) return refusing.refuseToStart(error, process, tell)
  tell(sentence(error))
  return error.kind === 'usage' ? EXIT.usage : EXIT.internal
}

/** Sign-ins lie on disk. Nothing is loaded before the remote wants one, unless there is one. */
function createSignIns(options: Options, log: Log): Authorizer {
  const { url, signIn } = options
  const folder = quickCredentialsFolder(process.env, process.platform)
  const isKnown =
    !signIn.isOff && folder !== undefined && existsSync(accountFile(folder, url, signIn.profile))
  return createLateAuthorizer({
    isKnown,
    load: async () => (await import('./auth/loading.ts')).loadAuthorizer({ ...surroundings(), options, log }),
  })
}

function surroundings() {
  return {
    env: process.env,
    platform: process.platform,
    version: __VERSION__,
    userAgent: `mcp-ferry/${__VERSION__}`,
  }
}

/** Rejects with BridgeError `usage`. */
async function openDoor(argv: readonly string[], env: Surroundings['env']): Promise<Door> {
  const door = parseCommandLine({
    argv,
    env,
    platform: process.platform,
    version: __VERSION__,
    home: () => homeFolder(process.getBuiltinModule('node:os')),
    readFile: (path) => readFileSync(path),
  })
  return door.kind === 'bridge' && door.whole ? { kind: 'bridge', options: await door.whole() } : door
}

const parent = process.ppid
const isOrphan = (): boolean => process.ppid !== parent

/** How the second signal ends the program: as the bridge always does, or as shells say it of a command. */
let leaves: number = EXIT.ok
let stop: () => void = () => {}
/** Resolves when the bridge is to end in order, without waiting for answers. */
const stopped = new Promise<void>((resolve) => {
  stop = resolve
})

/**
 * The first signal ends the bridge in order, the second at once (protocol.md 0.10). One press of Ctrl-C can arrive
 * twice, by the terminal and by npx: what comes within a moment of the first is the first.
 */
function watchSignals(): void {
  let firstAt: number | undefined
  const take = (): void => {
    if (firstAt !== undefined && Date.now() - firstAt > SAME_SIGNAL_MS) process.exit(leaves)
    firstAt ??= Date.now()
    stop()
  }
  const signals: NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP']
  if (process.platform === 'win32') signals.push('SIGBREAK')
  for (const signal of signals) process.on(signal, take)
}

type Opening = Pick<Options, 'log' | 'warnings'> & { readonly secrets?: readonly string[] }

/** Throws BridgeError `usage` if the log file cannot be written. */
function openLog(options: Opening): Log {
  const { level, file, fileName = 'the log file', json } = options.log
  const write = file === undefined ? tell : appendTo(file, fileName)
  const { secrets = [], warnings } = options
  const log = createLog({ level, json, hasTime: file !== undefined, secrets, write })
  redact = log.redact
  for (const warning of warnings) log[warning.level ?? 'warn'](warning.text)
  return log
}

function appendTo(file: string, fileName: string): (line: string) => void {
  try {
    const descriptor = openSync(file, 'a', 0o600)
    return (line) => {
      try {
        writeSync(descriptor, `${line}\n`)
      } catch {
        // A full disk must not cost a message.
      }
    }
  } catch (thrown) {
    const code = (thrown as { code?: string }).code ?? 'unknown error'
    const text = `${fileName} cannot be written (${code}); give --log-file another path`
    throw usage('log-file', text)
  }
}

let isStderrUsed = false

/** One line on stderr, which costs half a millisecond the first time and is mostly not needed. */
function tell(line: string): void {
  if (!isStderrUsed) process.stderr.on('error', () => {})
  isStderrUsed = true
  process.stderr.write(`${line}\n`)
}

/** What the log would take out of a sentence: any text may be thrown, also one with a header in it. */
let redact = createRedactor([]).redact
let hasCrashed = false

/** A defect of ours: what the host waits for is answered as when the bridge is told to end, and the exit code tells. */
function crash(thrown: unknown): void {
  if (hasCrashed) process.exit(EXIT.internal)
  hasCrashed = true
  tell(redact(sentence(toBridgeError(thrown))))
  stop()
}

process.on('uncaughtException', crash)
main()
  .catch((thrown: unknown) => {
    crash(thrown)
    return EXIT.internal
  })
  .then((code) => process.exit(hasCrashed ? EXIT.internal : code))
