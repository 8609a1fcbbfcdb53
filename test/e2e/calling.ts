// What the tests of `call` start with: a folder that the person stands in, the command in a pipe or at a terminal of its own,
// and a server whose tools are what the test says.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { type Ran, runToEnd } from '../fixtures/hosts/run-to-end.ts'
import type { McpServer } from '../fixtures/servers/mcp-server.ts'
import type { Handler } from '../fixtures/servers/raw-server.ts'
import { createWaiting } from '../fixtures/servers/waiting.ts'
import { serve } from './harness.ts'

const TERMINAL = fileURLToPath(new URL('../fixtures/programs/terminal.py', import.meta.url))
const hasPython = spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0
export const NO_TERMINAL =
  (process.platform !== 'linux' && 'a terminal is made on Linux only') ||
  (!hasPython && 'there is no Python 3.9 to make a terminal with')

export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

export interface Caller {
  readonly folder: string
  files(): readonly string[]
  read(name: string): Buffer
  write(name: string, text: string): void
  /** In a pipe, to its end. */
  run(args: readonly string[], input?: string): Promise<Ran>
  /** In a pipe, while it runs. */
  start(args: readonly string[]): Running
  /** At a terminal; stdout and stderr are one screen there, unless `pipes` puts the result into a file. */
  atTerminal(args: readonly string[], more?: TerminalSettings): AtTerminal
}

export interface TerminalSettings {
  readonly env?: Readonly<Record<string, string>>
  /** What a shell does around it: `{}` is the command itself. */
  readonly shell?: string
}

export interface Running {
  readonly child: { kill(signal: NodeJS.Signals): boolean }
  told(pattern: RegExp): Promise<void>
  readonly ended: Promise<Ran>
}

export interface AtTerminal {
  /** Resolves when it has been shown so often. */
  shows(pattern: RegExp, times?: number): Promise<void>
  type(keys: string): void
  readonly ended: Promise<{ readonly code: number | null; readonly screen: string }>
}

const PATIENCE_MS = 40_000

export function caller(t: TestContext): Caller {
  const home = mkdtempSync(join(tmpdir(), 'ferry-caller-'))
  t.after(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
  const folder = join(home, 'work')
  mkdirSync(folder)
  const env = { ...bareEnv(), HOME: home, USERPROFILE: home, LOCALAPPDATA: home, BROWSER: 'none' }
  return {
    folder,
    files: () => readdirSync(folder).sort(),
    read: (name) => readFileSync(join(folder, name)),
    write: (name, text) => writeFileSync(join(folder, name), text),
    run: (args, input) =>
      runToEnd([BIN, 'call', ...args], { env, cwd: folder, ...(input !== undefined && { input }) }),
    start(args) {
      const child = spawn(process.execPath, [BIN, 'call', ...args], { env, cwd: folder, stdio: 'pipe' })
      t.after(() => child.kill('SIGKILL'))
      let stdout = ''
      let stderr = ''
      const waiting = createWaiting(() => [stderr])
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
        waiting.wake()
      })
      return {
        child,
        told: (pattern) => waiting.until(() => pattern.test(stderr), `${pattern} was not told`, PATIENCE_MS),
        ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr }))),
      }
    },
    atTerminal(args, { env: more = {}, shell } = {}) {
      const command = [process.execPath, BIN, 'call', ...args]
      const started = shell === undefined ? command : ['sh', '-c', shell, ...command]
      const child = spawn('python3', [TERMINAL, ...started], {
        env: { ...env, TERM: 'xterm', ...more },
        cwd: folder,
        stdio: 'pipe',
      })
      t.after(() => child.kill('SIGKILL'))
      let screen = ''
      const waiting = createWaiting(() => [JSON.stringify(screen)])
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          screen += text
          waiting.wake()
        })
      child.stdin.on('error', () => {})
      const count = (pattern: RegExp): number => [...screen.matchAll(new RegExp(pattern, 'g'))].length
      return {
        shows: (pattern, times = 1) =>
          waiting.until(
            () => count(pattern) >= times,
            `${pattern} was not shown ${times} times`,
            PATIENCE_MS,
          ),
        type: (keys) => void child.stdin.write(keys),
        ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, screen }))),
      }
    },
  }
}

/** A legacy server with one tool, and what it answers to a call. */
export function serveTool(
  t: TestContext,
  call: Handler,
  tool: Readonly<Record<string, unknown>> = {},
  on: Readonly<Record<string, Handler>> = {},
): Promise<McpServer> {
  const listed = { name: 'tool', inputSchema: { type: 'object' }, ...tool }
  return serve(t, {
    on: { 'tools/list': (x) => x.result({ tools: [listed] }), 'tools/call': call, ...on },
  })
}
