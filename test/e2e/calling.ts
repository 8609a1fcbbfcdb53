// What the tests of `call` start with: a folder that the person stands in, the command in a pipe or at a terminal of its own,
// and a server whose tools are what the test says.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { type Ran, runToEnd } from '../fixtures/hosts/run-to-end.ts'
import type { McpServer } from '../fixtures/servers/mcp-server.ts'
import type { Handler } from '../fixtures/servers/raw-server.ts'
import { NO_TERMINAL as NO_TERMINAL_AT_ALL, type Shell, shell } from './at-shell.ts'
import { serve } from './harness.ts'

export const NO_TERMINAL =
  (process.platform !== 'linux' && 'a terminal is made on Linux only') || NO_TERMINAL_AT_ALL

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
  start(args: readonly string[]): Shell
  /** At a terminal; stdout and stderr are one screen there, unless `pipes` puts the result into a file. */
  atTerminal(args: readonly string[], more?: TerminalSettings): AtTerminal
}

export interface TerminalSettings {
  readonly env?: Readonly<Record<string, string>>
  /** What a shell does around it. */
  readonly around?: string
}

export interface AtTerminal extends Pick<Shell, 'shows' | 'type'> {
  readonly ended: Promise<{ readonly code: number | null; readonly screen: string }>
}

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
    start: (args) => shell(t, ['call', ...args], { env, cwd: folder, isTyped: true }),
    atTerminal(args, { env: more = {}, around } = {}) {
      const settings = { env: { ...env, ...more }, cwd: folder, atTerminal: true }
      const { shows, type, ended } = shell(t, ['call', ...args], { ...settings, ...(around && { around }) })
      return { shows, type, ended: ended.then(({ code, stdout: screen }) => ({ code, screen })) }
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
