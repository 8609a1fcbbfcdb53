// A command of the installed program as a shell starts it: in a pipe, or at a terminal of its own. Everything that it writes is
// kept, and it is gone when the test is over.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { createWaiting } from '../fixtures/servers/waiting.ts'

const TERMINAL = fileURLToPath(new URL('../fixtures/programs/terminal.py', import.meta.url))
const hasPython = spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0
export const NO_TERMINAL =
  (process.platform === 'win32' && 'there are no pseudo-terminals') ||
  (!hasPython && 'there is no Python 3.9 to make a terminal with')
/** A command takes as long as the machine does. */
const PATIENCE_MS = 40_000

export interface Shell {
  /** Stdout; of a terminal all that is on it. */
  readonly stdout: string
  readonly stderr: string
  /** Resolves as soon as it has written that, wherever, and so often. */
  shows(pattern: RegExp, times?: number): Promise<void>
  /** The first match on stderr, as soon as there is one. */
  told(pattern: RegExp): Promise<RegExpExecArray>
  type(keys: string): void
  kill(signal?: NodeJS.Signals): void
  /** Nobody reads any more. */
  closeOutput(): void
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ShellOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly atTerminal?: boolean
  /** What a shell does around it: `"$0" "$@"` is the command itself. */
  readonly around?: string
  /** Whether its stdin stays open; that of a terminal does. */
  readonly isTyped?: boolean
  /** Whether stdout is read from the start. */
  readonly isRead?: boolean
}

export function shell(
  t: TestContext,
  args: readonly string[],
  { env = {}, cwd, atTerminal = false, around, isTyped = atTerminal, isRead = true }: ShellOptions = {},
): Shell {
  const home = mkdtempSync(join(tmpdir(), 'ferry-shell-'))
  const own = { HOME: home, USERPROFILE: home, MCP_FERRY_CACHE_DIR: home, MCP_FERRY_CONFIG_DIR: home }
  const all = { ...bareEnv(), ...own, ...(atTerminal && { TERM: 'xterm' }), ...env }
  const before = [...(atTerminal ? ['python3', TERMINAL] : []), ...(around ? ['sh', '-c', around] : [])]
  const [program, ...rest] = [...before, process.execPath, BIN, ...args]
  const child = spawn(program!, rest, { env: all, stdio: 'pipe', ...(cwd !== undefined && { cwd }) })
  t.after(() => {
    child.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  })
  const written = { stdout: '', stderr: '' }
  const waiting = createWaiting(() => [written.stdout, written.stderr])
  const read = (name: 'stdout' | 'stderr'): void =>
    void child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text
      waiting.wake()
    })
  if (isRead) read('stdout')
  read('stderr')
  child.stdin.on('error', () => {})
  if (!isTyped) child.stdin.end()
  const count = (pattern: RegExp): number =>
    [written.stdout, written.stderr].flatMap((text) => [
      ...text.matchAll(new RegExp(pattern, `${pattern.flags}g`)),
    ]).length
  return {
    get stdout() {
      return written.stdout
    },
    get stderr() {
      return written.stderr
    },
    shows: (pattern, times = 1) =>
      waiting.until(
        () => count(pattern) >= times,
        `${pattern} was not shown, or not ${times} times`,
        PATIENCE_MS,
      ),
    async told(pattern) {
      await waiting.until(() => pattern.test(written.stderr), `${pattern} was not told`, PATIENCE_MS)
      return pattern.exec(written.stderr)!
    },
    type: (keys) => void child.stdin.write(keys),
    kill: (signal = 'SIGINT') => void child.kill(signal),
    closeOutput: () => void child.stdout.destroy(),
    child,
    ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, ...written }))),
  }
}

/** Runs it to its end. */
export function run(t: TestContext, args: readonly string[], options?: ShellOptions): Promise<Ended> {
  return shell(t, args, options).ended
}
