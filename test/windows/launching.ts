// Each way that an editor on Windows starts a bridge, with each kind of credential, as cases for the host inside, and
// what the server must have got. arguments.md 1.1, 3.
import assert from 'node:assert/strict'
import type { McpServer } from '../fixtures/servers/mcp-server.ts'
import type { Case, Launcher, Machine, Seen } from './machine.ts'
import { PACKED } from './registry.ts'
import { checkHeader, checkSession, SESSION, serving } from './sessions.ts'

const BRIDGE = `${PACKED.name}@${PACKED.version}`
const API_KEY = 'Api-Key abc  def'
const TOKEN = 'a%OS%^&"b'
const QUERY = '?a=1&b=%OS%&c=(d)'

interface Kind {
  readonly args: (url: string) => readonly string[]
  readonly env: (url: string) => Readonly<Record<string, string>>
  readonly check: (server: McpServer) => void
}

function checkPath(server: McpServer, wanted: string): void {
  for (const { url } of server.requests) assert.equal(url, wanted)
}

/** What a person has that wants to reach a server. */
const KINDS = {
  'no credential': {
    args: (url) => [url],
    env: () => ({}),
    check: (server) => {
      for (const one of server.requests) assert.equal(one.header('authorization'), undefined)
    },
  },
  'a header with spaces': {
    args: (url) => [url, '--header-env', 'Authorization=MCP_AUTH'],
    env: () => ({ MCP_AUTH: API_KEY }),
    check: (server) => checkHeader(server, 'Authorization', API_KEY),
  },
  'a bearer': {
    args: (url) => [url, '--bearer-env', 'MCP_TOKEN'],
    env: () => ({ MCP_TOKEN: TOKEN }),
    check: (server) => checkHeader(server, 'Authorization', `Bearer ${TOKEN}`),
  },
  'a URL with &': {
    args: () => ['--url-env', 'MCP_URL'],
    env: (url) => ({ MCP_URL: url + QUERY }),
    check: (server) => checkPath(server, `/mcp${QUERY}`),
  },
  'a header and a URL': {
    args: () => ['--url-env', 'MCP_URL', '--header-env', 'X-Api-Key=MCP_AUTH'],
    env: (url) => ({ MCP_URL: url + QUERY, MCP_AUTH: API_KEY }),
    check: (server) => {
      checkPath(server, `/mcp${QUERY}`)
      checkHeader(server, 'X-Api-Key', API_KEY)
    },
  },
} satisfies Record<string, Kind>
export type KindName = keyof typeof KINDS

/** A way to start it: the launcher, and the entry's `command` with what stands before the bridge's own arguments. */
export interface Start {
  readonly name: string
  readonly launcher: Launcher
  readonly entry: (machine: Machine) => readonly [command: string, ...before: string[]]
}

const EDITORS = ['claude-desktop', 'joined', 'cross-spawn', 'vscode', 'codex', 'windsurf'] as const

const starts = (launchers: readonly Launcher[], how: string, entry: Start['entry']): readonly Start[] =>
  launchers.map((launcher) => ({ name: `${launcher} starts ${how}`, launcher, entry }))

/** As READMEs have it, and as entries for Windows have it. */
export const BY_NPX = [
  ...starts(EDITORS, 'npx', () => ['npx', '-y', BRIDGE]),
  ...starts(['plain'], 'cmd /d /c npx', () => ['cmd', '/d', '/c', 'npx', '-y', BRIDGE]),
]

/** The command file that `npm install -g` makes. */
export const BY_COMMAND = [
  ...starts(EDITORS, 'the command file', () => [PACKED.name]),
  ...starts(['plain'], 'cmd /d /c and the command file', () => ['cmd', '/d', '/c', PACKED.name]),
]

/** No shell between, so that all editors do the same. */
export const BY_SCRIPT = starts(['plain'], 'node.exe', (machine) => [machine.node, installedScript(machine)])

export function installedScript({ home }: Machine): string {
  return `${home}\\AppData\\Roaming\\npm\\node_modules\\${PACKED.name}\\bin\\${PACKED.name}.cjs`
}

/** Puts the package where BY_COMMAND and BY_SCRIPT look for it. */
export const INSTALL: Case = {
  name: 'npm install -g',
  launcher: 'plain',
  command: 'cmd',
  args: ['/d', '/c', 'npm', 'install', '-g', BRIDGE],
}

/** A start of one kind, with a server of its own. */
export interface Launch {
  readonly name: string
  readonly prepare: (machine: Machine) => Promise<Case>
  readonly check: (seen: ReadonlyMap<string, Seen>) => void
}

export function launches(ways: readonly Start[], kinds: readonly KindName[]): readonly Launch[] {
  return ways.flatMap((way) => kinds.map((kind) => launch(way, kind)))
}

function launch({ name: way, launcher, entry }: Start, kind: KindName): Launch {
  const name = `${way}, ${kind}`
  const { args, env, check } = KINDS[kind]
  let server: McpServer | undefined
  return {
    name,
    async prepare(machine) {
      server = await serving()
      const [command, ...before] = entry(machine)
      const all = [...before, ...args(server.url)]
      return { name, launcher, command, args: all, env: env(server.url), say: SESSION }
    },
    check(seen) {
      checkSession(seen.get(name))
      assert.ok(server !== undefined, 'the case was not prepared')
      assert.ok(server.requests.length >= 3, `only ${server.requests.length} requests came`)
      check(server)
    },
  }
}

/** The home of a user of that name, and the variables that lead there. */
export function theirs(name: string): {
  readonly home: string
  readonly env: Readonly<Record<string, string>>
} {
  const home = `C:\\users\\${name}`
  const env = {
    USERNAME: name,
    USERPROFILE: home,
    HOMEPATH: home.slice('C:'.length),
    APPDATA: `${home}\\AppData\\Roaming`,
    LOCALAPPDATA: `${home}\\AppData\\Local`,
    TEMP: `${home}\\AppData\\Local\\Temp`,
  }
  return { home, env }
}
