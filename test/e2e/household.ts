// A person with a home folder of their own, in which editors have their config: what `mcp-ferry config` is run in, and how
// an editor starts what is in its file. arguments.md 6.
import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { parse } from 'jsonc-parser'
import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { type Ran, runToEnd } from '../fixtures/hosts/run-to-end.ts'

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Below the home folder. */
  readonly cwd?: string
  /** Another file of the program. */
  readonly bin?: string
}

export interface Household {
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  path(...parts: string[]): string
  read(...parts: string[]): string
  /** Makes the folder as well. */
  write(text: string, ...parts: string[]): string
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** The same, which is to end well. */
  config(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** The object that it prints. */
  json<T>(args: readonly string[], options?: RunOptions): Promise<T>
  /** The names of the copies. */
  copies(): readonly string[]
}

/** One entry as it stands in a file. */
export interface FileEntry {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly env_vars?: readonly string[]
}

/** Where each editor has its config under Linux, below the home folder, and its servers in there. */
export const PLACES: readonly (readonly [editor: string, file: string, key: string])[] = [
  ['cursor', '.cursor/mcp.json', 'mcpServers'],
  ['claude-desktop', '.config/Claude/claude_desktop_config.json', 'mcpServers'],
  ['vscode', '.config/Code/User/mcp.json', 'servers'],
  ['claude-code', '.claude.json', 'mcpServers'],
  ['windsurf', '.codeium/windsurf/mcp_config.json', 'mcpServers'],
  ['codex', '.codex/config.toml', 'mcp_servers'],
  ['zed', '.config/zed/settings.json', 'context_servers'],
  ['gemini', '.gemini/settings.json', 'mcpServers'],
]

const IS_LINUX = process.platform === 'linux'
export const ONLY_LINUX = !IS_LINUX && 'where the files lie is told for Linux'

/** The servers in the text of a config. */
export function entriesIn(text: string, file: string, key: string): Readonly<Record<string, FileEntry>> {
  const whole: unknown = file.endsWith('.toml') ? getStaticTOMLValue(parseTOML(text)) : parse(text)
  return (whole as Readonly<Record<string, Record<string, FileEntry>>>)[key] ?? {}
}

/** What the editor makes of an entry: its references filled in from the environment it was started in. */
export function filledIn(entry: FileEntry, environment: Readonly<Record<string, string>>): FileEntry {
  const fill = (text: string): string =>
    text
      .replace(/\$\{env:(\w+)\}|\$\{(\w+)\}|\$(\w+)/g, (whole, a, b, c) => environment[a ?? b ?? c] ?? whole)
      .replace(/\$\{input:([\w-]+)\}/g, (whole, id: string) => environment[id] ?? whole)
  const own = Object.entries(entry.env ?? {}).map(([name, value]) => [name, fill(value)])
  const forwarded = (entry.env_vars ?? []).map((name) => [name, environment[name] ?? ''])
  return { ...entry, env: Object.fromEntries([...forwarded, ...own]) }
}

export function household(t: TestContext): Household {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'ferry-household ')))
  t.after(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
  const env = {
    HOME: home,
    USERPROFILE: home,
    APPDATA: join(home, 'AppData', 'Roaming'),
    LOCALAPPDATA: join(home, 'AppData', 'Local'),
    XDG_DATA_HOME: join(home, 'data'),
    MCP_FERRY_CONFIG_DIR: join(home, 'ours'),
  }
  const path = (...parts: string[]) => join(home, ...parts)
  const run = (args: readonly string[], { env: more, cwd = 'work', bin = BIN }: RunOptions = {}) => {
    mkdirSync(path(cwd), { recursive: true })
    return runToEnd([bin, ...args], { env: { ...bareEnv(), ...env, ...more }, cwd: path(cwd) })
  }
  const config = async (args: readonly string[], options?: RunOptions) => {
    const ran = await run(['config', ...args], options)
    assert.equal(ran.code, 0, ran.stderr)
    return ran
  }
  return {
    home,
    env,
    path,
    read: (...parts) => readFileSync(path(...parts), 'utf8'),
    write(text, ...parts) {
      mkdirSync(dirname(path(...parts)), { recursive: true })
      writeFileSync(path(...parts), text)
      return path(...parts)
    },
    run,
    config,
    json: async (args, options) => JSON.parse((await config([...args, '--json'], options)).stdout),
    copies() {
      try {
        return readdirSync(path('ours', 'versions'))
      } catch {
        return []
      }
    },
  }
}

/** Starts an entry as editors do, with the few variables that they pass on, shakes hands, calls a tool and ends it. */
export async function callThrough(entry: FileEntry, { env: own }: Household): Promise<unknown> {
  const client = new Client({ name: 'editor', version: '1.0.0' }, { capabilities: {} })
  const transport = new StdioClientTransport({
    command: entry.command,
    args: [...entry.args],
    // In the place of the home folder of whoever runs the tests.
    env: { HOME: own.HOME ?? '', USERPROFILE: own.USERPROFILE ?? '', ...entry.env },
    stderr: 'pipe',
  })
  let stderr = ''
  transport.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  try {
    await client.connect(transport)
    const { structuredContent } = await client.callTool({ name: 'echo', arguments: { text: 'through' } })
    assert.equal(stderr, '', 'stderr is not empty')
    return structuredContent
  } finally {
    await client.close()
  }
}
